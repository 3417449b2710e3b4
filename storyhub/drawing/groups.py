"""Groups of stories as circles: the larger, the more stories; near each other, the more alike; none over another."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 900, 560
LARGEST, SMALLEST = 62.0, 22.0  # radius; the smallest still holds its number and a finger
APART = 5.0
TURNS = 400


@dataclass(frozen=True)
class Spot:
    """One group to be drawn: `across` and `down` from -1000 to 1000."""

    key: int
    count: int
    across: int
    down: int


@dataclass(frozen=True)
class Circle:
    key: int
    x: float
    y: float
    r: float


def circles(spots: Sequence[Spot]) -> list[Circle]:
    """A circle for each group, in their order: area by how many stories, pushed apart where they would overlap.

    The same spots give the same picture.
    """
    if not spots:
        return []
    most = max(spot.count for spot in spots) or 1
    largest = min(LARGEST, math.sqrt(0.42 * WIDTH * HEIGHT / (math.pi * len(spots))))
    smallest = min(SMALLEST, largest)
    radius = [max(smallest, largest * math.sqrt(spot.count / most)) for spot in spots]
    places = [
        [
            WIDTH / 2 + (WIDTH / 2 - largest) * spot.across / 1000 + number * 0.01,
            HEIGHT / 2 + (HEIGHT / 2 - largest) * spot.down / 1000 + number * 0.007,
        ]
        for number, spot in enumerate(spots)
    ]
    for _turn in range(TURNS):
        if not _push(places, radius):
            break
    return [
        Circle(spot.key, round(x, 1), round(y, 1), round(r, 1))
        for spot, (x, y), r in zip(spots, places, radius, strict=True)
    ]


def _push(places: list[list[float]], radius: list[float]) -> bool:
    """Move every two that overlap apart by half of it each, within the picture. Whether anything moved."""
    moved = False
    for one in range(len(places)):
        for two in range(one + 1, len(places)):
            across, down = places[two][0] - places[one][0], places[two][1] - places[one][1]
            far = math.hypot(across, down) or 0.001
            short = radius[one] + radius[two] + APART - far
            if short > 0.05:
                moved = True
                for place, way in ((one, -1), (two, 1)):
                    places[place][0] += way * across / far * short / 2
                    places[place][1] += way * down / far * short / 2
    for spot, r in zip(places, radius, strict=True):
        spot[0] = min(max(spot[0], r + 1), WIDTH - r - 1)
        spot[1] = min(max(spot[1], r + 1), HEIGHT - r - 1)
    return moved
