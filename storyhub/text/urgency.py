"""Words that suggest present danger, or a child: what is read first."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from storyhub.text import topics

WORDS = {"en": {"danger": ["he will kill me"], "child": ["my daughter is seven"]}}


@dataclass(frozen=True)
class Hit:
    """A phrase that was found: what it suggests, and where it stands, in code points, its end excluded."""

    kind: str
    phrase: str
    start: int
    end: int


def find(text: str, language: str | None, lists: Mapping[str, Mapping[str, Sequence[str]]] | None = None) -> list[Hit]:
    """Where the text suggests danger or a child, in order."""
    kinds = (lists or WORDS).get((language or "").partition("-")[0].lower(), {})
    return sorted(
        (
            Hit(kind, phrase, *match.span())
            for kind, phrases in kinds.items()
            for phrase in phrases
            for match in re.finditer(re.escape(phrase), text, re.IGNORECASE)
        ),
        key=lambda hit: hit.start,
    )


def under_18_detail(text: str, language: str | None) -> bool:
    """Whether the words may hold sexual detail about somebody under 18. A hint: it decides nothing."""
    return {"child", "sexual-violence"} <= set(topics.find(text, language))
