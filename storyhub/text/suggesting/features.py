"""A text as hashed words, pairs of words and pieces of words, in scipy's sparse rows: no list of words is kept.

Methods: feature hashing (Weinberger et al., "Feature hashing for large scale multitask learning", 2009) of folded
tokens; counts damped and weighed by rarity (Spärck Jones, 1972). Words and pieces are each half of a row's length.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from importlib import import_module
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from storyhub.text import folding

__all__ = ["BUCKETS", "FEWEST_HOLDERS", "LONGEST", "counted", "rarity", "weighed"]

Floats = NDArray[np.float32]

WORD_BUCKETS = 1 << 16
PIECE_BUCKETS = 1 << 17
BUCKETS = WORD_BUCKETS + PIECE_BUCKETS
LONGEST = 4_000  # characters read of one text: what happened has been said by then
PIECES = (2, 3, 4, 5)  # characters
# Stories that hold a bucket, or it weighs nothing: what one person alone wrote, such as a name, leaves no trace.
FEWEST_HOLDERS = 3


def counted(texts: Sequence[str]) -> Any:
    """How often each bucket is in each text: a sparse matrix (texts, BUCKETS) of float32."""
    # scikit-learn takes a second to load: those who never suggest anything never wait for it.
    hasher = import_module("sklearn.feature_extraction").FeatureHasher
    known: dict[str, list[str]] = {}  # of this call alone: words of a story must not stay in memory
    both = [
        hasher(buckets, input_type="string", alternate_sign=False, dtype=np.float32).transform(found)
        for buckets, found in (
            (WORD_BUCKETS, (_words(text) for text in texts)),
            (PIECE_BUCKETS, (_pieces(text, known) for text in texts)),
        )
    ]
    return import_module("scipy.sparse").hstack(both, format="csr", dtype=np.float32)


def rarity(rows: Any) -> Floats:
    """How much each bucket says, (BUCKETS,): more, the fewer texts hold it; 0 where fewer than FEWEST_HOLDERS do."""
    holders = np.bincount(rows.indices, minlength=BUCKETS)
    rare = np.log((1 + rows.shape[0]) / (1 + holders)) + 1
    return np.where(holders >= min(FEWEST_HOLDERS, rows.shape[0]), rare, 0).astype(np.float32)


def weighed(rows: Any, rare: Floats) -> Any:
    """Rows of length 1, half of it words and half pieces; shorter, or 0, for a text without known words."""
    found = rows.copy()
    found.data = ((1 + np.log(found.data)) * rare[found.indices]).astype(np.float32)
    row_of = np.repeat(np.arange(found.shape[0]), np.diff(found.indptr))
    for half in (found.indices < WORD_BUCKETS, found.indices >= WORD_BUCKETS):
        squares = np.bincount(row_of[half], found.data[half].astype(np.float64) ** 2, minlength=found.shape[0])
        length = np.sqrt(2 * squares)
        found.data[half] /= np.where(length > 0, length, 1)[row_of[half]]
    found.eliminate_zeros()
    return found


def _words(text: str) -> list[str]:
    words = folding.tokens(text[:LONGEST])
    return [*words, *(f"{one} {other}" for one, other in pairwise(words))]


def _pieces(text: str, known: dict[str, list[str]]) -> Iterator[str]:
    for word in folding.tokens(text[:LONGEST]):
        if word not in known:
            marked = f"<{word}>"
            known[word] = [
                marked[start : start + size] for size in PIECES for start in range(max(1, len(marked) - size + 1))
            ]
        yield from known[word]
