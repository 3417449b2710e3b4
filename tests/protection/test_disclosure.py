"""Small counts: nobody can work out what was kept back, even if they know how it was chosen."""

from __future__ import annotations

import itertools
from collections import defaultdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storyhub.protection.disclosure import roughly, shown_counts

COUNTS = st.lists(st.integers(0, 40), max_size=30)
LEAST = st.integers(5, 15)


@pytest.mark.parametrize("length", [1, 2, 3, 4])
def test_every_count_that_is_kept_back_could_be_another(length: int) -> None:
    """All tables up to a size, by what is shown of them: somebody who sees the one table can't tell which it was."""
    least = 5
    by_what_is_shown = defaultdict(list)
    for parts in itertools.product(range(least + 4), repeat=length):
        table = shown_counts(parts, least)
        by_what_is_shown[table.parts, table.total].append(parts)
    for (shown, _), possible in by_what_is_shown.items():
        for place, count in enumerate(shown):
            if count is None:
                assert len({parts[place] for parts in possible}) > 1, (shown, possible)


@given(COUNTS, LEAST)
def test_no_small_count_is_shown_and_what_is_shown_is_true(counts: list[int], least: int) -> None:
    table = shown_counts(counts, least)
    for count, shown in zip(counts, table.parts, strict=True):
        assert shown is None or (shown == count and (count == 0 or count >= least))
    assert table.total in (None, sum(counts))
    assert table.total is None or table.total == 0 or table.total >= least


@given(COUNTS, LEAST)
def test_what_is_kept_back_never_follows_from_the_total(counts: list[int], least: int) -> None:
    table = shown_counts(counts, least)
    hidden = [count for count, shown in zip(counts, table.parts, strict=True) if shown is None]
    if hidden and table.total is not None:
        left = table.total - sum(shown for shown in table.parts if shown is not None)
        assert len(hidden) > 1
        assert len(hidden) < left, "all of them would be one"
        assert len(set(hidden)) > 1 or left < len(hidden) * (least - 1), "all of them would be as large as can be"


@given(COUNTS, LEAST, st.randoms())
def test_the_order_of_counts_decides_nothing(counts: list[int], least: int, random: object) -> None:
    order = list(range(len(counts)))
    random.shuffle(order)  # type: ignore[attr-defined]
    table, other = shown_counts(counts, least), shown_counts([counts[place] for place in order], least)
    assert other.parts == tuple(table.parts[place] for place in order)
    assert other.total == table.total


@given(COUNTS, LEAST)
def test_a_total_that_another_table_keeps_back_is_kept_back_here(counts: list[int], least: int) -> None:
    assert shown_counts(counts, least, without_total=True).total is None


def test_large_counts_are_shown_as_they_are() -> None:
    table = shown_counts([12, 0, 400], 10)
    assert (table.parts, table.total) == ((12, 0, 400), 412)


def test_one_small_count_takes_the_next_with_it() -> None:
    assert shown_counts([3, 50, 12], 10).parts == (None, 50, None)
    assert shown_counts([3, 12, 12], 10).parts == (None, None, None)
    assert shown_counts([3, 0, 0], 10).total is None


def test_a_threshold_that_protects_nobody_is_refused() -> None:
    with pytest.raises(ValueError, match="protects nobody"):
        shown_counts([1], 4)


@given(st.integers(0, 10_000), LEAST)
def test_a_daily_count_is_rough(count: int, least: int) -> None:
    shown = roughly(count, least)
    assert (shown is None) == (count < least)
    assert shown is None or (shown % 10 == 0 and 0 <= count - shown < 10)
