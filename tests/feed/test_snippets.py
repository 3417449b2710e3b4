"""Marks are found in a few of a story's words at once; they are those that folding it word by word would find."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storyhub.feed import snippets
from storyhub.feed.snippets import RUN, Token, find, snippet
from storyhub.text import folding

# What folding stumbles over: a dotted and a dotless i, ß, ligatures, vowel signs of Hindi and Bengali in pieces, points
# of Arabic and Hebrew, an Arabic ligature of eighteen letters, marks alone, apostrophes, dashes, Hangul in pieces, kana
# of half width, emoji of several characters, white space of every kind.
PIECES = (
    *("a", "b", "A", "é", "e\u0301", "\u0301", "İ", "ı", "I", "i̇", "ß", "ẞ", "ﬁ", "ﬃ", "Œ", "ﷺ", "ǆ", "x" * 70),
    *("بعد", "بَعْدَ", "ال", "لا", "ﻻ", "ـ", "שָׁלוֹם", 'צה"ל', "बस", "बस्", "का", "क़", "ক\u09c7\u09be", "\u09be"),
    *("中", "国", "人", "中国", "が", "か\u3099", "ｶﾞ", "버스", "ᄇ", "ᅥ", "สวัสดี", "မြန်မာ", "𠀀", "\U0003fffd"),
    *("'", "’", "l’a", "don't", "dont", "-", "—", ".", ",", "«", "”", "(", "%", "_", "1", "١", "½", "²"),
    *("😀", "👩\u200d🚒", "🇰🇪", "\u200b", "\u200d", "\ufeff", "\ufdd0", "\u0345", "ͅ", "ﬅ", "K", "Å"),
)  # fmt: skip
SPACES = (" ", " ", " ", "\n", "\n\n", "\t", "\u00a0", "\u2028", "\u3000", "\x1c", "\x85")
TEXTS = st.lists(st.sampled_from((*PIECES, *SPACES)) | st.characters(codec="utf-8"), max_size=60).map("".join)


def tokens_word_by_word(stretch: str, begin: int, pattern: re.Pattern[str]) -> Iterator[Token]:
    """The tokens of a stretch in the plainest way: every word is folded, and asked whether it holds what is wanted."""
    for run in RUN.finditer(stretch):
        word, start, end = run.group(), begin + run.start(), begin + run.end()
        nearly = unicodedata.normalize("NFC", word.translate(folding.CHARACTERS).replace("'", ""))
        if not pattern.search(nearly):
            yield from [Token("", start, end, end)] if nearly.strip() else ()
        elif folding.PAIRED_CHARACTER.search(word):
            yield from pairs_by_character(word, start)
        else:
            first, last = snippets._bare(word, start)
            for token in folding.tokens(word):
                yield Token(token, first, last, last)


def pairs_by_character(run: str, start: int) -> Iterator[Token]:
    folded, places = "", []
    for place, character in enumerate(run):
        becomes = folding.CHARACTERS[ord(character)].replace("'", "")
        folded += becomes
        places += [place] * len(becomes)
    for piece in RUN.finditer(folded):
        for part in folding.RUNS.finditer(piece.group()):
            first = piece.start() + part.start()
            if not part.group(1):
                whole = start + places[piece.start() + part.end() - 1] + 1
                yield Token(part.group(), start + places[first], whole, whole)
                continue
            for number in range(len(part.group())):
                token = part.group()[number : number + 2]
                begin, end = places[first + number], places[first + number + len(token) - 1]
                yield Token(token, start + begin, start + end + 1, start + begin + 1)


def word_by_word(text: str, wanted: folding.Query, share: float) -> tuple[Any, Any]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(snippets, "_tokens", tokens_word_by_word)
        return find(text, wanted), snippet(text, wanted, share)


@st.composite
def texts_and_words(draw: st.DrawFn) -> tuple[str, str]:
    """A text, and words to look for in it: of the text itself, as a phrase or alone, or any others."""
    text = draw(TEXTS)
    start = draw(st.integers(0, max(len(text) - 1, 0)))
    words = text[start : start + draw(st.integers(1, 12))] if draw(st.booleans()) else draw(TEXTS)
    return text, draw(st.sampled_from(["{}", '"{}"', "{} a", '"{}" 中'])).format(words)


@given(
    texts_and_words(), st.sampled_from(["", "It was so. ", "人が", "a-b c'd "]), st.integers(0, 150), st.floats(0, 1)
)
@settings(max_examples=400, deadline=None)
def test_the_marks_are_those_of_every_word_folded(told: tuple[str, str], around: str, often: int, share: float) -> None:
    text, words = told
    wanted = folding.query(words)
    text = f"{around * often}{text} {around * 40}{text}"
    assert (find(text, wanted), snippet(text, wanted, share)) == word_by_word(text, wanted, share)


@pytest.mark.parametrize(
    ("text", "wanted", "marks"),
    [
        ("the — last\n\nbus", '"last bus"', ["last\n\nbus"]),
        ("last — bus, last or bus", '"last bus"', ["last — bus"]),
        ("İstanbul'da ısı", "istanbul isi", ["İstanbul'da", "ısı"]),
        ("Ein Fußgänger", "fussganger", ["Fußgänger"]),
        ("oﬃce ofﬁce office", "office", ["oﬃce", "ofﬁce", "office"]),
        ("वह बस में था, बसें", "बस", ["बस"]),
        ("قالَ بَعْدَ ذلك", "بعد", ["بَعْدَ"]),
        ("我們在學校，學校樓梯", '"學校樓梯"', ["學校樓梯"]),
        ("🚒bus🚒 bus", "bus", ["bus", "bus"]),
        ("ab" * 40 + " and on", '"and on"', ["and on"]),
    ],
)
def test_marks_stand_around_the_true_words(text: str, wanted: str, marks: list[str]) -> None:
    piece, spans, *_ = snippet(text, folding.query(wanted))
    assert [piece[start:end] for start, end in spans] == marks
    assert spans == word_by_word(text, folding.query(wanted), 0)[1][1]
