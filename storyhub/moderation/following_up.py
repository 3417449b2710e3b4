"""What a safeguarding lead did about danger, or about someone under 18: for the record, beside what was decided."""

from __future__ import annotations

import enum

from sqlalchemy.orm import Session

from storyhub.models.decision import Act, Decision, append_decision
from storyhub.models.people import Person, Role
from storyhub.models.queue import QueueItem, Urgency
from storyhub.models.story import NotPossible, State


class Done(enum.StrEnum):
    REPORTED = "reported"
    NOTHING = "nothing-to-report"
    SUPPORT = "support-offered"
    OTHER = "something-else"


def is_due(item: QueueItem, person: Person) -> bool:
    """Whether a lead may say of this what they did: it is theirs alone, or danger was seen in it."""
    if not person.is_any(Role.SAFEGUARDING_LEAD) or item.story.state is State.WITHDRAWN:
        return False
    is_theirs = item.only_for is Role.SAFEGUARDING_LEAD and item.concern_id is None
    return is_theirs or item.because in (Urgency.DANGER, Urgency.PASSED_ON)


def follow_up(session: Session, item: QueueItem, done: Done, *, by: Person, note: str | None) -> Decision:
    """Record what was done. It decides nothing about the story. Doesn't commit."""
    if not is_due(item, by):
        raise NotPossible(item.story, "follow it up")
    return append_decision(
        session,
        Act.FOLLOW_UP,
        by=by.id,
        story_id=item.story_id,
        version_id=item.story.newest.id,
        facts={"followed": str(done)},
        note=note,
    )
