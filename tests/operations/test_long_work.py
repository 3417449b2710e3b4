"""Work that takes minutes: one sees how far it is, stops it, and a worker that dies in the middle loses nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from storyhub.extensions import db
from storyhub.models import regrouping
from storyhub.models.codebook import CodebookChange
from storyhub.models.long_work import (
    LEASE,
    LongWork,
    Refused,
    TakenOver,
    WorkState,
    order_work,
    say_how_far,
    stop_work,
    take_next,
)
from storyhub.models.people import Person
from storyhub.models.theme import Coding, Theme
from storyhub.operations import long_work, working
from storyhub.protection import identifiers
from tests.conftest import HeldClock
from tests.makers import Maker
from tests.pages import PagesClient

SignIn = Callable[[PagesClient, Person], PagesClient]
Steps = Iterator[Any]


@pytest.fixture
def known(app: Flask, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """The work that this site knows how to do, beside its own."""
    known = dict(app.extensions["long-work"])
    monkeypatch.setitem(app.extensions, "long-work", known)
    monkeypatch.setattr(long_work, "SAID_EACH_SECONDS", 0.0)
    return known


def in_the_worker(app: Flask) -> None:
    with app.app_context():
        working.each_minute_long_work.call_local()


def the_one(session: Session) -> LongWork:
    session.expire_all()
    return session.scalars(sa.select(LongWork)).one()


def test_what_is_asked_for_is_done_by_the_worker_and_says_where_to_go_on(
    app: Flask, session: Session, known: dict[str, Any], make: Maker, client: PagesClient, sign_in: SignIn
) -> None:
    ola = make.organiser("Ola")
    seen: list[tuple[dict[str, Any], int | None]] = []

    def count(_session: Session, arguments: dict[str, Any], by: int | None) -> Steps:
        seen.append((arguments, by))
        yield 1, 2
        yield 2, 2
        yield {"url": "/organise/themes"}

    known["count"] = count
    work = order_work(session, "count", by=ola.id, what="all")
    session.commit()
    sign_in(client, ola)
    address = f"/organise/work/{work_id(work)}"
    assert "It begins within a minute" in client.open_page(address)
    in_the_worker(app)
    assert seen == [({"what": "all"}, ola.id)]
    page = client.open_page(address)
    assert "It is done" in page
    assert page.html.css_first("main a.button").attributes["href"] == "/organise/themes"
    in_the_worker(app)
    assert len(seen) == 1, "done once"


def work_id(work: LongWork) -> str:
    return identifiers.shown(work.id)


def test_somebody_who_stops_it_ends_it_at_the_next_step_and_what_it_began_is_put_away(
    app: Flask, session: Session, known: dict[str, Any], make: Maker, client: PagesClient, sign_in: SignIn
) -> None:
    ola = sign_in(client, make.organiser("Ola"))
    steps: list[int] = []
    put_away: list[bool] = []

    def slow(_session: Session, _arguments: dict[str, Any], _by: int | None) -> Steps:
        try:
            for number in range(10):
                steps.append(number)
                if number == 3:
                    page = ola.open_page(address)
                    assert "3 of 10" in page
                    page.form(f"{address}/stop").send()
                yield number + 1, 10
        finally:
            put_away.append(True)

    known["slow"] = slow
    address = f"/organise/work/{work_id(order_work(session, 'slow', by=None))}"
    session.commit()
    in_the_worker(app)
    assert (steps, put_away) == ([0, 1, 2, 3], [True])
    assert the_one(session).state is WorkState.STOPPED
    assert "It was stopped" in ola.open_page(address)


def test_the_same_work_is_not_asked_for_twice_while_it_goes_on(session: Session, make: Maker) -> None:
    ola, bo = make.organiser("Ola"), make.organiser("Bo")
    first = order_work(session, "export", by=ola.id, format="csv")
    assert order_work(session, "export", by=ola.id, format="csv") is first
    assert order_work(session, "export", by=ola.id, format="xlsx") is not first
    assert order_work(session, "export", by=bo.id, format="csv") is not first
    stop_work(session, first.id)
    assert order_work(session, "export", by=ola.id, format="csv") is not first


def test_a_worker_that_died_leaves_it_to_another_when_its_lease_is_over(
    session: Session, held_clock: HeldClock
) -> None:
    work = order_work(session, "export", by=None)
    assert take_next(session) is work
    session.commit()
    assert take_next(session) is None, "the first one is at it"
    held_clock.forward(minutes=1)
    assert say_how_far(session, work.id, 1, 1, 2)
    session.commit()
    held_clock.forward(minutes=LEASE.seconds // 60 - 1)
    assert take_next(session) is None, "it said a while ago that it is"
    held_clock.forward(minutes=2)
    again = take_next(session)
    assert again is work
    assert (work.begun, work.done) == (2, 0)


def test_work_at_which_workers_die_has_failed_after_three_of_them(
    app: Flask, session: Session, known: dict[str, Any], held_clock: HeldClock
) -> None:
    order_work(session, "deadly", by=None)
    known["deadly"] = lambda *_: pytest.fail("it was begun a fourth time")
    for _ in range(3):
        take_next(session)
        session.commit()
        held_clock.forward(minutes=5)
    in_the_worker(app)
    assert (the_one(session).state, the_one(session).error) == (WorkState.FAILED, "died")


def test_what_fails_says_so_in_plain_words_and_keeps_no_word_of_a_story(
    app: Flask, session: Session, known: dict[str, Any], make: Maker, client: PagesClient, sign_in: SignIn
) -> None:
    make.theme("buses")

    def breaks(session: Session, _arguments: dict[str, Any], _by: int | None) -> Steps:
        make.theme("half-done")
        yield 1, None
        raise ValueError("She told that Ben shouted")

    def refuses(_session: Session, _arguments: dict[str, Any], _by: int | None) -> Steps:
        yield 1, None
        raise Refused("died")

    known |= {"breaks": breaks, "refuses": refuses}
    works = [order_work(session, kind, by=None) for kind in ("breaks", "refuses", "unheard-of")]
    session.commit()
    in_the_worker(app)
    session.expire_all()
    assert [work.error for work in works] == ["ValueError", "died", "unknown"]
    assert {work.state for work in works} == {WorkState.FAILED}
    ola = sign_in(client, make.organiser("Ola"))
    assert "It could not be done" in ola.open_page(f"/organise/work/{work_id(works[0])}")
    assert "three times" in ola.open_page(f"/organise/work/{work_id(works[1])}")


def test_only_organisers_see_and_stop_it(session: Session, make: Maker, client: PagesClient, sign_in: SignIn) -> None:
    address = f"/organise/work/{work_id(order_work(session, 'export', by=None))}"
    session.commit()
    assert client.get(address).status_code in (302, 303, 403)
    mina = sign_in(client, make.moderator("Mina"))
    assert mina.get(address).status_code == 403
    assert the_one(session).state is WorkState.WAITING


def test_a_worker_that_was_only_slow_touches_nothing_once_another_one_has_the_work(
    app: Flask, session: Session, known: dict[str, Any], held_clock: HeldClock
) -> None:
    heard: list[str] = []

    def slow(_session: Session, _arguments: dict[str, Any], _by: int | None) -> Steps:
        try:
            if not heard:
                heard.append("begun")
                held_clock.forward(seconds=LEASE.total_seconds() + 1)
                in_the_worker(app)  # the other one, from beginning to end
                session.rollback()
            else:
                heard.append("begun again")
                yield 1, 2
                yield {"url": "/organise/themes"}
                return
            yield 1, 2
            heard.append("went on")
        except GeneratorExit:
            heard.append("was told to clean up")
            raise
        except TakenOver:
            heard.append("left it alone")
            raise

    known["slow"] = slow
    order_work(session, "slow", by=None)
    session.commit()
    with app.app_context():
        long_work.do_long_work(db.session)
    assert heard == ["begun", "begun again", "left it alone"]
    work = the_one(session)
    assert (work.state, work.begun, work.error) == (WorkState.DONE, 2, None)
    assert work.result == {"url": "/organise/themes"}


def test_who_watches_in_another_language_goes_on_in_it(
    app: Flask, session: Session, known: dict[str, Any], make: Maker, arabic: PagesClient, sign_in: SignIn
) -> None:
    def quick(_session: Session, _arguments: dict[str, Any], _by: int | None) -> Steps:
        yield {"url": "/organise/themes"}

    known["quick"] = quick
    address = f"/organise/work/{work_id(order_work(session, 'quick', by=None))}"
    session.commit()
    in_the_worker(app)
    page = sign_in(arabic, make.organiser()).open_page(address)
    assert page.html.css_first("main a.button").attributes["href"] == "/ar/organise/themes"


def test_a_merge_that_is_taken_back_in_the_history_while_the_worker_is_at_it_ends_there(
    app: Flask, session: Session, make: Maker, client: PagesClient, sign_in: SignIn, known: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(regrouping, "AT_ONCE", 1)
    ola = sign_in(client, make.organiser("Ola"))
    for _ in range(3):
        make.story(state="published", themes=["trams"])
    trams, rails = make.theme("trams"), make.theme("rails")
    merge, pressed = known["merge-themes"], list[Any]()

    def merge_and_meanwhile(*args: Any) -> Steps:
        for step in merge(*args):
            if not pressed:
                monkeypatch.setattr(regrouping, "AT_ONCE", 500)
                pressed.append(ola.open_page("/organise/codebook/history").form("/undo").send())
                monkeypatch.setattr(regrouping, "AT_ONCE", 1)
            yield step

    known["merge-themes"] = merge_and_meanwhile
    order_work(session, "merge-themes", by=None, theme=trams.id, into=rails.id, url="/organise/themes")
    session.commit()
    in_the_worker(app)
    assert (the_one(session).state, the_one(session).error) == (WorkState.FAILED, "gone")
    assert set(session.scalars(sa.select(Coding.theme_id))) == {trams.id}
    assert session.scalars(sa.select(CodebookChange)).all() == []


def test_a_merge_that_is_stopped_when_it_is_all_but_done_gives_everything_back(
    app: Flask, session: Session, make: Maker, known: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(regrouping, "AT_ONCE", 1)
    monkeypatch.setattr(long_work, "SAID_EACH_SECONDS", 100.0)  # it hears of it when it is about to say that it is done
    for _ in range(3):
        make.story(state="published", themes=["trams"])
    trams, rails = make.theme("trams"), make.theme("rails")
    merge = known["merge-themes"]

    def merge_and_meanwhile(*args: Any) -> Steps:
        with closing(merge(*args)) as steps:
            for step in steps:
                if step == (3, 3):
                    stop_work(session, the_one(session).id)
                    session.commit()
                yield step

    known["merge-themes"] = merge_and_meanwhile
    order_work(session, "merge-themes", by=None, theme=trams.id, into=rails.id, url="/organise/themes")
    session.commit()
    in_the_worker(app)
    assert the_one(session).state is WorkState.STOPPED
    assert set(session.scalars(sa.select(Coding.theme_id))) == {trams.id}
    assert session.scalars(sa.select(CodebookChange)).all() == []
    assert not session.get_one(Theme, trams.id).retired


def test_a_merge_whose_worker_dies_as_it_ends_is_ended_by_the_next_one(
    app: Flask, session: Session, make: Maker, held_clock: HeldClock, known: dict[str, Any]
) -> None:
    make.story(state="published", themes=["trams"])
    trams, rails = make.theme("trams"), make.theme("rails")
    order_work(session, "merge-themes", by=None, theme=trams.id, into=rails.id, url="/organise/themes")
    session.commit()
    with app.app_context():
        work = take_next(db.session)
        assert work is not None
        steps = known["merge-themes"](db.session, work.arguments, None)
        db.session.commit()
        while not isinstance(next(steps), dict):
            pass
        db.session.rollback()  # as the database does for one that died before its last word
    held_clock.forward(seconds=LEASE.total_seconds() + 1)
    in_the_worker(app)
    assert (the_one(session).state, the_one(session).error) == (WorkState.DONE, None)
    assert set(session.scalars(sa.select(Coding.theme_id))) == {rails.id}
    assert session.get_one(Theme, trams.id).merged_into_id == rails.id
    with app.app_context(), pytest.raises(TakenOver):
        steps.throw(TakenOver())


def test_what_was_asked_for_is_forgotten_a_week_after_it_is_over(
    app: Flask, session: Session, known: dict[str, Any], held_clock: HeldClock
) -> None:
    """It may hold words that an organiser looked for, out of a story that is taken back by then."""
    known["look"] = lambda *_: (step for step in [{"url": "/organise/themes"}])
    order_work(session, "look", by=None, found="quokkaberry")
    session.commit()
    in_the_worker(app)
    order_work(session, "look", by=None, found="still to be done")
    session.commit()
    for days, left in ((7, 2), (1, 1)):
        held_clock.forward(days=days)
        with app.app_context():
            working.spend_the_night()
        assert len(session.scalars(sa.select(LongWork)).all()) == left
        session.commit()
    assert the_one(session).arguments == {"found": "still to be done"}
