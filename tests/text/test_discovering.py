"""Groups of stories that tell of something alike, and the words that tell them."""

from __future__ import annotations

import random
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storyhub.text import discovering
from storyhub.text.discovering import Discovered, Group
from storyhub.text.discovering.telling import may_show

TOPICS = {
    "bus": ["bus", "driver", "ticket", "seat", "window", "station", "passengers", "aisle", "luggage", "engine"],
    "school": ["teacher", "class", "lesson", "pupils", "homework", "exam", "blackboard", "corridor", "library", "desk"],
    "office": ["boss", "meeting", "office", "contract", "colleagues", "salary", "department", "project", "interview"],
}
LITTLE = ["then", "there", "was", "somebody", "who", "came", "near", "and", "said", "something", "that", "nobody"]


def told_of(topic: str, chance: random.Random, extra: Sequence[str] = ()) -> str:
    words = [*chance.sample(TOPICS[topic], 5), *chance.sample(LITTLE, 5), *extra]
    chance.shuffle(words)
    return f"There {' '.join(words)}."


def planted(each: int = 60, seed: int = 1) -> tuple[list[str], list[str]]:
    """Stories of three kinds, and which kind each is."""
    chance = random.Random(seed)
    kinds = [topic for topic in TOPICS for _ in range(each)]
    return [told_of(topic, chance) for topic in kinds], kinds


def found_in(texts: Sequence[str], language: str | None = "en") -> Discovered:
    return discovering.discover(texts, [language] * len(texts), wanted="words")


def as_texts(found: Discovered, texts: Sequence[str]) -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
    return sorted((group.words, tuple(sorted(texts[place] for place in group.members))) for group in found.groups)


def kind_of(group: Group, kinds: Sequence[str]) -> str:
    """The kind that nearly all of its stories are of."""
    (kind,) = {
        kind for kind in TOPICS if sum(kinds[place] == kind for place in group.members) >= 0.9 * len(group.members)
    }
    return kind


@pytest.fixture(scope="module")
def stories() -> tuple[list[str], list[str]]:
    return planted()


def test_stories_of_one_kind_are_found_together_and_told_by_their_words(stories: tuple[list[str], list[str]]) -> None:
    texts, kinds = stories
    found = found_in(texts)
    assert {kind_of(group, kinds) for group in found.groups} == set(TOPICS)
    for group in found.groups:
        assert set(group.words) <= set(TOPICS[kind_of(group, kinds)])
        assert len(group.words) >= 3
    grouped = {place for group in found.groups for place in group.members}
    assert len(grouped) + found.without == len(texts)


@settings(max_examples=4, deadline=None)
@given(st.randoms(use_true_random=False))
def test_the_order_in_which_stories_come_changes_nothing(chance: random.Random) -> None:
    texts, _kinds = planted(each=30)
    mixed = list(texts)
    chance.shuffle(mixed)
    assert as_texts(found_in(mixed), mixed) == as_texts(found_in(texts), texts)


def test_copies_of_one_story_are_no_group_of_their_own(stories: tuple[list[str], list[str]]) -> None:
    texts, _kinds = stories
    copy = "Purple elephants juggle marvellous trumpets beside gentle waterfalls every morning."
    found = found_in([*texts, *[copy] * 80])
    copies = set(range(len(texts), len(texts) + 80))
    assert all(not copies & set(group.members) or set(group.members) - copies for group in found.groups)
    assert not {word for group in found.groups for word in group.words} & {"purple", "elephants", "trumpets"}


@pytest.mark.parametrize("written", ["Zorblat", "Amina", "Nairobi", "rahul", "zorblat", "bus4711"])
def test_a_name_is_never_a_telling_word_however_many_tell_it(written: str) -> None:
    chance = random.Random(2)
    texts = [told_of("bus", chance, [written]) for _ in range(60)] + [told_of("school", chance) for _ in range(60)]
    found = found_in(texts)
    assert len(found.groups) >= 2
    assert written.lower() not in {word for group in found.groups for word in group.words}


@pytest.mark.parametrize(("word", "language"), [("घर", "xx"), ("公车", "zh"), ("рахмат", "uz"), ("haus", "de")])
def test_where_names_can_not_be_told_from_words_none_is_shown(word: str, language: str) -> None:
    assert not may_show(word, language, small=0, large=40)
    assert not may_show(word, language, small=0, large=0)


def test_a_telling_word_stands_in_several_stories_of_its_group(stories: tuple[list[str], list[str]]) -> None:
    texts, _kinds = stories
    rare = [text.replace("There", "There, an umbrella:") if place < 4 else text for place, text in enumerate(texts)]
    for group in found_in(rare).groups:
        assert "umbrella" not in group.words
        for bit, word in enumerate(group.words):
            holding = [place for place, holds in zip(group.members, group.holds, strict=True) if holds >> bit & 1]
            assert len(holding) >= discovering.FEWEST
            assert all(word in rare[place] for place in holding)


def test_the_most_typical_stories_come_first(stories: tuple[list[str], list[str]]) -> None:
    for group in found_in(stories[0]).groups:
        assert list(group.typical) == sorted(group.typical, reverse=True)
        assert all(0 <= near <= 1000 for near in group.typical)


def test_a_language_with_too_few_stories_is_said_to_have_too_few(stories: tuple[list[str], list[str]]) -> None:
    texts, _kinds = stories
    french = [f"Le chauffeur du bus {number} a crié." for number in range(7)]
    found = discovering.discover([*texts, *french], ["en"] * len(texts) + ["fr-CA"] * 7, wanted="words")
    assert found.too_few == {"fr": 7}
    assert all(group.language == "en" for group in found.groups)


@pytest.mark.parametrize("texts", [[], [""] * 80, ["same words again and again"] * 80, ["?!"] * 70])
def test_nothing_to_find_is_no_error(texts: list[str]) -> None:
    found = found_in(texts)
    assert found.groups == []
    assert found.without == len(texts)


@settings(max_examples=5, deadline=None)
@given(st.lists(st.text(max_size=60), min_size=61, max_size=80))
def test_any_text_can_be_looked_through(texts: list[str]) -> None:
    found = found_in(texts, None)
    assert all(0 <= place < len(texts) for group in found.groups for place in group.members)


def test_what_is_said_of_how_far_it_is_only_grows(stories: tuple[list[str], list[str]]) -> None:
    going_on = discovering.steps(stories[0], ["en"] * len(stories[0]), wanted="words")
    said = list(going_on)
    assert said == sorted(said)
    assert all(done <= total for done, total in said)
