"""Where the words that somebody looked for stand in a story, and the piece of it around the first of them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import NamedTuple

from storyhub.text import excerpt, folding

LENGTH = 280  # code points of a piece
BEFORE = 60  # of them before the first find, if there is so much
STRETCH = 4_000  # code points that are looked through at once
PART = 500  # of them that are folded word by word, till a find begins there
LOOKED_AT = 60_000  # code points of one story, about where the index says that the words stand
LONGEST_FIND = 400  # code points beyond a stretch's end, for a phrase that goes on there
MOST_MARKS = 30

Span = tuple[int, int]
RUN = re.compile(r"\S+")
SPACE = re.compile(r"\s")
SPACES = re.compile(r"\s+")


class Token(NamedTuple):
    """A token of a text, and where what it was made of stands: all of it, and its first character."""

    text: str
    start: int
    end: int
    first_end: int


BETWEEN = Token("", 0, 0, 0)  # stands for any number of words that hold nothing of what is wanted


def snippet(text: str, wanted: folding.Query, share: float = 0.0) -> tuple[str, list[Span], bool, bool]:
    """A piece of the text, the spans of finds in it, and whether something was left out before and after.

    `share`: how much of the text stands before the first find, as far as anybody knows (0 to 1).
    """
    text = text.strip()
    if in_opening := _from(text, wanted, 0, LENGTH):
        opening, is_cut = excerpt.opening(text, LENGTH)
        if spans := [span for span in in_opening if span[1] <= len(opening)]:
            return opening, spans, False, is_cut
    first = _first(text, wanted, share)
    if first is None:
        opening, is_cut = excerpt.opening(text, LENGTH)
        return opening, [], False, is_cut
    start = _word_start(text, max(0, first - BEFORE), first)
    piece, is_cut = excerpt.opening(text[start:], LENGTH)
    spans = [(begin - start, end - start) for begin, end in _from(text, wanted, start, LENGTH)]
    return piece, [span for span in spans if span[1] <= len(piece)], True, is_cut


def find(text: str, wanted: folding.Query) -> list[Span]:
    """Spans in code points of the finds in a short text, such as a title: in order, apart, folded as the index is."""
    return _from(text, wanted, 0, STRETCH)


def _first(text: str, wanted: folding.Query, share: float) -> int | None:
    """Where a find begins: the first one of the stretch nearest to where it is held to be."""
    for stretch in _stretches(len(text), share):
        for start in range(stretch, min(stretch + STRETCH, len(text)), PART):  # no further than it has to be folded
            if spans := _from(text, wanted, start, PART):
                return spans[0][0]
    return None


def _stretches(length: int, share: float) -> Iterator[int]:
    """Beginnings of stretches, the likeliest first, then those about it, till enough was looked at."""
    number = -(-length // STRETCH)
    likeliest = min(int(length * share) // STRETCH, max(number - 1, 0))
    nearest = sorted(range(number), key=lambda one: (abs(one - likeliest), one))
    for one in nearest[: LOOKED_AT // STRETCH]:
        yield one * STRETCH


def _from(text: str, wanted: folding.Query, start: int, length: int) -> list[Span]:
    """Finds that begin within a stretch of the text."""
    begin = _word_start(text, start, start + LENGTH) if start and not text[start - 1].isspace() else start
    end = start + length + (LONGEST_FIND if any(len(term.tokens) > 1 for term in wanted.terms) else 0)
    if end < len(text) and (space := SPACE.search(text, end, end + LENGTH)):
        end = space.start()
    tokens = list(_tokens(text[begin:end], begin, wanted.any_token))
    if not tokens:
        return []
    spans = [span for term in wanted.terms for span in _finds(tokens, term)]
    return _apart(sorted((span for span in spans if span[0] < start + length), key=lambda span: (span[0], -span[1])))


def _finds(tokens: list[Token], term: folding.Term) -> Iterator[Span]:
    """Where a term's tokens stand side by side."""
    *before, last = term.tokens
    for place in range(len(tokens) - len(before)):
        ending = tokens[place + len(before)]
        if ending.text != last and not (term.begins and ending.text.startswith(last)):
            continue
        if all(tokens[place + number].text == token for number, token in enumerate(before)):
            yield tokens[place].start, ending.first_end if term.begins else ending.end


def _tokens(stretch: str, begin: int, pattern: re.Pattern[str]) -> Iterator[Token]:
    """The tokens of a stretch that begins at `begin`, with their places there; one of nothing where others stand.

    Only words that hold, nearly folded, some of what is wanted are folded wholly, and the others not even divided.
    """
    nearly = _nearly_folded("\n".join(stretch.split()))
    rest, done, over = stretch, 0, 0  # where the word before began, its number, and where it ends in the folded lines
    for hit in pattern.finditer(nearly):
        if hit.start() < over:
            continue
        line = nearly.rfind("\n", 0, hit.start()) + 1
        if nearly[over:line].strip():  # no dash, which a phrase goes on across
            yield BETWEEN
        number = done + nearly.count("\n", over, line)
        rest = rest.split(None, number - done)[-1]
        yield from _of_word(rest.split(None, 1)[0], begin + len(stretch) - len(rest), pattern)
        end = nearly.find("\n", line)
        done, over = number, end if end >= 0 else len(nearly)


def _nearly_folded(lines: str) -> str:
    found = lines.translate(folding.LINES).replace("'", "")
    return found if found.isascii() else unicodedata.normalize("NFC", found)


def _of_word(word: str, start: int, pattern: re.Pattern[str]) -> Iterator[Token]:
    """The tokens of a word with their places: each is all of it, without the punctuation around it."""
    if folding.PAIRED_CHARACTER.search(word):
        yield from _within(word, start, pattern)
    else:
        first, last = _bare(word, start)
        for token in folding.tokens(word):
            yield Token(token, first, last, last)


def _within(run: str, start: int, pattern: re.Pattern[str]) -> Iterator[Token]:
    """Tokens of a run that has characters of a script without spaces, each with its own place."""
    becomes = [folding.CHARACTERS[ord(character)].replace("'", "") for character in run]
    places = [place for place, piece in enumerate(becomes) for _each in piece]
    folded = "".join(becomes)
    for piece in RUN.finditer(folded):
        for part in folding.RUNS.finditer(piece.group()):
            first = piece.start() + part.start()
            if not part.group(1):
                whole = start + places[piece.start() + part.end() - 1] + 1
                yield Token(part.group(), start + places[first], whole, whole)
                continue
            for number in range(len(part.group())):
                token = part.group()[number : number + 2]
                if not pattern.match(token):
                    yield BETWEEN
                    continue
                begin, end = places[first + number], places[first + number + len(token) - 1]
                yield Token(token, start + begin, start + end + 1, start + begin + 1)


def _apart(spans: list[Span]) -> list[Span]:
    kept: list[Span] = []
    for span in spans[: MOST_MARKS * 4]:
        if len(kept) < MOST_MARKS and (not kept or span[0] >= kept[-1][1]):
            kept.append(span)
    return kept


def _bare(run: str, start: int) -> Span:
    """The span of a word without the punctuation around it."""
    first, last = 0, len(run)
    while first < last and unicodedata.category(run[first])[0] in "PS":
        first += 1
    while last > first and unicodedata.category(run[last - 1])[0] in "PS":
        last -= 1
    return (start + first, start + last) if first < last else (start, start + len(run))


def _word_start(text: str, place: int, latest: int) -> int:
    """The first beginning of a word from `place` on, no later than `latest`."""
    if place == 0:
        return 0
    space = SPACES.search(text, place, latest)
    return space.end() if space else latest
