"""Whether anybody who keeps every table, and counts all that is public, can work out a count that was kept back.

An invented site grows over some months; an organiser takes tables of it. The attack below is written apart from what
protects the tables (nothing of storyhub.protection.disclosure.system is used in it): it sees what left, what was public
and the threshold, and nothing else. Its unknowns are the stories themselves: how many that are not public have each set
of themes, country, setting and year. So whatever holds between tables holds there of itself.

    python -m bench.evidence.disclosure [--large]
"""

from __future__ import annotations

import itertools
import random
import statistics
import sys
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from scipy.optimize import LinearConstraint, milp
from scipy.sparse import csr_array

from storyhub.protection.disclosure import CannotBeProtected, Protected, least_width, protect
from storyhub.protection.disclosure.counts import Axis, Cell, Grid, Layout, Left

FACETS = ("country", "setting", "year")
LEAST = 10

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


@dataclass
class Site:
    """An invented site: its values, and its stories so far."""

    themes: list[str]
    values: dict[str, list[str]]
    public_share: float
    chance: random.Random
    stories: list[Facts] = field(default_factory=list)

    def grow(self, number: int, withdrawn: int = 0) -> None:
        self.chance.shuffle(self.stories)
        del self.stories[: min(withdrawn, len(self.stories))]
        self.stories += [self._story() for _ in range(number)]

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
    cells = {}
    for place in layout.places():
        where = layout.where(place)
        those = [story for story in stories if fits(story, where)]
        public = [story for story in those if story.is_public]
        with_setting = any(facet == "setting" for facet, _ in where)
        shown = [story for story in public if story.shows_setting or not with_setting]
        cells[place] = Cell(len(those), len(public), len(shown))
    return Grid(layout, cells)


def layouts_of(site: Site) -> list[Layout]:
    """Every table of one or two facets, and those of one country or one theme."""
    axes = {facet: Axis(facet, tuple(frozenset([value]) for value in values)) for facet, values in site.values.items()}
    axes["theme"] = Axis("theme", tuple(frozenset([theme]) for theme in site.themes))
    found = [Layout(axis) for axis in axes.values()]
    found += [Layout(one, other) for one, other in itertools.combinations(axes.values(), 2)]
    country = (("country", frozenset([site.values["country"][0]])),)
    theme = (("theme", frozenset([site.themes[0]])),)
    found += [Layout(axes["setting"], axes["year"], country), Layout(axes["theme"], axes["year"], country)]
    found += [Layout(axes["setting"], axes["year"], theme), Layout(axes["country"], axes["setting"], theme)]
    return found


# The attack.


class Attack:
    """Knows what left in one month. Unknowns: stories that are not public, by their whole set of facts."""

    def __init__(self, tables: Sequence[Left], themes: Sequence[str], values: dict[str, list[str]]) -> None:
        sets = [frozenset(some) for size in range(len(themes) + 1) for some in itertools.combinations(themes, size)]
        self.kinds: list[Kind] = list(itertools.product(sets, *(values[facet] for facet in FACETS)))  # type: ignore[arg-type]
        rows, right = [], []
        self.kept: list[tuple[int, tuple[int, int], Floats]] = []
        for number, table in enumerate(tables):
            for place, count in table.counts.items():
                where = table.layout.where(place)
                picked: Floats = np.array([float(self._is_in(kind, where)) for kind in self.kinds])
                if count is None:
                    self.kept.append((number, place, picked))
                else:
                    rows.append(picked)
                    right.append(count - table.public[place][0])
        self.constraints = [LinearConstraint(csr_array(np.array(rows)), right, right)] if rows else []
        self.most = 10 * max(right, default=0) + 1_000

    def _is_in(self, kind: Kind, where: Iterable[tuple[str, frozenset[str]]]) -> bool:
        themes, facts = kind[0], dict(zip(FACETS, kind[1:], strict=True))
        return all(bool(themes & group) if facet == "theme" else facts[facet] in group for facet, group in where)

    def interval(self, picked: Floats) -> tuple[int, int]:
        """The smallest and the largest number of stories that are not public, as whole numbers."""
        return self._least(picked), -self._least(-picked)

    def _least(self, costs: Floats) -> int:
        found = milp(
            costs,
            constraints=self.constraints,
            integrality=np.ones(len(costs)),
            bounds=(0, self.most),
            options={"time_limit": 20},
        )
        if found.x is None:
            raise RuntimeError("nothing fits what left: the attack is wrong")
        bound = getattr(found, "mip_dual_bound", None)
        return round(found.fun) if found.status == 0 else round(bound if bound is not None else found.fun)


@dataclass
class Tally:
    """What was seen in all months of one site."""

    tables: int = 0
    refused: int = 0
    cells: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    widths: list[int] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)

    def row(self, name: str) -> str:
        determined = sum(width == 0 for width in self.widths)
        narrow = sum(width < least_width(LEAST) for width in self.widths)
        middle = statistics.median(self.widths) if self.widths else 0
        return (
            f"| {name} | {self.tables} | {self.refused} | {self.cells} | {self.kinds['small']} | "
            f"{self.kinds['beside']} | "
            f"{len(self.widths)} | {determined} | {narrow} | {min(self.widths, default=0)} | {middle:.0f} | "
            f"{max(self.seconds, default=0):.2f} |"
        )


def play(site: Site, months: int, each: int, tables: int) -> Tally:
    """Let a site grow, take tables of it by chance, and attack each month's."""
    tally = Tally()
    left: list[Left] = []
    for number in range(1, months + 1):
        site.grow(each, withdrawn=each // 10 if number > 1 else 0)
        month = f"2026-{number:02}"
        for layout in site.chance.sample(layouts_of(site), tables):
            if protected := take(site, layout, left, month, tally):
                left.append(protected.left(month))
        attack = Attack([one for one in left if one.month == month], site.themes, site.values)
        for _number, _place, picked in attack.kept:
            low, high = attack.interval(picked)
            tally.widths.append(high - low)
    return tally


def take(site: Site, layout: Layout, left: list[Left], month: str, tally: Tally) -> Protected | None:
    grid = counted(site.stories, layout)
    began = time.perf_counter()
    try:
        protected = protect(grid, LEAST, left, month)
    except CannotBeProtected:
        tally.refused += 1
        return None
    tally.seconds.append(time.perf_counter() - began)
    tally.tables += 1
    tally.cells += len(grid.cells)
    tally.kinds.update(str(kind) for kind in protected.kept.values())
    return protected


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


SIZES = [
    Size("120 stories a month, half public", (3, 3, 3, 3), 0.5, 3, 120, 4),
    Size("600 stories a month, half public", (3, 4, 4, 3), 0.5, 3, 600, 5),
    Size("2,000 stories a month, half public", (3, 4, 4, 4), 0.5, 4, 2_000, 6),
    Size("600 a month, all but a tenth public", (3, 4, 4, 3), 0.9, 3, 600, 5),
    Size("600 a month, none public", (3, 4, 4, 3), 0.0, 3, 600, 5),
]


def main() -> None:
    print("| site | tables | refused | cells | small | beside | attacked | determined | under k - 1 | least width | "
          "median width | slowest table (s) |")  # fmt: skip
    print("|---|---|---|---|---|---|---|---|---|---|---|---|")
    for size in SIZES:
        total = Tally()
        for seed in range(3):
            played = play(site_of(*size.shape, size.public, seed), size.months, size.each, size.tables)
            for one in ("tables", "refused", "cells"):
                setattr(total, one, getattr(total, one) + getattr(played, one))
            total.kinds += played.kinds
            total.widths += played.widths
            total.seconds += played.seconds
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
