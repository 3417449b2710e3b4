"""Watching the feed does not tell when somebody wrote: all that goes out in a window looks alike, everywhere."""

from __future__ import annotations

import re

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from storyhub import clock
from storyhub.models.publication import RANDOM_BITS, Publication
from storyhub.models.story import Wish, release_due
from tests.conftest import HeldClock
from tests.makers import Maker
from tests.pages import PagesClient

MINUTES = 60
MOMENT = re.compile(r"\d{2}:\d{2}(:\d{2})?")


def release(session: Session) -> int:
    """As the worker does it each minute, on a site with windows of an hour."""
    released = release_due(session, window=clock.window(MINUTES), originals_days=30)
    session.commit()
    return released


def test_what_was_decided_in_an_hour_goes_out_together_and_tells_no_minute(
    make: Maker, session: Session, held_clock: HeldClock
) -> None:
    for _ in range(6):
        make.story().publish(by=make.anybody(), window=clock.next_window(MINUTES))
        held_clock.forward(minutes=4)
        assert release(session) == 0, "nothing before the window opens"
    held_clock.forward(minutes=17)  # the worker was asleep when it opened
    assert release(session) == 6
    windows = {position >> RANDOM_BITS for position in session.scalars(sa.select(Publication.position))}
    assert windows == {clock.window(MINUTES)}, "the window's first minute, not that of the release"


@pytest.mark.parametrize("path", ["/", "/feed.atom", "/feed.json", "/api/v1/stories", "/sitemap.xml"])
def test_no_page_feed_or_answer_holds_a_time_finer_than_the_day(
    client: PagesClient, make: Maker, session: Session, held_clock: HeldClock, path: str
) -> None:
    make.story("Somebody shouted, and nobody said a word.").publish(by=make.anybody(), window=clock.window(MINUTES))
    held_clock.forward(minutes=37)
    assert release(session) == 1
    answer = client.get(path)
    assert "Somebody shouted" in answer.text or path == "/sitemap.xml"
    assert {found.group() for found in MOMENT.finditer(answer.text)} <= {"00:00:00", "00:00"}


@pytest.mark.parametrize(("wish", "days"), [(Wish.WEEK, 7), (Wish.MONTH, 30)])
def test_a_delay_that_was_asked_for_is_kept_whenever_it_was_decided(
    make: Maker, session: Session, held_clock: HeldClock, wish: Wish, days: int
) -> None:
    story = make.story(wish=wish)
    held_clock.forward(days=2)
    story.publish(by=make.anybody(), window=clock.next_window(MINUTES))
    held_clock.to(held_clock.moment.replace(hour=23, minute=59))
    held_clock.forward(days=days - 3)
    assert release(session) == 0
    held_clock.forward(minutes=2)
    assert release(session) == 1


def test_more_uses_go_out_with_the_window_and_not_with_the_click(
    client: PagesClient, make: Maker, session: Session, held_clock: HeldClock
) -> None:
    from storyhub.models.story import Use

    make.story("Somebody shouted, and nobody said a word.", state="published").change_uses(
        [Use.QUOTE], window=clock.next_window(MINUTES)
    )
    session.commit()
    tag = client.get("/").headers["ETag"]
    held_clock.forward(minutes=20)
    assert release(session) == 0
    assert client.get("/").headers["ETag"] == tag
    held_clock.forward(minutes=MINUTES)
    assert release(session) == 1
    assert client.get("/").headers["ETag"] != tag
