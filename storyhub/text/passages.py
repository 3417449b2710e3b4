"""Passages of stories that can stand for others: whole sentences, and which of them say what many say.

Method: the centroid of a set of texts (Radev, Jing, Styś, Tam: Centroid-based summarization of multiple documents,
Information Processing & Management 40, 2004), with each text counting a word once. A word weighs the more, the more of
the texts hold it, unless nearly all of them do; a sentence weighs what its words do, over the root of how many it has.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import log, sqrt

from storyhub.text import folding
from storyhub.text.excerpt import SENTENCE_END

__all__ = ["LONGEST", "SHORTEST", "Passage", "around", "is_whole", "most_telling", "sentences"]

SHORTEST, LONGEST = 60, 300  # code points of a sentence that can stand alone, and that two pages have room for
MOST_READ = 20_000  # code points of one text


@dataclass(frozen=True, order=True)
class Passage:
    """A piece of the text with this key: code points, the end excluded."""

    key: int
    start: int
    end: int


def sentences(text: str) -> Iterator[tuple[int, int]]:
    """Where the sentences of a text begin and end, without the white space around them."""
    start = 0
    for found in [*SENTENCE_END.finditer(text[:MOST_READ]), None]:
        end = found.end() if found else min(len(text), MOST_READ)
        words = text[start:end]
        left, right = len(words) - len(words.lstrip()), len(words.rstrip())
        if left < right:
            yield start + left, start + right
        start = end


def most_telling(texts: Mapping[int, str]) -> list[Passage]:
    """Every sentence of a fitting length, those first that say what many of the texts do; of equals the greater key."""
    known = {key: list(_fitting(text)) for key, text in texts.items()}
    held = Counter(token for text in texts.values() for token in set(folding.tokens(text[:MOST_READ])))
    weights = {token: count * log(len(texts) / count) for token, count in held.items() if count > 1}
    scores = {
        Passage(key, start, end): _score(texts[key][start:end], weights)
        for key, spans in known.items()
        for start, end in spans
    }
    return sorted(scores, key=lambda one: (-scores[one], -one.key, one.start))


def _fitting(text: str) -> Iterator[tuple[int, int]]:
    for start, end in sentences(text):
        if SHORTEST <= end - start <= LONGEST:
            yield start, end


def _score(sentence: str, weights: Mapping[str, float]) -> float:
    tokens = set(folding.tokens(sentence))
    return sum(weights.get(token, 0.0) for token in tokens) / sqrt(len(tokens)) if tokens else 0.0


def around(text: str, wanted: str) -> Iterator[tuple[int, int]]:
    """Where the wanted words stand in a text, one after the other with any white space between, in whole words.

    Capital and small letters are the same. Where they stand nowhere so, the sentences that hold all of them.
    """
    words = wanted.split()
    if not words:
        return
    pattern = re.compile(r"\s+".join(map(re.escape, words)), re.IGNORECASE)
    exact = [_widened(text, *found.span()) for found in pattern.finditer(text)]
    query = folding.query(wanted)
    if exact:
        yield from exact
    elif query:
        yield from ((start, end) for start, end in sentences(text) if query.matches(folding.folded(text[start:end])))


def _widened(text: str, start: int, end: int) -> tuple[int, int]:
    """The same with the rest of a word that was cut."""
    while start > 0 and not _may_be_cut(text, start):
        start -= 1
    while end < len(text) and not _may_be_cut(text, end):
        end += 1
    return start, end


def is_whole(text: str, start: int, end: int) -> bool:
    """Whether a piece of a text is whole words of it, with no white space around them."""
    if not 0 <= start < end <= len(text) or text[start].isspace() or text[end - 1].isspace():
        return False
    return _may_be_cut(text, start) and _may_be_cut(text, end)


def _may_be_cut(text: str, place: int) -> bool:
    if place <= 0 or place >= len(text):
        return True
    before, after = text[place - 1], text[place]
    if unicodedata.category(after)[0] == "M" or after in "\u200c\u200d" or before == "\u200d":
        return False
    # Scripts that put no space between words: any place between two characters may be the end of one.
    return not (_is_of_a_word(before) and _is_of_a_word(after)) or bool(folding.PAIRED_CHARACTER.match(after))


def _is_of_a_word(sign: str) -> bool:
    return unicodedata.category(sign)[0] in "LMN"
