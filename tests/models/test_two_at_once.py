"""Two people at once, on real threads and real connections: one does it, the other is told."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from storyhub import clock
from storyhub.extensions import db
from storyhub.models.decision import Decision, Reason, breaks
from storyhub.models.people import Person
from storyhub.models.story import NotPossible, State, Story, release_due
from tests.makers import Maker


def at_once(app: Flask, *acts: Callable[[Session], object]) -> list[str]:
    """Do each on a thread of its own, starting together; what became of each: done, or the error's name."""
    start = threading.Barrier(len(acts))

    def run(act: Callable[[Session], object]) -> str:
        with app.app_context():
            start.wait(60)
            try:
                act(db.session())
                db.session.commit()
            except (NotPossible, StaleDataError) as error:
                db.session.rollback()
                return type(error).__name__
            return "done"

    with ThreadPoolExecutor(len(acts)) as threads:
        return list(threads.map(run, acts))


@pytest.mark.parametrize("attempt", range(3))
def test_two_decisions_at_once_are_one_decision(app: Flask, make: Maker, session: Session, attempt: int) -> None:
    del attempt
    story_id, first, second = make.story().id, make.moderator().id, make.moderator().id

    def publish(own: Session) -> None:
        own.get_one(Story, story_id).publish(by=own.get_one(Person, first), window=clock.window(0))

    def decline(own: Session) -> None:
        own.get_one(Story, story_id).decline(
            by=own.get_one(Person, second), window=clock.window(0), reason=Reason.DUPLICATE
        )

    outcome = at_once(app, publish, decline)
    assert sorted(what == "done" for what in outcome) == [False, True], outcome
    session.commit()
    assert session.scalar(sa.select(sa.func.count()).select_from(Decision)) == 1
    decided = session.get_one(Story, story_id).outcome
    assert decided is (State.PUBLISHED if outcome[0] == "done" else State.DECLINED)
    assert list(breaks(session)) == []


def test_decisions_about_different_stories_all_succeed_and_the_record_stays_one_chain(
    app: Flask, make: Maker, session: Session
) -> None:
    ids, moderator = [make.story().id for _ in range(8)], make.moderator().id

    def decide(story_id: int) -> Callable[[Session], object]:
        return lambda own: own.get_one(Story, story_id).publish(
            by=own.get_one(Person, moderator), window=clock.window(0)
        )

    assert at_once(app, *map(decide, ids)) == ["done"] * 8
    session.commit()
    assert list(breaks(session)) == []
    assert session.scalar(sa.select(sa.func.max(Decision.number))) == 8


def test_a_withdrawal_while_it_is_decided_wins_or_waits_but_nothing_is_left_between(
    app: Flask, make: Maker, session: Session
) -> None:
    story_id, moderator = make.story().id, make.moderator().id

    def publish(own: Session) -> None:
        own.get_one(Story, story_id).publish(by=own.get_one(Person, moderator), window=clock.window(0))
        release_due(own, window=clock.window(0), originals_days=30)

    at_once(app, publish, lambda own: own.get_one(Story, story_id).withdraw())
    session.commit()
    story = session.get_one(Story, story_id)
    assert (story.public is not None) == (story.state is State.PUBLISHED)
    assert (story.newest.text is None) == (story.state is State.WITHDRAWN)


def test_two_releases_at_once_release_each_story_once(app: Flask, make: Maker, session: Session) -> None:
    for _ in range(6):
        make.story().publish(by=make.anybody(), window=clock.window(0))
    session.commit()
    released: list[int] = []

    def release(own: Session) -> None:
        released.append(release_due(own, window=clock.window(0), originals_days=30))

    assert at_once(app, release, release) == ["done", "done"]
    session.commit()
    assert sum(released) == 6
    assert {story.state for story in session.scalars(sa.select(Story))} == {State.PUBLISHED}
