"""Tables that leave: nobody who keeps them all, and counts all that is public, works out what was kept back."""

from __future__ import annotations

import itertools
import random
import time
from collections import defaultdict
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.evidence.disclosure import (
    Attack,
    Facts,
    Flow,
    Site,
    cell_of,
    counted,
    layouts_of,
    protected_table,
    site_of,
    small_differences,
    width_of,
)
from storyhub.protection.disclosure import (
    Axis,
    CannotBeProtected,
    Cell,
    Grid,
    Kept,
    Layout,
    Left,
    NotNested,
    Told,
    TooLarge,
    audit,
    audit_of_one,
    in_bands,
    least_width,
    only_upper,
    proposals,
    protect,
    where_of,
)
from storyhub.protection.disclosure.suppressing import known_before

K = 5
SEEDS = st.integers(0, 10**6)


def groups(*values: str) -> tuple[frozenset[str], ...]:
    return tuple(frozenset(value.split("+")) for value in values)


def axis(facet: str, *values: str) -> Axis:
    return Axis(facet, groups(*values))


def table(rows: list[list[int]], public: int = 0) -> Grid:
    """A table of countries by settings from its inner counts, of which so many at most are public in each cell."""
    height, width = len(rows), len(rows[0])
    layout = Layout(axis("country", *map(str, range(height))), axis("setting", *map(str, range(width))))
    cells = {}
    for row, column in layout.places():
        here = itertools.product(range(height), range(width))
        inner = [rows[i][j] for i, j in here if row in (i, height) and column in (j, width)]
        known = sum(min(public, count) for count in inner)
        cells[row, column] = Cell(sum(inner), known, known)
    return Grid(layout, cells)


def small_site(seed: int, public: float) -> Site:
    return site_of(2, 3, 2, 2, public, seed)


def played(seed: int, public: float, each: int, months: int = 2) -> tuple[Site, list[list[Left]], list[Flow]]:
    """A small site over some months, three tables of each."""
    site, by_month, flows = small_site(seed, public), list[list[Left]](), list[Flow]()
    for number in range(months):
        site.grow(each, withdrawn=each // 10 if number else 0)
        flows.append(site.reported(K))
        month, before, here = f"2026-{number + 1:02}", [one for some in by_month for one in some], list[Left]()
        for layout in site.chance.sample(layouts_of(site), 3):
            try:
                protected = protected_table(site, layout, K, [*before, *here], month)
            except CannotBeProtected:
                continue
            assert all(cell.count == 0 or cell.count >= K or place in protected.kept or cell.unseen == 0
                       for place, cell in protected.grid.cells.items())  # fmt: skip
            here.append(protected.left(month))
        by_month.append(here)
    return site, by_month, flows


SITES = {"seed": SEEDS, "public": st.sampled_from([0.0, 0.5, 0.9]), "each": st.sampled_from([20, 60, 120])}


@settings(max_examples=4, deadline=None)
@given(**SITES)
def test_no_count_that_was_kept_back_is_determined_by_all_that_left(seed: int, public: float, each: int) -> None:
    """By an attack that was written apart: whole numbers of stories with every set of facts, from what left alone."""
    site, by_month, _flows = played(seed, public, each)
    hidden = [story for story in site.stories if not story.is_public]
    for number, here in enumerate(by_month):
        assert small_differences(here, K) == 0, "nor can two counts be taken from each other"
        attack = Attack([here], site.themes, site.values)
        for _month, place, picked in attack.kept:
            low, high = attack.interval(picked)
            assert high - low >= least_width(K), (place, low, high)
            for own in site.chance.sample(hidden, min(2, len(hidden))) if number == 1 else ():
                assert width_of(attack.interval(picked, own)) > 0, "nor for somebody who knows one of the stories"


@settings(max_examples=3, deadline=None)
@given(**SITES)
def test_no_count_is_determined_by_all_months_and_the_public_report_together(
    seed: int, public: float, each: int
) -> None:
    """The report may tell that from 1 to k - 1 came: then a count that changed can still be as many others.

    And it may tell how many are only counted in all: so of that count nothing is said here.
    """
    site, by_month, flows = played(seed, public, each)
    attack = Attack(by_month, site.themes, site.values, flows)
    for month, place, picked in attack.kept:
        if (picked == attack.picked(month, ())).all():
            continue
        low, high = attack.interval(picked)
        assert high - low >= least_width(K) - 1, (place, low, high)


def stories(number: int, country: str = "a", setting: str = "x", themes: str = "") -> list[Facts]:
    return [Facts(frozenset(themes), country, setting, "2020", is_public=False, shows_setting=False)] * number


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (Layout(axis("country", "a+b", "c", "d")), Layout(axis("country", "a", "b+c", "d"))),
        (Layout(axis("setting", "x", "y")), Layout(axis("setting", "x", "y"), filters=where_of({"country": "a"}))),
        (Layout(axis("setting", "x", "y"), filters=where_of({"country": "a"})), Layout(axis("setting", "x", "y"))),
        (Layout(axis("country", "a", "b+c", "d")), Layout(axis("theme", "t"))),
        (Layout(axis("theme", "t+u", "t")), Layout(axis("country", "a+b", "c", "d"))),
    ],
    ids=["other-rows-joined", "then-one-country", "then-all-countries", "all-but-a-theme", "without-a-theme-under-it"],
)  # fmt: skip
def test_two_counts_whose_difference_is_one_story_do_not_both_leave(first: Layout, second: Layout) -> None:
    told = (
        stories(20, themes="t") + stories(1, "b", themes="u") + stories(30, "c", "y", "t") + stories(30, "d", "y", "t")
    )
    left: list[Left] = []
    for layout in (first, second):
        left.append(protect(counted(told, layout), K, left, "m", counted=lambda where: cell_of(told, where)).left("m"))
    assert small_differences(left, K) == 0
    assert any(one.kept_back() for one in left)


def test_a_theme_with_a_new_one_under_it_is_compared_with_itself_a_month_before() -> None:
    first = protect(counted(stories(20, themes="t"), Layout(axis("theme", "t"))), K).left("2026-01")
    later = counted(stories(22, themes="t"), Layout(axis("theme", "t+new", "new")))
    assert (0, 0) in protect(later, K, [first], "2026-02").kept


def test_what_the_report_tells_of_all_leaves_small_counts_as_wide_as_it_can() -> None:
    """Seven stories in all are not public. Whoever knows that knows of each count no more than that, or k - 1."""
    told = stories(4) + stories(2, "b") + stories(1, "c", "y")
    layout = Layout(axis("country", "a", "b", "c"), axis("setting", "x", "y"))
    protected = protect(counted(told, layout), K, told=Told(len(told)), counted=lambda where: cell_of(told, where))
    values = {"country": ["a", "b", "c"], "setting": ["x", "y"], "year": ["2020"]}
    attack = Attack([[protected.left("m")]], ["t"], values, [Flow((7, 7), (0, 0))])
    for _month, place, picked in attack.kept:
        if place != (3, 2):
            assert width_of(attack.interval(picked)) >= K - 1, place


def test_the_audit_finds_what_only_the_report_and_a_month_before_give_away() -> None:
    layout = Layout(axis("country", "a", "b", "c"))
    shown = {(0, 0): 20, (1, 0): 20, (2, 0): 20, (3, 0): 60}
    nothing = dict.fromkeys(shown, (0, 0))
    before = [Left("2026-01", layout, shown, nothing, 60)]
    later = [Left("2026-02", layout, shown | {(0, 0): None, (1, 0): None}, nothing, 60)]
    assert not any(one.is_determined for one in audit(later))
    assert all(one.is_determined for one in audit(later, before, came=0)), "nobody came, so that nothing changed"
    ten = [one.bound for one in audit([replace(later[0], counts=dict(later[0].counts) | {(3, 0): 70}, hidden=70)],
                                      before, came=10)]  # fmt: skip
    assert ten == [(20, 30), (20, 30)]


def test_the_audit_finds_what_somebody_can_tell_who_told_one_of_the_stories() -> None:
    careless = Left("m", Layout(axis("country", "a", "b")), {(0, 0): None, (1, 0): None, (2, 0): 1},
                    dict.fromkeys([(0, 0), (1, 0), (2, 0)], (0, 0)))  # fmt: skip
    assert not any(one.is_determined for one in audit([careless]))
    assert {one.place for one in audit_of_one([careless])} == {(0, 0), (1, 0)}
    good = protect(table([[3, 50, 60], [40, 30, 70], [80, 90, 20]]), K).left("m")
    assert audit_of_one([good]) == []


@settings(max_examples=10, deadline=None)
@given(seed=SEEDS)
def test_the_order_of_rows_and_columns_decides_nothing(seed: int) -> None:
    site = site_of(3, 4, 3, 2, 0.5, seed)
    site.grow(80)
    layout = site.chance.choice([one for one in layouts_of(site) if one.columns.facet])
    shuffled = [list(one.groups) for one in (layout.rows, layout.columns)]
    for one in shuffled:
        site.chance.shuffle(one)
    other = Layout(Axis(layout.rows.facet, tuple(shuffled[0])), Axis(layout.columns.facet, tuple(shuffled[1])),
                   layout.filters)  # fmt: skip
    kept = [
        {one.where(place): why for place, why in protect(counted(site.stories, one), K).kept.items()}
        for one in (layout, other)
    ]
    assert kept[0] == kept[1]


@settings(max_examples=10, deadline=None)
@given(seed=SEEDS, public=st.sampled_from([0.0, 0.6]))
def test_every_bound_that_is_reported_holds_the_truth_and_is_wide(seed: int, public: float) -> None:
    site = small_site(seed, public)
    site.grow(60)
    grid = counted(site.stories, site.chance.choice(layouts_of(site)))
    protected = protect(grid, K, with_bounds=True)
    assert set(protected.bounds) == set(protected.kept)
    for place, bound in protected.bounds.items():
        assert bound.low <= grid.cells[place].count
        assert bound.high is None or (grid.cells[place].count <= bound.high and bound.high - bound.low >= K - 1)
    assert [one.bound for one in audit([protected.left("")])] == [
        protected.bounds[one] for one in sorted(protected.kept)
    ]


@settings(max_examples=10, deadline=None)
@given(seed=SEEDS, least=st.integers(5, 9))
def test_a_higher_threshold_finds_every_small_cell_of_a_lower_one(seed: int, least: int) -> None:
    site = small_site(seed, 0.3)
    site.grow(60)
    grid = counted(site.stories, site.chance.choice(layouts_of(site)))
    lower, higher = (
        {place for place, why in protect(grid, one).kept.items() if why is Kept.SMALL} for one in (least, least + 3)
    )
    assert lower <= higher


def test_one_small_cell_takes_those_with_it_that_would_give_it_away() -> None:
    protected = protect(table([[3, 50, 60], [40, 30, 70], [80, 90, 20]]), K)
    small = {place for place, why in protected.kept.items() if why is Kept.SMALL}
    assert small == {(0, 0)}
    for lines in ([(0, 1), (0, 2), (0, 3)], [(1, 0), (2, 0), (3, 0)]):
        assert set(lines) & set(protected.kept), "alone in its row or column it could be worked out"
    assert (protected.surviving, protected.of) == (5, 9)


def test_a_table_of_large_counts_leaves_whole_and_of_none_too() -> None:
    assert protect(table([[20, 30], [40, 50]]), K).kept == {}
    assert protect(table([[0, 30], [40, 0]]), K).kept == {}


def test_of_a_large_count_the_part_that_is_not_public_is_what_could_be_found() -> None:
    grid = table([[20, 30], [40, 50]])
    cells = dict(grid.cells)
    cells[0, 0] = Cell(20, 18, 18)
    assert protect(Grid(grid.layout, cells), K).kept[0, 0] is Kept.SMALL


def test_what_contributors_chose_not_to_show_is_protected_like_what_is_not_public() -> None:
    grid = table([[20, 30], [40, 50]], public=100)
    cells = dict(grid.cells) | {(0, 0): Cell(20, 20, 17)}
    assert protect(Grid(grid.layout, cells), K).kept[0, 0] is Kept.SMALL


@pytest.mark.parametrize(
    ("later", "is_kept"), [(20, False), (21, True), (24, True), (25, False), (16, True), (15, False)]
)
def test_a_count_that_changed_by_a_few_since_it_last_left_is_kept_back(later: int, is_kept: bool) -> None:
    first = protect(table([[20, 60], [40, 50]]), K).left("2026-01")
    assert ((0, 0) in protect(table([[later, 90], [80, 90]]), K, [first], "2026-02").kept) is is_kept


def test_bands_of_years_are_compared_with_the_years_that_left_before() -> None:
    years = Layout(axis("year", "2018", "2019", "2020"))
    single = {(0, 0): 10, (1, 0): 20, (2, 0): 30, (3, 0): 60}
    left = Left("2026-01", years, single, dict.fromkeys(single, (0, 0)))
    bands = Layout(axis("year", "2018+2019", "2020"))
    assert [cell.count for cell in known_before(bands, (0, 0), [left])] == [30]
    assert [cell.count for cell in known_before(bands, (2, 0), [left])] == [60]
    assert known_before(Layout(axis("country", "IN")), (0, 0), [left]) == []


def test_a_second_table_cannot_undo_what_the_first_one_kept_back() -> None:
    chance = random.Random(4)
    stories = [
        Facts(frozenset(), chance.choice("ab"), chance.choice("xy"), "2020", False, False) for _ in range(60)
    ] + [Facts(frozenset(), "c", "x", "2020", False, False)] * 3
    countries, settings_, years = axis("country", "a", "b", "c"), axis("setting", "x", "y"), axis("year", "2020")
    first = protect(counted(stories, Layout(countries, settings_)), K, [], "m").left("m")
    same = protect(counted(stories, Layout(settings_, countries)), K, [first], "m")
    assert {Layout(settings_, countries).where(place) for place in same.kept} == {
        first.layout.where(place) for place in first.kept_back()
    }, "the same counts, the other way round"
    one_year = protect(counted(stories, Layout(countries, years)), K, [first], "m").left("m")
    assert all(one.bound.high is None or one.bound.high - one.bound.low >= K - 1 for one in audit([first, one_year]))


def test_a_count_that_is_kept_back_could_be_another_also_for_whoever_knows_the_rule() -> None:
    """All tables of two counts up to a size, by what is shown of them; the larger ones only stand for others."""
    layout, seen = Layout(axis("country", "a", "b")), defaultdict(list)
    for one, other in itertools.product(range(13), repeat=2):
        counts = {(0, 0): one, (1, 0): other, (2, 0): one + other}
        shown = protect(Grid(layout, {place: Cell(count, 0, 0) for place, count in counts.items()}), K).counts()
        seen[tuple(shown.items())].append(counts)
    for shown, possible in seen.items():
        if max(max(counts.values()) for counts in possible) <= 12:
            for place, count in shown:
                assert count is not None or len({counts[place] for counts in possible}) > 1, (shown, possible)


def test_themes_overlap_and_are_bounded_by_all_and_by_those_above() -> None:
    stories = [Facts(frozenset({"a", "b"}), "c0", "s0", "2020", False, False)] * 12
    stories += [Facts(frozenset({"b"}), "c0", "s0", "2020", False, False)] * 6
    layout = Layout(axis("theme", "a", "b+a"))
    protected = protect(counted(stories, layout), K)
    assert protected.kept == {}
    layout = Layout(axis("theme", "b", "c"))
    protected = protect(counted([*stories[:14], replace(stories[0], themes=frozenset({"c"}))], layout), K,
                        with_bounds=True)  # fmt: skip
    assert protected.bounds[1, 0].high == 15, "not more than there are stories"


def test_themes_that_overlap_without_holding_each_other_are_refused() -> None:
    stories = [Facts(frozenset({"a"}), "c0", "s0", "2020", False, False)] * 20
    with pytest.raises(NotNested):
        protect(counted(stories, Layout(axis("theme", "a+b", "b+c"))), K)


def test_what_cannot_be_protected_any_more_does_not_leave() -> None:
    """All but one cell left before, in another table: it follows from them, whatever is kept back now."""
    grid = table([[3, 50], [40, 50]])
    shown = {place: cell.count for place, cell in grid.cells.items()} | {(0, 0): None}
    careless = Left("m", grid.layout, shown, dict.fromkeys(shown, (0, 0)))
    assert [one.is_determined for one in audit([careless])] == [True]
    with pytest.raises(CannotBeProtected):
        protect(grid, K, [careless], "m")


def test_what_protects_nobody_is_refused_and_what_is_too_large_too() -> None:
    with pytest.raises(ValueError, match="protects nobody"):
        protect(table([[1, 2]]), 4)
    with pytest.raises(TooLarge):
        protect(table([[9] * 51] * 51), K)


def test_what_takes_too_long_to_solve_is_given_up_and_never_half_protected() -> None:
    grid = table([[3, 50, 60], [40, 30, 70], [80, 90, 20]])
    shown = protect(table([[30, 50, 60], [40, 30, 70], [80, 90, 20]]), K).left("m")
    for left in ([], [replace(shown, counts=shown.counts | {(0, 0): None, (0, 3): None, (3, 0): None, (3, 3): None})]):
        with pytest.raises(TooLarge):
            protect(grid, K, left, "m", until=time.monotonic())


def test_joining_is_proposed_only_where_more_survives() -> None:
    site = site_of(2, 6, 3, 9, 0.2, 3)
    site.grow(220)
    country, year = (Axis(facet, groups(*site.values[facet])) for facet in ("country", "year"))
    layout = Layout(country, year)
    protected = protect(counted(site.stories, layout), K)
    found = proposals(protected, lambda other: counted(site.stories, other), lambda grid: protect(grid, K))
    assert found
    now = protected.surviving / protected.of
    assert all(one.share > now for one in found)
    assert [one.share for one in found] == sorted((one.share for one in found), reverse=True)


def test_years_are_joined_in_bands_and_themes_to_those_above_them() -> None:
    assert in_bands(groups("2009", "2010", "2014", "2015", "~", "-"), 5) == groups(
        "2009", "2010+2014", "2015", "~", "-"
    )
    assert only_upper(groups("a+b", "a", "c")) == groups("a+b", "c")
    assert where_of({"year": ["2019"], "country": ["IN"]}) == (
        ("country", frozenset(["IN"])),
        ("year", frozenset(["2019"])),
    )
