"""The queue: what waits for a moderator, in which lane, and who has it in hand."""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Iterable
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, Mapped, Session, mapped_column, object_session, relationship

from storyhub import clock
from storyhub.models.columns import Base, BigInt, Day, RandomId, choice
from storyhub.models.decision import Decision, under_18_detail_found
from storyhub.models.people import Membership, Person, Role

if TYPE_CHECKING:
    from storyhub.models.concern import Concern
    from storyhub.models.story import Story

CLAIM = dt.timedelta(minutes=15)
READERS = {Role.MODERATOR, Role.SAFEGUARDING_LEAD}  # who decide whatever is not kept for somebody else

# appeal.py builds on this module.
appeals = sa.table("appeals", sa.column("story_id", BigInt), sa.column("against", sa.Integer))


class Kind(enum.StrEnum):
    STORY = "story"
    EDIT = "edit"
    APPEAL = "appeal"
    CONCERN = "concern"
    ANSWER = "answer"


class Lane(enum.StrEnum):
    URGENT = "urgent"
    USUAL = "usual"
    HELD = "held"


class Urgency(enum.StrEnum):
    """Why something is urgent. Which words suggested it is found anew when it is shown, and kept nowhere."""

    DANGER = "danger"
    CHILD = "child"
    PASSED_ON = "passed-on"  # somebody at the desk passed it to the safeguarding lead


class QueueItem(Base):
    """Something that waits. A claim is held for a quarter of an hour and then open to others again."""

    __tablename__ = "queue_items"
    __table_args__ = (
        sa.Index("ix_queue_items_waiting", "closed", "lane", "waits_since", "id"),
        sa.Index("ix_queue_items_compared", "compared", "closed"),
        sa.Index("ix_queue_items_language", "closed", "language"),
    )

    id: Mapped[RandomId]
    story_id: Mapped[int] = mapped_column(BigInt, sa.ForeignKey("stories.id", ondelete="CASCADE"), index=True)
    kind: Mapped[Kind] = mapped_column(choice(Kind))
    lane: Mapped[Lane] = mapped_column(choice(Lane))
    language: Mapped[str | None] = mapped_column(sa.String(35))
    waits_since: Mapped[Day]
    closed: Mapped[bool] = mapped_column(default=False)
    claimed_by_id: Mapped[int | None] = mapped_column(
        BigInt, sa.ForeignKey("people.id", ondelete="SET NULL"), index=True
    )
    claimed_until: Mapped[dt.datetime | None] = mapped_column(
        sa.DateTime
    )  # UTC; of a moderator, never of a contributor
    # Who must not decide it: an appeal is heard by somebody else than who declined. No foreign key: it outlives them.
    not_for_id: Mapped[int | None] = mapped_column(BigInt)
    # Whose alone it is, such as a steward's; and the first reading of two, after which a second person decides.
    only_for: Mapped[Role | None] = mapped_column(choice(Role))
    first_number: Mapped[int | None]
    because: Mapped[Urgency | None] = mapped_column(choice(Urgency))
    # Content notes that a program or a person gave, each between spaces, so that nobody is handed what they can't bear.
    topics: Mapped[str] = mapped_column(sa.String(240), default="")
    concern_id: Mapped[int | None] = mapped_column(
        BigInt, sa.ForeignKey("concerns.id", ondelete="CASCADE"), unique=True
    )
    # A random number that the arrivals of one burst share, instead of times; and what it was found to be alike to.
    surge: Mapped[int | None] = mapped_column(BigInt, index=True)
    cluster_id: Mapped[int | None] = mapped_column(
        BigInt, sa.ForeignKey("clusters.id", ondelete="SET NULL"), index=True
    )
    compared: Mapped[bool] = mapped_column(default=False)
    alone: Mapped[bool] = mapped_column(default=False)  # a person looked, and it is no copy: it joins nothing again
    revision: Mapped[int] = mapped_column(default=1)

    story: Mapped[Story] = relationship(back_populates="items")
    claimed_by: Mapped[Person | None] = relationship()
    concern: Mapped[Concern | None] = relationship(back_populates="item")

    __mapper_args__ = {"version_id_col": revision}

    @property
    def waited_days(self) -> int:
        return (clock.today() - self.waits_since).days

    def is_for(self, person: Person) -> bool:
        """Whether this is one that the person may decide: `for_person` says the same to the database."""
        roles = person.holds()
        if self.not_for_id == person.id or (self.only_for is not None and self.only_for not in roles):
            return False
        if self.was_first_read_by(person):
            return False
        if self.only_for is not None or roles & READERS:
            return True
        return Role.OUTSIDE_READER in roles and self._is_for_outside(person)

    def was_first_read_by(self, person: Person) -> bool:
        """Whether this is an appeal against what two decided, and this person was the first of them.

        Not where nobody else could hear it: then it is heard by somebody else than who declined, and that is all.
        """
        session = object_session(self)
        if self.kind is not Kind.APPEAL or session is None:
            return False
        this = sa.select(QueueItem.id).where(QueueItem.id == self.id, _first_read_by(person))
        return session.scalar(this) is not None

    def has_others_than(self, person_id: int | None, session: Session) -> bool:
        """Whether anybody else than this person may decide it, as it is kept for some alone or for nobody."""
        this = sa.select(QueueItem.id).where(QueueItem.id == self.id, _is_anybodys(Person.id != (person_id or 0)))
        return session.scalar(this) is not None

    def is_shown_to(self, person: Person) -> bool:
        """Whether somebody may open its page, decided or not, theirs to decide or not.

        Who moderates may read about all of it but what is kept for stewards: nobody who volunteers should be pressed.
        """
        roles = person.holds()
        if self.only_for is Role.STEWARD:
            return Role.STEWARD in roles
        if roles & READERS:
            return True
        return Role.OUTSIDE_READER in roles and self.only_for is None and self._is_for_outside(person)

    def _is_for_outside(self, person: Person) -> bool:
        """An appeal or a second reading, but never of what somebody else found sexual detail about a child in."""
        if self.kind is not Kind.APPEAL and self.first_number is None:
            return False
        session = object_session(self)
        return session is not None and session.scalar(_found_by_others(self.story_id, person).limit(1)) is None

    def is_free_for(self, person: Person) -> bool:
        """Whether this person may decide it, and nobody else has it in hand at this moment."""
        return self.is_for(person) and not self.is_held_by_another(person)

    def is_held_by_another(self, person: Person) -> bool:
        until = self.claimed_until
        return self.claimed_by_id not in (None, person.id) and until is not None and until > _utc()

    def claim(self, *, by: Person) -> None:
        self.claimed_by_id, self.claimed_until = by.id, _utc() + CLAIM

    def let_go(self) -> None:
        self.claimed_by_id = self.claimed_until = None

    def close(self) -> None:
        self.closed = True
        self.let_go()

    def reopen(self, kind: Kind | None = None) -> None:
        """Let it wait again; with `kind`, as something new, since today and in nobody's hand."""
        self.closed = False
        if kind is not None:
            self.kind, self.waits_since, self.not_for_id = kind, clock.today(), None
            self.first_number = None
            self.let_go()
            if (
                kind is Kind.APPEAL
            ):  # else the one lead, who decided, would alone hear it: make_appeal knows if there are more
                self.only_for = None
            # What somebody comes back with is theirs alone: decided as one of many it would not be heard.
            self.cluster_id, self.alone = None, True


def for_person(person: Person) -> sa.ColumnElement[bool]:
    """The condition that an item is one that this person may decide: `QueueItem.is_for` says the same of one."""
    roles = person.holds()
    theirs: sa.ColumnElement[bool] = QueueItem.only_for.in_(sorted(roles))
    if roles & READERS:
        theirs = sa.or_(QueueItem.only_for.is_(None), theirs)
    elif Role.OUTSIDE_READER in roles:
        second = sa.or_(QueueItem.kind == Kind.APPEAL, QueueItem.first_number.is_not(None))
        found = _found_by_others(QueueItem.story_id, person).correlate(QueueItem).exists()
        theirs = sa.or_(sa.and_(QueueItem.only_for.is_(None), second, ~found), theirs)
    return sa.and_(
        theirs,
        sa.or_(QueueItem.not_for_id.is_(None), QueueItem.not_for_id != person.id),
        sa.or_(QueueItem.kind != Kind.APPEAL, ~_first_read_by(person)),
    )


def _first_read_by(person: Person) -> sa.ColumnElement[bool]:
    """The condition that the person was the first of two in what is appealed, and that somebody new could hear it."""
    first, decided = sa.orm.aliased(Decision), sa.orm.aliased(Decision)
    last = (
        sa.select(sa.func.max(appeals.c.against))
        .where(appeals.c.story_id == QueueItem.story_id)
        .correlate(QueueItem)
        .scalar_subquery()
    )
    was_first = (
        sa.exists()
        .where(decided.number == last, first.number == decided.facts["second-of"].as_integer())
        .where(first.by_id == person.id)
    )
    new = sa.or_(QueueItem.not_for_id.is_(None), Person.id != QueueItem.not_for_id)
    return sa.and_(was_first, _is_anybodys(new, Person.id != person.id))


def _is_anybodys(*who: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    """The condition that an item is one for anybody, of such people, who can open the desk today."""
    readers = [*READERS, Role.OUTSIDE_READER]
    theirs = sa.or_(
        sa.and_(QueueItem.only_for.is_(None), Membership.role.in_(readers)), Membership.role == QueueItem.only_for
    )
    today = sa.or_(Membership.until.is_(None), Membership.until >= clock.today())
    return (
        sa.exists()
        .where(Membership.person_id == Person.id, Membership.campaign_id.is_(None), theirs, today)
        .where(Person.active, Person.second_factor_confirmed, *who)
        .correlate(QueueItem)
    )


def _found_by_others(story_id: int | InstrumentedAttribute[int], person: Person) -> sa.Select[int]:
    return under_18_detail_found(story_id).where(Decision.by_id != person.id)


def free_for(person: Person) -> sa.ColumnElement[bool]:
    """The condition that an item can be claimed by this person now."""
    return sa.and_(
        sa.or_(
            QueueItem.claimed_by_id.is_(None), QueueItem.claimed_by_id == person.id, QueueItem.claimed_until <= _utc()
        ),
        for_person(person),
    )


def spaced(notes: Iterable[str]) -> str:
    """Content notes as QueueItem.topics keeps them.

    >>> spaced(["threats", "child"])
    ' child threats '
    """
    codes = sorted(set(notes))
    return f" {' '.join(codes)} " if codes else ""


def forget_surges(session: Session) -> None:
    """What is decided need not say any more that it came together with others."""
    marked = sa.update(QueueItem).where(QueueItem.closed.is_(True), QueueItem.surge.is_not(None))
    session.execute(marked.values(surge=None).execution_options(synchronize_session=False))


def _utc() -> dt.datetime:
    return clock.now().replace(tzinfo=None)
