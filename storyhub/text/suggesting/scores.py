"""How good suggestions are, from what was suggested and what people gave: the measures that papers report."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Score", "Tally", "score", "tally"]

Marks = NDArray[np.bool_]


@dataclass(frozen=True)
class Tally:
    """Of one theme: how often rightly suggested, wrongly suggested, missed, and rightly left alone."""

    right: int
    wrong: int
    missed: int
    left: int

    @property
    def precision(self) -> float:
        """Of what was suggested, the share that people gave as well; 0 where nothing was."""
        return _share(self.right, self.right + self.wrong)

    @property
    def recall(self) -> float:
        """Of what people gave, the share that was suggested."""
        return _share(self.right, self.right + self.missed)

    @property
    def f1(self) -> float:
        """The harmonic mean of both (van Rijsbergen, "Information Retrieval", 1979)."""
        return _share(2 * self.right, 2 * self.right + self.wrong + self.missed)

    @property
    def accuracy(self) -> float:
        return _share(self.right + self.left, self.right + self.wrong + self.missed + self.left)


@dataclass(frozen=True)
class Score:
    """Of all themes: `hamming` is one less the Hamming loss; `exact` the share of stories with every theme right."""

    themes: tuple[Tally, ...]
    hamming: float
    exact: float
    micro: float
    macro: float


def tally(suggested: Marks, given: Marks, known: Marks | None = None) -> Tally:
    """Of one theme over (n,) stories; those of `known` alone, where it is handed in."""
    if known is not None:
        suggested, given = suggested[known], given[known]
    counted = ((suggested & given), (suggested & ~given), (~suggested & given), ~(suggested | given))
    return Tally(*(int(np.count_nonzero(part)) for part in counted))


def score(suggested: Marks, given: Marks, known: Marks | None = None) -> Score:
    """Over (n, themes). A mark that is not `known` counts nowhere (Tsoumakas and Katakis, 2007, for the measures)."""
    known = np.ones_like(given) if known is None else known
    themes = tuple(tally(suggested[:, one], given[:, one], known[:, one]) for one in range(given.shape[1]))
    right, wrong, missed = (sum(getattr(one, name) for one in themes) for name in ("right", "wrong", "missed"))
    differs = (suggested != given) & known
    return Score(
        themes=themes,
        hamming=1 - _share(np.count_nonzero(differs), np.count_nonzero(known)),
        exact=_share(np.count_nonzero(~differs.any(axis=1)), len(given)),
        micro=_share(2 * right, 2 * right + wrong + missed),
        macro=float(np.mean([one.f1 for one in themes])) if themes else 0.0,
    )


def _share(part: Any, whole: Any) -> float:
    return float(part) / float(whole) if whole else 0.0
