"""What changed between two texts: nothing is lost, little is marked, and no text takes long."""

from __future__ import annotations

import random
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storyhub.text.differences import Change, Pieces, differences

WORDS = st.lists(st.sampled_from(["he", "she", "said", "it", ",", "no", "😀", "مرة", "地", "\n\n"]), max_size=200)


def without(pieces: Pieces, left_out: Change) -> str:
    return "".join(words for change, words in pieces if change is not left_out)


def marked(pieces: Pieces, change: Change) -> list[str]:
    return [words.strip() for what, words in pieces if what is change]


@given(st.text(), st.text())
def test_both_texts_are_there_to_the_letter(before: str, after: str) -> None:
    pieces = differences(before, after)
    assert without(pieces, Change.ADDED) == before
    assert without(pieces, Change.REMOVED) == after


@given(WORDS, WORDS)
def test_both_texts_are_there_when_their_words_repeat(before: list[str], after: list[str]) -> None:
    old, new = " ".join(before), " ".join(after)
    pieces = differences(old, new)
    assert (without(pieces, Change.ADDED), without(pieces, Change.REMOVED)) == (old, new)


def test_what_is_the_same_is_one_piece() -> None:
    assert differences("The same words.", "The same words.") == [(Change.SAME, "The same words.")]
    assert differences("", "") == []


def test_only_what_changed_is_marked_in_a_long_text() -> None:
    words = random.Random(7).choices([f"word{number}" for number in range(400)], k=4000)
    before, changed = " ".join(words), list(words)
    changed[1000:1003] = ["something", "else"]
    changed[3000] = "other"
    changed[2000:2000] = ["put", "in"]
    pieces = differences(before, " ".join(changed))
    assert marked(pieces, Change.ADDED) == ["something else", "put in", "other"]
    assert sum(len(words.split()) for what, words in pieces if what is Change.REMOVED) == 4


@pytest.mark.parametrize(
    ("before", "after", "removed", "added"),
    [
        ("Don't ask.", "Don’t ask.", ["Don't"], ["Don’t"]),
        ("我在公交车上。", "我在火车上。", ["公交"], ["火"]),
        ("قالت لي سلمى ذلك.", "قالت لي ذلك.", ["سلمى"], []),
        ("one\n\ntwo", "one two", ["one"], ["one"]),
    ],
)
def test_words_of_any_script_are_told_apart(before: str, after: str, removed: list[str], added: list[str]) -> None:
    pieces = differences(before, after)
    assert (marked(pieces, Change.REMOVED), marked(pieces, Change.ADDED)) == (removed, added)


def unlike(length: int) -> tuple[str, str]:
    """Every other word the same, none twice: the slowest for a search for the longest stretch."""
    return (
        " ".join(f"w{i % 100} u{i}" for i in range(length // 2)),
        " ".join(f"w{i % 100} v{i}" for i in range(length // 2)),
    )


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a " * 10_000, "a " * 9_999 + "b "),
        ("a b " * 5_000, "b a a " * 3_000),
        unlike(4_000),
        (" ".join(f"w{i}" for i in range(4_000)), " ".join(f"w{i}" for i in reversed(range(4_000)))),
        ("地" * 20_000, "天地" * 10_000),
        ("." * 20_000, "," + "." * 19_999),
        (" ".join(f"w{i}" for i in range(30_000)), "w29999 " * 20_000),
    ],
    ids=["same word", "two words", "every other", "backwards", "no spaces", "signs", "imported"],
)
def test_no_text_keeps_a_moderator_waiting(before: str, after: str) -> None:
    started = time.process_time()
    pieces = differences(before, after)
    assert time.process_time() - started < 2
    assert (without(pieces, Change.ADDED), without(pieces, Change.REMOVED)) == (before, after)
