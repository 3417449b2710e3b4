"""The desk by keyboard and by selecting words, in a real browser."""

from __future__ import annotations

import re
import time

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page, expect

from storyhub.models.appeal import make_appeal
from storyhub.models.decision import Act, Decision, Reason
from storyhub.models.people import Person
from storyhub.models.queue import Lane, QueueItem, Urgency
from storyhub.models.site import the_site
from storyhub.models.story import State, Story, Told
from tests.browsing import RunningServer, eventually, leads_on, press
from tests.conftest import sealed_session_of
from tests.moderation.conftest import path_of

pytestmark = pytest.mark.browser

FAMILY = "👩\u200d👩\u200d👧"
WORDS = f"""Kwame 😀{FAMILY} waited.
He said: “I know where you live” & <laughed>.

قالت لي سلمى.


After that
he left."""

SELECT = """([from, to]) => {
  // Both are words that stand in one text node each: from the beginning of the one to the end of the other.
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


@pytest.fixture
def mina(page: Page, server: RunningServer) -> Page:
    """Mina at a desk with nothing on it."""
    server.session.rollback()
    for story in server.session.scalars(sa.select(Story).filter_by(state=State.WAITING)):
        story.withdraw()
    # Whatever else another journey left, such as concerns about what is public, waits no longer either.
    server.session.execute(sa.update(QueueItem).where(QueueItem.closed.is_(False)).values(closed=True))
    server.session.commit()
    name = f"Mina {server.session.scalar(sa.select(sa.func.count()).select_from(Person))}"
    server.session.rollback()
    app = server.make.app
    sealed = sealed_session_of(app, server.make.moderator(name))
    page.context.add_cookies([{"name": app.config["SESSION_COOKIE_NAME"], "value": sealed, "url": server.url}])
    return page


def lay(server: RunningServer, **facts: object) -> tuple[Story, str]:
    """A story that waits, and its address. What is looked at later is looked at anew."""
    story = server.make.story(WORDS, **facts)
    address = server.url + path_of(story)
    server.session.rollback()
    return story, address


def seen(server: RunningServer, story: Story) -> Story:
    server.session.rollback()
    server.session.refresh(story)
    return story


# Tells on the page itself that its scripts have heard of a selection: this one is the last to hear of it.
HEARD = """() => document.addEventListener("selectionchange", () => {
  document.documentElement.dataset.heard = "yes";
})"""


def chosen(page: Page) -> str:
    """The words that would be hidden."""
    places = page.locator("#redaction-spans").input_value()
    return "…".join(WORDS[int(start) : int(end)] for start, end in (p.split("-") for p in places.split(",") if p))


def are_chosen(page: Page, words: str) -> None:
    """selectionchange comes a moment after the selection."""
    assert eventually(page, lambda: chosen(page) == words), f"{chosen(page)!r} is chosen, not {words!r}"


def test_selected_words_are_the_words_that_will_be_hidden(mina: Page, server: RunningServer) -> None:
    mina.goto(lay(server)[1])
    one = ("Kwame", "😀", FAMILY, "I know where", "<laughed>", "سلمى", "After")
    across = (("Kwame", "said"), ("waited.", "He"), ("you live", "قالت"), ("سلمى", "left."))
    for first, last in [*zip(one, one, strict=True), *across]:
        mina.evaluate(SELECT, [first, last])
        are_chosen(mina, WORDS[WORDS.index(first) : WORDS.index(last) + len(last)])
    mina.keyboard.press("Control+a")
    are_chosen(mina, WORDS)
    mina.get_by_text("I know where").first.dblclick(position={"x": 4, "y": 4})
    assert eventually(mina, lambda: chosen(mina).strip() == "Kwame"), chosen(mina)


def test_a_name_is_hidden_and_the_story_published_by_keys_alone(mina: Page, server: RunningServer) -> None:
    story, address = lay(server)
    mina.goto(server.url + "/desk/")
    hand = Keys(mina)
    hand.press("n")
    expect(mina).to_have_url(address)
    mina.evaluate(SELECT, ["Kwame", "Kwame"])
    are_chosen(mina, "Kwame")
    hand.press("r")
    expect(mina.locator("#story")).to_contain_text("[name removed]")
    hand.press("p")
    expect(mina).to_have_url(server.url + "/desk/")
    assert seen(server, story).state is State.PUBLISHED
    assert story.newest.text == WORDS.replace("Kwame", "[name removed]")
    hand.press("u")
    expect(mina).to_have_url(address)
    assert seen(server, story).state is State.WAITING
    hand.press("s")
    expect(mina).to_have_url(server.url + "/desk/")


def test_keys_are_not_heard_while_somebody_types(mina: Page, server: RunningServer) -> None:
    story, address = lay(server)
    mina.goto(address)
    mina.keyboard.press("d")
    mina.locator("#decline-reason").select_option("names-a-person")
    letter = mina.locator("#decline-letter")
    expect(letter).to_have_value(re.compile("could show who somebody is"))
    letter.fill("")
    letter.press_sequentially("spud run")
    expect(letter).to_have_value("spud run")
    mina.locator("#decline-reason").select_option("other")
    expect(mina.locator("#decline-reason")).to_have_value("other")
    expect(letter).to_have_value("spud run")
    expect(mina).to_have_url(address)
    assert (seen(server, story).state, story.outcome) == (State.WAITING, None)
    mina.locator("h1").click()
    mina.keyboard.press("?")
    expect(mina.locator("#keys")).to_have_attribute("open", "")


def test_the_key_for_hiding_without_a_selection_shows_where_to_type(mina: Page, server: RunningServer) -> None:
    mina.goto(lay(server)[1])
    mina.keyboard.press("r")
    expect(mina.locator("#redaction-words")).to_be_focused()


@pytest.mark.parametrize("width", [320, 360, 900, 1400])
def test_the_desk_fits_every_screen_and_axe_finds_nothing(mina: Page, server: RunningServer, width: int) -> None:
    from axe_playwright_python.sync_playwright import Axe

    _story, address = lay(server, themes=["buses"], notes=["threats"], title="A title", name="A name", country="KE")
    mina.set_viewport_size({"width": width, "height": 800})
    for prefix in ("", "/ar"):
        for path in ("/desk/", address.removeprefix(server.url), "/desk/decided"):
            mina.goto(server.url + prefix + path)
            for details in mina.locator("details").all():
                details.evaluate("details => { details.open = true; }")
            assert mina.evaluate("document.documentElement.scrollWidth") <= width
            found = Axe().run(mina).response["violations"]
            assert not found, [(one["id"], [node["html"] for node in one["nodes"]]) for one in found]


def test_what_came_back_is_answered_by_keys_and_fits_every_screen(mina: Page, server: RunningServer) -> None:
    """A question by its key; then an appeal: its page fits, axe finds nothing, and its key takes the decision back."""
    from axe_playwright_python.sync_playwright import Axe

    asked, address = lay(server)
    mina.goto(address)
    mina.keyboard.press("q")
    expect(mina.locator("#question-words")).to_be_focused()
    mina.keyboard.type("Which town was it?")
    press(mina.get_by_role("button", name="Ask, and let it rest"))
    expect(mina).to_have_url(server.url + "/desk/")
    assert [question.words for question in seen(server, asked).questions] == ["Which town was it?"]

    edited, edited_at = lay(server, state="published", country="KE")
    seen(server, edited).edit(Told("Somebody waited.\n\nAnd left.", title="Changed"))
    appealed, appealed_at = lay(server, state="declined", by=server.make.moderator(f"Amal {edited.id}"))
    make_appeal(server.session, seen(server, appealed), "Please look again.")
    server.session.commit()
    for width in (320, 1400):
        mina.set_viewport_size({"width": width, "height": 800})
        for path in (edited_at, appealed_at, server.url + "/ar/desk/resting"):
            mina.goto(path)
            for details in mina.locator("details").all():
                details.evaluate("details => { details.open = true; }")
            assert mina.evaluate("document.documentElement.scrollWidth") <= width
            found = Axe().run(mina).response["violations"]
            assert not found, [(one["id"], [node["html"] for node in one["nodes"]]) for one in found]
    mina.goto(appealed_at)
    Keys(mina).press("o")
    expect(mina.get_by_text("yours to decide now")).to_be_visible()
    assert seen(server, appealed).state is State.WAITING


class Keys:
    """A hand on the keyboard that counts what it presses."""

    def __init__(self, page: Page) -> None:
        self.page, self.pressed = page, 0

    def press(self, *keys: str) -> None:
        """Press keys one after the other; the last of them opens another page."""
        with leads_on(self.page):
            for key in keys:
                self.page.keyboard.press(key)
                self.pressed += 1


def test_an_evening_of_stories_takes_three_keys_each_at_most(mina: Page, server: RunningServer) -> None:
    """Every action by its key: what the queue hands out next follows from what was decided before."""
    story, _address = lay(server)
    others = [lay(server)[0] for _ in range(4)]
    heavy, _address = lay(server, notes=["death"])
    stories = {path_of(one): one for one in (story, *others, heavy)}
    ways = [("p",), ("d", "3", "Enter"), ("h",), ("e",), ("s",)]
    server.session.rollback()
    hand = Keys(mina)
    mina.goto(server.url + "/desk/")
    hand.press("n")
    done = {}
    while "/desk/items/" in mina.url:
        path = mina.url.removeprefix(server.url)
        if stories[path] is heavy:
            expect(mina.locator("#story")).to_be_hidden()
            mina.keyboard.press("w")
            expect(mina.locator("#story")).to_be_visible()
            keys: tuple[str, ...] = ("p",)
        else:
            keys = ways.pop()
        done[path] = keys
        before = hand.pressed
        hand.press(*keys)
        assert hand.pressed - before <= 3
    assert len(done) == 6
    for path, keys in done.items():
        one = seen(server, stories[path])
        if keys == ("p",):
            assert one.state is State.PUBLISHED
        elif keys[0] == "d":
            assert one.state is State.DECLINED
            reason = server.session.scalar(sa.select(Decision.reason).filter_by(story_id=one.id, act=Act.DECLINE))
            assert reason == "abuse"
        else:
            lane = {"h": Lane.HELD, "e": Lane.URGENT, "s": Lane.USUAL}[keys[0]]
            assert one.items[0].lane is lane


def test_folded_words_are_not_selected_unseen(mina: Page, server: RunningServer) -> None:
    mina.goto(lay(server, notes=["death"])[1])
    mina.evaluate(HEARD)
    mina.keyboard.press("Control+a")
    expect(mina.locator("html[data-heard]")).to_be_attached()
    assert chosen(mina) == ""
    mina.keyboard.press("w")
    expect(mina.locator("#story")).to_be_visible()
    mina.evaluate(SELECT, ["Kwame", "Kwame"])
    are_chosen(mina, "Kwame")


def test_a_word_that_is_asked_for_and_what_is_suggested_have_keys_too(mina: Page, server: RunningServer) -> None:
    story, address = lay(server, notes=["child", "sexual-violence"])
    mina.goto(address)
    mina.keyboard.press("l")
    expect(mina.locator("#publication-none_left")).to_be_checked()
    Keys(mina).press("p")
    assert seen(server, story).state is State.PUBLISHED
    server.make.theme("places-to-wait", "Waited for long")
    story, address = lay(server)
    mina.goto(address)
    Keys(mina).press("t")
    assert [theme.slug for theme in seen(server, story).themes()] == ["places-to-wait"]


@pytest.mark.parametrize(("width", "prefix"), [(320, ""), (360, "/ar"), (900, "/ar"), (1400, "")])
def test_every_state_of_a_story_fits_and_axe_finds_nothing(
    mina: Page, server: RunningServer, width: int, prefix: str
) -> None:
    """Urgent and folded, for a second person, read first by oneself, with words hidden, and put away."""
    from axe_playwright_python.sync_playwright import Axe

    server.session.rollback()
    minas = server.session.scalars(sa.select(Person).where(Person.username.startswith("Mina "))).all()
    me = max(minas, key=lambda person: int(person.username.split()[1])).id
    site = the_site(server.session)
    site.second_eyes, site.asks_before_hiding = ["named", "decline"], True
    server.session.commit()
    try:
        noor = server.make.moderator(f"Noor {time.time_ns()}")
        urgent = server.make.story("I was twelve and he raped me. He says he will kill me.", lane="urgent", title="T")
        urgent.items[0].because = Urgency.DANGER
        second, first, hidden = (server.make.story(WORDS) for _ in range(3))
        second.first_read(Act.DECLINE, by=noor, reason=Reason.ABUSE, note="A note.", letter="A letter.")
        first.first_read(Act.PUBLISH, by=server.session.get_one(Person, me))
        hidden.redact([(0, 5)], by=noor, mark="[name removed]")
        away = server.make.story(WORDS, state="declined")
        server.session.commit()
        paths = [path_of(story) for story in (urgent, second, first, hidden, away)]
        server.session.rollback()
        mina.set_viewport_size({"width": width, "height": 800})
        for path in paths:
            mina.goto(server.url + prefix + path)
            for details in mina.locator("details").all():
                details.evaluate("details => { details.open = true; }")
            assert mina.evaluate("document.documentElement.scrollWidth") <= width
            found = Axe().run(mina).response["violations"]
            assert not found, [(one["id"], [node["html"] for node in one["nodes"]]) for one in found]
    finally:
        server.session.rollback()
        site = the_site(server.session)
        site.second_eyes, site.asks_before_hiding = [], False
        server.session.commit()
