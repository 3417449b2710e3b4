"""The record of decisions: whoever changes, cuts or reorders it is found (promise 17)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from storyhub.models.decision import Act, Decision, DecisionWords, Reason, RecordHead, append_decision, breaks
from storyhub.models.decision import head_of_record as head
from tests.makers import Maker

COUNT = 6


@pytest.fixture
def record(make: Maker, session: Session) -> Session:
    """Six decisions; the fourth has a note and a letter."""
    for number in range(1, COUNT + 1):
        append_decision(
            session,
            Act.DECLINE if number == 4 else Act.PUBLISH,
            by=number * 7,
            story_id=number * 100,
            version_id=number * 1000,
            reason=Reason.DUPLICATE if number == 4 else None,
            facts={"spans": number},
            note="seen before" if number == 4 else None,
            letter="Dear you" if number == 4 else None,
        )
    session.commit()
    assert list(breaks(session)) == []
    return session


def change(**values: object) -> Callable[[Session], object]:
    return lambda session: session.execute(sa.update(Decision).filter_by(number=4).values(**values))


def say(**values: object) -> Callable[[Session], object]:
    return lambda session: session.execute(sa.update(DecisionWords).filter_by(number=4).values(**values))


def cut(*numbers: int) -> Callable[[Session], object]:
    def do(session: Session) -> None:
        session.execute(sa.delete(DecisionWords).where(DecisionWords.number.in_(numbers)))
        session.execute(sa.delete(Decision).where(Decision.number.in_(numbers)))

    return do


def swap(session: Session) -> None:
    """The second and the third change places, with all that they hold but their numbers."""
    for old, new in ((2, 90), (3, 2), (90, 3)):
        session.execute(sa.update(Decision).filter_by(number=old).values(number=new))


def rewrite_one(session: Session) -> None:
    """Change a decision and make its own hash fit: then the next doesn't follow from it."""
    decision = session.get_one(Decision, 4)
    decision.reason = Reason.ABUSE
    decision.hash = decision.computed_hash()


def forge_the_last(session: Session) -> None:
    """Change the last decision and its hash, and forget the head."""
    decision = session.get_one(Decision, COUNT)
    decision.act = Act.DECLINE
    decision.hash = decision.computed_hash()


def add_behind_the_head(session: Session) -> None:
    last = session.get_one(Decision, COUNT)
    forged = Decision(number=COUNT + 1, previous=last.hash, day=last.day, act=Act.PUBLISH, facts={})
    forged.hash = forged.computed_hash()
    session.add(forged)


TAMPERING: dict[str, tuple[Callable[[Session], object], int]] = {
    "another act": (change(act=Act.PUBLISH), 4),
    "another reason": (change(reason=Reason.ABUSE), 4),
    "no reason": (change(reason=None), 4),
    "another person": (change(by_id=1), 4),
    "another story": (change(story_id=1), 4),
    "another version": (change(version_id=1), 4),
    "another day": (change(day=dt.date(2020, 1, 1)), 4),
    "other facts": (change(facts={"spans": 99}), 4),
    "another hash": (change(hash="f" * 64), 4),
    "another link": (change(previous="f" * 64), 4),
    "another commitment": (change(note_commitment="f" * 64), 4),
    "no commitment": (change(letter_commitment=None), 4),
    "another note": (say(note="never seen"), 4),
    "another letter": (say(letter="Dear nobody"), 4),
    "another salt": (say(salt="0" * 64), 4),
    "one is missing": (cut(3), 3),
    "the first is missing": (cut(1), 1),
    "the last is missing": (cut(COUNT), COUNT),
    "the end is missing": (cut(4, 5, 6), 4),
    "all is missing": (cut(1, 2, 3, 4, 5, 6), 1),
    "two changed places": (swap, 2),
    "one was rewritten": (rewrite_one, 5),
    "the last was rewritten": (forge_the_last, COUNT + 1),
    "one was added": (add_behind_the_head, COUNT + 2),
    "the head is gone": (lambda session: session.execute(sa.delete(RecordHead)), COUNT + 1),
    "another head": (lambda session: session.execute(sa.update(RecordHead).values(hash="f" * 64)), COUNT + 1),
}


@pytest.mark.parametrize("how", TAMPERING)
def test_tampering_is_found_and_its_place_named(record: Session, how: str) -> None:
    tamper, place = TAMPERING[how]
    tamper(record)
    record.commit()
    found = list(breaks(record))
    assert found, f"{how}: nobody noticed"
    if how not in ("all is missing",):
        assert found[0].number == place


def test_words_can_be_erased_and_the_record_still_holds(record: Session) -> None:
    """A note may name somebody: it must be possible to forget it without breaking the chain."""
    words = record.get_one(DecisionWords, 4)
    words.note = None
    record.commit()
    assert list(breaks(record)) == []
    record.delete(words)
    record.commit()
    assert list(breaks(record)) == []


def test_a_head_published_elsewhere_gives_a_rewritten_past_away(record: Session) -> None:
    """Who rewrites all that follows leaves no break, but another head than the one that others hold."""
    published, previous = head(record), None
    for decision in record.scalars(sa.select(Decision).order_by(Decision.number)):
        if decision.number == 3:
            decision.reason = Reason.OTHER
        decision.previous = previous or decision.previous
        decision.hash = previous = decision.computed_hash()
    record.get_one(RecordHead, 1).hash = previous or ""
    record.commit()
    assert list(breaks(record)) == []
    assert head(record)[0] == published[0]
    assert head(record)[1] != published[1]


def test_the_chain_says_nothing_of_the_words(record: Session) -> None:
    decision = record.get_one(Decision, 4)
    assert "seen before" not in repr(vars(decision))
    assert decision.words
    assert decision.words.salt != record.get_one(DecisionWords, 4).note
    again = append_decision(record, Act.PUBLISH, by=1, note="seen before")
    assert again.note_commitment != decision.note_commitment, "the same words under another salt look different"
