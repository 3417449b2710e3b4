"""What a page of finds shows of each story beside its card, and what the finds share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from storyhub.feed.cards import ON_CARDS, entries_of
from storyhub.feed.entries import Entry
from storyhub.feed.snippets import find, snippet
from storyhub.models import search
from storyhub.models.card import Card
from storyhub.models.publication import Publication, PublishedTheme
from storyhub.models.story import StoryVersion
from storyhub.protection.sanitising import Shown, shown_with_marks
from storyhub.text import folding


class Find(NamedTuple):
    """A story that was found: as every row shows it, and what is shown of it with marks.

    `marked`: its `title`, if it has one, and a `piece` of its words, unless they stay folded.
    """

    entry: Entry
    marked: dict[str, Shown]
    goes_before: bool = False
    goes_on: bool = False


@dataclass(frozen=True)
class Shared:
    """How many of the finds have each value."""

    themes: Mapping[int, int]  # by their ids
    countries: Mapping[str, int]
    languages: Mapping[str, int]
    settings: Mapping[str, int]
    years: Mapping[int, int]


def finds(session: Session, positions: list[int], wanted: folding.Query) -> list[Find]:
    """The stories at these positions, in their order; those that are no longer public are left out."""
    first = {"piece": wanted.terms[0].piece if wanted else ""}
    rows = sorted(_rows(session, _told, positions, first), key=lambda row: positions.index(row.position))
    return [_find(entry, told, wanted) for entry, told in zip(entries_of(session, rows), rows, strict=True)]


def _find(entry: Entry, told: Any, wanted: folding.Query) -> Find:
    marked = {"title": shown_with_marks(told.title, find(told.title, wanted))} if told.title else {}
    if entry.folds:
        return Find(entry, marked)
    piece, spans, goes_before, goes_on = snippet(told.text, wanted, told.share)
    return Find(entry, {**marked, "piece": shown_with_marks(piece, spans)}, goes_before, goes_on)


def shared(session: Session, positions: list[int]) -> Shared:
    """What the stories at these positions share: nothing but what each of their rows shows."""
    if not positions:
        return Shared({}, {}, {}, {}, {})
    facts = _rows(session, _facts, positions)
    country, language, setting, year = zip(*facts, strict=True) if facts else ((), (), (), ())
    return Shared(
        themes={row.theme_id: row.many for row in _rows(session, _themes, positions)},
        countries=_counted(country),
        languages=_counted(language),
        settings=_counted(setting),
        years=_counted(year),
    )


def _counted(values: Collection[Any]) -> Counter[Any]:
    counted = Counter(values)
    del counted[None]  # a Counter minds nothing that isn't there
    return counted


def folded_texts(session: Session, positions: list[int]) -> dict[int, str]:
    """The beginnings of the folded texts of these stories, for ranking."""
    return {position: text for position, text in _rows(session, _beginnings, positions)}  # noqa: C416 - rows are no plain tuples


# The statements are made once for each database: to put one together takes longer than to ask it.


def _rows(
    session: Session,
    made: Callable[[str], sa.Executable],
    positions: list[int],
    parameters: Mapping[str, Any] | None = None,
) -> Sequence[Any]:
    dialect = session.get_bind().dialect.name
    values = {**search.among(positions, dialect), **(parameters or {})}
    return session.connection().execute(made(dialect), values).all()


@cache
def _told(dialect: str) -> sa.Executable:
    """Cards with the words, and where in them the first find is held to be."""
    return (
        sa.select(*ON_CARDS, StoryVersion.text, search.before_first(dialect).label("share"))
        .join(Card, Card.position == Publication.position)
        .join(StoryVersion, StoryVersion.id == Publication.version_id)
        .join(search.SearchText, search.SearchText.position == Publication.position)
        .where(search.is_among(Publication.position, dialect))
    )


@cache
def _facts(dialect: str) -> sa.Executable:
    facts = (Publication.country, Publication.language, Publication.setting, Publication.year)
    return sa.select(*facts).where(search.is_among(Publication.position, dialect))


@cache
def _themes(dialect: str) -> sa.Executable:
    """How many have each theme. Not from their cards, which lie in far more pages of a database."""
    chosen = sa.select(PublishedTheme.theme_id, sa.func.count().label("many"))
    return chosen.where(search.is_among(PublishedTheme.position, dialect)).group_by(PublishedTheme.theme_id)


@cache
def _beginnings(dialect: str) -> sa.Executable:
    table = search.SearchText
    return sa.select(table.position, sa.func.substr(table.folded, 1, search.READ_TO_RANK)).where(
        search.is_among(table.position, dialect)
    )


__all__ = ["Find", "Shared", "finds", "folded_texts", "shared"]
