"""Themes that stories have together: the commonest sets of themes, each judged as one, and what that says of a theme.

Method: label powerset (Tsoumakas and Katakis, "Multi-label classification: an overview", 2007), kept to sets that many
stories have, so that a large codebook costs no more; all others are "another set". Pure functions of arrays.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["LEAST_COVERED", "MOST_SETS", "Together", "common_sets", "log_shares", "log_sums", "places_of"]

Floats = NDArray[np.floating]
Marks = NDArray[np.bool_]

MOST_SETS = 24
FEWEST_OF_SET = 20  # stories that have just these themes
LEAST_COVERED = 0.9  # of all stories; else "another set" would have to stand for too much
NEVER = 1e-4


def common_sets(given: Marks, known: Marks) -> Marks:
    """The commonest sets, (sets + 1, themes), the last row for all others; no rows where they don't cover enough.

    A story of which a theme is not `known` has a set that nobody knows. The set without any theme has to be among
    them: sets of stories that all have themes would find one in every story.
    """
    found, counts = np.unique(given[known.all(axis=1)], axis=0, return_counts=True)
    often = np.argsort(-counts, kind="stable")[:MOST_SETS]
    often = often[counts[often] >= FEWEST_OF_SET]
    all_have_themes = found[often].any(axis=1).all()
    covered = counts[often].sum() >= LEAST_COVERED * len(given)
    if given.shape[1] < 2 or len(often) < 3 or all_have_themes or not covered:
        return np.zeros((0, given.shape[1]), bool)
    return np.vstack([found[often], np.zeros((1, given.shape[1]), bool)])


def places_of(given: Marks, sets: Marks) -> NDArray[np.int64]:
    """Which of the sets each story has, (n,)."""
    same = (given[:, None, :] == sets[None, :-1, :]).all(axis=2)
    return np.where(same.any(axis=1), same.argmax(axis=1), len(sets) - 1)


def log_shares(odds: Floats) -> Floats:
    """Odds of each set as logarithms of shares that make one, (n, sets)."""
    most = odds.max(axis=1, keepdims=True)
    found: Floats = odds - most - np.log(np.exp(odds - most).sum(axis=1, keepdims=True))
    return np.log(np.exp(found) + NEVER)


def log_sums(shares: Floats, sets: Marks) -> Floats:
    """The odds of each theme, (n, themes): all sets that hold it, by their shares."""
    held = np.clip(np.exp(shares) @ sets, NEVER, 1 - NEVER)
    found: Floats = np.log(held / (1 - held))
    return found


@dataclass(frozen=True)
class Together:
    """How sure each theme is, once themes by themselves and sets are weighed against one another."""

    sets: Marks  # (sets, themes), the last for all others
    weights: Floats  # (themes + sets, sets)
    bias: Floats  # (sets,)

    def sure(self, odds: Floats, shares: Floats) -> Floats:
        """(n, themes), 0 to 1, from each theme's odds and the sets' logarithms of shares."""
        each = np.exp(log_shares(np.hstack([odds, shares]) @ self.weights + self.bias))
        # Of another set nothing more is known than what its themes look like by themselves.
        alone = 1 / (1 + np.exp(-np.clip(odds, -30, 30)))
        found: Floats = np.clip(each @ self.sets + each[:, -1:] * alone, 0, 1)
        return found
