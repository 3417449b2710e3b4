"""A text as it is searched: small letters without accents, digits of any script as 0–9, each in its own place.

One character is always folded to one, so that what is found in the folded text stands at the same place in the words
themselves. What is left out (marks that stand over letters, tatweel, signs of direction) is remembered by its place.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cached_property

__all__ = ["Reading", "Word", "folded", "read"]

# Left out: marks over letters (é in two characters, Arabic vowels), tatweel, joiners and signs of direction.
LEFT_OUT = re.compile("[\u0300-\u036f\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed\u0640\u200b-\u200f\u202a-\u202e"
                      "\u2060-\u2069\ufe00-\ufe0f\ufeff\u00ad]+")  # fmt: skip

LETTERS = {
    "đ": "d", "ð": "d", "ø": "o", "ł": "l", "æ": "a", "œ": "o", "þ": "t", "ħ": "h", "ŧ": "t", "ı": "i", "ß": "s",
    "ə": "e", "ɛ": "e", "ɔ": "o", "ŋ": "n", "ɓ": "b", "ɗ": "d", "ƙ": "k", "ƴ": "y", "ё": "е",
    # What Arabic keyboards give for one another, and what people write for one another in haste.
    "أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا", "ى": "ي", "ی": "ي", "ة": "ه", "ک": "ك", "ؤ": "و", "ئ": "ي",
    # Dashes and quotes are one kind each.
    "‐": "-", "‑": "-", "‒": "-", "–": "-", "—": "-", "−": "-", "’": "'", "‘": "'", "ʼ": "'", "´": "'", "`": "'",
    "“": '"', "”": '"', "«": '"', "»": '"', "„": '"', "‟": '"',
}  # fmt: skip


class _Folding(dict[int, str]):
    """What each character becomes: exactly one character."""

    def __missing__(self, code: int) -> str:
        if len(self) > 20_000:  # a text made of every character there is must not stay in memory
            self.clear()
        self[code] = becomes = _becomes(chr(code))
        return becomes


def _becomes(character: str) -> str:
    digit = unicodedata.decimal(character, None)
    if digit is not None:
        return str(digit)
    if character in LETTERS:
        return LETTERS[character]
    if character in "\r\n\u2028\u2029\x85":
        return "\n"
    if character.isspace() or unicodedata.category(character) == "Cc":
        return " "
    small = character.lower()[0]
    small = LETTERS.get(small, small)
    if small.isascii():
        return small
    plain = unicodedata.normalize("NFKD", small)[0].lower()
    plain = LETTERS.get(plain[0], plain[0])
    # Only letters are taken apart: "½" must not become a 1, nor "①".
    return plain if plain.isalpha() or (plain.isascii() and not plain.isalnum() and plain.strip()) else small


_folding = _Folding()


def folded(text: str) -> str:
    """The text as it is searched. Names and places of the lists are folded by this too."""
    return LEFT_OUT.sub("", text).translate(_folding)


@dataclass(frozen=True, slots=True)
class Word:
    """A word of the folded text."""

    start: int
    end: int
    text: str
    capital: bool  # it begins with a capital letter, in the text as it was written
    opens: bool  # it is the first of a sentence, where a capital letter says nothing
    joined: bool  # nothing but one space or hyphen stands between the word before and this one


# A word: letters, with apostrophes and hyphens inside. Marks of Indic scripts belong to it.
WORD = re.compile(r"[^\W\d_](?:[^\W_]|[\u0900-\u0903\u093a-\u094f\u0980-\u0983\u09bc-\u09cd\u0e31-\u0e4e])*"
                  r"(?:['-][^\W\d_]+){0,3}")  # fmt: skip
SENTENCE = re.compile(r"[.!?…؟۔।:\n\"•>*(\[]|^-\s|\n-")


class Reading:
    """A text, its folded form, and the way back from the one to the other."""

    def __init__(self, text: str) -> None:
        kept = self._text = text
        self._places: list[int] | None = None
        if LEFT_OUT.search(text):
            self._places = []
            pieces, place = [], 0
            for found in LEFT_OUT.finditer(text):
                pieces.append(text[place : found.start()])
                self._places.extend(range(place, found.start()))
                place = found.end()
            pieces.append(text[place:])
            self._places.extend(range(place, len(text)))
            kept = "".join(pieces)
        self.kept = kept
        self.plain = kept.translate(_folding)

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Where this is in the text as it was written; marks over its last letter belong to it."""
        if self._places is None:
            return start, end
        last = self._places[end - 1] + 1
        while last < len(self._text) and unicodedata.combining(self._text[last]):
            last += 1
        return self._places[start], last

    @cached_property
    def words(self) -> list[Word]:
        """The words, in order."""
        found: list[Word] = []
        kept, plain = self.kept, self.plain
        end = 0
        for match in WORD.finditer(plain):
            start = match.start()
            between = plain[end:start]
            opens = not found or SENTENCE.search(between) is not None
            joined = between in {" ", "-", "  "}
            found.append(Word(start, match.end(), match[0], kept[start].isupper(), opens, joined))
            end = match.end()
        return found

    @cached_property
    def is_shouted(self) -> bool:
        """Whether most of it is written in capital letters."""
        return sum(map(str.isupper, self.kept)) > sum(map(str.islower, self.kept))

    @cached_property
    def has_capitals(self) -> bool:
        """Whether capital letters mean something here: there are some, and small letters too."""
        capitals = sum(word.capital and not self.kept[word.start : word.end].isupper() for word in self.words)
        latin = sum(word.text[0] < "\u0590" for word in self.words)
        return not self.is_shouted and capitals > 0 and capitals * 60 >= latin


def read(text: str) -> Reading:
    return Reading(text)
