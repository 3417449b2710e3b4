"""What somebody can work out who keeps every table: the tables as equations, and the bounds that follow from them.

Unknown is how many stories that are not public have each combination of facts; everything public can be counted by
reading, and is taken off before. A single-valued facet is divided into the coarsest classes of which every named group
is a union. Of themes, which a story has several of, each named group is an unknown of its own in every combination, and
at most as large as the group that holds it, or as all: for groups that are nested or apart these bounds are all that
is known (any numbers within them can be stories). Method: linear programming bounds, Hundepool et al., Statistical
Disclosure Control, 2012, chapter 4; here over all linked tables at once.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations, product
from math import prod
from typing import Any

import numpy as np
from scipy import sparse
from scipy.optimize import linprog

from storyhub.protection.disclosure.counts import ALL_OTHERS, NOT_SAID, THEME, Group, Layout, NotNested, Where

MOST_JOINED = 8_000  # combinations that tables of different facets are looked at by together; beyond, by their margins
MOST_UNKNOWNS = 60_000
ROUNDS = 40  # of looking for many widths at once, at most, before each is looked for by itself
OUT_OF_TIME = 1  # how HiGHS ended: what it found by then may be no bound at all

Ints = np.ndarray[Any, np.dtype[np.int64]]
Sum = Ints | tuple[Ints, Ints]  # some unknowns together, or these less those
Floats = np.ndarray[Any, np.dtype[np.float64]]


class TooLarge(ValueError):
    """The tables that left in this month, and this one, are more than can be looked at together."""


class TooLong(TooLarge):
    """To solve it takes longer than whoever asked can wait."""


class Contradiction(ValueError):
    """No numbers fit what left: something that was assumed is not so."""


@dataclass
class Month:
    """The layouts of one month, and what they name."""

    layouts: list[Layout]
    listed: dict[str, set[str]] = field(default_factory=dict)  # values by facet that this month names
    covered: dict[str, Group] = field(default_factory=dict)  # by facet: outside of these there is no story
    nodes: list[Group] = field(default_factory=list)  # groups of themes

    def __post_init__(self) -> None:
        themes: set[Group] = set()
        for layout in self.layouts:
            for facet, group in self._named(layout):
                self.listed.setdefault(facet, set()).update(group - {ALL_OTHERS})
                if facet == THEME:
                    themes.add(group)
            for axis in layout.axes:
                if axis.adds_up:
                    self.covered[axis.facet] = frozenset().union(*axis.groups)
        self.nodes = sorted(themes, key=lambda group: (len(group), sorted(group)))
        for one, other in combinations(self.nodes, 2):
            if one & other and not one < other:
                raise NotNested

    @staticmethod
    def _named(layout: Layout) -> list[tuple[str, Group]]:
        return [*layout.filters, *((axis.facet, group) for axis in layout.axes for group in axis.groups)]

    def groups(self, facet: str) -> set[Group]:
        return {group for layout in self.layouts for one, group in self._named(layout) if one == facet}

    def expanded(self, facet: str, group: Group, universe: set[str]) -> Group:
        """With all the values in place of “all others”: in another month that may mean others."""
        if ALL_OTHERS not in group:
            return group
        return group | (universe - self.listed.get(facet, set()) - {NOT_SAID})


def holding(group: Group, others: Iterable[Group]) -> Group | None:
    """The smallest of these that holds a group of themes: itself, or what it has become with more under it."""
    return min((one for one in others if group <= one), key=len, default=None)


@dataclass
class Block:
    """The combinations of some facets, as a range of unknowns in each month."""

    facets: tuple[str, ...]
    offsets: list[int] = field(default_factory=list)  # by month
    shapes: list[tuple[int, ...]] = field(default_factory=list)

    def unknowns(self, number: int) -> Ints:
        """Those of a month, as a block with an axis for each facet."""
        numbers: Ints = np.arange(prod(self.shapes[number]), dtype=np.int64).reshape(self.shapes[number])
        return numbers + self.offsets[number]

    def layer(self, number: int, theme: int) -> Ints:
        """Those of a month of one place on the axis of themes: 0 is of all stories."""
        unknowns = self.unknowns(number)
        layer: Ints = np.take(unknowns, theme, axis=self.facets.index(THEME)) if THEME in self.facets else unknowns
        return layer


class System:
    """Every count of some months as a sum of unknowns, and what holds of those whatever they are.

    `grows`: whoever looks also assumes that no story went from one month to the next. `came`: that so many came between
    them, and that nobody changed what they had told; `went`: that so many went, and that nothing was erased.
    """

    def __init__(
        self, months: Sequence[Month], *, grows: bool = False, came: int | None = None, went: int | None = None
    ) -> None:
        self.months = list(months)
        self.classes = {facet: self._classes_of(facet) for facet in self._facets() if facet != THEME}
        self.blocks = [Block(facets) for facets in self._blocks()]
        self.size = 0
        for block in self.blocks:
            for month in self.months:
                shape = tuple(
                    len(month.nodes) + 1 if facet == THEME else len(self.classes[facet]) for facet in block.facets
                )
                block.offsets.append(self.size)
                block.shapes.append(shape)
                self.size += prod(shape)
        moves = self._room_for_moves() if came is not None else {}
        if self.size > MOST_UNKNOWNS:
            raise TooLarge
        self._upper = np.full(self.size, np.inf)
        self._equal: list[tuple[Ints, Ints]] = []  # both sums are the same
        self._at_most: list[tuple[Ints, Ints]] = []  # the first sum is at most the second
        self._limits: list[tuple[Ints, float]] = []  # the sum is at most so many
        for block in self.blocks:
            for number in range(len(self.months)):
                self._nothing_beside(block, number)
                self._nest_themes(block, number)
            if grows:
                self._let_grow(block)
        for facets, (arriving, leaving) in moves.items():
            block = next(block for block in self.blocks if block.facets == facets)
            self._let_come(block, arriving, came or 0, nothing_erased=went is not None)
            if went is not None:
                self._let_go(block, leaving, went)
        self._link_blocks()
        self.known: list[tuple[Ints, float]] = []
        self.until: float | None = None  # on the monotonic clock; then solving raises TooLong

    # What the unknowns are.

    def _facets(self) -> set[str]:
        return {facet for month in self.months for layout in month.layouts for facet, _ in month._named(layout)}

    def _classes_of(self, facet: str) -> list[set[str]]:
        universe = {NOT_SAID, ALL_OTHERS}.union(*(month.listed.get(facet, set()) for month in self.months))
        groups = [
            month.expanded(facet, group, universe)
            for month in self.months
            for group in [*month.groups(facet), *([month.covered[facet]] if facet in month.covered else [])]
        ]
        by_membership: dict[tuple[bool, ...], set[str]] = {}
        for value in sorted(universe):
            by_membership.setdefault(tuple(value in group for group in groups), set()).add(value)
        self._universe = getattr(self, "_universe", {}) | {facet: universe}
        return list(by_membership.values())

    def _blocks(self) -> list[tuple[str, ...]]:
        """The facets of every table, joined with those of others where that makes few enough combinations."""
        layouts = [layout for month in self.months for layout in month.layouts]
        wanted = {frozenset([*dict(layout.filters), *(axis.facet for axis in layout.axes)]) for layout in layouts}
        found = [one for one in wanted if not any(one < other for other in wanted)]
        found.sort(key=lambda one: (self._combinations(one), sorted(one)))
        joined: list[frozenset[str]] = []
        for one in found:
            place = next((i for i, into in enumerate(joined) if self._combinations(into | one) <= MOST_JOINED), None)
            if place is None:
                joined.append(one)
            else:
                joined[place] |= one
        kept = [one for one in joined if not any(one < other for other in joined)]
        return [tuple(sorted(one)) for one in kept]

    def _combinations(self, facets: frozenset[str]) -> int:
        themes = max(len(month.nodes) for month in self.months) + 1
        return prod(themes if facet == THEME else len(self.classes[facet]) for facet in facets)

    def sum_of(self, number: int, where: Where) -> Ints:
        """The unknowns of a month of which a count is the sum."""
        named = {facet for facet, _ in where}
        block = next(block for block in self.blocks if named <= set(block.facets))
        return self._in_block(block, number, dict(where))

    def _in_block(self, block: Block, number: int, where: Mapping[str, Group]) -> Ints:
        month, chosen = self.months[number], []
        for facet in block.facets:
            if facet == THEME:
                chosen.append([month.nodes.index(where[facet]) + 1 if facet in where else 0])
            elif facet in where:
                group = month.expanded(facet, where[facet], self._universe[facet])
                chosen.append([place for place, one in enumerate(self.classes[facet]) if one <= group])
            else:
                chosen.append(list(range(len(self.classes[facet]))))
        numbers = np.arange(prod(block.shapes[number]), dtype=np.int64).reshape(block.shapes[number])
        picked: Ints = numbers[np.ix_(*chosen)].ravel() if chosen else numbers.ravel()
        return picked + block.offsets[number]

    # What holds of them.

    def _nothing_beside(self, block: Block, number: int) -> None:
        month = self.months[number]
        for facet, group in month.covered.items():
            if facet in block.facets:
                everywhere = month.expanded(facet, group, self._universe[facet])
                outside = [place for place, one in enumerate(self.classes[facet]) if not one <= everywhere]
                all_of_it = np.arange(prod(block.shapes[number])).reshape(block.shapes[number])
                beside = np.take(all_of_it, outside, axis=block.facets.index(facet)).ravel()
                self._upper[beside + block.offsets[number]] = 0

    def _nest_themes(self, block: Block, number: int) -> None:
        if THEME not in block.facets:
            return
        nodes, axis = self.months[number].nodes, block.facets.index(THEME)
        unknowns = np.arange(prod(block.shapes[number])).reshape(block.shapes[number]) + block.offsets[number]
        layers = [np.take(unknowns, place, axis=axis).ravel() for place in range(len(nodes) + 1)]
        for place, node in enumerate(nodes):
            above = next((other for other in range(place + 1, len(nodes)) if node < nodes[other]), None)
            holder = layers[0] if above is None else layers[above + 1]
            self._at_most += zip(layers[place + 1][:, None], holder[:, None], strict=True)
            parts = [other for other in range(place) if nodes[other] < node]
            parts = [one for one in parts if not any(nodes[one] < nodes[other] for other in parts)]
            if parts and frozenset().union(*(nodes[one] for one in parts)) == node:
                together = np.stack([layers[one + 1] for one in parts], axis=1)
                self._at_most += zip(layers[place + 1][:, None], together, strict=True)

    def _let_grow(self, block: Block) -> None:
        for earlier in range(len(self.months) - 1):
            before, after = self.months[earlier], self.months[earlier + 1]
            themes: list[tuple[Group | None, Group | None]] = [(None, None)]
            if THEME in block.facets:
                themes += [(node, holder) for node in before.nodes if (holder := holding(node, after.nodes))]
            for pair in themes:
                wheres: list[dict[str, Group]] = [{} if node is None else {THEME: node} for node in pair]
                both = (self._in_block(block, earlier + place, where)[:, None] for place, where in enumerate(wheres))
                self._at_most += zip(*both, strict=True)

    def _room_for_moves(self) -> dict[tuple[str, ...], tuple[Ints, Ints]]:
        """By block: how many of each combination of facts came between the two months, and how many went."""
        found = {}
        for block in self.blocks:
            number = block.layer(0, 0).size
            both = np.arange(2 * number, dtype=np.int64) + self.size
            found[block.facets] = (both[:number], both[number:])
            self.size += 2 * number
        return found

    def _let_come(self, block: Block, arriving: Ints, came: int, *, nothing_erased: bool) -> None:
        """Nothing grew by more than came of it; with a theme neither.

        Where a fact is not said that doesn't hold: stories whose words were erased are counted there and no longer
        elsewhere.
        """
        self._limits.append((arriving, float(came)))
        holds = np.ones(arriving.size, dtype=bool) if nothing_erased else self._is_said(block)
        pairs = [(block.layer(0, 0), block.layer(1, 0))]
        if THEME in block.facets:
            first, second = self.months[0].nodes, self.months[1].nodes
            for place, node in enumerate(second):
                held = holding(node, first)
                was = block.layer(0, first.index(held) + 1 if held else 0)
                pairs.append((was, block.layer(1, place + 1)))
        for was, now in pairs:
            both = np.stack([was.ravel(), arriving], axis=1)[holds]
            self._at_most += zip(now.ravel()[holds][:, None], both, strict=True)

    def _let_go(self, block: Block, leaving: Ints, went: int) -> None:
        """Nothing shrank by more than went of it; with a theme neither."""
        self._limits.append((leaving, float(went)))
        pairs = [(block.layer(0, 0), block.layer(1, 0))]
        if THEME in block.facets:
            first, second = self.months[0].nodes, self.months[1].nodes
            for place, node in enumerate(first):
                if held := holding(node, second):
                    pairs.append((block.layer(0, place + 1), block.layer(1, second.index(held) + 1)))
        for was, now in pairs:
            both = np.stack([now.ravel(), leaving], axis=1)
            self._at_most += zip(was.ravel()[:, None], both, strict=True)

    def _is_said(self, block: Block) -> np.ndarray[Any, np.dtype[np.bool_]]:
        """Of each combination of facts whether none of them is “not said”."""
        said = np.ones((1,) * 0, dtype=bool)
        for facet in block.facets:
            if facet != THEME:
                of_facet = np.array([NOT_SAID not in one for one in self.classes[facet]], dtype=bool)
                said = np.multiply.outer(said, of_facet)
        return said.ravel()

    def _link_blocks(self) -> None:
        """Two blocks count the same stories: by the facets that they share their counts are the same."""
        for one, other in combinations(self.blocks, 2):
            shared = [facet for facet in one.facets if facet in other.facets]
            for number, month in enumerate(self.months):
                choices: list[list[Any]] = [
                    [None, *month.nodes] if facet == THEME else list(range(len(self.classes[facet])))
                    for facet in shared
                ]
                for chosen in product(*choices):
                    both = [self._at(block, number, dict(zip(shared, chosen, strict=True))) for block in (one, other)]
                    self._equal.append((both[0], both[1]))

    def _at(self, block: Block, number: int, chosen: Mapping[str, Any]) -> Ints:
        month = self.months[number]
        unknowns = np.arange(prod(block.shapes[number])).reshape(block.shapes[number]) + block.offsets[number]
        index: list[Any] = []
        for facet in block.facets:
            if facet == THEME:
                node = chosen.get(facet)
                index.append(0 if node is None else month.nodes.index(node) + 1)
            else:
                index.append(chosen.get(facet, slice(None)))
        return np.atleast_1d(unknowns[tuple(index)]).ravel()

    def one_story(self) -> Iterator[Ints]:
        """All that a single story can be, in one month: the unknowns that it is counted in.

        By facts, and for each set of facts without a theme, or with one and those that hold it.
        """
        nodes = self.months[0].nodes
        holders = [[place + 1 for place, one in enumerate(nodes) if node <= one] for node in nodes]
        chains = [[0], *([0, *some] for some in holders)]
        for block in self.blocks:
            layers = [[block.layer(0, layer).ravel() for layer in chain] for chain in chains]
            for some in layers if THEME in block.facets else layers[:1]:
                yield from np.stack(some, axis=1)

    # What follows from them.

    def learn(self, number: int, where: Where, hidden: int) -> None:
        """A count left: so many of its stories were not public."""
        self.known.append((self.sum_of(number, where), float(hidden)))

    def solver(self, known: Iterable[tuple[Ints, float]] = ()) -> Solver:
        """The bounds that follow from all that left, and from these counts besides."""
        return Solver(self, [*self.known, *known])


class Solver:
    """Bounds of sums of unknowns, by linear programming."""

    def __init__(self, system: System, known: Sequence[tuple[Ints, float]]) -> None:
        self.size, self.until = system.size, system.until
        top = max((value for _, value in known), default=0.0)
        self.no_bound = 10 * top + 10_000  # stands for no upper bound
        self._bounds = np.stack([np.zeros(self.size), np.minimum(system._upper, self.no_bound)], axis=1)
        equal = [(one, other, 0.0) for one, other in system._equal]
        equal += [(some, np.empty(0, np.int64), value) for some, value in known]
        self._equal = self._matrix([(one, other) for one, other, _ in equal])
        self._values = np.array([value for *_, value in equal])
        self._told = {np.sort(some).tobytes(): value for some, value in known}
        self._none = system._upper == 0
        for some, value in known:
            self._none[some] |= value == 0
        nothing = np.empty(0, np.int64)
        self._at_most = self._matrix([*system._at_most, *((some, nothing) for some, _ in system._limits)])
        self._limits = np.array([0.0] * len(system._at_most) + [most for _, most in system._limits])

    def _matrix(self, rows: Sequence[tuple[Ints, Ints]]) -> sparse.csr_matrix | None:
        if not rows:
            return None
        lengths = [len(plus) + len(minus) for plus, minus in rows]
        columns = np.concatenate([part for row in rows for part in row])
        data = np.concatenate([part for plus, minus in rows for part in (np.ones(len(plus)), -np.ones(len(minus)))])
        starts = np.concatenate([[0], np.cumsum(lengths)])
        return sparse.csr_matrix((data, columns, starts), shape=(len(rows), self.size))

    def highest(self, weights: Floats) -> Floats:
        """Unknowns that fit, and for which the weighted sum is as large as it can be. Raises Contradiction, TooLong."""
        left = None if self.until is None else self.until - time.monotonic()
        if left is not None and left <= 0:
            raise TooLong
        found = linprog(
            -weights,
            A_ub=self._at_most,
            b_ub=None if self._at_most is None else self._limits,
            A_eq=self._equal,
            b_eq=None if self._equal is None else self._values,
            bounds=self._bounds,
            method="highs",
            options={} if left is None else {"time_limit": left},
        )
        if found.status == OUT_OF_TIME:
            raise TooLong
        if found.x is None:
            raise Contradiction
        values: Floats = found.x
        return values

    def is_possible(self) -> bool:
        try:
            self.highest(np.zeros(self.size))
        except Contradiction:
            return False
        return True

    def bounds(self, some: Ints) -> tuple[int, int | None]:
        """The smallest and the largest value of a sum; None for no upper bound."""
        weights = np.bincount(some, minlength=self.size).astype(float)
        low, high = self.highest(-weights)[some].sum(), self.highest(weights)[some].sum()
        return int(np.ceil(low - 1e-6)), None if high >= self.no_bound - 1 else int(np.floor(high + 1e-6))

    def ranges(self, sums: Sequence[Sum], enough: float | Floats, seen: Floats | None = None) -> tuple[Floats, Floats]:
        """How low and how high each sum was seen to go: as far as it can, or far enough that both lie `enough` apart.

        `enough`: for all of them, or for each. `seen`: values of the sums that are known to fit, such as the true ones.
        Many sums are moved at once by weights of chance (always the same): what they show is true of each, and only the
        rest is looked at one by one.
        """
        if not sums:
            return np.empty(0), np.empty(0)
        matrix, enough = self._sums(sums), np.broadcast_to(enough, len(sums))
        low = np.full(len(sums), np.inf) if seen is None else seen.astype(float).copy()
        high = np.full(len(sums), -np.inf) if seen is None else seen.astype(float).copy()
        certain = np.zeros(len(sums), dtype=bool)  # of these nothing has to be solved
        for number, one in enumerate(sums):
            if (value := self._value(one)) is not None:
                low[number], high[number], certain[number] = value, value, True
        chance = np.random.default_rng(1)
        for _ in range(ROUNDS if len(sums) > 2 else 0):
            narrow = (high - low < enough) & ~certain
            if not narrow.any():
                break
            weights = chance.uniform(0.5, 1.5, len(sums)) * chance.choice((-1, 1), len(sums)) * narrow
            for sign in (1, -1):
                self._look(matrix, sign * (matrix.T @ weights), low, high)
            if ((high - low < enough) & ~certain).sum() > 0.9 * narrow.sum():
                break
        for place in np.flatnonzero((high - low < enough) & ~certain):
            if high[place] - low[place] >= enough[place]:  # seen meanwhile
                continue
            own = np.asarray(matrix[[place]].todense()).ravel()
            self._look(matrix, own, low, high)
            if high[place] - low[place] < enough[place]:
                self._look(matrix, -own, low, high)
        return low, high

    def _value(self, some: Sum) -> float | None:
        """What a sum is, where that is told as it stands: it left itself, or nothing of it is there."""
        if isinstance(some, tuple):
            return None
        told = self._told.get(np.sort(some).tobytes())
        return 0.0 if told is None and self._none[some].all() else told

    def knowing(self, some: Ints) -> None:
        """From now on of each of these unknowns there is one at least."""
        self._bounds[:, 0] = 0
        self._bounds[some, 0] = 1

    def _sums(self, sums: Sequence[Sum]) -> sparse.csr_matrix:
        nothing = np.empty(0, np.int64)
        made = self._matrix([some if isinstance(some, tuple) else (some, nothing) for some in sums])
        assert made is not None  # noqa: S101 - there are sums
        return made

    def _look(self, matrix: sparse.csr_matrix, weights: Floats, low: Floats, high: Floats) -> None:
        values = matrix @ self.highest(weights)
        np.minimum(low, values, out=low)
        np.maximum(high, values, out=high)
