"""Of many vectors the nearest are found without comparing all."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storyhub.text import nearness


def spread(count, seed=0):
    """Vectors around twenty directions, as stories lie around what happens often."""
    chance = np.random.RandomState(seed)
    middles = chance.standard_normal((20, nearness.DIMENSIONS))
    rows = middles[chance.randint(0, 20, count)] + 0.6 * chance.standard_normal((count, nearness.DIMENSIONS))
    return np.round(127 * rows / np.linalg.norm(rows, axis=1)[:, None]).astype(np.int8)


def test_nearest_gives_what_comparing_one_by_one_gives():
    rows = spread(300)
    places, near = nearness.nearest(rows[:9], rows, 5)
    for query, found, scores in zip(rows[:9].astype(float), places, near, strict=True):
        one_by_one = [query @ row / np.linalg.norm(query) / np.linalg.norm(row) for row in rows.astype(float)]
        assert sorted(one_by_one, reverse=True)[:5] == pytest.approx(list(scores), abs=1e-5)
        assert [one_by_one[place] for place in found] == pytest.approx(list(scores), abs=1e-5)


def test_equally_near_ones_come_in_their_order():
    rows = np.tile(spread(1), (4, 1))
    assert nearness.nearest(rows[:1], rows, 4)[0].tolist() == [[0, 1, 2, 3]]


def test_the_same_vectors_and_seed_give_the_same_cells():
    rows = spread(500)
    assert np.array_equal(nearness.cells(rows, 12, seed=3), nearness.cells(rows, 12, seed=3))
    assert not np.array_equal(nearness.cells(rows, 12, seed=3), nearness.cells(rows, 12, seed=4))


def test_few_cells_hold_nearly_all_of_the_nearest():
    rows = spread(2_000)
    centres = nearness.cells(rows, 20)
    home = nearness.nearest_cells(rows, centres, 1)[:, 0]
    searched = nearness.nearest_cells(rows[:100], centres, 3)
    true = nearness.nearest(rows[:100], rows, 10)[0]
    found = [home[place] in searched[query] for query, places in enumerate(true) for place in places]
    assert np.mean(found) > 0.9


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 30), st.integers(1, 12), st.integers(0, 5))
def test_there_are_never_more_centres_than_asked_for_or_than_distinct_vectors(count, wanted, empty):
    rows = np.vstack([spread(count), np.zeros((empty, nearness.DIMENSIONS), np.int8)])
    centres = nearness.cells(rows, wanted)
    assert len(centres) == min(wanted, len(np.unique(spread(count), axis=0)))
    assert np.linalg.norm(centres, axis=1) == pytest.approx(np.ones(len(centres)), abs=1e-4)
    if len(centres):
        assert nearness.nearest_cells(rows, centres, 99).shape == (len(rows), len(centres))
