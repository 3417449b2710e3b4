"""The notation of lists of words: what each sign stands for, what is refused, and that no text breaks it."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storyhub.text import wordlists
from storyhub.text.phrases import MOST_WAYS, Finder, Unreadable, line
from tests.text.naughty import NAUGHTY

AGES = frozenset({"seven", "twelve"})


def found(written: str, text: str) -> list[str]:
    finder = Finder([("kind", line(written, AGES))])
    return [text[one.start : one.end] for one in finder.find(text)]


@pytest.mark.parametrize(
    ("written", "text", "words"),
    [
        ("kill me", "He will KILL me.", ["KILL me"]),
        ("kill me", "He will kill men.", []),
        ("kill me", "He will kill. Me, I ran.", []),
        ("kill me", "They kill (me)", ["kill (me"]),
        ("kill … tonight", "He will kill my cat, or me, tonight", ["kill my cat, or me, tonight"]),
        ("kill ... tonight", "kill tonight", ["kill tonight"]),
        ("kill … tonight", "kill one two three four five tonight", []),
        ("kill … tonight", "He said kill. And tonight we ate.", []),
        ("he/she will go", "She will go and he will go", ["She will go", "he will go"]),
        ("threat*", "Threats, threatened, a threat, thread", ["Threats", "threatened", "threat"]),
        ("he * me", "he hit me, he me", ["he hit me"]),
        ("i am #", "I am 14. I'm seven! im 9 and i am 18, I am 0, I am 140", ["I am 14", "I'm seven", "im 9"]),
        ("# years old", "12years old, ١٢ years old", ["12years old", "١٢ years old"]),
        ("die !of/from", "I want to die of shame. Or to die", ["die"]),
        ("!mother/boss will kill me", "my mother will kill me, he will kill me", ["will kill me"]),
        (
            "i am not safe",
            "I’m not safe / im not safe / I am NOT safe",
            ["I’m not safe", "im not safe", "I am NOT safe"],
        ),
        ("he is here", "he's here, hes here", ["he's here", "hes here"]),
        ("j'ai peur", "J’ai peur", ["J’ai peur"]),
        ("do not go", "don't go, dont go", ["don't go", "dont go"]),
        ("cafe noir", "café noir, CAFE\u0301 NOIR", ["café noir", "CAFE\u0301 NOIR"]),
        ("سيقتلني", "هو ســيقتلُني، وسيقتلني", ["ســيقتلُني", "وسيقتلني"]),
        ("زوجه", "زوجة", ["زوجة"]),
        ("हूं", "मैं हूँ", ["हूँ"]),
        ("जिंदा", "ज़िंदा", ["ज़िंदा"]),
        ("要杀我", "他说他要杀我,今天", ["要杀我"]),
        ("wait ... now", "wait.... now", ["wait.... now"]),
    ],
)
def test_each_sign_of_a_line_stands_for_what_it_says(written: str, text: str, words: list[str]) -> None:
    assert found(written, text) == words


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("", "empty"),
        (" , ", "empty"),
        ("!of", "empty"),
        ("… kill", "ends"),
        ("kill *", "ends"),
        ("a … b … c … d", "gaps"),
        ("kill !of me", "not-inside"),
        ("he's/she's/they're/i'm/we're " * 3 + "here", "ways"),
        ("me", "short"),
        ("#", "short"),
        ("he/me", "short"),
        ("kill/ me", "empty-choice"),
        ("ki*l me", "star"),
        ("ki* me", "star-short"),
        ("word " * 100, "long"),
    ],
)
def test_a_line_that_cannot_be_looked_for_says_why(written: str, why: str) -> None:
    with pytest.raises(Unreadable) as refused:
        line(written)
    assert refused.value.why == why


def test_every_line_that_comes_with_us_can_be_looked_for_and_stands_once() -> None:
    for language in wordlists.ALL:
        for part, kinds in wordlists.parts(language).items():
            for kind, lines in kinds.items():
                assert len(set(lines)) == len(lines), (language, part, kind)
                for written in lines:
                    assert len(line(written, wordlists.ages(language)).ways) <= MOST_WAYS, written


ANY_LINE = st.text(st.sampled_from("ab '/*#!….-سِ中é\u0301"), max_size=30)
ANY_TEXT = st.one_of(
    st.text(max_size=200), st.text(st.sampled_from("ab '.!?\n…سِ中é\u030114"), max_size=80), st.sampled_from(NAUGHTY)
)


@given(ANY_LINE, ANY_TEXT)
@settings(max_examples=300)
def test_no_line_and_no_text_breaks_it_and_places_lie_in_the_text(written: str, text: str) -> None:
    try:
        finder = Finder([("kind", line(written, AGES))])
    except Unreadable:
        return
    for one in finder.find(text):
        assert 0 <= one.start < one.end <= len(text)
        assert finder.kinds(text) == {"kind"}


@pytest.mark.parametrize(
    "piece", ["i am ", "he will … ", "'", "a'", ".", "# 14 ", "سيقتلني ", "中", "I am 14. He will kill me. "]
)
def test_the_time_grows_with_the_length_and_not_with_its_square(piece: str) -> None:
    finder = wordlists.finder("en", "notes")

    def took(length: int) -> float:
        text = (piece * length)[:length]
        best = 1.0
        for _round in range(3):
            began = time.process_time()
            finder.find(text)
            best = min(best, time.process_time() - began)
        return best

    took(2_000)
    assert took(20_000) < 0.02 + 25 * took(2_000)
