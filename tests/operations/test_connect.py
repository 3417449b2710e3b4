"""Connecting stories: by the worker, by a command, stopped in the middle, by two at once, and while stories go."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from storyhub.extensions import db
from storyhub.models import cells, connecting
from storyhub.models.nearness import NearestStory, NearnessDue, NearnessModel, StoryVector
from storyhub.models.publication import Publication
from storyhub.models.site import the_site
from storyhub.models.story import Told
from storyhub.operations import connecting as doing
from storyhub.operations import working
from storyhub.text import nearness as making
from tests.conftest import HeldClock
from tests.makers import Maker
from tests.models.test_nearness import BUS, WORK, connect, count, lines
from tests.operations.conftest import Flask_


@pytest.fixture
def public(make: Maker) -> list[Any]:
    return [make.story(text, state="published") for text in (*BUS, *WORK)]


def test_the_worker_connects_what_was_released(app: Flask, make: Maker, session: Session) -> None:
    for text in BUS:
        story = make.story(text)
        story.publish(by=make.anybody(), window=0)
    session.commit()
    working.init_app(app)
    working.each_minute_connect.call_local()
    assert count(session, NearnessDue) == 0
    assert all(len(known) == len(BUS) - 1 for known in lines(session).values())


def test_a_failure_in_connecting_keeps_nothing_else_waiting(
    app: Flask, make: Maker, session: Session, monkeypatch: pytest.MonkeyPatch, public: list[Any]
) -> None:
    def fail(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr(connecting, "work_out", fail)
    working.init_app(app)
    working.each_minute_connect.call_local()
    assert count(session, NearnessDue) == len(public)
    later = make.story()
    later.publish(by=make.anybody(), window=0)
    session.commit()
    working.each_minute_connect.call_local()
    working.each_minute.call_local()
    session.commit()
    assert later.public is not None


def test_the_command_does_all_at_once_and_twice_is_once(flask: Flask_, session: Session, public: list[Any]) -> None:
    assert f"{len(public)} stories know" in flask("stories", "connect").output
    before = lines(session)
    assert "0 stories know" in flask("stories", "connect").output
    assert before == lines(session)


def test_anew_finds_the_same_by_new_vectors(flask: Flask_, session: Session, public: list[Any]) -> None:
    flask("stories", "connect")
    before, cell = lines(session), session.scalar(sa.select(sa.func.max(StoryVector.cell)))
    assert f"{len(public)} stories know" in flask("stories", "connect", "--anew").output
    assert before == lines(session)
    session.commit()
    assert cell is not None
    assert (session.scalar(sa.select(sa.func.min(StoryVector.cell))) or 0) > cell
    assert count(session, NearnessModel) == 1


def test_the_doctor_says_by_what_they_are_compared_and_how_many_wait(flask: Flask_, public: list[Any]) -> None:
    said = _doctor(flask)
    assert f"{len(public)} stories wait to be compared" in said
    flask("stories", "connect")
    said = _doctor(flask)
    assert f"stories are compared by {making.method().name}" in said
    assert "wait to be compared" not in said


def _doctor(flask: Flask_) -> str:
    try:
        return flask("doctor").output
    except AssertionError as error:  # this machine may lack something else
        return str(error)


# Stopped, and two at once


@pytest.mark.parametrize("steps", [1, 2, 3])
def test_stopped_after_any_step_it_goes_on_from_there(
    app: Flask, session: Session, public: list[Any], monkeypatch: pytest.MonkeyPatch, steps: int
) -> None:
    monkeypatch.setattr(doing, "VECTORS_AT_ONCE", 2)
    monkeypatch.setattr(connecting, "AT_ONCE", 2)
    with app.app_context():
        going = doing.steps(db.session)
        for _ in range(steps):
            next(going)
        going.close()
    assert count(session, NearnessDue) > 0
    connect(app)
    stopped = lines(session)
    connect(app, anew=True)
    assert lines(session) == stopped
    assert len(stopped) == len(public)


def test_killed_while_it_keeps_what_it_found_nothing_is_half_there(
    app: Flask, session: Session, public: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    write = connecting._write_least

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(connecting, "_write_least", killed)
    with pytest.raises(KeyboardInterrupt):
        connect(app)
    assert count(session, NearestStory) == 0
    assert count(session, NearnessDue) == len(public)
    monkeypatch.setattr(connecting, "_write_least", write)
    connect(app)
    assert len(lines(session)) == len(public)


def test_two_workers_at_once_find_what_one_would(
    app: Flask, session: Session, public: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doing, "VECTORS_AT_ONCE", 2)
    monkeypatch.setattr(connecting, "AT_ONCE", 1)
    connect(app)
    session.execute(sa.delete(NearestStory))
    session.execute(sa.delete(StoryVector))
    session.execute(sa.insert(NearnessDue).from_select(["position"], sa.select(Publication.position)))
    session.commit()
    start = threading.Barrier(2)

    def work(_number: int) -> None:
        start.wait(60)
        connect(app)

    with ThreadPoolExecutor(2) as both:
        list(both.map(work, range(2)))
    together = lines(session)
    connect(app, anew=True)
    assert lines(session) == together
    assert len(together) == len(public)


# While it is worked out, nothing is held


def test_a_story_that_is_taken_back_meanwhile_does_not_come_back(
    app: Flask, session: Session, public: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    found = connecting.find
    kept: list[int] = []

    def find(*about: Any) -> Any:
        result = found(*about)
        if not kept:
            kept.append(public[0].public.position)
            public[0].withdraw()
            session.commit()
        return result

    monkeypatch.setattr(connecting, "find", find)
    connect(app)
    for noun in (NearestStory, StoryVector, NearnessDue):
        assert kept[0] not in session.scalars(sa.select(noun.position)).all()
    assert kept[0] not in session.scalars(sa.select(NearestStory.other_position)).all()
    assert len(lines(session)) == len(public) - 1


def test_words_that_are_changed_meanwhile_get_a_vector_of_their_own(
    app: Flask, make: Maker, session: Session, public: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    worked = connecting.work_out
    changed: list[Any] = []

    def work_out(*about: Any) -> Any:
        result = worked(*about)
        if not changed:
            changed.append(public[0].edit(Told(text=WORK[0] + " In the evening.", language="en")))
            make.publish(public[0])
        return result

    monkeypatch.setattr(connecting, "work_out", work_out)
    connect(app)
    known = lines(session)[public[0].id]
    assert max(known, key=known.__getitem__) in {story.id for story in public[len(BUS) :]}


def test_who_reads_is_told_by_a_new_edition_that_pages_changed(app: Flask, session: Session, public: list[Any]) -> None:
    session.commit()
    before = the_site(session).edition
    connect(app)
    session.expire_all()
    between = the_site(session).edition
    assert between > before
    connect(app)
    session.expire_all()
    assert the_site(session).edition == between


# The index grows old


def test_after_a_month_what_was_learned_is_learned_anew(
    app: Flask, make: Maker, session: Session, held_clock: HeldClock, public: list[Any]
) -> None:
    connect(app)
    held_clock.forward(days=cells.DAYS - 1)
    with app.app_context():
        assert not doing.is_anything_due()
    held_clock.forward(days=1)
    with app.app_context():
        assert doing.is_anything_due()
        doing.connect_for(db.session)
        assert not doing.is_anything_due()
    assert len(lines(session)) == len(public)


def test_when_the_site_has_grown_the_cells_are_laid_out_anew_and_pages_stay_meanwhile(
    app: Flask, make: Maker, session: Session, public: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    connect(app)
    before = lines(session)
    monkeypatch.setattr(cells, "COMPARED", 12)
    monkeypatch.setattr(cells, "TO_A_CELL", 12)
    monkeypatch.setattr(doing, "VECTORS_AT_ONCE", 5)
    for number in range(cells.GROWN * len(public)):
        make.story(f"{(BUS + WORK)[number % 6]} {chr(97 + number) * 8} {chr(98 + number) * 9}", state="published")
    with app.app_context():
        going = doing.steps(db.session)
        next(going)
        assert {one: set(lines(session)[one]) for one in before} == {one: set(before[one]) for one in before}
        going.close()
    connect(app)
    known = lines(session)
    assert len(known) == (cells.GROWN + 1) * len(public)
    session.commit()
    model = session.scalars(sa.select(NearnessModel)).one()
    assert model.stories == len(known)
    assert count(session, NearnessDue) == 0
