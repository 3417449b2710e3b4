"""What a contributor does: sends a story, and with its receipt answers, changes, appeals, takes back. Never commits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, object_session

from storyhub import clock
from storyhub.models.appeal import make_appeal
from storyhub.models.concern import About, Concern, raise_concern
from storyhub.models.job import enqueue
from storyhub.models.question import Question
from storyhub.models.queue import Lane, QueueItem, Urgency
from storyhub.models.sealed import Left, leave_sealed
from storyhub.models.site import the_site
from storyhub.models.story import State, Story, Told, Use, Wish, receive, release_due
from storyhub.models.suggesting import follow_answer, follow_edit
from storyhub.models.theme import Campaign, CodedBy, Theme
from storyhub.telling.queries import concern_with, story_with, themes_chosen


@dataclass(frozen=True)
class Sending:
    """Everything that is sent with a story."""

    told: Told
    wish: Wish
    consent: tuple[Use, ...]
    themes: list[Theme]
    campaign: Campaign | None
    lane: Lane
    surge: int | None = None
    because: Urgency | None = None
    topics: tuple[str, ...] = ()
    left: Mapping[Left, str] = field(default_factory=dict)  # for the organisers alone, to be sealed


def receive_once(session: Session, sending: Sending, receipt_digest: str) -> Story:
    """Store the story under this receipt, once: a second sending finds the first. Doesn't commit."""
    if already := story_with(session, receipt_digest):
        return already
    try:
        with session.begin_nested():
            enqueue(session, "gather-alike")  # likeness is looked for afterwards: telling waits for nothing
            story = receive(
                session,
                sending.told,
                wish=sending.wish,
                consent=sending.consent,
                receipt_digest=receipt_digest,
                lane=sending.lane,
                surge=sending.surge,
                because=sending.because,
                topics=sending.topics,
                campaign_id=sending.campaign.id if sending.campaign else None,
                themes=sending.themes,
            )
            for left, words in sending.left.items():
                leave_sealed(session, story, left, words)
            session.flush()
            return story
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


def hold(session: Session, story: Story) -> None:
    """Wait for whoever has the story in hand at this moment, and read it as it is then. Locks in the desk's order."""
    session.execute(sa.select(QueueItem.id).filter_by(story_id=story.id).with_for_update())
    session.refresh(story, with_for_update=True)


def withdraw(session: Session, story: Story) -> None:
    """Take a story back, and have the worker clear its words from the index's file. Twice is the same as once."""
    if story.state is not State.WITHDRAWN:
        story.withdraw()
        enqueue(session, "forget-search")


@dataclass(frozen=True)
class When:
    """When what is decided takes effect on this site: in windows, or at once where there are none."""

    minutes: int
    originals_days: int

    @property
    def window(self) -> int:
        return clock.next_window(self.minutes)

    def release(self, session: Session) -> None:
        """Without windows it goes out in the same transaction."""
        if self.minutes == 0:
            release_due(session, window=clock.window(0), originals_days=self.originals_days)


def edit(session: Session, story: Story, told: Told, themes: list[Theme], wish: Wish | None) -> bool:
    """Store new words and facts, which wait to be decided. False when they are what is held already."""
    rewished = wish is not None and wish is not story.wish and story.standing_number is None
    before = themes_chosen(session, story)
    chosen = {*themes, *(theme for theme in before if theme.retired)}  # what is no longer offered was not taken away
    if not rewished and _says_the_same(story, told) and chosen == set(before):
        return False
    story.edit(told)
    story.set_themes(chosen, CodedBy.CONTRIBUTOR)
    follow_edit(story, the_site(session).urgent_words)
    if wish is not None and story.standing_number is None:  # what is public already cannot wait for a day any more
        story.wish = wish
    return True


def _says_the_same(story: Story, told: Told) -> bool:
    newest = story.newest
    facts = ("text", "title", "name", "country", "place", "setting", "happened", "language")
    same = all((getattr(newest, fact) or None) == (getattr(told, fact) or None) for fact in facts)
    return same and set(newest.show) == set(told.show)


def reply(question: Question, words: str) -> None:
    """The answer to a question, once: a second sending of the same words is the first one again."""
    if question.closed and question.answer == words:
        return
    question.reply(words)
    _follow(question.story, words)


def agree(session: Session, question: Question, when: When) -> None:
    """The contributor agrees to hidden words; twice is the same as once."""
    if question.closed and question.accepted:
        return
    question.accept(window=when.window, session=session)
    session.flush()
    when.release(session)


def disagree(question: Question, words: str) -> None:
    """The contributor wants something else; twice is the same as once."""
    if question.closed and question.accepted is False and (question.answer or "") == words:
        return
    question.refuse(words or None)
    _follow(question.story, words)


def appeal(session: Session, story: Story, words: str) -> None:
    """Ask that somebody else look again; twice is the same as once."""
    waiting = story.open_appeal
    if waiting is not None and (waiting.words or "") == words:
        return
    make_appeal(session, story, words)
    _follow(story, words)


def _follow(story: Story, words: str) -> None:
    if session := object_session(story):
        follow_answer(story, words, the_site(session).urgent_words)


def allow(session: Session, story: Story, uses: Iterable[Use], when: When) -> None:
    """Change what the words may be used for: less at once, more when the next window opens."""
    story.change_uses(uses, window=when.window)
    session.flush()
    when.release(session)


def say_it_is_mine(session: Session, story: Story, words: str, receipt_digest: str, lane: Lane) -> Concern:
    """Somebody lost the receipt of a public story. The same words again are the same concern."""
    return raise_about(session, story, About.MY_STORY, words, receipt_digest, lane)


def raise_about(session: Session, story: Story, about: About, words: str, receipt_digest: str, lane: Lane) -> Concern:
    """Somebody raises something about a public story. The same receipt again is the same concern."""
    if already := concern_with(session, receipt_digest):
        return already
    session.refresh(story, with_for_update=True)
    try:
        with session.begin_nested():
            return raise_concern(session, story, about, words, receipt_digest=receipt_digest, lane=lane)
    except IntegrityError:
        if already := concern_with(session, receipt_digest):
            return already
        raise


def retract(session: Session, concern: Concern) -> None:
    """Whoever raised it takes it back. Waits for whoever answers it at this moment; an answer given stays given."""
    hold(session, concern.story)
    session.refresh(concern, with_for_update=True)
    concern.retract()
    enqueue(session, "forget-search")  # it also overwrites what was erased


def take_back_private(session: Session, story: Story, which: Iterable[str]) -> None:
    """Erase what was left for the organisers alone; all of it when nothing is chosen."""
    chosen = set(which) & set(Left) or set(Left)
    for note in list(story.sealed_notes):
        if note.left in chosen:
            story.sealed_notes.remove(note)
    enqueue(session, "forget-search")  # it also overwrites what was erased


def contradict(session: Session, story: Story, originals_days: int) -> None:
    """It was somebody else who said that this is their story. Twice is the same as once."""
    for concern in story.concerns:
        if concern.about is About.MY_STORY and concern.answered is None:
            concern.contradict(originals_days=originals_days, session=session)
