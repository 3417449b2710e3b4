"""What in a story could give somebody away: spans of names, numbers, ages, places and more, found offline.

A pure function of the words. How it works, what it finds and what it misses: docs/identifying.md.
"""

from __future__ import annotations

from storyhub.text import language as languages
from storyhub.text.identifying import addresses, ages, arabic, codes, names, online, places, workplaces
from storyhub.text.identifying.reading import Reading, read
from storyhub.text.identifying.searching import Search, covers
from storyhub.text.identifying.spans import KINDS, STRUCTURED, Span, settled

__all__ = ["KINDS", "STRUCTURED", "Span", "covers", "find"]


def find(text: str, language: str | None) -> list[Span]:
    """The spans in order, apart from one another, in code points of the text, the end excluded.

    Names, places, ages and workplaces are looked for where `covers(language)`; the language is told from the words
    when it is not given. What has a shape of its own (numbers, links, addresses) is looked for always.
    """
    spoken = language or languages.detect(text)
    primary = spoken.replace("_", "-").split("-")[0].lower() if spoken else None
    reading = read(text)
    found = [
        *online.find(reading),
        *codes.find(reading, primary),
        *addresses.find(reading),
        *ages.find(reading, primary),
    ]
    if primary and covers(primary):
        found += _people_and_places(reading, primary)
    return settled(Span(*reading.span(span.start, span.end), span.kind, span.why) for span in found)


def _people_and_places(reading: Reading, language: str) -> list[Span]:
    """What lists and the words beside tell; what is understood first explains what comes after."""
    search = Search(reading, language)
    workplaces.find_the_only_one(search)
    if language == "ar":
        arabic.find(search)
        return search.found
    names.find_introduced(search)
    workplaces.find(search)
    workplaces.find_partners(search)
    places.find_headed(search)
    names.find_titled(search)
    if search.capitals:
        names.find_openers(search)
        names.find_runs(search)
    places.find_small(search)
    if not search.capitals:
        names.find_listed(search)
    return search.found
