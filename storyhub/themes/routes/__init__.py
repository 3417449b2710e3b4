"""The organisers' pages about themes, each module with its addresses under /organise."""

from storyhub.themes.routes.codebook import codebook
from storyhub.themes.routes.suggestions import suggestions
from storyhub.themes.routes.working import work

__all__ = ["codebook", "suggestions", "work"]
