"""Where the words that somebody looked for stand in a story, and the piece of it around the first of them."""

from __future__ import annotations

import re
import unicodedata

from storyhub.text import excerpt, folding

LENGTH = 280  # code points of a piece
BEFORE = 60  # of them before the first find, if there is so much
LONGEST_LOOKED_AT = 60_000  # code points of a story; a find after that is shown by the story's opening
MOST_MARKS = 30

Span = tuple[int, int]
RUN = re.compile(r"\S+")


def snippet(text: str, wanted: folding.Query) -> tuple[str, list[Span], bool, bool]:
    """A piece of the text, the spans of wanted words in it, and whether something was left out before and after."""
    text = text.strip()
    spans = find(text, wanted)
    opening, is_cut = excerpt.opening(text, LENGTH)
    if not spans or spans[0][1] <= len(opening):
        return opening, [span for span in spans if span[1] <= len(opening)], False, is_cut
    start = _word_start(text, max(0, spans[0][0] - BEFORE), spans[0][0])
    piece, is_cut = excerpt.opening(text[start:], LENGTH)
    end = start + len(piece)
    if spans[0][1] > end:  # a find longer than the piece: then the piece is the find's beginning
        return piece, [], True, is_cut
    return (
        piece,
        [(first - start, last - start) for first, last in spans if start <= first and last <= end],
        True,
        is_cut,
    )


def find(text: str, wanted: folding.Query) -> list[Span]:
    """Spans in code points of the text's words that the query means, in order and apart. Folded as the index is."""
    words = {token for term in wanted.terms for token in term.tokens}
    runs = {folded for term in wanted.terms if (folded := _paired(term.tokens))}
    spans: list[Span] = []
    for run in RUN.finditer(text[:LONGEST_LOOKED_AT]):
        if len(spans) >= MOST_MARKS:
            break
        if folding.PAIRED_CHARACTER.search(run.group()):
            spans += _within(run.group(), run.start(), runs)
        elif words.intersection(folding.tokens(run.group())):
            spans.append(_bare(run.group(), run.start()))
    return spans


def _paired(tokens: tuple[str, ...]) -> str:
    """The characters that a term of overlapping pairs was made of; "" for a term of words."""
    if not tokens or not folding.PAIRED_CHARACTER.match(tokens[0]):
        return ""
    return tokens[0] + "".join(token[1:] for token in tokens[1:])


def _within(run: str, start: int, wanted: set[str]) -> list[Span]:
    """Finds inside a run of a script without spaces, character by character."""
    folded, places = "", []
    for place, character in enumerate(run):
        becomes = "".join(token[:1] for token in folding.tokens(character)[:1])
        folded += becomes
        places += [place] * len(becomes)
    spans: list[Span] = []
    for looked_for in wanted:
        for found in re.finditer(re.escape(looked_for), folded):
            first, last = places[found.start()], places[found.end() - 1]
            spans.append((start + first, start + last + 1))
    return _apart(sorted(spans))


def _apart(spans: list[Span]) -> list[Span]:
    kept: list[Span] = []
    for span in spans:
        if not kept or span[0] >= kept[-1][1]:
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
    space = re.compile(r"\s+").search(text, place, latest)
    return space.end() if space else latest
