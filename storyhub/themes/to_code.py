"""Which public stories are to be coded: a page of them, and the next one, at the same cost on a site of any size."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from storyhub.models import walking
from storyhub.models.card import Card
from storyhub.models.publication import Publication
from storyhub.models.selection import Malformed, Selection
from storyhub.models.suggested import SuggestedTheme
from storyhub.models.theme import Coding, Theme
from storyhub.models.walking import Found

AT_ONCE = 20  # stories of a page
LOOK = 200  # stories looked at for one step, where no index tells which are wanted
LOOKED_THROUGH = 2_000  # of them for one page, at the most
UNCODED, SUGGESTED = "uncoded", "suggested"


@dataclass(frozen=True)
class Wanted:
    """Which public stories are to be coded. `show`: "", UNCODED (no theme at all) or SUGGESTED (something waits)."""

    selection: Selection = field(default_factory=Selection)
    show: str = ""

    @classmethod
    def asked_for(cls, arguments: MultiDict[str, str]) -> Wanted:
        """Read the filters of an address. Raises Malformed."""
        asked = Selection.asked_for(arguments)
        show = arguments.get("show", "")
        if show not in ("", UNCODED, SUGGESTED):
            raise Malformed("show")
        kept = Selection(asked.themes[:1], country=asked.country, year=asked.year, language=asked.language)
        return cls(kept, show)

    @property
    def theme(self) -> str:
        return self.selection.themes[0] if self.selection.themes else ""

    def as_query(self) -> dict[str, str]:
        pairs = dict(self.selection.as_query())
        return {**pairs, "show": self.show} if self.show else pairs


def find_stories(session: Session, wanted: Wanted, after: int | None, size: int = AT_ONCE) -> Found:
    """The newest stories that are wanted, below a position. Raises Unknown."""
    if not wanted.show:
        return walking.newest(session, wanted.selection, after, size)
    found: list[int] = []
    for _ in range(LOOKED_THROUGH // LOOK):
        look = walking.newest(session, wanted.selection, after, LOOK)
        found += _fitting(session, wanted.show, look.positions)
        if len(found) > size:
            return Found(found[:size], found[size - 1])
        after = look.next_after
        if after is None:
            return Found(found)
        if look.ended_early:
            break
    return Found(found, after, ended_early=True)


def _fitting(session: Session, show: str, positions: Collection[int]) -> list[int]:
    fits = ~sa.select(Coding.id).where(Coding.version_id == Publication.version_id).exists()
    if show == SUGGESTED:
        has = sa.select(Coding.id).where(
            Coding.version_id == SuggestedTheme.version_id, Coding.theme_id == SuggestedTheme.theme_id
        )
        waits = sa.select(SuggestedTheme.version_id).where(SuggestedTheme.refused.is_(False), ~has.exists())
        fits = waits.where(SuggestedTheme.version_id == Publication.version_id).exists()
    chosen = sa.select(Publication.position).where(Publication.position.in_(positions), fits)
    return list(session.scalars(chosen.order_by(Publication.position.desc())))


def older(session: Session, wanted: Wanted, position: int) -> int | None:
    """The id of the next story that is wanted, towards older ones."""
    found = find_stories(session, wanted, position, 1).positions
    return _story_at(session, found[0]) if found else None


def newer(session: Session, wanted: Wanted, position: int) -> int | None:
    """The id of the story before it, towards newer ones; of those near by, where no index tells which are wanted."""
    above = walking.page_before(session, wanted.selection, position + 1, LOOK)
    look = walking.newest(session, wanted.selection, above, LOOK + 1)
    found = [one for one in look.positions if one > position]
    if wanted.show:
        found = _fitting(session, wanted.show, found)
    return _story_at(session, found[-1]) if found else None


def _story_at(session: Session, position: int) -> int | None:
    return session.scalar(sa.select(Publication.story_id).filter_by(position=position))


@dataclass(frozen=True)
class Row:
    """One story in the list: how it begins, and its themes as they are now."""

    public: Publication
    card: Card
    themes: list[Theme]
    suggested: int


def rows_of(session: Session, positions: Sequence[int]) -> list[Row]:
    pairs = session.execute(
        sa.select(Publication, Card)
        .join(Card, Card.position == Publication.position)
        .where(Publication.position.in_(positions))
        .order_by(Publication.position.desc())
    ).all()
    versions = [public.version_id for public, _card in pairs]
    themes: dict[int, dict[int, Theme]] = {version_id: {} for version_id in versions}
    coded = sa.select(Coding.version_id, Theme).join(Theme, Theme.id == Coding.theme_id)
    for version_id, theme in session.execute(coded.where(Coding.version_id.in_(versions)).order_by(Theme.slug)):
        themes[version_id][theme.id] = theme
    waiting: dict[int, int] = dict.fromkeys(versions, 0)
    suggested = sa.select(SuggestedTheme.version_id, SuggestedTheme.theme_id).where(
        SuggestedTheme.version_id.in_(versions), SuggestedTheme.refused.is_(False)
    )
    for version_id, theme_id in session.execute(suggested):
        waiting[version_id] += theme_id not in themes[version_id]
    return [
        Row(public, card, list(themes[public.version_id].values()), waiting[public.version_id])
        for public, card in pairs
    ]


def codes_in_use(session: Session) -> dict[str, list[str]]:
    """The languages, countries and years that public stories have, each by a walk over the distinct values alone."""
    columns = {"language": Publication.language, "country": Publication.country, "year": Publication.year}
    return {name: list(map(str, _distinct(session, column))) for name, column in columns.items()}


def _distinct(session: Session, column: sa.orm.InstrumentedAttribute[Any]) -> list[str | int]:
    """Each value once, by one look-up in the index for each: a million rows are not gone through for twenty values."""
    found: list[str | int] = []
    value = session.scalar(sa.select(sa.func.min(column)))
    while value is not None:
        found.append(value)
        value = session.scalar(sa.select(sa.func.min(column)).where(column > value))
    return found
