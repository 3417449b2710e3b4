"""How themes join: a line between two for the stories that tell of both, drawn for wide pages and for narrow ones.

The wide picture has the themes in two columns, as on a lens, with the lines between them; the narrow one is a list
with arcs beside it. Names stay level and readable in both, in the order of the alphabet: none ranks above another.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from math import sqrt
from unicodedata import east_asian_width

MOST_THEMES = 60  # in the pictures; all of them stand in the list below
MOST_LINES = 60
LEAST_LINES = 12
MOST_ROWS = 200  # of the table
THINNEST, THICKEST = 1.5, 8.0
LONGEST_NAME = 24  # letters that fit beside the picture


@dataclass(frozen=True)
class Theme:
    """A theme as the pictures need it; those handed in are in the order in which they shall stand."""

    id: int
    slug: str
    name: str


@dataclass(frozen=True)
class Join:
    """A row of the table: in how many stories two themes stand together, and where those can be read."""

    first: Theme
    second: Theme
    count: int
    url: str


@dataclass(frozen=True)
class Spot:
    """Where a theme stands, and where beside it the name, which may be cut, begins or ends."""

    theme: Theme
    url: str
    name: str
    x: float
    y: float
    name_at: float
    ends_there: bool


@dataclass(frozen=True)
class Line:
    join: Join
    path: str
    width: float


@dataclass(frozen=True)
class Drawing:
    width: int
    height: int
    spots: list[Spot]
    lines: list[Line]


@dataclass(frozen=True)
class Joined:
    """The picture in its two forms, and its table. `all` counts the pairs there are, drawn and in the table or not."""

    wide: Drawing
    narrow: Drawing
    rows: list[Join]
    all: int
    left_out: int


def joined(
    themes: Sequence[Theme],
    pairs: Iterable[tuple[int, int, int]],
    address: Callable[[list[str]], str],
    *,
    mirrored: bool,
) -> Joined | None:
    """The picture of these themes and pairs of their ids with how many stories. None when nothing joins.

    `address` tells where the stories of one slug or of two are; `mirrored` is for languages that run from right to
    left. Where there is no room for all, those stay that share most.
    """
    order = {theme.id: number for number, theme in enumerate(themes)}
    strongest = _strongest(order, pairs)
    joins = [
        Join(themes[one], themes[other], count, address(sorted((themes[one].slug, themes[other].slug))))
        for count, one, other in strongest[:MOST_ROWS]  # what is drawn is in the table too
    ]
    if not joins:
        return None
    shown = _with_room(themes, strongest)
    there = {theme.id for theme in shown}
    lines = [join for join in joins if join.first.id in there and join.second.id in there]
    lines = lines[: max(LEAST_LINES, min(MOST_LINES, 2 * len(shown)))]
    placed = [(theme, address([theme.slug])) for theme in shown]
    return Joined(
        wide=_lens(placed, lines, mirrored),
        narrow=_arcs(placed, lines, mirrored),
        rows=sorted(joins, key=lambda join: (order[join.first.id], order[join.second.id])),
        all=len(strongest),
        left_out=len(themes) - len(shown),
    )


def _strongest(order: dict[int, int], pairs: Iterable[tuple[int, int, int]]) -> list[tuple[int, int, int]]:
    """How many stories and the places of both themes in their order, from the pair that shares most."""
    known = []
    for one, other, count in pairs:
        if count > 0 and one in order and other in order:
            first, second = sorted((order[one], order[other]))
            known.append((count, first, second))
    return sorted(known, key=lambda pair: (-pair[0], pair[1:]))


def shortened(name: str, most: int = LONGEST_NAME) -> str:
    """A name that fits beside the picture; signs of East Asian scripts take the room of two."""
    room = 0
    for number, sign in enumerate(name):
        room += 2 if east_asian_width(sign) in "WF" else 1
        if room > most:
            return name[: max(1, number - 1)].rstrip() + "…"
    return name


def _with_room(themes: Sequence[Theme], strongest: list[tuple[int, int, int]]) -> list[Theme]:
    if len(themes) <= MOST_THEMES:
        return list(themes)
    wanted: dict[int, None] = {}
    for _, one, other in strongest:
        wanted |= {one: None, other: None}
        if len(wanted) >= MOST_THEMES:
            break
    return [themes[number] for number in sorted(list(wanted)[:MOST_THEMES])]


def _width(join: Join, lines: list[Join]) -> float:
    return round(THINNEST + (THICKEST - THINNEST) * sqrt(join.count / lines[0].count), 1)


LENS_WIDTH, LENS_HEIGHT, LENS_EDGE = 760, 360, 24
LEAST_ROW, LARGEST_ROW = 30, 64
LENS_BULGE, LENS_ENDS = 150.0, 80.0  # how far from the middle themes stand, amid the height and at its ends
NAME_OFF = 13.0


def _lens(themes: list[tuple[Theme, str]], lines: list[Join], mirrored: bool) -> Drawing:
    rows = (len(themes) + 1) // 2
    room = max(LEAST_ROW, min(LARGEST_ROW, LENS_HEIGHT // rows))
    height = 2 * LENS_EDGE + (rows - 1) * room
    middle, centre = LENS_WIDTH / 2, height / 2
    spots = []
    for number, (theme, url) in enumerate(themes):
        row, side = number % rows, -1 if number < rows else 1
        y = LENS_EDGE + row * room
        off = LENS_ENDS + (LENS_BULGE - LENS_ENDS) * sqrt(max(0.0, 1 - ((y - centre) / centre) ** 2))
        towards = -side if mirrored else side
        x, name_at = middle + towards * off, middle + towards * (off + NAME_OFF)
        spots.append(Spot(theme, url, shortened(theme.name), round(x, 1), y, round(name_at, 1), ends_there=side < 0))
    return Drawing(LENS_WIDTH, height, spots, _curves(spots, lines, (middle, centre)))


def _curves(spots: list[Spot], lines: list[Join], centre: tuple[float, float]) -> list[Line]:
    """Lines that bend towards the centre, the more, the farther apart their ends are."""
    at = {spot.theme.id: spot for spot in spots}
    drawn = []
    for join in lines:
        one, other = at[join.first.id], at[join.second.id]
        bend = 0.4 + 0.5 * min(1.0, abs(one.y - other.y) / max(1.0, 2 * centre[1]))
        x = (one.x + other.x) / 2 * (1 - bend) + centre[0] * bend
        y = (one.y + other.y) / 2 * (1 - bend) + centre[1] * bend
        path = f"M{one.x:g} {one.y:g}Q{x:.1f} {y:.1f} {other.x:g} {other.y:g}"
        drawn.append(Line(join, path, _width(join, lines)))
    return drawn


ARCS_WIDTH, ARCS_ROW, ARCS_EDGE = 320, 36, 22
ARCS_ROOM = 92.0  # beside the names


def _arcs(themes: list[tuple[Theme, str]], lines: list[Join], mirrored: bool) -> Drawing:
    def placed(x: float) -> float:
        return ARCS_WIDTH - x if mirrored else x

    spots = []
    for number, (theme, url) in enumerate(themes):
        y, name_at = ARCS_EDGE + number * ARCS_ROW, placed(ARCS_ROOM + NAME_OFF)
        spots.append(Spot(theme, url, shortened(theme.name), placed(ARCS_ROOM), y, name_at, ends_there=False))
    at = {spot.theme.id: spot for spot in spots}
    longest = max(abs(at[join.first.id].y - at[join.second.id].y) for join in lines)
    drawn = []
    for join in lines:
        one, other = at[join.first.id], at[join.second.id]
        depth = (ARCS_ROOM - THICKEST / 2 - 1) * (0.15 + 0.85 * abs(one.y - other.y) / longest)
        x = placed(ARCS_ROOM - depth * 4 / 3)  # a curve goes three quarters of the way to such points
        path = f"M{one.x:g} {one.y:g}C{x:.1f} {one.y:g} {x:.1f} {other.y:g} {other.x:g} {other.y:g}"
        drawn.append(Line(join, path, _width(join, lines)))
    return Drawing(ARCS_WIDTH, 2 * ARCS_EDGE + (len(themes) - 1) * ARCS_ROW, spots, drawn)
