"""The years as small bars, drawn on the server, with the table that says the same.

No year stands out and none is called the one with most: a bar says how many told of that year here, and not how often
it happened. In languages that run from right to left the years do too, as their charts are read there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

MOST_YEARS = 60  # bars of more would be hair; what is older stands in the table alone
FILLED = 0.72  # of a year's room; the rest is the gap to the next
WIDEST = 14.0  # per cent: two years are two bars, and not two walls
LEAST = 4.0  # per cent: one story among many still shows


@dataclass(frozen=True)
class Bar:
    """One year. Places and sizes are per cent of the picture, so that it can be any size without stretching."""

    year: int
    count: int
    start: float
    top: float
    width: float
    height: float


@dataclass(frozen=True)
class Years:
    """`bars` has the years from `first` to `last` that have stories; `table` every one ever, newest first."""

    first: int
    last: int
    earlier: int
    bars: list[Bar]
    table: list[tuple[int, int]]


def year_bars(counts: Mapping[int, int]) -> Years | None:
    """The bars of these counts by year; None when it would be a single one. `earlier` counts stories without a bar."""
    if not counts:
        return None
    last = max(counts)
    shown = {year: count for year, count in sorted(counts.items()) if year > last - MOST_YEARS}
    first = min(shown)
    if first == last:
        return None
    most, room = max(shown.values()), 100 / (last - first + 1)
    width = min(WIDEST, room * FILLED)
    bars = []
    for year, count in shown.items():
        height = max(LEAST, 100 * count / most)
        start = (year - first) * room + (room - width) / 2
        bars.append(Bar(year, count, round(start, 2), round(100 - height, 1), round(width, 2), round(height, 1)))
    earlier = sum(counts.values()) - sum(shown.values())
    return Years(first, last, earlier, bars, sorted(counts.items(), reverse=True))
