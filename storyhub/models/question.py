"""What a moderator asks the contributor: a question, or whether words may be hidden. It is answered by the receipt."""

from __future__ import annotations

import datetime as dt
import enum
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from storyhub import clock
from storyhub.models.columns import Base, BigInt, Day, RandomId, choice
from storyhub.models.decision import Act, Decision, append_decision
from storyhub.models.people import Person
from storyhub.models.queue import Kind, QueueItem
from storyhub.models.states import NotPossible, State
from storyhub.models.version import NONE_LEFT

if TYPE_CHECKING:
    from storyhub.models.story import Story


# What somebody said of the version when they proposed it, which holds when it is published: see Story.publish.
SAID = ("under-18", "second-of")


class Asked(enum.StrEnum):
    QUESTION = "question"
    REDACTION = "redaction"


class Otherwise(enum.StrEnum):
    """What happens when no answer comes: most contributors never return."""

    WAIT = "wait"  # the desk looks at it again
    PUBLISH = "publish"  # it goes out with the words hidden, as proposed


class Question(Base):
    """One thing that was asked, till when an answer is waited for, and the answer. The words asked are a letter's."""

    __tablename__ = "questions"

    id: Mapped[RandomId]
    story_id: Mapped[int] = mapped_column(BigInt, sa.ForeignKey("stories.id", ondelete="CASCADE"), index=True)
    asked: Mapped[Asked] = mapped_column(choice(Asked))
    decision_number: Mapped[int] = mapped_column(sa.ForeignKey("decisions.number"))
    version_number: Mapped[int]  # about which version; a proposed redaction is that version
    asked_on: Mapped[Day]
    answer_by: Mapped[Day] = mapped_column(index=True)
    otherwise: Mapped[Otherwise] = mapped_column(choice(Otherwise))
    closed: Mapped[bool] = mapped_column(default=False, index=True)
    accepted: Mapped[bool | None]  # of a redaction
    answer: Mapped[str | None] = mapped_column(sa.Text)
    answered_on: Mapped[Day | None]
    purge_on: Mapped[Day | None] = mapped_column(index=True)

    story: Mapped[Story] = relationship(back_populates="questions")
    decision: Mapped[Decision] = relationship()

    @property
    def words(self) -> str | None:
        """What was asked; None when that was erased, or nothing was said beside a proposed redaction."""
        return self.decision.words.letter if self.decision.words else None

    def reply(self, words: str) -> None:
        """The contributor answers a question: the story is at the desk again, where it stood in the queue."""
        self._guard("reply", Asked.QUESTION)
        self.answer, self.answered_on = words, clock.today()
        self._back_to_the_desk()

    def accept(self, *, window: int, session: Session) -> Decision | None:
        """The contributor agrees to the hidden words: what the moderator decided for that case takes effect.

        None when the moderator who proposed it is gone, or gave no word that it needs, or the story was set aside
        meanwhile: then somebody at the desk decides.
        """
        self._guard("accept", Asked.REDACTION)
        self.accepted, self.answered_on, self.closed = True, clock.today(), True
        return self._publish(session, window, "accepted")

    def refuse(self, words: str | None = None) -> None:
        """The contributor does not agree: somebody at the desk looks again."""
        self._guard("refuse", Asked.REDACTION)
        self.accepted, self.answer, self.answered_on = False, words or None, clock.today()
        self._back_to_the_desk()

    def lapse(self, *, window: int, session: Session) -> None:
        """No answer came in time."""
        if self.closed:
            return
        self.closed = True
        if self.otherwise is Otherwise.PUBLISH and self.asked is Asked.REDACTION:
            self._publish(session, window, "no-answer")
        else:
            self._back_to_the_desk()

    def take_back(self, *, by: Person, session: Session) -> Decision:
        """The desk no longer asks: the story waits where it stood, and both acts stay on the record."""
        if self.closed:
            raise NotPossible(self.story, "take the question back")
        story, act = self.story, self.decision.act
        story.questions.remove(self)
        if item := story.item:
            item.reopen()
        return append_decision(
            session, Act.UNDO, by=by.id, story_id=story.id, version_id=story.newest.id, facts={"undone": str(act)}
        )

    def _publish(self, session: Session, window: int, because: str) -> Decision | None:
        by = session.get(Person, self.decision.by_id) if self.decision.by_id is not None else None
        self.story.reopen(Kind.ANSWER, keeps_place=True)
        if by is None or self.story.newest.number != self.version_number:
            return None
        if self.story.state is State.SET_ASIDE:  # something was raised meanwhile: a person decides
            return None
        facts = {"redaction": because} | {name: value for name, value in self.decision.facts.items() if name in SAID}
        if self.story.needs_a_word and not NONE_LEFT.items() <= facts.items():
            return None
        return self.story.publish(by=by, window=window, facts=facts)

    def _back_to_the_desk(self) -> None:
        self.closed = True
        self.story.reopen(Kind.ANSWER, keeps_place=True)

    def _guard(self, verb: str, asked: Asked) -> None:
        if self.closed or self.asked is not asked:
            raise NotPossible(self.story, verb)

    def erase(self) -> None:
        """Forget the contributor's answer; the question's own words go with the decision's."""
        self.answer = self.purge_on = None


def ask(story: Story, words: str, *, by: Person, answer_by: dt.date, session: Session) -> Question:
    """Ask the contributor something. Until `answer_by` the story rests, and is in nobody's hand."""
    return _asked(story, Asked.QUESTION, Act.ASK, words, by, answer_by, Otherwise.WAIT, session)


def propose_redaction(
    story: Story,
    words: str | None,
    *,
    by: Person,
    answer_by: dt.date,
    otherwise: Otherwise,
    session: Session,
    facts: dict[str, str | int | None] | None = None,
) -> Question:
    """Show the contributor the newest version, in which words were hidden, and ask whether it may be published so.

    `facts`: what holds of publishing it too, such as NONE_LEFT.
    """
    if story.newest.made_by != "redacted":
        raise ValueError("no words are hidden in the newest version")
    return _asked(story, Asked.REDACTION, Act.PROPOSE, words, by, answer_by, otherwise, session, facts)


def _asked(
    story: Story,
    asked: Asked,
    act: Act,
    words: str | None,
    by: Person,
    answer_by: dt.date,
    otherwise: Otherwise,
    session: Session,
    facts: dict[str, str | int | None] | None = None,
) -> Question:
    if not story.is_undecided:
        raise NotPossible(story, act)
    decision = append_decision(
        session, act, by=by.id, story_id=story.id, version_id=story.newest.id,
        facts={"answer-by": answer_by.isoformat(), "otherwise": str(otherwise), **(facts or {})}, letter=words,
    )  # fmt: skip
    question = Question(
        asked=asked,
        decision_number=decision.number,
        version_number=story.newest.number,
        asked_on=clock.today(),
        answer_by=answer_by,
        otherwise=otherwise,
        closed=False,
    )
    story.questions.append(question)
    story.read_by_a_person = True
    if item := story.open_item:
        item.close()
    session.flush()
    return question


def lapse_questions(session: Session, *, window: int, most: int = 500) -> int:
    """Deal with questions whose day has passed without an answer, `most` at once. Returns how many."""
    is_due = sa.and_(Question.closed.is_(False), Question.answer_by < clock.today())
    due = session.scalars(sa.select(Question).where(is_due).limit(most)).all()
    for question in due:
        # Whoever answers at this moment is waited for, and has answered. Locks in the desk's order.
        session.execute(sa.select(QueueItem.id).filter_by(story_id=question.story_id).with_for_update())
        session.refresh(question.story, with_for_update=True)
        session.refresh(question)
        question.lapse(window=window, session=session)
    session.flush()
    return len(due)
