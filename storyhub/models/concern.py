"""A concern about a public story: what somebody raises who is not known by a receipt of that story."""

from __future__ import annotations

import datetime as dt
import enum
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from storyhub import clock
from storyhub.models.columns import Base, BigInt, Day, RandomId, choice
from storyhub.models.decision import Act, Decision, append_decision
from storyhub.models.demand import Done, What, Who, record_demand
from storyhub.models.people import Person, Role
from storyhub.models.queue import Kind, Lane, QueueItem, Urgency, spaced
from storyhub.models.states import NotPossible, State

if TYPE_CHECKING:
    from storyhub.models.story import Story


# Whoever says that a story is theirs might lie, and be believed. For so long its true teller can see that somebody
# asked, and say that it was not them.
BEFORE_HANDING_OVER = dt.timedelta(days=7)


class About(enum.StrEnum):
    """What a concern is about."""

    MY_STORY = "my-story"  # "this is my story and I lost my code"
    NAMES_ME = "names-me"
    NAMES_INSTITUTION = "names-institution"
    LEGAL_DEMAND = "legal-demand"
    DANGER = "danger"


# Who alone answers it. A demand reaches stewards only: nobody who volunteers should be pressed.
ONLY_FOR = {About.MY_STORY: Role.SAFEGUARDING_LEAD, About.LEGAL_DEMAND: Role.STEWARD}


class Answered(enum.StrEnum):
    ACCEPTED = "accepted"
    REFUSED = "refused"


class Did(enum.StrEnum):
    """What was done about a concern, in the words of whoever answered it."""

    SET_ASIDE = "set-aside"
    HIDDEN = "hidden"
    TOLD_ON = "told-on"  # to whoever can help, outside
    OTHER = "other"


class Concern(Base):
    """What was raised, and what was answered. Its sender has a receipt of their own."""

    __tablename__ = "concerns"

    id: Mapped[RandomId]
    story_id: Mapped[int] = mapped_column(BigInt, sa.ForeignKey("stories.id", ondelete="CASCADE"), index=True)
    about: Mapped[About] = mapped_column(choice(About))
    words: Mapped[str | None] = mapped_column(sa.Text)
    receipt_digest: Mapped[str | None] = mapped_column(sa.String(64), unique=True)
    raised_on: Mapped[Day]
    answered: Mapped[Answered | None] = mapped_column(choice(Answered))
    answered_on: Mapped[Day | None]
    decision_number: Mapped[int | None] = mapped_column(sa.ForeignKey("decisions.number"))
    purge_on: Mapped[Day | None] = mapped_column(index=True)

    story: Mapped[Story] = relationship(back_populates="concerns")
    item: Mapped[QueueItem | None] = relationship(back_populates="concern")
    decision: Mapped[Decision | None] = relationship()

    def erase(self) -> None:
        """Forget what its sender wrote, and what was noted and answered about it: that may tell of it too."""
        self.words = self.purge_on = None
        if self.decision is not None and self.decision.words is not None:
            self.decision.words.note = self.decision.words.letter = None

    @property
    def to_be_handed_over_on(self) -> dt.date:
        """The first day on which the story can be handed over."""
        return self.raised_on + BEFORE_HANDING_OVER

    def contradict(self, *, originals_days: int, session: Session) -> Decision:
        """Whoever holds the story's receipt says that it was not them who asked. Nobody needs to judge that."""
        self._answer(Answered.REFUSED, originals_days)
        return self._record(Act.REFUSE_CONCERN, None, session, None, None)

    def hand_over(self, *, by: Person, originals_days: int, session: Session, note: str | None = None) -> Decision:
        """Only its teller could know what was said: the sender's receipt becomes the story's, and the lost one ends."""
        if self.about is not About.MY_STORY:  # whoever said anything else never said that it was theirs
            raise NotPossible(self.story, "hand the story over")
        if clock.today() < self.to_be_handed_over_on:
            raise NotPossible(self.story, "hand the story over")
        self._answer(Answered.ACCEPTED, originals_days)
        # In two steps: a digest opens one thing at a time, also for the database's own rule.
        digest, self.receipt_digest = self.receipt_digest, None
        session.flush()
        self.story.receipt_digest = digest
        return self._record(Act.HAND_OVER, by, session, None, note)

    def refuse(
        self, *, by: Person, letter: str | None, originals_days: int, session: Session, note: str | None = None
    ) -> Decision:
        """Nothing changes: what was said does not show it. The letter can be read with the sender's own receipt."""
        if self.about is About.LEGAL_DEMAND:  # however it is answered, it is counted
            raise NotPossible(self.story, "refuse the concern")
        self._answer(Answered.REFUSED, originals_days)
        return self._record(Act.REFUSE_CONCERN, by, session, letter, note)

    def accept(
        self,
        did: Did,
        *,
        by: Person,
        letter: str | None,
        originals_days: int,
        session: Session,
        note: str | None = None,
    ) -> Decision:
        """Something was done about it. That says nothing about whether what the story tells is so."""
        if self.about in ONLY_FOR:  # a lost receipt is handed over, and a demand is answered as one
            raise NotPossible(self.story, "accept the concern")
        self._answer(Answered.ACCEPTED, originals_days)
        return self._record(Act.ACCEPT_CONCERN, by, session, letter, note, did=str(did))

    def answer_demand(
        self,
        who: Who,
        what: What,
        done: Done,
        *,
        by: Person,
        letter: str | None,
        originals_days: int,
        session: Session,
        note: str | None = None,
    ) -> Decision:
        """A legal demand is answered: on the record as one, and so counted in public. That is never taken back."""
        if self.about is not About.LEGAL_DEMAND:
            raise NotPossible(self.story, "answer the demand")
        self._answer(Answered.ACCEPTED if done in (Done.PARTLY, Done.DONE) else Answered.REFUSED, originals_days)
        decision = record_demand(
            session, by=by, who=who, what=what, done=done, story=self.story, note=note, letter=letter
        )
        self.decision_number = decision.number
        return decision

    def put_off(self, lane: Lane, *, by: Person, session: Session, note: str | None = None) -> Decision:
        """A steward leaves a demand for later, or takes it up again.

        On the record, but not of its story: whoever reads what was done about that is not to know of a demand.
        """
        if self.about is not About.LEGAL_DEMAND or self.item is None or lane is Lane.URGENT:
            raise NotPossible(self.story, "put the demand off")
        self.item.lane = lane
        self.item.let_go()
        return append_decision(
            session, Act.HOLD, by=by.id, note=note, facts={"about": str(self.about), "lane": str(lane)}
        )

    def take_back(self, *, by: Person, session: Session) -> Decision:
        """An answer is thought over: the concern waits again. What was handed over or counted can't be taken back."""
        if not self.can_be_answered_anew or self.decision is None:
            raise NotPossible(self.story, "answer the concern again")
        undone = str(self.decision.act)
        self.answered = self.answered_on = self.purge_on = self.decision_number = None
        if self.item is not None:
            self.item.reopen()
        return append_decision(session, Act.UNDO, by=by.id, story_id=self.story_id, facts={"undone": undone})

    @property
    def can_be_answered_anew(self) -> bool:
        decided = self.decision
        if (
            decided is None or decided.by_id is None or self.words is None
        ):  # by_id: its teller said that it was not them
            return False
        return decided.act in (Act.ACCEPT_CONCERN, Act.REFUSE_CONCERN)

    @property
    def was_retracted(self) -> bool:
        """Whether its sender took it back before it was answered."""
        return self.answered is None and self.words is None and self.story.state is not State.WITHDRAWN

    def retract(self) -> None:
        """Its sender takes it back: their words and those of the answer are erased, and nobody answers it any more.

        What was done about it stays done, and stays on the record. Twice is the same as once.
        """
        self.erase()
        if self.item is not None:
            self.item.close()

    def _answer(self, answered: Answered, originals_days: int) -> None:
        if self.answered is not None or self.words is None or self.story.state is State.WITHDRAWN:
            raise NotPossible(self.story, "answer the concern")
        self.answered, self.answered_on = answered, clock.today()
        self.purge_on = clock.today() + dt.timedelta(days=originals_days)
        if self.item is not None:
            self.item.close()

    def _record(
        self, act: Act, by: Person | None, session: Session, letter: str | None, note: str | None, **facts: str
    ) -> Decision:
        decision = append_decision(
            session,
            act,
            by=by.id if by else None,
            story_id=self.story_id,
            facts={"about": str(self.about), **facts},
            letter=letter,
            note=note,
        )
        self.decision_number = decision.number
        return decision


def raise_concern(
    session: Session, story: Story, about: About, words: str, *, receipt_digest: str, lane: Lane = Lane.URGENT
) -> Concern:
    """Something is said about a story that is public, or was. It waits at the desk as an item of its own."""
    if story.state not in (State.PUBLISHED, State.SET_ASIDE):
        raise NotPossible(story, "raise a concern")
    concern = Concern(about=about, words=words, receipt_digest=receipt_digest, raised_on=clock.today())
    story.concerns.append(concern)
    session.flush()
    language = story.newest.language
    read = story.public.version if story.public else story.version(story.standing_number or story.public_number)
    story.items.append(
        QueueItem(
            kind=Kind.CONCERN,
            lane=lane,
            waits_since=clock.today(),
            language=language,
            closed=False,
            concern_id=concern.id,
            only_for=ONLY_FOR.get(about),
            because=Urgency.DANGER if about is About.DANGER else None,
            topics=spaced(read.content_notes),  # its page shows the public words: nobody is handed what they can't bear
        )
    )
    session.flush()
    return concern
