"""Finding the nearest of many vectors without looking at all: cells, of which only the nearest few are searched.

Method: k-means cells as the coarse part of an inverted file (Jégou, Douze and Schmid, "Product quantization for nearest
neighbor search", 2011), begun by k-means++ (Arthur and Vassilvitskii, 2007), on unit vectors.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["cells", "nearest", "nearest_cells"]

Floats = NDArray[np.float32]

ROUNDS = 12
AT_ONCE = 1_024  # rows compared at a time, so that memory is bounded


def cells(vectors: NDArray[Any], count: int, seed: int = 0) -> Floats:
    """Centres, (count, dimensions), of length 1: the same for the same vectors, count and seed.

    Rows of zeros are left out. Fewer centres when there are fewer distinct vectors than `count`.
    """
    points = np.unique(vectors[np.any(vectors, axis=1)], axis=0)
    points = _unit(points.astype(np.float32))
    if len(points) <= count:
        return points
    chance = np.random.RandomState(seed)  # its stream is promised to stay the same in every version of numpy
    centres = points[_spread(points, count, chance)]
    for _round in range(ROUNDS):
        belongs = nearest_cells(points, centres, 1)[:, 0]
        centres = _middles(points, belongs, centres)
    return centres


def nearest_cells(vectors: NDArray[Any], centres: Floats, most: int) -> NDArray[np.int32]:
    """The places of the `most` nearest centres of each vector, best first: (n, min(most, centres))."""
    return nearest(vectors, centres, most)[0]


def nearest(queries: NDArray[Any], vectors: NDArray[Any], most: int) -> tuple[NDArray[np.int32], Floats]:
    """Places of the nearest vectors for each query and their nearness, -1 to 1, best first; equals in their order."""
    most = min(most, len(vectors))
    places = np.empty((len(queries), most), np.int32)
    nearness = np.empty((len(queries), most), np.float32)
    turned = _unit(vectors.astype(np.float32)).T
    for start in range(0, len(queries), AT_ONCE):
        part = _unit(queries[start : start + AT_ONCE].astype(np.float32)) @ turned
        best = _best(part, most)
        places[start : start + AT_ONCE] = best
        nearness[start : start + AT_ONCE] = np.take_along_axis(part, best, axis=1)
    return places, nearness


def _best(nearness: Floats, most: int) -> NDArray[np.int64]:
    """Places of the largest numbers of each row, largest first, equals in their order."""
    if most == 1:
        return np.argmax(nearness, axis=1)[:, None]
    if most < nearness.shape[1]:
        found = np.sort(np.argpartition(-nearness, most - 1, axis=1)[:, :most], axis=1)
    else:
        found = np.tile(np.arange(most), (len(nearness), 1))
    order = np.argsort(-np.take_along_axis(nearness, found, axis=1), axis=1, kind="stable")
    return np.take_along_axis(found, order, axis=1)


def _spread(points: Floats, count: int, chance: np.random.RandomState) -> NDArray[np.int64]:
    """Places of points to begin with, each drawn by how far it is from those drawn before."""
    drawn = [int(chance.randint(len(points)))]
    far = 1 - points @ points[drawn[0]]
    while len(drawn) < count:
        reach = np.cumsum(np.maximum(far, 0), dtype=np.float64)
        at = min(int(np.searchsorted(reach, chance.random_sample() * reach[-1], side="right")), len(points) - 1)
        drawn.append(at)
        far = np.minimum(far, 1 - points @ points[at])
    return np.array(drawn)


def _middles(points: Floats, belongs: NDArray[np.int32], centres: Floats) -> Floats:
    """The middle of the points of each cell; a cell that lost all of its points stays where it was."""
    order = np.argsort(belongs, kind="stable")
    full, begins = np.unique(belongs[order], return_index=True)
    middles = centres.copy()
    middles[full] = np.add.reduceat(points[order], begins, axis=0)
    return _unit(middles)


def _unit(rows: Floats) -> Floats:
    lengths = np.sqrt(np.einsum("ij,ij->i", rows, rows))
    return (rows / np.where(lengths > 0, lengths, 1)[:, None]).astype(np.float32, copy=False)
