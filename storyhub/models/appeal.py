"""An appeal: the contributor asks that somebody else look again at what was decided about their story."""

from __future__ import annotations

import datetime as dt
import enum
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from storyhub import clock
from storyhub.models.columns import Base, BigInt, Day, RandomId, choice
from storyhub.models.decision import Act, Decision, append_decision, under_18_detail_found
from storyhub.models.people import Person, Role, people_with
from storyhub.models.queue import Kind
from storyhub.models.states import NotPossible, State

if TYPE_CHECKING:
    from storyhub.models.story import Story


class Heard(enum.StrEnum):
    UPHELD = "upheld"  # the decision stands
    OVERTURNED = "overturned"  # the decision is taken back


class Appeal(Base):
    """One appeal against one decision. The row stays for the public count when its words are gone."""

    __tablename__ = "appeals"

    id: Mapped[RandomId]
    story_id: Mapped[int] = mapped_column(BigInt, sa.ForeignKey("stories.id", ondelete="CASCADE"), index=True)
    against: Mapped[int] = mapped_column(sa.ForeignKey("decisions.number"), unique=True)
    day: Mapped[Day]
    words: Mapped[str | None] = mapped_column(sa.Text)
    heard: Mapped[Heard | None] = mapped_column(choice(Heard))
    heard_on: Mapped[Day | None]
    purge_on: Mapped[Day | None] = mapped_column(index=True)

    story: Mapped[Story] = relationship(back_populates="appeals")
    decision: Mapped[Decision] = relationship()

    def erase(self) -> None:
        self.words = self.purge_on = None

    def uphold(
        self, *, by: Person, letter: str | None, originals_days: int, session: Session, note: str | None = None
    ) -> Decision:
        """The decision stands; the words are purged when their time has come, counted anew from today."""
        self._hear(Heard.UPHELD, by)
        if item := self.story.open_item:
            item.close()
        day = clock.today() + dt.timedelta(days=originals_days)
        for version in self.story.versions:
            version.purge_on = day if version.purge_on else None  # words that were set aside have no day, and keep none
        self.purge_on = day
        return self._record(Act.UPHOLD, by, session, letter, note)

    def overturn(self, *, by: Person, session: Session, note: str | None = None) -> Decision:
        """The decision is taken back: the story is undecided again, in the hand of who heard the appeal."""
        self._hear(Heard.OVERTURNED, by)
        self.story.state, self.story.decided_on = State.WAITING, None
        for version in self.story.versions:
            version.purge_on = None
        return self._record(Act.OVERTURN, by, session, None, note)

    def take_back(self, *, by: Person, session: Session) -> Decision:
        """What was heard is heard once more: the appeal waits again, and both acts stay on the record."""
        if self.heard is not Heard.UPHELD or self._was_decided_by(by):
            raise NotPossible(self.story, "hear the appeal again")
        if can_be_appealed(session, self.story) is not None or self.story.awaits_desk or self.words is None:
            raise NotPossible(self.story, "hear the appeal again")  # something else happened to the story since
        self.heard = self.heard_on = self.purge_on = None
        if item := self.story.item:
            item.reopen()
        return self._record(Act.UNDO, by, session, None, undone=str(Act.UPHOLD))

    def _hear(self, heard: Heard, by: Person) -> None:
        if self.heard is not None or self._was_decided_by(by):
            raise NotPossible(self.story, "hear the appeal")
        self.heard, self.heard_on = heard, clock.today()

    def _was_decided_by(self, person: Person) -> bool:
        """Whether this person decided it, or was the first of two who did: it is heard by somebody new."""
        item = self.story.item
        return self.decision.by_id == person.id or (item is not None and item.was_first_read_by(person))

    def _record(
        self, act: Act, by: Person, session: Session, letter: str | None, note: str | None = None, **facts: str
    ) -> Decision:
        return append_decision(
            session, act, by=by.id, story_id=self.story_id, version_id=self.story.newest.id,
            facts={"against": self.against, **facts}, letter=letter, note=note,
        )  # fmt: skip


def can_be_appealed(session: Session, story: Story) -> Decision | None:
    """The decision that the contributor may appeal against, once; None when there is none, or its words are gone."""
    act = {State.DECLINED: Act.DECLINE, State.SET_ASIDE: Act.SET_ASIDE}.get(story.state)
    if act is None or story.outcome is not None or story.newest.text is None or story.awaits_desk:
        return None
    decision = session.scalar(
        sa.select(Decision).filter_by(story_id=story.id, act=act).order_by(Decision.number.desc()).limit(1)
    )
    heard_before = decision is not None and any(appeal.against == decision.number for appeal in story.appeals)
    return None if heard_before else decision


def make_appeal(session: Session, story: Story, words: str) -> Appeal:
    """Ask that somebody else look at it again. While it waits, nothing of the story is purged (`purge_due`)."""
    decision = can_be_appealed(session, story)
    if decision is None:
        raise NotPossible(story, "appeal")
    appeal = Appeal(against=decision.number, day=clock.today(), words=words)
    story.appeals.append(appeal)
    item = story.reopen(Kind.APPEAL)
    item.not_for_id = decision.by_id
    if _is_for_another_lead(session, story, decision):
        item.only_for = Role.SAFEGUARDING_LEAD
    session.flush()
    return appeal


def _is_for_another_lead(session: Session, story: Story, decision: Decision) -> bool:
    """Whether sexual detail about a child was found in it, and there is a lead who has not decided about it.

    Where the one who did is the only lead, a moderator hears it: an appeal that nobody may hear is none.
    """
    if session.scalar(under_18_detail_found(story.id).limit(1)) is None:
        return False
    leads = people_with(session, Role.SAFEGUARDING_LEAD)
    return any(lead.second_factor_confirmed and lead.id != decision.by_id for lead in leads)
