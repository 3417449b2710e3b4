"""Promise 1: no address, no browser, no question of a contributor or a reader is ever written, anywhere."""

from __future__ import annotations

import gzip
import os
import sqlite3
import subprocess
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from storyhub.config import Settings
from storyhub.models.solidarity import Solidarity
from storyhub.protection import identifiers
from tests.journeys.steps import command, look_up, state_on
from tests.makers import Maker
from tests.pages import PagesClient, receipt_shown
from tests.visiting import CANARY, CLAIMED, HEADERS, QUESTION, TRACES


def traces_in(folder: Path, traces: list[bytes] = TRACES) -> list[str]:
    """Where something of a visitor was left behind, in any file, opened up where it is packed."""
    found = []
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            data = path.read_bytes()
            if data[:2] == b"\x1f\x8b":
                data += gzip.decompress(data)
            if data[:5] == b"PGDMP":
                data += subprocess.run(["pg_restore", "--file=-", path], capture_output=True, check=True).stdout
            found += [f"{trace!r} in {path.name}" for trace in traces if trace.lower() in data.lower()]
    return found


def dumped(session: Session) -> bytes:
    """All that the database holds, whichever it is."""
    session.commit()
    rows = []
    for name in sa.inspect(session.connection()).get_table_names():
        rows += [repr(tuple(row)) for row in session.execute(sa.text(f'SELECT * FROM "{name}"'))]
    session.commit()
    return "\n".join(rows).encode()


def files_of_postgresql(session: Session) -> Path | None:
    """Where the server keeps its tables, its write-ahead log and its own log, if that can be read here."""
    bind = session.get_bind()
    if bind.dialect.name == "sqlite":
        return None
    session.connection().exec_driver_sql("CHECKPOINT")
    folder = Path(session.connection().exec_driver_sql("SHOW data_directory").scalar_one())
    session.commit()
    return folder if os.access(folder / "pg_wal", os.R_OK) else None


def test_a_story_can_be_traced_to_nobody(
    app: Flask,
    settings: Settings,
    make: Maker,
    session: Session,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """
    Given somebody whose every request carries marks,
    when they tell a story and it goes through its whole life, and pages break, refuse and time out on the way,
    then not one mark is in any file, table, log or backup.
    """
    client = app.test_client()
    assert isinstance(client, PagesClient)
    for name, value in HEADERS.items():
        client.environ_base[f"HTTP_{name.upper().replace('-', '_')}"] = value
    client.environ_base["REMOTE_ADDR"] = CLAIMED
    client.set_cookie("tracking", f"{CANARY}-cookie", domain="127.0.0.1")

    form = client.open_page(f"/share?from={QUESTION}").form("/share").fill(text="Somebody followed me home last May.")
    sending = form.send().form("/share/send")
    receipt = receipt_shown(sending.send())
    story = session.scalars(sa.select(make.story().__class__)).first()
    assert story is not None
    for path in (
        "/",
        f"/search?q={QUESTION}",
        f"/nothing/{QUESTION}",
        "/receipt",
        "/leave",
        "/%00",
        f"/?theme={QUESTION}",
    ):
        client.get(path)
    client.post("/share", data={"text": "x" * 3_000_000})
    client.post(f"/share?{QUESTION}", data=b"\xff\xfe", content_type="application/x-www-form-urlencoded")
    look_up(client, receipt)
    client.delete_cookie("storyhub", domain="127.0.0.1")
    assert sending.send(status=None).status == 400
    make.release()
    for one in session.scalars(sa.select(story.__class__)).all():
        make.publish(one)
    for button in ("kind=heard", "kind=me_too"):
        told = client.open_page(f"/stories/{identifiers.shown(one.id)}?{QUESTION}")
        assert told.form("/solidarity").send(button).heading == "Thank you"
        client.post(f"{told.path}/solidarity?{QUESTION}", data={"kind": button.removeprefix("kind=")})
    session.commit()
    assert session.scalar(sa.select(sa.func.sum(Solidarity.waiting))) == 2, "counted, and nothing else of it is there"
    backup = tmp_path / "backup"
    backup.mkdir()
    command(app, "backup", str(backup / "everything"))
    assert (
        state_on(
            look_up(client, receipt).form("/receipt/withdrawal").send().form("/receipt/withdrawal").send("step=sure")
        )
        == "withdrawn"
    )
    command(app, "retention", "purge")

    assert traces_in(settings.instance) == []
    assert traces_in(settings.volatile) == []
    assert traces_in(backup) == []
    if folder := files_of_postgresql(session):
        # Four bytes that happen to be an address are found in megabytes of anything.
        assert traces_in(folder, [trace for trace in TRACES if len(trace) > 4]) == []
    assert not [trace for trace in TRACES if trace in dumped(session)]
    said = (caplog.text + "".join(capfd.readouterr())).encode()
    assert not [trace for trace in TRACES if trace.lower() in said.lower()]
    assert receipt.encode() not in dumped(session) + said, "the receipt itself is kept nowhere"


def test_when_even_the_error_page_breaks_the_log_tells_no_address_and_no_word(
    client: PagesClient, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Flask by itself would write down what was asked for."""

    def fail(*_: object, **__: object) -> None:
        raise ValueError(CANARY)

    monkeypatch.setattr("storyhub.errors.page", fail)
    with pytest.raises(ValueError):
        client.get(f"/{QUESTION}")
    assert "an error's page could not be made: ValueError" in caplog.text
    assert CANARY not in caplog.text


def test_jobs_keep_no_time_of_a_telling(app: Flask, client: PagesClient, settings: Settings) -> None:
    """Promise 6: a job that waits must not tell when, within a day, somebody sent."""
    form = client.open_page("/share").form("/share").fill(text="Nobody believed me at the clinic.").send()
    form.form("/share/send").send()
    path = settings.instance / "jobs.sqlite"
    if path.exists():
        with sqlite3.connect(path) as jobs:
            for (table,) in jobs.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
                assert jobs.execute(f'SELECT count(*) FROM "{table}"').fetchone() == (0,), table
