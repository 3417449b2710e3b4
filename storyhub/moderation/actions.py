"""What moderators do that touches the queue and the record, or the queue and the story, at once. Never commits."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session, object_session

from storyhub import clock
from storyhub.models.appeal import Heard
from storyhub.models.decision import Act, Decision, Reason, append_decision
from storyhub.models.people import Person, Role
from storyhub.models.queue import Kind, Lane, QueueItem, Urgency, free_for
from storyhub.models.story import State, Story, release_due
from storyhub.models.theme import CodedBy, Coding, Theme


class NotInHand(Exception):
    """A decision was sent by somebody who does not hold the item: it was decided, or is with somebody else."""

    def __init__(self, item: QueueItem) -> None:
        super().__init__("the item is not in hand")
        self.item = item


@dataclass(frozen=True)
class Wanted:
    """Which items somebody wants to be handed. No lane means urgent ones, then usual ones; held ones only by name."""

    lane: Lane | None = None
    kind: Kind | None = None
    language: str | None = None

    @property
    def lanes(self) -> tuple[Lane, ...]:
        return (self.lane,) if self.lane else (Lane.URGENT, Lane.USUAL)

    @property
    def is_for_anything(self) -> bool:
        return self.kind is None and self.language is None


def claim_next(session: Session, wanted: Wanted, *, by: Person, passed_over: Collection[int] = ()) -> QueueItem | None:
    """Hand this person the item that has waited longest and that nobody else holds; None when nothing waits.

    What they already hold comes first. On PostgreSQL rows that others are just being handed are skipped; on SQLite
    the whole transaction is the only one that writes: nobody is ever handed what somebody else holds.
    """
    for lane in wanted.lanes:
        waiting = (
            sa.select(QueueItem)
            .where(QueueItem.closed.is_(False), QueueItem.lane == lane, free_for(by), QueueItem.id.not_in(passed_over))
            .where(*_as_wanted(wanted, by), by_itself())
            .order_by(QueueItem.waits_since, QueueItem.id)
            .limit(1)
            .with_for_update(skip_locked=True, of=QueueItem)
        )
        held = waiting.where(QueueItem.claimed_by_id == by.id)
        item = session.scalar(held) or session.scalar(waiting)
        if item is not None:
            open_item(item, by=by)
            return item
    return None


def open_item(item: QueueItem, *, by: Person) -> None:
    """Take an item in hand, or hold it a while longer. From now on a person has read the story."""
    item.claim(by=by)
    if not item.story.read_by_a_person:
        item.story.read_by_a_person = True


def may_decide(item: QueueItem, person: Person) -> bool:
    """Whether this is one that the person may decide: not who is appealed against; who lost a receipt is the lead's."""
    return item.is_for(person)


def is_in_hand_of(item: QueueItem, person: Person) -> bool:
    """Whether this person holds the item now, and its time is not over."""
    until = item.claimed_until
    return (
        not item.closed
        and may_decide(item, person)
        and item.claimed_by_id == person.id
        and until is not None
        and until > clock.now().replace(tzinfo=None)
    )


def move(
    session: Session,
    item: QueueItem,
    lane: Lane,
    *,
    by: Person,
    reason: Reason | None = None,
    note: str | None = None,
) -> Decision:
    """Put an item into another lane and let go of it: held for later, back to usual, or urgent for the lead.

    What is passed on for sexual detail about someone under 18 is the safeguarding lead's alone from then on.
    """
    act = Act.ESCALATE if lane is Lane.URGENT else Act.HOLD
    item.lane = lane
    if lane is Lane.URGENT:
        item.because = item.because or Urgency.PASSED_ON
    if reason is Reason.UNDER_18_DETAIL:
        item.only_for = Role.SAFEGUARDING_LEAD
    if lane is Lane.USUAL:  # somebody looked at it: it is one story, whatever it is alike to
        item.cluster_id, item.alone = None, True
    item.let_go()
    return append_decision(
        session,
        act,
        by=by.id,
        story_id=item.story_id,
        version_id=item.story.newest.id,
        reason=reason,
        facts={"lane": str(lane)},
        note=note,
    )


def take_back(session: Session, item: QueueItem, *, by: Person, note: str | None = None) -> Decision:
    """Take back what was done last: what was asked, answered or heard; else what was decided about the story."""
    story = item.story
    if item.concern is not None:
        return item.concern.take_back(by=by, session=session)
    if story.open_question is not None:
        return story.open_question.take_back(by=by, session=session)
    last = max(story.appeals, key=lambda appeal: appeal.against, default=None)
    is_heard = item.kind is Kind.APPEAL and item.closed and last is not None and last.heard is Heard.UPHELD
    if is_heard and last is not None and story.state in (State.DECLINED, State.SET_ASIDE):
        return last.take_back(by=by, session=session)
    return story.undo(by=by, note=note)


def code(story: Story, chosen: Collection[Theme], offered: Iterable[Theme]) -> None:
    """Give the newest version these themes; of those offered, the ones not chosen are taken off, whoever gave them."""
    session = object_session(story)
    assert session is not None  # noqa: S101 - a story that was just read has one
    whole = {"version_id": story.newest.id, "start": None}
    dropped = {theme.id for theme in offered} - {theme.id for theme in chosen}
    session.execute(sa.delete(Coding).filter_by(**whole).where(Coding.theme_id.in_(dropped)))
    by_others = sa.select(Coding.theme_id).filter_by(**whole).where(Coding.coded_by != CodedBy.MODERATOR)
    given = set(session.scalars(by_others))
    story.set_themes([theme for theme in chosen if theme.id not in given], CodedBy.MODERATOR)


def release_at_once(session: Session, *, minutes: int, originals_days: int) -> None:
    """Where the site has no release windows, what was decided goes out in the same transaction."""
    if minutes == 0:
        release_due(session, window=clock.window(0), originals_days=originals_days)


def _as_wanted(wanted: Wanted, by: Person) -> list[sa.ColumnElement[bool]]:
    conditions: list[sa.ColumnElement[bool]] = []
    if wanted.kind:
        conditions.append(QueueItem.kind == wanted.kind)
    if wanted.language:
        conditions.append(QueueItem.language == wanted.language)
    elif by.languages:
        # A language that nobody could tell may be one that this person reads.
        reads = [in_language(code) for code in by.languages]
        conditions.append(sa.or_(QueueItem.language.is_(None), *reads))
    return conditions


def by_itself() -> sa.ColumnElement[bool]:
    """The condition that an item is decided by itself: what came as one, and is held, waits as a cluster."""
    return sa.or_(QueueItem.cluster_id.is_(None), QueueItem.lane != Lane.HELD)


def in_language(code: str) -> sa.ColumnElement[bool]:
    """The condition that an item is in a language or one of its regional forms."""
    return sa.or_(QueueItem.language == code, QueueItem.language.startswith(f"{code}-", autoescape=True))
