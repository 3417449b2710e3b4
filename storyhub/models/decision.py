"""The record: every decision with its reason, appended and never edited, chained from the first one on (promise 17)."""

from __future__ import annotations

import enum
import hashlib
import json
import secrets
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import InstrumentedAttribute, Mapped, Session, mapped_column, relationship

from storyhub import clock
from storyhub.models.columns import WITHOUT_ROWID, Base, BigInt, Day, choice

GENESIS = "0" * 64
HEAD = 1


class Act(enum.StrEnum):
    PUBLISH = "publish"
    DECLINE = "decline"
    COUNT = "count"
    REDACT = "redact"
    HOLD = "hold"
    ESCALATE = "escalate"
    SET_ASIDE = "set-aside"
    RESTORE = "restore"
    UNDO = "undo"
    ASK = "ask"
    PROPOSE = "propose"
    PUBLISH_EDIT = "publish-edit"
    DECLINE_EDIT = "decline-edit"
    FIRST_READ = "first-read"  # what somebody would decide, where a second person decides it
    READ_ORIGINAL = "read-original"  # the words as first told, read after the decision
    UPHOLD = "uphold"
    OVERTURN = "overturn"
    HAND_OVER = "hand-over"
    ACCEPT_CONCERN = "accept-concern"
    REFUSE_CONCERN = "refuse-concern"
    FOLLOW_UP = "follow-up"  # what a safeguarding lead did about what was told
    PAUSE_PURGE = "pause-purge"
    RESUME_PURGE = "resume-purge"
    DEMAND = "demand"
    RESPOND = "respond"  # what was answered became public, was changed, or was taken back
    IMPORT = "import"
    EXPORT = "export"
    SETTINGS = "settings"


class Reason(enum.StrEnum):
    """The published policy's reasons, as codes."""

    NOT_A_STORY = "not-a-story"
    ADVERTISING = "advertising"
    ABUSE = "abuse"
    NAMES_A_PERSON = "names-a-person"
    UNDER_18_DETAIL = "under-18-detail"
    DUPLICATE = "duplicate"
    UNREADABLE = "unreadable"
    ASKED_BY_CONTRIBUTOR = "asked-by-contributor"
    OTHER = "other"


class Decision(Base):
    """One link of the chain: codes, ids, a day, and salted commitments to the words that live beside it."""

    __tablename__ = "decisions"
    __table_args__ = (sa.Index("ix_decisions_by_id_day", "by_id", "day"),)

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    previous: Mapped[str] = mapped_column(sa.String(64))
    hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    day: Mapped[Day]
    act: Mapped[Act] = mapped_column(choice(Act))
    # Ids and no foreign keys: what was decided stays decided when a person, a story or a version is gone.
    by_id: Mapped[int | None] = mapped_column(BigInt)
    story_id: Mapped[int | None] = mapped_column(BigInt, index=True)
    version_id: Mapped[int | None] = mapped_column(BigInt)
    reason: Mapped[Reason | None] = mapped_column(choice(Reason))
    facts: Mapped[dict[str, str | int | None]] = mapped_column(sa.JSON, default=dict)
    note_commitment: Mapped[str | None] = mapped_column(sa.String(64))
    letter_commitment: Mapped[str | None] = mapped_column(sa.String(64))

    words: Mapped[DecisionWords | None] = relationship(back_populates="decision", cascade="all, delete-orphan")

    def computed_hash(self) -> str:
        """SHA-256 over the canonical JSON of everything in the link and the hash before it."""
        link = {
            "number": self.number,
            "previous": self.previous,
            "day": self.day.isoformat(),
            "act": str(self.act),
            "by": self.by_id,
            "story": self.story_id,
            "version": self.version_id,
            "reason": None if self.reason is None else str(self.reason),
            "facts": self.facts,
            "note": self.note_commitment,
            "letter": self.letter_commitment,
        }
        return hashlib.sha256(json.dumps(link, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def under_18_detail_found(story_id: int | InstrumentedAttribute[int]) -> sa.Select[int]:
    """The numbers of the decisions in which somebody found sexual detail about someone under 18 in a story."""
    return sa.select(Decision.number).where(Decision.story_id == story_id, Decision.reason == Reason.UNDER_18_DETAIL)


class DecisionWords(Base):
    """A decision's note and letter. They can be erased: the chain holds only salted commitments to them."""

    __tablename__ = "decision_words"

    number: Mapped[int] = mapped_column(sa.ForeignKey("decisions.number"), primary_key=True, autoincrement=False)
    salt: Mapped[str] = mapped_column(sa.String(64))
    note: Mapped[str | None] = mapped_column(sa.Text)
    letter: Mapped[str | None] = mapped_column(sa.Text)

    decision: Mapped[Decision] = relationship(back_populates="words")


class PublishedHead(Base):
    """The hash of the last decision of one day, as the public report shows it from the next day on (promise 17).

    Without the decision's number: two of those would tell how many decisions a day had.
    """

    __tablename__ = "published_heads"
    __table_args__ = WITHOUT_ROWID

    day: Mapped[Day] = mapped_column(primary_key=True)
    hash: Mapped[str] = mapped_column(sa.String(64))


class RecordHead(Base):
    """The chain's last link. One row, locked while a decision is appended."""

    __tablename__ = "record_head"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    number: Mapped[int]
    hash: Mapped[str] = mapped_column(sa.String(64))


@dataclass(frozen=True)
class Break:
    """Where the chain doesn't hold, and how."""

    number: int
    what: str


def commitment(salt: str, words: str | None) -> str | None:
    """What the chain holds of words: SHA-256 of a secret salt and the words; nothing for no words."""
    return None if words is None else hashlib.sha256(f"{salt}\n{words}".encode()).hexdigest()


def append_decision(
    session: Session,
    act: Act,
    *,
    by: int | None,
    story_id: int | None = None,
    version_id: int | None = None,
    reason: Reason | None = None,
    facts: dict[str, str | int | None] | None = None,
    note: str | None = None,
    letter: str | None = None,
) -> Decision:
    """Append one decision to the chain. `by` is a person's id, or None for the site itself. Doesn't commit."""
    head = hold_record(session)
    salt = secrets.token_hex(32)
    decision = Decision(
        number=head.number + 1,
        previous=head.hash,
        day=clock.today(),
        act=act,
        by_id=by,
        story_id=story_id,
        version_id=version_id,
        reason=reason,
        facts=facts or {},
        note_commitment=commitment(salt, note or None),
        letter_commitment=commitment(salt, letter or None),
    )
    if note or letter:
        decision.words = DecisionWords(salt=salt, note=note or None, letter=letter or None)
    decision.hash = decision.computed_hash()
    session.add(decision)
    head.number, head.hash = decision.number, decision.hash
    session.flush()
    return decision


def hold_record(session: Session) -> RecordHead:
    """The head, locked until the transaction ends; made for the first decision, even if two are the first at once."""
    head = session.get(RecordHead, HEAD, with_for_update=True, populate_existing=True)
    if head is None:
        with suppress(IntegrityError), session.begin_nested():
            session.add(RecordHead(id=HEAD, number=0, hash=GENESIS))
        head = session.get_one(RecordHead, HEAD, with_for_update=True, populate_existing=True)
    return head


def breaks(session: Session) -> Iterator[Break]:
    """Every place where the record was changed, cut or reordered after it was written."""
    previous, expected = GENESIS, 1
    rows = session.execute(
        sa.select(Decision, DecisionWords)
        .outerjoin(DecisionWords)
        .order_by(Decision.number)
        .execution_options(yield_per=1000)
    )
    for decision, words in rows:
        if decision.number != expected:
            yield Break(expected, f"decision {expected} is missing")
        if decision.previous != previous:
            yield Break(decision.number, "it does not follow from the decision before it")
        if decision.computed_hash() != decision.hash:
            yield Break(decision.number, "it was changed after it was written")
        if words is not None and not _words_match(decision, words):
            yield Break(decision.number, "its note or letter was changed after it was written")
        previous, expected = decision.hash, decision.number + 1
    head = session.get(RecordHead, HEAD)
    if (head.number, head.hash) != (expected - 1, previous) if head else expected > 1:
        yield Break(expected, "the record ends before its head: decisions were cut off")


def _words_match(decision: Decision, words: DecisionWords) -> bool:
    """Erased words (None) are as they should be; words that are there must be the ones that were committed to."""
    pairs = ((words.note, decision.note_commitment), (words.letter, decision.letter_commitment))
    return all(written is None or commitment(words.salt, written) == committed for written, committed in pairs)


def head_of_record(session: Session) -> tuple[int, str]:
    """(number, hash) of the last decision: what is published so that nobody can rewrite what came before."""
    head = session.get(RecordHead, HEAD)
    return (head.number, head.hash) if head else (0, GENESIS)


__all__ = [
    "Act",
    "Break",
    "Decision",
    "DecisionWords",
    "PublishedHead",
    "Reason",
    "RecordHead",
    "append_decision",
    "breaks",
    "head_of_record",
    "hold_record",
]
