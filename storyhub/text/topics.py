"""Content notes that the words of a story suggest. A person sets them; this only offers, and keeps a story from whoever
would rather not get one that may speak of such a thing.
"""

from __future__ import annotations

from functools import lru_cache

from storyhub.text import phrases, wordlists

__all__ = ["CODES", "covers", "find"]

CODES = (
    *("sexual-violence", "violence", "domestic-violence", "child", "threats"),
    *("stalking", "self-harm", "racism", "hatred", "death"),
)


def covers(language: str | None) -> bool:
    """Whether there are lists for this language; pt-BR is as good as pt."""
    return wordlists.primary(language) in wordlists.LANGUAGES


def find(text: str, language: str | None) -> list[str]:
    """The codes of the notes that a text suggests, in the order of CODES. Not known or not covered: by all lists."""
    found = _finder(wordlists.primary(language)).kinds(text)
    return [code for code in CODES if code in found]


@lru_cache(16)
def _finder(primary: str) -> phrases.Finder:
    return wordlists.finder(primary, "notes")
