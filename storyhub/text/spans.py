"""Places in a story, counted in code points: as they are typed, found, and shown."""

from __future__ import annotations

import re
import unicodedata

Span = tuple[int, int]

MOST_SPANS = 200
_WRITTEN = re.compile(r"\s*(\d{1,7})\s*[-–]\s*(\d{1,7})\s*")


def read_spans(written: str, length: int) -> list[Span]:
    """The spans of "12-18,40-52" (end excluded). ValueError for one that is malformed or not in the text.

    >>> read_spans("12-18, 40-52", 60)
    [(12, 18), (40, 52)]
    """
    parts = [part for part in written.split(",") if part.strip()]
    if len(parts) > MOST_SPANS:
        raise ValueError("too many spans")
    spans = []
    for part in parts:
        found = _WRITTEN.fullmatch(part)
        if found is None or not int(found[1]) < int(found[2]) <= length:
            raise ValueError(f"{part.strip()[:40]!r} is not a place in the text")
        spans.append((int(found[1]), int(found[2])))
    return spans


def find_words(text: str, words: str) -> list[Span]:
    """Every place where these words stand, however their white space is broken over lines.

    Whole words go before parts of words ("Al" is not hidden in "also"), and exact letters before others; parts of
    words are taken only where nothing else is found, for scripts that tie or do not part their words.
    """
    pieces = words.split()
    if not pieces:
        return []
    inner = r"\s+".join(re.escape(piece) for piece in pieces)
    before = r"(?<![\w])" if _is_of_a_word(pieces[0][0]) else ""
    after = r"(?![\w])" if _is_of_a_word(pieces[-1][-1]) else ""
    for pattern in (f"{before}{inner}{after}", inner):
        for flags in (0, re.IGNORECASE):
            if found := [match.span() for match in re.finditer(pattern, text, flags)]:
                return found
    return []


def everywhere(text: str, spans: list[Span]) -> list[Span]:
    """The spans, and every other place where their words stand."""
    places = set(spans)
    for start, end in spans:
        places.update(find_words(text, text[start:end]))
    return sorted(places)


def without_edges(text: str, span: Span) -> Span:
    """The span without white space at its ends, which a selection by hand often takes along; itself if all is such."""
    words = text[slice(*span)]
    start = span[0] + len(words) - len(words.lstrip())
    return (start, start + len(words.strip())) if words.strip() else span


def paragraphs(text: str) -> list[tuple[int, str]]:
    """(where it begins, its words) of every paragraph, as pages show them: parted by an empty line."""
    begins, parts = 0, []
    for part in text.split("\n\n"):
        parts.append((begins, part))
        begins += len(part) + 2
    return parts


def pieces(text: str, spans: list[Span]) -> list[tuple[str, bool]]:
    """The text in order, in pieces that a span covers (True) or does not."""
    cut, done = [], 0
    for start, end in sorted(spans):
        cut += [(text[done:start], False), (text[start:end], True)]
        done = end
    return [(words, covered) for words, covered in [*cut, (text[done:], False)] if words]


def _is_of_a_word(character: str) -> bool:
    return unicodedata.category(character)[0] in "LNM"
