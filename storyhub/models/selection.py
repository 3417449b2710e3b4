"""The one filter of public stories, which feed, search, API and exports share."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, Session, contains_eager, selectinload
from werkzeug.datastructures import MultiDict

from storyhub.models import search
from storyhub.models.publication import Publication, PublishedNote, PublishedTheme
from storyhub.models.story import Setting, Story
from storyhub.models.theme import SLUG, Campaign, Theme
from storyhub.protection import identifiers
from storyhub.text import folding

FILTERS = ("theme", "country", "setting", "year", "language", "campaign", "q", "without", "after")
MOST_RANKED_PAGES = 50
LONGEST_QUERY = 200
Position = sa.ColumnElement[int] | InstrumentedAttribute[int]
MOST_REPEATED = 10


class Malformed(ValueError):
    """A filter that can't be understood: a 400."""

    def __init__(self, name: str) -> None:
        super().__init__(f"the filter {name!r} can't be understood")
        self.name = name


class Unknown(ValueError):
    """A filter that names what isn't there, such as a theme: a 404."""

    def __init__(self, name: str) -> None:
        super().__init__(f"there is no such {name}")
        self.name = name


@dataclass(frozen=True)
class Selection:
    """Which public stories are wanted. What stands after `without` is for exports alone, and no page can ask for it."""

    themes: tuple[str, ...] = ()
    country: str | None = None
    setting: Setting | None = None
    year: int | None = None
    language: str | None = None
    campaign: str | None = None
    words: str = ""
    without: tuple[str, ...] = ()
    consent: str | None = None
    any_theme: bool = False  # one of the themes is enough
    since_year: int | None = None
    until_year: int | None = None
    sample: int | None = None  # that many of them, drawn by `seed`: the same ones each time, while the stories stay
    seed: int = 0

    @classmethod
    def asked_for(cls, arguments: MultiDict[str, str]) -> Selection:
        """Read the filters of an address. Raises Malformed; unknown parameters are left alone."""
        return cls(
            themes=_several(arguments, "theme", SLUG),
            country=_one(arguments, "country", r"[A-Za-z]{2}", str.upper),
            setting=_setting(arguments),
            year=int(year) if (year := _one(arguments, "year", r"[0-9]{4}")) else None,
            language=_one(arguments, "language", r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*"),
            campaign=_one(arguments, "campaign", SLUG),
            words=_words(arguments),
            without=_several(arguments, "without", SLUG),
        )

    @property
    def is_everything(self) -> bool:
        return self == Selection()

    def as_query(self) -> list[tuple[str, str]]:
        """The filters as an address's pairs, in one order."""
        pairs = [("theme", slug) for slug in self.themes]
        for name, value in (
            ("country", self.country),
            ("setting", self.setting),
            ("year", self.year),
            ("language", self.language),
            ("campaign", self.campaign),
            ("q", self.words),
        ):
            if value:
                pairs.append((name, str(value)))
        return pairs + [("without", note) for note in self.without]


def cursor(arguments: MultiDict[str, str]) -> int | None:
    """The position after which a page begins, from `after=`. Raises Malformed."""
    text = arguments.get("after")
    if text is None or text == "":
        return None
    try:
        return identifiers.read(text)
    except ValueError as error:
        raise Malformed("after") from error


def is_by_relevance(arguments: MultiDict[str, str]) -> bool:
    """Whether those that say most are wanted first, from `order=`. Raises Malformed."""
    order = _one(arguments, "order", "newest|relevance")
    return order == "relevance"


def ranked_cursor(arguments: MultiDict[str, str]) -> tuple[int | None, int]:
    """Where the stories that are ranked begin, and the page among them, from `after=`. Raises Malformed.

    The newest of them is part of it, so that what is released meanwhile doesn't move those that somebody reads.
    """
    text = arguments.get("after", "")
    if text == "":
        return None, 1
    newest, _, page = text.partition("-")
    if not re.fullmatch("[1-9][0-9]?", page) or int(page) > MOST_RANKED_PAGES:
        raise Malformed("after")
    first = cursor(MultiDict({"after": newest}))
    if first == identifiers.LAST:  # there is no position above it to begin from
        raise Malformed("after")
    return first, int(page)


def shown_ranked_cursor(newest: int, page: int) -> str:
    return f"{identifiers.shown(newest)}-{page}"


def select_publications(session: Session, selection: Selection) -> sa.Select[Publication]:
    """All public stories of a selection, newest first, with versions and themes.

    Pages read `models/walking.py` instead, which bounds what they look at. Raises Unknown for a theme or campaign.
    """
    chosen = select_columns(session, selection, Publication)
    return chosen.options(
        contains_eager(Publication.version), contains_eager(Publication.story), selectinload(Publication.themes)
    )


def select_columns(session: Session, selection: Selection, *wanted: Any) -> sa.Select[Any]:
    """These columns of publications, versions and stories, of all stories of a selection, newest first.

    For files that leave as a stream. The sample is drawn by whoever reads it. Raises Unknown for a theme or campaign.
    """
    chosen = sa.select(*wanted).select_from(Publication).join(Publication.version).join(Publication.story)
    position: Position = Publication.position
    query = folding.query(selection.words)
    if selection.words and not query:
        chosen = chosen.where(sa.false())
    elif query:
        chosen, position = _searched(chosen, query, session)
    theme_ids = theme_ids_of(session, selection.themes)
    if selection.any_theme and theme_ids:
        chosen = chosen.where(_has_one_of(theme_ids))
    for number, theme_id in enumerate(() if selection.any_theme else theme_ids):
        coded = sa.orm.aliased(PublishedTheme)
        chosen = chosen.join(coded, sa.and_(coded.position == Publication.position, coded.theme_id == theme_id))
        if number == 0 and not query:
            position = coded.position
    return chosen.where(*_conditions(session, selection)).order_by(position.desc())


def _has_one_of(theme_ids: tuple[int, ...]) -> sa.ColumnElement[bool]:
    coded = PublishedTheme.__table__.c
    return sa.exists().where(coded.position == Publication.position, coded.theme_id.in_(theme_ids))


def _conditions(session: Session, selection: Selection) -> Iterator[sa.ColumnElement[bool]]:
    facts = {
        Publication.country: selection.country,
        Publication.setting: selection.setting,
        Publication.year: selection.year,
        Publication.language: selection.language,
    }
    yield from (column == value for column, value in facts.items() if value is not None)
    if selection.since_year is not None:
        yield Publication.year >= selection.since_year
    if selection.until_year is not None:
        yield Publication.year <= selection.until_year
    if selection.campaign is not None:
        yield Publication.campaign_id == campaign_id_of(session, selection.campaign)
    if selection.without:
        yield ~sa.exists().where(
            PublishedNote.position == Publication.position, PublishedNote.note.in_(selection.without)
        )
    if selection.consent is not None:
        yield getattr(Story, f"may_{selection.consent}").is_(True)


def _searched(chosen: sa.Select[Any], query: folding.Query, session: Session) -> tuple[sa.Select[Any], Position]:
    """Walk the index newest first: FTS5 gives its rows in the order of positions, and stops when the page is full."""
    dialect = session.get_bind().dialect.name
    if dialect == "sqlite":
        rowid: Position = search.hits.c.rowid
        return chosen.join(search.hits, rowid == Publication.position).where(search.match(query, dialect)), rowid
    table = search.SearchText
    joined = chosen.join(table, table.position == Publication.position)
    return joined.where(search.match(query, dialect)), Publication.position


def theme_ids_of(session: Session, slugs: tuple[str, ...]) -> tuple[int, ...]:
    """The ids of themes, in the order of their slugs here. Raises Unknown when one isn't there.

    A theme that was merged stands for the one that it was merged into, so that old addresses find its stories.
    """
    if not slugs:
        return ()
    chosen = sa.select(Theme.slug, Theme.id, Theme.merged_into_id).where(Theme.slug.in_(slugs))
    found = {slug: (theme_id, into) for slug, theme_id, into in session.execute(chosen)}
    if len(found) < len(set(slugs)):
        raise Unknown("theme")
    return tuple(dict.fromkeys(_stays(session, *found[slug]) for slug in slugs))


def _stays(session: Session, theme_id: int, into: int | None) -> int:
    while into is not None:
        theme_id = into
        into = session.scalar(sa.select(Theme.merged_into_id).filter_by(id=theme_id))
    return theme_id


def campaign_id_of(session: Session, slug: str) -> int:
    """The id of a campaign. Raises Unknown when it isn't there."""
    campaign_id = session.scalar(sa.select(Campaign.id).filter_by(slug=slug))
    if campaign_id is None:
        raise Unknown("campaign")
    return campaign_id


def _one(arguments: MultiDict[str, str], name: str, pattern: str, change: type | object = None) -> str | None:
    value = arguments.get(name, "")
    if value == "":
        return None
    if not re.fullmatch(pattern, value):
        raise Malformed(name)
    return change(value) if callable(change) else value


def _several(arguments: MultiDict[str, str], name: str, pattern: str) -> tuple[str, ...]:
    values = tuple(dict.fromkeys(value for value in arguments.getlist(name) if value))
    if len(values) > MOST_REPEATED or not all(re.fullmatch(pattern, value) for value in values):
        raise Malformed(name)
    return values


def _setting(arguments: MultiDict[str, str]) -> Setting | None:
    value = _one(arguments, "setting", r"[a-z-]{1,24}")
    if value is not None and value not in set(Setting):
        raise Unknown("setting")
    return Setting(value) if value else None


def _words(arguments: MultiDict[str, str]) -> str:
    words = arguments.get("q", "").strip()
    if len(words) > LONGEST_QUERY or "\0" in words:
        raise Malformed("q")
    return words


__all__ = [
    "Malformed",
    "Selection",
    "Unknown",
    "campaign_id_of",
    "cursor",
    "is_by_relevance",
    "ranked_cursor",
    "select_columns",
    "select_publications",
    "shown_ranked_cursor",
    "theme_ids_of",
]
