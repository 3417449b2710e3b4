"""Which cells of a table are kept back, so that none of them can be worked out from all that ever left.

Primary: a count from 1 to k - 1, one of whose stories from 1 to k - 1 are not public (or not public with just these
facts), or one in which that part differs by 1 to k - 1 from what left of it in a month before. Complementary: others
beside them, those with the fewest stories first, equals together, margins last, until every cell that is kept back, in
this table and in those that left, can be bounded only to a range at least k - 1 wide: then it may be anything that is
small. Hiding more only widens ranges, so that this ends.

Method: Hundepool et al., Statistical Disclosure Control, 2012, chapter 4 (threshold rule, audit by linear programming,
protection intervals); choosing the smallest first follows the hypercube method (Giessing and Repsilber, 2002). Equals
go together, so that neither order nor choice tells anything.
"""

from __future__ import annotations

import enum
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from storyhub.config import LEAST_SMALL_CELL
from storyhub.protection.disclosure.counts import (
    ALL_OTHERS,
    THEME,
    Cell,
    Grid,
    Group,
    Layout,
    Left,
    NotNested,
    Place,
    Where,
)
from storyhub.protection.disclosure.system import Ints, Month, Solver, System, TooLarge

MOST_CELLS = 2_500
MOST_BOUNDED = 150  # cells whose bounds are worked out exactly when a table is made; `audit` has no limit
ALMOST = 1e-6

Failing = tuple[list[Place], list[int]]  # cells of this table, and numbers of those of others


class CannotBeProtected(ValueError):
    """What left before bounds a cell of this table so closely that it cannot be protected any more."""


class Kept(enum.StrEnum):
    """Why a cell is kept back."""

    SMALL = "small"  # in it somebody could be found
    BESIDE = "beside"  # with it a small one could be worked out


class Bound(NamedTuple):
    """Within what somebody can bound a count; `high` None for no bound."""

    low: int
    high: int | None


@dataclass(frozen=True)
class Protected:
    """A table and what is kept back of it. `bounds` is empty where there are too many to work out at once."""

    grid: Grid
    kept: Mapping[Place, Kept]
    bounds: Mapping[Place, Bound] = field(default_factory=dict)

    @property
    def surviving(self) -> int:
        return sum(place not in self.kept for place in self.grid.layout.inner())

    @property
    def of(self) -> int:
        return len(self.grid.layout.inner())

    def counts(self) -> dict[Place, int | None]:
        """What leaves: None is kept back."""
        return {place: None if place in self.kept else cell.count for place, cell in self.grid.cells.items()}

    def left(self, month: str) -> Left:
        known = {place: (cell.public, cell.shown) for place, cell in self.grid.cells.items()}
        return Left(month, self.grid.layout, self.counts(), known)


def least_width(least: int) -> int:
    """How far apart the bounds of a cell that is kept back are at least: as far as all that is small."""
    return least - 1


def protect(
    grid: Grid, least: int, left: Sequence[Left] = (), month: str = "", *, with_bounds: bool = False
) -> Protected:
    """What is kept back of a table, when these tables left before, in this month and in others.

    Raises ValueError for a threshold that protects nobody, TooLarge, NotNested, CannotBeProtected.
    """
    if least < LEAST_SMALL_CELL:
        raise ValueError(f"a threshold under {LEAST_SMALL_CELL} protects nobody")
    if len(grid.cells) > MOST_CELLS:
        raise TooLarge
    same = [one for one in left if one.month == month]
    before = [one for one in left if one.month != month]
    work = _Work(grid, least, same, before)
    work.suppress()
    bounds = work.bounds() if with_bounds and len(work.kept) <= MOST_BOUNDED else {}
    return Protected(grid, work.kept, bounds)


def is_small(count: int, least: int) -> bool:
    return 0 < abs(count) < least


def primary(grid: Grid, least: int, before: Sequence[Left]) -> set[Place]:
    """The cells in which somebody could be found, or by comparing them with months before."""
    found = set()
    for place, cell in grid.cells.items():
        if any(is_small(part, least) for part in (cell.count, cell.hidden, cell.unseen)):
            found.add(place)
        for earlier in known_before(grid.layout, place, before):
            if is_small(cell.hidden - earlier.hidden, least) or is_small(cell.unseen - earlier.unseen, least):
                found.add(place)
    return found


def known_before(layout: Layout, place: Place, before: Iterable[Left]) -> list[Cell]:
    """What left of the same count in tables of other months: itself, or as a sum of what is in one table."""
    where = layout.where(place)
    return [cell for table in before if (cell := _sum_in(table, layout, where)) is not None]


def _sum_in(table: Left, layout: Layout, where: Where) -> Cell | None:
    wanted, filters = dict(where), dict(table.layout.filters)
    facets = [axis.facet for axis in table.layout.axes]
    if any(facet not in facets and filters.get(facet) != group for facet, group in where):
        return None
    if any(wanted.get(facet) != group for facet, group in filters.items()):
        return None
    chosen = []
    for axis, margin in ((table.layout.rows, table.layout.height), (table.layout.columns, table.layout.width)):
        group = wanted.get(axis.facet) if axis.facet else None
        places = (
            [margin] if group is None else _groups_in(axis.groups, _meant(layout, axis.facet, group, table), axis.facet)
        )
        if places is None:
            return None
        chosen.append(places)
    total = Cell(0, 0, 0)
    for row in chosen[0]:
        for column in chosen[1]:
            count = table.counts[row, column]
            if count is None:
                return None
            total += Cell(count, *table.public[row, column])
    return total


def _meant(layout: Layout, facet: str, group: Group, table: Left) -> Group:
    """The same group in the words of another month, in which “all others” were others."""
    if ALL_OTHERS not in group:
        return group
    mine = frozenset().union(*(one for axis in layout.axes if axis.facet == facet for one in axis.groups))
    theirs = frozenset().union(*(one for axis in table.layout.axes if axis.facet == facet for one in axis.groups))
    return group | (theirs - mine) if not (mine - theirs) - group else frozenset(["?"])


def _groups_in(groups: Sequence[Group], wanted: Group, facet: str) -> list[int] | None:
    """Which of the groups make up the wanted one; None where none do."""
    if facet == THEME:
        return [groups.index(wanted)] if wanted in groups else None
    parts = [place for place, group in enumerate(groups) if group <= wanted]
    together: Group = frozenset().union(*(groups[place] for place in parts))
    return parts if parts and together == wanted else None


class _Work:
    """One table on its way to being protected."""

    def __init__(self, grid: Grid, least: int, same: Sequence[Left], before: Sequence[Left]) -> None:
        self.grid, self.least, self.enough = grid, least, least_width(least)
        self.before = before
        self.kept: dict[Place, Kept] = {}
        self.bounded: set[Place] = set()  # what left before bounds these too closely: to hide them would hide nothing
        self.lines = grid.layout.lines()
        self.lines_of: dict[Place, list[list[Place]]] = {place: [] for place in grid.cells}
        for line in self.lines:
            for place in line:
                self.lines_of[place].append(line)
        layouts = [one.layout for one in same] + [grid.layout]
        self.audits = [_Audit(self, [same], System([Month(layouts)]))]
        if linked := _linked(before):
            self._add_growing(linked, same, layouts)

    def _add_growing(self, linked: Sequence[Left], same: Sequence[Left], layouts: list[Layout]) -> None:
        """What follows for somebody who assumes that no story went since: where that can be so at all."""
        try:
            system = System([Month([one.layout for one in linked]), Month(layouts)], grows=True)
        except (TooLarge, NotNested):
            return
        growing = _Audit(self, [linked, same], system, assumes=True)
        truth = [(growing.sums[place], float(cell.hidden)) for place, cell in self.grid.cells.items()]
        if system.solver(truth).is_possible():
            self.audits.append(growing)

    def suppress(self) -> None:
        self.bounded = self.audits[0].narrow_before()
        for place in primary(self.grid, self.least, self.before):
            if place not in self.bounded:
                self.kept[place] = Kept.SMALL
            elif self.grid.cells[place].unseen:
                raise CannotBeProtected
            # Else all of it is public, as what left before has shown nearly: whoever reads can count it.
        self._close_lines()
        waiting = list(self.audits)
        while waiting:
            audit = waiting[0]
            failing = audit.failing(self.kept)
            if failing is None:
                waiting.pop(0)
                continue
            if not self._hide(audit.beside(failing)):
                if audit.assumes:  # what left before bounds it already, for who assumes that; this adds nothing
                    waiting.pop(0)
                    continue
                raise CannotBeProtected
            self._close_lines()
            waiting = list(self.audits)

    def _hide(self, places: Iterable[Place]) -> bool:
        new = [place for place in places if place not in self.kept]
        self.kept |= dict.fromkeys(new, Kept.BESIDE)
        return bool(new)

    def _close_lines(self) -> None:
        """What can be seen without solving anything: a line in which too little is kept back to hide anything in."""
        while True:
            more: set[Place] = set()
            for line in self.lines:
                kept = [place for place in line if place in self.kept]
                parts = [place for place in kept if place != line[-1]]
                if not kept or (line[-1] in self.kept and parts):
                    continue
                if len(kept) < 2 or sum(self.grid.cells[place].hidden for place in parts) < self.enough:
                    more |= self.cheapest(line)
            if not self._hide(more):
                return

    def cheapest(self, places: Iterable[Place]) -> set[Place]:
        """Of those that are still shown the one whose loss is least, with all its equals."""
        shown = {place for place in places if place not in self.kept and place not in self.bounded}
        least = min(map(self._loss, shown), default=None)
        return {place for place in shown if self._loss(place) == least}

    def _loss(self, place: Place) -> tuple[int, int, int]:
        """Margins last; what hides nothing later than what does; then those with more stories later."""
        cell, layout = self.grid.cells[place], self.grid.layout
        margins = (place[0] == layout.height) + (place[1] == layout.width and layout.width > 0)
        kind = 4 if cell.count == 0 else 2 * margins + (cell.hidden == 0)
        return (kind, cell.count, cell.hidden)

    def bounds(self) -> dict[Place, Bound]:
        """Within what each cell that is kept back can be bounded by whoever knows all that left."""
        certain = self.audits[0]
        solver = certain.solver(self.kept)
        found = {}
        for place in sorted(self.kept):
            low, high = solver.bounds(certain.sums[place])
            public = self.grid.cells[place].public
            found[place] = Bound(low + public, None if high is None else high + public)
        return found


class _Audit:
    """What somebody knows, and which cells they can bound too closely. Ranges only widen: what is safe stays safe."""

    def __init__(self, work: _Work, months: Sequence[Sequence[Left]], system: System, *, assumes: bool = False) -> None:
        self.work, self.system, self.assumes = work, system, assumes
        last = len(months) - 1
        self.sums: dict[Place, Ints] = {
            place: system.sum_of(last, work.grid.layout.where(place)) for place in work.grid.cells
        }
        self.theirs: list[Ints] = []  # what was kept back of tables that left
        for number, tables in enumerate(months):
            for table in tables:
                for place, cell in table.shown().items():
                    system.learn(number, table.layout.where(place), cell.hidden)
                for place in table.kept_back():
                    self.theirs.append(system.sum_of(number, table.layout.where(place)))
        self.safe: set[Place] = set()
        self.theirs_left = list(range(len(self.theirs)))
        self.needed = self._needed()

    def solver(self, kept: Collection[Place]) -> Solver:
        cells = self.work.grid.cells
        return self.system.solver(
            (self.sums[place], float(cells[place].hidden)) for place in cells if place not in kept
        )

    def _needed(self) -> list[float]:
        """How wide the ranges of what left before have to stay: as wide as they should be, or as they were."""
        if not self.theirs:
            return []
        low, high = self.system.solver().ranges(self.theirs, self.work.enough)
        return [min(float(self.work.enough), width) for width in high - low]

    def narrow_before(self) -> set[Place]:
        """The cells that what left before bounds too closely, whatever is kept back now."""
        if not self.system.known:
            return set()
        cells, places = self.work.grid.cells, list(self.sums)
        truth = np.array([float(cells[place].hidden) for place in places])
        enough = self.work.enough - ALMOST
        low, high = self.system.solver().ranges(list(self.sums.values()), enough, truth)
        return {place for place, width in zip(places, high - low, strict=True) if width < enough}

    def failing(self, kept: Mapping[Place, Kept]) -> Failing | None:
        """The cells of this table, and those of others, that can be bounded too closely."""
        solver, cells = self.solver(kept), self.work.grid.cells
        # Whoever only assumes that nothing went learns nothing by what they assume of cells that are not small.
        asked = [one for one in sorted(kept) if one not in self.safe and (kept[one] is Kept.SMALL or not self.assumes)]
        enough = self.work.enough - ALMOST
        truth = np.array([float(cells[place].hidden) for place in asked])
        low, high = solver.ranges([self.sums[place] for place in asked], enough, truth)
        mine = [place for place, width in zip(asked, high - low, strict=True) if width < enough]
        self.safe |= set(asked) - set(mine)
        theirs = []
        if self.theirs_left:
            low, high = solver.ranges([self.theirs[number] for number in self.theirs_left], enough)
            widths = dict(zip(self.theirs_left, high - low, strict=True))
            theirs = [number for number, width in widths.items() if width < self.needed[number] - ALMOST]
            self.theirs_left = theirs
        return (mine, theirs) if mine or theirs else None

    def beside(self, failing: Failing) -> set[Place]:
        """What is hidden next: for each cell the cheapest in its lines and above it, else the cheapest there is."""
        mine, theirs = failing
        more: set[Place] = set()
        for place in mine:
            found = self.work.cheapest(self._near(place))
            more |= found or self.work.cheapest(self.sums)
        for number in theirs:
            unknowns = self.theirs[number]
            touching = [place for place, some in self.sums.items() if np.isin(some, unknowns).any()]
            more |= self.work.cheapest(touching) or self.work.cheapest(self.sums)
        return more

    def _near(self, place: Place) -> set[Place]:
        """The cells of its lines, and those by which it is bounded: its margins, the themes above and below."""
        layout, (row, column) = self.work.grid.layout, place
        near = {one for line in self.work.lines_of[place] for one in line} | {place}
        for axis, is_row in ((layout.rows, True), (layout.columns, False)):
            here = row if is_row else column
            if axis.facet != THEME:
                continue
            for other in range(len(axis.groups) + 1):
                is_over = other == len(axis.groups) or here == len(axis.groups)
                if is_over or axis.groups[here] < axis.groups[other] or axis.groups[other] < axis.groups[here]:
                    near.add((other, column) if is_row else (row, other))
        return near - {place}


def _linked(before: Sequence[Left]) -> list[Left]:
    """The tables of the last month before from which any left."""
    last = max((one.month for one in before), default="")
    return [one for one in before if one.month == last]


@dataclass(frozen=True)
class Audited:
    """One cell that was kept back of a table that left, and within what it can be bounded."""

    table: int
    place: Place
    bound: Bound

    @property
    def is_determined(self) -> bool:
        return self.bound.low == self.bound.high


def audit(left: Sequence[Left]) -> list[Audited]:
    """Solve for every cell that was kept back of all tables of one month, from nothing but what left and is public."""
    if not left:
        return []
    system = System([Month([one.layout for one in left])])
    for table in left:
        for place, cell in table.shown().items():
            system.learn(0, table.layout.where(place), cell.hidden)
    solver, found = system.solver(), []
    for number, table in enumerate(left):
        for place in sorted(table.kept_back()):
            low, high = solver.bounds(system.sum_of(0, table.layout.where(place)))
            public = table.public[place][0]
            found.append(Audited(number, place, Bound(low + public, None if high is None else high + public)))
    return found
