"""Many moderators ask for the next story in the same moment: each gets another one, and nobody waits in vain."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

from flask import Flask
from sqlalchemy.orm import Session

from storyhub.extensions import db
from storyhub.models.people import Person
from storyhub.models.queue import Lane, QueueItem
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
            start.wait(10)
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
