"""Writers of one process take turns, in the order in which they came, and nobody's turn is lost."""

from __future__ import annotations

import threading
import time

import pytest
import sqlalchemy as sa
from flask import Flask

from storyhub.databases import Turns
from storyhub.extensions import db

MANY, EACH = 12, 15


def test_turns_are_handed_on_in_the_order_in_which_people_came() -> None:
    turns, came, went = Turns(), [], []
    assert turns.take(1)

    def wait(number: int) -> None:
        assert turns.take(60)
        went.append(number)
        turns.give()

    crowd = []
    for number in range(6):
        crowd.append(threading.Thread(target=wait, args=(number,)))
        crowd[-1].start()
        came.append(number)
        while len(turns._waiting) < number + 1:
            time.sleep(0.001)
    turns.give()
    for one in crowd:
        one.join(60)
    assert went == came
    assert turns.take(0), "the last one has handed it on"


def test_who_waits_in_vain_leaves_the_row_and_keeps_nobody_waiting() -> None:
    turns = Turns()
    assert turns.take(1)
    assert not turns.take(0.01)
    turns.give()
    assert turns.take(0.01)


def test_nobody_writes_at_once_and_an_error_hands_the_turn_on(app: Flask) -> None:
    """In both databases; on SQLite it is our own row that they wait in."""

    def write() -> None:
        with app.app_context():
            for number in range(EACH):
                if number % 5 == 0:
                    with pytest.raises(sa.exc.SQLAlchemyError), db.engine.begin() as connection:
                        connection.execute(sa.text("SELECT nothing FROM nowhere"))
                with db.engine.begin() as connection:
                    connection.execute(sa.text("UPDATE site SET edition = edition + 1"))

    with app.app_context():
        before = db.session.scalar(sa.text("SELECT edition FROM site"))
        db.session.rollback()
    crowd = [threading.Thread(target=write) for _ in range(MANY)]
    for one in crowd:
        one.start()
    for one in crowd:
        one.join(60)
    with app.app_context():
        assert db.session.scalar(sa.text("SELECT edition FROM site")) == before + MANY * EACH
