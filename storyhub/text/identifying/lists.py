"""The lists of names, places and ordinary words: read when first asked, kept as numbers, a few bytes for each."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterator
from functools import cache
from importlib.resources import files

__all__ = ["GIVEN", "LARGE", "SURNAME", "names", "ordinary", "place_beginnings", "places", "stems"]

GIVEN, SURNAME = 1, 2
WORD_IN = {"en": 4, "es": 8, "fr": 16, "pt": 32, "ar": 64}
ENDINGS = ("s", "es", "d", "ed", "ing", "ly", "er", "e", "a", "as", "os", "n", "mente")
LARGE = 128  # a town whose name is known everywhere
LONGEST_PLACE = 4  # words


class Lexicon:
    """Which words are in a list, and what the list says of each in one byte.

    A set of a hundred thousand strings takes ten megabytes; their hashes in order take one.
    """

    def __init__(self, entries: dict[str, int]) -> None:
        self._hashes = array("q", sorted(hash(entry) for entry in entries))
        by_hash = {hash(entry): note for entry, note in entries.items()}
        self._notes = bytes(by_hash[number] for number in self._hashes)

    def get(self, entry: str) -> int | None:
        """What is noted of this entry; None when it is not in the list."""
        number = hash(entry)
        place = bisect_left(self._hashes, number)
        if place < len(self._hashes) and self._hashes[place] == number:
            return self._notes[place]
        return None

    def __contains__(self, entry: str) -> bool:
        return self.get(entry) is not None


def _lines(name: str) -> Iterator[str]:
    text = files(__package__).joinpath("data", name).read_text("utf-8")
    return (line for line in text.splitlines() if line and not line.startswith("#"))


def _word_in(languages: str) -> int:
    return sum(WORD_IN[language] for language in languages.split())


@cache
def names() -> Lexicon:
    """Given names and surnames of many countries, with the languages in which each is an ordinary word too."""
    entries: dict[str, int] = {}
    for file in ("names.txt", "names-more.txt"):
        for line in _lines(file):
            name, kinds, *languages = line.split(" ")
            note = GIVEN * ("g" in kinds) + SURNAME * ("s" in kinds) + _word_in(" ".join(languages))
            entries[name] = entries.get(name, 0) | note
    return Lexicon(entries)


@cache
def places() -> Lexicon:
    """Towns, with the languages in which each is an ordinary word too."""
    entries: dict[str, int] = {}
    for line in _lines("places.txt"):
        place, _tab, languages = line.partition("\t")
        entries[place] = _word_in(languages.replace("large", "")) | LARGE * ("large" in languages)
    return Lexicon(entries)


@cache
def place_beginnings() -> Lexicon:
    """The first word of each place, with the number of words that the longest such place has."""
    longest: dict[str, int] = {}
    for line in _lines("places.txt"):
        words = line.partition("\t")[0].split(" ")
        longest[words[0]] = max(longest.get(words[0], 0), min(len(words), LONGEST_PLACE))
    return Lexicon(longest)


@cache
def _words(language: str) -> Lexicon:
    return Lexicon(dict.fromkeys(_lines(f"words-{language}.txt"), 0))


def ordinary(word: str, language: str) -> bool:
    """Whether this is an ordinary word of the language, as it stands or with a usual ending."""
    if language == "ar":
        return False
    known = _words(language)
    return len(word) < 3 or word in known or any(stem in known for stem in stems(word))


def stems(word: str) -> Iterator[str]:
    """The word without its ending, as far as endings are alike in the languages that have lists."""
    for ending in ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            stem = word[: -len(ending)]
            yield stem
            if ending in {"ed", "ing", "er"}:
                yield stem + "e"
                if stem[-1] == stem[-2]:
                    yield stem[:-1]
            elif ending in {"a", "as", "os"}:
                yield stem + "o"
            elif ending == "es":
                yield stem + "e"
    if word.endswith("ies"):
        yield word[:-3] + "y"
