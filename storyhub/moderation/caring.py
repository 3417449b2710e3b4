"""How somebody wants to work at the desk, and what they did today. Nobody but themself is shown any of it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from storyhub import clock
from storyhub.models.decision import Act, Decision
from storyhub.models.labels import NOTES
from storyhub.models.people import FOLDED_AT_THE_DESK, Person
from storyhub.models.queue import QueueItem, free_for
from storyhub.models.story import State, Story
from storyhub.moderation.lanes import Wanted, fits, languages_read, looked_at, waits_in
from storyhub.moderation.queries import DECIDED

# After these somebody has read a story. Not holding: a whole flood is held, or sent back, by one press.
READ = (*DECIDED, Act.FIRST_READ, Act.ACCEPT_CONCERN, Act.ESCALATE)
MOST_LEFT = 100  # stories that are counted: "more than a hundred" tells enough


@dataclass(frozen=True)
class Today:
    """What one person did today (UTC): stories read, how many of them are public, and go out at the next window."""

    read: int
    out: int
    going_out: int


def read_today(session: Session, person: Person) -> int:
    """How many stories this person decided about or passed on today; what was decided together counts as one."""
    cluster = Decision.facts["cluster"].as_string()
    one = sa.func.coalesce(cluster, sa.cast(Decision.story_id, sa.String))
    return session.scalar(sa.select(sa.func.count(one.distinct())).where(*_of_today(person, READ))) or 0


def today(session: Session, person: Person, window: int) -> Today:
    """What this person did today. `window`: the one in which a decision made now goes out."""
    published = sa.and_(Story.state == State.PUBLISHED, Story.outcome.is_(None))
    going = sa.and_(Story.outcome == State.PUBLISHED, Story.outcome_window <= window)
    decided = _of_today(person, (Act.PUBLISH, Act.PUBLISH_EDIT))
    mine = sa.select(Decision.story_id).where(*decided)
    numbers = sa.select(sa.func.count(sa.case((published, 1))), sa.func.count(sa.case((going, 1))))
    out, going_out = session.execute(numbers.where(Story.id.in_(mine))).one()
    return Today(read_today(session, person), out, going_out)


def left_to_others(session: Session, person: Person, wanted: Wanted, passed_over: Collection[int] = ()) -> int:
    """How many wait that this person could decide and would rather not, or can't, read; MOST_LEFT + 1 at most."""
    avoided = [QueueItem.topics.contains(f" {code} ", autoescape=True) for code in person.rather_not]
    if person.languages and not wanted.language:
        tags = languages_read(session, person) or []
        avoided.append(sa.and_(QueueItem.language.is_not(None), QueueItem.language.not_in(tags)))
    if not avoided:
        return 0
    number = 0
    for lane in wanted.lanes:
        *_few, looked = looked_at(session, lane, wanted, by=person)  # as far as anybody is handed something
        waiting = (
            sa.select(QueueItem.id)
            .join(looked.rows, looked.rows.c.id == QueueItem.id)
            .where(*waits_in(lane), free_for(person), *fits(wanted))
            .where(QueueItem.id.not_in(passed_over), sa.or_(*avoided))
            .limit(MOST_LEFT + 1 - number)
        )
        number += session.scalar(sa.select(sa.func.count()).select_from(waiting.subquery())) or 0
    return number


def is_of_another(session: Session, address: str | None, person: Person) -> bool:
    """Whether somebody else here has this e-mail address."""
    others = sa.select(Person.id).where(Person.email == address, Person.id != person.id)
    return address is not None and session.scalar(others) is not None


def folded_for(person: Person) -> list[str]:
    """The content notes at which a story's words stay folded for this person until they are opened."""
    folds = FOLDED_AT_THE_DESK if person.folds is None else person.folds
    return [code for code in NOTES if code in folds]


def fold(person: Person, codes: Collection[str]) -> None:
    """Fold at these from now on. Who wants what everybody has keeps having it, should it change."""
    person.folds = None if set(codes) == set(FOLDED_AT_THE_DESK) else in_order(codes)


def in_order(codes: Collection[str]) -> list[str]:
    """Content notes in the order in which they are shown."""
    return [code for code in NOTES if code in codes]


def _of_today(person: Person, acts: Collection[Act]) -> tuple[sa.ColumnElement[bool], ...]:
    # What was proposed another day, and went out today as its teller agreed or did not answer, was not read today.
    agreed = Decision.facts["redaction"].as_string()
    return Decision.by_id == person.id, Decision.day == clock.today(), Decision.act.in_(acts), agreed.is_(None)
