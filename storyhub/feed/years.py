"""The years as small bars, drawn on the server, with the table that says the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

MOST_YEARS = 60  # bars of more would be hair; what is older stands in the table alone
FILLED = 0.72  # of a year's room; the rest is the gap to the next
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
    is_most: bool


@dataclass(frozen=True)
class Years:
    """`bars` has the years from `first` to `last` that have stories; `table` every one ever, newest first."""

    first: int
    last: int
    most_in: int
    bars: list[Bar]
    table: list[tuple[int, int]]


def year_bars(counts: Mapping[int, int]) -> Years | None:
    """The bars of these counts by year; None when it would be a single one."""
    if not counts:
        return None
    last = max(counts)
    shown = {year: count for year, count in sorted(counts.items()) if year > last - MOST_YEARS}
    first = min(shown)
    if first == last:
        return None
    most, most_in = max((count, year) for year, count in shown.items())
    room = 100 / (last - first + 1)
    bars = []
    for year, count in shown.items():
        height = max(LEAST, 100 * count / most)
        start = (year - first) * room + room * (1 - FILLED) / 2
        bars.append(
            Bar(year, count, round(start, 2), round(100 - height, 1), round(room * FILLED, 2), height, year == most_in)
        )
    return Years(first, last, most_in, bars, sorted(counts.items(), reverse=True))
