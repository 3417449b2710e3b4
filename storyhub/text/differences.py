"""What changed between two texts, word by word, in bounded time whatever the two are.

Method: words that stand exactly once in both texts are anchors (patience diff, B. Cohen 2006); between anchors the same
again, and short stretches by difflib. What is neither anchored nor short is given as taken out and put in whole.
"""

from __future__ import annotations

import enum
import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

from storyhub.text.folding import PAIRED

# A word with the white space after it; a single sign; each character of scripts that do not part their words.
WORDS = re.compile(rf"[{PAIRED}]\s*|[^\W{PAIRED}]+(?:['’][^\W{PAIRED}]+)*\s*|[^\w\s]\s*|\s+")
SHORT = 64  # words: difflib may take the cube of it
DEEPEST = 8

Pieces = list[tuple["Change", str]]
Match = tuple[int, int, int]  # from where in the one and in the other, and how many words


class Change(enum.StrEnum):
    SAME = "same"
    ADDED = "added"
    REMOVED = "removed"


def differences(before: str, after: str) -> Pieces:
    """The two texts as pieces in reading order; what was removed stands before what was added in its place.

    Without what is added the pieces are `before`, without what is removed they are `after`, to the letter.

    >>> [(str(change), words) for change, words in differences("He was here.", "He was there.")]
    [('same', 'He was '), ('removed', 'here'), ('added', 'there'), ('same', '.')]
    """
    old, new = WORDS.findall(before), WORDS.findall(after)
    pieces: Pieces = []
    i = j = 0
    for start, other, size in [*_matches(old, new), (len(old), len(new), 0)]:
        removed, added, same = _without_space(
            "".join(old[i:start]), "".join(new[j:other]), "".join(old[start : start + size])
        )
        pieces += [(Change.REMOVED, removed), (Change.ADDED, added), (Change.SAME, same)]
        i, j = start + size, other + size
    return _joined(pieces)


def unchanged(old: Sequence[str], new: Sequence[str]) -> Iterator[Match]:
    """Stretches of words that stand in both, in order and apart."""
    return _matches(old, new)


def _matches(old: Sequence[str], new: Sequence[str], depth: int = 0) -> Iterator[Match]:
    """Stretches that are the same, in order and apart."""
    head = 0
    while head < min(len(old), len(new)) and old[head] == new[head]:
        head += 1
    if head:
        yield 0, 0, head
    tail, room = 0, min(len(old), len(new)) - head
    while tail < room and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    inner_old, inner_new = old[head : len(old) - tail], new[head : len(new) - tail]
    for start, other, size in _inner_matches(inner_old, inner_new, depth):
        yield head + start, head + other, size
    if tail:
        yield len(old) - tail, len(new) - tail, tail


def _inner_matches(old: Sequence[str], new: Sequence[str], depth: int) -> Iterator[Match]:
    if max(len(old), len(new)) <= SHORT:
        for block in SequenceMatcher(None, old, new, autojunk=False).get_matching_blocks():
            if block.size:
                yield block.a, block.b, block.size
        return
    if depth == DEEPEST:
        return
    i = j = 0
    anchors = _anchors(old, new)
    for start, other in [*anchors, (len(old), len(new))] if anchors else []:
        for a, b, size in _matches(old[i:start], new[j:other], depth + 1):
            yield i + a, j + b, size
        if start < len(old):
            yield start, other, 1
        i, j = start + 1, other + 1


def _anchors(old: Sequence[str], new: Sequence[str]) -> list[tuple[int, int]]:
    """Places of words that stand once in each, as many as keep their order in both (the longest rising sequence)."""
    once = {word for word, count in Counter(old).items() if count == 1}
    where = {word: place for place, word in enumerate(new) if word in once}
    counts = Counter(new)
    pairs = [(i, where[word]) for i, word in enumerate(old) if word in where and counts[word] == 1]
    ends: list[int] = []  # of the best sequence of each length, the place in `new` where it ends
    chosen: list[int] = []  # which pair that is
    before: list[int | None] = []
    for index, (_i, j) in enumerate(pairs):
        length = bisect_left(ends, j)
        before.append(chosen[length - 1] if length else None)
        ends[length : length + 1] = [j]
        chosen[length : length + 1] = [index]
    row, last = [], chosen[-1] if chosen else None
    while last is not None:
        row.append(pairs[last])
        last = before[last]
    return row[::-1]


def _without_space(removed: str, added: str, same: str) -> tuple[str, str, str]:
    """White space that ends both what was removed and what was added has not changed."""
    while removed and added and removed[-1] == added[-1] and removed[-1].isspace():
        removed, added, same = removed[:-1], added[:-1], removed[-1] + same
    return removed, added, same


def _joined(pieces: Pieces) -> Pieces:
    joined: Pieces = []
    for change, words in pieces:
        if not words:
            continue
        if joined and joined[-1][0] is change:
            joined[-1] = (change, joined[-1][1] + words)
        else:
            joined.append((change, words))
    return joined
