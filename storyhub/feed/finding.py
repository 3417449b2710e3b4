"""What a page of finds shows of each story beside its card, and what the finds share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from storyhub.feed.cards import entries_by_position
from storyhub.feed.entries import Entry
from storyhub.feed.snippets import find, snippet
from storyhub.models import search
from storyhub.models.card import Card
from storyhub.models.publication import Publication
from storyhub.models.story import StoryVersion
from storyhub.protection.sanitising import Shown, shown_with_marks
from storyhub.text import folding


@dataclass(frozen=True)
class Find:
    """A story that was found: as every row shows it, with marks in its title, and a piece of its words with marks.

    `words` are None where they stay folded.
    """

    entry: Entry
    title: Shown | None
    words: Shown | None = None
    goes_before: bool = False
    goes_on: bool = False


@dataclass(frozen=True)
class Shared:
    """How many of the finds have each value."""

    themes: Mapping[str, int]
    countries: Mapping[str, int]
    languages: Mapping[str, int]
    settings: Mapping[str, int]
    years: Mapping[int, int]


def finds(session: Session, positions: list[int], wanted: folding.Query) -> list[Find]:
    """The stories at these positions, in their order."""
    if not positions:
        return []
    entries = entries_by_position(session, positions)
    chosen = (
        sa.select(
            Publication.position,
            StoryVersion.title,
            StoryVersion.text,
            search.before_first(wanted, session.get_bind().dialect.name).label("share"),
        )
        .join(StoryVersion, StoryVersion.id == Publication.version_id)
        .join(search.SearchText, search.SearchText.position == Publication.position)
        .where(Publication.position.in_(positions))
    )
    told = {row.position: row for row in session.connection().execute(chosen)}
    return [_find(entries[place], told[place], wanted) for place in positions if place in entries and place in told]


def _find(entry: Entry, told: Any, wanted: folding.Query) -> Find:
    title = shown_with_marks(told.title, find(told.title, wanted)) if told.title else None
    if entry.folds:
        return Find(entry, title)
    piece, spans, goes_before, goes_on = snippet(told.text, wanted, told.share)
    return Find(entry, title, shown_with_marks(piece, spans), goes_before, goes_on)


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
