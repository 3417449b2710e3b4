"""Which words stand in which stories, and how they are written there: with capital letters, or without."""

from __future__ import annotations

import hashlib
from array import array
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from storyhub.text import folding
from storyhub.text.identifying.cues import CUES
from storyhub.text.identifying.reading import Reading, read

__all__ = ["LONGEST", "Counted", "count", "little_words", "order_of", "word_of"]

LONGEST = 4_000  # characters read of one text: what happened has been said by then
FEWEST_LETTERS = 3  # of a word in letters that stand for sounds
ENDINGS = frozenset(("t", "m", "d", "ll", "re", "ve"))  # don't, I'm, they'd


@dataclass
class Counted:
    """A sparse matrix of words: row i holds `ids[ends[i]:ends[i + 1]]`, each word once, `times` as often."""

    words: list[str]
    ends: NDArray[np.int64]
    ids: NDArray[np.int32]
    times: NDArray[np.float32]
    small: NDArray[np.int64]  # how often each word stands within a sentence, where capitals mean something, without one
    large: NDArray[np.int64]  # and with one

    def matrix(self) -> Any:
        """As scipy's rows: (texts, words)."""
        from scipy.sparse import csr_matrix

        shape = (len(self.ends) - 1, len(self.words))
        return csr_matrix((self.times, self.ids, self.ends), shape=shape)


def order_of(texts: Sequence[str]) -> list[int]:
    """Places of the texts in an order that is their own, so that nothing found depends on how they were handed in."""
    return sorted(range(len(texts)), key=lambda place: hashlib.sha256(texts[place].encode(errors="replace")).digest())


def count(texts: Sequence[str], language: str) -> Counted:
    """Count the words of texts in one language; little words, figures and single letters are left out."""
    known: dict[str, int] = {}
    ids, times, ends = array("i"), array("f"), [0]
    small, large = array("q"), array("q")
    left_out = little_words(language)
    for text in texts:
        counted: Counter[int] = Counter()
        reading = read(text[:LONGEST])
        tells = reading.has_capitals
        for token, is_large, opens in _tokens(reading):
            if token in left_out:
                continue
            number = known.setdefault(token, len(known))
            if number == len(small):
                small.append(0)
                large.append(0)
            counted[number] += 1
            if tells and not opens:
                (large if is_large else small)[number] += 1
        ids.extend(counted)
        times.extend(counted.values())
        ends.append(len(ids))
    return Counted(
        words=list(known),
        ends=np.array(ends, np.int64),
        ids=np.array(ids, np.int32),
        times=np.array(times, np.float32),
        small=np.array(small, np.int64),
        large=np.array(large, np.int64),
    )


def _tokens(reading: Reading) -> Iterator[tuple[str, bool, bool]]:
    """Each word as it is counted, whether it begins with a capital letter, and whether it opens a sentence."""
    for word in reading.words:
        if folding.PAIRED_CHARACTER.search(word.text):
            for piece in folding.tokens(word.text):
                if len(piece) > 1:
                    yield piece, False, False
        elif token := word_of(word.text):
            yield token, word.capital, word.opens


def word_of(text: str) -> str:
    """A folded word without what is tied to it by an apostrophe: friend's, l'ecole. Empty for what says nothing."""
    if "'" in text:
        first, _apostrophe, rest = text.partition("'")
        if rest in ENDINGS:
            return ""
        text = rest if len(first) <= 2 and len(rest) > 2 else first
    if any(map(str.isdigit, text)):
        return ""
    return text if len(text) >= FEWEST_LETTERS or not text.isascii() else ""


@cache
def little_words(language: str) -> frozenset[str]:
    """Words of which every story is full, by lists. Where there are none, they are told by how common they are."""
    listed = CUES[language].function if language in CUES else frozenset()
    if language != "en":
        return listed
    from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

    return frozenset(listed | ENGLISH_STOP_WORDS)
