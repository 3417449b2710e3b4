"""Which stories tell of something alike that has no name yet: groups of them, their telling words, typical ones first.

    found = discover(texts, languages)          or, to say how far it is:
    found = yield from steps(texts, languages)  (done, total) after each step, and what was found at the end

Pure functions of what is handed in: the same for the same stories, in whatever order they come, and the same seed. A
story may be in several groups, because it may tell of several things; and in none. How it works, what it finds and what
it misses: docs/discovering.md.
"""

from __future__ import annotations

from storyhub.text.discovering.finding import ENOUGH, Discovered, Group, discover, steps
from storyhub.text.discovering.telling import FEWEST, MOST_WORDS
from storyhub.text.discovering.weighing import SMALLEST

__all__ = ["ENOUGH", "FEWEST", "MOST_WORDS", "SMALLEST", "Discovered", "Group", "discover", "steps"]
