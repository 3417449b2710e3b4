"""A public story as the API gives it: the fields that docs and openapi.json promise, and no others."""

from __future__ import annotations

from typing import Any

from storyhub.models.publication import Publication
from storyhub.protection import identifiers
from storyhub.text import excerpt


def story_as_json(public: Publication, url: str, limit: int) -> dict[str, Any]:
    """`text` is null unless the contributor allowed the words to be shown in full elsewhere (promise 11)."""
    version, story = public.version, public.story
    text = version.text or ""
    return {
        "id": identifiers.shown(public.story_id),
        "url": url,
        "title": version.title or None,
        "opening": excerpt.opening(text, limit)[0],
        "text": text if story.may_full else None,
        "language": public.language,
        "country": public.country,
        "year": public.year,
        "setting": public.setting,
        "themes": [theme.slug for theme in public.themes],
        "content_notes": sorted(note.note for note in public.notes),
        "released_on": public.released_on.isoformat(),
        "heard": public.heard,
        "me_too": public.me_too,
        "may_be_quoted": story.may_quote,
    }
