"""A second pair of eyes: which decisions the stewards want made by two people, and what the first of them would do."""

from __future__ import annotations

import enum
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy.orm import Session

from storyhub.models.decision import Decision
from storyhub.models.people import Person
from storyhub.models.queue import Kind, QueueItem
from storyhub.models.story import Story
from storyhub.moderation.marks import Hidden
from storyhub.moderation.suggesting import Found

HEAVY = frozenset({"sexual-violence", "child", "self-harm", "death"})


class Eyes(enum.StrEnum):
    """When two people decide. Site.second_eyes holds those that the stewards chose."""

    NAMED = "named"
    HEAVY = "heavy"
    DECLINE = "decline"


@dataclass(frozen=True)
class FirstReading:
    """What the first of two people would do, why, and the letter that they would send."""

    decision: Decision
    by: Person | None

    @property
    def would(self) -> str:
        return str(self.decision.facts.get("would", ""))

    @property
    def letter(self) -> str | None:
        return self.decision.words.letter if self.decision.words else None


def first_reading(session: Session, item: QueueItem) -> FirstReading | None:
    """The first reading after which a second person decides, if there was one."""
    decision = session.get(Decision, item.first_number) if item.first_number is not None else None
    if decision is None:
        return None
    return FirstReading(decision, session.get(Person, decision.by_id) if decision.by_id is not None else None)


def is_still_first(item: QueueItem) -> bool:
    """Whether nobody else has read it for a decision: an appeal is heard by a second person anyway.

    What one safeguarding lead alone decides is theirs: there may be no other.
    """
    return item.first_number is None and item.only_for is None and item.kind is not Kind.APPEAL


def wants_two_to_publish(
    asked: Collection[str], item: QueueItem, found: Found, *, notes: Collection[str], accuses: bool
) -> bool:
    """Whether publishing this is for two. `asked`: when the stewards want that. Not of what nobody else will read."""
    if not is_still_first(item) or not item.story.will_be_read:
        return False
    is_named = accuses or names_somebody(found)
    return (Eyes.NAMED in asked and is_named) or (Eyes.HEAVY in asked and bool(HEAVY & set(notes)))


def wants_two_to_decline(asked: Collection[str], item: QueueItem) -> bool:
    return is_still_first(item) and Eyes.DECLINE in asked


def names_somebody(found: Found) -> bool:
    """Whether a name still stands in the words that would be published."""
    return any(one.hidden is Hidden.NAME for one in found.suggestions)


def may_take_back(item: QueueItem, person: Person) -> bool:
    """Whether this person read it first and may think again: not while the second one has it in hand."""
    story: Story = item.story
    is_first = item.first_number is not None and item.not_for_id == person.id
    return is_first and not item.closed and story.is_undecided and not item.is_held_by_another(person)


def as_second(item: QueueItem) -> dict[str, str | int | None]:
    """The fact of a decision that somebody makes after a first reading."""
    return {} if item.first_number is None else {"second-of": item.first_number}
