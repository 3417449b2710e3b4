"""Files of many stories: made beside other work, fetched by whoever asked, and never once a story in them changed."""

from __future__ import annotations

import errno
import hashlib
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from storyhub import clock
from storyhub.config import ROOT
from storyhub.exports import actions, jobs, stepping, waiting
from storyhub.exports.routes import stories as routes
from storyhub.extensions import db
from storyhub.models.decision import Act, Decision, Reason
from storyhub.models.export import Export, ExportedStory, ExportFile
from storyhub.models.long_work import LEASE, LongWork, TakenOver, WorkState, stop_work, take_next
from storyhub.models.states import Use
from storyhub.models.story import Story, Told
from storyhub.operations import long_work, working
from storyhub.protection import identifiers
from tests.conftest import HeldClock
from tests.makers import Maker
from tests.pages import Page, PagesClient


@pytest.fixture(autouse=True)
def many(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two stories are many here, and each step is told at once."""
    monkeypatch.setattr(routes, "MOST_AT_ONCE", 1)
    monkeypatch.setattr(long_work, "SAID_EACH_SECONDS", 0.0)
    monkeypatch.setattr(stepping, "LOOKS_EACH", 0.001)


@pytest.fixture
def three(make: Maker) -> list[Story]:
    return [make.story(f"This is the {number}.", state="published", consent=["press"]) for number in range(3)]


def order(organiser: PagesClient, **choices: Any) -> Page:
    form = organiser.open_page("/organise/exports").form("exports")
    return form.fill(**{"purpose": "press", "format": "csv"} | choices).send()


def in_the_worker(app: Flask) -> None:
    with app.app_context():
        working.each_minute_long_work.call_local()


def folder_of(app: Flask) -> Path:
    return waiting.folder_in(app.extensions["settings"].instance)


def files_in(app: Flask) -> list[Path]:
    return sorted(folder_of(app).iterdir())


def address_of(session: Session) -> str:
    session.expire_all()
    return f"/organise/exports/{identifiers.shown(session.scalars(sa.select(Export.id)).one())}"


@pytest.fixture
def made(app: Flask, organiser: PagesClient, three: list[Story], session: Session) -> str:
    """The address of a file that waits."""
    order(organiser)
    in_the_worker(app)
    return address_of(session)


def test_a_file_of_many_is_made_by_the_worker_and_fetched_later(
    app: Flask, organiser: PagesClient, three: list[Story], session: Session
) -> None:
    page = order(organiser)
    assert page.path.startswith("/organise/work/")
    assert "You can leave this page" in page
    assert "A file is being made" in organiser.open_page("/organise/exports")
    in_the_worker(app)
    page = organiser.open_page(page.path).follow("Go on")
    (export,) = session.scalars(sa.select(Export))
    assert page.path.endswith(identifiers.shown(export.id))
    (file,) = files_in(app)
    assert (file.stat().st_mode & 0o777, file.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    response = page.form("/file").send().response
    assert response.get_data() == file.read_bytes()
    assert "no-store" in response.headers["Cache-Control"]
    assert export.sha256 == hashlib.sha256(file.read_bytes()).hexdigest()
    assert (export.what, export.count, export.consent) == ("stories", 3, "press")
    assert set(session.scalars(sa.select(ExportedStory.story_id))) == {story.id for story in three}
    assert session.scalars(sa.select(Decision).filter_by(act=Act.EXPORT)).one().facts["sha256"] == export.sha256
    assert "can be fetched until" in organiser.open_page("/organise/exports")


def test_who_asks_twice_gets_one_file_and_the_same_bytes_as_at_once(
    app: Flask, organiser: PagesClient, three: list[Story], session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert order(organiser).path == order(organiser).path
    in_the_worker(app)
    assert len(session.scalars(sa.select(Export)).all()) == len(files_in(app)) == 1
    monkeypatch.setattr(routes, "MOST_AT_ONCE", 3)
    assert order(organiser).response.get_data() == files_in(app)[0].read_bytes()


def test_nobody_else_fetches_it(
    app: Flask, made: str, organiser: PagesClient, make: Maker, sign_in: Any, client: PagesClient
) -> None:
    other = sign_in(app.test_client(), make.organiser("Ona"))
    assert "waits for whoever asked for it" in other.open_page(made)
    token = other.open_page("/organise/exports").form("exports").value("csrf_token")
    assert other.post(f"{made}/file", data={"csrf_token": token}).status_code == 404


def withdraw(story: Story, _make: Maker) -> None:
    story.withdraw()


def set_aside(story: Story, make: Maker) -> None:
    story.set_aside(by=make.anybody(), reason=Reason.OTHER)


def allow_less(story: Story, _make: Maker) -> None:
    story.change_uses([], window=clock.window(0))


def edit(story: Story, make: Maker) -> None:
    story.edit(Told(text="Other words than before, by the same person.", language="en"))
    make.publish(story)


@pytest.mark.parametrize("change", [withdraw, set_aside, allow_less, edit])
def test_a_file_is_erased_and_not_handed_out_once_a_story_in_it_changed(
    app: Flask, made: str, organiser: PagesClient, three: list[Story], session: Session, make: Maker, change: Any
) -> None:
    page = organiser.open_page(made)
    story = session.get_one(Story, three[1].id)
    change(story, make)
    session.commit()
    page = page.form("/file").send(status=410)
    assert "erased just now and not handed out" in page
    assert files_in(app) == []
    assert organiser.open_page(made).form("/again").send().path.startswith("/organise/work/")
    in_the_worker(app)
    (file,) = files_in(app)
    assert "This is the 1." not in file.read_text("utf-8")
    assert "This is the 2." in file.read_text("utf-8")


def test_a_file_that_tells_what_each_story_may_be_used_for_is_not_handed_out_once_one_allows_less(
    app: Flask, organiser: PagesClient, three: list[Story], session: Session
) -> None:
    order(organiser, purpose="here")
    in_the_worker(app)
    page = organiser.open_page(address_of(session))
    session.get_one(Story, three[1].id).change_uses([], window=clock.window(0))
    session.commit()
    assert "erased just now and not handed out" in page.form("/file").send(status=410)
    assert files_in(app) == []


def test_a_worker_that_was_only_slow_leaves_what_the_next_one_is_making(
    app: Flask, organiser: PagesClient, three: list[Story], session: Session
) -> None:
    order(organiser)
    with app.app_context():
        work = take_next(db.session)
        assert work is not None
        slow, next_one = (jobs.make_file_to_fetch(db.session, work.arguments, work.by_id) for _ in range(2))
        db.session.commit()
        for steps in (slow, next_one):
            while next(steps) != (3, 3):
                pass
        with pytest.raises(TakenOver):
            slow.throw(TakenOver())
        urls = [step["url"] for step in next_one if isinstance(step, dict)]
        db.session.commit()
    assert urls == [address_of(session)]
    (file,) = files_in(app)
    assert session.scalars(sa.select(Export)).one().sha256 == hashlib.sha256(file.read_bytes()).hexdigest()
    assert len(session.scalars(sa.select(ExportedStory)).all()) == 3


def allow_more(story: Story, _make: Maker) -> None:
    story.change_uses(list(Use), window=clock.window(0))


@pytest.mark.parametrize("change", [withdraw, set_aside, allow_less, allow_more, edit])
def test_the_worker_erases_within_a_minute_a_file_in_which_a_story_changed(
    app: Flask, made: str, three: list[Story], session: Session, make: Maker, change: Any
) -> None:
    working.init_app(app)
    working.each_minute.call_local()
    assert len(files_in(app)) == 1
    change(session.get_one(Story, three[0].id), make)
    session.commit()
    working.each_minute.call_local()
    working.each_minute.call_local()  # what is allowed more takes effect at the release
    assert files_in(app) == []
    session.commit()
    assert not session.scalars(sa.select(ExportFile)).all()
    assert session.scalars(sa.select(Export)).one().count == 3, "that it left stays known"


def test_a_change_of_another_story_erases_no_file(
    app: Flask, made: str, organiser: PagesClient, session: Session, make: Maker
) -> None:
    edit(make.story("A fourth one.", state="published"), make)
    session.commit()
    working.init_app(app)
    working.each_minute.call_local()
    assert len(files_in(app)) == 1


def test_a_file_of_which_a_story_changed_while_it_was_made_does_not_stay(
    app: Flask, organiser: PagesClient, three: list[Story], session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    order(organiser)
    write = actions.write_stories

    def changed_meanwhile(*args: Any, **more: Any) -> Any:
        written = write(*args, **more)
        session.get_one(Story, three[0].id).change_uses([], window=clock.window(0))
        session.commit()
        return written

    monkeypatch.setattr(jobs, "write_stories", changed_meanwhile)
    monkeypatch.setattr(long_work, "SAID_EACH_SECONDS", 100.0)
    session.commit()
    in_the_worker(app)
    assert files_in(app) == []
    session.expire_all()
    assert session.scalars(sa.select(LongWork)).one().state is WorkState.DONE
    assert not session.scalars(sa.select(ExportFile)).all()
    assert organiser.open_page(address_of(session)).form("/again"), "it can be made of the stories as they are now"


def test_a_file_waits_for_a_week_and_is_erased_then(
    app: Flask, held_clock: HeldClock, made: str, organiser: PagesClient, sign_in: Any, session: Session
) -> None:
    with app.app_context():
        held_clock.forward(days=waiting.DAYS)
        working.spend_the_night()
        assert len(files_in(app)) == 1
        held_clock.forward(days=1)
        working.spend_the_night()
        assert files_in(app) == []
    assert session.scalars(sa.select(Export)).one().count == 3, "that it left stays known"


def test_a_file_that_vanished_is_said_to_be_gone(app: Flask, made: str, organiser: PagesClient) -> None:
    page = organiser.open_page(made)
    files_in(app)[0].unlink()
    assert "not here any more" in page.form("/file").send(status=410)


def test_a_file_that_is_stopped_leaves_nothing(
    app: Flask, organiser: PagesClient, three: list[Story], session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = order(organiser)
    write = actions.write_stories

    def stopped_meanwhile(*args: Any, progress: Any, **more: Any) -> Any:
        organiser.open_page(page.path).form("/stop").send()
        while True:  # until the worker notices
            progress(1)
        return write(*args, progress=progress, **more)

    monkeypatch.setattr(jobs, "write_stories", stopped_meanwhile)
    in_the_worker(app)
    assert session.scalars(sa.select(LongWork)).one().state is WorkState.STOPPED
    assert files_in(app) == []
    assert not session.scalars(sa.select(Export)).all()


def test_a_worker_that_is_killed_leaves_no_half_file_and_the_next_one_makes_it(
    app: Flask, held_clock: HeldClock, organiser: PagesClient, three: list[Story], session: Session
) -> None:
    order(organiser)
    with app.app_context():
        work = take_next(db.session)
        assert work is not None
        steps = jobs.make_file_to_fetch(db.session, work.arguments, work.by_id)
        db.session.commit()
        # As far as a killed one may come: the stories are listed, the file has no name yet.
        while next(steps) != (3, 3):
            pass
    assert [file.name.startswith(waiting.BEGUN) for file in files_in(app)] == [True]
    assert "No file has left yet" in organiser.open_page("/organise/exports")
    held_clock.forward(seconds=LEASE.total_seconds() + 1)
    in_the_worker(app)
    session.expire_all()
    (export,) = session.scalars(sa.select(Export))
    assert (export.what, len(files_in(app))) == ("stories", 1)
    assert len(session.scalars(sa.select(ExportedStory)).all()) == 3
    with app.app_context():
        steps.close()


DIES = """
import os, signal
from storyhub import create_app
from storyhub.extensions import db
from storyhub.operations import long_work

def dies(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)

long_work.end_work = dies  # the file has its name, and all that is left is to say that the work is done
app = create_app()
with app.app_context():
    long_work.do_long_work(db.session)
"""


def test_a_file_leaves_once_also_when_the_worker_dies_as_it_is_about_to_say_that_it_is_made(
    app: Flask, organiser: PagesClient, three: list[Story], session: Session, environment: dict[str, str]
) -> None:
    order(organiser)
    died = subprocess.run([sys.executable, "-c", DIES], cwd=ROOT, env=os.environ | environment, check=False)
    assert died.returncode == -signal.SIGKILL
    session.expire_all()
    session.scalars(sa.select(LongWork)).one().alive_until = clock.now().replace(tzinfo=None) - LEASE
    session.commit()
    in_the_worker(app)
    session.expire_all()
    assert session.scalars(sa.select(LongWork)).one().state is WorkState.DONE
    (export,) = session.scalars(sa.select(Export))
    assert len(session.scalars(sa.select(Decision).filter_by(act=Act.EXPORT)).all()) == 1
    assert session.scalars(sa.select(ExportFile)).one().export_id == export.id
    for left in files_in(app):
        os.utime(left, (0, 0))
    with app.app_context():
        working.spend_the_night()
    assert [file.name for file in files_in(app)] == [session.scalars(sa.select(ExportFile.name)).one()]


def test_a_file_that_is_stopped_when_it_is_all_but_made_does_not_leave(
    app: Flask, organiser: PagesClient, three: list[Story], session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = order(organiser)
    list_stories = actions.list_stories

    def stopped_meanwhile(own: Session, *what: Any) -> Any:
        stop_work(own, own.scalars(sa.select(LongWork.id)).one())
        yield from list_stories(own, *what)

    monkeypatch.setattr(jobs, "list_stories", stopped_meanwhile)
    monkeypatch.setattr(long_work, "SAID_EACH_SECONDS", 100.0)  # the worker hears of it when it is about to say so
    in_the_worker(app)
    session.expire_all()
    assert session.scalars(sa.select(LongWork)).one().state is WorkState.STOPPED
    assert files_in(app) == []
    assert not session.scalars(sa.select(Export)).all()
    assert not session.scalars(sa.select(Decision).filter_by(act=Act.EXPORT)).all()
    assert "stopped" in organiser.open_page(page.path)


def test_what_nothing_knows_of_is_erased_by_night(app: Flask, held_clock: HeldClock) -> None:
    place = folder_of(app) / f"{waiting.BEGUN}abc"
    place.mkdir()
    (place / "file").write_text("words")
    (folder_of(app) / "nameless.csv").write_text("words")
    with app.app_context():
        for path in files_in(app):
            os.utime(path, (0, held_clock.moment.timestamp() - waiting.ABANDONED - 1))
        working.spend_the_night()
    assert files_in(app) == []


def test_a_full_disk_is_said_in_words_and_leaves_nothing(
    app: Flask, organiser: PagesClient, three: list[Story], session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_args: Any, **_more: Any) -> Any:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(jobs, "write_stories", full)
    page = order(organiser)
    in_the_worker(app)
    assert "no room left" in organiser.open_page(page.path)
    monkeypatch.setattr(routes, "MOST_AT_ONCE", 3)
    monkeypatch.setattr(routes, "make_export", full)
    form = organiser.open_page("/organise/exports").form("exports").fill(purpose="press", since_year="2019")
    page = form.fill(since_year="").send(status=507)
    assert "no room left" in page
    assert files_in(app) == []
    assert not session.scalars(sa.select(Export)).all()


def test_a_backup_holds_no_file_that_waits(app: Flask, made: str, tmp_path: Path) -> None:
    words = files_in(app)[0].name
    runner = app.test_cli_runner()
    assert runner.invoke(args=["doctor"]).output.count("can be read by their owner alone") >= 1
    files_in(app)[0].chmod(0o644)
    assert "can be read by others than their owner" in runner.invoke(args=["doctor"]).output
    said = runner.invoke(args=["privacy", "audit"]).output
    assert f"{words}: can be read by others than its owner" in said
