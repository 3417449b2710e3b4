"""A small line of the years, drawn on the server, with the table that says the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

WIDTH, HEIGHT, MARGIN = 600, 96, 6
MOST_YEARS = 60  # a line of more would be hair; what is older stands in the table alone


@dataclass(frozen=True)
class YearLine:
    """`points` and `area` for an SVG of WIDTH × HEIGHT; `table` holds every year that has stories, newest first."""

    first: int
    last: int
    most_in: int
    points: str
    area: str
    table: list[tuple[int, int]]
    width: int = WIDTH
    height: int = HEIGHT


def year_line(counts: Mapping[int, int]) -> YearLine | None:
    """The line of these counts by year; None when it would be a single point."""
    if not counts:
        return None
    last = max(counts)
    first = min(year for year in counts if year > last - MOST_YEARS)
    if first == last:
        return None
    most = max(counts[year] for year in counts if year >= first)
    places = [
        (
            MARGIN + (WIDTH - 2 * MARGIN) * (year - first) / (last - first),
            HEIGHT - MARGIN - (HEIGHT - 2 * MARGIN) * counts.get(year, 0) / most,
        )
        for year in range(first, last + 1)
    ]
    points = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    ground = HEIGHT - MARGIN
    return YearLine(
        first=first,
        last=last,
        most_in=max((count, year) for year, count in counts.items() if year >= first)[1],
        points=points,
        area=f"{MARGIN},{ground} {points} {WIDTH - MARGIN},{ground}",
        table=sorted(counts.items(), reverse=True),
    )
