"""Coding by selecting words and by keys alone, in a real browser."""

from __future__ import annotations

import time
from functools import partial

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page, expect

from storyhub.models.theme import Coding
from storyhub.protection.identifiers import shown
from tests.browsing import RunningServer, eventually, leads_on
from tests.conftest import sealed_session_of

pytestmark = pytest.mark.browser

FAMILY = "👩\u200d👩\u200d👧"
WORDS = f"Kwame 😀{FAMILY} waited.\nHe followed me 😀 home.\n\nقالت لي سلمى."
SELECT = """([from, to]) => {
  const range = document.createRange();
  const walker = document.createTreeWalker(document.getElementById("story"), NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode;
    if (node.data.includes(from)) range.setStart(node, node.data.indexOf(from));
    if (node.data.includes(to)) range.setEnd(node, node.data.indexOf(to) + to.length);
  }
  getSelection().removeAllRanges();
  getSelection().addRange(range);
}"""


def test_words_after_an_emoji_are_marked_and_undone_by_keys(page: Page, server: RunningServer) -> None:
    from axe_playwright_python.sync_playwright import Axe

    server.session.rollback()
    for slug, name in (("way-home", "On the way home"), ("at-night", "At night")):
        server.make.theme(slug, name)
    story = server.make.story(WORDS, state="published")
    version_id, address = story.newest.id, f"{server.url}/organise/coding/{shown(story.id)}"
    app = server.make.app
    sealed = sealed_session_of(app, server.make.organiser(f"Ola {time.time_ns()}"))
    server.session.rollback()
    page.context.add_cookies([{"name": app.config["SESSION_COOKIE_NAME"], "value": sealed, "url": server.url}])

    def passages() -> list[str]:
        server.session.rollback()
        rows = server.session.scalars(sa.select(Coding).filter_by(version_id=version_id).order_by(Coding.start))
        found = [WORDS[one.start : one.end] for one in rows]
        server.session.rollback()
        return found

    page.goto(address)
    page.keyboard.press("f")
    page.keyboard.type("WAY h")
    page.keyboard.press("Enter")
    expect(page.locator("#theme-way-home")).to_be_checked()
    page.evaluate(SELECT, ["followed", "home"])
    expect(page.locator("input[name=spans]")).not_to_have_value("")
    with leads_on(page):
        page.keyboard.press("m")
    expect(page.locator("mark.coded").first).to_be_visible()
    assert passages() == ["followed me 😀 home"]
    # A second one, after and across what is marked: the drawn numbers are not counted as words.
    page.locator("#theme-at-night").check()
    page.evaluate(SELECT, [" home", "سلمى"])
    expect(page.locator("input[name=spans]")).not_to_have_value("")
    with leads_on(page):
        page.keyboard.press("m")
    expect(page.locator("mark.coded[data-numbers='1 2']")).to_be_visible()
    assert passages() == ["followed me 😀 home", "home.\n\nقالت لي سلمى"]
    for width in (320, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        assert eventually(page, partial(page.evaluate, "width => innerWidth === width", width))
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    with leads_on(page):
        page.keyboard.press("u")
    expect(page.locator("mark.coded[data-numbers='1 2']")).to_have_count(0)
    assert passages() == ["followed me 😀 home"]
