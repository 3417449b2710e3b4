"""Two journeys in a real browser against the real server: on a desk in English, on a telephone in Arabic.

A picture of every page is kept in build/pictures, and axe looks over each of them.
"""

from __future__ import annotations

import re
import time

import pytest
import sqlalchemy as sa
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from storyhub.config import ROOT
from storyhub.models.queue import QueueItem
from storyhub.models.story import State, Story
from tests.browsing import RunningServer, press
from tests.makers import PASSWORD

pytestmark = pytest.mark.browser

PICTURES = ROOT / "build" / "pictures"
THUMB = 24  # pixels: WCAG 2.2, target size (minimum)
TOLD = "Every morning on the number 9 bus, Ben Miller stood too close.\n\nI said <stop it>. Nobody looked up."
TOLD_IN_ARABIC = "كل صباح في الحافلة رقم ٩ كان رجل يقف قريبا جدا.\n\nقلت له كفى، ولم ينظر أحد."


PUBLIC_PAGES = {
    "/themes": "themes",
    "/themes/buses": "theme",
    "/places": "places",
    "/places/KE": "place",
    "/search?q=bus": "search",
    "/support": "support",
    "/privacy": "privacy",
    "/policy": "policy",
    "/accountability": "accountability",
    "/nothing": "not-found",
}


class Eyes:
    """Looks at a page: keeps a picture, lets axe look for what shuts people out, and measures what must fit."""

    def __init__(self, page: Page, album: str) -> None:
        self.page, self.album, self.count = page, album, 0
        self.axe = Axe()
        PICTURES.mkdir(parents=True, exist_ok=True)

    def look(self, name: str) -> None:
        self.count += 1
        self.page.wait_for_load_state("load")  # scripts that look at a page wait for nothing themselves
        self.page.screenshot(path=str(PICTURES / f"{self.album}-{self.count:02d}-{name}.png"), full_page=True)
        found = self.axe.run(self.page, options={"resultTypes": ["violations"]})
        assert found.violations_count == 0, f"{name} ({self.page.url}):\n{found.generate_report()}"
        assert self.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), (
            f"{name} has to be moved sideways"
        )
        assert self.page.evaluate("document.cookie") == "", "a script can read a cookie"


def come_in(page: Page, server: RunningServer, name: str, role: str) -> None:
    """By the one-time link that the command prints."""
    page.goto(server.command("people", "invite", name, "--role", role))
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("input[name=password_confirm]").fill(PASSWORD)
    press(page.locator("main form button").first)
    page.locator("input[name=code]").fill(server.command("people", "totp", name))
    press(page.locator("main form:has(input[name=code]) button").first)


def is_left_to_right(page: Page) -> list[float]:
    """Where each digit of the receipt stands on the screen, in the order in which the digits are read."""
    places: list[float] = page.evaluate(
        """() => {
            const places = [];
            const walker = document.createTreeWalker(document.querySelector('p.digits'), NodeFilter.SHOW_TEXT);
            while (walker.nextNode()) {
                const node = walker.currentNode;
                for (let i = 0; i < node.length; i++) {
                    if (!/[0-9]/.test(node.data[i])) continue;
                    const range = document.createRange();
                    range.setStart(node, i);
                    range.setEnd(node, i + 1);
                    const box = range.getBoundingClientRect();
                    places.push(box.top * 10000 + box.left);
                }
            }
            return places;
        }"""
    )
    return places


@pytest.fixture(autouse=True)
def an_empty_desk(server: RunningServer) -> None:
    """The server is shared: what other journeys left waiting would be handed out first."""
    server.session.rollback()
    # Written before anything is read: SQLite refuses to write on what its worker has changed since it was read.
    server.session.execute(sa.text("UPDATE stories SET revision = revision WHERE 1 = 0"))
    waits = sa.or_(Story.state == State.WAITING, Story.items.any(QueueItem.closed.is_(False)))
    for story in server.session.scalars(sa.select(Story).where(waits, Story.state != State.WITHDRAWN)):
        story.withdraw()
    server.session.commit()


def test_at_a_desk_in_english(server: RunningServer, page: Page, new_page: object) -> None:
    """
    Given a site with a theme,
    when somebody tells a story, a moderator hides a name in it and publishes it,
    then everybody can read it, and its contributor takes it back with the receipt.
    """
    server.make.theme("buses", "On buses and trains", arabic="في الحافلات والقطارات")
    eyes = Eyes(page, "desk")
    page.goto(server.url)
    eyes.look("front-empty")
    press(page.get_by_role("link", name="Share your story").first)
    eyes.look("share")
    page.locator("textarea[name=text]").fill(TOLD)
    press(page.get_by_role("button", name="Next"))
    eyes.look("check")
    expect(page.locator(".preview mark")).to_contain_text("Ben Miller")
    page.locator(".preview mark bdi").evaluate_all("said => said.forEach(one => one.remove())")  # why it is marked
    assert page.locator(".preview .told").inner_text().strip() == TOLD
    page.locator("select[name=country]").select_option("KE")
    page.locator("input[name=happened]").fill("2021-04")
    press(page.get_by_role("button", name="Send my story"))
    eyes.look("receipt")
    receipt = re.sub(r"\s", "", page.locator("p.digits").inner_text())
    assert re.fullmatch(r"[0-9]{20}", receipt)
    page.reload()  # the same form again: the same receipt
    assert re.sub(r"\s", "", page.locator("p.digits").inner_text()) == receipt

    desk = new_page(viewport={"width": 1280, "height": 900})  # type: ignore[operator]
    at_desk = Eyes(desk, "desk-moderator")
    come_in(desk, server, f"Ruth {time.time_ns()}", "moderator")
    desk.goto(f"{server.url}/desk/")
    at_desk.look("queue")
    press(desk.locator("form[action*='/desk/next'] button").first)
    expect(desk.locator("#story")).to_contain_text("stop it")
    at_desk.look("story")
    desk.locator("details:has(#redaction-words) > summary").first.click()
    desk.locator("#redaction-words").fill("Ben Miller")
    press(desk.get_by_role("button", name="Hide these words"))
    expect(desk.locator("#story")).not_to_contain_text("Ben Miller")
    at_desk.look("hidden")
    desk.locator("details:has(input[name=themes]) > summary").first.click()
    desk.locator("input[name=themes][value=buses]").check()
    at_desk.look("themes")
    press(desk.locator("form[action*='/publication'] button").last)
    at_desk.look("decided")

    page.goto(server.url)
    ours = page.locator(".h-entry", has_text="stop it").first  # others may have been released in the same minute
    expect(ours).to_be_visible()
    eyes.look("front")
    press(ours.locator("a.u-url").first)
    expect(page.locator(".e-content")).not_to_contain_text("Ben Miller")
    eyes.look("story")
    address = page.url
    for path, name in PUBLIC_PAGES.items():
        page.goto(server.url + path)
        eyes.look(name)

    page.goto(f"{server.url}/receipt")
    eyes.look("look-up")
    page.locator("input[name=receipt]").fill(receipt)
    press(page.locator("form[action$='/receipt'] button").first)
    expect(page.locator("[data-state]")).to_have_attribute("data-state", "published")
    eyes.look("state")
    press(page.get_by_role("button", name="Take my story back"))
    eyes.look("taking-back")
    press(page.get_by_role("button", name="Take it back for good"))
    expect(page.locator("[data-state]")).to_have_attribute("data-state", "withdrawn")
    eyes.look("taken-back")
    assert page.goto(address).status in (404, 410)  # type: ignore[union-attr]
    eyes.look("gone")


def test_on_a_telephone_in_arabic(server: RunningServer, phone: Page) -> None:
    """
    Given a telephone 360 pixels wide,
    when somebody tells a story in Arabic,
    then every page runs right to left and fits, and the receipt's digits are read from left to right.
    """
    server.make.story(TOLD_IN_ARABIC, state="published", language="ar", country="EG")
    eyes = Eyes(phone, "phone")
    phone.goto(f"{server.url}/ar/")
    assert phone.evaluate("getComputedStyle(document.body).direction") == "rtl"
    eyes.look("front")
    press(phone.locator("a[href='/ar/share']").first)
    eyes.look("share")
    leave = phone.locator("a.leave").bounding_box()
    assert leave is not None
    assert leave["height"] >= THUMB
    assert 0 <= leave["y"] <= 740, "the way out is in reach"
    phone.locator("textarea[name=text]").fill(TOLD_IN_ARABIC)
    press(phone.locator("main form button").first)
    expect(phone.locator("input[name=sealed]").first).to_be_attached()
    eyes.look("check")
    words = phone.locator(".preview .told p").first
    assert words.evaluate("node => getComputedStyle(node).direction") == "rtl"
    press(phone.locator("main form:has(input[name=sealed]) button").first)
    expect(phone.locator("p.digits")).to_be_visible()
    eyes.look("receipt")
    places = is_left_to_right(phone)
    assert len(places) == 20
    assert places == sorted(places), "read from left to right, line by line"
    assert phone.locator("p.digits").evaluate("node => getComputedStyle(node).direction") == "ltr"
    receipt = re.sub(r"\s", "", phone.locator("p.digits").inner_text())

    phone.goto(f"{server.url}/ar/receipt")
    eastern = receipt.translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩"))
    phone.locator("input[name=receipt]").fill(eastern)
    eyes.look("look-up")
    press(phone.locator("main form button").first)
    expect(phone.locator("[data-state]")).to_have_attribute("data-state", "waiting")
    eyes.look("state")
    for path, name in (("/ar/themes", "themes"), ("/ar/places", "places"), ("/ar/support", "support"),
                       ("/ar/search", "search"), ("/ar/policy", "policy"), ("/ar/nothing", "not-found")):  # fmt: skip
        phone.goto(server.url + path)
        eyes.look(name)


def test_eyes_see_what_shuts_people_out(page: Page) -> None:
    """Else finding nothing would mean nothing."""
    page.set_content("<!doctype html><html lang=en><title>x</title><main><h1>x</h1><input><img src=x></main>")
    with pytest.raises(AssertionError, match="label"):
        Eyes(page, "proof").look("proof")


def test_without_scripts_and_without_styles_everything_still_works(server: RunningServer, new_page: object) -> None:
    """
    Given a browser that runs no scripts,
    when somebody tells a story,
    then they get their receipt all the same.
    """
    plain = new_page(java_script_enabled=False, viewport={"width": 320, "height": 600})  # type: ignore[operator]
    plain.goto(f"{server.url}/share")
    plain.locator("textarea[name=text]").fill("He took my ticket and laughed.")
    press(plain.get_by_role("button", name="Next"))
    press(plain.get_by_role("button", name="Send my story"))
    assert re.fullmatch(r"[0-9]{20}", re.sub(r"\s", "", plain.locator("p.digits").inner_text()))


def test_leaving_is_one_press_away_and_leaves_no_way_back_to_the_page(server: RunningServer, page: Page) -> None:
    """
    Given somebody who is disturbed while they write,
    when they press Escape twice or the way out,
    then the page is gone at once, even before anything is loaded from elsewhere.
    """
    page.goto(f"{server.url}/share")
    page.locator("textarea[name=text]").fill("Somebody is coming.")
    link = page.locator("a.leave")
    assert link.get_attribute("href") == "/leave"
    assert "noreferrer" in (link.get_attribute("rel") or "")
    response = page.request.get(f"{server.url}/leave", max_redirects=0)
    assert response.status in (302, 303)
    assert response.headers["location"].startswith("https://")
    assert response.headers["referrer-policy"] == "no-referrer"
