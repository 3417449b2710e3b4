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
from storyhub.models.cluster import Cluster
from storyhub.models.concern import Concern
from storyhub.models.decision import Act, Decision
from storyhub.models.people import Person, Role
from storyhub.models.queue import Kind, Lane, QueueItem, Urgency, for_person
from storyhub.models.selection import Malformed, Unknown
from storyhub.models.story import Redaction, Story, StoryVersion
from storyhub.models.theme import SLUG, Campaign, CodedBy, Coding, Theme
from storyhub.moderation.lanes import (
    FAR,
    Looked,
    Place,
    Wanted,
    first_rows,
    fits,
    kept_for_others,
    languages_waiting,
    looked_at,
    newest_version,
    reads_everything,
    waits_in,
)
from storyhub.moderation.together import may_be_chosen
from storyhub.protection import identifiers
from storyhub.text import spans

Choice = TypeVar("Choice", Lane, Kind)
Named = TypeVar("Named", Theme, Campaign)
LANGUAGE_TAG = r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*"
MOST_COUNTED = 1_000  # beyond it "1,000+" is said: nobody decides otherwise for knowing how many more
LONGEST_AGE = 9_999  # days
LAST_ID = 2**63 - 1
# How long people have waited, in days: from, and to.
AGES = ((0, 0), (1, 2), (3, 6), (7, 13), (14, None))


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
    because: Urgency | None = None
    is_second: bool = False
    may_be_chosen: bool = False
    themes: list[Theme] = field(default_factory=list)


@dataclass(frozen=True)
class Queue:
    """A page of the queue, oldest first, and from where the next page goes on.

    `looked_through`: how many were looked at, where these are too few to fill the page and more wait after them.
    """

    rows: list[Waiting]
    next_after: str | None
    looked_through: int | None = None


@dataclass(frozen=True)
class Aged:
    """How many in a lane have waited between so many days, MOST_COUNTED + 1 at most; `after`: where they begin."""

    least: int
    most: int | None
    count: int
    after: str | None


@dataclass(frozen=True)
class WaitingCluster:
    """Stories that came as one, in one line of the held lane; `in_hand_of`: somebody who has some of them in hand.

    `and_more`: the lane was looked through only so far, and later ones may belong to it.
    """

    id: int
    number: int
    days: int
    languages: list[str]
    in_hand_of: str | None
    and_more: bool = False


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


def wanted(session: Session, arguments: MultiDict[str, str]) -> Wanted:
    """The filters of an address or a form. Raises Malformed or Unknown."""
    language = arguments.get("language", "")
    if language and not re.fullmatch(LANGUAGE_TAG, language):
        raise Malformed("language")
    return Wanted(
        lane=_one_of(Lane, arguments, "lane"),
        kind=_one_of(Kind, arguments, "kind"),
        language=language or None,
        theme=_named(session, Theme, arguments, "theme"),
        campaign=_named(session, Campaign, arguments, "campaign"),
        age=_age(arguments),
        cluster=_cluster(session, arguments),
    )


def _one_of(kinds: type[Choice], arguments: MultiDict[str, str], name: str) -> Choice | None:
    value = arguments.get(name, "")
    if value and value not in [str(kind) for kind in kinds]:
        raise Unknown(name)
    return kinds(value) if value else None


def _named(session: Session, noun: type[Named], arguments: MultiDict[str, str], name: str) -> Named | None:
    slug = arguments.get(name, "")
    if not slug:
        return None
    if not re.fullmatch(SLUG, slug):
        raise Malformed(name)
    found = session.scalar(sa.select(noun).filter_by(slug=slug))
    if found is None:
        raise Unknown(name)
    return found


def _age(arguments: MultiDict[str, str]) -> int | None:
    days = arguments.get("age", "")
    if not days:
        return None
    # By its length first: a number of thousands of digits is not even read.
    is_number = days.isascii() and days.isdecimal() and len(days) <= len(str(LONGEST_AGE))
    if not (is_number and int(days) <= LONGEST_AGE):
        raise Malformed("age")
    return int(days)


def _cluster(session: Session, arguments: MultiDict[str, str]) -> int | None:
    text = arguments.get("cluster", "")
    if not text:
        return None
    try:
        number = identifiers.read(text)
    except ValueError as error:
        raise Malformed("cluster") from error
    if session.get(Cluster, number) is None:
        raise Unknown("cluster")
    return number


def address_of(wanted: Wanted) -> dict[str, Any]:
    """The filters as an address holds them, without the lane."""
    named = {"theme": wanted.theme, "campaign": wanted.campaign}
    filters = {
        "kind": wanted.kind,
        "language": wanted.language,
        **{name: thing.slug if thing else None for name, thing in named.items()},
        "age": wanted.age,
        "cluster": None if wanted.cluster is None else identifiers.shown(wanted.cluster),
    }
    return {name: value for name, value in filters.items() if value is not None}


def cursor(arguments: MultiDict[str, str]) -> Place | None:
    """The day and id after which a page of the queue begins, from `after=`. Raises Malformed."""
    text = arguments.get("after", "")
    if not text:
        return None
    day, _, number = text.partition("-")
    try:
        return dt.datetime.strptime(day, "%Y%m%d").replace(tzinfo=dt.UTC).date(), identifiers.read(number)
    except ValueError as error:
        raise Malformed("after") from error


def _shown_place(place: Place) -> str:
    return f"{place[0]:%Y%m%d}-{identifiers.shown(place[1])}"


def counts(session: Session, by: Person | None = None) -> dict[Lane, int]:
    """How many wait in each lane, MOST_COUNTED + 1 at most; with `by`, of what this person may decide."""
    found = session.execute(sa.select(*(_count(lane, by) for lane in Lane))).one()
    return dict(zip(Lane, found, strict=True))


def _count(lane: Lane, by: Person | None) -> sa.ScalarSelect[Any]:
    looked = first_rows(lane, MOST_COUNTED + 1) if reads_everything(by) else kept_for_others(lane, by)
    if by is None:
        return sa.select(sa.func.count()).select_from(looked).scalar_subquery()
    theirs = sa.select(sa.func.count()).select_from(QueueItem).join(looked, looked.c.id == QueueItem.id)
    return theirs.where(*waits_in(lane), for_person(by)).scalar_subquery()


def ages(session: Session, lane: Lane) -> list[Aged]:
    """How long people have waited in a lane, at a glance: how many today, since a few days, a week, longer."""
    today = clock.today()
    found = session.execute(sa.select(*(_aged(lane, today, *days) for days in AGES))).one()
    return [
        Aged(least, most, count, None if most is None else _shown_place((today - dt.timedelta(days=most + 1), LAST_ID)))
        for (least, most), count in zip(AGES, found, strict=True)
    ]


def _aged(lane: Lane, today: dt.date, least: int, most: int | None) -> sa.ScalarSelect[Any]:
    rows = sa.select(QueueItem.id).where(QueueItem.closed.is_(False), QueueItem.lane == lane)
    rows = rows.where(QueueItem.waits_since <= today - dt.timedelta(days=least))
    if most is not None:
        rows = rows.where(QueueItem.waits_since >= today - dt.timedelta(days=most))
    return sa.select(sa.func.count()).select_from(rows.limit(MOST_COUNTED + 1).subquery()).scalar_subquery()


def waiting(
    session: Session,
    lane: Lane,
    wanted: Wanted,
    after: Place | None = None,
    size: int = 30,
    *,
    by: Person | None = None,
) -> Queue:
    """A page of one lane, oldest first, by keyset; with `by`, of what this person may decide.

    Neither queries nor rows that are read grow with the queue.
    """
    chosen = _chosen(wanted, lane, after, by).limit(size + 1)
    found: list[Any] = []
    end, most = None, None
    for looked in looked_at(session, lane, wanted, by=by, after=after):
        found = list(session.execute(chosen.join(looked.rows, looked.rows.c.id == QueueItem.id)).all())
        end, most = (None, None) if len(found) > size else (looked.end(session), looked.most)
        if end is None:
            break
    rows = _rows(session, found[:size])
    if end is not None:
        return Queue(rows, _shown_place(end), most)
    last = found[size - 1][0] if len(found) > size else None
    return Queue(rows, _shown_place((last.waits_since, last.id)) if last else None)


def _chosen(wanted: Wanted, lane: Lane, after: Place | None, by: Person | None) -> sa.Select[Any]:
    return (
        sa.select(
            QueueItem,
            StoryVersion.id,
            StoryVersion.country,
            StoryVersion.content_notes,
            sa.func.length(StoryVersion.text),
            Person.username,
        )
        .join(StoryVersion, newest_version())
        .outerjoin(Person, Person.id == QueueItem.claimed_by_id)
        .where(*waits_in(lane), *fits(wanted, after), *([for_person(by)] if by else []))
        .order_by(QueueItem.waits_since, QueueItem.id)
    )


def _rows(session: Session, found: list[Any]) -> list[Waiting]:
    themes = _themes_of(session, [row[1] for row in found])
    return [
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
            because=item.because,
            is_second=item.first_number is not None,
            may_be_chosen=may_be_chosen(item),
            themes=themes.get(version_id, []),
        )
        for item, version_id, country, notes, length, name in found
    ]


def waiting_clusters(session: Session, size: int = 30, after: Place | None = None) -> list[WaitingCluster]:
    """What came as one and is among the first of the held lane, the largest first; a few queries for any number."""
    looked = Looked(first_rows(Lane.HELD, FAR, after), FAR)
    of_first = sa.select(QueueItem.cluster_id).join(looked.rows, looked.rows.c.id == QueueItem.id)
    waits = (QueueItem.cluster_id.is_not(None), *waits_in(Lane.HELD))
    number = sa.func.count()
    rows = session.execute(
        of_first.with_only_columns(QueueItem.cluster_id, number, sa.func.min(QueueItem.waits_since))
        .where(*waits)
        .group_by(QueueItem.cluster_id)
        .order_by(number.desc(), QueueItem.cluster_id)
        .limit(size)
    ).all()
    among = QueueItem.cluster_id.in_([cluster for cluster, _number, _since in rows])
    of_these = of_first.where(*waits, among).distinct()
    spoken = _together(session.execute(of_these.with_only_columns(QueueItem.cluster_id, QueueItem.language)))
    held = of_these.join(Person, Person.id == QueueItem.claimed_by_id).where(QueueItem.claimed_until > _now())
    holding = _together(session.execute(held.with_only_columns(QueueItem.cluster_id, Person.username)))
    and_more = bool(rows) and looked.goes_on(session)
    return [
        WaitingCluster(
            cluster, number, (clock.today() - since).days, spoken[cluster], next(iter(holding[cluster]), None), and_more
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


# Demands reach stewards only, and so does what they did about them: nobody who volunteers should be pressed.
OF_STEWARDS = (Act.DEMAND, Act.PAUSE_PURGE, Act.RESUME_PURGE)


def sheet(session: Session, item: QueueItem) -> Sheet:
    """Everything about the story of an item; of what was raised about one, the words that are public, or were."""
    story = item.story
    version = story.newest if item.concern_id is None else story.version(story.public_number)
    history = list(
        session.scalars(
            sa.select(Decision)
            .filter_by(story_id=story.id)
            .where(Decision.act.not_in(OF_STEWARDS))
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


def campaign_choices(session: Session, language: str) -> list[tuple[str, str]]:
    """(slug, name) of the campaigns, by name."""
    found = session.scalars(sa.select(Campaign))
    return sorted(((one.slug, one.name_in(language)) for one in found), key=lambda pair: pair[1].casefold())


def hidden(session: Session, story: Story) -> list[tuple[str, bool]]:
    """The words before the last redaction, in pieces, the hidden ones marked; none when nothing is hidden."""
    rows = list(session.scalars(sa.select(Redaction).filter_by(version_id=story.newest.id).order_by(Redaction.start)))
    source = next((version for version in story.versions if rows and version.id == rows[0].source_version_id), None)
    if source is None or source.text is None:
        return []
    return spans.pieces(source.text, [(row.start, row.end) for row in rows])


def last_decision(session: Session, story: Story) -> Decision | None:
    """The newest decision about a story. Not what was demanded: that reaches stewards only."""
    query = sa.select(Decision).filter_by(story_id=story.id).where(Decision.act.not_in(OF_STEWARDS))
    return session.scalar(query.order_by(Decision.number.desc()).limit(1))


def last_about(session: Session, item: QueueItem) -> Decision | None:
    """The newest decision about what waits here: of a concern its answer, whatever was done about the story since."""
    return last_decision(session, item.story) if item.concern is None else item.concern.decision


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
    Act.FIRST_READ,
)


def decided(
    session: Session, before: int | None = None, size: int = 30, *, by: Person
) -> tuple[list[tuple[Decision, int]], int | None]:
    """(decision, item) of what was decided lately, newest first, and the number before which the next page begins.

    What is kept for stewards is shown to them alone.
    """
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
    if not by.is_any(Role.STEWARD):
        kept = sa.select(QueueItem.id).join(Concern, Concern.id == QueueItem.concern_id)
        kept = kept.where(Concern.decision_number == Decision.number, QueueItem.only_for == Role.STEWARD)
        chosen = chosen.where(~kept.correlate(Decision).exists())
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


__all__ = [
    "AGES",
    "MOST_COUNTED",
    "Aged",
    "Queue",
    "Sheet",
    "Waiting",
    "WaitingCluster",
    "address_of",
    "ages",
    "campaign_choices",
    "counts",
    "cursor",
    "decided",
    "hidden",
    "languages_waiting",
    "last_about",
    "last_decision",
    "names",
    "offered_themes",
    "reads_everything",
    "sheet",
    "waiting",
    "waiting_clusters",
    "wanted",
]
