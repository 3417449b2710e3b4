"""Releases, purges and jobs: done by the worker, by a command, twice, or by two at once, and the same comes of it."""

from __future__ import annotations

import datetime as dt
import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from storyhub import clock
from storyhub.config import Settings
from storyhub.extensions import jobs
from storyhub.models.decision import Decision
from storyhub.models.job import MOST_ATTEMPTS, Job, JobState, enqueue
from storyhub.models.publication import Publication
from storyhub.models.site import the_site
from storyhub.models.story import State, Story, StoryVersion
from storyhub.models.tally import Tally
from storyhub.operations import working
from storyhub.operations.upkeep import read_withdrawals
from tests.makers import Maker
from tests.operations.conftest import Flask_
from tests.pages import PagesClient


def tables_of(path: Path) -> bytes:
    """Whatever is left of words in a SQLite database: its file, its log."""
    return b"".join(part.read_bytes() for part in path.parent.glob(f"{path.name}*"))


# Releases


def test_what_is_due_is_released_and_what_is_not_waits(flask: Flask_, session: Session, make: Maker) -> None:
    due, later = make.story(), make.story()
    due.publish(by=make.anybody(), window=clock.window(0))
    later.publish(by=make.anybody(), window=clock.window(0) + 60)
    assert flask("stories", "release").output.startswith("1 ")
    assert flask("stories", "release").output.startswith("0 ")
    assert (due.state, later.state) == (State.PUBLISHED, State.WAITING)


def test_the_worker_releases_what_is_due(app: Flask, session: Session, make: Maker) -> None:
    story = make.story()
    story.decline(by=make.anybody(), window=clock.window(0), reason=make_reason())
    session.commit()
    working.init_app(app)
    working.each_minute.call_local()
    assert session.get_one(Story, story.id).state is State.DECLINED


def make_reason() -> Any:
    from storyhub.models.decision import Reason

    return Reason.OTHER


def test_huey_knows_what_to_do_each_minute_and_each_night() -> None:
    names = {task.name for task in jobs._registry.periodic_tasks}
    assert {"each_minute", "each_minute_connect", "each_night"} <= names


# Purges


def test_words_whose_day_has_come_are_forgotten_and_others_stay(
    flask: Flask_, session: Session, make: Maker, held_clock: Any
) -> None:
    declined = make.story("declined words", state="declined")
    public = make.story("public words", state="published")
    held_clock.forward(days=29)
    assert flask("retention", "purge").output.startswith("0 ")
    held_clock.forward(days=1)
    assert flask("retention", "purge", "--dry-run").output.startswith("1 ")
    assert session.get_one(Story, declined.id).newest.text == "declined words"
    assert flask("retention", "purge").output.startswith("1 ")
    assert session.get_one(Story, declined.id).newest.text is None
    assert session.get_one(Story, public.id).newest.text == "public words"


def test_after_a_purge_nothing_of_the_words_is_left_in_any_file(
    flask: Flask_, session: Session, make: Maker, settings: Settings, held_clock: Any
) -> None:
    if not settings.on_sqlite:
        pytest.skip("PostgreSQL keeps its files to itself")
    story = make.story("zanzibarine quicksilver", state="published")
    story.withdraw()
    make.story("declinable marmalade", state="declined")
    session.commit()
    path = settings.instance / "storyhub.sqlite"
    assert b"marmalade" in tables_of(path)
    held_clock.forward(days=31)
    flask("retention", "purge")
    left = tables_of(path)
    assert not [word for word in (b"zanzibarine", b"quicksilver", b"marmalade") if word in left]


def test_the_list_of_withdrawals_is_kept_beside_the_database(
    flask: Flask_, session: Session, make: Maker, settings: Settings
) -> None:
    story = make.story()
    story.withdraw()
    session.commit()
    flask("retention", "purge")
    assert read_withdrawals(settings) == {story.id: clock.today()}
    assert (settings.instance / "withdrawals").stat().st_mode & 0o777 == 0o600
    session.execute(sa.text("DELETE FROM withdrawals"))
    flask("retention", "purge")
    assert read_withdrawals(settings) == {story.id: clock.today()}


# Jobs


@pytest.fixture
def work(app: Flask) -> Callable[[str, Callable[..., object]], None]:
    """work(name, function): something that the worker knows how to do, in this test."""
    working.init_app(app)
    return app.extensions["work"].__setitem__


def leave(session: Session, name: str, **arguments: Any) -> Job:
    job = enqueue(session, name, **arguments)
    session.commit()
    return job


def test_a_job_is_done_once(app: Flask, session: Session, work: Any) -> None:
    done: list[int] = []
    work("count", lambda _session, number: done.append(number))
    job = leave(session, "count", number=7)
    for _ in range(3):
        working.each_minute.call_local()
    assert done == [7]
    assert session.get_one(Job, job.id).state is JobState.DONE


def test_a_job_that_fails_is_tried_again_and_not_for_ever(app: Flask, session: Session, work: Any) -> None:
    tries: list[int] = []

    def fail(_session: Session) -> None:
        tries.append(1)
        raise ValueError("words of a story, which belong in no log")

    work("fail", fail)
    work("fine", lambda _session: None)
    failing, fine = leave(session, "fail"), leave(session, "fine")
    for _ in range(MOST_ATTEMPTS + 3):
        working.each_minute.call_local()
    assert len(tries) == MOST_ATTEMPTS
    assert (session.get_one(Job, failing.id).state, failing.error) == (JobState.FAILED, "ValueError")
    assert session.get_one(Job, fine.id).state is JobState.DONE


def test_a_job_that_fails_half_way_leaves_nothing_behind(app: Flask, session: Session, work: Any, make: Maker) -> None:
    story_id = make.story("as told").id

    def half(session: Session) -> None:
        session.execute(sa.update(StoryVersion).values(text="half done"))
        session.flush()
        raise RuntimeError

    work("half", half)
    leave(session, "half")
    working.each_minute.call_local()
    assert session.get_one(Story, story_id).newest.text == "as told"


def test_a_job_that_nobody_knows_fails_without_harm(app: Flask, session: Session, work: Any) -> None:
    job = leave(session, "unheard of")
    working.each_minute.call_local()
    assert (session.get_one(Job, job.id).state, job.error) == (JobState.WAITING, "KeyError")


def test_two_workers_at_once_do_a_job_once(app: Flask, session: Session, work: Any) -> None:
    done: list[int] = []
    work("count", lambda _session, number: done.append(number))
    for number in range(10):
        leave(session, "count", number=number)
    session.commit()
    together = threading.Barrier(2)

    def round_of_work() -> None:
        together.wait()
        with app.app_context():
            working.do_what_is_due()

    threads = [threading.Thread(target=round_of_work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(done) == list(range(10))


def test_after_a_withdrawal_the_index_forgets_and_the_list_grows(
    app: Flask, session: Session, make: Maker, settings: Settings, work: Any
) -> None:
    story = make.story("zanzibarine quicksilver", state="published")
    story.withdraw()
    leave(session, "forget-search")
    working.each_minute.call_local()
    assert story.id in read_withdrawals(settings)
    if settings.on_sqlite:
        assert b"zanzibarine" not in tables_of(settings.instance / "storyhub.sqlite")


def test_each_night_words_are_purged_and_done_jobs_swept_away(
    app: Flask, session: Session, make: Maker, work: Any, held_clock: Any
) -> None:
    story = make.story("declined", state="declined")
    work("fine", lambda _session: None)
    leave(session, "fine")
    working.each_minute.call_local()
    held_clock.forward(days=31)
    working.each_night.call_local()
    assert session.get_one(Story, story.id).newest.text is None
    assert not session.scalars(sa.select(Job)).all()


# The record


def test_a_whole_record_is_told_with_its_head(flask: Flask_, make: Maker, session: Session) -> None:
    make.story(state="published")
    head = session.scalars(sa.select(Decision.hash)).one()
    assert flask("decisions", "verify").output == f"1 decisions, all as they were written. Head: {head}\n"


def test_a_changed_record_is_told_with_the_place(flask: Flask_, make: Maker, session: Session) -> None:
    for _ in range(3):
        make.story(state="published")
    session.execute(sa.update(Decision).where(Decision.number == 2).values(day=dt.date(2020, 1, 1)))
    done = flask("decisions", "verify", code=1)
    assert "decision 2:" in done.output
    assert "decision 1:" not in done.output


# Backups


def test_a_backup_brings_everything_back(flask: Flask_, session: Session, make: Maker, folder: Path) -> None:
    kept = make.story("kept words", state="published", themes=["buses"]).id
    flask("backup", folder / "kept")
    assert (folder / "kept").stat().st_mode & 0o777 == 0o600
    later = make.story("told later").id
    flask("restore", folder / "kept", code=2)
    assert session.get(Story, later) is not None
    flask("restore", folder / "kept", "--yes")
    session.expire_all()
    assert session.get_one(Story, kept).newest.text == "kept words"
    assert session.get(Story, later) is None
    assert session.scalar(sa.select(sa.func.count()).select_from(Publication)) == 1
    flask("decisions", "verify")


def test_what_caches_hold_of_stories_told_since_a_backup_is_over_once_it_is_restored(
    flask: Flask_, session: Session, make: Maker, client: PagesClient, folder: Path
) -> None:
    make.story("kept words", state="published")
    flask("backup", folder / "kept")
    make.story("told later, and lost", state="published")
    before = client.get("/")
    assert b"told later" in before.data
    session.rollback()
    flask("restore", folder / "kept", "--yes")
    session.expire_all()
    make.story("told after that", state="published")  # as many editions since the backup as before
    after = client.get("/", headers={"If-None-Match": before.headers["ETag"]})
    assert after.status_code == 200
    assert b"told later" not in after.data


def test_no_withdrawn_word_comes_back_by_a_backup(
    flask: Flask_, session: Session, make: Maker, settings: Settings, folder: Path
) -> None:
    story = make.story("zanzibarine quicksilver", state="published")
    flask("backup", folder / "old")
    story.withdraw()
    session.commit()
    done = flask("restore", folder / "old", "--yes")
    assert "1 stories" in done.output
    session.expire_all()
    again = session.get_one(Story, story.id)
    assert (again.state, again.newest.text) == (State.WITHDRAWN, None)
    assert not session.scalars(sa.select(Publication)).all()
    if settings.on_sqlite:
        assert b"zanzibarine" not in tables_of(settings.instance / "storyhub.sqlite")


def test_a_backup_holds_no_word_that_was_withdrawn_before_it(
    flask: Flask_, session: Session, make: Maker, folder: Path
) -> None:
    make.story("zanzibarine quicksilver", state="published").withdraw()
    flask("backup", folder / "new")
    assert b"zanzibarine" not in (folder / "new").read_bytes()


def test_withdrawals_survive_the_loss_of_the_database(
    flask: Flask_, session: Session, make: Maker, settings: Settings, folder: Path
) -> None:
    if not settings.on_sqlite:
        pytest.skip("the list beside the database is read in the same way")
    story = make.story("words", state="published")
    flask("backup", folder / "old")
    story.withdraw()
    flask("retention", "purge")
    with sqlite3.connect(settings.instance / "storyhub.sqlite") as database:
        database.execute("DELETE FROM withdrawals")
        database.execute("UPDATE stories SET state = 'waiting'")
    flask("restore", folder / "old", "--yes")
    session.expire_all()
    assert session.get_one(Story, story.id).state is State.WITHDRAWN


def test_a_backup_overwrites_nothing_and_what_is_no_backup_restores_nothing(
    flask: Flask_, session: Session, make: Maker, settings: Settings, folder: Path
) -> None:
    make.story("kept words")
    (folder / "mine").write_text("not to be lost")
    flask("backup", folder / "mine", code=2)
    assert (folder / "mine").read_text() == "not to be lost"
    flask("backup", folder / "nowhere" / "b", code=1)
    assert flask("restore", folder / "mine", "--yes", code=1).output.count("\n") == 1
    assert session.scalars(sa.select(StoryVersion.text)).all() == ["kept words"]
    assert sorted(path.name for path in folder.iterdir()) == ["mine"]


# Doctor and audit


def test_the_doctor_finds_a_new_site_well(flask: Flask_, settings: Settings, tmp_path: Path) -> None:
    done = flask("doctor", code=flask_code_of(settings))
    lines = done.output.splitlines()
    assert any("the database is up to date" in line for line in lines)
    assert all(line.startswith(("good", "WRONG", "Error")) for line in lines)


def flask_code_of(settings: Settings) -> int:
    """A test's volatile folder is on a disk on most machines, and the doctor must say so."""
    from storyhub.operations.doctor import memory, programs, translations

    checks = (memory, programs, translations)
    return int(any(not finding.good for check in checks for finding in check(settings)))


def test_the_doctor_notices_a_key_that_others_can_read(flask: Flask_, settings: Settings) -> None:
    key = settings.instance / "secret_key"
    key.write_text("x" * 48)
    key.chmod(0o644)
    assert "WRONG  secret_key" in flask("doctor", code=1).output


def test_the_doctor_notices_a_database_that_was_not_migrated(flask: Flask_, session: Session) -> None:
    session.execute(sa.text("UPDATE alembic_version SET version_num = '0000'"))
    assert "flask db upgrade" in flask("doctor", code=1).output


def test_the_audit_finds_nothing_on_a_site_that_was_used(flask: Flask_, make: Maker) -> None:
    make.story("I wrote to 192.0.2.7 with Mozilla/5.0, which is my business", state="published", notes=["threats"])
    make.decline(make.story("no"), letter="see 198.51.100.3")
    assert "Nothing was found" in flask("privacy", "audit").output


@pytest.mark.parametrize(
    ("column", "value", "said"),
    [
        ("import_key", "192.0.2.7", "network address"),
        ("import_key", "2001:db8::17", "network address"),
        ("import_key", "Mozilla/5.0 (X11)", "browser"),
    ],
)
def test_the_audit_finds_traces_in_tables(
    flask: Flask_, make: Maker, session: Session, column: str, value: str, said: str
) -> None:
    setattr(make.story(), column, value)
    done = flask("privacy", "audit", code=1)
    assert f"stories.{column}: " in done.output
    assert said in done.output


def test_the_audit_finds_columns_that_should_not_be(flask: Flask_, session: Session) -> None:
    session.execute(sa.text("ALTER TABLE stories ADD COLUMN received_at TIMESTAMP"))
    session.execute(sa.text("ALTER TABLE stories ADD COLUMN user_agent TEXT"))
    done = flask("privacy", "audit", code=1)
    assert "stories.received_at: holds times finer than a day" in done.output
    assert "stories.user_agent: is a column for" in done.output
    for column in ("received_at", "user_agent"):  # the next test may be given the same database
        session.execute(sa.text(f"ALTER TABLE stories DROP COLUMN {column}"))
    session.commit()


def test_the_audit_finds_logs_and_old_salts(flask: Flask_, settings: Settings) -> None:
    log = settings.instance / "logs" / "access.log"
    log.parent.mkdir()
    log.write_text("GET /share 203.0.113.9 curl/8.1\n")
    settings.volatile.mkdir(exist_ok=True)
    (settings.volatile / "salt-2020-01-01").write_bytes(b"x" * 32)
    done = flask("privacy", "audit", code=1)
    assert "access.log: holds a network address" in done.output
    assert "access.log: names a browser" in done.output
    assert "salt of another day" in done.output


def test_the_doctor_notices_wrong_counts_and_says_how_they_are_set_right(
    flask: Flask_, settings: Settings, session: Session, make: Maker
) -> None:
    make.story(state="published", country="KE")
    make.story(state="published", country="FR")
    assert "good   the public counts are right" in flask("doctor", code=flask_code_of(settings)).output
    session.execute(sa.delete(Tally).filter_by(subject="country KE", facet="all"))
    session.execute(sa.update(Tally).filter_by(subject="all", facet="all").values(count=9))
    before = the_site(session).edition
    session.commit()
    said = flask("doctor", code=1).output
    assert "WRONG  2 public counts are wrong; set them right by: flask stories recount" in said
    assert flask("stories", "recount").output == "2 counts were wrong\n"
    session.rollback()
    assert the_site(session).edition == before + 1, "what is kept of the wrong ones is over"
    assert flask("stories", "recount").output == "0 counts were wrong\n"
    assert "good   the public counts are right" in flask("doctor", code=flask_code_of(settings)).output
