"""The organisers' pages about themes, each module with its addresses under /organise."""

from storyhub.themes.routes.codebook import codebook
from storyhub.themes.routes.coding import coded
from storyhub.themes.routes.rounds import sampled
from storyhub.themes.routes.working import work

__all__ = ["codebook", "coded", "sampled", "work"]
