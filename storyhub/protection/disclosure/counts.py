"""What a count is called, and a table of counts: rows and columns over the facets of stories, with margins.

A count is named by what its stories have in common: a facet and a set of values each, such as theme {a} and country
{IN, KE}. The same name in two tables of one month is the same number.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

THEME = "theme"  # a story has several: counts by theme overlap, and do not add up
NOT_SAID = "-"
ALL_OTHERS = "~"  # the values of a month that no public story and fewer than k others have: not even named

Group = frozenset[str]
Place = tuple[int, int]  # row and column of a table
Where = tuple[tuple[str, Group], ...]  # by facet, in the order of their names


class NotNested(ValueError):
    """Two groups of themes overlap, and neither holds the other: no bounds are known for such counts."""


def where_of(facets: Mapping[str, Iterable[str]]) -> Where:
    return tuple(sorted((facet, frozenset(values)) for facet, values in facets.items()))


def without(where: Where, facet: str) -> Where:
    return tuple(one for one in where if one[0] != facet)


@dataclass(frozen=True)
class Cell:
    """How many stories there are; how many of them are public; of how many a reader sees just these facts."""

    count: int
    public: int
    shown: int

    @property
    def hidden(self) -> int:
        """Those that are not public: the part in which somebody could be found."""
        return self.count - self.public

    @property
    def unseen(self) -> int:
        """Those, and the public ones whose contributors chose not to show one of these facts."""
        return self.count - self.shown

    def __add__(self, other: Cell) -> Cell:
        return Cell(self.count + other.count, self.public + other.public, self.shown + other.shown)


NONE = Cell(0, 0, 0)


@dataclass(frozen=True)
class Told:
    """The most that the public report can ever tell of the stories in a month's tables that are not public.

    How many they are in all, and how many of them came since the last month of which tables left (None: not known).
    It tells neither as exactly as this; but whoever is told all this can't be told more.
    """

    hidden: int
    came: int | None = None


@dataclass(frozen=True)
class Axis:
    """The rows or the columns of a table: groups of a facet's values. Of themes they overlap, of all others never."""

    facet: str
    groups: tuple[Group, ...]

    @property
    def adds_up(self) -> bool:
        return self.facet != THEME


NO_AXIS = Axis("", ())


@dataclass(frozen=True)
class Layout:
    """What a table's rows and columns are, and what all of its stories have in common.

    Places are (row, column); the last row and the last column are the margins. Without columns there is only
    that margin.
    """

    rows: Axis
    columns: Axis = NO_AXIS
    filters: Where = ()

    @property
    def height(self) -> int:
        return len(self.rows.groups)

    @property
    def width(self) -> int:
        return len(self.columns.groups)

    @property
    def axes(self) -> tuple[Axis, ...]:
        return tuple(axis for axis in (self.rows, self.columns) if axis.facet)

    def where(self, place: Place) -> Where:
        row, column = place
        facets = dict(self.filters)
        if row < self.height:
            facets[self.rows.facet] = self.rows.groups[row]
        if column < self.width:
            facets[self.columns.facet] = self.columns.groups[column]
        return where_of(facets)

    def places(self) -> list[Place]:
        return [(row, column) for row in range(self.height + 1) for column in range(self.width + 1)]

    def inner(self) -> list[Place]:
        """The cells that are no margin; of a table without columns its only column."""
        return [(row, column) for row in range(self.height) for column in range(max(1, self.width))]

    def lines(self) -> list[list[Place]]:
        """Rows and columns that add up: all their cells, and last the margin that is the sum of the others."""
        found = []
        if self.columns.facet and self.columns.adds_up:
            found += [[(row, column) for column in range(self.width + 1)] for row in range(self.height + 1)]
        if self.rows.adds_up:
            found += [[(row, column) for row in range(self.height + 1)] for column in range(self.width + 1)]
        return found


@dataclass(frozen=True)
class Grid:
    """A table before it leaves, with all its counts."""

    layout: Layout
    cells: Mapping[Place, Cell]


@dataclass(frozen=True)
class Left:
    """A table as it left. What is kept back is no longer known; what was public then everybody could count.

    `hidden`: how many stories of its month were not public in all, if that is known. The public report may tell it.
    """

    month: str
    layout: Layout
    counts: Mapping[Place, int | None]
    public: Mapping[Place, tuple[int, int]]  # of each count, how many were public, and how many with just these facts
    hidden: int | None = None

    def kept_back(self) -> list[Place]:
        return [place for place, count in self.counts.items() if count is None]

    def shown(self) -> dict[Place, Cell]:
        known = ((place, count, *self.public[place]) for place, count in self.counts.items() if count is not None)
        return {place: Cell(count, public, shown) for place, count, public, shown in known}
