"""Fields of words: what few tell, found by words that mean something alike and are used alike."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_matrix

from storyhub.text import discovering
from storyhub.text.discovering import Discovered, fields
from storyhub.text.nearness import meaning
from tests.text.test_discovering import TOPICS, as_texts, kind_of, told_of

needs_encoder = pytest.mark.skipif(not meaning.is_installed(), reason="the extra `multilingual` is not installed")

SHOP = ["shop", "store", "market", "goods"]
SORROW = ["sad", "unhappy", "miserable", "gloomy"]
OTHERS = [f"other{number}" for number in range(30)]
MEANINGS = {word: number for number, words in enumerate((SHOP, SORROW)) for word in words}


def meant_by(words: Sequence[str]) -> Any:
    """Vectors of length 1: nearly one for words of a kind, at right angles for all others."""
    found = np.zeros((len(words), 2 + len(OTHERS)), np.float32)
    for row, word in enumerate(words):
        found[row, MEANINGS.get(word, 2 + OTHERS.index(word) if word in OTHERS else 0)] = 1
    return found


def rows_of(stories: Sequence[Sequence[str]], words: Sequence[str]) -> Any:
    table = [[float(word in story) for word in words] for story in stories]
    return csr_matrix(np.array(table, np.float32).reshape(len(stories), len(words)))


def stories_with(pairs_of: Sequence[str], one_of: Sequence[str], many: int = 300) -> list[list[str]]:
    """Stories of other words; every tenth holds two of some, and every tenth one of some."""
    chance = random.Random(5)
    told = [chance.sample(OTHERS, 6) for _ in range(many)]
    for number in range(0, many, 10):
        told[number] += chance.sample(pairs_of, 2)
        told[number + 1].append(one_of[number // 10 % len(one_of)])
    return told


def fields_in(*languages: tuple[Sequence[Sequence[str]], Sequence[str]]) -> list[list[set[str]]]:
    """The words of each field, by language."""
    parts = []
    for stories, words in languages:
        rows = rows_of(stories, words)
        columns = fields.candidates(rows, len(languages))
        parts.append((rows, columns, meant_by([words[column] for column in columns])))
    return [
        [{words[column] for column in piece} for piece, (_stories, words) in zip(field, languages, strict=True)]
        for field in fields.fields_of(parts, seed=0)
    ]


def test_words_that_mean_something_alike_and_stand_together_are_a_field() -> None:
    words = [*OTHERS, *SHOP, *SORROW]
    assert fields_in((stories_with(SHOP, SORROW), words)) == [[set(SHOP)]]
    assert fields_in((stories_with(SORROW, SHOP), words)) == [[set(SORROW)]]


def test_a_field_goes_across_languages() -> None:
    words = [*OTHERS, *SHOP]
    both = fields_in((stories_with(SHOP, OTHERS), words), (stories_with(SHOP, OTHERS), words))
    assert both == [[set(SHOP), set(SHOP)]]


@pytest.mark.parametrize("told", [[], [["shop"]], [["shop", "store"]] * 3, [["shop"], ["store"], ["market"]] * 9])
def test_too_little_to_find_a_field_in_is_no_error(told: list[list[str]]) -> None:
    assert fields_in((told, SHOP)) == []


@settings(max_examples=30, deadline=None)
@given(st.lists(st.sets(st.sampled_from([*OTHERS[:6], *SHOP, *SORROW])), max_size=40))
def test_no_word_is_in_two_fields_and_the_same_stories_have_the_same_ones(told: list[set[str]]) -> None:
    words = [*OTHERS, *SHOP, *SORROW]
    found = fields_in(([sorted(story) for story in told], words))
    every = [word for (field,) in found for word in field]
    assert len(every) == len(set(every))
    assert set(every) <= set().union(*told)
    assert all(len(field) >= fields.FEWEST_WORDS for (field,) in found)
    assert found == fields_in(([sorted(story) for story in told], words))


def test_a_long_story_is_not_in_the_group_of_every_word_that_it_says_once() -> None:
    words = [*SHOP, *(f"word{number}" for number in range(120))]
    told = [["shop", *words[4:9]], words[3:], words[4:8]]
    near = fields.near_to(rows_of(told, words), [np.arange(4)])
    assert (near[:, 0] >= fields.LEAST_IN_FIELD).tolist() == [True, False, False]
    assert near[2, 0] == 0
    assert near.max() <= 1


# ---- With the encoder


SMALL = {"en": ["money", "pay", "cash", "coins"], "es": ["dinero", "pagar", "efectivo", "monedas"]}
SPANISH = {
    "bus": ["autobús", "conductor", "asiento", "ventana", "estación", "pasajeros", "motor", "equipaje"],
    "school": ["maestra", "clase", "lección", "alumnos", "tarea", "examen", "pizarra", "biblioteca"],
}


def with_few(each: int = 100, few: int = 20, name: str = "") -> tuple[list[str], list[str]]:
    """Stories of three kinds, some few of which tell of money too."""
    chance = random.Random(8)
    kinds = [topic for topic in TOPICS for _ in range(each)]
    texts = [told_of(topic, chance) for topic in kinds]
    for place in chance.sample(range(len(texts)), few):
        texts[place] += f" Somebody spoke of {' and '.join(chance.sample(SMALL['en'], 3))} {name}."
    return texts, kinds


def small_in(texts: Sequence[str], languages: Sequence[str]) -> Discovered:
    return discovering.discover(texts, languages, fine=True)


@needs_encoder
def test_what_few_tell_is_found_beside_what_all_tell() -> None:
    texts, kinds = with_few(name="Zorblat")
    found = small_in(texts, ["en"] * len(texts))
    assert found.method == "words-1+fields-1"
    (small,) = [group for group in found.groups if set(group.words) & set(SMALL["en"])]
    assert {place for place, text in enumerate(texts) if "spoke of" in text} == set(small.members)
    assert small.language == "en"
    assert {kind_of(group, kinds) for group in found.groups if group is not small} == set(TOPICS)
    assert not any("zorblat" in group.words for group in found.groups)
    for bit, word in enumerate(small.words):
        assert sum(holds >> bit & 1 for holds in small.holds) >= discovering.FEWEST
        assert all(
            word in texts[place] for place, holds in zip(small.members, small.holds, strict=True) if holds >> bit & 1
        )
    mixed = list(reversed(texts))
    assert as_texts(small_in(mixed, ["en"] * len(mixed)), mixed) == as_texts(found, texts)


@needs_encoder
def test_a_small_group_goes_across_the_languages_in_which_it_is_told() -> None:
    chance = random.Random(4)
    texts, _kinds = with_few(each=40)
    languages = ["en"] * len(texts)
    for number in range(120):
        words = chance.sample(SPANISH[("bus", "school")[number % 2]], 5)
        texts.append(
            f"Allí {' '.join(words)}." + (f" {' y '.join(chance.sample(SMALL['es'], 3))}." if number < 20 else "")
        )
        languages.append("es")
    found = small_in(texts, languages)
    assert found.method == "sentences-1+fields-1"
    small = max(found.groups, key=lambda group: len(set(group.words) & {*SMALL["en"], *SMALL["es"]}))
    assert small.language is None
    assert set(small.words) & set(SMALL["en"])
    assert set(small.words) & set(SMALL["es"])
    assert {languages[place] for place in small.members} == {"en", "es"}


def test_without_the_encoder_small_groups_are_found_by_words_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(meaning, "PACKAGE", "a_package_that_is_not_there")
    texts, _kinds = with_few(each=40)
    assert small_in(texts, ["en"] * len(texts)).method == "words-1"
