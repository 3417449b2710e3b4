"""What in a story could give somebody away: spans of names, numbers, ages, places and more, found offline.

A pure function of the words. How it works, what it finds and what it misses: docs/identifying.md.
"""

from __future__ import annotations

from storyhub.text import language as languages
from storyhub.text.identifying import addresses, ages, codes, online, people
from storyhub.text.identifying.people import covers
from storyhub.text.identifying.reading import read
from storyhub.text.identifying.spans import KINDS, STRUCTURED, Span, settled

__all__ = ["KINDS", "STRUCTURED", "Span", "covers", "find"]


def find(text: str, language: str | None) -> list[Span]:
    """The spans in order, apart from one another, in code points of the text, the end excluded.

    Names, places, ages and workplaces are looked for where `covers(language)`; the language is told from the words
    when it is not given. What has a shape of its own (numbers, links, addresses) is looked for always.
    """
    spoken = language or languages.detect(text)
    primary = spoken.split("-")[0].lower() if spoken else None
    reading = read(text)
    found = [
        *online.find(reading),
        *codes.find(reading, primary),
        *addresses.find(reading),
        *ages.find(reading, primary),
    ]
    if primary and covers(primary):
        found += people.find(reading, primary)
    return settled(
        Span(*reading.span(span.start, span.end), span.kind, span.why) for span in found if span.end > span.start
    )
