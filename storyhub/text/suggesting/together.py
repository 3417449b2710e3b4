"""Themes that stories have together: the commonest sets of themes, each judged as one, and what that says of a theme.

Method: label powerset (Tsoumakas and Katakis, "Multi-label classification: an overview", 2007), kept to sets that many
stories have, so that a large codebook costs no more; all others are "another set". Pure functions of arrays.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["LEAST_COVERED", "MOST_SETS", "common_sets", "odds_of_themes", "places_of"]

Floats = NDArray[np.floating[Any]]
Marks = NDArray[np.bool_]

MOST_SETS = 24
FEWEST_OF_SET = 20  # stories that have just these themes
LEAST_COVERED = 0.9  # of all stories; else "another set" would have to stand for too much
NEVER = 1e-4  # no theme is surer than that by its sets, or they would outshout all other judges


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


def odds_of_themes(of_sets: Floats, sets: Marks) -> Floats:
    """The odds of each theme, (n, themes), from those of each set (n, sets): the share of all sets that hold it.

    Each set was judged by itself; a softmax lets their shares make one.
    """
    shares = np.exp(of_sets - of_sets.max(axis=1, keepdims=True))
    held = np.clip((shares / shares.sum(axis=1, keepdims=True)) @ sets, NEVER, 1 - NEVER)
    found: Floats = np.log(held / (1 - held))
    return found
