"""Sending and taking back: where a story meets its receipt, its lane and the worker."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from storyhub.models.job import enqueue
from storyhub.models.queue import Lane, QueueItem
from storyhub.models.story import State, Story, Told, Use, Wish, receive
from storyhub.models.theme import Campaign, Theme
from storyhub.telling.queries import story_with


@dataclass(frozen=True)
class Sending:
    """Everything that is sent with a story."""

    told: Told
    wish: Wish
    consent: tuple[Use, ...]
    themes: list[Theme]
    campaign: Campaign | None
    lane: Lane


def receive_once(session: Session, sending: Sending, receipt_digest: str) -> Story:
    """Store the story under this receipt, once: a second sending finds the first. Doesn't commit."""
    if already := story_with(session, receipt_digest):
        return already
    try:
        with session.begin_nested():
            return receive(
                session,
                sending.told,
                wish=sending.wish,
                consent=sending.consent,
                receipt_digest=receipt_digest,
                lane=sending.lane,
                campaign_id=sending.campaign.id if sending.campaign else None,
                themes=sending.themes,
            )
    except IntegrityError:
        # The same form, sent twice at the same moment: the other one was first.
        if already := story_with(session, receipt_digest):
            return already
        raise


def was_otherwise(story: Story, told: Told, wish: Wish, consent: Iterable[Use]) -> bool:
    """Whether a stored story has other facts or wishes than a later sending of its words."""
    first = story.versions[0]
    if story.wish is not wish or set(story.consent) != set(consent):
        return True
    facts = ("title", "name", "country", "place", "setting", "happened")
    changed = any((getattr(first, fact) or None) != (getattr(told, fact) or None) for fact in facts)
    return first.text is not None and (changed or set(first.show) != set(told.show))


def withdraw(session: Session, story: Story) -> None:
    """Take a story back, and have the worker clear its words from the index's file. Twice is the same as once."""
    # Whoever opens or decides it at this moment is waited for, not answered with "too late". Locks in the desk's order.
    session.execute(sa.select(QueueItem.id).filter_by(story_id=story.id).with_for_update())
    session.refresh(story, with_for_update=True)
    if story.state is not State.WITHDRAWN:
        story.withdraw()
        enqueue(session, "forget-search")
