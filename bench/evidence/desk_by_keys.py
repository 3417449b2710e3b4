"""`python -m bench.evidence.desk_by_keys`: fifty stories decided by keys alone, by taps, and without scripts.

Counts what is pressed for each decision, and how long the server took until the next story began to arrive: the answer
to the decision and the page after it, as the browser saw them.
"""

from __future__ import annotations

import os
import shutil
import statistics
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import sqlalchemy as sa
from flask import session as cookie
from flask_security import login_user
from playwright.sync_api import Browser, BrowserContext, Locator, Page, sync_playwright

from storyhub.extensions import db
from storyhub.models.people import Person
from storyhub.models.story import State, Story
from tests.browsing import RunningServer

STORIES = 50
PHONE = {"width": 360, "height": 740}
# Of ten stories in a row what is done about each; every fifth one is heavy, so that its words are opened first.
TEN = ("publish", "publish", "decline", "publish", "publish", "skip", "publish", "decline", "publish", "hold")
KEYS = {"publish": ("p",), "decline": ("d", "3", "Enter"), "skip": ("s",), "hold": ("h",)}
TOOK = """() => {
  const [page] = performance.getEntriesByType("navigation");
  return page.responseStart - (page.redirectStart || page.requestStart);
}"""


@dataclass
class Run:
    """What one way of working took: presses and milliseconds, by what was done."""

    presses: dict[str, list[int]] = field(default_factory=dict)
    milliseconds: dict[str, list[float]] = field(default_factory=dict)

    def add(self, act: str, presses: int, milliseconds: float) -> None:
        self.presses.setdefault(act, []).append(presses)
        self.milliseconds.setdefault(act, []).append(milliseconds)


def by_keys(page: Page, act: str) -> int:
    for key in KEYS[act]:
        page.keyboard.press(key)
    return len(KEYS[act])


def by_hand(page: Page, act: str) -> int:
    """By finger or mouse; a list is opened by one press, and chosen from by another."""
    if act == "decline":
        way = page.locator('form[action$="/decline"]')
        press(page, page.locator("details.way:has(form[action$='/decline']) > summary").first)
        way.locator("select").select_option("abuse")
        press(page, way.locator("button").last)
        return 4
    ending = {"publish": "/publication", "skip": "/skip", "hold": "/hold"}[act]
    press(page, page.locator(f'form[action$="{ending}"] > button').last)
    return 1


def press(page: Page, target: Locator) -> None:
    """By a finger where there is one: a narrow page is a phone's."""
    is_phone = (page.viewport_size or {"width": 0})["width"] == PHONE["width"]
    (target.tap if is_phone else target.click)()


def run(page: Page, server: RunningServer, work: Callable[[Page, str], int], open_words: Callable[[Page], int]) -> Run:
    lay(server)
    done = Run()
    page.goto(server.url + "/desk/")
    page.locator('form[action$="/desk/next"] button').first.click()
    for number in range(STORIES):
        page.wait_for_load_state()
        act = TEN[number % len(TEN)]
        presses = open_words(page) if page.locator("details.folded-words:not([open])").count() else 0
        here = page.url
        presses += work(page, act)
        page.wait_for_url(elsewhere_than(here))
        page.wait_for_load_state()
        done.add(act, presses, page.evaluate(TOOK))
    return done


def elsewhere_than(here: str) -> Callable[[str], bool]:
    return lambda url: url != here


def lay(server: RunningServer) -> None:
    """A desk with these stories alone; the last ten are there so that the last decision still leads to one."""
    server.session.rollback()
    for story in server.session.scalars(sa.select(Story).filter_by(state=State.WAITING)):
        story.withdraw()
    server.session.commit()
    for number in range(STORIES + 10):
        server.make.story(f"It was on the way home, for the {number}. time. " * 12, notes=["death"] * (number % 5 == 0))
    server.session.rollback()


def signed_in(context: BrowserContext, server: RunningServer, name: str) -> None:
    mark, app = server.make.moderator(name).fs_uniquifier, server.make.app
    server.session.rollback()
    with app.test_request_context():
        login_user(db.session.scalars(sa.select(Person).filter_by(fs_uniquifier=mark)).one())
        sealed = app.session_interface._sealer.seal(dict(cookie))  # type: ignore[attr-defined]
        db.session.rollback()
    context.add_cookies([{"name": app.config["SESSION_COOKIE_NAME"], "value": sealed, "url": server.url}])


def told(way: str, done: Run) -> None:
    for act, presses in done.presses.items():
        times = done.milliseconds[act]
        print(
            f"| {way} | {act} | {len(presses)} | {statistics.median(presses):g} | {max(presses)} "
            f"| {statistics.median(times):.0f} ms | {max(times):.0f} ms |"
        )


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="storyhub-desk-") as folder, sync_playwright() as playwright:
        program = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
        arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = playwright.chromium.launch(executable_path=program, args=arguments)
        server = served(Path(folder))
        print("| how | what | stories | presses, middle | most | server, middle | longest |")
        print("|---|---|---|---|---|---|---|")
        try:
            runs(browser, server)
        finally:
            server.stop()
            browser.close()


def runs(browser: Browser, server: RunningServer) -> None:
    def opened_by_key(page: Page) -> int:
        page.keyboard.press("w")
        return 1

    def opened_by_hand(page: Page) -> int:
        press(page, page.locator("details.folded-words > summary"))
        return 1

    ways = (
        ("keys alone", {"viewport": {"width": 1280, "height": 900}}, by_keys, opened_by_key),
        (
            "a phone, 360 px",
            {"viewport": PHONE, "has_touch": True, "is_mobile": True},
            by_hand,
            opened_by_hand,
        ),
        ("without scripts", {"java_script_enabled": False}, by_hand, opened_by_hand),
    )
    for number, (name, options, work, open_words) in enumerate(ways):
        context = browser.new_context(**options)  # type: ignore[arg-type]
        signed_in(context, server, f"Mina {number}")
        told(name, run(context.new_page(), server, work, open_words))
        context.close()


def served(folder: Path) -> RunningServer:
    (folder / "instance").mkdir(mode=0o700)
    server = RunningServer(
        folder / "instance",
        {
            "STORYHUB_INSTANCE": str(folder / "instance"),
            "STORYHUB_VOLATILE": str(folder / "memory"),
            "STORYHUB_RELEASE_MINUTES": "0",
            "STORYHUB_WORKERS": "1",
            "STORYHUB_SECRET_KEY": "for the evidence alone " * 3,
            "STORYHUB_RECEIPT_KEY": "for the evidence, another " * 3,
        },
    )
    server.start()
    return server


if __name__ == "__main__":
    main()
