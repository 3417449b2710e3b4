"""Where passages of a text stand after the text was changed: with their own words, or nowhere; never at other words."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence

from storyhub.text.differences import WORDS, unchanged

Span = tuple[int, int]

# So few words may stand again by chance where something else is told ("the office"): they move only with a neighbour.
FEW_WORDS = 4


def moved_past(spans: Iterable[Span], replaced: Sequence[tuple[int, int, int]]) -> dict[Span, Span]:
    """Where spans stand when some stretches were replaced; those that meet one are left out.

    `replaced`: (start, end, length of what stands there now), in order and apart. All in code points.

    >>> moved_past([(0, 3), (4, 9), (10, 14)], [(4, 7, 10)])
    {(0, 3): (0, 3), (10, 14): (17, 21)}
    """
    moved = {}
    for start, end in spans:
        if all(end <= first or last <= start for first, last, _ in replaced):
            shift = sum(length - (last - first) for first, last, length in replaced if last <= start)
            moved[start, end] = (start + shift, end + shift)
    return moved


def moved(spans: Iterable[Span], before: str, after: str) -> dict[Span, Span]:
    """Where spans of `before` stand in `after`: those all of whose words stand there unchanged and in a row.

    White space may have changed. Few words are taken to be the same ones only beside a word that also stayed, or
    where the text begins or ends. Bounded time, whatever the texts are (text/differences).

    >>> moved([(7, 14)], "He hit the bus door.", "Well. He hit the bus door hard.")
    {(7, 14): (13, 20)}
    """
    old, new = _words(before), _words(after)
    place: dict[int, int] = {}
    for start, other, size in unchanged([before[slice(*one)] for one in old], [after[slice(*one)] for one in new]):
        place.update(zip(range(start, start + size), range(other, other + size), strict=True))
    found = {}
    for span in spans:
        if (there := _there(span, old, new, place)) is not None:
            found[span] = there
    return found


def _there(span: Span, old: list[Span], new: list[Span], place: dict[int, int]) -> Span | None:
    start, end = span
    first = bisect_right(old, start, key=lambda word: word[1])
    last = bisect_left(old, end, key=lambda word: word[0]) - 1
    if first > last or first not in place:
        return None
    shift = place[first] - first
    if any(place.get(word) != word + shift for word in range(first, last + 1)):
        return None
    if last - first + 1 < FEW_WORDS and not _has_neighbour(first, last, shift, place, len(old), len(new)):
        return None
    into = max(0, start - old[first][0])  # it may begin or end within a word
    left = max(0, old[last][1] - end)
    return new[first + shift][0] + into, new[last + shift][1] - left


def _has_neighbour(first: int, last: int, shift: int, place: dict[int, int], old: int, new: int) -> bool:
    at_start, at_end = first == 0 and first + shift == 0, last == old - 1 and last + shift == new - 1
    return at_start or at_end or place.get(first - 1) == first - 1 + shift or place.get(last + 1) == last + 1 + shift


def _words(text: str) -> list[Span]:
    """Where each word and sign stands, without the white space after it."""
    return [(match.start(), match.start() + len(word)) for match in WORDS.finditer(text) if (word := match[0].rstrip())]
