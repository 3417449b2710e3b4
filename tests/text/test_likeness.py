"""Two tellings of the same are alike however they were disguised; two stories of the same are not."""

from __future__ import annotations

import random
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storyhub.text.gathering import FEWEST_SHORT, belongs, groups
from storyhub.text.likeness import MOST, containment, resemblance, says_enough, shared_passages, sketch

KEY = b"k" * 32
STORY = (
    "He followed me from the station to my door and would not stop talking about my body until a neighbour opened her "
    "window and asked whether she should call somebody. Since then I carry my keys between my fingers."
)
OTHER = (
    "A man on the night bus sat down beside me although every seat was free. He put his bag on my knees and left it "
    "there for six stops. I did not say anything. When I got off my legs did not hold me and I sat on the kerb."
)
CHINESE = (
    "他从车站一直跟着我走到家门口，不停地说我的身体，直到邻居打开窗户问要不要报警。从那以后我总把钥匙夹在手指之间。"
)
ARABIC = "تبعني من المحطة إلى باب البيت وظل يتكلم عن جسدي حتى فتحت الجارة النافذة وسألت إن كان عليها أن تتصل بأحد."


@pytest.mark.parametrize(
    "disguised",
    [
        STORY.upper(),
        STORY.replace(" ", "  \n"),
        STORY.replace(",", "").replace(".", " !!! "),
        STORY.replace("a", "\u0430").replace("o", "\u043e").replace("e", "\u0435"),  # Cyrillic letters drawn alike
        STORY.replace("o", "o\u200b").replace("e", "\u200de"),
        STORY.replace("o", "0").replace("e", "3"),
        "".join(f"{letter}\u0301" if letter in "aeiou" else letter for letter in STORY),
        STORY.translate({code: code + 0xFEE0 for code in range(0x41, 0x7B)}),  # full width
        STORY.replace("He", "\u2067He\u2069"),
    ],
    ids=[
        "capitals",
        "spaces",
        "punctuation",
        "look-alikes",
        "zero-width",
        "digits",
        "accents",
        "full-width",
        "directions",
    ],
)
def test_a_disguise_changes_nothing(disguised: str) -> None:
    assert disguised != STORY
    assert sketch(disguised, KEY) == sketch(STORY, KEY)


@pytest.mark.parametrize("text", [STORY, CHINESE, ARABIC], ids=["English", "Chinese", "Arabic"])
def test_a_few_changed_words_leave_it_alike_and_half_of_it_is_contained(text: str) -> None:
    whole, half = sketch(text, KEY), sketch(text[: len(text) // 2], KEY)
    assert resemblance(whole, sketch(text.replace("。", "！").replace("station", "harbour"), KEY)) > 0.7
    assert containment(half, whole) > 0.85
    assert containment(whole, half) < 0.7
    assert resemblance(whole, sketch(OTHER, KEY)) < 0.05


def test_numbers_that_are_counted_up_make_no_difference() -> None:
    assert sketch(f"{STORY} No. 17", KEY) == sketch(f"{STORY} No. 18", KEY)


def test_what_was_copied_into_a_long_text_is_found_in_it() -> None:
    long = " ".join(f"word{number} and then" for number in range(60))
    assert containment(sketch(STORY, KEY), sketch(f"{long} {STORY} {long}", KEY)) > 0.5


def test_another_key_gives_another_sketch_with_nothing_in_common() -> None:
    assert not sketch(STORY, KEY) & sketch(STORY, b"another key")


def test_a_text_without_words_is_like_nothing() -> None:
    nothing = sketch(" …!? \u200b", KEY)
    assert nothing == frozenset()
    assert resemblance(nothing, nothing) == containment(nothing, sketch(STORY, KEY)) == 0
    assert not says_enough(nothing)


def test_short_lines_do_not_say_enough_to_be_called_copies() -> None:
    assert not says_enough(sketch("I was harassed on the bus.", KEY))
    assert says_enough(sketch(STORY, KEY))


@given(st.text(max_size=400), st.text(max_size=400))
def test_likeness_is_a_share_the_same_both_ways_and_whole_of_itself(one: str, other: str) -> None:
    a, b = sketch(one, KEY), sketch(other, KEY)
    assert len(a) <= MOST
    assert all(0 <= value < 2**63 for value in a)
    assert 0 <= resemblance(a, b) == resemblance(b, a) <= 1
    assert resemblance(a, b) <= containment(a, b) <= 1
    assert resemblance(a, a) == (1 if a else 0)


def test_the_longest_text_takes_no_longer_for_being_hostile() -> None:
    """Twenty thousand characters of one fragment: the work grows with the words, and the sketch does not."""
    for fragment in ("a ", "ا", "中", "e\u0301", "'", "0"):
        began = time.process_time()
        assert len(sketch(fragment * 20_000, KEY)) <= MOST
        assert time.process_time() - began < 2


@pytest.mark.parametrize(("text", "said"), [(STORY, "talking about my body"), (CHINESE, "不停地说我的身体")])
def test_what_texts_share_can_be_read(text: str, said: str) -> None:
    passages = shared_passages(f"Before that. {text} After it.", sketch(text, KEY), KEY)
    assert said in passages[0]
    assert shared_passages(text, frozenset(), KEY) == []


# Groups


def copies(number: int, share: float) -> dict[str, frozenset[int]]:
    chance, words = (
        random.Random(number),
        ("river", "lamp", "seven", "garden", "under", "paper", "cold", "never", "green"),
    )
    made = (
        " ".join(chance.choice(words) if chance.random() < share else word for word in (STORY + OTHER).split())
        for _ in range(number)
    )
    return {f"copy {place}": sketch(text, KEY) for place, text in enumerate(made)}


@pytest.mark.parametrize(("number", "share"), [(5, 0.0), (5, 0.1), (30, 0.2), (200, 0.3)])
def test_copies_are_one_group_and_the_others_are_in_none(number: int, share: float) -> None:
    others = {"one": sketch(ARABIC, KEY), "two": sketch(CHINESE, KEY), "three": sketch("A class of short lines.", KEY)}
    found = groups({**copies(number, share), **others})
    assert len(found) == 1
    assert len(found[0].members) >= 0.9 * number
    assert not found[0].members & others.keys()


def test_two_floods_at_once_are_two_groups() -> None:
    one = {f"one {place}": sketch(f"{STORY} {place}", KEY) for place in range(9)}
    two = {f"two {place}": sketch(f"{OTHER} {place}", KEY) for place in range(7)}
    assert [group.members for group in groups({**one, **two})] == [one.keys(), two.keys()]


def test_four_equal_texts_are_no_group() -> None:
    assert groups({place: sketch(STORY, KEY) for place in range(4)}) == []


def test_short_lines_are_a_group_only_when_very_many_are_equal() -> None:
    line = sketch("You all lie.", KEY)
    assert groups(dict.fromkeys(range(FEWEST_SHORT - 1), line)) == []
    assert len(groups(dict.fromkeys(range(FEWEST_SHORT), line))) == 1


def test_who_quotes_a_little_does_not_belong() -> None:
    core = groups(copies(30, 0.1))[0].core
    own = (
        "I was nineteen and he was my trainer at the pool, and for two years I could not go near water. My mother "
        "believed me from the first evening on. I want whoever reads this to know that some mothers do, and that the "
        "water comes back, slowly, first the sound of it and then the smell, and one day your own feet in it."
    )
    answer = f"{STORY[:50]}, that is what he wrote about me. {own}"
    assert not belongs(sketch(answer, KEY), core)
    assert belongs(sketch(f"{STORY} {OTHER}", KEY), core)
