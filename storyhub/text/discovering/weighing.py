"""Groups of stories by what they say: how much each story has of each group, and how many groups there are.

Methods. By words: non-negative matrix factorisation (Lee and Seung, "Learning the parts of objects by non-negative
matrix factorization", Nature 401, 1999) of TF-IDF, begun by NNDSVD (Boutsidis and Gallopoulos, 2008). By meaning,
across languages: k-means on the sentence encoder's vectors. The number of groups is the most stable one: learned from
either half of the stories, it puts all of them together most alike (Lange et al., "Stability-based validation of
clustering solutions", 2004; Greene, O'Callaghan and Cunningham, "How many topics? Stability analysis for topic
models", 2014), measured by adjusted mutual information (Vinh, Epps and Bailey, 2010), which chance makes no better for
more groups.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["SMALLEST", "Weighed", "by_meaning", "by_words", "candidates", "held", "unit"]

Floats = NDArray[np.float32]

SMALLEST = 10  # different stories: fewer are no group
SAMPLE = 10_000  # different stories that groups are learned from; all others are then put into them
LEAST_SHARE = 0.2  # of what a story tells has to be of a group, for the story to be in it
LEAST = 0.14  # how near to a group it has to be, of 1: less is chance
LEAST_MEANT = 0.35  # the same between meanings, of which any two are nearer to each other
BROAD, FINE = (6, 8, 12, 16, 20, 25, 30), (40, 60)
STORIES_FOR_GROUP = 25  # at least so many for each, on average
ROUNDS = 80
AT_ONCE = 10_000  # stories that are put into groups in one step


@dataclass(frozen=True)
class Weighed:
    """How near each story is to each group, (stories, groups) from 0 to 1; how stable they are, at most 1."""

    near: Floats
    stability: float


def candidates(stories: int, *, fine: bool) -> list[int]:
    """The numbers of groups to be tried for so many stories."""
    most = max(2, stories // STORIES_FOR_GROUP)
    wanted = [number for number in (FINE if fine else BROAD) if number <= most]
    return wanted or ([most] if fine else list(range(2, most + 1)))


def held(near: Floats, least: float = LEAST) -> NDArray[np.bool_]:
    """Which stories are in which groups, (stories, groups): near enough, and much of what the story tells."""
    total = near.sum(axis=1, keepdims=True)
    found: NDArray[np.bool_] = (near >= least) & (near >= LEAST_SHARE * total)
    return found


def by_words(counted: Any, seed: int, *, fine: bool) -> Generator[None, None, Weighed]:
    """Weigh stories by their words; `counted`: scipy rows (stories, words) of how often. Yields between steps.

    The rows have to be in an order that is chance: the first of them are what is learned from.
    """
    rows = weights_of(counted, power=2.0 if fine else 1.0)
    learn = partial(_learned_words, seed=seed)
    number, stability = yield from _most_stable(rows[:SAMPLE], learn, candidates(rows.shape[0], fine=fine))
    weigh = learn(rows[:SAMPLE], number)
    yield
    near = []
    for start in range(0, rows.shape[0], AT_ONCE):
        near.append(weigh(rows[start : start + AT_ONCE]))
        yield
    return Weighed(np.vstack(near), stability)


def by_meaning(meant: Floats, seed: int) -> Generator[None, None, Weighed]:
    """Weigh stories by what they mean, (stories, n) of length 1, in an order that is chance. Yields between steps."""
    apart = unit(meant - meant[:SAMPLE].mean(axis=0))
    learn = partial(_learned_meanings, seed=seed)
    number, stability = yield from _most_stable(apart[:SAMPLE], learn, candidates(len(apart), fine=False))
    near = learn(apart[:SAMPLE], number)(apart)
    return Weighed(near * (near >= near.max(axis=1, keepdims=True)), stability)  # a meaning has no parts


Weigh = Callable[[Any], Floats]


def _most_stable(
    rows: Any, learn: Callable[[Any, int], Weigh], numbers: Sequence[int]
) -> Generator[None, None, tuple[int, float]]:
    from sklearn.metrics import adjusted_mutual_info_score

    found: dict[int, float] = {}
    for number in numbers:
        placed = []
        for half in (rows[::2], rows[1::2]):
            placed.append(learn(half, number)(rows).argmax(axis=1))
            yield
        found[number] = float(adjusted_mutual_info_score(*placed))
    number = max(found, key=lambda one: (found[one], -one))
    return number, found[number]


def _learned_words(rows: Any, number: int, seed: int) -> Weigh:
    from sklearn.decomposition import NMF

    model = NMF(number, init="nndsvd", random_state=seed, max_iter=ROUNDS, tol=1e-3)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # more rounds change hardly a story's group
        model.fit(rows)
    length = np.sqrt((model.components_**2).sum(axis=1))

    def weigh(others: Any) -> Floats:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return (model.transform(others) * length).astype(np.float32)

    return weigh


def _learned_meanings(rows: Any, number: int, seed: int) -> Weigh:
    from sklearn.cluster import KMeans

    centres = unit(KMeans(number, random_state=seed, n_init=1).fit(rows).cluster_centers_)
    return lambda others: np.maximum(others @ centres.T, 0).astype(np.float32)


def weights_of(counted: Any, power: float = 1.0) -> Any:
    """TF-IDF with damped counts, rows of length 1; a higher `power` lets rare words weigh more."""
    from sklearn.preprocessing import normalize

    rows = counted.copy().astype(np.float32)
    rows.data = 1 + np.log(rows.data)
    seen = np.bincount(rows.indices, minlength=rows.shape[1])
    rare = np.log((1 + rows.shape[0]) / (1 + seen)) + 1
    rows.data *= (rare[rows.indices] ** power).astype(np.float32)
    return normalize(rows)


def unit(rows: Floats) -> Floats:
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return (rows / np.where(lengths > 0, lengths, 1)).astype(np.float32)
