"""The real server and a real browser, for journeys: what they do takes its time, and tests wait for it.

A browser does in its own time what it is told: a page that is seen may still be without its styles and scripts, and
what a press of a key begins is over later. So no test looks at once at what it caused. It says `with leads_on(page)`
around what opens another page, `expect(…)` of what stands on one, and `eventually(…)` of all else.
"""

from __future__ import annotations

import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, Route, expect, sync_playwright
from sqlalchemy import event
from sqlalchemy.orm import Session

from storyhub import create_app
from storyhub.config import ROOT, Settings, read_settings
from tests.machine import STARTS_IN_SECONDS, Machine, free_port, looking_engine, wait_for_port
from tests.makers import Maker

PICTURES = ROOT / "build" / "pictures"

# For which something may be awaited: to be patient costs nothing, as whoever waits goes on as soon as it is there.
PATIENCE = 60.0  # seconds
LOOKS_AGAIN = 50  # milliseconds
QUIET_SECONDS = 1.0
MOST_QUIET_SECONDS = 10.0
# By a pattern Playwright itself lets our own requests through: while a test is busy, none of them has to wait for it.
ELSEWHERE = re.compile(r"^(?!https?://(127\.0\.0\.1|localhost)(:\d+)?(/|$))")

expect.set_options(timeout=PATIENCE * 1_000)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whatever opens a browser is marked so, and is run once more where it fails: docs/decisions/0021-browsers.md."""
    for item in items:
        if "browser" in getattr(item, "fixturenames", ()):
            item.add_marker("browser")
        if item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.flaky(reruns=1))


@contextmanager
def leads_on(page: Page) -> Iterator[None]:
    """What is done within opens another page, or the same anew: until that is here, with its styles and scripts."""
    with page.expect_event("load"):
        yield


def press(button: Locator) -> None:
    """Press what opens another page, and wait for that."""
    with leads_on(button.page):
        button.click()


def eventually(page: Page | None, holds: Callable[[], object], seconds: float = PATIENCE) -> bool:
    """Whether it holds within so many seconds. A page lives on meanwhile, which it would not during time.sleep."""
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            return False
        if page is None:
            time.sleep(LOOKS_AGAIN / 1_000)
        else:
            page.wait_for_timeout(LOOKS_AGAIN)
    return True


def wait_for_quiet(settings: Settings) -> None:
    """Wait until nothing was written for a while: a worker that has just started begins with a night's work.

    On SQLite whoever reads and then writes in one transaction is refused when somebody else wrote in between, and
    tests make what they need in that way.
    """
    if not settings.on_sqlite:
        return
    with closing(sqlite3.connect(settings.instance / "storyhub.sqlite")) as connection:
        seen, since = None, time.monotonic()
        end = since + MOST_QUIET_SECONDS
        while time.monotonic() < min(since + QUIET_SECONDS, end):
            version = connection.execute("PRAGMA data_version").fetchone()
            if version != seen:
                seen, since = version, time.monotonic()
            time.sleep(0.05)


def queue_up_to_write(engine: sa.Engine) -> None:
    """Let go of what was read before something is written, and wait for whoever writes.

    On SQLite whoever reads and then writes in one transaction is refused when somebody else wrote in between, and the
    worker of a running server may do so at any time.
    """
    if engine.dialect.name != "sqlite":
        return

    def queue_up(connection: sa.Connection) -> None:
        if not connection.info.get("writes"):
            driver: Any = connection.connection.driver_connection
            driver.execute("COMMIT")
            driver.execute("BEGIN IMMEDIATE")
            connection.info["writes"] = True

    @event.listens_for(engine, "before_cursor_execute")
    def before(connection: sa.Connection, _cursor: Any, statement: str, *_: Any) -> None:
        if statement.lstrip()[:6].upper() in ("INSERT", "UPDATE", "DELETE"):
            queue_up(connection)

    event.listen(engine, "savepoint", lambda connection, _name: queue_up(connection))
    for ending in ("begin", "commit", "rollback"):
        event.listen(engine, ending, lambda connection: connection.info.pop("writes", None))


class RunningServer:
    """The production server in a process of its own, with an instance of its own, as `make run` starts it."""

    def __init__(self, instance: Path, environ: dict[str, str]) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.instance = instance
        self.environ = {
            **{name: value for name, value in os.environ.items() if not name.startswith("STORYHUB_")},
            **environ,
            "HOST": "127.0.0.1",
            "PORT": str(self.port),
        }
        self.log = instance / "server.log"

    def start(self) -> None:
        with self.log.open("ab") as log:
            self._running = subprocess.Popen(
                [sys.executable, "-m", "flask", "serve"], cwd=ROOT, env=self.environ, stdout=log, stderr=log
            )
        try:
            wait_for_port(self.port, self._running)
        except RuntimeError:
            self._running.kill()
            raise
        self.settings = read_settings(self.environ)
        wait_for_quiet(self.settings)
        self.engine = looking_engine(self.settings.database_url)
        queue_up_to_write(self.engine)
        self.session = Session(self.engine)
        self.make = Maker(self.session, self.settings.receipt_key, create_app(self.settings))

    def command(self, *words: str) -> str:
        """Run `flask …` on this instance and return what it prints."""
        self.session.commit()
        done = subprocess.run(
            [sys.executable, "-m", "flask", *words],
            cwd=ROOT,
            env=self.environ,
            capture_output=True,
            text=True,
            timeout=STARTS_IN_SECONDS,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def stop(self) -> int:
        """Stop it as Ctrl-C would; returns its exit code."""
        self.session.close()
        self.engine.dispose()
        self._running.send_signal(signal.SIGINT)
        return self._running.wait(STARTS_IN_SECONDS)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory, machine: Machine) -> Iterator[RunningServer]:
    """The real production server on a free port; server.url, server.make, server.session, server.command(…)."""
    folder = tmp_path_factory.mktemp("served")
    environ = {
        "STORYHUB_INSTANCE": str(folder / "instance"),
        "STORYHUB_VOLATILE": str(folder / "memory"),
        "STORYHUB_RELEASE_MINUTES": "0",
        "STORYHUB_WORKERS": "1",
        "STORYHUB_SECRET_KEY": "for the served tests alone " * 3,
        "STORYHUB_RECEIPT_KEY": "for the served tests, another " * 3,
    }
    (folder / "instance").mkdir(mode=0o700)
    del machine
    running = RunningServer(folder / "instance", environ)
    running.start()
    yield running
    assert running.stop() == 0, running.log.read_text()


@pytest.fixture(scope="session")
def browser(machine: Machine) -> Iterator[Browser]:
    program = machine.chromium()
    with sync_playwright() as playwright:
        arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
        launched = playwright.chromium.launch(executable_path=program, args=arguments)
        yield launched
        launched.close()


@pytest.fixture
def new_page(browser: Browser) -> Iterator[Callable[..., Page]]:
    """new_page(viewport=…, locale=…): a window of its own, which may speak to this machine and to nobody else."""
    asked_elsewhere: list[str] = []
    complaints: list[str] = []
    windows = []

    def guard(route: Route) -> None:
        asked_elsewhere.append(route.request.url)
        route.abort()

    def listen(message: ConsoleMessage) -> None:
        # That a page has an error's status is told here too; but nothing may be refused by the policy, no script fail.
        if message.type == "error" and "the server responded with a status of" not in message.text:
            complaints.append(message.text)

    def make_page(**options: Any) -> Page:
        context = browser.new_context(**options)
        windows.append(context)
        context.route(ELSEWHERE, guard)
        page = context.new_page()
        page.set_default_timeout(PATIENCE * 1_000)
        page.on("console", listen)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        return page

    yield make_page
    for window in windows:
        window.close()
    assert not asked_elsewhere, f"pages asked other hosts: {asked_elsewhere}"
    assert not complaints, f"the browser complained: {complaints}"


@pytest.fixture
def page(new_page: Callable[..., Page]) -> Page:
    """A desktop window in English."""
    return new_page(viewport={"width": 1280, "height": 900}, locale="en-GB")


@pytest.fixture
def phone(new_page: Callable[..., Page]) -> Page:
    """A phone, 360 pixels wide, in Arabic."""
    return new_page(viewport={"width": 360, "height": 740}, locale="ar", has_touch=True, is_mobile=True)
