"""Folding: two spellings of a word find each other, in every script, on SQLite's own full-text search."""

import random
import re
import sqlite3
import time
import unicodedata
from collections.abc import Iterator

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from storyhub.text import folding
from storyhub.text.folding import Query, folded, query, tokens
from storyhub.text.incoming import clean
from tests.text.naughty import NAUGHTY

# Words as people write them: letters, marks, digits, apostrophes, joiners and spaces of many scripts.
ALPHABETS = [
    st.characters(min_codepoint=0x20, max_codepoint=0x7E),
    st.characters(min_codepoint=0xA0, max_codepoint=0x344),
    st.characters(min_codepoint=0x370, max_codepoint=0x58F),
    st.characters(min_codepoint=0x591, max_codepoint=0x6FF),
    st.characters(min_codepoint=0x900, max_codepoint=0x10FF),
    st.characters(min_codepoint=0x1E00, max_codepoint=0x2064),
    st.sampled_from("中国人民カタかながハ゛ー学校에서한글ㅋ𠮷ﾊﾟ"),
    st.sampled_from("ıİŁßẞæŒøÞðŋ’'ﬁﷺ٣३\u0301\u200c\u200d\u00ad"),
]
words_of_one_script = st.one_of([st.text(alphabet, min_size=1, max_size=12) for alphabet in ALPHABETS])
texts = st.lists(words_of_one_script, max_size=8).map(" ".join)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("He said: <stop it>", "he said stop it"),
        ("Straße Đức Łódź smørrebrød Œuvre Þór", "strasse duc lodz smorrebrod oeuvre thor"),
        ("İstanbul ISTANBUL ığdır", "istanbul istanbul igdir"),
        ("ΤΈΛΟΣ τέλος", "τελοσ τελοσ"),
        ("Ёлка Її", "елка іі"),
        ("كَتَبَـــت أُمّي إلى مدرسة", "كتبت امي الي مدرسه"),
        ("ک گ ی ۱۲۳ ٤٥", "ك گ ي 123 45"),
        ("می\u200cخواهم", "ميخواهم"),
        ("שָׁלוֹם", "שלום"),
        ("हिन्दी में ३ क्षत्रिय", "हिन्दी में 3 क्षत्रिय"),
        ("ｗｉｄｅ ﬁne x² ½ №5", "wide fine x2 1 2 no5"),
        ("snake_case #MeToo 3.5 re-read", "snake case metoo 3 5 re read"),
        ("soft\u00adhyphen", "softhyphen"),
    ],
)
def test_a_text_is_folded(text: str, expected: str) -> None:
    assert folded(text) == f" {expected} "


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("中国人", ["中国", "国人", "人"]),
        ("人", ["人"]),
        ("手机abc人", ["手机", "机", "abc", "人"]),
        ("학교에서", ["학교", "교에", "에서", "서"]),
        ("ｶﾞﾗｽ", ["ガラ", "ラス", "ス"]),
        ("ที่นี่", ["ที", "ี่", "่น", "นี", "ี่", "่"]),
    ],
)
def test_scripts_without_spaces_become_pairs(text: str, expected: list[str]) -> None:
    assert tokens(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("don't Don’t DONT", ["dont", "dont", "dont"]),
        ("I'm we'll you've they're I'd", ["im", "well", "youve", "theyre", "id"]),
        ("l’homme dell'uomo aujourd'hui", ["l", "homme", "dell", "uomo", "aujourd", "hui"]),
        ("driver's men's", ["driver", "s", "men", "s"]),
        ("п'ять П’ЯТЬ пʼять", ["пять", "пять", "пять"]),
        ("ג'ירפה ג׳ירפה", ["גירפה", "גירפה"]),
        ("'quoted' rock 'n' roll", ["quoted", "rock", "n", "roll"]),
    ],
)
def test_apostrophes_divide_latin_words_but_for_english_endings(text: str, expected: list[str]) -> None:
    assert tokens(text) == expected


@pytest.mark.parametrize("text", ["", "   ", "< !!!", "🫂👍🏿", "\u200d\ufeff", "---"])
def test_a_text_without_words_folds_to_nothing(text: str) -> None:
    assert folded(text) == ""
    assert not query(text)


def terms(looked_for: str) -> list[tuple[str, bool]]:
    return [(" ".join(term.tokens), term.begins) for term in query(looked_for).terms]


@pytest.mark.parametrize(
    ("looked_for", "expected"),
    [
        ("Bus driver", [("bus", False), ("driver", False)]),
        ("bus bus BUS", [("bus", False)]),
        ('he "no way" went', [("he", False), ("no way", False), ("went", False)]),
        ("“no way” «pas moi»", [("no way", False), ("pas moi", False)]),
        ("„nie wieder“ 「一人」", [("nie wieder", False), ("一人", False)]),
        ('"never closed', [("never", False), ("closed", False)]),
        ('""', []),
        ("l'homme", [("l homme", False)]),
        ("中国人", [("中国 国人", False)]),
        ("人", [("人", True)]),
        ("abc人", [("abc 人", True)]),
        ("人abc", [("人 abc", False)]),
        ('"中人 人"', [("中人 人 人", True)]),
        ('צה"ל', [("צה", False), ("ל", False)]),
        ("100% of_them a*", [("100", False), ("of them", False), ("a", False)]),
        ("a OR b", [("a", False), ("or", False), ("b", False)]),
    ],
)  # fmt: skip
def test_a_query_is_words_and_quoted_runs(looked_for: str, expected: list[tuple[str, bool]]) -> None:
    assert terms(looked_for) == expected


@pytest.mark.parametrize(
    ("text", "looked_for"),
    [
        ("我在中国人民大学", "人"),
        ("我在中国人民大学", "大学"),
        ("我在中国人民大学", "学"),
        ("我在中国人民大学", "中国 大学"),
        ("학교에서 집까지", "학교"),
        ("ฉันอยู่คนเดียวที่บ้าน", "คนเดียว"),
        ("L’homme m’a suivie", "homme"),
        ("I didn’t want it", "didnt"),
        ("the driver's hand", "driver"),
        ("He said “no way” twice", '"said no way"'),
        ("Müller's straße", "MULLER strasse"),
        ("في المدرسةِ", "المدرسه"),
    ],
)
def test_a_text_is_found(text: str, looked_for: str) -> None:
    assert query(looked_for).matches(folded(text))


@pytest.mark.parametrize(
    ("text", "looked_for"),
    [
        ("一国两人", "国人"),
        ("way no", '"no way"'),
        ("business", "bus"),
        ("homme l", "l'homme"),
        ("人民", "民人"),
    ],
)
def test_a_text_is_not_found(text: str, looked_for: str) -> None:
    assert not query(looked_for).matches(folded(text))


@given(texts)
def test_every_word_of_a_text_finds_it(text: str) -> None:
    whole = folded(text)
    for word in text.replace('"', " ").split():
        assert query(word).matches(whole)


@pytest.mark.parametrize("text", NAUGHTY)
def test_every_naughty_word_finds_its_text(text: str) -> None:
    whole = folded(clean(text))
    for word in clean(text).split():
        assert query(word).matches(whole)


@given(texts)
def test_a_whole_text_in_quotes_finds_itself(text: str) -> None:
    assume(not folding.QUOTES.search(text))
    assert query(f"“{text}”").matches(folded(text))


@given(texts)
def test_composed_and_decomposed_forms_fold_alike(text: str) -> None:
    assert folded(unicodedata.normalize("NFC", text)) == folded(unicodedata.normalize("NFD", text)) == folded(text)


# Left out: a lower-case letter whose upper-case form is spelt with a sign of another kind.
@given(texts)
def test_upper_and_lower_case_fold_alike(text: str) -> None:
    assume("\u0345" not in unicodedata.normalize("NFD", text))
    assert folded(text.upper()) == folded(text)
    assert folded(text.lower()) == folded(text)


@given(texts)
def test_folding_again_changes_nothing_but_pairs(text: str) -> None:
    once = folded(text)
    assume(not folding.PAIRED_CHARACTER.search(once))
    assert folded(once) == once


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_tokens_hold_nothing_that_a_database_would_divide(text: str) -> None:
    for token in tokens(text):
        assert re.fullmatch(r"[a-z0-9\x80-\U0010ffff]+", token)
        assert len(token) <= folding.LONGEST_TOKEN
        assert len(token.encode()) <= folding.LONGEST_TOKEN_BYTES
        assert not any(c.isspace() or unicodedata.category(c) in {"Cc", "Cf", "Cs"} for c in token)


@pytest.mark.parametrize("letter", ["a", "é", "字", "𠮷", "ก", "क", "\U00010400"])
def test_a_very_long_word_is_cut_alike_in_text_and_query(letter: str) -> None:
    word = letter * 1_900
    assert query(word).matches(folded(f"before {word} after"))


def test_distinct_tokens_stay_within_a_tsvector() -> None:
    of_chance = random.Random(7)
    distinct = set(tokens("".join(chr(of_chance.randrange(0x3400, 0x9FFF)) for _ in range(200_000))))
    assert 900_000 < sum(len(token.encode()) for token in distinct) <= folding.MOST_DISTINCT_BYTES
    assert len(tokens("\ufdfa" * 200_000)) <= folding.MOST_TOKENS


@pytest.mark.parametrize("unit", ["word ", "字词", "학교에서 ", "é" * 30 + " ", "a\u0301" * 9, "\ufdfa", "' '"])
def test_the_longest_text_is_folded_in_a_moment(unit: str) -> None:
    text = (unit * 200_000)[:200_000]
    folded(text)
    began = time.process_time()
    folded(text)
    assert time.process_time() - began < 2  # a tenth of that on an idle machine


def test_a_long_query_is_read_only_so_far() -> None:
    assert len(query(" ".join(f"word{n}" for n in range(500))).terms) == folding.MOST_TERMS
    assert query("") == Query()


@pytest.fixture(scope="module")
def fts5() -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE VIRTUAL TABLE search USING fts5(words, tokenize='ascii')")
    yield connection
    connection.close()


def found_by_sqlite(connection: sqlite3.Connection, text: str, looked_for: Query) -> bool:
    connection.execute("DELETE FROM search")
    connection.execute("INSERT INTO search VALUES (?)", (folded(text),))
    return connection.execute("SELECT 1 FROM search WHERE search MATCH ?", (looked_for.fts5,)).fetchone() is not None


@given(text=texts, other=texts, place=st.integers(0, 50), many=st.integers(1, 12))
def test_sqlite_finds_what_matches_and_nothing_else(
    fts5: sqlite3.Connection, text: str, other: str, place: int, many: int
) -> None:
    for looked_for in (query(text[place : place + many]), query(other)):
        if looked_for:
            assert found_by_sqlite(fts5, text, looked_for) == looked_for.matches(folded(text))


@pytest.mark.parametrize("text", NAUGHTY)
def test_sqlite_takes_any_query(fts5: sqlite3.Connection, text: str) -> None:
    if looked_for := query(text):
        assert found_by_sqlite(fts5, text, looked_for) == looked_for.matches(folded(text))


def test_what_postgresql_is_asked() -> None:
    looked_for = query("bus l'homme 人 中国人")
    assert looked_for.tsquery == "'bus' & 'l' & 'homme' & '人':* & '中国' & '国人'"
    assert looked_for.likes == ("% l homme %", "% 中国 国人 %")
    assert query("abc人").likes == ("% abc 人%",)
