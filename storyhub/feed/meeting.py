"""Where two themes meet: two circles as large as the themes, which overlap as far as their stories do."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

WIDTH, HEIGHT = 64, 40
LARGEST, SMALLEST = 18.0, 9.0


@dataclass(frozen=True)
class Circles:
    """Radii and centres for an SVG of WIDTH × HEIGHT."""

    one_at: float
    one: float
    other_at: float
    other: float
    middle: float = HEIGHT / 2
    width: int = WIDTH
    height: int = HEIGHT


@dataclass(frozen=True)
class Meeting:
    """Two themes that are often told together, and where the stories of both can be read."""

    first: str
    second: str
    url: str
    count: int
    circles: Circles


def circles(one: int, other: int, both: int, most: int) -> Circles:
    """The circles of two themes with these counts, beside the largest theme of all."""
    radius, other_radius = (max(SMALLEST, LARGEST * sqrt(count / most)) if most else SMALLEST for count in (one, other))
    share = min(1.0, both / max(1, min(one, other)))
    apart = (radius + other_radius) * (1 - 0.75 * share)
    start = (WIDTH - radius - apart - other_radius) / 2 + radius
    return Circles(round(start, 1), round(radius, 1), round(start + apart, 1), round(other_radius, 1))
