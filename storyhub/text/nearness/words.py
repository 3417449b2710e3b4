"""A text as hashed words, pairs of words and pieces of words: sparse rows that need no dictionary and no file.

Method: feature hashing (Weinberger et al., "Feature hashing for large scale multitask learning", 2009) of the folded
tokens that search uses, damped and weighted by how rare they are (Spärck Jones, "A statistical interpretation of term
specificity", 1972). Pieces of three to five characters make forms of a word, and its misspellings, near to it.
"""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from storyhub.text import folding

__all__ = ["BUCKETS", "LONGEST", "Floats", "Rows", "rarity", "rows"]

Floats = NDArray[np.float32]

BUCKETS = 1 << 15
LONGEST = 4_000  # characters read of one text: what happened has been said by then
PIECES = (3, 4, 5)  # characters
AT_ONCE = 1 << 16  # entries multiplied at a time, so that memory is bounded however many texts there are


@dataclass(frozen=True)
class Rows:
    """A sparse matrix (texts, BUCKETS): row i holds `values[ends[i]:ends[i + 1]]` in `buckets` of the same places."""

    ends: NDArray[np.int64]
    buckets: NDArray[np.int32]
    values: Floats

    def __len__(self) -> int:
        return len(self.ends) - 1

    def times(self, matrix: Floats) -> Floats:
        """The product with a matrix (BUCKETS, n), as (texts, n)."""
        return _summed(self.ends, self.buckets, self.values, matrix)

    def turned_times(self, matrix: Floats) -> Floats:
        """The product of the transposed rows with a matrix (texts, n), as (BUCKETS, n)."""
        ends, places, order = self._by_bucket
        return _summed(ends, places, self.values[order], matrix)

    @cached_property
    def _by_bucket(self) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.int64]]:
        order = np.argsort(self.buckets, kind="stable")
        places = np.repeat(np.arange(len(self), dtype=np.int32), np.diff(self.ends))[order]
        ends = np.concatenate([[0], np.cumsum(np.bincount(self.buckets, minlength=BUCKETS))])
        return ends.astype(np.int64), places, order


def rows(texts: Sequence[str], facts: Sequence[Collection[str]], rare: Floats | None = None) -> Rows:
    """The rows of texts and of short codes that are known of each, of length 1, or 0 for a text without words.

    `rare`: (BUCKETS,), how much each bucket says; all the same without it.
    """
    try:
        found = [_row(text, known, rare) for text, known in zip(texts, facts, strict=True)]
    finally:
        _pieces.cache_clear()  # words of a story that is taken back must not stay in memory
    ends = np.cumsum([0, *(len(buckets) for buckets, _values in found)], dtype=np.int64)
    buckets = np.concatenate([np.empty(0, np.int32), *(buckets for buckets, _values in found)])
    values = np.concatenate([np.empty(0, np.float32), *(values for _buckets, values in found)])
    return Rows(ends, buckets, values)


def rarity(found: Rows) -> Floats:
    """How much each bucket says, (BUCKETS,): more, the fewer of these texts have it."""
    seen = np.bincount(found.buckets, minlength=BUCKETS)
    return (np.log((1 + len(found)) / (1 + seen)) + 1).astype(np.float32)


def _row(text: str, known: Collection[str], rare: Floats | None) -> tuple[NDArray[np.int32], Floats]:
    """Words and pieces of words each make up half of a row, however many pieces there are to a word."""
    words = folding.tokens(text)
    whole = [*words, *(f"{one} {next_}" for one, next_ in pairwise(words)), *(f"={code}" for code in sorted(known))]
    pieces: Counter[int] = Counter()
    for word, times in Counter(words).items():
        for bucket in _pieces(word):
            pieces[bucket] += times
    halves = [_weighed(counted, rare) for counted in (Counter(map(_bucket, whole)), pieces) if counted]
    buckets = np.concatenate([np.empty(0, np.int32), *(places for places, _weights in halves)])
    values = np.concatenate([np.empty(0, np.float32), *(weights for _places, weights in halves)])
    return buckets, (values / (len(halves) ** 0.5 or 1)).astype(np.float32)


def _weighed(counted: Counter[int], rare: Floats | None) -> tuple[NDArray[np.int32], Floats]:
    places = np.fromiter(counted.keys(), np.int32, len(counted))
    weights = 1 + np.log(np.fromiter(counted.values(), np.float32, len(counted)))
    if rare is not None:
        weights *= rare[places]
    return places, (weights / np.sqrt(weights @ weights)).astype(np.float32)


@lru_cache(maxsize=20_000)
def _pieces(word: str) -> tuple[int, ...]:
    """Buckets of the pieces of a word; a word is marked where it begins and ends, so that endings weigh as endings."""
    marked = f"<{word}>"
    return tuple(
        _bucket(f"~{marked[start : start + size]}")
        for size in PIECES
        for start in range(max(1, len(marked) - size + 1))
    )


def _bucket(feature: str) -> int:
    return zlib.crc32(feature.encode(errors="surrogatepass")) % BUCKETS


def _summed(ends: NDArray[np.int64], places: NDArray[np.int32], values: Floats, matrix: Floats) -> Floats:
    """For each run of places, the sum of those rows of a matrix, each times its value."""
    total = np.zeros((len(ends) - 1, matrix.shape[1]), np.float32)
    for first, last in _stretches(ends):
        start, end = ends[first], ends[last]
        lengths = np.diff(ends[first : last + 1])
        if start == end:
            continue
        parts = matrix[places[start:end]] * values[start:end, None]
        begins = (ends[first:last] - start)[lengths > 0]
        total[first:last][lengths > 0] = np.add.reduceat(parts, begins, axis=0)
    return total


def _stretches(ends: NDArray[np.int64]) -> Iterator[tuple[int, int]]:
    """Runs of rows that together hold about AT_ONCE entries."""
    first = 0
    while first < len(ends) - 1:
        last = max(first + 1, int(np.searchsorted(ends, ends[first] + AT_ONCE, side="right")) - 1)
        yield first, last
        first = last
