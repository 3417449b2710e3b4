"""Where two themes meet: two circles as large as the themes, which overlap as far as their stories do."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from math import acos, pi, sqrt

from storyhub.drawing.link import Link

WIDTH, HEIGHT = 64, 40
LARGEST, SMALLEST = 15.5, 7.5  # two of the largest side by side are not wider than the picture
HALVINGS = 24  # of the distance between the circles, until it is right


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


@dataclass(frozen=True)
class Pair:
    """Two themes with all their stories, and those that tell of both."""

    one: Link
    other: Link
    both: int
    circles: Circles


@lru_cache(maxsize=1_024)
def circles(one: int, other: int, both: int, most: int) -> Circles:
    """The circles of two themes with these counts; `most` is the count that the largest circle stands for.

    Areas are to each other as the counts, but none is too small to be seen; of the smaller circle that part is covered
    which stands for the stories that tell of both.
    """
    radius, other_radius = (
        max(SMALLEST, LARGEST * sqrt(min(1, count / most))) if most else SMALLEST for count in (one, other)
    )
    share = min(1.0, both / max(1, min(one, other)))
    apart = _apart(radius, other_radius, share)
    left, right = min(-radius, apart - other_radius), max(radius, apart + other_radius)
    start = (WIDTH - left - right) / 2
    return Circles(round(start, 1), round(radius, 1), round(start + apart, 1), round(other_radius, 1))


def covered(one: float, other: float, apart: float) -> float:
    """The area in which two circles lie over each other (Weisstein, "Circle-Circle Intersection", MathWorld)."""
    if apart >= one + other:
        return 0.0
    if apart <= abs(one - other):
        return pi * min(one, other) ** 2
    return (
        one**2 * _angle((apart**2 + one**2 - other**2) / (2 * apart * one))
        + other**2 * _angle((apart**2 + other**2 - one**2) / (2 * apart * other))
        - sqrt(max(0, (one + other - apart) * (apart + one - other) * (apart + other - one) * (apart + one + other)))
        / 2
    )


def _angle(cosine: float) -> float:
    return acos(max(-1.0, min(1.0, cosine)))


def _apart(one: float, other: float, share: float) -> float:
    """How far apart the centres are when this share of the smaller circle is covered."""
    wanted = share * pi * min(one, other) ** 2
    near, far = abs(one - other), one + other
    for _ in range(HALVINGS):
        between = (near + far) / 2
        near, far = (between, far) if covered(one, other, between) > wanted else (near, between)
    return far
