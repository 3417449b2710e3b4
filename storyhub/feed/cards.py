"""Public stories as rows and pages show them, read in one walk each: plain rows instead of objects.

What a page of stories costs is making them into HTML and asking for them; both are kept small here, so that a page of
twenty costs little more than twenty rows of the database.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from flask import url_for
from sqlalchemy.orm import Session

from storyhub import languages
from storyhub.drawing.link import Link
from storyhub.feed.entries import Entry, theme_link, when
from storyhub.models.card import Card
from storyhub.models.figures import once_an_edition
from storyhub.models.labels import NOTES, SETTINGS
from storyhub.models.publication import Publication
from storyhub.models.site import the_site
from storyhub.models.story import Story, StoryVersion
from storyhub.models.theme import Theme
from storyhub.protection import identifiers
from storyhub.protection.sanitising import shown
from storyhub.text import countries

AT_ONCE = 32  # positions in one statement; shorter lists are filled up, so that the database knows it already
NOWHERE = -1

ON_CARDS = (
    Publication.position,
    Publication.story_id,
    Publication.released_on,
    Publication.language,
    Publication.country,
    Publication.setting,
    Publication.year,
    Publication.heard,
    Publication.me_too,
    Card.title,
    Card.opening,
    Card.is_cut,
    Card.direction,
    Card.month,
    Card.themes,
    Card.notes,
)
_CARDS = sa.select(*ON_CARDS).join(Card, Card.position == Publication.position)
_AT = _CARDS.where(Publication.position.in_([sa.bindparam(f"at_{number}") for number in range(AT_ONCE)]))
_STORY = (
    sa.select(*ON_CARDS, StoryVersion.text, StoryVersion.name, StoryVersion.show, Story.may_quote, Story.may_full)
    .join(Card, Card.position == Publication.position)
    .join(StoryVersion, StoryVersion.id == Publication.version_id)
    .join(Story, Story.id == Publication.story_id)
    .where(Publication.story_id == sa.bindparam("story"))
)


def entries_at(session: Session, positions: Sequence[int]) -> list[Entry]:
    """The stories at these positions, in their order; those that are no longer public are left out."""
    found = entries_by_position(session, positions)
    return [found[position] for position in positions if position in found]


def entries_of(session: Session, rows: Sequence[Any]) -> list[Entry]:
    """The entries of rows that have the columns of `ON_CARDS`."""
    shared = _shared(session)
    return [_entry(row, shared) for row in rows]


def entries_by_position(session: Session, positions: Sequence[int]) -> dict[int, Entry]:
    found: dict[int, Entry] = {}
    shared = _shared(session)
    for start in range(0, len(positions), AT_ONCE):
        some = positions[start : start + AT_ONCE]
        filled = [*some, *[NOWHERE] * (AT_ONCE - len(some))]
        rows = session.execute(_AT, {f"at_{number}": position for number, position in enumerate(filled)})
        found |= {row.position: _entry(row, shared) for row in rows}
    return found


def story_called(session: Session, story_id: int) -> tuple[int, Entry] | None:
    """The position and the whole of a public story."""
    row = session.execute(_STORY, {"story": story_id}).first()
    if row is None:
        return None
    return row.position, _entry(row, _shared(session))._replace(
        text=row.text or "",
        name=(row.name or None) if "name" in row.show else None,
        may_be_quoted=row.may_quote,
        may_be_full=row.may_full,
    )


class _Shared:
    """What the entries of one page have in common: names in its language, addresses, which notes fold."""

    __slots__ = ("folded", "language", "root", "themes")

    def __init__(self, language: str, root: str, folded: Collection[str], themes: dict[str, Link]) -> None:
        self.language, self.root, self.folded, self.themes = language, root, folded, themes


def _shared(session: Session) -> _Shared:
    # One address for all of them: to ask for each would take longer than all else that a row shows.
    root = url_for("feed.front").rstrip("/")
    return _Shared(languages.current(), root, the_site(session).folded_notes, _theme_links(session, root))


@once_an_edition
def _theme_links(session: Session, _root: str) -> dict[str, Link]:
    """Every theme by its slug, with its name in the page's language; for each root, since a root has one language."""
    links = {theme.slug: theme_link(theme) for theme in session.scalars(sa.select(Theme))}
    return {slug: Link(shown(link.name), shown(link.url)) for slug, link in links.items()}  # escaped here, once


@lru_cache(maxsize=100)
def _names(language: str) -> tuple[dict[str, str], dict[str, str]]:
    """What content notes and settings are called in a language."""
    with languages.force_locale(language):
        return {code: str(name) for code, name in NOTES.items()}, {code: str(name) for code, name in SETTINGS.items()}


def _entry(row: Any, shared: _Shared) -> Entry:
    here = shared.language
    note_names, setting_names = _names(here)
    shown_id = identifiers.shown(row.story_id)
    notes = row.notes.split()
    country = countries.name(row.country, here) if row.country else None
    return Entry(
        id=shown_id,
        url=f"{shared.root}/stories/{shown_id}",
        title=row.title or None,
        name=None,
        text=row.opening,
        opening=row.opening,
        is_cut=row.is_cut,
        language=row.language,
        direction=row.direction,
        country=row.country,
        country_name=country,
        country_url=f"{shared.root}/places/{row.country}" if country else None,
        year=when(row.year, row.month),
        setting_name=setting_names.get(row.setting) if row.setting else None,
        themes=tuple(shared.themes[slug] for slug in row.themes.split() if slug in shared.themes),
        content_notes=tuple(note_names.get(note, note) for note in notes),
        released_on=row.released_on,
        heard=row.heard,
        me_too=row.me_too,
        may_be_quoted=False,
        may_be_full=False,
        folds=any(note in shared.folded for note in notes),
    )
