"""Many moderators ask for the next story in the same moment: each gets another one, and nobody waits in vain."""

from __future__ import annotations

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from storyhub import clock
from storyhub.extensions import db
from storyhub.models.decision import Act, Decision, Reason, breaks
from storyhub.models.people import Person
from storyhub.models.queue import Lane, QueueItem
from storyhub.models.story import State, Story
from storyhub.moderation.actions import Wanted, claim_next, is_in_hand_of
from tests.makers import Maker

PEOPLE, STORIES = 8, 6


def test_nobody_is_handed_what_somebody_else_holds(app: Flask, make: Maker, session: Session) -> None:
    for number in range(STORIES):
        make.story(lane=Lane.URGENT if number % 2 else Lane.USUAL)
    ids = [make.moderator().id for _ in range(PEOPLE)]
    session.commit()
    start = threading.Barrier(PEOPLE)

    def take_one(person_id: int) -> int | None:
        with app.app_context():
            start.wait(60)
            person = db.session.get(Person, person_id)
            assert person is not None
            item = claim_next(db.session, Wanted(), by=person)
            found = item.id if item else None
            db.session.commit()
            return found

    with ThreadPoolExecutor(PEOPLE) as crowd:
        handed = list(crowd.map(take_one, ids))
    taken = [item_id for item_id in handed if item_id is not None]
    assert len(taken) == len(set(taken)) == STORIES
    assert handed.count(None) == PEOPLE - STORIES
    session.expire_all()
    for person_id, item_id in zip(ids, handed, strict=True):
        if item_id is not None:
            item, person = session.get(QueueItem, item_id), session.get(Person, person_id)
            assert item is not None
            assert person is not None
            assert is_in_hand_of(item, person)


def test_who_asks_again_gets_what_they_already_hold(app: Flask, make: Maker) -> None:
    for _ in range(3):
        make.story()
    mina = make.moderator().id
    handed = []
    for _ in range(3):
        with app.app_context():
            person = db.session.get(Person, mina)
            assert person is not None
            item = claim_next(db.session, Wanted(), by=person)
            handed.append(item.id if item else None)
            db.session.commit()
    assert len(set(handed)) == 1


@pytest.mark.parametrize("lane", [Lane.USUAL, Lane.HELD])
def test_all_that_waits_is_decided_once_by_many_who_read_at_once(
    app: Flask, make: Maker, session: Session, lane: Lane
) -> None:
    for _ in range(4 * PEOPLE):
        make.story(lane=lane)
    ids = [make.moderator().id for _ in range(PEOPLE)]
    session.commit()
    start = threading.Barrier(PEOPLE)

    def read_on(person_id: int) -> list[int]:
        decided: list[int] = []
        start.wait(60)
        while (story_id := decide_next(app, person_id, lane, decline=len(decided) % 2 == 1)) is not None:
            decided.append(story_id)
        return decided

    with ThreadPoolExecutor(PEOPLE) as crowd:
        decided = [story_id for some in crowd.map(read_on, ids) for story_id in some]
    assert len(decided) == len(set(decided)) == 4 * PEOPLE
    session.expire_all()
    recorded = Counter(
        session.scalars(sa.select(Decision.story_id).where(Decision.act.in_([Act.PUBLISH, Act.DECLINE])))
    )
    assert recorded == Counter(decided)
    assert {story.outcome for story in session.scalars(sa.select(Story))} == {State.PUBLISHED, State.DECLINED}
    assert not session.scalars(sa.select(QueueItem).where(QueueItem.closed.is_(False))).all()
    assert not list(breaks(session))


def decide_next(app: Flask, person_id: int, lane: Lane, *, decline: bool) -> int | None:
    """What one person does about the next story: read it in one request, and decide about it in another."""
    with app.app_context():
        item = claim_next(db.session, Wanted(lane=lane), by=db.session.get_one(Person, person_id))
        item_id = item.id if item else None
        db.session.commit()
    if item_id is None:
        return None
    with app.app_context():
        person = db.session.get_one(Person, person_id)
        item = db.session.get_one(QueueItem, item_id, with_for_update=True)
        assert is_in_hand_of(item, person)
        window = clock.window(60)
        if decline:
            item.story.decline(by=person, window=window, reason=Reason.ADVERTISING)
        else:
            item.story.publish(by=person, window=window)
        db.session.commit()
        return item.story_id
