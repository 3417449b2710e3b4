"""Strings that try to run as script, through every field that is shown: none runs, none is lost.

They are rendered by the real server in a real Chromium: once as it is, where a listener hears every report of the
content security policy, and once with the policy taken off, where escaping has to hold alone.
"""

from __future__ import annotations

import csv
import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import sqlalchemy as sa
from playwright.sync_api import Browser, Dialog, Error, Page, Response, Route

from storyhub import clock
from storyhub.config import ROOT
from storyhub.extensions import db
from storyhub.models.appeal import make_appeal
from storyhub.models.concern import About, raise_concern
from storyhub.models.decision import Act, Reason, append_decision
from storyhub.models.people import Person, Role
from storyhub.models.publication import new_edition
from storyhub.models.question import ask
from storyhub.models.site import the_site
from storyhub.models.story import StoryVersion, Told, Use, receive, release_due
from storyhub.models.support import SupportPlace
from storyhub.models.theme import Campaign, CodedBy
from storyhub.protection import identifiers, receipts
from storyhub.text import incoming
from tests.browsing import PATIENCE, RunningServer, leads_on
from tests.conftest import sealed_session_of

pytestmark = [pytest.mark.browser, pytest.mark.slow]

FOLDER = ROOT / "tests" / "protection" / "payloads"
# For `make evidence`: a folder of more collections than may be kept here, and then every string of all of them. Else
# one in ten of the public collections and all of our own, so that the whole suite stays quick.
MORE = os.environ.get("STORYHUB_TEST_PAYLOADS")
ONE_IN = 1 if MORE else 10
IN_A_STORY = 40  # strings, each a paragraph of its own; nothing about them depends on their number
LONGEST_QUERY = 200

READ = ("/themes", "/themes/payloads", "/campaigns/payloads", "/support", "/policy", "/privacy", "/accountability",
        "/feed.atom", "/feed.json", "/api/v1/stories", "/api/v1/themes", "/sitemap.xml", "/ar/themes/payloads",
        "/ar/support", "/ar/policy", "/responses", "/ar/responses", "/places/KE", "/receipt", "/share", "/ar/share",
        "/nothing")  # fmt: skip

LISTEN = """
  window.heard = [];
  for (const name of ["ran", "alert", "prompt", "confirm", "print"])
    window[name] = (...said) => { window.heard.push(name + ": " + said.join()); };
  document.addEventListener("securitypolicyviolation",
    event => window.heard.push("policy: " + event.violatedDirective + " " + event.blockedURI + " " + event.sample));
"""
# The words in the order of the page, without what isolates directions, and white space as the eye takes it.
WORDS = """selector => [...document.querySelectorAll(selector)].map(one => {
  const words = one.cloneNode(true);
  for (const beside of words.querySelectorAll('mark bdi:last-child, mark bdi[aria-hidden]')) beside.remove();
  return words.textContent.replace(/[\\u2066-\\u2069]/g, '').replace(/\\s+/g, ' ').trim();
})"""


def collections() -> dict[str, list[str]]:
    """The strings by their collection, as they are kept once they have arrived."""
    found = {}
    for folder in (FOLDER, Path(MORE)) if MORE else (FOLDER,):
        for path in sorted(folder.glob("*.json")):
            strings = (incoming.clean(text) for text in json.loads(path.read_text()) if is_text(text))
            kept = [text for text in dict.fromkeys(strings) if not incoming.is_empty(text)]
            found[path.stem] = kept if path.stem == "ours" else kept[::ONE_IN]
    return found


def is_text(text: str) -> bool:
    try:
        incoming.clean(text)
    except incoming.NotText:
        return False
    return True


def plain(text: str) -> str:
    """As WORDS gives it: without what isolates directions, white space as one space."""
    return re.sub(r"[\s\ufeff]+", " ", re.sub("[\u2066-\u2069]", "", text)).strip()


def one_line(text: str) -> str:
    return " ".join(text.split())


class Payloads:
    """Every string in stories of their own, and all of them in each field that somebody here fills in."""

    def __init__(self, server: RunningServer) -> None:
        self.server, self.session = server, server.session
        self.strings = [text for texts in collections().values() for text in texts]
        self.packed = "\n\n".join(self.strings)
        self.receipt = receipts.mint()
        server.make.moderator("Ann")
        self.by = self.session.scalars(sa.select(Person)).one()
        self.publish_all()
        self.fill_the_site()
        self.fill_the_desk()
        self.session.commit()

    def publish_all(self) -> None:
        """Every string in a public story's text, title, name and place."""
        for start in range(0, len(self.strings), IN_A_STORY):
            some = self.strings[start : start + IN_A_STORY]
            line = one_line(" ".join(some))
            told = Told(
                "\n\n".join(some), title=line, name=line, place=line, language="en", country="KE", show=("name",)
            )
            story = receive(self.session, told, consent=list(Use))
            story.publish(by=self.by, window=clock.window(0))
        while release_due(self.session, window=clock.window(0), originals_days=30):
            self.session.commit()

    def fill_the_site(self) -> None:
        make, site = self.server.make, the_site(self.session)
        make.theme("payloads")
        theme = make.theme("payloads")
        theme.names = theme.definitions = {"en": self.packed, "ar": self.packed}
        self.session.add(Campaign(slug="payloads", names={"en": self.packed}))
        told = Told(text="A story with a theme.", language="en")
        story = receive(self.session, told, themes=[theme], coded_by=CodedBy.MODERATOR)
        story.publish(by=self.by, window=clock.window(0))
        release_due(self.session, window=clock.window(0), originals_days=30)
        site = the_site(self.session)
        site.responsible, site.name = self.packed, self.packed[:4_000]
        # As much as one text may hold; together they hold all.
        half = len(self.strings) // 2
        halves = {"en": "\n\n".join(self.strings[:half]), "ar": "\n\n".join(self.strings[half:])}
        site.policy = site.support = site.reports_duty = halves
        self.session.add(
            SupportPlace(name=self.packed, what={"en": self.packed}, address="https://a.example/", telephone="",
                         languages=[], rank=1, country=None)
        )  # fmt: skip
        new_edition(self.session)
        for taken_back in (False, True):
            answered = make.response(self.packed, themes=["payloads"], country="KE", institution=self.packed[:200])
            if taken_back:
                answered.take_back(self.packed, by=None)

    def fill_the_desk(self) -> None:
        """A story that was asked about, answered, declined, appealed; and one of which somebody says it is theirs."""
        digest = receipts.digest(self.receipt, self.server.settings.receipt_key)
        facts = {"text": self.packed[:100_000], "title": self.packed[:5_000], "name": self.packed[:5_000]}
        story = receive(self.session, Told(**facts, place=self.packed[:5_000], language="en"), receipt_digest=digest)
        ask(story, self.packed, by=self.by, answer_by=clock.today(), session=self.session).reply(self.packed)
        story.decline(by=self.by, window=clock.window(0), reason=Reason.OTHER, letter=self.packed, note=self.packed)
        release_due(self.session, window=clock.window(0), originals_days=30)
        make_appeal(self.session, story, self.packed)
        self.appealed = story.item.id
        public = receive(self.session, Told(text="Anna said it at the harbour.", language="en"))
        public.publish(by=self.by, window=clock.window(0))
        release_due(self.session, window=clock.window(0), originals_days=30)
        concern = raise_concern(self.session, public, About.MY_STORY, self.packed, receipt_digest="0" * 64)
        self.concern = concern.item.id
        append_decision(self.session, Act.DEMAND, by=self.by.id, note=self.packed, facts={"from": "court"})
        waits = receive(self.session, Told(text=self.packed[:100_000], title=self.packed[:5_000], language="en"))
        self.waits = waits.item.id


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory, server: RunningServer) -> Iterator[Payloads]:
    """A server of its own, so that no other journey meets these strings."""
    folder = tmp_path_factory.mktemp("payloads")
    (folder / "instance").mkdir(mode=0o700)
    environ = {
        "STORYHUB_INSTANCE": str(folder / "instance"),
        "STORYHUB_VOLATILE": str(folder / "memory"),
        "STORYHUB_RELEASE_MINUTES": "0",
        "STORYHUB_WORKERS": "1",
        "STORYHUB_SECRET_KEY": "for the served tests alone " * 3,
        "STORYHUB_RECEIPT_KEY": "for the served tests, another " * 3,
    }
    running = RunningServer(folder / "instance", environ)
    running.start()
    yield Payloads(running)
    running.stop()


class Ears:
    """A window that hears whatever runs, whatever the policy refuses, and whoever is asked besides this site."""

    def __init__(self, browser: Browser, url: str, *, policy: bool) -> None:
        self.url, self.elsewhere = url, list[str]()
        self.context = browser.new_context(viewport={"width": 1280, "height": 900})
        self.context.add_init_script(LISTEN)
        self.context.route("**/*", self._pass if policy else self._pass_without_policy)
        self.page: Page = self.context.new_page()
        self.page.set_default_timeout(2 * PATIENCE * 1_000)  # they hold more than any page does
        self.page.on("dialog", self._refuse)
        self.page.on("popup", lambda popup: self.elsewhere.append(f"popup {popup.url}"))

    def _refuse(self, dialog: Dialog) -> None:
        self.elsewhere.append(f"dialog {dialog.message}")
        dialog.dismiss()

    def _pass(self, route: Route) -> None:
        if self._is_ours(route):
            route.continue_()

    def _pass_without_policy(self, route: Route) -> None:
        if self._is_ours(route):
            try:
                answer = route.fetch()
                kept = {name: value for name, value in answer.headers.items() if name != "content-security-policy"}
                route.fulfill(response=answer, headers=kept)
            except Error:
                if not self.page.is_closed():  # else the window was closed meanwhile
                    raise

    def _is_ours(self, route: Route) -> bool:
        ours = route.request.url.startswith(self.url)
        if not ours:
            self.elsewhere.append(route.request.url)
            route.abort()
        return ours

    def open(self, path: str) -> Response | None:
        answer = self.page.goto(self.url + path)
        self.check(path)
        return answer

    def press(self, selector: str) -> None:
        with leads_on(self.page):
            self.page.locator(selector).first.click()

    def check(self, where: str) -> None:
        self.page.wait_for_load_state("load")
        heard = self.page.evaluate("window.heard")
        if where.endswith(".xml"):  # the browser's own viewer for XML has a style of its own
            heard = [said for said in heard if said != "policy: style-src-elem inline "]
        assert heard == [], where
        assert self.elsewhere == [], where
        assert self.page.url.startswith(self.url), where

    def words(self, selector: str) -> list[str]:
        return [plain(text) for text in self.page.evaluate(WORDS, selector)]

    def sign_in(self, told: Payloads) -> None:
        app = told.server.make.app
        with app.test_request_context():
            person = db.session.scalars(sa.select(Person).filter_by(username="Ann")).one()
            for role in (Role.ORGANISER, Role.STEWARD, Role.SAFEGUARDING_LEAD):
                person.give(role, by=None)
            db.session.commit()
            sealed = sealed_session_of(app, person)
        name = app.config["SESSION_COOKIE_NAME"]
        self.context.add_cookies([{"name": name, "value": sealed, "url": told.server.url}])


@pytest.fixture(params=[True, False], ids=["with the policy", "without the policy"])
def ears(request: pytest.FixtureRequest, browser: Browser, told: Payloads) -> Iterator[Ears]:
    heard = Ears(browser, told.server.url, policy=request.param)
    yield heard
    heard.context.unroute_all(behavior="ignoreErrors")
    heard.context.close()


def holds_all(told: Payloads, shown: str) -> list[str]:
    """The strings that are not in what was shown."""
    return [text for text in told.strings if plain(text) and plain(text) not in shown]


def test_stories_show_every_string_in_text_title_and_name(told: Payloads, ears: Ears) -> None:
    seen: dict[str, str] = {"text": "", "title": "", "name": ""}
    addresses, path = [], "/"
    while path:
        ears.open(path)
        addresses += ears.page.evaluate("[...document.querySelectorAll('.card a.u-url')].map(one => one.pathname)")
        older = ears.page.locator("a[rel~=next]")
        path = str(older.first.get_attribute("href")).removeprefix(told.server.url) if older.count() else ""
    for address in dict.fromkeys(addresses):
        ears.open(address)
        for field, selector in {"text": "article .told", "title": "h1", "name": "article .by"}.items():
            seen[field] += " ".join(ears.words(selector)) + " "
    assert {field: holds_all(told, shown) for field, shown in seen.items()} == {"text": [], "title": [], "name": []}


def test_whatever_readers_open_besides(told: Payloads, ears: Ears) -> None:
    for path in READ:
        ears.open(path)
    ears.open("/themes/payloads")
    assert not holds_all(told, " ".join(ears.words("main"))), "a theme's name and meaning"
    ears.open("/support")
    assert not holds_all(told, " ".join(ears.words("main bdi"))), "the name of a place to find help"
    for text in told.strings[:: max(1, len(told.strings) // 20)]:
        ears.open(f"/search?q={quote(text[:LONGEST_QUERY])}")
        typed = plain(text[:LONGEST_QUERY].replace("\n", ""))  # a box of one line takes line breaks out
        assert plain(ears.page.locator("input[name=q]").first.input_value()) == typed
    for text in told.strings[:: max(1, len(told.strings) // 25)]:
        ears.open("/" + quote(text[:300], safe=""))


def test_the_check_and_the_receipt_show_every_string_to_who_told_it(told: Payloads, ears: Ears) -> None:
    for start in range(0, len(told.packed), 19_000):
        piece = told.packed[start : start + 19_000]
        ears.open("/share")
        ears.page.locator("textarea[name=text]").fill(piece)
        ears.press("main form button")
        ears.check("the check")
        assert plain(piece)[:200] in plain(" ".join(ears.words(".preview .told")))
        assert plain(ears.page.locator("textarea[name=text]").input_value()) == plain(piece)
    ears.open("/receipt")
    ears.page.locator("input[name=receipt]").fill(told.receipt)
    ears.press("main form button")
    ears.check("how it stands")
    assert not holds_all(told, " ".join(ears.words(".letter"))), "the letter"
    ears.press("form[action$='/receipt/words'] button")
    ears.check("everything held")
    shown = " ".join(ears.words("main"))
    assert not holds_all(told, shown), "everything that is held"


def test_the_desk_and_the_organisers_pages_show_every_string(told: Payloads, ears: Ears) -> None:
    ears.sign_in(told)
    for item, parts in {told.waits: "the story", told.appealed: "an appeal", told.concern: "a concern"}.items():
        ears.open(f"/desk/items/{identifiers.shown(item)}")
        assert not holds_all(told, " ".join(ears.words("main"))), parts
    for path in ("/desk/", "/desk/?lane=urgent", "/desk/decided", "/organise/themes", "/organise/themes/payloads",
                 "/organise/settings", "/organise/people", "/organise/exports", "/organise/demands"):  # fmt: skip
        ears.open(path)
    assert not holds_all(told, " ".join(ears.words("main"))), "the note of a demand"


def test_files_that_leave_and_come_back_hold_every_string(told: Payloads, tmp_path: Path) -> None:
    left = {kind: tmp_path / f"stories.{kind}" for kind in ("csv", "jsonl")}
    for kind, path in left.items():
        told.server.command("stories", "export", str(path), "--format", kind)
    rows = [json.loads(line) for line in left["jsonl"].read_text().split("\n") if line]
    assert not holds_all(told, plain(" ".join(row["text"] for row in rows)))
    csv.field_size_limit(10**7)
    with left["csv"].open(newline="", encoding="utf-8-sig") as file:
        cells = [cell for row in csv.DictReader(file) for cell in row.values()]
    assert not holds_all(told, plain(" ".join(cells)))
    assert not [cell for cell in cells if cell[:1] in tuple("=+-@\t\r")], "a spreadsheet would run it"
    again = tmp_path / "again.jsonl"
    again.write_text("".join(json.dumps({"id": f"p{n}", "text": text}) + "\n" for n, text in enumerate(told.strings)))
    told.server.command("stories", "import", str(again), "--format", "jsonl")
    told.session.rollback()
    kept = set(told.session.scalars(sa.select(StoryVersion.text).where(StoryVersion.text.is_not(None))))
    assert [text for text in told.strings if text not in kept] == [], "character by character"


def test_what_machines_read_holds_every_string(told: Payloads, browser: Browser) -> None:
    ears = Ears(browser, told.server.url, policy=True)
    texts, address = "", f"{told.server.url}/api/v1/stories"
    while address:
        answer: Any = ears.page.request.get(address).json()
        texts += " ".join(story["text"] or "" for story in answer["stories"]) + " "
        address = answer.get("next") or ""
    assert not holds_all(told, plain(texts))
    ears.context.close()
