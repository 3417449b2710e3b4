"""A hint that a text is aimed at contributors: never about somebody who tells what was said to them."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storyhub.config import ROOT
from storyhub.text.hostility import BUCKETS, features, may_be_aimed_at_contributors, weight

TEXTS = ROOT / "tests" / "text"


@pytest.mark.parametrize("told", (TEXTS / "quoted_abuse.txt").read_text().splitlines())
def test_who_quotes_what_was_said_to_them_is_not_marked(told: str) -> None:
    assert not may_be_aimed_at_contributors(told, "en")


def test_no_testimony_of_our_own_is_marked() -> None:
    """The half that nothing was learned from."""
    lines = (TEXTS / "identifying_set" / "heldout.jsonl").read_text().splitlines()
    told = [one for one in map(json.loads, lines) if one["language"].startswith("en")]
    assert len(told) > 50
    assert not [one["id"] for one in told if may_be_aimed_at_contributors(one["text"], one["language"])]


@pytest.mark.parametrize(
    "post",
    [
        "Women like you are stupid whores and nobody wants to hear you whine.",
        "Feminists are ugly cunts who need to shut up.",
    ],
)
def test_plain_abuse_of_women_is_marked(post: str) -> None:
    assert may_be_aimed_at_contributors(post, "en")
    assert may_be_aimed_at_contributors(post.upper(), "en-GB")


@pytest.mark.parametrize("language", [None, "", "ar", "es", "hi"])
def test_of_languages_that_were_not_learned_it_says_nothing(language: str | None) -> None:
    assert not may_be_aimed_at_contributors("Women like you are stupid whores.", language)


@given(st.text(max_size=300))
def test_any_text_has_a_weight_and_bounded_features(text: str) -> None:
    assert -20 < weight(text) < 20
    found = features(text)
    assert all(0 <= bucket < BUCKETS for bucket in found)
    assert not found or abs(sum(value * value for value in found.values()) - 1) < 1e-9
