"""Tables that left the house, and the counts of one month that they are made from (promise 19).

All tables of a month are counted from the same frozen facts, so that no two of them can be compared to find one person.
"""

from __future__ import annotations

from collections import defaultdict
from itertools import islice
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from storyhub import clock
from storyhub.models.columns import Base, BigInt, Day, RandomId
from storyhub.models.publication import Publication, PublishedTheme
from storyhub.models.site import the_site
from storyhub.models.states import State
from storyhub.models.story import Story
from storyhub.models.theme import Coding
from storyhub.models.version import StoryVersion
from storyhub.protection.identifiers import new_id

AT_ONCE = 5_000  # rows that are written together


class FrozenFacts(Base):
    """How many stories had the same facts when the month was frozen: no ids of stories, and gone with the next month.

    `themes` are ids, in order. `public` of `count` are public with just these facts: a reader can count those.
    `unshown` of them are public too, but without their setting: a reader can count those by their other facts.
    """

    __tablename__ = "frozen_facts"

    id: Mapped[RandomId]
    month: Mapped[str] = mapped_column(sa.String(7), index=True)
    day: Mapped[Day]
    country: Mapped[str | None] = mapped_column(sa.String(2))
    setting: Mapped[str | None] = mapped_column(sa.String(24))
    year: Mapped[int | None]
    campaign_id: Mapped[int | None] = mapped_column(BigInt)
    themes: Mapped[list[int]] = mapped_column(sa.JSON, default=list)
    count: Mapped[int]
    public: Mapped[int]
    unshown: Mapped[int] = mapped_column(default=0)


class FrozenTable(Base):
    """A table that left: what its rows and columns are, and its counts by place; null is kept back."""

    __tablename__ = "frozen_tables"

    id: Mapped[RandomId]
    month: Mapped[str] = mapped_column(sa.String(7), index=True)
    day: Mapped[Day]
    by_id: Mapped[int | None] = mapped_column(BigInt, sa.ForeignKey("people.id", ondelete="SET NULL"))
    export_id: Mapped[int | None] = mapped_column(BigInt, sa.ForeignKey("exports.id"))
    asked: Mapped[dict[str, Any]] = mapped_column(sa.JSON)
    counts: Mapped[dict[str, int | None]] = mapped_column(sa.JSON)
    report: Mapped[dict[str, Any]] = mapped_column(sa.JSON, default=dict)


class Facts(NamedTuple):
    """What of a story is counted in tables. `themes` in order."""

    country: str | None
    setting: str | None
    year: int | None
    campaign_id: int | None
    themes: tuple[int, ...]


def this_month() -> str:
    return f"{clock.today():%Y-%m}"


def facts_of(session: Session, month: str) -> list[FrozenFacts]:
    """The frozen facts of a month; none when it was not frozen, or when there was no story."""
    return list(session.scalars(sa.select(FrozenFacts).filter_by(month=month)))


def tables_that_left(session: Session) -> list[FrozenTable]:
    """Every table, of the newest month first; within a month in no order that means anything."""
    return list(session.scalars(sa.select(FrozenTable).order_by(FrozenTable.month.desc(), FrozenTable.id)))


def freeze_month(session: Session) -> int:
    """Count this month's facts, once: of all stories that are accepted now. Returns how many rows were made.

    Accepted are those that are public, with the facts of the version that is public, and those that their contributors
    wished to be only counted, with the facts of their newest version as long as those are kept. What was set aside is
    not counted. What happens after this is in no table before the next month: also what is taken back. The facts of
    months before are forgotten. Doesn't commit.
    """
    month = this_month()
    the_site(session, lock=True)  # of two at once one waits here, and then sees that it is done
    if session.scalar(sa.select(FrozenFacts.id).filter_by(month=month).limit(1)) is not None:
        return 0
    session.execute(sa.delete(FrozenFacts).where(FrozenFacts.month != month))
    counts: dict[Facts, list[int]] = defaultdict(lambda: [0, 0, 0])
    for rows, is_public in ((_public(), True), (_counted(), False)):
        for country, setting, shows, year, campaign_id, themes, count in session.execute(rows):
            coded = tuple(sorted(map(int, themes.split(",")))) if themes else ()
            facts = Facts(country, setting, int(year) if year else None, campaign_id, coded)
            parts = (count, count * bool(is_public and shows), count * bool(is_public and not shows))
            counts[facts] = [before + part for before, part in zip(counts[facts], parts, strict=True)]
    today = clock.today()
    made = (
        {"id": new_id(), "month": month, "day": today, **facts._asdict(), "themes": list(facts.themes), "count": count,
         "public": public, "unshown": unshown}
        for facts, (count, public, unshown) in counts.items()
    )  # fmt: skip
    while some := list(islice(made, AT_ONCE)):
        session.execute(sa.insert(FrozenFacts), some)
    return len(counts)


def _public() -> sa.Select[Any]:
    """Facts of public stories, as groups: also the setting that is not shown, and whether it is."""
    coded = _themes_by(PublishedTheme.position, PublishedTheme.theme_id)
    facts = (
        Publication.country,
        StoryVersion.setting,
        Publication.setting.is_not(None).label("shows"),
        Publication.year,
        Publication.campaign_id,
        coded.c.themes,
    )
    return (
        sa.select(*facts, sa.func.count())
        .select_from(Publication)
        .join(StoryVersion, StoryVersion.id == Publication.version_id)
        .outerjoin(coded, coded.c.of == Publication.position)
        .group_by(*facts)
    )


def _counted() -> sa.Select[Any]:
    """Facts of stories that are only counted, as groups."""
    coded = _themes_by(Coding.version_id, Coding.theme_id)
    newest = (
        sa.select(StoryVersion.story_id, sa.func.max(StoryVersion.number).label("number"))
        .join(Story, Story.id == StoryVersion.story_id)
        .where(Story.state == State.COUNTED)
        .group_by(StoryVersion.story_id)
        .subquery()
    )
    facts = (
        StoryVersion.country,
        StoryVersion.setting,
        sa.false().label("shows"),
        sa.func.substr(StoryVersion.happened, 1, 4).label("year"),
        Story.campaign_id,
        coded.c.themes,
    )
    return (
        sa.select(*facts, sa.func.count())
        .select_from(StoryVersion)
        .join(newest, sa.and_(newest.c.story_id == StoryVersion.story_id, newest.c.number == StoryVersion.number))
        .join(Story, Story.id == StoryVersion.story_id)
        .outerjoin(coded, coded.c.of == StoryVersion.id)
        .group_by(*(fact for fact in facts if fact.key != "shows"))
    )


def _themes_by(of: Any, theme_id: Any) -> sa.Subquery:
    """The themes of each, as one string of ids, so that the database can group by them."""
    pairs = sa.select(of.label("of"), theme_id.label("theme_id")).distinct().order_by("of", "theme_id").subquery()
    together = sa.func.aggregate_strings(sa.cast(pairs.c.theme_id, sa.String), ",")
    return sa.select(pairs.c.of, together.label("themes")).group_by(pairs.c.of).subquery()
