"""A receipt in a real browser: copied by eye from an Arabic page, printed, copied, and used without scripts."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from storyhub import clock
from storyhub.models.question import Otherwise, propose_redaction
from storyhub.models.story import Story
from storyhub.protection import identifiers, receipts
from tests.browsing import RunningServer, press
from tests.journeys.test_in_a_browser import Eyes

WORDS = "Anna said it at the harbour, and nobody else was there."
TOLD_IN_ARABIC = "كنت في الحافلة رقم 7 عندما صرخ في وجهي، ولم يقل أحد شيئًا."

# What the eye sees: every digit on the page by where it stands, line by line and from left to right.
BY_EYE = """() => {
  const seen = [];
  const walker = document.createTreeWalker(document.querySelector('.receipt'), NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode;
    for (let i = 0; i < node.length; i++) {
      if (!/\\p{Nd}/u.test(node.data[i])) continue;
      const range = document.createRange();
      range.setStart(node, i);
      range.setEnd(node, i + 1);
      const box = range.getBoundingClientRect();
      seen.push({digit: node.data[i], line: Math.round(box.top / 10), at: box.left});
    }
  }
  seen.sort((one, other) => one.line - other.line || one.at - other.at);
  return seen.map(one => one.digit).join('');
}"""


PAGE_RULES = """[...document.styleSheets].flatMap(sheet => [...sheet.cssRules])
  .filter(rule => rule instanceof CSSPageRule).map(rule => rule.cssText).join()"""


def tell(page: Page, url: str, words: str) -> None:
    page.goto(url)
    page.locator("textarea[name=text]").fill(words)
    press(page.locator("main form button").first)
    press(page.locator("main form:has(input[name=sealed]) button").first)
    expect(page.locator("p.digits")).to_be_visible()


def look_up(page: Page, url: str, receipt: str) -> None:
    page.goto(url)
    page.locator("input[name=receipt]").fill(receipt)
    press(page.locator("main form button").first)


def test_the_digits_are_copied_by_eye_from_an_arabic_page(server: RunningServer, phone: Page) -> None:
    """
    Given somebody who told a story in Arabic on a telephone,
    when they copy the receipt in the order in which their eyes meet the digits,
    then the last group is the one that is asked for, and the look-up finds the story.
    """
    tell(phone, f"{server.url}/ar/share", TOLD_IN_ARABIC)
    assert phone.evaluate("getComputedStyle(document.body).direction") == "rtl"
    copied: str = phone.evaluate(BY_EYE)
    assert receipts.read(copied) == copied
    phone.locator("input[name=last]").fill(copied[-4:].translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")))
    press(phone.locator("form.kept button").first)
    expect(phone.locator("p.digits")).to_have_count(0)
    assert copied[-4:] not in phone.locator("main").inner_text()
    eastern = " ".join(receipts.groups(copied)).translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩"))
    look_up(phone, f"{server.url}/ar/receipt", eastern)
    expect(phone.locator("[data-state]")).to_have_attribute("data-state", "waiting")


@pytest.mark.parametrize("path", ["/share", "/ar/share"])
def test_on_paper_the_digits_stand_alone(server: RunningServer, page: Page, path: str) -> None:
    """
    Given the page with a receipt,
    when it is printed,
    then whoever finds the paper sees twenty digits, and not what or where they are for.
    """
    tell(page, server.url + path, TOLD_IN_ARABIC)
    receipt = re.sub(r"\s", "", page.locator("p.digits").inner_text())
    expect(page.locator("[data-print] button")).to_be_visible()
    page.emulate_media(media="print")
    assert re.sub(r"\s", "", page.locator("body").inner_text()) == receipt
    assert page.title() in ("Receipt", "الإيصال")
    rules: str = page.evaluate(PAGE_RULES)
    assert re.search(r"@page receipt \{ margin: 0(px)?; \}", rules), "else browsers print the address in the margin"


def test_the_print_button_prints_and_the_copy_button_copies(server: RunningServer, new_page: Any) -> None:
    page = new_page(permissions=["clipboard-read", "clipboard-write"])
    page.add_init_script("window.print = () => { document.documentElement.dataset.printed = 'yes'; };")
    tell(page, f"{server.url}/share", WORDS)
    page.locator("[data-print] button").click()
    expect(page.locator("html")).to_have_attribute("data-printed", "yes")
    page.locator("[data-copy=receipt] button").click()
    expect(page.locator("[data-copy=receipt] [role=status]")).to_contain_text("Copied")
    shown = page.locator("p.digits").inner_text()
    assert re.sub(r"\s", "", page.evaluate("navigator.clipboard.readText()")) == re.sub(r"\s", "", shown)


def proposed(server: RunningServer) -> tuple[Story, str]:
    receipt, by = receipts.mint(), server.make.anybody()
    story = server.make.story(WORDS, receipt=receipt, title="The harbour")
    story.redact([(0, 4)], by=by, mark="[a name]")
    propose_redaction(
        story, None, by=by, answer_by=clock.today() + dt.timedelta(14), otherwise=Otherwise.WAIT, session=server.session
    )
    server.session.commit()
    return story, receipt


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_the_whole_way_of_a_receipt(server: RunningServer, new_page: Any, scripts: bool) -> None:
    """
    Given a story of which a moderator would hide a name,
    when its contributor agrees, changes it, changes what it may be used for, and takes it back,
    then each page does its one thing, fits on a telephone, and shuts nobody out.
    """
    story, receipt = proposed(server)
    page = new_page(viewport={"width": 320, "height": 640}, java_script_enabled=scripts)
    eyes = Eyes(page, "receipt") if scripts else None

    def look(name: str) -> None:
        if eyes:
            eyes.look(name)

    def go_on(label: str) -> None:
        press(page.get_by_role("button", name=label))

    look_up(page, f"{server.url}/receipt", receipt)
    look("asked")
    go_on("Look at it and answer")
    expect(page.locator(".side-by-side del").first).to_contain_text("Anna")
    look("redaction")
    go_on("I agree")
    expect(page.locator("[data-state]")).to_have_attribute("data-state", "published")
    look("agreed")
    go_on("Show my words and everything you hold")
    expect(page.locator("#held-story_versions")).to_contain_text("Anna said it")
    look("words")
    go_on("Change my story")
    page.locator("textarea[name=text]").fill(WORDS.replace("Anna", "A woman"))
    look("edit")
    go_on("Next")
    expect(page.locator(".preview")).to_contain_text("A woman said it")
    look("look-over")
    go_on("Send my changes")
    expect(page.locator("[role=status]").first).to_contain_text("Your changes have arrived")
    go_on("Change what my words may be used for")
    look("uses")
    page.locator("input[name=consent][value=research]").check()
    go_on("Keep this choice")
    go_on("Take my story back")
    look("taking-back")
    go_on("Take it back for good")
    expect(page.locator("[data-state]")).to_have_attribute("data-state", "withdrawn")
    look("taken-back")
    server.session.rollback()
    assert story.newest.text is None


def test_an_appeal_and_a_lost_receipt(server: RunningServer, page: Page) -> None:
    receipt = receipts.mint()
    story = server.make.decline(server.make.story(WORDS, receipt=receipt), letter="We read it.")
    eyes = Eyes(page, "receipt-more")
    look_up(page, f"{server.url}/receipt", receipt)
    eyes.look("declined")
    press(page.get_by_role("button", name="Ask somebody else to look again"))
    eyes.look("appeal")
    press(page.get_by_role("button", name="Ask for it"))
    eyes.look("appealed")
    server.session.rollback()
    assert story.open_appeal is not None
    public = server.make.publish(server.make.story(WORDS))
    page.goto(f"{server.url}/receipt")
    press(page.get_by_role("link", name="I lost my receipt"))
    page.locator("input[name=story]").fill(f"{server.url}/stories/{public.id}")
    eyes.look("lost")
    page.locator("textarea[name=words]").fill("The town is Pune.")
    press(page.get_by_role("button", name="Send it to the desk"))
    eyes.look("lost-unknown")
    page.locator("input[name=story]").fill(f"{server.url}/stories/{identifiers.shown(public.id)}")
    press(page.get_by_role("button", name="Send it to the desk"))
    expect(page.locator("p.digits")).to_be_visible()
    new: str = page.evaluate(BY_EYE)
    eyes.look("lost-sent")
    look_up(page, f"{server.url}/receipt", new)
    expect(page.locator("[data-state]")).to_have_attribute("data-state", "waiting")
    eyes.look("lost-state")
