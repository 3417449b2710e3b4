"""The way out in a real browser: how fast somebody is gone, what the screen shows until then, and what Back shows.

Beside the site stands another one, to which it leads: it answers when the test lets it, and notes what it is told.
"""

from __future__ import annotations

import datetime as dt
import os
import threading
from collections.abc import Callable, Iterator
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser, Error, Page, expect

from storyhub.models.site import Site, the_site
from tests.browsing import PATIENCE, RunningServer, eventually, leads_on
from tests.machine import Machine

pytestmark = pytest.mark.browser

TOLD = "A purple heron stood by while he shouted at me."
NewPage = Callable[..., Page]


class Elsewhere(ThreadingHTTPServer):
    """A site of somebody else's, which can keep everybody waiting."""

    daemon_threads = True

    def __init__(self) -> None:
        self.opened = threading.Event()
        self.opened.set()
        self.asked = threading.Event()
        self.told: list[dict[str, str]] = []
        super().__init__(("127.0.0.1", 0), Answer)
        self.url = f"http://localhost:{self.server_port}/"  # by another name: another site, as browsers see it


class Answer(BaseHTTPRequestHandler):
    server: Elsewhere

    def do_GET(self) -> None:
        if self.path == "/":
            self.server.told.append({name.lower(): value for name, value in self.headers.items()})
            self.server.asked.set()
        self.server.opened.wait(4 * PATIENCE)
        page = b"<!doctype html><title>Weather</title><h1>Sunny</h1>"
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(page)))
        self.end_headers()
        self.wfile.write(page)

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def elsewhere(server: RunningServer) -> Iterator[Elsewhere]:
    """Where the steward lets the way out lead, for this test."""
    there, before = Elsewhere(), the_site(server.session).leave_address
    lead_to(server, there.url)
    running = threading.Thread(target=there.serve_forever, args=(0.05,), daemon=True)
    running.start()
    yield there
    there.opened.set()
    there.shutdown()
    there.server_close()
    lead_to(server, before)


def lead_to(server: RunningServer, address: str) -> None:
    """Written before anything is read: what was read a moment ago may be older than what the server wrote since."""
    server.session.rollback()
    server.session.execute(sa.update(Site).values(leave_address=address))
    server.session.commit()


@pytest.fixture(params=[True, False], ids=["with scripts", "without scripts"])
def scripts(request: pytest.FixtureRequest) -> bool:
    found: bool = request.param
    return found


def write(page: Page, server: RunningServer) -> None:
    page.goto(f"{server.url}/share")
    page.locator("textarea[name=text]").fill(TOLD)
    with leads_on(page):
        page.get_by_role("button", name="Next").click()
    expect(page.get_by_role("button", name="Send my story")).to_be_visible()


def send(page: Page) -> str:
    """Send what was written; returns the receipt as it stands there."""
    with leads_on(page):
        page.get_by_role("button", name="Send my story").click()
    return page.locator("p.digits").inner_text()


def go_out(page: Page, elsewhere: Elsewhere) -> None:
    page.locator("a.leave").click()
    page.wait_for_url(elsewhere.url)


def wait_until_asked(page: Page, elsewhere: Elsewhere) -> None:
    """Until the browser has asked for the other site, though it has no answer yet."""
    assert eventually(page, elsewhere.asked.is_set), "the browser did not ask for the other site"


def go_back(page: Page) -> str:
    """All that the screen shows after Back; a browser's own page where it will not show ours again."""
    try:
        page.go_back()
    except Error as refused:
        if "ERR_CACHE_MISS" not in refused.message:
            raise
        page.wait_for_url("chrome-error://**")
    return f"{page.title()} {page.content()}"


@pytest.fixture(scope="module")
def as_people_have_it(browser: Browser, machine: Machine) -> Iterator[Browser]:
    """Chromium as it is outside tests: with the back/forward cache, which Playwright switches off."""
    launched = browser.browser_type.launch(
        executable_path=machine.chromium(),
        args=["--no-sandbox"] if os.geteuid() == 0 else [],
        ignore_default_args=["--disable-back-forward-cache"],
    )
    yield launched
    launched.close()


def test_the_page_goes_blank_under_the_finger_with_or_without_scripts(
    server: RunningServer, elsewhere: Elsewhere, new_page: NewPage, scripts: bool
) -> None:
    """
    Given somebody whose words stand on the screen,
    when they press the way out and the other site does not answer yet,
    then nothing of the page can be read any more, and the browser has already asked for the other one.
    """
    page = new_page(viewport={"width": 360, "height": 700}, java_script_enabled=scripts)
    write(page, server)
    elsewhere.opened.clear()
    for part in ("header", "main", "footer"):
        expect(page.locator(part)).to_have_css("visibility", "visible")
    page.locator("a.leave").hover()
    page.mouse.down()
    for part in ("header", "main", "footer"):
        expect(page.locator(part)).to_have_css("visibility", "hidden")
    page.mouse.up()
    wait_until_asked(page, elsewhere)
    elsewhere.opened.set()
    page.wait_for_url(elsewhere.url)
    expect(page.get_by_role("heading", name="Sunny")).to_be_visible()


def test_two_presses_of_escape_blank_the_page_and_its_title_before_the_next_one_has_come(
    server: RunningServer, elsewhere: Elsewhere, new_page: NewPage
) -> None:
    page = new_page()
    page.clock.set_fixed_time(dt.datetime(2026, 3, 5, tzinfo=dt.UTC))  # two presses are two within one second
    page.goto(f"{server.url}/share")
    # Told by the page itself: the browser answers no question from outside while it waits for the other site.
    page.evaluate(
        """() => requestAnimationFrame(function look() {
            const gone = getComputedStyle(document.body).visibility === "hidden" && document.title === "\\u200e";
            if (gone) console.log("blank"); else requestAnimationFrame(look);
        })"""
    )
    elsewhere.opened.clear()
    box = page.locator("textarea[name=text]")
    box.fill("Somebody is coming.")
    box.press("Escape")
    assert not page.evaluate("document.documentElement.classList.contains('leaving')"), "once is no wish to leave"
    assert not elsewhere.asked.is_set()
    with page.expect_console_message(lambda message: message.text == "blank"):
        box.press("Escape", no_wait_after=True)
    wait_until_asked(page, elsewhere)
    elsewhere.opened.set()
    page.wait_for_url(elsewhere.url)


def test_it_is_the_first_thing_that_keys_reach_and_hides_nothing_before_it_is_pressed(
    server: RunningServer, new_page: NewPage
) -> None:
    page = new_page(viewport={"width": 1280, "height": 700})
    page.goto(f"{server.url}/share")
    page.keyboard.press("Tab")
    expect(page.locator("a.leave"), "it is the first thing that Tab reaches").to_be_focused()
    expect(page.locator("main")).to_be_visible()
    page.keyboard.press("Tab")
    expect(page.locator("a.skip")).to_be_focused()


def test_the_next_site_learns_nothing_and_no_cookie_stays(
    server: RunningServer, elsewhere: Elsewhere, new_page: NewPage, scripts: bool
) -> None:
    page = new_page(java_script_enabled=scripts)
    write(page, server)
    assert page.context.cookies(server.url)
    go_out(page, elsewhere)
    assert eventually(page, lambda: page.context.cookies(server.url) == [])
    [told] = elsewhere.told
    assert "referer" not in told
    assert "origin" not in told


@pytest.mark.parametrize("has_sent", [True, False], ids=["from the receipt", "from the check"])
def test_back_shows_neither_words_nor_receipt(
    server: RunningServer, elsewhere: Elsewhere, as_people_have_it: Browser, scripts: bool, has_sent: bool
) -> None:
    """
    Given somebody who told a story, or looked it over,
    when they leave and another person presses Back, as often as there is something to go back to,
    then that person sees neither the words nor the receipt.

    In a window whose requests the tests don't touch: else Chromium would send a form again without asking.
    """
    page = as_people_have_it.new_page(java_script_enabled=scripts)
    page.set_default_timeout(PATIENCE * 1_000)
    write(page, server)
    receipt = send(page) if has_sent else None
    go_out(page, elsewhere)
    for _ in range(page.evaluate("history.length") - 2):
        shown = go_back(page)
        assert "purple heron" not in shown
        assert receipt is None or receipt[:4] not in shown
    page.close()


def test_with_scripts_the_page_that_was_left_is_not_in_the_history(
    server: RunningServer, elsewhere: Elsewhere, new_page: NewPage
) -> None:
    page = new_page()
    page.goto(f"{server.url}/support")
    page.goto(f"{server.url}/receipt")
    before = page.evaluate("history.length")
    go_out(page, elsewhere)
    assert page.evaluate("history.length") == before
    assert "Support" in go_back(page), "Back leads to what was open before; the page on support says so"


WINDOWS = [(320, 640), (360, 300), (640, 360), (320, 200), (1152, 700), (1600, 900)]
# Each thing that Tab reaches: where it lies, and where the way out does.
COVERED = """() => {
    const bar = document.querySelector(".way-out").getBoundingClientRect();
    const at = document.activeElement;
    if (at.closest(".way-out") || at === document.body) return null;
    const box = at.getBoundingClientRect();
    const seen = Math.min(box.bottom, innerHeight) - Math.max(box.top, 0);
    const under = Math.min(box.bottom, bar.bottom) - Math.max(box.top, bar.top);
    return under > 0 && under >= seen - 1 ? at.outerHTML.slice(0, 90) : null;
}"""

# Whether a page has been moved so far down, or to its end.
IS_THERE = "down => scrollY >= Math.min(down, document.documentElement.scrollHeight - innerHeight) - 1"


@pytest.mark.parametrize(("width", "height"), WINDOWS, ids=lambda size: str(size))
@pytest.mark.parametrize("path", ["/share", "/ar/support"])
def test_it_is_always_in_view_and_hides_nothing_that_has_the_focus(
    server: RunningServer, new_page: NewPage, path: str, width: int, height: int
) -> None:
    """320 by 200 is a window of 1280 by 800 made four times as large; 360 by 300 a phone whose keyboard is open."""
    page = new_page(viewport={"width": width, "height": height})
    page.goto(server.url + path)
    for down in (0, 400, 100_000):
        page.mouse.wheel(0, down)
        assert eventually(page, partial(page.evaluate, IS_THERE, down)), "it is moved in its own time"
        box = page.locator("a.leave").bounding_box()
        assert box is not None
        assert box["y"] >= 0
        assert box["y"] + box["height"] <= height
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width
        assert box["height"] >= 24, "WCAG 2.2, target size"
    last_words = page.evaluate(
        "() => [document.querySelector('footer').getBoundingClientRect().bottom,"
        " document.querySelector('.way-out').getBoundingClientRect().top]"
    )
    assert width >= 1152 or last_words[0] <= last_words[1] + 1, "at the end of a page the last words are above it"
    page.evaluate("scrollTo(0, 0)")
    for key in ["Tab"] * 25 + ["Shift+Tab"] * 25:  # down the page, and up again
        page.keyboard.press(key)
        assert eventually(page, lambda: page.evaluate(COVERED) is None, seconds=5), page.evaluate(COVERED)


# Whether the way out lies along the lower edge of what is seen, in its own size.
IS_IN_VIEW = """() => {
    const box = document.querySelector(".way-out").getBoundingClientRect(), seen = visualViewport;
    const gaps = [box.left - seen.offsetLeft, seen.offsetLeft + seen.width - box.right,
                  seen.offsetTop + seen.height - box.bottom];
    const height = box.height * seen.scale;
    return gaps.every(gap => Math.abs(gap) <= 0.5) && 44 <= height && height <= 52;
}"""


@pytest.mark.parametrize("scale", [2, 4])
def test_it_stays_in_view_in_its_own_size_when_two_fingers_make_the_page_larger(
    server: RunningServer, new_page: NewPage, scale: int
) -> None:
    page = new_page(viewport={"width": 360, "height": 700}, has_touch=True, is_mobile=True)
    page.goto(f"{server.url}/support")
    wire = page.context.new_cdp_session(page)
    wire.send("Emulation.setPageScaleFactor", {"pageScaleFactor": scale})
    assert eventually(page, lambda: page.evaluate("scale => visualViewport.scale > scale - 0.1", scale))
    assert eventually(page, lambda: page.evaluate("document.querySelector('.way-out').style.transform !== ''"))
    assert eventually(page, lambda: page.evaluate(IS_IN_VIEW)), "it lies along the lower edge, in its own size"
    wire.send("Emulation.setPageScaleFactor", {"pageScaleFactor": 1})
    assert eventually(page, lambda: page.evaluate("document.querySelector('.way-out').style.transform === ''"))


def test_in_forced_colours_it_has_an_edge_and_on_paper_it_is_not_there(
    server: RunningServer, new_page: NewPage
) -> None:
    page = new_page(viewport={"width": 360, "height": 700}, forced_colors="active")
    page.goto(f"{server.url}/support")
    edge = "getComputedStyle(document.querySelector('a.leave')).borderTopColor"
    assert page.evaluate(edge) not in ("rgba(0, 0, 0, 0)", "transparent")
    page.emulate_media(media="print")
    expect(page.locator("a.leave")).to_be_hidden()


def test_under_our_own_server_the_privacy_page_says_that_no_list_of_visits_is_kept(
    server: RunningServer, new_page: NewPage
) -> None:
    page = new_page()
    page.goto(f"{server.url}/privacy")
    expect(page.locator("main")).to_contain_text("This program keeps no list of visits.")
