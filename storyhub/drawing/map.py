"""The map of the world: where people tell of, in a few quiet steps of colour.

Outlines and places come from Natural Earth by docs/pictures/map.py, in units of one picture of all the world; which
country is drawn how is in docs/decisions/0018-map.md.
"""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from storyhub.drawing.link import Link

STEPS = (1, 10, 100, 1_000)  # stories from which on a country has the next colour
CLOSEST = 250  # units across: nearer than this the outlines are rough
AROUND = 4  # times a country's own breadth are shown around it


@dataclass(frozen=True)
class Outline:
    """Where a country is, and its shape as an SVG path; a small one has only a dot, which is a path of no length."""

    x: int
    y: int
    span: int
    path: str

    @property
    def dot(self) -> str:
        return f"M{self.x} {self.y}h0"


@dataclass(frozen=True)
class World:
    width: int
    height: int
    countries: Mapping[str, Outline]

    @property
    def view(self) -> str:
        """All of it, with room for the dots at its edges."""
        return f"-10 -10 {self.width + 20} {self.height + 20}"


@dataclass(frozen=True)
class Place:
    """One country as the map and its table show it. `path` is empty where nobody has drawn it: it has its row then."""

    name: str
    url: str
    count: int
    words: str
    step: int
    path: str
    is_dot: bool


@dataclass(frozen=True)
class Around:
    """One country in its part of the world: what the picture shows, and the country in it."""

    view: str
    path: str
    is_dot: bool


@cache
def world() -> World:
    drawn = json.loads(Path(__file__).with_name("world.json").read_text("utf-8"))
    outlines = {}
    for code, one in drawn["countries"].items():
        x, y = one["at"]
        outlines[code] = Outline(x, y, one.get("span", 0), one.get("path", ""))
    return World(drawn["width"], drawn["height"], outlines)


def step(count: int) -> int:
    """Which of the colours stands for so many stories, from 1 on; 0 for none."""
    return bisect_right(STEPS, count)


def place(code: str, link: Link, words: str) -> Place:
    """`words` say the number where the country is pointed at or read aloud."""
    outline = world().countries.get(code)
    path = (outline.path or outline.dot) if outline else ""
    count = link.count or 0
    return Place(link.name, link.url, count, words, step(count), path, is_dot=bool(outline and not outline.path))


def dots(counts: Mapping[str, int]) -> list[tuple[int, str]]:
    """A dot for each country, as one path for each step of colour that there is, from the faintest."""
    found: dict[int, list[str]] = {}
    for code, count in sorted(counts.items()):
        if count and (outline := world().countries.get(code)):
            found.setdefault(step(count), []).append(outline.dot)
    return [(number, "".join(paths)) for number, paths in sorted(found.items())]


@cache
def around(code: str) -> Around | None:
    """The part of the world in which a country is; None for one that has no place on the map."""
    outline = world().countries.get(code)
    if outline is None:
        return None
    width = min(world().width, max(CLOSEST, AROUND * outline.span))
    height = world().height * width // world().width
    left = min(max(0, outline.x - width // 2), world().width - width)
    top = min(max(0, outline.y - height // 2), world().height - height)
    return Around(f"{left} {top} {width} {height}", outline.path or outline.dot, is_dot=not outline.path)
