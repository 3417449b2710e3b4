"""What was erased is in no byte any more: not between rows, not in the log once nobody reads, not in a backup."""

from __future__ import annotations

import random
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from storyhub.config import Settings
from storyhub.extensions import db
from storyhub.models.story import Story, StoryVersion
from storyhub.operations import overwriting, working
from storyhub.operations.remains import remains_in
from storyhub.text.folding import folded
from tests.makers import Maker
from tests.operations.conftest import Flask_

TOLD = "Quokkaberry على الدرج Zanzibarine 42 ärgerlich"


def forms_of(words: str) -> list[bytes]:
    """Each word as typed and as the search index folds it, in every encoding that a database may use."""
    kept = {form for word in words.split() for form in (word, folded(word).strip()) if len(form) > 3}
    return [form.encode(encoding) for form in kept for encoding in ("utf-8", "utf-16-le", "utf-16-be")]


def left_of(words: str, *places: Path) -> list[str]:
    """In which files something of the words is, their logs and whatever else lies beside them included."""
    files = [file for place in places for file in sorted(place.parent.glob(f"{place.name}*")) if file.is_file()]
    assert files
    # By another process: to close a file drops the locks that this one holds.
    read = {file: subprocess.run(["cat", file], capture_output=True, check=True).stdout.lower() for file in files}
    return [
        f"{form!r} in {file.name}" for form in forms_of(words) for file, data in read.items() if form.lower() in data
    ]


@pytest.fixture
def path(settings: Settings) -> Path:
    if not settings.on_sqlite:
        pytest.skip("PostgreSQL's files are looked at below")
    return settings.instance / "storyhub.sqlite"


@contextmanager
def reader(path: Path) -> Iterator[None]:
    """Somebody who reads for long, from what was there before: the log can't be emptied meanwhile."""
    with closing(sqlite3.connect(path, isolation_level=None)) as reading:
        reading.execute("BEGIN")
        assert reading.execute("SELECT count(*) FROM stories").fetchone()
        yield
        reading.execute("ROLLBACK")


def test_rows_that_moved_leave_copies_which_secure_delete_does_not_overwrite(tmp_path: Path) -> None:
    """Why the database is written anew. If SQLite mends this one day, `overwriting` can become simpler."""
    path, chance = tmp_path / "moved.sqlite", random.Random(3)
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA secure_delete=ON")
        connection.execute("PRAGMA synchronous=OFF")
        connection.execute("CREATE TABLE told (id INTEGER PRIMARY KEY, text TEXT)")
        kept: list[int] = []
        connection.execute("BEGIN")
        for number in range(1500):
            told = " ".join(["quite another word"] * chance.choice([1, 5, 20, 80]) + [f"SECRET{number:06}"])
            kept.append(chance.getrandbits(60))
            connection.execute("INSERT INTO told VALUES (?, ?)", (kept[-1], told))
            if number % 3 == 0:
                gone = kept.pop(chance.randrange(len(kept)))
                connection.execute("UPDATE told SET text = NULL WHERE id = ?", (gone,))
        connection.execute("COMMIT")
        held = {row[0][-12:].encode() for row in connection.execute("SELECT text FROM told WHERE text IS NOT NULL")}
        assert remains_in(path).left > 0
        connection.execute("VACUUM")
    found = remains_in(path)
    assert (found.looked_at, found.left) == (path.stat().st_size, 0)
    data = path.read_bytes()
    assert sum(f"SECRET{number:06}".encode() in data for number in range(1500)) == len(held)


def test_remains_are_found_in_free_pages_in_gaps_and_in_freed_cells(tmp_path: Path) -> None:
    for secure, expected in ((False, True), (True, False)):
        path = tmp_path / f"{secure}.sqlite"
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            connection.execute(f"PRAGMA secure_delete={secure}")
            connection.execute("CREATE TABLE told (id INTEGER PRIMARY KEY, text TEXT)")
            connection.execute("INSERT INTO told VALUES (1, ?), (2, 'short words'), (3, 'x')", ("long " * 4000,))
            connection.execute("DELETE FROM told WHERE id < 3")
        assert (remains_in(path).left > 20_000) is expected


def test_what_is_no_database_is_said_and_an_empty_one_holds_nothing(tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    assert remains_in(tmp_path / "empty").left == 0
    with pytest.raises(OSError):
        remains_in(tmp_path / "nowhere")


def test_after_a_withdrawal_no_byte_of_the_words_is_left_within_a_minute(
    app: Flask, path: Path, session: Session, make: Maker
) -> None:
    others = [make.story(f"Others tell of {number}. " * number, state="published") for number in range(12)]
    story = make.story(f"{TOLD} " * 30, title=TOLD, place=TOLD, state="published", notes=["threats"])
    assert len(left_of(TOLD, path)) >= 2
    story.withdraw()
    from storyhub.models.job import enqueue

    enqueue(session, "forget-search")
    session.commit()
    working.init_app(app)
    working.each_minute.call_local()
    assert left_of(TOLD, path, path.with_name("jobs.sqlite")) == []
    assert remains_in(path).left == 0
    assert len(others) == session.scalar(sa.select(sa.func.count(StoryVersion.text)))


def test_a_reader_delays_it_which_is_said_and_made_up_for(
    flask: Flask_, app: Flask, path: Path, session: Session, make: Maker, held_clock: Any, monkeypatch: Any
) -> None:
    """Given somebody who reads for long, when words are purged, the command says that they are still in the log."""
    monkeypatch.setattr("storyhub.operations.overwriting.TRIES", 1)
    make.story(TOLD, state="declined")
    held_clock.forward(days=31)
    with reader(path):
        done = flask("retention", "purge", code=1)
        assert "the log can't be emptied yet" in done.output
        assert left_of(TOLD, path), "as it says"
        working.init_app(app)
        working.each_minute.call_local()
        assert left_of(TOLD, path)
        make.story("Nobody who tells something waits for the reader.")
    working.each_minute.call_local()
    assert left_of(TOLD, path) == []
    assert "0 hold something erased, 0 are in the log" in flask("retention", "purge").output


def test_a_purge_proves_itself_and_says_where_it_could_not(
    flask: Flask_, path: Path, make: Maker, held_clock: Any, monkeypatch: Any
) -> None:
    make.story(f"{TOLD} " * 400, state="declined")
    make.story("still needed", state="published")
    held_clock.forward(days=31)
    output = flask("retention", "purge").output
    assert output.splitlines()[0].startswith("1 ")
    assert f"Looked at {path.stat().st_size} bytes: 0 hold something erased, 0 are in the log." in output
    assert left_of(TOLD, path) == []

    def full(*_: object, **__: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(sqlite3, "connect", full)
    monkeypatch.setattr(overwriting, "empty_log", lambda **_: 0)
    done = flask("retention", "purge", code=1)
    assert "could not be written anew (database or disk is full)" in done.output


def test_a_backup_holds_no_byte_of_what_was_erased_before_it(
    flask: Flask_, path: Path, session: Session, make: Maker, folder: Path
) -> None:
    for number in range(12):
        make.story(f"{TOLD} {number} " * (number + 1), state="published")
    for story in session.scalars(sa.select(Story)).all():
        story.withdraw()
    session.commit()
    with reader(path):
        flask("backup", folder / "kept")
    assert left_of(TOLD, folder / "kept") == []
    assert remains_in(folder / "kept").left == 0


def test_a_night_that_was_slept_through_is_made_up_for_in_the_first_minute(
    app: Flask, session: Session, make: Maker, held_clock: Any
) -> None:
    story = make.story(TOLD, state="declined")
    working.init_app(app)
    held_clock.forward(days=29)
    working.each_minute.call_local()
    held_clock.forward(hours=16)  # half past two: the day has come, the hour has not
    working.each_minute.call_local()
    assert session.get_one(Story, story.id).newest.text == TOLD
    held_clock.forward(hours=7)
    session.commit()
    working.each_minute.call_local()
    assert session.get_one(Story, story.id).newest.text is None
    working.init_app(app)  # started anew: it makes sure, whatever the hour
    assert app.extensions["unfinished"].last_night is None


def test_a_night_that_fails_is_tried_again(
    app: Flask, session: Session, make: Maker, held_clock: Any, monkeypatch: Any, caplog: Any
) -> None:
    story = make.story(TOLD, state="declined")
    held_clock.forward(days=31)
    working.init_app(app)

    def fail(*_: object) -> int:
        raise OSError(TOLD)

    with monkeypatch.context() as broken:
        broken.setattr(working, "purge_all_due", fail)
        working.each_minute.call_local()
    assert "the night's work failed: OSError" in caplog.text and "Quokka" not in caplog.text
    working.each_minute.call_local()
    assert session.get_one(Story, story.id).newest.text is None


def postgresql_bytes(app: Flask) -> bytes:
    """What lies on the disk for the tables of words, once PostgreSQL has put it there."""
    with app.app_context():
        tables = list(overwriting.tables_of_words())
        with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("CHECKPOINT")
            query = "SELECT pg_read_binary_file(pg_relation_filepath(oid)) FROM pg_class WHERE relname = ANY(%s)"
            return b"".join(bytes(row[0]) for row in connection.exec_driver_sql(query, (tables,)))


def test_on_postgresql_the_tables_of_words_are_written_anew(
    flask: Flask_, app: Flask, settings: Settings, session: Session, make: Maker, held_clock: Any
) -> None:
    if settings.on_sqlite:
        pytest.skip("SQLite's file is looked at above")
    make.story(TOLD, state="declined")
    make.story("still needed", state="published")
    held_clock.forward(days=31)
    output = flask("retention", "purge").output
    assert "Written anew: " in output and "story_versions" in output and "docs/running.md" in output
    data = postgresql_bytes(app)
    assert b"still needed" in data
    assert [form for form in forms_of(TOLD) if form in data] == []


def test_on_postgresql_a_table_that_somebody_holds_is_said(
    flask: Flask_, app: Flask, settings: Settings, session: Session, make: Maker, held_clock: Any, monkeypatch: Any
) -> None:
    if settings.on_sqlite:
        pytest.skip("on SQLite somebody who reads delays only the log")
    monkeypatch.setattr(overwriting, "LOCK_SECONDS", 1)
    make.story(TOLD, state="declined")
    held_clock.forward(days=31)
    with app.app_context(), db.engine.connect() as reading:
        reading.execute(sa.text("SELECT count(*) FROM story_versions"))
        done = flask("retention", "purge", code=1)
        reading.rollback()
    assert "story_versions is too big or too busy" in done.output
    assert "Something that was erased may still be" in done.output
    assert flask("retention", "purge").exit_code == 0
