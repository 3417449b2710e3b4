"""What a contributor came back with, as the desk reads it: what changed, what rests, what only they could know."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session, contains_eager, selectinload

from storyhub.models.appeal import Appeal
from storyhub.models.concern import Concern
from storyhub.models.decision import Act, Decision
from storyhub.models.people import Person, Role
from storyhub.models.question import Question
from storyhub.models.queue import READERS, Kind, QueueItem
from storyhub.models.story import MadeBy, Story, StoryVersion
from storyhub.models.theme import CodedBy, Coding, Theme
from storyhub.text.differences import Pieces, differences

FACTS = ("title", "name", "language", "country", "place", "setting", "happened", "show")
DECIDING = (Act.PUBLISH, Act.COUNT, Act.DECLINE, Act.PUBLISH_EDIT, Act.DECLINE_EDIT)
MOST_RESTING = 200
MOST_RAISED = 20  # shown on one page


@dataclass(frozen=True)
class Edited:
    """What is new in a story since the desk last decided or hid something: its words in pieces, and other facts."""

    pieces: Pieces
    facts: list[tuple[str, StoryVersion, StoryVersion]]


@dataclass(frozen=True)
class Unpublished:
    """What a public story's teller knows and readers don't; pieces are the first words beside the public ones."""

    version: StoryVersion
    pieces: Pieces
    themes: list[Theme]
    said: list[Question]


def is_edited(story: Story) -> bool:
    """Whether new words of the contributor are what is to be decided."""
    is_open = story.is_undecided or story.open_question is not None or story.outcome is not None
    return is_open and any(version.made_by is MadeBy.EDITED for version in story.versions)


def edited(session: Session, story: Story) -> Edited | None:
    """What the newest version changes; None when nothing was edited, or the words before are no longer kept."""
    before = _before_the_edit(session, story) if is_edited(story) else None
    if before is None or before.text is None:
        return None
    after = story.newest
    changed = [fact for fact in FACTS if (getattr(before, fact) or None) != (getattr(after, fact) or None)]
    return Edited(differences(before.text, after.text or ""), [(fact, before, after) for fact in changed])


def _before_the_edit(session: Session, story: Story) -> StoryVersion | None:
    """The version that stays public meanwhile; else the last that was decided about or in which words were hidden."""
    if story.standing_number is not None:
        return story.version(story.standing_number)
    last_edit = max(version.number for version in story.versions if version.made_by is MadeBy.EDITED)
    older = [version for version in story.versions if version.number < last_edit]
    decided = set(
        session.scalars(sa.select(Decision.version_id).filter_by(story_id=story.id).where(Decision.act.in_(DECIDING)))
    )
    known = [version for version in older if version.id in decided or version.made_by is MadeBy.REDACTED]
    return known[-1] if known else None


def questions(story: Story) -> list[Question]:
    """What was asked about a story, in order."""
    return sorted(story.questions, key=lambda question: question.decision_number)


def last_appeal(story: Story) -> Appeal | None:
    return max(story.appeals, key=lambda appeal: appeal.against, default=None)


@dataclass(frozen=True)
class Raised:
    """What was raised about a story and waits for an answer: the first of it, and how many there are besides."""

    concerns: list[Concern]
    more: int


def open_concerns(session: Session, story: Story, person: Person, but: Concern | None = None) -> Raised:
    """What was raised about a story and waits for an answer, as far as this person is shown it, without `but`."""
    waiting = (
        sa.select(Concern)
        .join(Concern.item)
        .where(Concern.story_id == story.id, QueueItem.closed.is_(False), _shown_to(person))
    )
    if but is not None:
        waiting = waiting.where(Concern.id != but.id)
    first = waiting.order_by(Concern.raised_on, Concern.id).limit(MOST_RAISED).options(contains_eager(Concern.item))
    concerns = list(session.scalars(first))
    if len(concerns) < MOST_RAISED:
        return Raised(concerns, 0)
    number = session.scalar(sa.select(sa.func.count()).select_from(waiting.subquery())) or 0
    return Raised(concerns, number - len(concerns))


def _shown_to(person: Person) -> sa.ColumnElement[bool]:
    """The condition that a concern is one whose page this person may open: `QueueItem.is_shown_to` says it of one."""
    roles = person.holds()
    stewards = QueueItem.only_for == Role.STEWARD if Role.STEWARD in roles else sa.false()
    others = sa.or_(QueueItem.only_for.is_(None), QueueItem.only_for != Role.STEWARD)
    return sa.or_(stewards, others) if roles & READERS else stewards


def unpublished(session: Session, story: Story) -> Unpublished:
    """What is held about a story and was never public, to compare with what somebody says who lost its receipt."""
    public = story.version(story.public_number)
    first = next((version for version in story.versions if version.text is not None), public)
    told = sa.select(Coding.theme_id).where(
        Coding.version_id == story.versions[0].id, Coding.coded_by == CodedBy.CONTRIBUTOR
    )
    return Unpublished(
        version=public,
        pieces=differences(public.text or "", first.text or "") if first is not public else [],
        themes=list(session.scalars(sa.select(Theme).where(Theme.id.in_(told)).order_by(Theme.slug))),
        said=questions(story),
    )


def resting_count(session: Session) -> int:
    """How many stories wait for an answer from their contributors."""
    return session.scalar(sa.select(sa.func.count()).select_from(Question).where(Question.closed.is_(False))) or 0


def resting(session: Session) -> list[tuple[Question, QueueItem]]:
    """What was asked and not answered yet, the soonest to run out first, and where it lies on the desk."""
    rows = session.execute(
        sa.select(Question, QueueItem)
        .join(QueueItem, sa.and_(QueueItem.story_id == Question.story_id, QueueItem.kind != Kind.CONCERN))
        .where(Question.closed.is_(False))
        .order_by(Question.answer_by, Question.id)
        .limit(MOST_RESTING)
        .options(selectinload(Question.decision))
    )
    return [(question, item) for question, item in rows]
