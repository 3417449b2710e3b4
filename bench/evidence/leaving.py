"""`python -m bench.evidence.leaving`: how fast the way out is, in numbers and in a real Chromium.

The yardstick is a bare Flask application that answers 303 and does nothing else, on the same server program. Beside
them runs a stand-in for the site to which people leave, whose first byte can be late.
"""

from __future__ import annotations

import contextlib
import http.client
import shutil
import sqlite3
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from flask import Flask, Response
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright

from bench.load import Server, free_port, running

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
GRANIAN = ("--interface", "wsgi", "--http", "1", "--no-ws", "--blocking-threads", "24", "--workers", "1")
REQUESTS = 500
PRESSES = 15
LATE = 3.0  # seconds until the late site's first byte

bare = Flask(__name__)


@bare.get("/leave")
def _plain_303() -> Response:
    return Response(status=303, headers={"Location": "https://www.wikipedia.org/"})


@bare.get("/")
def _there() -> str:
    return "ok"


class StandIn(ThreadingHTTPServer):
    """A site of somebody else's."""

    daemon_threads = True

    def __init__(self) -> None:
        self.late = 0.0
        self.asked_at = 0.0
        super().__init__(("127.0.0.1", 0), _StandInAnswer)
        self.url = f"http://localhost:{self.server_port}/"


class _StandInAnswer(BaseHTTPRequestHandler):
    server: StandIn

    def do_GET(self) -> None:
        if self.path == "/":
            self.server.asked_at = time.perf_counter()
            time.sleep(self.server.late)
        page = b"<!doctype html><title>Weather</title><h1>Sunny</h1>"
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(page)))
        self.end_headers()
        with contextlib.suppress(BrokenPipeError):  # the window may be closed again
            self.wfile.write(page)

    def log_message(self, *_: object) -> None:
        pass


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="storyhub-leaving-") as folder:
        ours, plain = free_port(), free_port()
        settings = {"STORYHUB_INSTANCE": folder, "STORYHUB_WORKERS": "1", "PORT": str(ours)}
        served = running([BIN / "flask", "serve", "--demo"], ROOT, settings, ours)
        command: list[str | Path] = [
            BIN / "granian",
            "--no-log",
            *GRANIAN,
            "--port",
            str(plain),
            "bench.evidence.leaving:bare",
        ]
        with served as site, running(command, ROOT, {}, plain) as yardstick:
            site.ask("/")
            report_answers(site, yardstick, Path(folder) / "storyhub.sqlite")
            report_presses(site, Path(folder) / "storyhub.sqlite")


def report_answers(site: Server, yardstick: Server, database: Path) -> None:
    """Each in turn, several times, so that what else the machine does falls on all alike."""
    rows: dict[str, list[list[float]]] = {}
    for _round in range(3):
        rows.setdefault("a plain 303, bare Flask", []).append(answers(yardstick))
        rows.setdefault("`/leave`", []).append(answers(site))
        with being_written(database):
            rows.setdefault("`/leave` while the database is being written", []).append(answers(site))
    base = statistics.median(map(statistics.median, rows["a plain 303, bare Flask"]))
    print(f"\nOne connection, {REQUESTS} requests, the middle of 3 rounds.\n")
    print("| answer | middle | 99 of 100 | ratio |\n|---|---|---|---|")
    for name, rounds in rows.items():
        taken = sorted(rounds, key=statistics.median)[1]
        middle, worst = statistics.median(taken), statistics.quantiles(taken, n=100)[98]
        print(f"| {name} | {middle:.2f} ms | {worst:.2f} ms | {middle / base:.1f} |")


def answers(server: Server) -> list[float]:
    """Milliseconds until each answer was there, with the cookie's header as a contributor's browser sends it."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    taken = []
    for _number in range(REQUESTS):
        begun = time.perf_counter()
        connection.request("GET", "/leave", headers={"Sec-Fetch-Site": "same-origin", "Cookie": "storyhub=x"})
        answer = connection.getresponse()
        answer.read()
        taken.append(1000 * (time.perf_counter() - begun))
        if answer.status != 303:
            raise SystemExit(f"/leave answered {answer.status}")
    connection.close()
    return taken


@contextlib.contextmanager
def being_written(database: Path) -> Iterator[None]:
    """Somebody else's transaction, which holds SQLite's one lock for writing."""
    holding = sqlite3.connect(database, isolation_level=None)
    holding.execute("BEGIN IMMEDIATE")
    yield
    holding.execute("ROLLBACK")
    holding.close()


def report_presses(site: Server, database: Path) -> None:
    elsewhere = StandIn()
    threading.Thread(target=elsewhere.serve_forever, args=(0.05,), daemon=True).start()
    with sqlite3.connect(database, timeout=30) as told:
        told.execute("UPDATE site SET leave_address = ?", (elsewhere.url,))
    print(f"\nIn Chromium, from the press until …; the middle of {PRESSES} presses (longest).\n")
    print("| | the page is blank | the other site is asked | its page is there |\n|---|---|---|---|")
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        for late in (0.0, LATE):
            elsewhere.late = late
            for scripts in (True, False):
                how = "with scripts" if scripts else "without scripts"
                report_row(f"{how}, first byte after {late:g} s", site, elsewhere, browser, scripts, press)
        elsewhere.late = 0.0
        report_row("Escape twice, first byte after 0 s", site, elsewhere, browser, True, escape)
        browser.close()
    elsewhere.shutdown()


def report_row(
    name: str, site: Server, elsewhere: StandIn, browser: Browser, scripts: bool, go: Callable[[Page], None]
) -> None:
    blank: list[float] = []
    asked: list[float] = []
    there: list[float] = []
    for _number in range(PRESSES):
        page = browser.new_page(java_script_enabled=scripts, viewport={"width": 360, "height": 700})
        page.goto(f"http://127.0.0.1:{site.port}/share")
        box = page.locator("a.leave").bounding_box() or {"x": 0, "y": 0}
        page.mouse.move(box["x"] + 40, box["y"] + 20)
        messages = told_by(page)
        if scripts:
            page.evaluate(
                """() => requestAnimationFrame(function look() {
                    const one = document.querySelector("main");
                    if (one && getComputedStyle(one).visibility === "hidden") console.log(String(Date.now()));
                    else requestAnimationFrame(look);
                })"""
            )
        begun, begun_by_clock = time.perf_counter(), 1000 * time.time()
        go(page)
        page.wait_for_url(elsewhere.url, wait_until="commit")
        there.append(1000 * (time.perf_counter() - begun))
        asked.append(1000 * (elsewhere.asked_at - begun))
        blank.extend(float(message.text) - begun_by_clock for message in messages[:1])
        page.close()
    print(f"| {name} | {told(blank)} | {told(asked)} | {told(there)} |")


def told_by(page: Page) -> list[ConsoleMessage]:
    """What the page says from now on, as it comes."""
    messages: list[ConsoleMessage] = []
    page.on("console", lambda message: messages.append(message))
    return messages


def press(page: Page) -> None:
    page.mouse.down()
    page.mouse.up()


def escape(page: Page) -> None:
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")


def told(taken: list[float]) -> str:
    return f"{statistics.median(taken):.0f} ms ({max(taken):.0f})" if taken else "at the press, by its style"


if __name__ == "__main__":
    main()
