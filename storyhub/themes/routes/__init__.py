"""The organisers' pages about themes, each module with its addresses under /organise."""

from storyhub.themes.routes.codebook import codebook
from storyhub.themes.routes.coding import coded
from storyhub.themes.routes.discoveries import discoveries
from storyhub.themes.routes.files import files
from storyhub.themes.routes.history import history
from storyhub.themes.routes.regrouping import regrouping
from storyhub.themes.routes.rounds import sampled
from storyhub.themes.routes.suggestions import suggestions
from storyhub.themes.routes.working import work

__all__ = [
    "codebook",
    "coded",
    "discoveries",
    "files",
    "history",
    "regrouping",
    "sampled",
    "suggestions",
    "work",
]
