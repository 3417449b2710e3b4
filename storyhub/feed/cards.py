"""Public stories as rows and pages show them, read in one walk each: plain rows instead of objects.

What a page of stories costs is making them into HTML and asking for them; both are kept small here, so that a page of
twenty costs little more than twenty rows of the database.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from storyhub import languages
from storyhub.drawing.link import Link
from storyhub.feed.entries import Entry, theme_link, when
from storyhub.models.card import Card
from storyhub.models.columns import BigInt
from storyhub.models.figures import once_an_edition
from storyhub.models.labels import NOTES, SETTINGS
from storyhub.models.prepared import Prepared, Row
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
_AT = Prepared(
    _CARDS.where(Publication.position.in_([sa.bindparam(f"at_{number}", type_=BigInt) for number in range(AT_ONCE)]))
)
THEMES_AT = ON_CARDS.index(Card.themes)
OF_WHOLE = (StoryVersion.text, StoryVersion.name, StoryVersion.show, Story.may_quote, Story.may_full)


def entries_at(session: Session, positions: Sequence[int]) -> list[Entry]:
    """The stories at these positions, in their order; those that are no longer public are left out."""
    found = entries_by_position(session, positions)
    return [found[position] for position in positions if position in found]


def entries_by_position(session: Session, positions: Sequence[int]) -> dict[int, Entry]:
    found: dict[int, Entry] = {}
    shared = _shared(session)
    for start in range(0, len(positions), AT_ONCE):
        some = positions[start : start + AT_ONCE]
        filled = [*some, *[NOWHERE] * (AT_ONCE - len(some))]
        rows = _AT.rows(session, **{f"at_{number}": position for number, position in enumerate(filled)})
        found |= {row[0]: _entry(row, shared) for row in rows}
    return found


def on_cards(found: sa.Subquery, *more: Any) -> sa.Select[*tuple[Any, ...]]:
    """The cards of what was found, in order: it has a `position`, and a `weight` of which the greatest comes first."""
    return (
        sa.select(*ON_CARDS, *more)
        .join(found, found.c.position == Publication.position)
        .join(Card, Card.position == Publication.position)
        .order_by(found.c.weight.desc(), found.c.position.desc())
    )


def entries_of(session: Session, rows: Sequence[Row]) -> list[Entry]:
    """The entries of rows that begin with the columns of `ON_CARDS`."""
    shared = _shared(session)
    return [_entry(row[: len(ON_CARDS)], shared) for row in rows]


def whole_entry(session: Session, row: Row) -> Entry:
    """The entry of a row that has those of `OF_WHOLE` as well: with all its words."""
    *card, text, name, show, may_quote, may_full = row
    return _entry(card, _shared(session))._replace(
        text=text or "",
        name=(name or None) if "name" in show else None,
        may_be_quoted=may_quote,
        may_be_full=may_full,
    )


def theme_ids(session: Session, row: Row) -> list[int]:
    """The ids of the themes that a card names."""
    ids = _ids_of_themes(session)
    return [ids[slug] for slug in row[THEMES_AT].split() if slug in ids]


@once_an_edition
def _ids_of_themes(session: Session) -> dict[str, int]:
    return {slug: theme_id for theme_id, slug in session.execute(sa.select(Theme.id, Theme.slug))}


class _Shared:
    """What the entries of one page have in common: names in its language, addresses, which notes fold."""

    __slots__ = ("folded", "language", "root", "themes")

    def __init__(self, language: str, root: str, folded: Collection[str], themes: dict[str, Link]) -> None:
        self.language, self.root, self.folded, self.themes = language, root, folded, themes


def _shared(session: Session) -> _Shared:
    # One address for all of them: to ask for each would take longer than all else that a row shows.
    root = languages.root()
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


def _entry(row: Row, shared: _Shared) -> Entry:
    """The entry of a row that begins with the columns of `ON_CARDS`."""
    (
        _position,
        story_id,
        released_on,
        language,
        country,
        setting,
        year,
        heard,
        me_too,
        title,
        opening,
        is_cut,
        direction,
        month,
        themes,
        notes,
    ) = row
    here = shared.language
    note_names, setting_names = _names(here)
    shown_id = identifiers.shown(story_id)
    content_notes = notes.split()
    country_name = countries.name(country, here) if country else None
    return Entry(
        id=shown_id,
        url=f"{shared.root}/stories/{shown_id}",
        title=title or None,
        name=None,
        text=opening,
        opening=opening,
        is_cut=is_cut,
        language=language,
        direction=direction,
        country=country,
        country_name=country_name,
        country_url=f"{shared.root}/places/{country}" if country_name else None,
        year=when(year, month),
        setting_name=setting_names.get(setting) if setting else None,
        themes=tuple([shared.themes[slug] for slug in themes.split() if slug in shared.themes]),
        content_notes=tuple([note_names.get(note, note) for note in content_notes]),
        released_on=released_on,
        heard=heard,
        me_too=me_too,
        may_be_quoted=False,
        may_be_full=False,
        folds=any(note in shared.folded for note in content_notes),
    )
