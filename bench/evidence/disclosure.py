"""Whether anybody who keeps every table, and counts all that is public, can work out a count that was kept back.

An invented site grows over some months; an organiser takes tables of it. The attack below is written apart from what
protects the tables (nothing of storyhub.protection.disclosure.system is used in it): it sees what left, what was public
and the threshold, and nothing else. Its unknowns are the stories themselves: how many that are not public have each set
of themes, country, setting and year. So whatever holds between tables holds there of itself.

Four attackers: one takes each month alone; one also knows of a single story that it is counted; one takes all months
together, with what the public report tells of how many came and went; one takes two counts from each other.

    python -m bench.evidence.disclosure [--large]
"""

from __future__ import annotations

import itertools
import math
import random
import statistics
import sys
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array

from storyhub.protection.disclosure import CannotBeProtected, Protected, Told, least_width, protect
from storyhub.protection.disclosure.counts import Axis, Cell, Grid, Layout, Left, Where

FACETS = ("country", "setting", "year")
LEAST = 10
ATTACKERS = ("alone", "told", "joint")

Kind = tuple[frozenset[str], str, str, str]  # themes, country, setting, year
Floats = np.ndarray[Any, np.dtype[np.float64]]


@dataclass(frozen=True)
class Facts:
    """One invented story."""

    themes: frozenset[str]
    country: str
    setting: str
    year: str
    is_public: bool
    shows_setting: bool


@dataclass(frozen=True)
class Flow:
    """At least and at most so many stories that are not public came since the month before, and went."""

    came: tuple[int, int]
    went: tuple[int, int]


def range_of(count: int, least: int) -> tuple[int, int]:
    """What the report tells of a count: none, or the number, or that it is kept back, and so from 1 to least - 1."""
    return (1, least - 1) if 0 < count < least else (count, count)


@dataclass
class Site:
    """An invented site: its values, and its stories so far."""

    themes: list[str]
    values: dict[str, list[str]]
    public_share: float
    chance: random.Random
    stories: list[Facts] = field(default_factory=list)
    came: int = 0  # stories that are only counted, of late
    went: tuple[int, int] = (0, 0)  # those that were taken back: not public ones and public ones

    def grow(self, number: int, withdrawn: int = 0) -> None:
        self.chance.shuffle(self.stories)
        gone = self.stories[:withdrawn]
        new = [self._story() for _ in range(number)]
        self.stories = self.stories[withdrawn:] + new
        self.went = (sum(not one.is_public for one in gone), sum(one.is_public for one in gone))
        self.came = sum(not one.is_public for one in new)

    def reported(self, least: int) -> Flow:
        """What can be known from the public report of how many that are not public came, and how many went.

        Public ones that went can be counted by whoever reads the site every day: they are taken off.
        """
        seen = self.went[1]
        low, high = range_of(sum(self.went), least)
        return Flow(range_of(self.came, least), (max(0, low - seen), max(0, high - seen)))

    def _story(self) -> Facts:
        picked = {facet: self._skewed(values) for facet, values in self.values.items()}
        themes = frozenset(
            name for rank, name in enumerate(self.themes) if self.chance.random() < 0.5 / (rank + 1) ** 0.5
        )
        public = self.chance.random() < self.public_share
        return Facts(themes, **picked, is_public=public, shows_setting=self.chance.random() < 0.5)

    def _skewed(self, values: list[str]) -> str:
        return self.chance.choices(values, [1 / (rank + 1) for rank in range(len(values))])[0]


def fits(story: Facts, where: Iterable[tuple[str, frozenset[str]]]) -> bool:
    return all(
        bool(story.themes & group) if facet == "theme" else getattr(story, facet) in group for facet, group in where
    )


def counted(stories: Sequence[Facts], layout: Layout) -> Grid:
    return Grid(layout, {place: cell_of(stories, layout.where(place)) for place in layout.places()})


def cell_of(stories: Sequence[Facts], where: Where) -> Cell:
    those = [story for story in stories if fits(story, where)]
    public = [story for story in those if story.is_public]
    with_setting = any(facet == "setting" for facet, _ in where)
    shown = [story for story in public if story.shows_setting or not with_setting]
    return Cell(len(those), len(public), len(shown))


def layouts_of(site: Site) -> list[Layout]:
    """Every table of one or two facets, those of one country or one theme, and those with joined countries or years."""
    axes = {facet: Axis(facet, tuple(frozenset([value]) for value in values)) for facet, values in site.values.items()}
    axes["theme"] = Axis("theme", tuple(frozenset([theme]) for theme in site.themes))
    found = [Layout(axis) for axis in axes.values()]
    found += [Layout(one, other) for one, other in itertools.combinations(axes.values(), 2)]
    country = (("country", frozenset([site.values["country"][0]])),)
    theme = (("theme", frozenset([site.themes[0]])),)
    found += [Layout(axes["setting"], axes["year"], country), Layout(axes["theme"], axes["year"], country)]
    found += [Layout(axes["setting"], axes["year"], theme), Layout(axes["country"], axes["setting"], theme)]
    for one in ("country", "year"):
        groups = axes[one].groups
        for begin in (0, 1) if len(groups) > 2 else ():
            rest = (group for place, group in enumerate(groups) if place not in (begin, begin + 1))
            joined = Axis(one, (groups[begin] | groups[begin + 1], *rest))
            found += [Layout(joined), Layout(joined, axes["setting"])]
    return found


# The attack.


class Attack:
    """Knows what left in some months. Unknowns: stories that are not public, by their whole set of facts, each month.

    With `flows` (one for each month, the first from nothing) also how many with each set of facts came and went. Those
    are too many to be solved in whole numbers: bounds are then of fractions, rounded inwards.
    """

    def __init__(
        self,
        months: Sequence[Sequence[Left]],
        themes: Sequence[str],
        values: dict[str, list[str]],
        flows: Sequence[Flow] = (),
    ) -> None:
        sets = [frozenset(some) for size in range(len(themes) + 1) for some in itertools.combinations(themes, size)]
        self.kinds: list[Kind] = list(itertools.product(sets, *(values[facet] for facet in FACETS)))  # type: ignore[arg-type]
        self.is_whole = not flows
        self.blocks = len(months) * (3 if flows else 1)  # by month what is there, then what came, then what went
        self.kept: list[tuple[int, tuple[int, int], Floats]] = []  # month, place, and which unknowns it is the sum of
        self.rows: list[tuple[Floats, float, float]] = []
        for number, tables in enumerate(months):
            for table in tables:
                for place, count in table.counts.items():
                    picked = self.picked(number, table.layout.where(place))
                    if count is None:
                        self.kept.append((number, place, picked))
                    else:
                        hidden = count - table.public[place][0]
                        self.rows.append((picked, hidden, hidden))
        for number, flow in enumerate(flows):
            self._let_flow(number, len(months), flow)
        self.most = 10 * max((high for _, _, high in self.rows), default=0) + 1_000
        self.constraints = self._as_constraints(self.rows)

    def _let_flow(self, number: int, months: int, flow: Flow) -> None:
        came, went = months + number, 2 * months + number
        for block, (low, high) in ((came, flow.came), (went, flow.went)):
            self.rows.append((self._block(block, np.ones(len(self.kinds))), low, high))
        for kind in np.eye(len(self.kinds)):
            row = self._block(number, kind) - self._block(came, kind) + self._block(went, kind)
            if number:
                row -= self._block(number - 1, kind)
            self.rows.append((row, 0, 0))

    def _block(self, block: int, values: Floats) -> Floats:
        row: Floats = np.zeros(self.blocks * len(self.kinds))
        row[block * len(self.kinds) : (block + 1) * len(self.kinds)] = values
        return row

    def picked(self, number: int, where: Iterable[tuple[str, frozenset[str]]]) -> Floats:
        where = list(where)
        return self._block(number, np.array([float(self._is_in(kind, where)) for kind in self.kinds]))

    def _is_in(self, kind: Kind, where: Iterable[tuple[str, frozenset[str]]]) -> bool:
        themes, facts = kind[0], dict(zip(FACETS, kind[1:], strict=True))
        return all(bool(themes & group) if facet == "theme" else facts[facet] in group for facet, group in where)

    @staticmethod
    def _as_constraints(rows: Sequence[tuple[Floats, float, float]]) -> list[LinearConstraint]:
        if not rows:
            return []
        matrix = csr_array(np.array([row for row, _, _ in rows]))
        return [LinearConstraint(matrix, [low for _, low, _ in rows], [high for _, _, high in rows])]

    def interval(self, picked: Floats, known: Facts | None = None) -> tuple[int, int]:
        """The smallest and the largest number of stories that are not public, as whole numbers.

        `known`: the facts of one story of which somebody knows that it is among them.
        """
        least = np.zeros(len(picked))
        if known is not None:
            least[self.kinds.index((known.themes, known.country, known.setting, known.year))] = 1
        return self._least(picked, least), -self._least(-picked, least)

    def _least(self, costs: Floats, least: Floats) -> int:
        found = milp(
            costs,
            constraints=self.constraints,
            integrality=np.full(len(costs), int(self.is_whole)),
            bounds=Bounds(least, self.most),
            options={"time_limit": 20},
        )
        value = found.fun if found.status == 0 else getattr(found, "mip_dual_bound", None)
        if value is None:
            raise RuntimeError("nothing fits what left: the attack is wrong")
        return math.ceil(value - 1e-6)


def small_differences(tables: Sequence[Left], least: int) -> int:
    """How many small counts follow from two that left in a month, of which the one holds all stories of the other."""
    shown = {table.layout.where(place): cell for table in tables for place, cell in table.shown().items()}
    pairs = [(one, other) for one in shown for other in shown if one != other and is_within(other, one)]
    return sum(0 < shown[one].hidden - shown[other].hidden < least for one, other in pairs)


def is_within(where: Where, wider: Where) -> bool:
    """Whether every story of the one count is in the other too."""
    groups = dict(where)
    return all(facet in groups and groups[facet] <= group for facet, group in wider)


@dataclass
class Tally:
    """What was seen in all months of one site. `widths` by attacker: alone, told, joint."""

    tables: int = 0
    refused: int = 0
    cells: int = 0
    differences: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    widths: dict[str, list[int]] = field(default_factory=lambda: {name: [] for name in ATTACKERS})
    seconds: list[float] = field(default_factory=list)

    def __iadd__(self, other: Tally) -> Tally:
        for one in ("tables", "refused", "cells", "differences"):
            setattr(self, one, getattr(self, one) + getattr(other, one))
        self.kinds += other.kinds
        self.seconds += other.seconds
        for name, widths in other.widths.items():
            self.widths[name] += widths
        return self

    def row(self, name: str) -> str:
        told = [name, self.tables, self.refused, self.cells, self.kinds["small"], self.kinds["beside"],
                self.differences, f"{max(self.seconds, default=0):.2f}"]  # fmt: skip
        for widths in self.widths.values():
            told += [
                len(widths),
                sum(width == 0 for width in widths),
                sum(width < least_width(LEAST) for width in widths),
                min(widths, default=0),
                round(statistics.median(widths)) if widths else 0,
            ]
        return "| " + " | ".join(map(str, told)) + " |"


def play(site: Site, months: int, each: int, tables: int, *, joint: bool = True, told: int = 4) -> Tally:
    """Let a site grow, take tables of it by chance, and attack them.

    `told`: so many stories a month, by chance, each of which somebody knows.
    """
    tally, by_month, flows = Tally(), list[list[Left]](), list[Flow]()
    for number in range(1, months + 1):
        site.grow(each, withdrawn=each // 10 if number > 1 else 0)
        flows.append(site.reported(LEAST))
        month, before = f"2026-{number:02}", [one for tables in by_month for one in tables]
        here: list[Left] = []
        for layout in site.chance.sample(layouts_of(site), tables):
            if table := take(site, layout, [*before, *here], month, tally):
                here.append(table)
        by_month.append(here)
        tally.differences += small_differences(here, LEAST)
        attack = Attack([here], site.themes, site.values)
        hidden = [story for story in site.stories if not story.is_public]
        known = site.chance.sample(hidden, min(told, len(hidden)))
        for _month, _place, picked in attack.kept:
            tally.widths["alone"].append(width_of(attack.interval(picked)))
            tally.widths["told"] += [width_of(attack.interval(picked, one)) for one in known]
    if joint:
        attack = Attack(by_month, site.themes, site.values, flows)
        # How many there are in all the report may tell itself: that is no count of a table.
        kept = [picked for month, _place, picked in attack.kept if (picked != attack.picked(month, ())).any()]
        tally.widths["joint"] += [width_of(attack.interval(picked)) for picked in kept]
    return tally


def width_of(interval: tuple[int, int]) -> int:
    return interval[1] - interval[0]


def take(site: Site, layout: Layout, left: Sequence[Left], month: str, tally: Tally) -> Left | None:
    began = time.process_time()
    try:
        protected = protected_table(site, layout, LEAST, left, month)
    except CannotBeProtected:
        tally.refused += 1
        return None
    tally.seconds.append(time.process_time() - began)
    tally.tables += 1
    tally.cells += len(protected.grid.cells)
    tally.kinds.update(str(kind) for kind in protected.kept.values())
    return protected.left(month)


def protected_table(site: Site, layout: Layout, least: int, left: Sequence[Left], month: str) -> Protected:
    """A table of a site as it would leave."""
    return protect(
        counted(site.stories, layout),
        least,
        left,
        month,
        told=Told(sum(not story.is_public for story in site.stories), site.came),
        counted=lambda where: cell_of(site.stories, where),
    )


def site_of(themes: int, countries: int, settings: int, years: int, public: float, seed: int) -> Site:
    return Site(
        [f"t{number}" for number in range(themes)],
        {
            "country": [f"c{number}" for number in range(countries)],
            "setting": [f"s{number}" for number in range(settings)],
            "year": [str(2020 + number) for number in range(years)],
        },
        public,
        random.Random(seed),
    )


@dataclass(frozen=True)
class Size:
    """An invented site to attack: how many values each facet has, and how much is told, public and taken out."""

    name: str
    shape: tuple[int, int, int, int]  # themes, countries, settings, years
    public: float
    months: int
    each: int  # stories a month
    tables: int  # tables a month
    joint: bool = False  # whether all months are attacked together too


SIZES = [
    Size("30 stories a month, all but a tenth public", (2, 3, 2, 2), 0.9, 3, 30, 4, joint=True),
    Size("60 stories a month, half public", (2, 3, 2, 2), 0.5, 4, 60, 4, joint=True),
    Size("120 stories a month, half public", (2, 3, 3, 2), 0.5, 3, 120, 4, joint=True),
    Size("120 stories a month, half public, more facts", (3, 3, 3, 3), 0.5, 3, 120, 4),
    Size("600 stories a month, half public", (3, 4, 4, 3), 0.5, 3, 600, 5),
    Size("2,000 stories a month, half public", (3, 4, 4, 4), 0.5, 4, 2_000, 6),
    Size("600 a month, all but a tenth public", (3, 4, 4, 3), 0.9, 3, 600, 5),
    Size("600 a month, none public", (3, 4, 4, 3), 0.0, 3, 600, 5),
]


def main() -> None:
    of_each = [f"{name}: {what}" for name in ATTACKERS
               for what in ("attacked", "determined", f"under {least_width(LEAST)}", "least", "median")]  # fmt: skip
    head = ["site", "tables", "refused", "cells", "small", "beside", "small differences", "slowest table (s)", *of_each]
    print("| " + " | ".join(head) + " |\n" + "|---" * len(head) + "|")
    for size in SIZES:
        total = Tally()
        for seed in range(3):
            site = site_of(*size.shape, size.public, seed)
            total += play(site, size.months, size.each, size.tables, joint=size.joint)
        print(total.row(size.name), flush=True)
    if "--large" in sys.argv:
        print_large()


def print_large() -> None:
    """How long it takes to protect a table, alone and as the second one of a month."""
    print("\n| table | cells | kept back | survive | alone (s) |\n|---|---|---|---|---|")
    for countries, settings, stories in ((12, 12, 3_000), (20, 20, 20_000), (40, 40, 20_000), (40, 40, 100_000)):
        site = site_of(3, countries, settings, 5, 0.6, 1)
        site.grow(stories)
        country, setting = (
            Axis(facet, tuple(frozenset([one]) for one in site.values[facet])) for facet in ("country", "setting")
        )
        grid = fast_counted(site.stories, Layout(country, setting))
        began = time.perf_counter()
        protected = protect(grid, LEAST)
        print(f"| {countries} × {settings}, {stories:,} stories | {len(grid.cells)} | {len(protected.kept)} | "
              f"{protected.surviving} of {protected.of} | {time.perf_counter() - began:.1f} |", flush=True)  # fmt: skip


def fast_counted(stories: Sequence[Facts], layout: Layout) -> Grid:
    """The same as `counted`, of single values and no themes, in one walk."""
    found = {place: [0, 0, 0] for place in layout.places()}
    rows, columns = ({next(iter(g)): i for i, g in enumerate(axis.groups)} for axis in (layout.rows, layout.columns))
    for story in stories:
        row, column = rows[getattr(story, layout.rows.facet)], columns[getattr(story, layout.columns.facet)]
        for place in itertools.product((row, layout.height), (column, layout.width)):
            is_shown = story.is_public and (story.shows_setting or place[1] == layout.width)
            found[place] = [a + b for a, b in zip(found[place], (1, story.is_public, is_shown), strict=True)]
    return Grid(layout, {place: Cell(*numbers) for place, numbers in found.items()})


if __name__ == "__main__":
    main()
