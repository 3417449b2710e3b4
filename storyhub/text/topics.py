"""What a story may speak of, by the words that stand in it: content notes that a person can take or leave."""

from __future__ import annotations

from storyhub.text.folding import tokens

WORDS = {
    "en": {
        "sexual-violence": {"rape", "raped"},
        "child": {"twelve", "daughter", "son", "child"},
        "threats": {"threatened", "kill"},
        "death": {"died", "killed"},
    },
}


def find(text: str, language: str | None) -> list[str]:
    """Codes of content notes that the words suggest."""
    there = set(tokens(text))
    return [code for code, words in WORDS.get(_base(language), {}).items() if words & there]


def covers(language: str | None) -> bool:
    """Whether there are words to look for in this language."""
    return _base(language) in WORDS


def _base(language: str | None) -> str:
    return (language or "").partition("-")[0].lower()
