"""“I hear you” and “This happened to me too”: from one network once a day, by nobody in particular, and seen later."""

from __future__ import annotations

import datetime as dt
import re
import sqlite3
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from hypothesis import assume, given
from hypothesis import strategies as st
from sqlalchemy import event
from sqlalchemy.orm import Session

from storyhub.config import Settings
from storyhub.extensions import db
from storyhub.models.decision import Reason
from storyhub.models.site import the_site
from storyhub.models.solidarity import Solidarity
from storyhub.models.story import Story
from storyhub.operations.upkeep import forget_jobs, release_all_due
from storyhub.protection import limits, receipts
from storyhub.protection.identifiers import shown
from tests.conftest import HeldClock, sign_in_as
from tests.makers import Maker
from tests.pages import Page, PagesClient

BOTH = ("heard", "me_too")
Press = Callable[..., Page]


@pytest.fixture
def environment(environment: dict[str, str]) -> dict[str, str]:
    """A site with windows of an hour, as one that others can reach has them."""
    return {**environment, "STORYHUB_RELEASE_MINUTES": "60"}


@pytest.fixture
def story(make: Maker, held_clock: HeldClock) -> Story:
    return make.story("Nobody said a word.", state="published", consent=["quote"])


@pytest.fixture
def minute(app: Flask, settings: Settings) -> Callable[[], None]:
    """What the worker does each minute."""

    def work() -> None:
        with app.app_context():
            release_all_due(db.session, settings)

    return work


def address(story: Story) -> str:
    return f"/stories/{shown(story.id)}"


@pytest.fixture
def press(app: Flask, story: Story) -> Press:
    """press("heard", network="203.0.113"): somebody there opens the story and presses."""

    def of(kind: str, network: str | int = "203.0.113", to: Story = story) -> Page:
        client = app.test_client()
        assert isinstance(client, PagesClient)
        where = network if isinstance(network, str) else f"{11 + network // 250}.{network % 250}.7"
        client.environ_base["REMOTE_ADDR"] = where if ":" in where or where.count(".") == 3 else f"{where}.9"
        return client.open_page(address(to)).form("/solidarity").send(f"kind={kind}")

    return of


def send(client: PagesClient, story: Story, network: str = "203.0.113.9", **fields: str) -> int:
    """A press without the page that leads to it, as a program sends it."""
    site = client.application.extensions["settings"].site_url
    answer = client.post(
        f"{address(story)}/solidarity",
        data={"kind": "heard", **fields},
        headers={"Origin": site},
        environ_overrides={"REMOTE_ADDR": network},
    )
    return answer.status_code


def waiting(session: Session) -> dict[str, int]:
    session.commit()
    rows = session.execute(sa.select(Solidarity.kind, sa.func.sum(Solidarity.waiting)).group_by(Solidarity.kind))
    return {str(kind): int(count) for kind, count in rows}


def said_on(page: Page) -> str:
    found = page.html.css_first(".solidarity .said")
    return page.read(found) if found else ""


# What a reader meets


@pytest.mark.parametrize("kind", BOTH)
def test_a_press_is_thanked_for_and_stored_as_a_number(press: Press, story: Story, session: Session, kind: str) -> None:
    page = press(kind)
    assert (page.path, page.heading) == (f"{address(story)}/thanks", "Thank you")
    assert waiting(session) == {kind: 1}


def test_the_thanks_are_the_same_for_all_and_their_address_tells_nothing(
    press: Press, client: PagesClient, story: Story
) -> None:
    """What a phone's history shows: a short neutral title, and not which button it was, or whether any was pressed."""
    pages = [press(kind) for kind in (*BOTH, *BOTH)]
    pages.append(client.open_page(f"{address(story)}/thanks"))
    assert len({page.response.data for page in pages}) == 1
    assert {page.response.request.full_path.rstrip("?") for page in pages} == {f"{address(story)}/thanks"}
    assert pages[0].title.startswith("A story")
    assert "public" in pages[0].response.headers["Cache-Control"] and pages[0].response.headers["ETag"]


def test_whoever_reads_in_another_language_is_thanked_in_it(arabic: PagesClient, story: Story) -> None:
    page = arabic.open_page(address(story)).form("/solidarity").send("kind=heard")
    assert page.path == f"/ar{address(story)}/thanks"


def test_the_thanks_invite_and_press_nobody(press: Press) -> None:
    page = press("me_too")
    assert "You could tell yours, if and when you want to." in page and "joins you to nobody" in page
    (share,) = page.html.css("main a[href='/share']")
    assert page.read(share) == "Share your story"
    assert page.link("Stories like this").endswith("/related")
    assert page.link("All places where help is") == "/support"
    assert [form for form in page.forms if form.method == "POST"] == [], "nothing is filled in for them"


def test_a_count_moves_with_the_next_window_and_tells_no_moment(
    press: Press, story: Story, client: PagesClient, session: Session, held_clock: HeldClock, minute: Callable[[], None]
) -> None:
    minute()
    before = client.get(address(story)).headers["ETag"]
    for number in range(25):  # from 10:31 on, whatever the minute
        held_clock.forward(minutes=1)
        press(BOTH[number % 2], network=number)
        minute()
        assert client.get(address(story), headers={"If-None-Match": before}).status_code == 304
    held_clock.to(held_clock.moment.replace(hour=11, minute=4))  # the worker was late
    minute()
    page = client.open_page(address(story))
    assert said_on(page) == "Heard at least 13 times. At least 12 times somebody said that it happened to them too."
    after = page.response.headers["ETag"]
    assert after != before
    press("heard", network=77)
    minute()
    assert client.get(address(story), headers={"If-None-Match": after}).status_code == 304


def test_a_window_in_which_nobody_said_anything_makes_no_edition_and_still_counts_as_done(
    press: Press, story: Story, client: PagesClient, session: Session, held_clock: HeldClock, minute: Callable[[], None]
) -> None:
    edition = the_site(session).edition
    minute()
    held_clock.forward(minutes=3)
    press("heard")
    minute()
    assert the_site(session).edition == edition
    assert said_on(client.open_page(address(story))) == ""


def test_the_night_forgets_no_window_that_is_still_open(
    app: Flask, press: Press, story: Story, session: Session, held_clock: HeldClock, settings: Settings
) -> None:
    by_day = replace(settings, release_minutes=1000)  # a window that is open over midnight
    held_clock.to(dt.datetime(2026, 3, 5, 23, 0, tzinfo=dt.UTC))
    with app.app_context():
        release_all_due(db.session, by_day)
    held_clock.to(dt.datetime(2026, 3, 6, 3, 17, tzinfo=dt.UTC))
    press("heard")
    with app.app_context():
        forget_jobs(db.session)
        db.session.commit()
        release_all_due(db.session, by_day)
    assert waiting(session) == {"heard": 1}


def test_none_is_not_shown(client: PagesClient, story: Story) -> None:
    page = client.open_page(address(story))
    assert page.html.css_first(".said") is None
    assert not re.search(r"\b0\b", page.read(page.html.css_first(".solidarity")))


def test_the_api_tells_the_same_counts_at_the_same_time(
    press: Press, story: Story, client: PagesClient, held_clock: HeldClock, minute: Callable[[], None]
) -> None:
    minute()
    press("me_too")
    assert client.get(f"/api/v1{address(story)}").json["me_too"] == 0  # type: ignore[index]
    held_clock.forward(hours=1)
    minute()
    told = client.get(f"/api/v1{address(story)}").json
    assert told is not None and (told["heard"], told["me_too"]) == (0, 1)


def test_whoever_told_it_reads_that_they_were_heard_and_never_a_zero(
    make: Maker, client: PagesClient, press: Press, held_clock: HeldClock, minute: Callable[[], None]
) -> None:
    receipt = receipts.mint()
    mine = make.story("A word of mine.", state="published", receipt=receipt)

    def look() -> Page:
        return client.open_page("/receipt").form("/receipt").fill(receipt=receipt).send()

    assert look().html.css_first(".heard") is None
    for network in range(2):
        press("heard", network=network, to=mine)
    minute()
    page = look()
    assert "You are heard: at least 2 times somebody read this and said so." in page
    assert "happened to them too" not in page and "A word of mine" not in page
    press("me_too", to=mine)
    held_clock.forward(hours=1)
    minute()
    assert "At least 1 time somebody said that it happened to them too." in look()


# Who would like to run the numbers up


def test_one_network_counts_once_a_day_whatever_its_addresses(
    client: PagesClient, story: Story, session: Session, held_clock: HeldClock
) -> None:
    for number in range(limits.table.SOLIDARITY.amount + 50):
        assert send(client, story, network=f"203.0.113.{number % 250}") == 303
    assert waiting(session) == {"heard": 1}
    held_clock.forward(days=1)
    assert send(client, story) == 303
    assert waiting(session) == {"heard": 2}


def test_whoever_shares_a_network_cannot_measure_that_somebody_there_has_said_it(
    app: Flask, press: Press, story: Story, session: Session
) -> None:
    """As much is written the second time: it is the writing that takes its time."""
    done: list[str] = []
    with app.app_context():
        event.listen(db.engine, "before_cursor_execute", lambda *of: done.append(of[2]))
        event.listen(db.engine, "commit", lambda _connection: done.append("commit"))
    press("heard", "203.0.113.1")  # the first line of all is made
    done.clear()
    press("heard", "198.51.100.1")
    first = list(done)
    done.clear()
    press("heard", "198.51.100.2")
    assert done == first
    assert any(statement.startswith("INSERT INTO solidarity") for statement in done)
    assert waiting(session) == {"heard": 2}


def test_a_hundred_networks_count_a_hundred_times(client: PagesClient, story: Story, session: Session) -> None:
    for number in range(100):
        send(client, story, network=f"2001:db8:{number:x}::1")
    assert waiting(session) == {"heard": 100}


def test_a_program_that_presses_everywhere_is_thanked_and_not_counted(
    client: PagesClient, make: Maker, session: Session, story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits.table, "SOLIDARITY", replace(limits.table.SOLIDARITY, amounts="3/hour"))
    for one in [story, *(make.story(state="published") for _ in range(4))]:
        assert send(client, one) == 303
    assert waiting(session) == {"heard": 3}
    send(client, story, network="198.51.100.4")
    assert waiting(session) == {"heard": 4}, "nobody else's is lost by that"


@pytest.mark.parametrize("shared", ["127.0.0.1", "10.3.4.5", "fe80::7"])
def test_those_who_share_an_address_are_counted_up_to_a_number_for_each_story_and_button(
    client: PagesClient, make: Maker, session: Session, story: Story, shared: str
) -> None:
    most = limits.table.SOLIDARITY_SHARED.amount
    for _ in range(most + 5):
        assert send(client, story, network=shared) == 303
    assert waiting(session) == {"heard": most}
    send(client, story, network=shared, kind="me_too")
    send(client, make.story(state="published"), network=shared)
    assert waiting(session) == {"heard": most + 1, "me_too": 1}


def test_without_the_limits_memory_nothing_is_counted_and_everybody_thanked(
    client: PagesClient, story: Story, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits.VolatileStorage, "_connection", lambda _self: sqlite3.connect("/nowhere/at/all"))
    assert send(client, story) == 303
    assert waiting(session) == {}


@pytest.mark.parametrize("kind", ["", "loved", "HEARD", "heard\0", "heard' OR 1=1"])
def test_what_no_button_says_is_refused(client: PagesClient, story: Story, session: Session, kind: str) -> None:
    assert send(client, story, kind=kind) == 400
    assert waiting(session) == {}


@pytest.mark.parametrize("state", ["waiting", "declined", "counted", "withdrawn"])
def test_a_story_that_is_not_public_is_as_unknown_as_one_that_never_was(
    client: PagesClient, make: Maker, session: Session, state: str
) -> None:
    one = make.story(state=state)
    assert send(client, one) == 404
    client.open_page(f"{address(one)}/thanks", 404)
    assert waiting(session) == {}


def test_where_a_story_was_set_aside_nothing_can_be_said(
    client: PagesClient, make: Maker, session: Session, story: Story
) -> None:
    story.set_aside(by=make.anybody(), reason=Reason.OTHER)
    assert send(client, story) == 410
    assert client.open_page(f"{address(story)}/thanks", 410).heading == "A story stood here"
    assert waiting(session) == {}


def test_with_a_story_that_is_taken_back_goes_what_was_said_to_it(
    press: Press, client: PagesClient, session: Session, story: Story
) -> None:
    press("heard")
    press("me_too")
    story.withdraw()
    assert waiting(session) == {}
    client.open_page(f"{address(story)}/thanks", 404)


# Other sites


STRANGE = [{}, {"Origin": "https://elsewhere.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"},
           {"Sec-Fetch-Site": "same-site"}, {"Sec-Fetch-Site": "none"}]  # fmt: skip


@pytest.mark.parametrize("headers", STRANGE)
def test_what_another_site_sends_asks_first_and_counts_nothing(
    app: Flask, client: PagesClient, session: Session, story: Story, headers: dict[str, str]
) -> None:
    answer = client.post(f"{address(story)}/solidarity", data={"kind": "me_too"}, headers=headers)
    page = Page(client, answer)
    assert (page.status, page.heading) == (200, "Is this from you?")
    assert answer.headers["Cache-Control"] == "no-store" and "Set-Cookie" not in answer.headers
    assert waiting(session) == {}
    seal = page.form("/solidarity").value("seal")
    again = client.post(f"{address(story)}/solidarity", data={"kind": "me_too", "seal": seal}, headers=headers)
    assert again.status_code == 303
    assert waiting(session) == {"me_too": 1}


def test_the_seal_of_another_network_story_button_or_day_opens_nothing(
    client: PagesClient, make: Maker, session: Session, story: Story, held_clock: HeldClock
) -> None:
    """Else another site would fetch one for itself, and have its own readers send it."""
    other, own = make.story(state="published"), {"REMOTE_ADDR": "203.0.113.9"}

    def ask(kind: str = "heard", of: Story = story, seal: str = "", address_of: dict[str, str] = own) -> Page:
        sent = {"kind": kind, "seal": seal}
        return Page(client, client.post(f"{address(of)}/solidarity", data=sent, environ_overrides=address_of))

    seal = ask().form("/solidarity").value("seal")
    assert ask(kind="me_too", seal=seal).status == 200
    assert ask(of=other, seal=seal).status == 200
    assert ask(seal=seal, address_of={"REMOTE_ADDR": "198.51.100.1"}).status == 200
    for wrong in ("", "x", "é", seal[:-1], seal + "0"):
        assert ask(seal=wrong).status == 200
    held_clock.forward(days=1)
    assert ask(seal=seal).status == 200
    assert waiting(session) == {}


# What is in memory


def kept_in(memory: Path) -> list[tuple[str, float]]:
    with sqlite3.connect(memory / "limits.sqlite") as store:
        assert store.execute("SELECT count(*) FROM kept").fetchone() == (0,), "nothing that ends with its own moment"
        return store.execute("SELECT key, ends FROM counters").fetchall()


def test_no_two_of_what_one_network_said_can_be_brought_together(
    press: Press, make: Maker, story: Story, settings: Settings, held_clock: HeldClock
) -> None:
    stories = [story, make.story(state="published")]
    networks = ("203.0.113", "198.51.100", "127.0.0.1")
    for number, (one, network, kind) in enumerate([(s, n, k) for s in stories for n in networks for k in BOTH]):
        held_clock.forward(seconds=7 + number)
        press(kind, network=network, to=one)
    acts = [(key, ends) for key, ends in kept_in(settings.volatile) if "solidarity-" in key]
    hashes = [found for key, _ in acts for found in re.findall(r"[0-9a-f]{64}", key)]
    assert len(hashes) == len(set(hashes)) == len(acts) == 12
    midnight = held_clock.moment.replace(hour=0, minute=0, second=0) + dt.timedelta(days=1)
    assert {ends for _key, ends in acts} == {midnight.timestamp()}, "none tells when, nor which came together"
    rest = {key.replace(found, "") for (key, _), found in zip(acts, hashes, strict=True)}
    assert len(rest) == 2, "beside the hash only the limit's name stands there"
    salt = limits.salt_of_day(settings.volatile)
    whole = " ".join(key for key, _ends in acts)
    for network in networks[:2]:
        assert limits.key_of(f"{network}.9", salt) not in whole
    for one in stories:
        assert str(one.id) not in whole and shown(one.id) not in whole


parts = st.lists(st.text(max_size=6), max_size=4).map(tuple)


@given(one=parts, other=parts)
def test_no_other_parts_make_the_same_key(app: Flask, one: tuple[str, ...], other: tuple[str, ...]) -> None:
    assume(one != other)
    with app.test_request_context(environ_base={"REMOTE_ADDR": "203.0.113.9"}):
        assert limits.act_key(*one) != limits.act_key(*other)


# Quotes, and who may list a story's page


def quoted(page: Page) -> str | None:
    found = page.html.css_first("textarea#quote")
    return None if found is None else (found.text() or "")


def test_a_quote_comes_with_its_source_and_needs_no_script(client: PagesClient, story: Story) -> None:
    page = client.open_page(address(story))
    site = client.application.extensions["settings"].site_url
    said = quoted(page)
    assert said is not None
    assert said.lstrip("\n") == f"Nobody said a word.\n\n— StoryHub, {site}{address(story)}, March 5, 2026"
    assert page.html.css_first("label[for=quote]") is not None
    assert page.html.css_first("details.quote textarea[readonly]") is not None
    assert page.html.css_first("details.quote [data-copy=quote][hidden] [role=status]") is not None
    assert page.html.css_first("script[src*='copy.js']") is not None


def test_of_a_long_story_the_quote_ends_with_a_sentence_and_says_that_more_follows(
    client: PagesClient, make: Maker
) -> None:
    long = make.story("One <b>thing</b> & another. " * 100, state="published", consent=["quote"])
    said = quoted(client.open_page(address(long))) or ""
    assert said.lstrip("\n").startswith("One <b>thing</b> & another. One")
    assert said.partition("\n\n")[0].endswith("another. …")


def test_whose_words_may_not_be_quoted_is_not_offered_to_be(client: PagesClient, make: Maker) -> None:
    page = client.open_page(address(make.story(state="published")))
    assert quoted(page) is None and "Please don't quote these words." in page
    assert page.html.css_first("script[src*='copy.js']") is None


def test_whoever_takes_that_back_is_quoted_here_no_longer(client: PagesClient, story: Story, session: Session) -> None:
    before = client.get(address(story)).headers["ETag"]
    story.change_uses((), window=0)
    session.commit()
    answer = client.get(address(story), headers={"If-None-Match": before})
    assert answer.status_code == 200
    page = Page(client, answer)
    assert quoted(page) is None and "Please don't quote these words." in page


def robots(page: Page) -> str | None:
    (found,) = page.html.css("meta[name=robots]")
    return found.attributes["content"]


def test_search_engines_list_a_story_only_where_a_steward_says_so(
    client: PagesClient, another_client: PagesClient, make: Maker, session: Session, story: Story
) -> None:
    reader = another_client
    assert robots(reader.open_page(address(story))) == "noindex"
    steward = sign_in_as(client, make.steward("Sam"))
    form = steward.open_page("/organise/settings").form("settings")
    assert "Saved." in form.fill(name="StoryHub", stories_indexed="y").send("Save")
    assert the_site(session).stories_indexed
    assert robots(reader.open_page(address(story))) == "noarchive"
    for path in ("/related", "/thanks"):
        assert robots(reader.open_page(address(story) + path)) == "noindex"
    steward.open_page("/organise/settings").form("settings").without("stories_indexed").send("Save")
    assert robots(reader.open_page(address(story))) == "noindex"
