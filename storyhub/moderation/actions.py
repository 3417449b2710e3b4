"""What moderators do that touches the queue and the record, or the queue and the story, at once. Never commits."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, object_session

from storyhub import clock
from storyhub.models.appeal import Heard
from storyhub.models.cluster import Cluster
from storyhub.models.decision import Act, Decision, Reason, append_decision
from storyhub.models.people import Person, Role
from storyhub.models.queue import CLAIM, Kind, Lane, QueueItem, Urgency, free_for
from storyhub.models.story import State, Story, release_due
from storyhub.models.theme import CodedBy, Coding, Theme
from storyhub.moderation.lanes import FEW, Looked, Wanted, by_itself, fits, languages_read, looked_at, waits_in


class NotInHand(Exception):
    """A decision was sent by somebody who does not hold the item: it was decided, or is with somebody else."""

    def __init__(self, item: QueueItem) -> None:
        super().__init__("the item is not in hand")
        self.item = item


def claim_next(session: Session, wanted: Wanted, *, by: Person, passed_over: Collection[int] = ()) -> QueueItem | None:
    """Hand this person the item that has waited longest and that nobody else holds; None when there is none for them.

    What they already hold comes first. Nobody is handed what they would rather not read. On PostgreSQL rows that
    others are just being handed are skipped; on SQLite the whole transaction is the only one that writes: nobody is
    ever handed what somebody else holds.
    """
    tags = languages_read(session, by) if wanted.language is None else None
    in_hand = sa.select(QueueItem.id).where(QueueItem.claimed_by_id == by.id, by_itself())
    held = list(session.scalars(in_hand.order_by(QueueItem.waits_since, QueueItem.id).limit(FEW)))
    for lane in wanted.lanes:
        free = (
            sa.select(QueueItem)
            .where(*waits_in(lane), free_for(by), QueueItem.id.not_in(passed_over), *fits(wanted, tags=tags))
            .where(*_left_to_the_lead(by))
            .order_by(QueueItem.waits_since, QueueItem.id)
            .limit(1)
            .with_for_update(skip_locked=True, of=QueueItem)
        )
        item = session.scalar(free.where(QueueItem.id.in_(held))) if held else None
        if item is None:
            bearable = free.where(*(~QueueItem.topics.contains(f" {code} ", autoescape=True) for code in by.rather_not))
            item = _first_among(session, bearable, looked_at(session, lane, wanted, by=by, tags=tags))
        if item is not None:
            open_item(item, by=by)
            return item
    return None


def _left_to_the_lead(by: Person) -> list[sa.ColumnElement[bool]]:
    """What was passed on to the safeguarding lead is handed to nobody else; whoever opens it themself may decide it."""
    if by.is_any(Role.SAFEGUARDING_LEAD):
        return []
    return [sa.or_(QueueItem.because.is_(None), QueueItem.because != Urgency.PASSED_ON)]


def _first_among(session: Session, free: sa.Select[Any], looked: Iterable[Looked]) -> QueueItem | None:
    for rows in looked:
        item: QueueItem | None = session.scalar(free.join(rows.rows, rows.rows.c.id == QueueItem.id))
        if item is not None or not rows.goes_on(session):
            return item
    return None


def is_all_looked_at(session: Session, wanted: Wanted, *, by: Person) -> bool:
    """Whether `claim_next` looks at all that waits, or more waits than anybody should wait for."""
    for lane in wanted.lanes:
        *_few, last = looked_at(session, lane, wanted, by=by)
        if last.goes_on(session):
            return False
    return True


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


def keep_in_hand(item: QueueItem, *, by: Person) -> bool:
    """Hold it a quarter of an hour more, while somebody works on it. False where it is decided, or with another."""
    if item.closed or not item.is_free_for(by):
        return False
    item.claim(by=by)
    return True


def leave(item: QueueItem, *, by: Person, held: float) -> bool:
    """Let go of an item, for its page was closed `held` seconds after that page had last claimed it.

    Where it was claimed again since, by the same page loaded anew or in another window, it stays in hand.
    """
    if not is_in_hand_of(item, by) or item.claimed_until is None:
        return False
    claimed = item.claimed_until - CLAIM
    if (clock.now().replace(tzinfo=None) - claimed).total_seconds() < held:
        return False
    item.let_go()
    return True


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

    What is passed on for sexual detail about someone under 18 is the safeguarding lead's alone from then on; but for
    an appeal against the only lead, which is heard by somebody else all the same.
    """
    act = Act.ESCALATE if lane is Lane.URGENT else Act.HOLD
    item.lane = lane
    if lane is Lane.URGENT:
        item.because = Urgency.PASSED_ON  # a person's word; which words of the story suggested it is found anew
    if reason is Reason.UNDER_18_DETAIL:
        _keep_for_the_lead(session, item)
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


def _keep_for_the_lead(session: Session, item: QueueItem) -> None:
    """From now on it is the safeguarding lead's alone, and never nobody's: the only lead may read it once more."""
    before, item.only_for = item.only_for, Role.SAFEGUARDING_LEAD
    session.flush()
    if item.not_for_id is None or item.has_others_than(item.not_for_id, session):
        return
    if item.story.open_appeal is not None:
        item.only_for = before
    else:
        item.not_for_id = item.first_number = None


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
    decision = story.undo(by=by, note=note)
    if item.cluster_id is not None and (cluster := session.get(Cluster, item.cluster_id)) and cluster.chosen:
        item.cluster_id = None  # it was decided with others because somebody chose so, and waits by itself again
    return decision


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


__all__ = [
    "NotInHand",
    "Wanted",
    "claim_next",
    "code",
    "is_all_looked_at",
    "is_in_hand_of",
    "keep_in_hand",
    "leave",
    "may_decide",
    "move",
    "open_item",
    "release_at_once",
    "take_back",
]
