"""The columns of an exported file: a promise to whoever wrote a script for it (interface.md)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from storyhub.models.publication import Publication
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


def row_of(public: Publication) -> dict[str, Any]:
    """One public story's facts, lists as lists: only what its page shows, and what it allows."""
    version = public.version
    return {
        "id": identifiers.shown(public.story_id),
        "text": version.text or "",
        "title": version.title or "",
        "language": public.language or "",
        "country": public.country or "",
        "setting": public.setting or "",
        "happened": (version.happened or "") if "month" in version.show else str(public.year or ""),
        "themes": [theme.slug for theme in public.themes],
        "content_notes": sorted(note.note for note in public.notes),
        "campaign": public.campaign.slug if public.campaign else "",
        "released_on": public.released_on.isoformat(),
        "consent": [str(use) for use in public.story.consent],
        "heard": public.heard,
        "me_too": public.me_too,
    }


def cells_of(row: dict[str, Any], columns: Sequence[str] = COLUMNS) -> list[str]:
    """The same as cells of a table, in the order of the columns; lists divided by semicolons."""
    values = (row[name] for name in columns)
    return [with_guard(";".join(value) if isinstance(value, list) else str(value)) for value in values]


def with_guard(cell: str) -> str:
    return GUARD + cell if FORMULA.match(cell) else cell


def without_guard(cell: Any) -> Any:
    """What `with_guard` was given."""
    if isinstance(cell, str) and cell.startswith(GUARD) and FORMULA.match(cell, 1):
        return cell[1:]
    return cell
