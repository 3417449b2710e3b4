"""Lists of words that people can read and change, looked for in a text: one small notation, and what finds it.

A line is words that stand side by side, whole, in this order, within one sentence. In it

    child/kid   is any one of these words
    threat*     is every word that begins so; * alone is one word, whichever
    …           (or ...) is up to four words, or none
    #           is an age under 18, in figures or in words
    !of/from    first or last: none of these may stand right before, or right after

Case, accents, Arabic and Hindi signs over letters, and tatweel do not matter (`folding`); "I'm", "im" and "I am" are
the same. Each word of a text is looked up in an index, so that the time grows with its length alone.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

from storyhub.text.folding import CHARACTERS, PAIRED

__all__ = ["Finder", "Found", "Line", "Unreadable", "line", "words_of"]

GAP_WORDS = 4
LONGEST_LINE = 400  # characters
MOST_GAPS = 2
MOST_WAYS = 64  # in which one line can be said, where one of its words stands for several
FEWEST_LETTERS = 3  # of a line that is one word, and before a star
MOST_READ = 200_000  # characters: the longest story

SIGNS_OF_OURS = frozenset("…*#")
PAUSE, STOP = "\x02", "\x03"  # a full stop, which is none among several or before a figure; another end
STOPS = frozenset("!?؟۔।॥。！？")
OF_HINDI = {"ँ": "ं", "़": ""}  # what people leave out or give for one another
WORD = re.compile(rf"{STOP}|\n\s*\n|(?<!{PAUSE}){PAUSE}(?![{PAUSE}\d])|[{PAIRED}]|[^\s{PAUSE}{STOP}{PAIRED}]+")
BREAK = ""  # stands between two sentences
FIGURE = "#"  # under which lines that begin with an age are looked up

# What is said as two words, as it is written with an apostrophe and in haste without one.
ENDINGS = {"m": "am", "re": "are", "ve": "have", "ll": "will", "d": "would", "s": "is"}
APART = {
    "im": "i am", "ive": "i have", "hes": "he is", "shes": "she is", "theyre": "they are", "youre": "you are",
    "dont": "do not", "doesnt": "does not", "didnt": "did not", "cant": "can not", "cannot": "can not",
    "wont": "will not", "isnt": "is not", "arent": "are not", "wanna": "want to", "gonna": "going to",
}  # fmt: skip
AND_OF_ARABIC = ("و", "ف")  # written as one with the word after them
GLUED = re.compile(r"(\d{1,2})(years?|yrs?|ans|anos|saal|साल|سنه|سنوات)")  # 13years old
AGE = re.compile(r"(?:[1-9]|1[0-7])(?:yo|y)?")


class _Signs(dict[int, str]):
    """What each character becomes: as in searching, but where sentences end, and apostrophes, are still seen."""

    def __missing__(self, code: int) -> str:
        if len(self) > 20_000:  # a text made of every character there is must not stay in memory
            self.clear()
        self[code] = becomes = _becomes(chr(code))
        return becomes


def _becomes(character: str) -> str:
    if character == ".":
        return PAUSE
    if character in STOPS:
        return STOP
    if character == "\n":
        return "\n"
    return "".join(OF_HINDI.get(sign, sign) for sign in unicodedata.normalize("NFD", CHARACTERS[ord(character)]))


SIGNS = _Signs()


@dataclass(frozen=True, slots=True)
class Found:
    """A line and where it was found, in code points of the text."""

    kind: str
    phrase: str
    start: int
    end: int


class _Text:
    """The words of a text in order, each with its place; between two sentences stands BREAK."""

    def __init__(self, text: str) -> None:
        signs = [SIGNS[ord(character)] for character in text[:MOST_READ]]
        plain = "".join(signs)
        places: Sequence[int] = range(len(signs))
        if any(len(sign) != 1 for sign in signs):
            places = [place for place, sign in enumerate(signs) for _ in sign]
        self.words: list[str] = []
        self.spans: list[tuple[int, int]] = []
        for match in WORD.finditer(plain):
            start, end = match.span()
            for word in _said(match[0]):
                self.words.append(word)
                self.spans.append((places[start], places[end - 1] + 1))


def _said(written: str) -> tuple[str, ...]:
    """The words that one written word stands for; what ends a sentence is BREAK."""
    if written[0] in (PAUSE, STOP, "\n"):
        return (BREAK,)
    if not written.isascii():
        written = unicodedata.normalize("NFC", written)
    if "'" in written:
        return tuple(_parted(written.strip("'")))
    if written[0].isdigit() and (glued := GLUED.fullmatch(written)):
        return glued.groups()
    apart = APART.get(written)
    return tuple(apart.split()) if apart else (written,)


def _parted(word: str) -> Iterator[str]:
    """The words on both sides of an apostrophe, those of English endings in full."""
    if word.endswith("n't"):
        yield from ({"ca": "can", "wo": "will"}.get(word[:-3], word[:-3]), "not")
        return
    first, *rest = word.split("'")
    yield first
    for number, part in enumerate(rest, 1):
        if part:
            yield ENDINGS.get(part, part) if number == len(rest) else part


@dataclass(frozen=True, slots=True)
class _Piece:
    """What may stand at one place."""

    words: frozenset[str] = frozenset()
    beginnings: tuple[str, ...] = ()
    ages: frozenset[str] | None = None  # in words; in figures they are the same everywhere
    any_word: bool = False

    @property
    def is_plain(self) -> bool:
        """Whether it is one of these words, and nothing else."""
        return bool(self.words) and not self.beginnings

    def fits(self, word: str) -> bool:
        if not word:
            return False
        if self.any_word or word in self.words or (self.beginnings and word.startswith(self.beginnings)):
            return True
        if self.ages is not None and (word in self.ages or AGE.fullmatch(word)):
            return True
        return word[0] in AND_OF_ARABIC and len(word) > FEWEST_LETTERS and self.fits(word[1:])


GAP = _Piece()
NOTHING = _Piece()


@dataclass(frozen=True, slots=True)
class Line:
    """A line as it was written, and the ways in which it can be said."""

    phrase: str
    ways: tuple[tuple[_Piece, ...], ...]
    not_before: _Piece = NOTHING
    not_after: _Piece = NOTHING


class Unreadable(ValueError):
    """A line that cannot be looked for; `why` is a code."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


def line(written: str, ages: frozenset[str] = frozenset()) -> Line:
    """Read one line. `ages`: words for ages under 18 in its language. Raises Unreadable."""
    if len(written) > LONGEST_LINE:
        raise Unreadable("long")
    parts = [part for part in written.replace("...", " … ").replace("…", " … ").split() if _means_something(part)]
    if not parts:
        raise Unreadable("empty")
    not_before = not_after = NOTHING
    if parts[0].startswith("!"):
        not_before = _unwanted(parts.pop(0))
    if parts and parts[-1].startswith("!"):
        not_after = _unwanted(parts.pop())
    if any(part.startswith("!") for part in parts):
        raise Unreadable("not-inside")
    _check_ends(parts)
    choices = [list(_choices(part, ages)) for part in parts]
    if _count(choices) > MOST_WAYS:
        raise Unreadable("ways")
    ways = tuple(tuple(piece for choice in chosen for piece in choice) for chosen in product(*choices))
    _check_is_enough(ways)
    return Line(written, ways, not_before, not_after)


def _means_something(part: str) -> bool:
    """Commas and dashes between words don't."""
    return (
        part in SIGNS_OF_OURS or "/" in part or "*" in part or "#" in part or part[0] == "!" or any(_Text(part).words)
    )


def _check_ends(parts: list[str]) -> None:
    if not parts:
        raise Unreadable("empty")
    if {parts[0], parts[-1]} & {"…", "*"}:
        raise Unreadable("ends")
    if parts.count("…") > MOST_GAPS:
        raise Unreadable("gaps")


def _count(choices: list[list[tuple[_Piece, ...]]]) -> int:
    ways = 1
    for choice in choices:
        ways *= len(choice)
    return ways


def _check_is_enough(ways: Iterable[tuple[_Piece, ...]]) -> None:
    """A word of two letters alone, or any age, would be found in nearly every story."""
    for way in ways:
        if len(way) > 1:
            continue
        shortest = min(map(len, way[0].words), default=0)
        wide = re.match(f"[{PAIRED}]", next(iter(way[0].words), "")) is not None
        if not way[0].beginnings and shortest < FEWEST_LETTERS and not wide:
            raise Unreadable("short")


def _unwanted(part: str) -> _Piece:
    words = [said for word in part.removeprefix("!").split("/") for said in words_of(word)[:1]]
    if not words:
        raise Unreadable("empty")
    beginnings = tuple(word[:-1] for word in words if word.endswith("*"))
    return _Piece(frozenset(word for word in words if not word.endswith("*")), beginnings)


def _choices(part: str, ages: frozenset[str]) -> Iterator[tuple[_Piece, ...]]:
    """What may stand for one part of a line: single words together, and each that stands for several by itself."""
    if part in SIGNS_OF_OURS:
        yield ({"…": GAP, "*": _Piece(any_word=True), "#": _Piece(ages=ages)}[part],)
        return
    single: set[str] = set()
    beginnings: set[str] = set()
    for written in part.split("/"):
        words = words_of(written)
        if not words:
            raise Unreadable("empty-choice")
        if words[-1].endswith("*") and len(words) == 1:
            beginnings.add(words[0][:-1])
        elif len(words) == 1:
            single.add(words[0])
        else:
            yield tuple(_Piece(frozenset({word})) for word in words)
    if single or beginnings:
        yield (_Piece(frozenset(single), tuple(sorted(beginnings))),)


def words_of(written: str) -> list[str]:
    """The words of a piece of a line, folded as those of a text are; a star stays at its end."""
    starred = written.endswith("*")
    bare = written.removesuffix("*")
    if "*" in bare or "#" in bare:
        raise Unreadable("star")
    words = [word for word in _Text(bare).words if word]
    if starred:
        if not words or len(words[-1]) < FEWEST_LETTERS:
            raise Unreadable("star-short")
        words[-1] += "*"
    return words


class Finder:
    """Many lines of several kinds, ready to be looked for together."""

    def __init__(self, lines: Iterable[tuple[str, Line]]) -> None:
        self._pairs: dict[tuple[str, str], list[_Way]] = {}
        self._firsts: dict[str, list[_Way]] = {}
        self._beginnings: dict[str, list[_Way]] = {}
        for kind, one in lines:
            for pieces in one.ways:
                self._add(_Way(kind, one, pieces))

    def _add(self, way: _Way) -> None:
        first = way.pieces[0]
        second = way.pieces[1] if len(way.pieces) > 1 else GAP
        if first.is_plain and second.is_plain:
            for pair in product(first.words, second.words):
                self._pairs.setdefault(pair, []).append(way)
            return
        for word in first.words if first.ages is None else {FIGURE, *first.ages}:
            self._firsts.setdefault(word, []).append(way)
        for beginning in first.beginnings:
            self._beginnings.setdefault(beginning[:FEWEST_LETTERS], []).append(way)

    def find(self, text: str) -> list[Found]:
        """Every line that is found, each as often as it stands there, in the order of their places."""
        read = _Text(text)
        found: dict[Found, None] = {}
        for place, way in self._candidates(read.words):
            end = way.ends_at(read.words, place)
            if end is not None:
                start, stop = read.spans[place][0], read.spans[end - 1][1]
                found[Found(way.kind, way.line.phrase, start, stop)] = None
        return sorted(found, key=lambda one: (one.start, one.end))

    def kinds(self, text: str) -> set[str]:
        """Which kinds are found, wherever."""
        words, found = _Text(text).words, set[str]()
        for place, way in self._candidates(words):
            if way.kind not in found and way.ends_at(words, place) is not None:
                found.add(way.kind)
        return found

    def _candidates(self, words: list[str]) -> Iterator[tuple[int, _Way]]:
        """Where a line may begin. One that needs a word that the text has nowhere is not tried at any place."""
        present = {form for word in words for form in _forms(word)}
        possible: dict[tuple[int, Any], list[_Way]] = {}

        def among(table: dict[Any, list[_Way]], key: Any) -> list[_Way]:
            # Once for each word of a text, however often it stands there: a list may have very many lines for it.
            at = (id(table), key)
            if at not in possible:
                possible[at] = [way for way in table.get(key, ()) if way.may_be_among(present)]
            return possible[at]

        for place, (word, following) in enumerate(zip(words, [*words[1:], BREAK], strict=False)):
            if not word:
                continue
            for first in _forms(word):
                ways = [*among(self._firsts, first), *among(self._beginnings, first[:FEWEST_LETTERS])]
                for second in _forms(following):
                    ways += among(self._pairs, (first, second))
                for way in ways:
                    yield place, way


def _forms(word: str) -> tuple[str, ...]:
    """The word as it is looked up: with "and" written as one with it, also without; a figure as any."""
    if word and word[0] in AND_OF_ARABIC and len(word) > FEWEST_LETTERS:
        return (word, word[1:])
    return (word, FIGURE) if word and word[0].isdigit() else (word,)


@dataclass(frozen=True, slots=True)
class _Way:
    """One way in which a line can be said."""

    kind: str
    line: Line
    pieces: tuple[_Piece, ...]

    def may_be_among(self, present: set[str]) -> bool:
        """Whether a text with these words has one for each of its places."""
        return all(not piece.is_plain or not piece.words.isdisjoint(present) for piece in self.pieces)

    def ends_at(self, words: list[str], start: int) -> int | None:
        """The place after its last word if it stands here and nothing speaks against it; else None."""
        if start and self.line.not_before.fits(words[start - 1]):
            return None
        end = self._after(words, start, 0)
        if end is None or (end < len(words) and self.line.not_after.fits(words[end])):
            return None
        return end

    def _after(self, words: list[str], place: int, number: int) -> int | None:
        for at in range(number, len(self.pieces)):
            piece = self.pieces[at]
            if piece is GAP:
                return self._over_gap(words, place, at + 1)
            if place >= len(words) or not piece.fits(words[place]):
                return None
            place += 1
        return place

    def _over_gap(self, words: list[str], place: int, number: int) -> int | None:
        """From after a gap: at most GAP_WORDS lie in it, all of one sentence."""
        for start in range(place, min(place + GAP_WORDS + 1, len(words))):
            end = self._after(words, start, number)
            if end is not None:
                return end
            if words[start] == BREAK:
                return None
        return None
