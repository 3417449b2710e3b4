"""The desk's script says that somebody still works on a story, and that they have left it."""

from __future__ import annotations

import datetime as dt
import re
import time

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page, expect

from storyhub import clock
from storyhub.models.queue import QueueItem
from storyhub.models.story import Story
from storyhub.protection import identifiers
from tests.browsing import RunningServer, eventually, leads_on, press
from tests.conftest import sealed_session_of
from tests.moderation.conftest import path_of

pytestmark = pytest.mark.browser
SOON = dt.timedelta(minutes=3)


@pytest.fixture
def reader(page: Page, server: RunningServer) -> Page:
    """Somebody at the desk."""
    server.session.rollback()
    app = server.make.app
    sealed = sealed_session_of(app, server.make.moderator(f"Reader {time.time_ns()}"))
    page.context.add_cookies([{"name": app.config["SESSION_COOKIE_NAME"], "value": sealed, "url": server.url}])
    return page


def claim_of(server: RunningServer, story: Story) -> dt.datetime | None:
    return claim_at(server, path_of(story))


def claim_at(server: RunningServer, path: str) -> dt.datetime | None:
    server.session.rollback()
    number = identifiers.read(path.rpartition("/")[2])
    return server.session.scalar(sa.select(QueueItem.claimed_until).filter_by(id=number))


def worked(reader: Page) -> bool:
    """Two minutes later somebody presses a key."""
    reader.clock.fast_forward("02:00")
    reader.keyboard.press("Tab")
    return True


def has_time(server: RunningServer, story: Story) -> bool:
    return (claim_of(server, story) or now()) > now() + 2 * SOON


def almost_over(server: RunningServer, story: Story) -> None:
    server.session.rollback()
    nearly = clock.now().replace(tzinfo=None) + SOON
    server.session.execute(sa.update(QueueItem).filter_by(story_id=story.id).values(claimed_until=nearly))
    server.session.commit()


def test_a_story_stays_in_hand_while_somebody_works_and_is_free_when_they_left(
    reader: Page, server: RunningServer
) -> None:
    story = server.make.story()
    reader.clock.install()
    reader.goto(server.url + path_of(story))
    almost_over(server, story)
    # What a page says while it stays is not answered, and may be lost: whoever works on says it again.
    assert any(worked(reader) and eventually(reader, lambda: has_time(server, story), seconds=10) for _ in range(4))
    reader.reload()
    assert has_time(server, story)
    press(reader.get_by_role("link", name="What waits").first)
    expect(reader).to_have_url(re.compile(r"/desk/\?"))
    assert eventually(reader, lambda: claim_of(server, story) is None)


def now() -> dt.datetime:
    return clock.now().replace(tzinfo=None)


def test_a_form_of_the_desk_and_the_next_story_keep_it_in_hand(reader: Page, server: RunningServer) -> None:
    story = server.make.story()
    server.make.story()
    asked: list[str] = []
    reader.on("request", lambda request: asked.append(request.url))
    reader.goto(server.url + path_of(story))
    reader.get_by_text("What it speaks of").click()
    press(reader.get_by_role("button", name="Keep these", exact=True))
    with leads_on(reader):
        reader.keyboard.press("n")
    following = reader.url
    assert path_of(story) not in following
    assert claim_at(server, following) is not None
    assert claim_of(server, story) is not None
    assert not [url for url in asked if url.endswith("/release")]
    press(reader.get_by_role("button", name="Sign out"))
    assert "/desk/items/" not in reader.url
    assert eventually(reader, lambda: claim_at(server, following) is None)
