"""What the desk reads: the queue without the stories' words, one story with all that is known of it, the record."""

from __future__ import annotations

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Session, selectinload
from werkzeug.datastructures import MultiDict

from storyhub import clock
from storyhub.models.concern import Concern
from storyhub.models.decision import Act, Decision
from storyhub.models.people import Person
from storyhub.models.queue import Kind, Lane, QueueItem, shown_to
from storyhub.models.selection import Malformed, Unknown
from storyhub.models.story import Redaction, Story, StoryVersion
from storyhub.models.theme import Campaign, CodedBy, Coding, Theme
from storyhub.moderation import spans
from storyhub.moderation.actions import Wanted, by_itself
from storyhub.protection import identifiers

Choice = TypeVar("Choice", Lane, Kind)
LANGUAGE_TAG = r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*"


@dataclass(frozen=True)
class Waiting:
    """One line of the queue. Days are days, length is in characters. The words themselves are not here."""

    id: int
    lane: Lane
    kind: Kind
    days: int
    language: str | None
    country: str | None
    length: int
    notes: list[str]
    in_hand_of: str | None
    themes: list[Theme] = field(default_factory=list)


@dataclass(frozen=True)
class Queue:
    """A page of the queue, oldest first, and from where the next page goes on."""

    rows: list[Waiting]
    next_after: str | None


@dataclass(frozen=True)
class WaitingCluster:
    """Stories that came as one, in one line of the held lane; `in_hand_of`: somebody who has some of them in hand."""

    id: int
    number: int
    days: int
    languages: list[str]
    in_hand_of: str | None


@dataclass(frozen=True)
class Sheet:
    """All that a moderator sees of one story."""

    item: QueueItem
    story: Story
    version: StoryVersion
    paragraphs: list[tuple[int, str]]
    hidden: list[tuple[str, bool]]
    told_themes: list[Theme]
    themes: list[Theme]
    offered: list[Theme]
    campaign: Campaign | None
    history: list[Decision]
    names: dict[int, str]


def wanted(arguments: MultiDict[str, str]) -> Wanted:
    """The filters of an address or a form. Raises Malformed or Unknown."""
    language = arguments.get("language", "")
    if language and not re.fullmatch(LANGUAGE_TAG, language):
        raise Malformed("language")
    return Wanted(_one_of(Lane, arguments, "lane"), _one_of(Kind, arguments, "kind"), language or None)


def _one_of(kinds: type[Choice], arguments: MultiDict[str, str], name: str) -> Choice | None:
    value = arguments.get(name, "")
    if value and value not in [str(kind) for kind in kinds]:
        raise Unknown(name)
    return kinds(value) if value else None


def cursor(arguments: MultiDict[str, str]) -> tuple[dt.date, int] | None:
    """The day and id after which a page of the queue begins, from `after=`. Raises Malformed."""
    text = arguments.get("after", "")
    if not text:
        return None
    day, _, number = text.partition("-")
    try:
        return dt.datetime.strptime(day, "%Y%m%d").replace(tzinfo=dt.UTC).date(), identifiers.read(number)
    except ValueError as error:
        raise Malformed("after") from error


def counts(session: Session, by: Person) -> dict[Lane, int]:
    """How many wait in each lane, of those that this person is shown."""
    waits = (QueueItem.closed.is_(False), shown_to(by))
    rows = session.execute(sa.select(QueueItem.lane, sa.func.count()).where(*waits).group_by(QueueItem.lane))
    found = {lane: number for lane, number in rows}  # noqa: C416 - a Result is no mapping
    return {lane: found.get(lane, 0) for lane in Lane}


def waiting_languages(session: Session, by: Person) -> list[str]:
    """The languages in which something waits, of what this person is shown."""
    waits = (QueueItem.closed.is_(False), shown_to(by))
    rows = session.scalars(sa.select(QueueItem.language).where(*waits).distinct())
    return sorted(language for language in rows if language)


def waiting(
    session: Session,
    lane: Lane,
    wanted: Wanted,
    after: tuple[dt.date, int] | None = None,
    size: int = 30,
    *,
    by: Person,
) -> Queue:
    """A page of one lane, oldest first, by keyset. The number of queries does not grow with the queue."""
    number = sa.select(sa.func.max(StoryVersion.number)).where(StoryVersion.story_id == QueueItem.story_id)
    newest = sa.and_(
        StoryVersion.story_id == QueueItem.story_id,
        StoryVersion.number == number.correlate(QueueItem).scalar_subquery(),
    )
    chosen = (
        sa.select(
            QueueItem,
            StoryVersion.id,
            StoryVersion.country,
            StoryVersion.content_notes,
            sa.func.length(StoryVersion.text),
            Person.username,
        )
        .join(StoryVersion, newest)
        .outerjoin(Person, Person.id == QueueItem.claimed_by_id)
        .where(QueueItem.closed.is_(False), QueueItem.lane == lane, by_itself(), shown_to(by))
        .order_by(QueueItem.waits_since, QueueItem.id)
        .limit(size + 1)
    )
    if wanted.kind:
        chosen = chosen.where(QueueItem.kind == wanted.kind)
    if wanted.language:
        chosen = chosen.where(QueueItem.language == wanted.language)
    if after:
        chosen = chosen.where(sa.tuple_(QueueItem.waits_since, QueueItem.id) > after)
    found = session.execute(chosen).all()
    themes = _themes_of(session, [row[1] for row in found[:size]])
    rows = [
        Waiting(
            id=item.id,
            lane=item.lane,
            kind=item.kind,
            days=item.waited_days,
            language=item.language,
            country=country,
            length=length or 0,
            notes=list(notes or []),
            in_hand_of=name if item.claimed_until and item.claimed_until > _now() else None,
            themes=themes.get(version_id, []),
        )
        for item, version_id, country, notes, length, name in found[:size]
    ]
    last = found[size - 1][0] if len(found) > size else None
    return Queue(rows, f"{last.waits_since:%Y%m%d}-{identifiers.shown(last.id)}" if last else None)


def waiting_clusters(session: Session, size: int = 30) -> list[WaitingCluster]:
    """What came as one and is held, the largest first; three queries for any number of stories."""
    waits = (QueueItem.cluster_id.is_not(None), QueueItem.closed.is_(False), QueueItem.lane == Lane.HELD)
    number = sa.func.count()
    rows = session.execute(
        sa.select(QueueItem.cluster_id, number, sa.func.min(QueueItem.waits_since))
        .where(*waits)
        .group_by(QueueItem.cluster_id)
        .order_by(number.desc(), QueueItem.cluster_id)
        .limit(size)
    ).all()
    among = QueueItem.cluster_id.in_([cluster for cluster, _number, _since in rows])
    spoken = _together(
        session.execute(sa.select(QueueItem.cluster_id, QueueItem.language).where(*waits, among).distinct())
    )
    held = sa.select(QueueItem.cluster_id, Person.username).join(Person, Person.id == QueueItem.claimed_by_id)
    holding = _together(session.execute(held.where(*waits, among, QueueItem.claimed_until > _now()).distinct()))
    return [
        WaitingCluster(
            cluster, number, (clock.today() - since).days, spoken[cluster], next(iter(holding[cluster]), None)
        )
        for cluster, number, since in rows
        if cluster is not None
    ]


def _together(rows: Iterable[Any]) -> defaultdict[int, list[str]]:
    found: defaultdict[int, list[str]] = defaultdict(list)
    for cluster, word in rows:
        if word:
            found[cluster].append(word)
    return found


def sheet(session: Session, item: QueueItem) -> Sheet:
    """Everything about the story of an item."""
    story, version = item.story, item.story.newest
    history = list(
        session.scalars(
            sa.select(Decision)
            .filter_by(story_id=story.id)
            .where(Decision.act != Act.DEMAND)  # demands reach stewards only, and so do the answers to them
            .order_by(Decision.number)
            .options(selectinload(Decision.words))
        )
    )
    told = sa.select(Coding.theme_id).where(
        Coding.version_id == story.versions[0].id, Coding.coded_by == CodedBy.CONTRIBUTOR
    )
    return Sheet(
        item=item,
        story=story,
        version=version,
        paragraphs=spans.paragraphs(version.text or ""),
        hidden=hidden(session, story),
        told_themes=list(session.scalars(sa.select(Theme).where(Theme.id.in_(told)).order_by(Theme.slug))),
        themes=story.themes(),
        offered=offered_themes(session),
        campaign=session.get(Campaign, story.campaign_id) if story.campaign_id else None,
        history=history,
        names=names(session, {decision.by_id for decision in history}),
    )


def offered_themes(session: Session) -> list[Theme]:
    """The themes that can be chosen: those of the codebook that are not retired."""
    return list(session.scalars(sa.select(Theme).filter_by(retired=False).order_by(Theme.slug)))


def hidden(session: Session, story: Story) -> list[tuple[str, bool]]:
    """The words before the last redaction, in pieces, the hidden ones marked; none when nothing is hidden."""
    rows = list(session.scalars(sa.select(Redaction).filter_by(version_id=story.newest.id).order_by(Redaction.start)))
    source = next((version for version in story.versions if rows and version.id == rows[0].source_version_id), None)
    if source is None or source.text is None:
        return []
    return spans.pieces(source.text, [(row.start, row.end) for row in rows])


def last_decision(session: Session, story: Story) -> Decision | None:
    """The newest decision about a story."""
    return session.scalar(sa.select(Decision).filter_by(story_id=story.id).order_by(Decision.number.desc()).limit(1))


def names(session: Session, people: set[int | None]) -> dict[int, str]:
    """What people are called, by id. Those who are gone are not in it."""
    rows = session.execute(sa.select(Person.id, Person.username).where(Person.id.in_(people - {None})))
    return {person_id: name for person_id, name in rows}  # noqa: C416 - a Result is no mapping


DECIDED = (
    Act.PUBLISH,
    Act.COUNT,
    Act.DECLINE,
    Act.SET_ASIDE,
    Act.PUBLISH_EDIT,
    Act.DECLINE_EDIT,
    Act.ASK,
    Act.PROPOSE,
    Act.UPHOLD,
    Act.OVERTURN,
    Act.HAND_OVER,
    Act.ACCEPT_CONCERN,
    Act.REFUSE_CONCERN,
    Act.RESTORE,
)


def decided(
    session: Session, before: int | None = None, size: int = 30
) -> tuple[list[tuple[Decision, int]], int | None]:
    """(decision, item) of what was decided lately, newest first, and the number before which the next page begins."""
    own = sa.select(sa.func.max(QueueItem.id)).where(
        QueueItem.story_id == Decision.story_id, QueueItem.kind != Kind.CONCERN
    )
    raised = (
        sa.select(sa.func.max(QueueItem.id))
        .join(Concern, Concern.id == QueueItem.concern_id)
        .where(Concern.decision_number == Decision.number)
    )
    item = sa.func.coalesce(raised.correlate(Decision).scalar_subquery(), own.correlate(Decision).scalar_subquery())
    chosen = (
        sa.select(Decision, item)
        .where(Decision.act.in_(DECIDED), Decision.story_id.is_not(None), item.is_not(None))
        .order_by(Decision.number.desc())
        .limit(size + 1)
    )
    if before is not None:
        chosen = chosen.where(Decision.number < before)
    rows = [(decision, item_id) for decision, item_id in session.execute(chosen)]
    return rows[:size], rows[size - 1][0].number if len(rows) > size else None


def _themes_of(session: Session, version_ids: list[int]) -> dict[int, list[Theme]]:
    rows = session.execute(
        sa.select(Coding.version_id, Theme)
        .join(Theme, Theme.id == Coding.theme_id)
        .where(Coding.version_id.in_(version_ids), Coding.start.is_(None))
        .order_by(Theme.slug)
    )
    themes: dict[int, list[Theme]] = {}
    for version_id, theme in rows:
        if theme not in themes.setdefault(version_id, []):
            themes[version_id].append(theme)
    return themes


def _now() -> dt.datetime:
    return clock.now().replace(tzinfo=None)
