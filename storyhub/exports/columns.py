"""The columns of an exported file: a promise to whoever wrote a script for it (interface.md)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from storyhub.models.card import Card
from storyhub.models.publication import Publication
from storyhub.models.story import Story, StoryVersion, Use
from storyhub.models.theme import Campaign
from storyhub.protection import identifiers

COLUMNS = [
    "id",
    "text",
    "title",
    "language",
    "country",
    "setting",
    "happened",
    "themes",
    "content_notes",
    "campaign",
    "released_on",
    "consent",
    "heard",
    "me_too",
]
# A cell that begins so would be run as a formula by a spreadsheet, also in the full-width forms of East Asia
# (OWASP, CSV Injection). An apostrophe before it makes it words; one that was typed there gets a second, so that
# every cell can be read back exactly.
FORMULA = re.compile("[=+\\-@\t\r\n＝＋－＠']")
GUARD = "'"
USES = [str(use) for use in Use]


def read_columns() -> tuple[Any, ...]:
    """What is read of each public story for its row, in the order that `row_of` takes it."""
    return (
        Publication.story_id,
        StoryVersion.text,
        StoryVersion.title,
        Publication.language,
        Publication.country,
        Publication.setting,
        Publication.year,
        Card.month,
        Card.themes,
        Card.notes,
        Campaign.slug,
        Publication.released_on,
        Publication.heard,
        Publication.me_too,
        *(getattr(Story, f"may_{use}") for use in Use),
    )


def row_of(read: Sequence[Any]) -> dict[str, Any]:
    """One public story's facts, lists as lists: only what its page shows, and what it allows."""
    (
        story_id,
        text,
        title,
        language,
        country,
        setting,
        year,
        month,
        themes,
        notes,
        campaign,
        day,
        heard,
        me_too,
        *may,
    ) = read
    return {
        "id": identifiers.shown(story_id),
        "text": text or "",
        "title": title or "",
        "language": language or "",
        "country": country or "",
        "setting": setting or "",
        "happened": f"{year}-{month:02}" if year and month else str(year or ""),
        "themes": themes.split(),
        "content_notes": notes.split(),
        "campaign": campaign or "",
        "released_on": day.isoformat(),
        "consent": [use for use, allowed in zip(USES, may, strict=True) if allowed],
        "heard": heard,
        "me_too": me_too,
    }


def cells_of(row: dict[str, Any], columns: Sequence[str] = COLUMNS, *, guarded: bool = True) -> list[str]:
    """The same as cells of a table, in the order of the columns; lists divided by semicolons."""
    cells = [";".join(value) if isinstance(value := row[name], list) else str(value) for name in columns]
    return [with_guard(cell) for cell in cells] if guarded else cells


def with_guard(cell: str) -> str:
    return GUARD + cell if FORMULA.match(cell) else cell


def without_guard(cell: Any) -> Any:
    """What `with_guard` was given."""
    if isinstance(cell, str) and cell.startswith(GUARD) and FORMULA.match(cell, 1):
        return cell[1:]
    return cell
