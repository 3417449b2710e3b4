"""The lists of words that StoryHub comes with, one file for each language, read when first asked."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any

from storyhub.text import phrases

__all__ = ["ALL", "ANY", "LANGUAGES", "ages", "finder", "lines", "parts", "primary"]

LANGUAGES = ("ar", "en", "es", "fr", "hi", "pt")
ANY = "any"  # what is the same in all languages
ALL = (ANY, *LANGUAGES)


@cache
def _file(language: str) -> dict[str, Any]:
    if language not in ALL:
        return {}
    return tomllib.loads(files(__package__).joinpath(f"{language}.toml").read_text("utf-8"))


def parts(language: str) -> dict[str, dict[str, list[str]]]:
    """All lists of a language, by part and kind."""
    return {name: part for name, part in _file(language).items() if isinstance(part, dict)}


def lines(language: str, part: str, kind: str) -> list[str]:
    """The lines of one kind in one part of a language's file; none where there is no such list."""
    written: list[str] = _file(language).get(part, {}).get(kind, [])
    return list(written)


@cache
def ages(language: str) -> frozenset[str]:
    """Ages under 18 in words of this language, as they are searched."""
    return frozenset(word for written in _file(language).get("ages", "").split() for word in phrases.words_of(written))


def primary(language: str | None) -> str:
    """The first part of a language's tag: pt-BR is as good as pt. Empty when it is not known."""
    return (language or "").replace("_", "-").split("-")[0].lower()


def finder(language: str, part: str) -> phrases.Finder:
    """Ready to look for all kinds of one part: in this language, or in all where it has no file."""
    languages = [language] if language in LANGUAGES else list(LANGUAGES)
    return phrases.Finder(
        (kind, phrases.line(written, ages(each)))
        for each in languages
        for kind, all_written in _file(each).get(part, {}).items()
        for written in all_written
    )
