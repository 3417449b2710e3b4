"""The small bars of the years."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from storyhub.drawing.years import MOST_YEARS, year_bars

YEARS = st.dictionaries(st.integers(0, 9999), st.integers(1, 10**6), min_size=1, max_size=30)


@given(YEARS)
def test_every_bar_is_in_the_picture_and_every_year_in_the_table(counts: dict[int, int]) -> None:
    years = year_bars(counts)
    if years is None:
        return
    assert all(bar.start >= 0 and bar.start + bar.width <= 100 for bar in years.bars)
    assert all(0 <= bar.top < 100 and bar.height > 0 for bar in years.bars)
    assert all(bar.top + bar.height <= 100.1 for bar in years.bars)
    assert [bar.start for bar in years.bars] == sorted(bar.start for bar in years.bars)
    assert years.last - years.first < MOST_YEARS
    assert dict(years.table) == counts
    assert sum(bar.count for bar in years.bars) + years.earlier == sum(counts.values())


def test_a_year_without_stories_has_no_bar_but_keeps_its_room() -> None:
    years = year_bars({2010: 2, 2012: 4})
    assert years is not None
    assert [bar.year for bar in years.bars] == [2010, 2012]
    assert years.bars[1].start - years.bars[0].start > 2 * years.bars[0].width
    assert years.bars[1].height == 2 * years.bars[0].height


def test_one_year_is_no_picture() -> None:
    assert year_bars({2010: 5}) is None
    assert year_bars({}) is None
    assert year_bars({1900: 1, 2010: 5}) is None
