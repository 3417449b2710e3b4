"""What is found: where it stands, of which kind it is, and by which sign it was found."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

__all__ = ["KINDS", "STRUCTURED", "Span", "settled"]

# In this order: where two overlap, the kind that stands first here is the one that is told.
STRUCTURED = ("receipt", "card", "email", "link", "handle", "idnumber", "plate", "phone")
KINDS = (*STRUCTURED, "birth", "date", "address", "introduction", "workplace", "age", "name", "place")


@dataclass(frozen=True, slots=True)
class Span:
    """Something that could give somebody away: code points of the text, the end excluded."""

    start: int
    end: int
    kind: str
    why: str  # a code: by which sign it was found


def settled(found: Iterable[Span]) -> list[Span]:
    """Of those that overlap, one each: by kind, then the longer one. In order."""
    taken: list[Span] = []
    rank = {kind: place for place, kind in enumerate(KINDS)}
    spans = sorted(set(found), key=lambda span: (rank[span.kind], span.start - span.end, span.start))
    ends: dict[int, int] = {}  # every place that is taken
    for span in spans:
        if span.start < span.end and not any(place in ends for place in range(span.start, span.end)):
            ends.update(dict.fromkeys(range(span.start, span.end), span.end))
            taken.append(span)
    return sorted(taken, key=lambda span: span.start)
