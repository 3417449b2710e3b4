"""Fields of words: those that mean something alike and are used alike (shop, shopkeeper, store), in several languages.

For what few tell, too few to be a part of what all tell (weighing.py): a story is in the group of a field when it holds
words of it. Two words are as near as what they mean (the sentence encoder's vectors, from which what is common to a
language is taken) and as how they stand together in stories (positive pointwise mutual information, its first
dimensions: Levy, Goldberg and Dagan, "Improving distributional similarity with lessons learned from word embeddings",
2015; rare pairs count less: Pantel and Lin, "Discovering word senses from text", 2002). Fields are what average linkage
joins (Sokal and Michener, 1958). One that is only a list of like words, which no story tells together more often than
chance would have it (likelihood ratio: Dunning, "Accurate methods for the statistics of surprise and coincidence",
1993), is left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from storyhub.text.discovering.weighing import SAMPLE, Floats, unit, weights_of

__all__ = ["LEAST_IN_FIELD", "candidates", "fields_of", "near_to"]

Columns = NDArray[np.int64]

MOST_WORDS = 4_000  # of all languages together: every two of them are compared
SHARE_OF_MEANING = 0.7  # the rest is how they are used
DIMENSIONS = 100  # of how words are used
NEAREST = 0.35  # of 1: how near the words of a field are to each other, on average
FEWEST_WORDS = 3
SURE = 5.0  # half the likelihood ratio: chance gives as much once in 600 times
MOST_FIELDS = 60  # those that stand together most surely
LEAST_IN_FIELD = 0.14  # how much of a story its words are: one of some fifty that weigh alike


def candidates(rows: Any, languages: int) -> Columns:
    """Columns of the words that may be in a field, of one language of so many. `rows`: scipy (stories, words)."""
    seen = np.bincount(rows.indices, minlength=rows.shape[1])
    there = np.flatnonzero(seen)
    most = np.argsort(-seen[there], kind="stable")[: MOST_WORDS // languages]
    found: Columns = np.sort(there[most])
    return found


def fields_of(parts: Sequence[tuple[Any, Columns, Floats]], seed: int) -> list[list[Columns]]:
    """For each field the columns of its words in each language, surest first.

    Of each language: rows (stories, words) in an order that is chance, its candidates, and what each of these means.
    """
    from scipy.cluster.hierarchy import fcluster, linkage
    from scipy.spatial.distance import squareform

    sizes = [len(columns) for _rows, columns, _meant in parts]
    if sum(sizes) < FEWEST_WORDS:
        return []
    held = [(rows[:SAMPLE] > 0).astype(np.float32).tocsc()[:, columns] for rows, columns, _meant in parts]
    meant = np.vstack([unit(meant - meant.mean(axis=0)) if len(meant) else meant for _rows, _columns, meant in parts])
    apart = 1 - SHARE_OF_MEANING * (meant @ meant.T)
    starts = np.cumsum([0, *sizes])
    for (start, end), there in zip(pairwise(starts), held, strict=True):
        used = _uses(there, seed)
        apart[start:end, start:end] -= (1 - SHARE_OF_MEANING) * (used @ used.T)
    apart = np.maximum((apart + apart.T) / 2, 0)
    np.fill_diagonal(apart, 0)
    joined = fcluster(linkage(squareform(apart, checks=False), "average"), 1 - NEAREST, "distance")
    found = []
    for number in range(1, int(joined.max()) + 1):
        places = np.flatnonzero(joined == number)
        if len(places) < FEWEST_WORDS:
            continue
        pieces = [places[(places >= start) & (places < end)] - start for start, end in pairwise(starts)]
        sure = _together([there[:, piece] for there, piece in zip(held, pieces, strict=True)])
        if sure >= SURE:
            found.append((-sure, [part[1][piece] for part, piece in zip(parts, pieces, strict=True)]))
    found.sort(key=lambda one: one[0])
    return [field for _sure, field in found[:MOST_FIELDS]]


def near_to(rows: Any, fields: Sequence[Columns]) -> Floats:
    """How much of each story the words of each field are, (stories, fields) from 0 to 1."""
    from scipy.sparse import csr_matrix

    columns = np.concatenate([*fields, np.empty(0, np.int64)]).astype(np.int64)
    numbers = np.repeat(np.arange(len(fields)), [len(field) for field in fields])
    of_field = csr_matrix((np.ones(len(columns), np.float32), (columns, numbers)), (rows.shape[1], len(fields)))
    weights = weights_of(rows)
    weights.data **= 2
    return np.sqrt(np.asarray((weights @ of_field).todense(), np.float32))


def _uses(there: Any, seed: int) -> Floats:
    """How each word is used, (words, n) of length 1, by the words that stand in the same stories; 0 if by chance."""
    from scipy.sparse import csr_matrix
    from sklearn.utils.extmath import randomized_svd

    seen = np.asarray(there.sum(axis=0), np.float64).ravel()
    pairs = (there.T @ there).tocoo()
    two = pairs.row != pairs.col
    one, other, both = pairs.row[two], pairs.col[two], pairs.data[two].astype(np.float64)
    mutual = np.maximum(np.log(both * there.shape[0] / (seen[one] * seen[other])), 0)
    rarer = np.minimum(seen[one], seen[other])
    mutual *= both / (both + 1) * rarer / (rarer + 1)
    used = csr_matrix((mutual, (one, other)), shape=pairs.shape)
    if not mutual.any():
        return np.zeros((len(seen), 1), np.float32)
    left, sizes, _right = randomized_svd(used, min(DIMENSIONS, len(seen)), random_state=seed)
    return unit((left * np.sqrt(sizes)).astype(np.float32))


def _together(pieces: Sequence[Any]) -> float:
    """How sure it is that stories hold two words of a field more often than chance would: half a likelihood ratio."""
    stories, chance = 0, 0.0
    for there in pieces:
        share = np.asarray(there.sum(axis=0), np.float64).ravel() / there.shape[0]
        share = np.minimum(share, 1 - 1e-9)  # a word may stand in every story
        none = float(np.prod(1 - share))
        stories += int(np.count_nonzero(np.asarray(there.sum(axis=1)).ravel() > 1))
        chance += there.shape[0] * (1 - none * (1 + float((share / (1 - share)).sum())))
    if stories <= chance or chance <= 0:
        return 0.0
    return stories * float(np.log(stories / chance)) - (stories - chance)
