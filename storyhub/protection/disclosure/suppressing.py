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
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Any, NamedTuple

import numpy as np

from storyhub.config import LEAST_SMALL_CELL
from storyhub.protection.disclosure.counts import (
    ALL_OTHERS,
    THEME,
    Axis,
    Cell,
    Grid,
    Group,
    Layout,
    Left,
    NotNested,
    Place,
    Told,
    Where,
    without,
)
from storyhub.protection.disclosure.system import (
    Contradiction,
    Ints,
    Month,
    Solver,
    Sum,
    System,
    TooLarge,
)

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
    told: Told | None = None

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
        return Left(month, self.grid.layout, self.counts(), known, self.told.hidden if self.told else None)


def least_width(least: int) -> int:
    """How far apart the bounds of a cell that is kept back are at least: as far as all that is small."""
    return least - 1


def protect(
    grid: Grid,
    least: int,
    left: Sequence[Left] = (),
    month: str = "",
    *,
    told: Told | None = None,
    counted: Callable[[Where], Cell] | None = None,
    with_bounds: bool = False,
    until: float | None = None,
) -> Protected:
    """What is kept back of a table, when these tables left before, in this month and in others.

    `told`: what somebody may know from the public report. `counted`: any count of the month, also one that no table
    has; without it what follows by taking from each other two counts, one of which was kept back, is not looked at.

    `until`: when to give up, on the monotonic clock. Raises ValueError for a threshold that protects nobody, TooLarge
    (TooLong when that moment has come), NotNested, CannotBeProtected.
    """
    if least < LEAST_SMALL_CELL:
        raise ValueError(f"a threshold under {LEAST_SMALL_CELL} protects nobody")
    if len(grid.cells) > MOST_CELLS:
        raise TooLarge
    same = [one for one in left if one.month == month]
    before = [one for one in left if one.month != month]
    work = _Work(grid, least, same, before, told, counted, until)
    work.suppress()
    bounds = work.bounds() if with_bounds and len(work.kept) <= MOST_BOUNDED else {}
    return Protected(grid, work.kept, bounds, told)


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
    """What left of the same count in tables of other months: itself, or as a sum of what is in one table.

    A theme that has others under it since, or no longer, is the same theme.
    """
    where = layout.where(place)
    return [cell for table in before for cell in _sums_in(table, layout, where)]


def _sums_in(table: Left, layout: Layout, where: Where) -> Iterator[Cell]:
    wanted, filters = dict(where), dict(table.layout.filters)
    facets = [axis.facet for axis in table.layout.axes]
    if any(facet not in facets and not _is_same(facet, filters.get(facet), group) for facet, group in where):
        return
    if any(not _is_same(facet, wanted.get(facet), group) for facet, group in filters.items()):
        return
    rows, columns = (
        _lines_of(axis, margin, layout, wanted.get(axis.facet) if axis.facet else None, table)
        for axis, margin in ((table.layout.rows, table.layout.height), (table.layout.columns, table.layout.width))
    )
    for some_rows, some_columns in product(rows, columns):
        places = list(product(some_rows, some_columns))
        counts = [table.counts[place] for place in places]
        if None not in counts:
            cells = (Cell(count or 0, *table.public[place]) for place, count in zip(places, counts, strict=True))
            yield sum(cells, Cell(0, 0, 0))


def _is_same(facet: str, one: Group | None, other: Group | None) -> bool:
    if facet == THEME and one is not None and other is not None:
        return one <= other or other <= one
    return one == other


def _lines_of(axis: Axis, margin: int, layout: Layout, group: Group | None, table: Left) -> list[list[int]]:
    """The rows or columns of a table that make up a group: for themes by the group itself or by those nearest to it."""
    if group is None:
        return [[margin]]
    if axis.facet != THEME:
        parts = _groups_in(axis.groups, _meant(layout, axis.facet, group, table))
        return [] if parts is None else [parts]
    if group in axis.groups:
        return [[axis.groups.index(group)]]
    over = min((one for one in axis.groups if group < one), key=len, default=None)
    under = max((one for one in axis.groups if one < group), key=len, default=None)
    return [[axis.groups.index(one)] for one in (over, under) if one is not None]


def _meant(layout: Layout, facet: str, group: Group, table: Left) -> Group:
    """The same group in the words of another month, in which “all others” were others."""
    if ALL_OTHERS not in group:
        return group
    mine = frozenset().union(*(one for axis in layout.axes if axis.facet == facet for one in axis.groups))
    theirs = frozenset().union(*(one for axis in table.layout.axes if axis.facet == facet for one in axis.groups))
    return group | (theirs - mine) if not (mine - theirs) - group else frozenset(["?"])


def _groups_in(groups: Sequence[Group], wanted: Group) -> list[int] | None:
    """Which of the groups make up the wanted one; None where none do."""
    parts = [place for place, group in enumerate(groups) if group <= wanted]
    together: Group = frozenset().union(*(groups[place] for place in parts))
    return parts if parts and together == wanted else None


class Difference(NamedTuple):
    """Two counts, all stories of one of which are in the other: what is left is a count too, though no table has it."""

    wider: Where
    narrower: Where
    places: frozenset[Place]  # of the table that is being made


def differences(grid: Grid, same: Iterable[Left]) -> Iterator[Difference]:
    """Every two counts of a month that differ in one fact, at least one of them of this table.

    Not a margin and its own cells, where they add up to it: what is left then is a sum of cells.
    """
    layout = grid.layout
    own: dict[Where, Place] = {layout.where(place): place for place in grid.cells}
    others = {table.layout.where(place) for table in same for place in table.counts} - set(own)
    near: dict[tuple[str, Where], list[Where]] = defaultdict(list)  # by what they have in common but one fact
    facets = {facet for where in (*own, *others) for facet, _ in where}
    for where in (*own, *others):
        for facet in facets:
            near[facet, without(where, facet)].append(where)
    adds_up = {axis.facet for axis in layout.axes if axis.adds_up}
    for (facet, _), wheres in near.items():
        groups = [(dict(where).get(facet), where) for where in wheres]
        for (one, wider), (other, narrower) in product(groups, repeat=2):
            if other is None or (one is not None and not other < one) or not {wider, narrower} & set(own):
                continue
            if facet in adds_up and one is None and narrower in own:
                continue
            yield Difference(wider, narrower, frozenset(own[where] for where in (wider, narrower) if where in own))


def is_small_apart(wider: Cell, narrower: Cell, least: int) -> bool:
    """Whether what is left when one count is taken from the other holds few whom a reader can't count."""
    return any(is_small(part, least) for part in (wider.hidden - narrower.hidden, wider.unseen - narrower.unseen))


class _Work:
    """One table on its way to being protected."""

    def __init__(
        self,
        grid: Grid,
        least: int,
        same: Sequence[Left],
        before: Sequence[Left],
        told: Told | None,
        counted: Callable[[Where], Cell] | None,
        until: float | None,
    ) -> None:
        self.grid, self.least, self.enough = grid, least, least_width(least)
        self.until = until
        self.before, self.told = before, told
        self.kept: dict[Place, Kept] = {}
        self.bounded: set[Place] = set()  # what left before bounds these too closely: to hide them would hide nothing
        self.lines = grid.layout.lines()
        self.lines_of: dict[Place, list[list[Place]]] = {place: [] for place in grid.cells}
        for line in self.lines:
            for place in line:
                self.lines_of[place].append(line)
        layouts = [one.layout for one in same] + [grid.layout]
        self.audits = [_Audit(self, [same], System([Month(layouts)]), apart=self._small_apart(same, counted))]
        if told is not None:
            self.audits.append(_Audit(self, [same], System([Month(layouts)]), hidden=[told.hidden], assumes=True))
        if linked := _linked(before):
            self._add_growing(linked, same, layouts)

    def _small_apart(self, same: Sequence[Left], counted: Callable[[Where], Cell] | None) -> list[Difference]:
        """Two counts from which, taken from each other, somebody could be found."""
        layout = self.grid.layout
        cells = {table.layout.where(place): cell for table in same for place, cell in table.shown().items()}
        cells |= {layout.where(place): cell for place, cell in self.grid.cells.items()}
        found = []
        for one in differences(self.grid, same):
            if counted is not None:
                cells |= {where: counted(where) for where in (one.wider, one.narrower) if where not in cells}
            known = [cells[where] for where in (one.wider, one.narrower) if where in cells]
            if len(known) == 2 and is_small_apart(known[0], known[1], self.least):
                found.append(one)
        return found

    def _add_growing(self, linked: Sequence[Left], same: Sequence[Left], layouts: list[Layout]) -> None:
        """What follows for somebody who assumes how stories came and went since: the most that can be so at all.

        Either that as many came and went as the report may tell, and nothing else changed; or that none went.
        """
        months = [Month([one.layout for one in linked]), Month(layouts)]
        before, told = next((one.hidden for one in linked if one.hidden is not None), None), self.told
        hidden = [before, told.hidden if told else None]
        for one in _assumed(hidden, told.came if told else None):
            try:
                system = System(months, **one)
            except (TooLarge, NotNested):
                continue
            growing = _Audit(self, [linked, same], system, hidden=hidden, assumes=True)
            if growing.is_possible():
                self.audits.append(growing)
                return

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
            failing = audit.failing(self.kept) if self._tells(audit) else None
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

    def _tells(self, audit: _Audit) -> bool:
        """Whether there is anything in an audit that isn't in the first one."""
        everything = (self.grid.layout.height, self.grid.layout.width)
        return not audit.only_total or bool(self.grid.layout.filters) or everything in self.kept

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
                if len(kept) < 2 or sum(self.grid.cells[place].hidden for place in parts) < self.least:
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
    """What somebody knows, and which cells they can bound too closely. Ranges only widen: what is safe stays safe.

    `hidden`: how many stories are not public in all, by month. `apart`: counts that must not be told by taking two
    from each other. `assumes`: what is known or assumed besides what left bounds some cells already; then nothing
    may be bounded more closely than that.
    """

    def __init__(
        self,
        work: _Work,
        months: Sequence[Sequence[Left]],
        system: System,
        *,
        hidden: Sequence[int | None] = (),
        apart: Sequence[Difference] = (),
        assumes: bool = False,
    ) -> None:
        self.work, self.system, self.assumes = work, system, assumes
        system.until = work.until
        self.only_total = len(months) == 1 and bool(hidden)
        last = len(months) - 1
        self.sums: dict[Place, Ints] = {
            place: system.sum_of(last, work.grid.layout.where(place)) for place in work.grid.cells
        }
        self.theirs: list[Sum] = []  # what was kept back of tables that left, and what two counts tell together
        self.apart: dict[int, Collection[Place]] = {}  # of the latter the cells of this table, by their number
        for number, tables in enumerate(months):
            for table in tables:
                for place, cell in table.shown().items():
                    system.learn(number, table.layout.where(place), cell.hidden)
                for place in table.kept_back():
                    self.theirs.append(system.sum_of(number, table.layout.where(place)))
        for number, count in enumerate(hidden):
            if count is not None:
                system.learn(number, (), count)
        for one in apart:
            self.apart[len(self.theirs)] = one.places
            self.theirs.append((system.sum_of(last, one.wider), system.sum_of(last, one.narrower)))
        self.safe: set[Place] = set()
        self.theirs_left = list(range(len(self.theirs)))
        self._needed: list[float] | None = None
        self._wide_before: dict[Place, float] = {}

    def is_possible(self) -> bool:
        """Whether what is assumed fits the truth."""
        cells = self.work.grid.cells
        return self.system.solver((self.sums[place], float(cells[place].hidden)) for place in cells).is_possible()

    def solver(self, kept: Collection[Place]) -> Solver:
        cells = self.work.grid.cells
        return self.system.solver(
            (self.sums[place], float(cells[place].hidden)) for place in cells if place not in kept
        )

    def needed(self) -> list[float]:
        """How wide the ranges of what left before have to stay: as wide as they should be, or as they were."""
        if self._needed is None:
            low, high = self.system.solver().ranges(self.theirs, self.work.enough) if self.theirs else ((), ())
            self._needed = [min(float(self.work.enough), end - begin) for begin, end in zip(low, high, strict=True)]
        return self._needed

    def _needed_of(self, places: Sequence[Place]) -> list[float]:
        """The same of cells of this table: where something is assumed, as wide as they were before it."""
        enough = float(self.work.enough)
        if self.assumes and (new := [place for place in places if place not in self._wide_before]):
            truth = np.array([float(self.work.grid.cells[place].hidden) for place in new])
            low, high = self.system.solver().ranges([self.sums[place] for place in new], enough, truth)
            self._wide_before |= dict(zip(new, high - low, strict=True))
        return [min(enough, self._wide_before.get(place, enough)) for place in places]

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
        # Whoever only assumes how stories came and went learns nothing by that of cells that are not small.
        only_small = self.assumes and not self.only_total
        asked = [one for one in sorted(kept) if one not in self.safe and (kept[one] is Kept.SMALL or not only_small)]
        needed = np.array(self._needed_of(asked)) - ALMOST
        truth = np.array([float(cells[place].hidden) for place in asked])
        low, high = solver.ranges([self.sums[place] for place in asked], needed, truth)
        mine = [place for place, is_narrow in zip(asked, high - low < needed, strict=True) if is_narrow]
        self.safe |= set(asked) - set(mine)
        theirs: list[int] = []
        if self.theirs_left:
            needed = np.array([self.needed()[number] for number in self.theirs_left]) - ALMOST
            low, high = solver.ranges([self.theirs[number] for number in self.theirs_left], needed)
            theirs = [
                number for number, is_narrow in zip(self.theirs_left, high - low < needed, strict=True) if is_narrow
            ]
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
            more |= self.work.cheapest(self._touching(number)) or self.work.cheapest(self.sums)
        return more

    def _touching(self, number: int) -> Collection[Place]:
        """The cells of this table that bound one of theirs at once."""
        unknowns = self.theirs[number]
        if isinstance(unknowns, tuple):
            return self.apart[number]
        return [place for place, some in self.sums.items() if np.isin(some, unknowns).any()]

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


def _assumed(hidden: Sequence[int | None], came: int | None) -> list[dict[str, Any]]:
    """What somebody may assume of how one month became the next, the most telling first."""
    before, after = hidden
    found: list[dict[str, Any]] = []
    if before is not None and after is not None and came is not None:
        went = before + came - after
        found += [{"came": came, "went": went, "grows": went == 0}] if went >= 0 else []
        found += [{"came": came, "grows": went == 0}]
    return [*found, {"grows": True}]


def audit(left: Sequence[Left], before: Sequence[Left] = (), came: int | None = None) -> list[Audited]:
    """Solve for every cell that was kept back of all tables of one month, from nothing but what left and is public.

    With `before`, the tables of an earlier month, for somebody who assumes that as many came since as the report may
    tell, and that nothing else changed, as far as that fits what left; and who knows how many there are in all.
    """
    if not left:
        return []
    system, sums = _learned(left, before, came)
    solver, found = system.solver(), []
    for number, place, some in sums:
        low, high = solver.bounds(some)
        public = left[number].public[place][0]
        found.append(Audited(number, place, Bound(low + public, None if high is None else high + public)))
    return found


def audit_of_one(left: Sequence[Left], most: int = 5_000) -> list[Audited]:
    """The counts of one month that are determined for somebody who knows one story, whichever, and that it is counted.

    TooLarge when a story could be more than `most`.
    """
    if not left:
        return []
    system, sums = _learned(left)
    solver, found = system.solver(), {}
    own = list(system.one_story())
    if len(own) > most:
        raise TooLarge
    for story in own:
        solver.knowing(story)
        try:
            low, high = solver.ranges([some for *_, some in sums], 1 - ALMOST)
        except Contradiction:  # there is no such story
            continue
        for place in np.flatnonzero(high - low < 1 - ALMOST):
            number, where, _ = sums[place]
            only = round(low[place]) + left[number].public[where][0]
            found[number, where] = Audited(number, where, Bound(only, only))
    return list(found.values())


def _learned(
    left: Sequence[Left], before: Sequence[Left] = (), came: int | None = None
) -> tuple[System, list[tuple[int, Place, Ints]]]:
    """What somebody knows, and what was kept back of `left`."""
    months = [list(some) for some in (before, left) if some]
    hidden = [next((one.hidden for one in some if one.hidden is not None), None) for some in months]
    for one in _assumed(hidden, came) if before else [{}]:
        system = System([Month([table.layout for table in some]) for some in months], **one)
        for number, some in enumerate(months):
            for table in some:
                for place, cell in table.shown().items():
                    system.learn(number, table.layout.where(place), cell.hidden)
            if before and (count := hidden[number]) is not None:
                system.learn(number, (), count)
        if not before or system.solver().is_possible():
            break
    else:
        return _learned(left)
    last = len(months) - 1
    kept = [
        (number, place, system.sum_of(last, table.layout.where(place)))
        for number, table in enumerate(left)
        for place in sorted(table.kept_back())
        if not before or table.layout.where(place)  # of how many there are in all nothing is left to find then
    ]
    return system, kept
