"""What a page of finds shows of each story, read in one query, and what the finds share."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

import sqlalchemy as sa
from flask import url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from storyhub import languages
from storyhub.feed.entries import Link, note_name, theme_link, when
from storyhub.feed.snippets import find, snippet
from storyhub.models import search
from storyhub.models.card import Card
from storyhub.models.labels import SETTINGS
from storyhub.models.publication import Publication
from storyhub.models.story import StoryVersion
from storyhub.models.theme import Theme
from storyhub.protection import identifiers
from storyhub.protection.sanitising import Shown, shown_with_marks
from storyhub.text import countries, folding


@dataclass(frozen=True)
class Find:
    """A story that was found: its line as in components/story.html, its title and a piece of it with marks."""

    url: str
    title: Shown | None
    language: str | None
    direction: str
    country_name: str | None
    country_url: str | None
    year: str | None
    setting_name: str | None
    themes: tuple[Link, ...]
    content_notes: tuple[str, ...]
    released_on: dt.date
    folds: bool
    words: Shown | None
    goes_before: bool = False
    goes_on: bool = False

    @property
    def notes_said(self) -> str:
        return _(", ").join(self.content_notes)


@dataclass(frozen=True)
class Shared:
    """How many of the finds have each value."""

    themes: Mapping[str, int]
    countries: Mapping[str, int]
    languages: Mapping[str, int]
    settings: Mapping[str, int]
    years: Mapping[int, int]


def finds(
    session: Session,
    positions: list[int],
    wanted: folding.Query,
    themes: Mapping[str, Theme],
    folded_notes: Collection[str],
) -> list[Find]:
    """The stories at these positions, in their order. `themes` by their slugs."""
    if not positions:
        return []
    chosen = (
        sa.select(
            Publication.position,
            Publication.story_id,
            Publication.language,
            Publication.country,
            Publication.setting,
            Publication.year,
            Publication.released_on,
            Card.month,
            Card.direction,
            Card.themes,
            Card.notes,
            StoryVersion.title,
            StoryVersion.text,
            search.before_first(wanted, session.get_bind().dialect.name).label("share"),
        )
        .join(Card, Card.position == Publication.position)
        .join(StoryVersion, StoryVersion.id == Publication.version_id)
        .join(search.SearchText, search.SearchText.position == Publication.position)
        .where(Publication.position.in_(positions))
    )
    rows: dict[int, Any] = {row.position: row for row in session.connection().execute(chosen)}
    ways = _Ways(themes)
    return [_find(rows[position], wanted, ways, folded_notes) for position in positions if position in rows]


class _Ways:
    """Where the finds of one page lead. To make an address is dear, and twenty finds have a handful in common."""

    def __init__(self, themes: Mapping[str, Theme]) -> None:
        self.themes = {slug: cache(partial(theme_link, theme)) for slug, theme in themes.items()}
        self.place = cache(_place)
        self._any_story = url_for("feed.story", story_id=0)

    def story(self, story_id: int) -> str:
        return self._any_story.replace(identifiers.shown(0), identifiers.shown(story_id))


def _place(country: str | None) -> tuple[str | None, str | None]:
    has_page = country is not None and countries.is_country(country)
    return countries.name(country, languages.current()), url_for("feed.place", country=country) if has_page else None


def _find(row: Any, wanted: folding.Query, ways: _Ways, folded_notes: Collection[str]) -> Find:
    notes = row.notes.split()
    folds = any(note in folded_notes for note in notes)
    piece, spans, goes_before, goes_on = ("", [], False, False) if folds else snippet(row.text, wanted, row.share)
    country_name, country_url = ways.place(row.country)
    return Find(
        url=ways.story(row.story_id),
        title=shown_with_marks(row.title, find(row.title, wanted)) if row.title else None,
        language=row.language,
        direction=row.direction,
        country_name=country_name,
        country_url=country_url,
        year=when(row.year, row.month),
        setting_name=str(SETTINGS[row.setting]) if row.setting in SETTINGS else None,
        themes=tuple(ways.themes[slug]() for slug in row.themes.split() if slug in ways.themes),
        content_notes=tuple(note_name(note) for note in notes),
        released_on=row.released_on,
        folds=folds,
        words=None if folds else shown_with_marks(piece, spans),
        goes_before=goes_before,
        goes_on=goes_on,
    )


def shared(session: Session, positions: list[int]) -> Shared:
    """What the stories at these positions share. One query, of nothing but what each of their rows shows."""
    chosen = (
        sa.select(Publication.country, Publication.language, Publication.setting, Publication.year, Card.themes)
        .join(Card, Card.position == Publication.position)
        .where(search.is_among(Publication.position, positions, session.get_bind().dialect.name))
    )
    rows = session.connection().execute(chosen).all()
    country, language, setting, year, themes = zip(*rows, strict=True) if rows else ((), (), (), (), ())
    return Shared(
        themes=Counter(slug for slugs in themes for slug in slugs.split()),
        countries=_counted(country),
        languages=_counted(language),
        settings=_counted(setting),
        years=_counted(year),
    )


def _counted(values: Collection[Any]) -> Counter[Any]:
    return Counter(value for value in values if value is not None)


def folded_texts(session: Session, positions: list[int]) -> dict[int, str]:
    """The beginnings of the folded texts of these stories, for ranking."""
    table = search.SearchText
    chosen = sa.select(table.position, sa.func.substr(table.folded, 1, search.READ_TO_RANK)).where(
        search.is_among(table.position, positions, session.get_bind().dialect.name)
    )
    return {position: text for position, text in session.connection().execute(chosen)}  # noqa: C416 - rows are no plain tuples


__all__ = ["Find", "Shared", "finds", "folded_texts", "shared"]
