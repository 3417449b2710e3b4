"""What readers say at the same moment is counted once each, moves once, and leaves with the story."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from threading import Thread

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy import event
from sqlalchemy.orm import Session

from storyhub.extensions import db
from storyhub.models.columns import WITHOUT_ROWID
from storyhub.models.decision import Reason
from storyhub.models.publication import Publication
from storyhub.models.site import the_site
from storyhub.models.solidarity import Said, Solidarity, move_waiting, say
from storyhub.models.story import State, Story, Told
from storyhub.operations.upkeep import show_solidarity
from tests.conftest import HeldClock
from tests.makers import Maker
from tests.models.test_two_at_once import at_once


def held(session: Session) -> list[tuple[str, int, int]]:
    """(kind, counted, waiting) of all that was said."""
    session.commit()
    rows = session.execute(sa.select(Solidarity.kind, Solidarity.counted, Solidarity.waiting)).all()
    return sorted((str(kind), counted, waiting) for kind, counted, waiting in rows)


def saying(story_id: int, kind: Said = Said.HEARD) -> Callable[[Session], object]:
    return lambda own: say(own, story_id, kind)


def test_of_many_who_say_it_at_once_each_is_counted(app: Flask, make: Maker, session: Session) -> None:
    story_id = make.story(state="published").id
    assert at_once(app, *[saying(story_id)] * 8, *[saying(story_id, Said.ME_TOO)] * 4) == ["done"] * 12
    assert held(session) == [("heard", 0, 8), ("me_too", 0, 4)]


@pytest.mark.parametrize("attempt", range(4))
def test_a_release_in_the_middle_loses_nothing_and_doubles_nothing(
    app: Flask, make: Maker, session: Session, attempt: int
) -> None:
    del attempt
    story_id = make.story(state="published").id
    assert at_once(app, *[saying(story_id)] * 4, move_waiting, *[saying(story_id)] * 4, move_waiting) == ["done"] * 10
    ((_kind, counted, waiting),) = held(session)
    assert counted + waiting == 8
    assert session.scalar(sa.select(Publication.heard)) == counted


@pytest.mark.parametrize("attempt", range(4))
def test_of_a_story_that_is_taken_back_meanwhile_nothing_is_left(
    app: Flask, make: Maker, session: Session, attempt: int
) -> None:
    del attempt
    story = make.story(state="published")
    say(session, story.id, Said.HEARD)
    session.commit()
    story_id = story.id
    outcome = at_once(
        app, saying(story_id), move_waiting, lambda own: own.get_one(Story, story_id).withdraw(), saying(story_id)
    )
    assert outcome == ["done"] * 4
    assert held(session) == []


def test_whoever_takes_a_story_back_and_whoever_says_something_to_it_do_not_wait_for_each_other(
    app: Flask, make: Maker, session: Session
) -> None:
    """The story is held already by who takes it back, when the first reader ever says something to it."""
    story_id = make.story(state="published").id
    told: list[bool | str] = []

    def read() -> None:
        with app.app_context():
            try:
                told.append(say(db.session, story_id, Said.HEARD))
                db.session.commit()
            except sa.exc.OperationalError as error:
                told.append(type(error.orig).__name__)

    reader = Thread(target=read)
    with app.app_context():
        story = db.session.get_one(Story, story_id, with_for_update=True)
        reader.start()
        reader.join(0.3)  # on SQLite it waits at the door; on PostgreSQL for the story
        story.withdraw()
        db.session.commit()
    reader.join()
    assert told == [False]
    assert held(session) == []


def test_two_workers_show_it_once_in_a_window(app: Flask, make: Maker, session: Session, held_clock: HeldClock) -> None:
    story_id = make.story(state="published").id
    say(session, story_id, Said.HEARD)
    session.commit()
    settings = replace(app.extensions["settings"], release_minutes=60)
    before, moved = the_site(session).edition, []
    at_once(app, *[lambda own: moved.append(show_solidarity(own, settings))] * 3)
    session.commit()
    assert sorted(moved) == [0, 0, 1]
    assert the_site(session).edition == before + 1, "one new edition for a window"


def test_saying_is_one_statement_that_reads_no_words(app: Flask, make: Maker, session: Session) -> None:
    story_id = make.story(state="published").id
    statements: list[str] = []
    with app.app_context():
        event.listen(db.engine, "before_cursor_execute", lambda *of: statements.append(of[2]))
        db.session.connection()
        statements.clear()
        assert say(db.session(), story_id, Said.HEARD)
        db.session.rollback()
    (statement,) = statements
    assert "story_versions" not in statement and "text" not in statement.lower()


@pytest.mark.parametrize("state", ["waiting", "declined", "counted", "set-aside", "withdrawn"])
def test_to_what_is_not_public_nothing_can_be_said(make: Maker, session: Session, state: str) -> None:
    story = make.story(state=state)
    assert not say(session, story.id, Said.HEARD)
    assert held(session) == []


def test_what_was_said_outlives_a_setting_aside_and_waits_there_unseen(make: Maker, session: Session) -> None:
    story = make.story(state="published")
    for kind in (Said.HEARD, Said.HEARD, Said.ME_TOO):
        say(session, story.id, kind)
    assert move_waiting(session) == 2
    say(session, story.id, Said.HEARD)
    story.set_aside(by=make.anybody(), reason=Reason.OTHER)
    session.commit()
    assert move_waiting(session) == 1
    session.commit()
    story.restore(by=make.anybody(), window=0)
    make.release()
    assert story.state is State.PUBLISHED and story.public is not None
    assert (story.public.heard, story.public.me_too) == (3, 1)


def test_a_new_version_of_a_public_story_has_been_heard_as_often(make: Maker, session: Session) -> None:
    story = make.story(state="published")
    say(session, story.id, Said.HEARD)
    move_waiting(session)
    story.edit(Told("Other words, and longer ones than before."))
    session.commit()
    make.publish(story)
    assert story.public is not None and story.public.heard == 1


def test_the_rows_at_rest_know_no_time_and_no_order() -> None:
    """Only what is counted stands there, under the story and the button: rows lie by that key, not as they came."""
    assert [column.name for column in Solidarity.__table__.columns] == ["story_id", "kind", "counted", "waiting"]
    assert [column.name for column in Solidarity.__table__.primary_key] == ["story_id", "kind"]
    assert Solidarity.__table_args__ == WITHOUT_ROWID
