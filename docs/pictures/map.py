"""Draws the outlines of the world map anew: `python docs/pictures/map.py FOLDER`, with the files of world-atlas 2.0.2.

`npm pack world-atlas@2.0.2` and unpack it: FOLDER holds countries-110m.json, -50m and -10m (Natural Earth 4.1, public
domain, as TopoJSON). It writes `storyhub/drawing/world.json` (outlines, places by country) and `static/img/world.svg`
(all land, without borders). Why they are so: docs/decisions/0018-map.md.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from itertools import pairwise
from math import asin, cos, radians, sin, sqrt
from pathlib import Path
from typing import Any

from babel.core import get_global

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from storyhub.text import countries  # noqa: E402

WIDTH = 1000
NORTHMOST, SOUTHMOST = 83.8, -57.5  # degrees: the tip of Greenland, a little below Cape Horn
FINEST = 0.9  # square units: a corner that changes less than this is left out
SMALLEST_ISLAND = 2.0  # square units
LEAST_SEEN = 16.0  # square units: a smaller country has a dot in place of an outline

Point = tuple[float, float]
Ring = list[Point]

# Drawn by Natural Earth without a number of its own: under the code by which people can name them here.
WITHOUT_NUMBER = {"Kosovo": "XK", "N. Cyprus": "CY", "Somaliland": "SO"}
# Parts that have a code of their own: (code of the drawing, code, from and to in degrees east, then north).
PARTS = (
    ("FR", "GF", (-60, -40), (0, 8)),
    ("NO", "SJ", (0, 40), (74, 84)),
)
# Degrees east and north of those that no file draws by themselves.
BY_HAND = {
    "BQ": (-68.3, 12.2),
    "BV": (3.4, -54.4),
    "CC": (96.9, -12.2),
    "CX": (105.6, -10.5),
    "GI": (-5.4, 36.1),
    "GP": (-61.5, 16.2),
    "MQ": (-61.0, 14.6),
    "RE": (55.5, -21.1),
    "TK": (-171.8, -9.2),
    "TV": (179.2, -8.5),
    "UM": (-160.0, -0.4),
    "YT": (45.2, -12.8),
    "AQ": (0.0, -90.0),  # not drawn: a dot at the lower edge
}


def equal_earth(longitude: float, latitude: float) -> Point:
    """Degrees as x (east) and y (north). Šavrič, Patterson and Jenny 2018, doi:10.1080/13658816.2018.1504949."""
    a1, a2, a3, a4, root = 1.340264, -0.081106, 0.000893, 0.003796, sqrt(3)
    angle = asin(root / 2 * sin(radians(latitude)))
    second, sixth = angle**2, angle**6
    spread = 3 * (9 * a4 * sixth * second + 7 * a3 * sixth + 3 * a2 * second + a1)
    return 2 * root * radians(longitude) * cos(angle) / spread, angle * (
        a4 * sixth * second + a3 * sixth + a2 * second + a1
    )


SCALE = WIDTH / (2 * equal_earth(180, 0)[0])
TOP = equal_earth(0, NORTHMOST)[1]
HEIGHT = round((TOP - equal_earth(0, SOUTHMOST)[1]) * SCALE)


def placed(longitude: float, latitude: float) -> Point:
    x, y = equal_earth(longitude, max(SOUTHMOST, min(NORTHMOST, latitude)))
    return WIDTH / 2 + x * SCALE, (TOP - y) * SCALE


def area(ring: Ring) -> float:
    pairs = zip(ring, [*ring[1:], ring[0]], strict=True)
    return abs(sum(one[0] * two[1] - two[0] * one[1] for one, two in pairs)) / 2


def middle(ring: Ring) -> Point:
    return sum(x for x, _ in ring) / len(ring), sum(y for _, y in ring) / len(ring)


def arcs_of(atlas: dict[str, Any]) -> list[Ring]:
    """The lines of a TopoJSON file in degrees."""
    (scale_x, scale_y), (move_x, move_y) = atlas["transform"]["scale"], atlas["transform"]["translate"]
    found = []
    for arc in atlas["arcs"]:
        x = y = 0
        points = []
        for step_x, step_y in arc:
            x, y = x + step_x, y + step_y
            points.append((x * scale_x + move_x, y * scale_y + move_y))
        found.append(points)
    return found


def unbroken(line: Ring) -> Ring:
    """Longitudes that go on beyond 180° where a line crosses the edge of the map, in place of jumping across it."""
    turned, found = 0, line[:1]
    for (before, _), (longitude, latitude) in pairwise(line):
        turned += 360 if longitude - before < -180 else -360 if longitude - before > 180 else 0
        found.append((longitude + turned, latitude))
    return found


def simpler(line: Ring) -> Ring:
    """Visvalingam and Whyatt 1993: corners go in the order of the triangle that they make. Both ends stay, so that what
    borders on each other still does."""
    line = list(line)
    seen = [placed(*point) for point in unbroken(line)]
    while len(line) > 3:
        sizes = [area(seen[i - 1 : i + 2]) for i in range(1, len(line) - 1)]
        if min(sizes) >= FINEST:
            break
        least = 1 + sizes.index(min(sizes))
        del line[least], seen[least]
    return line


def cut(ring: Ring) -> Iterable[Ring]:
    """A ring that goes beyond the map's edge as one ring on each side of it."""
    ring = unbroken(ring)
    for turned in (-360, 0, 360):
        piece = [(longitude + turned, latitude) for longitude, latitude in ring]
        for edge, inside in ((-180, 1), (180, -1)):
            piece = _on_one_side(piece, edge, inside)
        if len(piece) > 2:
            yield piece


def _on_one_side(ring: Ring, edge: float, inside: int) -> Ring:
    """Sutherland and Hodgman 1974, for one upright edge."""
    kept: Ring = []
    for (x, y), (next_x, next_y) in zip(ring, [*ring[1:], *ring[:1]], strict=True):
        if (x - edge) * inside >= 0:
            kept.append((x, y))
        if (x - edge) * (next_x - edge) < 0:
            kept.append((edge, y + (next_y - y) * (edge - x) / (next_x - x)))
    return kept


def code_of(shape: dict[str, Any]) -> str | None:
    if "id" in shape:
        replaced = get_global("territory_aliases").get(shape["id"])
        return replaced[0] if replaced else None
    return WITHOUT_NUMBER.get(shape["properties"]["name"])


def part_of(code: str, longitude: float, latitude: float) -> str:
    for whole, part, (west, east), (south, north) in PARTS:
        if code == whole and west < longitude < east and south < latitude < north:
            return part
    return code


def rings_of(shape: dict[str, Any], arcs: list[Ring]) -> Iterable[Ring]:
    polygons = shape["arcs"] if shape["type"] == "MultiPolygon" else [shape["arcs"]]
    for polygon in polygons:
        for ring in polygon:
            points: Ring = []
            for index in ring:
                arc = arcs[index] if index >= 0 else arcs[~index][::-1]
                points += arc if not points else arc[1:]
            yield points


def shapes(folder: Path, scale: str) -> dict[str, list[Ring]]:
    """The rings of each code as they are placed on the map."""
    atlas = json.loads((folder / f"countries-{scale}.json").read_text("utf-8"))
    arcs = arcs_of(atlas)
    if scale == "110m":
        arcs = [simpler(arc) for arc in arcs]
    found: dict[str, list[Ring]] = {}
    for shape in atlas["objects"]["countries"]["geometries"]:
        code = code_of(shape)
        if code is None or code == "AQ" or "arcs" not in shape:
            continue
        for whole in rings_of(shape, arcs):
            for ring in cut(whole):
                part = part_of(code, *middle(ring))
                found.setdefault(part, []).append([placed(*point) for point in ring])
    return found


def path_of(ring: Ring) -> str:
    """A ring in whole units, each corner as the step from the one before."""
    points = [(round(x), round(y)) for x, y in ring]
    kept = [point for before, point in zip([None, *points], points, strict=False) if point != before]
    if len(kept) > 1 and kept[0] == kept[-1]:
        kept.pop()
    if len(kept) < 3:
        return ""
    (x, y), steps = kept[0], ""
    for next_x, next_y in kept[1:]:
        for step in (next_x - x, next_y - y):
            steps += f"{step}" if step < 0 or not steps else f" {step}"
        x, y = next_x, next_y
    return f"M{kept[0][0]} {kept[0][1]}l{steps}z"


def main(folder: Path) -> None:
    drawn = shapes(folder, "110m")
    world: dict[str, dict[str, Any]] = {}
    land = []
    for code, rings in sorted(drawn.items()):
        large = [ring for ring in rings if area(ring) >= SMALLEST_ISLAND]
        path = "".join(path_of(ring) for ring in large)
        land.append(path)
        largest = max(rings, key=area)
        place = {"at": amid(largest), "span": max(spans(largest))}
        seen = sum(area(ring) for ring in large) >= LEAST_SEEN
        world[code] = place | ({"path": path} if seen else {})
    for scale in ("50m", "10m"):
        for code, rings in shapes(folder, scale).items():
            if code not in world and code not in BY_HAND:
                world[code] = {"at": amid(max(rings, key=area))}
    world |= {code: {"at": amid([placed(*place)])} for code, place in BY_HAND.items() if code not in world}
    world = {code: drawn for code, drawn in sorted(world.items()) if countries.is_country(code)}
    lines = ",\n".join(
        f"{json.dumps(code)}:{json.dumps(drawn, separators=(',', ':'))}" for code, drawn in world.items()
    )
    head = f'"width":{WIDTH},"height":{HEIGHT}'
    (ROOT / "storyhub/drawing/world.json").write_text(f'{{{head},"countries":{{\n{lines}\n}}}}\n')
    (ROOT / "static/img/world.svg").write_text(
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" viewBox="0 0 {WIDTH} {HEIGHT}">'
        f'<path fill="#8b7c7b" fill-opacity=".3" d="{"".join(land)}"/></svg>\n'
    )
    missing = sorted(set(countries.names("en")) - world.keys())
    outlined = sum("path" in one for one in world.values())
    sys.stdout.write(f"{len(world)} countries, {outlined} with an outline; without a place: {missing}\n")


def amid(ring: Ring) -> list[int]:
    """In whole units the middle of what a ring spans."""
    xs, ys = [x for x, _ in ring], [y for _, y in ring]
    return [round((min(xs) + max(xs)) / 2), round((min(ys) + max(ys)) / 2)]


def spans(ring: Ring) -> tuple[int, int]:
    """In whole units how wide and how high a ring is."""
    xs, ys = [x for x, _ in ring], [y for _, y in ring]
    return round(max(xs) - min(xs)), round(max(ys) - min(ys))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
