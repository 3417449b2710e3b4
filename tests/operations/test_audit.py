"""Each store that docs/stores.md lists: something is planted in it, and the audit finds it there."""

from __future__ import annotations

import gzip
import re
import sqlite3
import subprocess
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from storyhub.config import ROOT, Settings
from storyhub.extensions import db
from storyhub.operations.auditing import STORES, files
from storyhub.operations.auditing.searching import Search, addresses_in, forms_of, is_moment
from tests.machine import Machine
from tests.makers import Maker
from tests.operations.conftest import Flask_

LEAK = "GET /share 203.0.113.9 curl/8.1"
FOUND = "holds a network address"


@dataclass
class Planting:
    """What a store may need to be planted in."""

    app: Flask
    flask: Flask_
    settings: Settings
    session: Session
    make: Maker
    monkeypatch: pytest.MonkeyPatch
    folder: Path

    def audit(self, *options: object) -> str:
        """What the audit says when it finds something."""
        return self.flask("privacy", "audit", *options, code=1).output

    @property
    def database(self) -> Path:
        if not self.settings.on_sqlite:
            pytest.skip("a store of SQLite")
        return self.settings.instance / "storyhub.sqlite"


@pytest.fixture
def planting(
    app: Flask,
    flask: Flask_,
    settings: Settings,
    session: Session,
    make: Maker,
    monkeypatch: pytest.MonkeyPatch,
    folder: Path,
) -> Planting:
    make.story("I called 192.0.2.7, which is my own business.", state="published")
    return Planting(app, flask, settings, session, make, monkeypatch, folder)


def plant_in_database(planting: Planting) -> str:
    planting.make.story().import_key = "203.0.113.9"
    planting.session.commit()
    return planting.audit()


def plant_in_database_files(planting: Planting) -> str:
    """A row that was deleted by something that does not overwrite."""
    with closing(sqlite3.connect(planting.database)) as database:
        database.execute("PRAGMA secure_delete=OFF")
        database.execute("CREATE TABLE visits (id INTEGER PRIMARY KEY, what TEXT)")
        database.execute("INSERT INTO visits VALUES (1, ?), (2, '')", (LEAK,))
        database.execute("DELETE FROM visits WHERE id = 1")
        database.commit()
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return planting.audit()


def plant_in_search_index(planting: Planting) -> str:
    """A story that was taken back while the index still knows its words."""
    assert planting.database
    planting.session.execute(sa.text("INSERT INTO search_index(rowid, folded) VALUES (5, ' leftoverword ')"))
    return planting.audit()


def plant_in_exports(planting: Planting) -> str:
    folder = planting.settings.instance / "exports"
    folder.mkdir()
    (folder / "left-here.csv").write_text(LEAK)
    said = planting.audit()
    assert "left-here.csv: should have been erased by now" in said
    assert "left-here.csv: can be read by others than its owner" in said
    return said


def plant_in_jobs(planting: Planting) -> str:
    path = planting.settings.instance / "jobs.sqlite"
    with closing(sqlite3.connect(path)) as jobs:
        jobs.execute("CREATE TABLE IF NOT EXISTS waiting (what TEXT)")
        jobs.execute("INSERT INTO waiting VALUES (?)", (LEAK,))
        jobs.commit()
    return planting.audit()


def plant_in_instance(planting: Planting) -> str:
    log = planting.settings.instance / "logs" / "access.log.1.gz"
    log.parent.mkdir()
    log.write_bytes(gzip.compress(LEAK.encode()))
    return planting.audit()


def plant_in_memory(planting: Planting) -> str:
    planting.settings.volatile.mkdir(exist_ok=True)
    (planting.settings.volatile / "limits.copy").write_text(LEAK)
    return planting.audit()


def plant_in_logs(planting: Planting) -> str:
    def told(command: list[str], **_: Any) -> Any:
        assert command[0] == "journalctl"
        return subprocess.CompletedProcess(command, 0, stdout=LEAK.encode())

    planting.monkeypatch.setattr(subprocess, "run", told)
    return planting.audit()


def plant_in_proxies(planting: Planting) -> str:
    (planting.folder / "access.log").write_text(LEAK)
    planting.monkeypatch.setattr(files, "PROXY_PLACES", (planting.folder,))
    planting.monkeypatch.setitem(planting.settings.__dict__, "trusted_proxies", 1)
    return planting.audit()


def plant_in_crashes(planting: Planting) -> str:
    (planting.folder / "core.flask.1000.5f3c.lz4").touch()
    (planting.folder / "core.someothers.1000.5f3c.lz4").touch()
    planting.monkeypatch.setattr(files, "CRASH_PLACES", (planting.folder,))
    return planting.audit()


def plant_in_backups(planting: Planting) -> str:
    """One that was made before the address was taken out of the database."""
    planting.make.story().import_key = "203.0.113.9"
    planting.session.commit()
    planting.flask("backup", planting.folder / "kept")
    planting.session.execute(sa.text("UPDATE stories SET import_key = NULL"))
    planting.session.commit()
    return planting.audit("--backup", planting.folder / "kept")


def plant_in_also(planting: Planting) -> str:
    (planting.folder / "exports").mkdir()
    (planting.folder / "exports" / "mine.csv").write_text(LEAK)
    return planting.audit("--also", planting.folder / "exports")


PLANTED: dict[str, tuple[Callable[[Planting], str], str]] = {
    "database": (plant_in_database, f"stories.import_key: {FOUND}"),
    "database-files": (plant_in_database_files, f"storyhub.sqlite: {FOUND}"),
    "exports": (plant_in_exports, f"left-here.csv: {FOUND}"),
    "search-index": (plant_in_search_index, "search_index: holds 1 words of no public story"),
    "jobs": (plant_in_jobs, f"jobs.sqlite: {FOUND}"),
    "instance": (plant_in_instance, f"access.log.1.gz: {FOUND}"),
    "memory": (plant_in_memory, f"limits.copy: {FOUND}"),
    "logs": (plant_in_logs, f"journal of storyhub: {FOUND}"),
    "proxies": (plant_in_proxies, f"access.log: {FOUND}"),
    "crashes": (plant_in_crashes, "core.flask.1000.5f3c.lz4: is a dump of memory"),
    "backups": (plant_in_backups, f"stories.import_key: {FOUND}"),
    "also": (plant_in_also, f"mine.csv: {FOUND}"),
}
# These three have tests of their own below: they are servers, or nothing can be planted in them.
BELOW = {"redis", "postgresql", "swap"}


@pytest.mark.parametrize("store", PLANTED)
def test_what_is_planted_in_a_store_is_found_there(planting: Planting, store: str) -> None:
    plant, wanted = PLANTED[store]
    said = plant(planting)
    (of_store,) = re.findall(rf"(?ms)^{store}: .*?(?=^\S)", said)
    assert wanted in of_store, said


def test_every_store_is_listed_is_looked_at_and_has_something_planted_in_it(planting: Planting) -> None:
    listed = re.findall(r"(?m)^\| `([a-z-]+)` \|", (ROOT / "docs" / "stores.md").read_text())
    assert listed == list(STORES)
    assert set(PLANTED) | BELOW == set(STORES)
    said = planting.flask("privacy", "audit").output.splitlines()
    assert [line.partition(":")[0] for line in said if not line.startswith(" ")][:-1] == list(STORES)
    assert re.match(r"database: \d{2} tables, \d+ rows$", said[0])


def test_the_audit_finds_nothing_on_a_site_that_was_used_in_every_way(
    flask: Flask_, make: Maker, settings: Settings, folder: Path, session: Session
) -> None:
    """Above all not what people wrote about addresses and browsers themselves, wherever the bytes of it are."""
    told = "He used Mozilla/5.0 at 192.0.2.7 and 2001:db8::17 on 2024-05-06 12:30, كتب لي في الليل 👩‍👩‍👧"
    make.story(told, state="published", notes=["threats"])
    make.decline(make.story("no"), letter="see 198.51.100.3")
    make.story(told).withdraw()
    session.commit()
    flask("retention", "purge")
    flask("backup", folder / "kept")
    said = flask("privacy", "audit", "--backup", folder / "kept").output
    assert "Nothing was found" in said
    assert f"{folder / 'kept'}: " in said


def test_marks_are_found_wherever_they_are_and_in_any_form(planting: Planting) -> None:
    marks = planting.folder / "marks"
    marks.write_text("Straßenbahnhof\n203.0.113.200\n\n")
    assert "Nothing was found" in planting.flask("privacy", "audit", "--marks", marks).output
    planting.make.story("Am STRASSENBAHNHOF.", state="published")
    assert "search_texts.folded: holds one of the marks" in planting.audit("--marks", marks)
    planting.session.execute(sa.text("DELETE FROM search_texts"))
    planting.session.commit()
    (planting.settings.instance / "packed").write_bytes(b"..\xcb\x00\x71\xc8..")
    assert "packed: holds one of the marks" in planting.audit("--marks", marks)


@pytest.mark.parametrize("value", ["2026-03-05 10:30:00", "2026-03-05T10:30", 1772706600, 1772706600123])
def test_a_time_finer_than_a_day_is_found_in_any_column(planting: Planting, value: Any) -> None:
    column = "import_key" if isinstance(value, str) else "outcome_number"
    if not planting.settings.on_sqlite and value == 1772706600123:
        pytest.skip("PostgreSQL refuses it for this column")
    planting.session.execute(sa.text(f"UPDATE stories SET {column} = :value"), {"value": value})
    planting.session.commit()
    assert f"stories.{column}: holds times finer than a day" in planting.audit()


def test_a_backup_with_a_key_in_it_or_none_at_all_is_said(planting: Planting) -> None:
    planting.flask("backup", planting.folder / "kept")
    with (planting.folder / "kept").open("ab") as file:
        file.write(planting.settings.receipt_key.encode())
    (planting.folder / "no-backup").write_text("something else")
    said = planting.audit("--backup", planting.folder / "kept", "--backup", planting.folder / "no-backup")
    assert "kept: holds a key of the instance" in said
    assert "no-backup: is no backup that can be opened here" in said


def test_what_a_broken_off_restore_left_is_found(planting: Planting) -> None:
    left = planting.settings.instance / "restoring-x1y2"
    left.mkdir()
    (left / "storyhub.copy").write_bytes(b"words")
    assert "storyhub.copy: is left of a command that was broken off" in planting.audit()


def test_where_memory_may_be_swapped_to_is_told(planting: Planting) -> None:
    planting.monkeypatch.setattr(files, "SWAPS", planting.folder / "swaps")
    assert "swap: can't be told here" in planting.flask("privacy", "audit").output
    (planting.folder / "swaps").write_text("Filename Type Size\n/dev/sda2 partition 1000\n")
    said = planting.flask("privacy", "audit").output
    assert "swap: 1 places" in said and "/dev/sda2 may hold memory" in said


@pytest.mark.redis
def test_a_redis_that_keeps_addresses_or_writes_to_its_disk_is_found(planting: Planting, machine: Machine) -> None:
    from redis import Redis

    url = machine.redis_url()
    planting.monkeypatch.setitem(planting.settings.__dict__, "redis_url", url)
    server = Redis.from_url(url)
    server.flushall()
    server.set("LIMITS/abcdef", 3)
    server.lpush("jobs", "a job")
    assert "redis: 2 keys" in planting.flask("privacy", "audit").output
    server.set("visits/203.0.113.9", 1)
    server.rpush("jobs", LEAK)
    server.config_set("save", "60 1")
    said = planting.audit()
    server.config_set("save", "")
    server.flushall()
    assert f"Redis: visits/203.0.113.9: {FOUND}" in said
    assert f"Redis: jobs: {FOUND}" in said
    assert "Redis: writes to its disk" in said


def test_a_postgresql_that_logs_statements_is_found(planting: Planting) -> None:
    if planting.settings.on_sqlite:
        assert "postgresql: not used here" in planting.flask("privacy", "audit").output
        pytest.skip("a store of PostgreSQL")
    said = planting.flask("privacy", "audit").output
    assert re.search(r"postgresql: \d{3} settings", said) and "log_error_verbosity = terse" in said
    database = planting.session.scalar(sa.text("SELECT current_database()"))
    planting.session.execute(sa.text(f"ALTER DATABASE \"{database}\" SET log_statement = 'all'"))
    planting.session.commit()
    try:
        with planting.app.app_context():
            db.engine.dispose()
        assert "log_statement = all writes words into its log" in planting.audit()
    finally:
        planting.session.execute(sa.text(f'ALTER DATABASE "{database}" RESET log_statement'))
        planting.session.commit()


def test_what_counts_as_an_address_or_a_moment() -> None:
    assert list(addresses_in("at 10.0.0.1, not 1.2.3 or v1.2.3.4.5")) == ["10.0.0.1"]
    assert is_moment("2026-03-05 10:30") and is_moment(1772706600) and not is_moment("2026-03-05") and not is_moment(7)
    assert not is_moment(True) and not is_moment(None)
    assert Search().in_bytes([b"\x00 2001:db8::17 \x00"]) == {FOUND}
    assert Search().in_bytes([b"on ::1 and 12:30:45"]) == set()
    assert Search().in_bytes([b"192.0.", b"2.7 here"]) == {FOUND}, "even on the edge of two pieces"
    assert Search().in_bytes([b"192.0.2.7"], frozenset({"192.0.2.7"})) == set()
    assert b"\xcb\x00\x71\x09" in forms_of("203.0.113.9")
