"""How far coders agree: the figures of published examples, and an honest None where there is no figure."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storyhub.text.agreement import Agreement, agreement, alpha, compare, kappa, overlap, strength

X = None
# Krippendorff (2011), "Computing Krippendorff's Alpha-Reliability", example C: four observers, twelve units, gaps.
OBSERVERS: list[list[float | None]] = [
    [1, 2, 3, 3, 2, 1, 4, 1, 2, X, X, X],
    [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, X, 3],
    [X, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, X],
    [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, X],
]
# The same paper, example A: two observers, ten units, two values.
MEG = [0, 1, 0, 0, 0, 0, 0, 0, 1, 0]
OWEN = [1, 1, 1, 0, 0, 1, 0, 0, 0, 0]
# Cohen (1960), "A Coefficient of Agreement for Nominal Scales", table 1: proportions of 200 judgements.
COHEN: list[list[float]] = [[0.25, 0.13, 0.12], [0.12, 0.02, 0.16], [0.03, 0.15, 0.02]]


def test_alpha_is_that_of_krippendorffs_own_examples() -> None:
    assert alpha(OBSERVERS) == pytest.approx(0.743, abs=0.0005)
    assert alpha([MEG, OWEN]) == pytest.approx(0.095, abs=0.0005)


def test_kappa_is_that_of_cohens_own_example() -> None:
    judged = [(a, b) for a, row in enumerate(COHEN) for b, share in enumerate(row) for _ in range(round(share * 200))]
    assert len(judged) == 200
    by_hand = (0.29 - (0.5 * 0.4 + 0.3 * 0.3 + 0.2 * 0.3)) / (1 - (0.5 * 0.4 + 0.3 * 0.3 + 0.2 * 0.3))
    assert kappa([a for a, _ in judged], [b for _, b in judged]) == pytest.approx(by_hand)


def test_where_all_is_the_same_nothing_is_measured_and_that_is_said() -> None:
    for value in (0, 1):
        found = agreement([[value] * 5, [value] * 5], "work")
        assert (found.n, found.alike, found.kappa, found.alpha, found.why) == (5, 1.0, None, None, "all-the-same")


def test_where_no_story_was_coded_by_two_there_is_nothing_to_compare() -> None:
    found = agreement([[1, 0, X, X], [X, X, 1, 0]])
    assert (found.n, found.alike, found.kappa, found.alpha, found.why) == (0, None, None, None, "nothing-shared")
    assert agreement([[1, 0], [X, X]]).why == "nothing-shared"
    assert agreement([[], []]).n == 0


def test_one_who_never_gives_a_theme_agrees_as_often_as_chance() -> None:
    found = agreement([[0, 0, 0, 0], [1, 0, 1, 0]])
    assert (found.alike, found.kappa, found.given) == (0.5, 0.0, (0, 2))


def test_of_three_people_kappa_is_the_mean_of_the_pairs() -> None:
    rows: list[list[int | None]] = [[1, 0, 1, 0, 1], [1, 0, 1, 0, 0], [1, 1, 1, 0, X]]
    one, two, three = kappa(rows[0], rows[1]), kappa(rows[0][:4], rows[2][:4]), kappa(rows[1][:4], rows[2][:4])
    assert one is not None and two is not None and three is not None
    found = agreement(rows)
    assert found.kappa == pytest.approx((one + two + three) / 3)
    assert (found.n, found.alpha) == (5, alpha(rows))


def test_themes_are_compared_one_by_one_and_together() -> None:
    found = compare(
        {
            "A": {"1": {"work", "home"}, "2": {"home"}, "3": [], "4": {"work"}, "5": []},
            "B": {"1": {"work"}, "2": {"home"}, "3": [], "4": {"work"}, "6": []},
        }
    )
    assert (found.shared, found.alone, found.same_sets, found.differing) == (["1", "2", "3", "4"], 2, 3, ["1"])
    home, work = found.themes
    assert (home.theme, work.theme) == ("home", "work")
    assert (work.kappa, work.alpha, work.alike) == (1.0, 1.0, 1.0)
    assert (home.kappa, home.alike, home.given) == (pytest.approx(0.5), 0.75, (2, 1))
    assert (found.all.n, found.all.alike) == (8, 0.875)


def test_a_theme_that_could_be_given_and_never_was_is_told_as_such() -> None:
    (found,) = compare({"A": {"1": []}, "B": {"1": []}}, ["work"]).themes
    assert found == Agreement("work", 1, 1.0, None, None, (0, 0), "all-the-same")
    assert compare({"A": {}, "B": {"1": ["work"]}}).all.why == "nothing-shared"


def test_nobody_is_compared_with_nobody() -> None:
    with pytest.raises(ValueError, match="nobody to compare"):
        compare({"A": {"1": ["work"]}})


DECISIONS = st.lists(st.tuples(*[st.sampled_from([0, 1, None])] * 3), min_size=1, max_size=12)


@given(DECISIONS)
def test_values_stay_within_their_bounds_whoever_is_named_first(units: list[tuple[int | None, ...]]) -> None:
    rows = [list(row) for row in zip(*units, strict=True)]
    found, turned = agreement(rows), agreement(rows[::-1])
    assert (found.n, found.why) == (turned.n, turned.why)
    for one, other in ((found.kappa, turned.kappa), (found.alpha, turned.alpha), (found.alike, turned.alike)):
        assert (one is None) == (other is None)
        if one is not None:
            assert one == pytest.approx(other)
            assert -1 <= one <= 1
    assert (found.alpha is None) == (found.why is not None)
    if found.alike == 1 and found.why is None:
        assert (found.kappa, found.alpha) in [(1.0, 1.0), (None, 1.0)]


@pytest.mark.parametrize(
    ("value", "said"),
    [(None, None), (-0.1, "less-than-chance"), (0.0, "weak"), (0.66, "weak"), (0.7, "tentative"), (0.8, "firm")],
)
def test_values_have_plain_words(value: float | None, said: str | None) -> None:
    assert strength(value) == said


def test_passages_overlap_by_their_characters() -> None:
    assert overlap([([(0, 10)], [(0, 10)])]) == 1
    assert overlap([([(0, 10)], [(10, 20)])]) == 0
    assert overlap([]) is None
