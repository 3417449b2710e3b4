"""The small line of the years."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from storyhub.feed.years import HEIGHT, MOST_YEARS, WIDTH, year_line

YEARS = st.dictionaries(st.integers(0, 9999), st.integers(1, 10**6), min_size=1, max_size=30)


@given(YEARS)
def test_every_point_is_in_the_picture_and_every_year_in_the_table(counts: dict[int, int]) -> None:
    line = year_line(counts)
    if line is None:
        return
    points = [tuple(map(float, point.split(","))) for point in line.points.split()]
    assert all(0 <= x <= WIDTH and 0 <= y <= HEIGHT for x, y in points)
    assert [x for x, _ in points] == sorted(x for x, _ in points)
    assert len(points) == line.last - line.first + 1 <= MOST_YEARS
    assert dict(line.table) == counts


def test_a_year_without_stories_is_on_the_ground() -> None:
    line = year_line({2010: 2, 2012: 2})
    assert line is not None
    heights = [float(point.split(",")[1]) for point in line.points.split()]
    assert heights[1] > heights[0] == heights[2]


def test_one_year_is_no_line() -> None:
    assert year_line({2010: 5}) is None
    assert year_line({}) is None
    assert year_line({1900: 1, 2010: 5}) is None
