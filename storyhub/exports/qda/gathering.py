"""A project's codings and codes from the database: who gave which theme to which words of what is public."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from storyhub import languages
from storyhub.exports.qda.nouns import QdaCode, QdaCoding
from storyhub.models.publication import Publication
from storyhub.models.theme import Coding, Theme
from storyhub.protection import identifiers


def codings_of(session: Session, ids: Sequence[str]) -> dict[str, list[QdaCoding]]:
    """The codings of the published versions of these stories, by the stories' ids as they are shown."""
    slugs = _slugs_by_theme(session)
    columns = (Publication.story_id, Coding.theme_id, Coding.coded_by, Coding.start, Coding.end)
    chosen = sa.select(*columns).join(Coding, Coding.version_id == Publication.version_id)
    found: dict[str, list[QdaCoding]] = {}
    for story_id, theme_id, by, start, end in session.execute(
        chosen.where(Publication.story_id.in_([identifiers.read(one) for one in ids]))
    ):
        found.setdefault(identifiers.shown(story_id), []).append(QdaCoding(slugs[theme_id], str(by), start, end))
    return found


# The codebook


def qda_codes(session: Session, language: str) -> list[QdaCode]:
    """The themes in use, or ready to be, by their slugs, with those above them. One that was merged is the other."""
    # Sorted here: databases differ in where they put a hyphen.
    themes = {theme.id: theme for theme in sorted(session.scalars(sa.select(Theme)), key=lambda theme: theme.slug)}
    slugs = _slugs_by_theme(session)
    used = {slugs[theme_id] for theme_id in session.scalars(sa.select(Coding.theme_id).distinct())}
    wanted: set[int] = set()
    for theme in themes.values():
        if theme.merged_into_id is None and (not theme.retired or theme.slug in used):
            wanted |= _line_of(theme, themes)
    with languages.force_locale(language):
        return [
            QdaCode(theme.slug, theme.name_in(language), _description(theme, language), _parent(theme, themes))
            for theme in themes.values()
            if theme.id in wanted
        ]


def _line_of(theme: Theme, themes: dict[int, Theme]) -> set[int]:
    """A theme and all those above it."""
    line: set[int] = set()
    above: int | None = theme.id
    while above is not None and above not in line:
        line.add(above)
        above = themes[above].parent_id
    return line


def _parent(theme: Theme, themes: dict[int, Theme]) -> str | None:
    return themes[theme.parent_id].slug if theme.parent_id is not None else None


def _description(theme: Theme, language: str) -> str:
    said = [
        (None, theme.definitions),
        (_("When to use it"), theme.use_when),
        (_("When not to use it"), theme.use_not),
        (_("Examples"), theme.examples),
    ]
    found = ((label, _in(words, language)) for label, words in said)
    return "\n\n".join(f"{label}: {words}" if label else words for label, words in found if words)


def _in(words: dict[str, str], language: str) -> str:
    return words.get(language) or next(iter(words.values()), "")


def _slugs_by_theme(session: Session) -> dict[int, str]:
    """Each theme's slug by its id; of one that was merged, the slug of what it became."""
    rows = session.execute(sa.select(Theme.id, Theme.slug, Theme.merged_into_id)).all()
    became = {theme_id: merged for theme_id, _slug, merged in rows}
    slugs = {theme_id: slug for theme_id, slug, _merged in rows}

    def last(theme_id: int) -> int:
        seen = {theme_id}
        while (after := became[theme_id]) is not None and after not in seen:
            seen.add(after)
            theme_id = after
        return theme_id

    return {theme_id: slugs[last(theme_id)] for theme_id in slugs}
