"""A story stays in hand while somebody works on it, and is free for others when they have left its page."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy.orm import Session

from storyhub import clock
from storyhub.models.story import Story
from tests.conftest import HeldClock
from tests.makers import Maker
from tests.moderation.conftest import let_time_pass, path_of
from tests.pages import Page, PagesClient


def tell(page: Page, what: str, **fields: str) -> int:
    """What the desk's script sends while a story's page is open, or is closed."""
    token = page.form("/skip").fields["csrf_token"]
    return page.client.post(f"{page.path}/{what}", data={"csrf_token": token, **fields}).status_code


def minutes_left(story: Story, session: Session) -> float:
    session.refresh(story.items[0])
    until = story.items[0].claimed_until
    return 0.0 if until is None else (until - clock.now().replace(tzinfo=None)) / dt.timedelta(minutes=1)


def test_whoever_works_on_a_story_keeps_it(
    held_clock: HeldClock, mina: PagesClient, noor: PagesClient, make: Maker, session: Session
) -> None:
    story = make.story()
    page = mina.open_page(path_of(story))
    for _ in range(3):
        held_clock.forward(minutes=10)
        assert tell(page, "renewal") == 204
        assert minutes_left(story, session) == 15
        assert "In hand: Mina" in noor.open_page("/desk/")
    for _ in range(2):
        held_clock.forward(minutes=8)
        mina.open_page("/desk/")
        noor.open_page("/desk/")
    assert noor.open_page(path_of(story)).has_form("/publication")
    assert tell(page, "renewal") == 409


def test_what_was_decided_or_is_somebody_else_s_is_not_held_again(
    mina: PagesClient, noor: PagesClient, make: Maker, session: Session
) -> None:
    story, other = make.story(), make.story()
    page = mina.open_page(path_of(story))
    page.form("/publication").send()
    assert tell(page, "renewal") == 409
    page = mina.open_page(path_of(other))
    let_time_pass(session, other)
    noor.open_page(path_of(other))
    assert tell(page, "renewal") == 409
    assert tell(page, "release") == 204
    assert minutes_left(other, session) > 14


def test_closing_the_page_lets_others_have_the_story(
    held_clock: HeldClock, mina: PagesClient, noor: PagesClient, make: Maker, session: Session
) -> None:
    story = make.story()
    page = mina.open_page(path_of(story))
    held_clock.forward(seconds=40)
    assert tell(page, "release", held="40000") == 204
    assert minutes_left(story, session) == 0
    assert noor.open_page(path_of(story)).has_form("/publication")


def test_a_page_that_is_only_loaded_again_keeps_the_story(
    held_clock: HeldClock, mina: PagesClient, make: Maker, session: Session
) -> None:
    """The word that a page was closed may come after the same page was opened again, or lies open beside it."""
    story = make.story()
    page = mina.open_page(path_of(story))
    held_clock.forward(seconds=40)
    mina.open_page(path_of(story))
    held_clock.forward(seconds=1)
    assert tell(page, "release", held="41000") == 204
    assert minutes_left(story, session) > 14


@pytest.mark.parametrize("held", ["", "soon", "-5", "9" * 400])
def test_whatever_a_script_says_of_time_a_story_is_let_go_of_or_stays(
    mina: PagesClient, make: Maker, held: str
) -> None:
    page = mina.open_page(path_of(make.story()))
    assert tell(page, "release", held=held) == 204


def test_deciding_after_the_claim_ran_out_brings_back_what_was_written(
    mina: PagesClient, make: Maker, session: Session
) -> None:
    story = make.story()
    page = mina.open_page(path_of(story))
    assert tell(page, "release") == 204
    again = page.form("/decline").fill(reason="abuse", note="Read with Noor.").send(status=409)
    assert again.form("/decline").fields["note"] == "Read with Noor."
    assert "Nothing more waits" in again.form("/decline").send()


def test_only_the_desk_s_pages_may_speak_with_the_site_while_they_are_open(mina: PagesClient, make: Maker) -> None:
    make.story(state="published")
    for path, may in (("/desk/", True), ("/", False), ("/share", False), ("/desk/nowhere", False)):
        policy = mina.get(path).headers["Content-Security-Policy"]
        assert ("connect-src 'self'" in policy) is may, path
