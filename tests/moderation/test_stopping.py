"""A measure that one sets for oneself, with a kind stop, and a break that is offered; seen by nobody else."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from storyhub.models.decision import Act, Reason, append_decision
from storyhub.models.people import Person
from storyhub.models.story import Wish
from storyhub.moderation import caring
from tests.conftest import HeldClock
from tests.makers import Maker
from tests.moderation.conftest import SignIn, path_of
from tests.pages import Page, PagesClient

Desk = Callable[..., PagesClient]
FULL = "That is what you set out to read today"


@pytest.fixture(autouse=True)
def time(held_clock: HeldClock) -> HeldClock:
    """An evening is one day, whenever the tests run."""
    return held_clock


@pytest.fixture
def desk_of(client: PagesClient, make: Maker, sign_in: SignIn) -> Desk:
    """desk_of(stories=…, daily_measure=…): the browser of Mina, who works like that, and as many stories that wait."""

    def desk(stories: int, **wants: int | None) -> PagesClient:
        for _ in range(stories):
            make.story()
        return sign_in(client, make.moderator("Mina", **wants))

    return desk


def mina_of(session: Session) -> Person:
    session.expire_all()
    return session.scalars(sa.select(Person).filter_by(username="Mina")).one()


def begin(client: PagesClient) -> Page:
    return client.open_page("/desk/").form("/desk/next").send()


def publish(page: Page, times: int = 1) -> Page:
    for _ in range(times):
        page = page.form("/publication").send()
    return page


# The measure


def test_a_full_measure_leads_to_a_kind_page_instead_of_the_next_story(desk_of: Desk) -> None:
    page = publish(begin(desk_of(4, daily_measure=2)))
    assert page.has_form("/publication")
    page = publish(page)
    assert page.path == "/desk/pause"
    assert page.heading == FULL
    assert "You read 2 stories today. 2 are public now. Thank you." in page
    assert page.has_form("/account/sign-out")


def test_the_decision_before_the_stop_is_kept_and_can_be_undone_from_there(desk_of: Desk, session: Session) -> None:
    page = publish(begin(desk_of(2, daily_measure=1)))
    assert "Published. It can be read now." in page
    page = page.form("/undo").send()
    assert "Undone." in page
    assert caring.read_today(session, mina_of(session)) == 1  # it was read all the same


def test_one_press_goes_on_for_one_story_and_another_for_the_day(desk_of: Desk) -> None:
    page = publish(begin(desk_of(6, daily_measure=1)))
    page = page.form("/desk/pause").send("One more")
    assert page.has_form("/publication")
    page = publish(page)
    assert page.heading == FULL
    page = page.form("/desk/pause").send("Go on for today")
    page = publish(page, 3)
    assert page.has_form("/publication")


def test_asking_for_the_next_story_leads_there_too_and_skipping_costs_nothing(desk_of: Desk) -> None:
    browser = desk_of(4, daily_measure=1)
    page = begin(browser).form("/skip").send()
    assert page.has_form("/publication")
    publish(page)
    page = begin(browser)
    assert page.heading == FULL
    page = page.form("/desk/pause").send("One more")
    page = page.form("/skip").send()
    assert page.has_form("/publication"), "a story that was skipped was not the one more"


def test_tomorrow_begins_anew(
    client: PagesClient, desk_of: Desk, time: HeldClock, sign_in: SignIn, session: Session
) -> None:
    browser = desk_of(4, daily_measure=1)
    page = publish(begin(browser)).form("/desk/pause").send("Go on for today")
    time.forward(days=1)
    page = begin(sign_in(client, mina_of(session)))
    assert page.has_form("/publication")
    assert publish(page).heading == FULL


def test_without_a_measure_nobody_is_stopped(desk_of: Desk) -> None:
    page = publish(begin(desk_of(6, daily_measure=None, break_after=None)), 5)
    assert page.has_form("/publication")
    assert "in a row" not in page


def test_going_on_keeps_to_what_was_asked_for(client: PagesClient, make: Maker, sign_in: SignIn) -> None:
    for language in ("en", "ar"):
        make.story(language=language)
        make.story(language=language)
    sign_in(client, make.moderator("Mina", daily_measure=1))
    publish(begin(client))
    page = client.open_page("/desk/?language=ar").form("/desk/next").send()
    assert page.heading == FULL
    page = page.form("/desk/pause").send("One more")
    assert page.html.css_first("#story[lang=ar]") is not None


def test_the_page_can_be_opened_by_itself_and_knows_of_wrong_addresses(mina: PagesClient) -> None:
    page = mina.open_page("/desk/pause")
    assert page.heading == "A pause"
    assert "You read 0 stories today." in page
    mina.open_page("/desk/pause?lane=soon", status=404)
    assert "Nothing more waits" in page.form("/desk/pause").send("Go on")


# What counts


def test_what_counts_as_read(make: Maker, session: Session, time: HeldClock) -> None:
    mina, other = make.moderator("Mina"), make.moderator("Noor")

    def record(act: Act, story_id: int, by: Person = mina, **facts: str) -> None:
        append_decision(session, act, by=by.id, story_id=story_id, facts=dict(facts))
        session.commit()

    record(Act.DECLINE, 1)
    time.forward(days=1)
    for act in (Act.REDACT, Act.HOLD, Act.UNDO, Act.SETTINGS):
        record(act, 2)
    record(Act.DECLINE, 3, by=other)
    assert caring.read_today(session, mina) == 0
    for act in (Act.DECLINE, Act.UNDO, Act.PUBLISH):
        record(act, 4)
    assert caring.read_today(session, mina) == 1, "a story that was decided twice was read once"
    for story_id, act in enumerate((Act.ESCALATE, Act.ASK, Act.FIRST_READ, Act.UPHOLD, Act.ACCEPT_CONCERN), 5):
        record(act, story_id)
    assert caring.read_today(session, mina) == 6
    for story_id in range(20, 80):
        record(Act.DECLINE, story_id, cluster="a")
    assert caring.read_today(session, mina) == 7, "what was decided together counts as one"
    for story_id, because in enumerate(("accepted", "no-answer"), 90):
        record(Act.PUBLISH, story_id, redaction=because)
    assert caring.read_today(session, mina) == 7, "what its teller agreed to was read another day"


class TestWithWindows:
    @pytest.fixture
    def environment(self, environment: dict[str, str]) -> dict[str, str]:
        return environment | {"STORYHUB_RELEASE_MINUTES": "60"}

    def test_the_page_says_how_many_go_out_and_when(self, desk_of: Desk, make: Maker, session: Session) -> None:
        browser = desk_of(3, daily_measure=5)
        make.story(wish=Wish.WEEK)
        page = publish(begin(browser), 4)
        assert "Nothing more waits" in page
        declined = make.story()
        page = browser.open_page(path_of(declined)).form("/decline").fill(reason=str(Reason.NOT_A_STORY)).send()
        assert page.heading == FULL
        # One waits a week, as its teller wished, and one is not published.
        assert "You read 5 stories today. 3 go out today at 11:00 AM (UTC). Thank you." in said(page)

    def test_what_was_undone_goes_out_no_more(self, desk_of: Desk, session: Session) -> None:
        page = publish(begin(desk_of(2, daily_measure=1)))
        assert "1 goes out" in page
        page.form("/undo").send()
        done = caring.today(session, mina_of(session), window=2**31 - 1)
        assert (done.read, done.out, done.going_out) == (1, 0, 0)

    def test_what_has_gone_out_meanwhile_is_told_apart(self, desk_of: Desk, make: Maker, time: HeldClock) -> None:
        browser = desk_of(2, daily_measure=2)
        page = publish(begin(browser))
        time.forward(minutes=10)
        publish(page)
        time.forward(minutes=50)
        make.release()
        assert "2 are public now." in begin_again(browser, make)


def begin_again(client: PagesClient, make: Maker) -> Page:
    """The same person, signed in anew after an hour: only the page that is theirs tells what they did."""
    from tests.conftest import sign_in_as

    return begin(sign_in_as(client, mina_of(make.session)))


def said(page: Page) -> str:
    """The page's words, with plain spaces: a time of day is written with a narrow one."""
    return page.text.replace("\u202f", " ")


# A break


def test_a_break_is_offered_once_by_a_quiet_line_and_never_forced(desk_of: Desk) -> None:
    page = publish(begin(desk_of(8, break_after=2)))
    assert "in a row" not in page
    page = publish(page)
    assert "2 stories in a row. A break, if you like" in page
    assert page.has_form("/publication")
    page = publish(page, 3)
    assert "in a row" not in page


def test_after_a_break_it_counts_anew(desk_of: Desk) -> None:
    page = publish(begin(desk_of(8, break_after=2)), 2)
    pause = page.follow("A break, if you like")
    assert pause.heading == "A pause"
    back = pause.form("/desk/pause").send("Go on")
    assert back.path == page.path, "what was in hand comes back first"
    assert "in a row" not in publish(back)
    assert "2 stories in a row" in publish(back.client.open_page("/desk/").form("/desk/next").send())


def test_the_line_stands_wherever_somebody_comes_to(desk_of: Desk) -> None:
    page = publish(begin(desk_of(1, break_after=1)))
    assert page.path == "/desk/"
    assert "1 story in a row. A break, if you like" in page


# Nobody else


def test_nobody_else_is_shown_how_much_somebody_reads(
    app: Flask, desk_of: Desk, noor: PagesClient, lea: PagesClient, make: Maker, sign_in: SignIn, session: Session
) -> None:
    browser = desk_of(9, daily_measure=7, break_after=6)
    page = publish(begin(browser), 7)
    assert "You read 7 stories today." in page
    assert "You read 7 stories today." in browser.open_page("/desk/preferences")
    told = ("7 stories today", "You read 7", "7 decisions", "7 in a row", "6 stories in a row", FULL)
    steward = app.test_client()
    assert isinstance(steward, PagesClient)
    sign_in(steward, make.person("Sam", "steward", "organiser"))
    opened = 0
    for reader in (noor, lea, steward):
        for rule in app.url_map.iter_rules():
            if rule.arguments or not rule.rule.startswith(("/desk", "/organise", "/account")):
                continue
            if "GET" not in (rule.methods or ()):
                continue
            response = reader.get(rule.rule, follow_redirects=True)
            if response.status_code == 200 and response.mimetype == "text/html":
                opened += 1
                words = Page(reader, response).text
                assert not [one for one in told if one in words], rule.rule
                assert "Mina 7" not in words
    assert opened > 15
    public = {path: noor.get(path).get_data(as_text=True) for path in ("/accountability", "/api/v1/accountability")}
    assert not [path for path, words in public.items() if "Mina" in words or str(mina_of(session).id) in words]


def test_what_is_decided_lately_comes_in_no_order_of_people(desk_of: Desk, noor: PagesClient, make: Maker) -> None:
    """Names stand beside decisions, as colleagues need them; nothing adds them up."""
    publish(begin(desk_of(3)), 2)
    page = noor.open_page("/desk/decided")
    assert page.text.count("Mina") == 2
    assert not page.html.css("table th[scope=row], meter, progress")
