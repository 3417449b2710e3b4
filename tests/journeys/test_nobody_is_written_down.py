"""Promise 1: no address, no browser, no question of a contributor or a reader is ever written, anywhere."""

from __future__ import annotations

import gzip
import http.client
import ipaddress
import re
import sqlite3
from pathlib import Path
from urllib.parse import urlencode

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from storyhub.config import Settings
from tests.browsing import RunningServer
from tests.journeys.steps import command, look_up, state_on
from tests.makers import Maker
from tests.pages import PagesClient, receipt_shown

ADDRESS = "203.0.113.77"
CANARY = "canaryxyzzy"
HEADERS = {
    "User-Agent": f"Mozilla/5.0 ({CANARY}-agent)",
    "Referer": f"https://{CANARY}-referrer.example/page",
    "X-Forwarded-For": f"{ADDRESS}, 198.51.100.23",
    "X-Real-IP": "203.0.113.78",
    "Forwarded": "for=203.0.113.79",
    "Via": f"1.1 {CANARY}-proxy",
    "Accept-Language": f"{CANARY}-language",
    "Sec-CH-UA": f'"{CANARY}-hints"',
    "Cookie": f"tracking={CANARY}-cookie",
    "X-Request-ID": f"{CANARY}-request",
    "From": f"{CANARY}@example.invalid",
}
QUESTION = f"{CANARY}question"
# As text, as the four bytes, as numbers, and as the network that a limit is counted for.
TRACES = [
    CANARY.encode(),
    b"203.0.113",
    b"198.51.100",
    ipaddress.ip_address(ADDRESS).packed,
    str(int(ipaddress.ip_address(ADDRESS))).encode(),
    f"{int(ipaddress.ip_address(ADDRESS)):x}".encode(),
]


def traces_in(folder: Path) -> list[str]:
    """Where something of a visitor was left behind, in any file, opened up where it is packed."""
    found = []
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            data = path.read_bytes()
            if data[:2] == b"\x1f\x8b":
                data += gzip.decompress(data)
            found += [f"{trace!r} in {path.name}" for trace in TRACES if trace.lower() in data.lower()]
    return found


def dumped(session: Session) -> bytes:
    """All that the database holds, whichever it is."""
    session.commit()
    rows = []
    for name in sa.inspect(session.connection()).get_table_names():
        rows += [repr(tuple(row)) for row in session.execute(sa.text(f'SELECT * FROM "{name}"'))]
    session.commit()
    return "\n".join(rows).encode()


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
        if name != "Cookie":
            client.environ_base[f"HTTP_{name.upper().replace('-', '_')}"] = value
    client.environ_base["REMOTE_ADDR"] = ADDRESS
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
    backup = tmp_path / "backup"
    backup.mkdir()
    command(app, "backup", str(backup / "everything"))
    assert state_on(look_up(client, receipt).form("/receipt/withdrawal").send()) == "withdrawn"
    command(app, "retention", "purge")

    assert traces_in(settings.instance) == []
    assert traces_in(settings.volatile) == []
    assert traces_in(backup) == []
    assert not [trace for trace in TRACES if trace in dumped(session)]
    said = (caplog.text + "".join(capfd.readouterr())).encode()
    assert not [trace for trace in TRACES if trace.lower() in said.lower()]
    assert receipt.encode() not in dumped(session) + said, "the receipt itself is kept nowhere"


class Visitor:
    """Somebody at the real server, with all the marks that a browser or a proxy would leave."""

    def __init__(self, port: int) -> None:
        self.port, self.cookies = port, ""

    def ask(self, method: str, path: str, fields: dict[str, str] | None = None, body: bytes | None = None) -> str:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        headers = {**HEADERS, "Cookie": f"{HEADERS['Cookie']}; {self.cookies}", "Host": f"127.0.0.1:{self.port}"}
        if fields is not None:
            body = urlencode(fields).encode()
            headers["Content-Type"] = "application/x-www-form-urlencoded"
            headers["Referer"] = f"http://127.0.0.1:{self.port}/share?{CANARY}"
        connection.request(method, path, body=body, headers=headers)
        response = connection.getresponse()
        if cookie := response.getheader("Set-Cookie"):
            self.cookies = cookie.partition(";")[0]
        text = response.read().decode()
        connection.close()
        return text


@pytest.fixture
def visitor(server: RunningServer) -> Visitor:
    return Visitor(server.port)


@pytest.mark.slow
def test_the_real_server_writes_nothing_about_its_visitors(server: RunningServer, visitor: Visitor) -> None:
    """
    Given the production server as it is shipped,
    when somebody reads, searches, tells and makes mistakes there,
    then nothing of them is in its log, its database, its write-ahead log, its jobs or its memory.
    """
    page = visitor.ask("GET", f"/share?{QUESTION}=1")
    fields = {name: html_value(page, name) for name in ("csrf_token",)}
    checked = visitor.ask("POST", "/share", {**fields, "text": "Somebody took my picture on the stairs."})
    sent = {name: html_value(checked, name) for name in ("csrf_token", "sealed")}
    answer = visitor.ask(
        "POST", "/share/send", {**sent, "text": "Somebody took my picture on the stairs.", "wish": "publish"}
    )
    assert 'class="digits"' in answer
    for path in (
        "/",
        f"/search?q={QUESTION}",
        f"/{QUESTION}",
        "/feed.atom",
        f"/api/v1/stories?q={QUESTION}",
        "/healthz",
    ):
        visitor.ask("GET", path)
    visitor.ask("POST", f"/share?{QUESTION}", body=b"\xff" * 100)
    visitor.ask("BREW", f"/{QUESTION}")
    assert traces_in(server.instance.parent) == []


def html_value(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found, f"no {name} on the page"
    return found[1]


def test_jobs_keep_no_time_of_a_telling(app: Flask, client: PagesClient, settings: Settings) -> None:
    """Promise 6: a job that waits must not tell when, within a day, somebody sent."""
    form = client.open_page("/share").form("/share").fill(text="Nobody believed me at the clinic.").send()
    form.form("/share/send").send()
    path = settings.instance / "jobs.sqlite"
    if path.exists():
        with sqlite3.connect(path) as jobs:
            for (table,) in jobs.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
                assert jobs.execute(f'SELECT count(*) FROM "{table}"').fetchone() == (0,), table
