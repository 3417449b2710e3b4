"""Which stories are near to which: words become short vectors, of which a million fit in 256 MB (docs/likeness.md).

    method().vectors(texts)    one row of DIMENSIONS int8 for each text: a unit vector times 127
    nearness of two rows       their dot product / 127**2, from -1 to 1, where the names of their methods are the same

Pure functions of what is handed in. Not `storyhub.text.likeness`, which finds copies of the same words.
"""

from storyhub.text.nearness.grouping import cells, nearest, nearest_cells
from storyhub.text.nearness.learning import FEWEST, SAMPLE, Unlike, learn
from storyhub.text.nearness.meaning import NotInstalled
from storyhub.text.nearness.methods import DIMENSIONS, Facts, Method, method
from storyhub.text.nearness.words import LONGEST

__all__ = [
    "DIMENSIONS",
    "FEWEST",
    "LONGEST",
    "SAMPLE",
    "Facts",
    "Method",
    "NotInstalled",
    "Unlike",
    "cells",
    "learn",
    "method",
    "nearest",
    "nearest_cells",
]
