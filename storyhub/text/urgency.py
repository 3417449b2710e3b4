"""What is urgent: words that suggest present danger, or a child, from lists that a steward can read and change.

A hit chooses the lane in which a story waits and nothing else. What the lists can do and cannot: docs/urgent.md.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Literal, cast

from storyhub.text import phrases, wordlists

__all__ = ["KINDS", "Hit", "defaults", "find", "kind_of", "refused", "under_18_detail"]

Kind = Literal["danger", "child"]
KINDS: tuple[Kind, ...] = ("danger", "child")  # where both are found, the first one is told
Lists = Mapping[str, Mapping[str, Sequence[str]]]
Kept = tuple[tuple[str, Kind, tuple[str, ...]], ...]

# Between words about somebody under 18 and words of sexual detail, in code points: about three sentences.
NEAR = 400


@dataclass(frozen=True)
class Hit:
    """A line of a list, and where it was found, in code points of the text."""

    kind: Kind
    phrase: str
    start: int
    end: int


def find(text: str, language: str | None, lists: Lists | None = None) -> list[Hit]:
    """What suggests that a text is urgent, in order; hits may overlap.

    `lists`, by language and kind, stand in place of ours; where there is none for a language and kind, ours is used. A
    text in a language without any list, or in one that is not known, is looked at with those of all languages.
    """
    found = _finder(wordlists.primary(language), _kept(lists)).find(text)
    return [Hit(cast(Kind, one.kind), one.phrase, one.start, one.end) for one in found]


def kind_of(hits: Sequence[Hit]) -> Kind | None:
    """Why a text is urgent, the more pressing of the two; None when it is not."""
    found = {hit.kind for hit in hits}
    return next((kind for kind in KINDS if kind in found), None)


@cache
def _ours() -> dict[str, dict[str, list[str]]]:
    return {language: {kind: wordlists.lines(language, "urgent", kind) for kind in KINDS} for language in wordlists.ALL}


def defaults() -> dict[str, dict[str, list[str]]]:
    """The lists that StoryHub comes with, by language and kind; those for any language are under "any"."""
    return {language: {kind: list(lines) for kind, lines in kinds.items()} for language, kinds in _ours().items()}


def refused(written: Sequence[str], language: str) -> Iterator[tuple[int, str, str]]:
    """Of the lines of a list those that cannot be looked for: the number from 1, the line, and the code of why.

    Empty lines are no lines.
    """
    for number, line in enumerate(written, 1):
        if not line.strip():
            continue
        try:
            phrases.line(line, wordlists.ages(language))
        except phrases.Unreadable as unreadable:
            yield number, line, unreadable.why


def _kept(lists: Lists | None) -> Kept | None:
    """The same lists in a form by whose contents what was made of them is found again."""
    if lists is None:
        return None
    kept = ((language, kind, kinds[kind]) for language, kinds in lists.items() for kind in KINDS if kind in kinds)
    return tuple(sorted((language, kind, tuple(lines)) for language, kind, lines in kept))


@lru_cache(64)
def _finder(primary: str, kept: Kept | None) -> phrases.Finder:
    theirs = {(language, kind): lines for language, kind, lines in kept or ()}
    languages = sorted({*_ours(), *(language for language, _kind in theirs)})
    if primary in languages and primary != wordlists.ANY:
        languages = [primary, wordlists.ANY]
    return phrases.Finder(
        (kind, line)
        for language in languages
        for kind in KINDS
        for line in _readable(theirs.get((language, kind), _ours().get(language, {}).get(kind, ())), language)
    )


def _readable(written: Sequence[str], language: str) -> Iterator[phrases.Line]:
    """What can be looked for; a line that the form would have refused is passed over here."""
    for line in written:
        try:
            yield phrases.line(line, wordlists.ages(language))
        except phrases.Unreadable:
            continue


def under_18_detail(text: str, language: str | None, title: str | None = None) -> bool:
    """A hint that words about somebody under 18 stand near words of sexual detail or violence. A person must look.

    A title is read as the first line of the text.
    """
    primary, text = wordlists.primary(language), f"{title}\n\n{text}" if title else text
    found = _under_18_finder(primary).find(text)
    persons = [one.start for one in found if one.kind == "person"]
    if not persons:
        return False
    details = [one for one in found if one.kind == "detail"]
    details += [one for one in _notes_finder(primary).find(text) if one.kind == "sexual-violence"]
    return any(_is_any_near(persons, one) for one in details)


def _is_any_near(places: list[int], detail: phrases.Found) -> bool:
    at = bisect_left(places, detail.start - NEAR)
    return at < len(places) and places[at] <= detail.end + NEAR


@lru_cache(16)
def _under_18_finder(primary: str) -> phrases.Finder:
    return wordlists.finder(primary, "under-18")


@lru_cache(16)
def _notes_finder(primary: str) -> phrases.Finder:
    return wordlists.finder(primary, "notes")
