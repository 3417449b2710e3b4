"""The opening of a story: cut where a reader would stop, never inside what they see as one character."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storyhub.text.excerpt import LONGEST_CLUSTER, opening
from tests.text.naughty import NAUGHTY

FAMILY = "👩\u200d👩\u200d👧\u200d👦"


def test_a_short_text_is_its_own_opening() -> None:
    assert opening("  It was late.\n") == ("It was late.", False)
    assert opening("x" * 280) == ("x" * 280, False)
    assert opening("") == ("", False)


@pytest.mark.parametrize(
    ("text", "limit", "expected"),
    [
        ("I was on the bus. He sat beside me and would not go.", 30, "I was on the bus."),
        ("He said “no way.” Then I left the bus and walked.", 30, "He said “no way.”"),
        ("Did it end there? Nobody came to help me after it.", 30, "Did it end there?"),
        ("I was alone at home\nThen somebody knocked at the door", 30, "I was alone at home"),
        ("Exactly twenty long. And then more words came.", 20, "Exactly twenty long."),
        ("كنت وحدي هناك؟ لم يساعدني أحد في الحافلة", 25, "كنت وحدي هناك؟"),
        ("मैं अकेली थी। कोई नहीं आया और मैं डर गई।", 22, "मैं अकेली थी।"),
        ("我一个人在公交车上。没有人帮助我，我很害怕。", 15, "我一个人在公交车上。"),
    ],
)
def test_it_ends_with_a_sentence_if_one_ends(text: str, limit: int, expected: str) -> None:
    assert opening(text, limit) == (expected, True)


@pytest.mark.parametrize(
    ("text", "limit", "expected"),
    [
        ("No. I waited for the bus and nobody came", 20, "No. I waited for the"),
        ("He touched my arm, e.g. when it was full there", 30, "He touched my arm, e.g. when"),
        ("one two three four five", 12, "one two"),
        ("one two, three four", 12, "one two,"),
        ("it cost 12.50 in all of it", 13, "it cost 12.50"),
    ],
)
def test_it_ends_with_a_word_if_no_sentence_ends(text: str, limit: int, expected: str) -> None:
    assert opening(text, limit) == (expected, True)


@pytest.mark.parametrize(
    ("text", "limit", "expected"),
    [
        ("x" * 30, 10, "x" * 10),
        ("字" * 30, 10, "字" * 10),
        ("e\u0323\u0301" * 10, 10, "e\u0323\u0301" * 3),
        (FAMILY * 4, 10, FAMILY),
        ("👍🏿" * 9, 5, "👍🏿" * 2),
        ("❤\ufe0f" * 9, 5, "❤\ufe0f" * 2),
        ("🇺🇦🇵🇸🇸🇩🇨🇭", 5, "🇺🇦🇵🇸"),
        ("🏴\U000e0067\U000e0062\U000e007f" * 4, 6, "🏴\U000e0067\U000e0062\U000e007f"),
        ("क्षि" * 9, 6, "क्षि"),
        ("ที่" * 9, 7, "ที่" * 2),
        ("กำ" * 9, 5, "กำ" * 2),
        ("\u1112\u1161\u11ab" * 9, 7, "\u1112\u1161\u11ab" * 2),
        ("नि" * 9, 5, "नि" * 2),
    ],
)
def test_it_never_ends_inside_a_character(text: str, limit: int, expected: str) -> None:
    assert opening(text, limit) == (expected, True)


def test_a_character_without_end_is_cut_at_the_limit() -> None:
    assert opening("a" + "\u0301" * 900, 280) == ("a" + "\u0301" * 279, True)
    assert opening("a" + "\u0301" * 30, 25) == ("a" + "\u0301" * 24, True)


def test_the_limit_is_280_characters_unless_told() -> None:
    shown, is_cut = opening("word " * 100)
    assert is_cut
    assert 280 - 5 <= len(shown) <= 280


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=120), st.integers(1, 60))
def test_it_is_always_the_beginning_and_within_the_limit(text: str, limit: int) -> None:
    shown, is_cut = opening(text, limit)
    assert text.strip().startswith(shown)
    assert len(shown) <= limit
    assert is_cut == (shown != text.strip())
    assert shown or not text.strip() or limit < LONGEST_CLUSTER


@pytest.mark.parametrize("text", NAUGHTY)
def test_any_text_has_an_opening(text: str) -> None:
    shown, is_cut = opening(text, 40)
    assert text.strip().startswith(shown)
    assert bool(shown) == bool(text.strip())
    assert is_cut == (len(text.strip()) > 40)
