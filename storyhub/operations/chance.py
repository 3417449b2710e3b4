"""Chance that draws the same everywhere: on every machine and with every Python, for the same seed."""

from __future__ import annotations

import random
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from itertools import accumulate, pairwise
from typing import TypeVar

T = TypeVar("T")
Spread = Sequence[Sequence[float]]


def summed(shares: Iterable[float]) -> list[float]:
    """Shares, each with all those before it added: what `Chance.place` draws from."""
    return list(accumulate(shares))


class Chance:
    """Draws from random() alone, since Python promises of no other of its draws that they stay the same."""

    def __init__(self, seed: str) -> None:
        self.draw = random.Random(seed).random  # noqa: S311 - nothing here is secret

    def whether(self, share: float) -> bool:
        return self.draw() < share

    def below(self, end: int) -> int:
        return int(self.draw() * end)

    def one_of(self, some: Sequence[T]) -> T:
        return some[int(self.draw() * len(some))]

    def place(self, sums: Sequence[float]) -> int:
        """Which of the shares that were `summed` it falls to."""
        return bisect_right(sums, self.draw() * sums[-1])

    def first_more_often(self, some: Sequence[T]) -> T:
        """One of them: the second half as often as the first, the third a third as often…"""
        return some[self.place(summed(1 / (place + 1) for place in range(len(some))))]

    def along(self, spread: Spread) -> int:
        """A number spread as [share of all, what these stay below] says, straight between one line and the next."""
        drawn = self.draw()
        for (before, low), (share, high) in pairwise(spread):
            if drawn < share:
                return int(low + (high - low) * (drawn - before) / (share - before))
        return int(spread[-1][1])
