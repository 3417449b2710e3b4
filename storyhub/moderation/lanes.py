"""How the desk looks through what waits: by index and only so far, so that the queue's length costs nothing.

Whoever waits longest comes first. What no index knows, such as the kind of an item, is looked for among the first rows
of a lane; the page then says how far was looked, and leads on from there.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from storyhub import clock
from storyhub.models.appeal import Appeal
from storyhub.models.concern import Concern
from storyhub.models.people import Person
from storyhub.models.queue import READERS, Kind, Lane, QueueItem
from storyhub.models.story import Story, StoryVersion
from storyhub.models.theme import Campaign, Coding, Theme

FEW = 200  # rows: nearly always enough for a page, or for whoever asks for the next story
FAR = 5_000  # rows: as far as anybody waits for
MOST_LANGUAGES = 200

Ids = sa.Select[Any]  # of one column of ids
Place = tuple[dt.date, int]  # since when an item waits, and its id: its place in a lane


@dataclass(frozen=True)
class Wanted:
    """Which items somebody wants to see, or to be handed.

    No lane means urgent ones, then usual ones; held ones only by name. `age`: waiting for at least so many days.
    """

    lane: Lane | None = None
    kind: Kind | None = None
    language: str | None = None
    theme: Theme | None = None
    campaign: Campaign | None = None
    age: int | None = None
    cluster: int | None = None

    @property
    def lanes(self) -> tuple[Lane, ...]:
        return (self.lane,) if self.lane else (Lane.URGENT, Lane.USUAL)

    @property
    def is_for_anything(self) -> bool:
        filters = (self.kind, self.language, self.theme, self.campaign, self.age, self.cluster)
        return all(wanted is None for wanted in filters)

    @property
    def since(self) -> dt.date | None:
        """The last day since when something wanted waits."""
        return None if self.age is None else clock.today() - dt.timedelta(days=self.age)


@dataclass(frozen=True)
class Looked:
    """Rows among which is looked; `most`: where a lane is looked through, how far at most."""

    rows: sa.Subquery
    most: int | None

    def goes_on(self, session: Session) -> bool:
        return self.end(session) is not None

    def end(self, session: Session) -> Place | None:
        """The last place that was looked at, where the lane goes on after it."""
        if self.most is None:
            return None
        rows = sa.select(self.rows.c.waits_since, self.rows.c.id).order_by(self.rows.c.waits_since, self.rows.c.id)
        last = session.execute(rows.offset(self.most - 1).limit(1)).one_or_none()
        return None if last is None else (last[0], last[1])


def first_rows(lane: Lane, most: int, after: Place | None = None, since: dt.date | None = None) -> sa.Subquery:
    """The places of that many of those who wait longest in a lane, read from the index alone."""
    place = (QueueItem.waits_since, QueueItem.id)
    rows = sa.select(QueueItem.id, QueueItem.waits_since).where(QueueItem.closed.is_(False), QueueItem.lane == lane)
    if since:
        rows = rows.where(QueueItem.waits_since <= since)
    if after is None:
        return rows.order_by(*place).limit(most).subquery("looked")
    # In two parts, for SQLite finds (day, id) > (…) by the day alone: a flood of one day would be read over and over.
    same_day = rows.where(QueueItem.waits_since == after[0], QueueItem.id > after[1]).order_by(QueueItem.id)
    later = rows.where(QueueItem.waits_since > after[0]).order_by(*place)
    parts = [sa.select(part.limit(most).subquery()) for part in (same_day, later)]
    both = sa.union_all(*parts).subquery()
    return sa.select(both).order_by(both.c.waits_since, both.c.id).limit(most).subquery("looked")


def looked_at(
    session: Session,
    lane: Lane,
    wanted: Wanted,
    *,
    by: Person | None,
    after: Place | None = None,
    tags: Collection[str] | None = None,
) -> Iterator[Looked]:
    """The rows among which is looked: few first, and more only for whoever finds too little among those.

    `tags`: the languages that are wanted, where those are several; without any is wanted with them.
    """
    if not reads_everything(by):
        yield Looked(kept_for_others(lane, by), None)
        return
    yield Looked(first_rows(lane, FEW, after, wanted.since), FEW)
    few = _known_by_index(session, wanted, tags)
    yield Looked(few, None) if few is not None else Looked(first_rows(lane, FAR, after, wanted.since), FAR)


def reads_everything(person: Person | None) -> bool:
    """Whether somebody has the whole queue before them, and not only what is kept for them."""
    return person is None or bool(person.holds() & READERS)


def _known_by_index(session: Session, wanted: Wanted, tags: Collection[str] | None) -> sa.Subquery | None:
    """The ids of all that can match, where an index knows of few; None where a lane has to be looked through."""
    for known, ids in _indexed(wanted, tags):
        number = session.scalar(sa.select(sa.func.count()).select_from(known.limit(FAR + 1).subquery())) or 0
        if number <= FAR:
            return ids.limit(FAR).subquery("looked")
    return None


def _indexed(wanted: Wanted, tags: Collection[str] | None) -> Iterator[tuple[Ids, Ids]]:
    """What an index knows of a filter, to be counted, and the ids of items that follow from it."""
    item, is_open = sa.select(QueueItem.id), QueueItem.closed.is_(False)
    if wanted.cluster is not None:
        yield (members := item.where(QueueItem.cluster_id == wanted.cluster)), members
    if wanted.language is not None:
        yield (spoken := item.where(is_open, QueueItem.language == wanted.language)), spoken
    elif tags is not None:
        parts = [item.where(is_open, QueueItem.language.in_(tags)), item.where(is_open, QueueItem.language.is_(None))]
        both = sa.union_all(*parts).subquery()
        yield (read := sa.select(both.c.id)), read
    if wanted.campaign is not None:
        told = sa.select(Story.id).where(Story.campaign_id == wanted.campaign.id)
        yield told, item.where(QueueItem.story_id.in_(told.limit(FAR)))
    if wanted.theme is not None:
        coded = sa.select(Coding.version_id).where(Coding.theme_id == wanted.theme.id)
        versions = sa.select(StoryVersion.story_id).where(StoryVersion.id.in_(coded.limit(FAR)))
        yield coded, item.where(QueueItem.story_id.in_(versions))
    if wanted.kind is Kind.APPEAL:
        yield (appealed := item.where(QueueItem.story_id.in_(_open_appeals()))), appealed
    if wanted.kind is Kind.CONCERN:
        yield (raised := item.where(QueueItem.concern_id.in_(_open_concerns()))), raised


def kept_for_others(lane: Lane, by: Person | None) -> sa.Subquery:
    """What may be for somebody who doesn't moderate: concerns, appeals, and what a first person has read.

    Concerns and appeals are few beside stories, and have tables of their own. Whatever was read was among the first.
    """
    looked = first_rows(lane, FAR)
    # Only what is theirs: else a flood of other concerns, or of those that were taken back, would hide it.
    theirs = QueueItem.only_for.in_(sorted(by.holds() if by else ()))
    raised = sa.select(QueueItem.id).where(QueueItem.concern_id.in_(_open_concerns(theirs)))
    appealed = sa.select(QueueItem.id).where(QueueItem.story_id.in_(_open_appeals()))
    read = sa.select(QueueItem.id).join(looked, looked.c.id == QueueItem.id).where(QueueItem.first_number.is_not(None))
    every = sa.union(raised, appealed, read).subquery()
    return sa.select(every).limit(FAR).subquery("looked")


def _open_appeals() -> Ids:
    return sa.select(Appeal.story_id).where(Appeal.heard.is_(None)).limit(FAR)


def _open_concerns(*which: sa.ColumnElement[bool]) -> Ids:
    """Those that have waited longest; what was taken back, or whose story was, waits no longer."""
    waiting = sa.select(Concern.id).join(QueueItem, QueueItem.concern_id == Concern.id)
    waiting = waiting.where(Concern.answered.is_(None), QueueItem.closed.is_(False), *which)
    return waiting.order_by(QueueItem.waits_since, QueueItem.id).limit(FAR)


def waits_in(lane: Lane) -> tuple[sa.ColumnElement[bool], ...]:
    """The condition that an item waits in a lane, once its row is at hand.

    Worded so that no index knows it: beside a short list of ids a database without statistics would rather read the
    whole lane. It is asked again of each row, for somebody may have closed it a moment ago.
    """
    return QueueItem.closed.is_not(True), QueueItem.lane == lane


def fits(
    wanted: Wanted, after: Place | None = None, tags: Collection[str] | None = None
) -> list[sa.ColumnElement[bool]]:
    """The conditions of somebody's filters. A language that nobody could tell may be one that they read."""
    conditions: list[sa.ColumnElement[bool]] = []
    if wanted.kind:
        conditions.append(QueueItem.kind == wanted.kind)
    if wanted.language:
        conditions.append(QueueItem.language == wanted.language)
    elif tags is not None:
        conditions.append(sa.or_(QueueItem.language.is_(None), QueueItem.language.in_(tags)))
    if wanted.theme:
        conditions.append(_has_theme(wanted.theme))
    if wanted.campaign:
        told = sa.select(Story.id).where(Story.id == QueueItem.story_id, Story.campaign_id == wanted.campaign.id)
        conditions.append(told.correlate(QueueItem).exists())
    if wanted.since:
        conditions.append(QueueItem.waits_since <= wanted.since)
    conditions.append(by_itself() if wanted.cluster is None else QueueItem.cluster_id == wanted.cluster)
    if after:
        conditions.append(sa.tuple_(QueueItem.waits_since, QueueItem.id) > after)
    return conditions


def by_itself() -> sa.ColumnElement[bool]:
    """The condition that an item is decided by itself: what came as one, and is held, waits as a cluster."""
    return sa.or_(QueueItem.cluster_id.is_(None), QueueItem.lane != Lane.HELD)


def newest_version() -> sa.ColumnElement[bool]:
    """The condition that a version is the newest of an item's story."""
    number = sa.select(sa.func.max(StoryVersion.number)).where(StoryVersion.story_id == QueueItem.story_id)
    return sa.and_(
        StoryVersion.story_id == QueueItem.story_id,
        StoryVersion.number == number.correlate(QueueItem).scalar_subquery(),
    )


def _has_theme(theme: Theme) -> sa.ColumnElement[bool]:
    coded = sa.select(Coding.id).join(StoryVersion, StoryVersion.id == Coding.version_id)
    whole = coded.where(newest_version(), Coding.theme_id == theme.id, Coding.start.is_(None))
    return whole.correlate(QueueItem).exists()


def languages_waiting(session: Session) -> list[str]:
    """The languages in which something waits, from one to the next in the index, however much waits in each."""
    next_one = sa.select(QueueItem.language).where(QueueItem.closed.is_(False), QueueItem.language.is_not(None))
    next_one = next_one.order_by(QueueItem.language).limit(1)
    spoken = sa.select(next_one.scalar_subquery().label("tag")).cte("spoken", recursive=True)
    after = next_one.where(QueueItem.language > spoken.c.tag).correlate(spoken).scalar_subquery()
    spoken = spoken.union_all(sa.select(after).where(spoken.c.tag.is_not(None)))
    found = session.scalars(sa.select(spoken.c.tag).where(spoken.c.tag.is_not(None)).limit(MOST_LANGUAGES))
    return sorted(found)


def languages_read(session: Session, person: Person) -> list[str] | None:
    """Of the languages in which something waits, those that a person reads; None for somebody who reads any."""
    if not person.languages:
        return None
    regions = tuple(f"{code}-" for code in person.languages)
    return [tag for tag in languages_waiting(session) if tag in person.languages or tag.startswith(regions)]
