"""A theme that is given in the very moment in which it is merged away goes to the one that it was merged into."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from storyhub.extensions import db
from storyhub.models import regrouping
from storyhub.models.states import State
from storyhub.models.story import Story, Told
from storyhub.models.suggested import SuggestedTheme, accept
from storyhub.models.theme import CodedBy, Coding, Theme
from storyhub.operations.bulk import Ready, store
from storyhub.themes.coding import give_themes
from tests.makers import Maker

Act = Callable[[Session], object]
SECONDS = 10


@pytest.fixture
def buses(make: Maker) -> int:
    make.story(state="published", themes=["buses"])
    return make.theme("buses").id


@pytest.fixture
def trams(make: Maker) -> int:
    return make.theme("trams").id


@pytest.fixture
def story(make: Maker, session: Session, buses: int) -> Story:
    """A public story without a theme, for which one is suggested."""
    found = make.story(state="published")
    session.add(SuggestedTheme(version_id=found.newest.id, theme_id=buses, sureness=900))
    session.commit()
    return found


def moderator_gives(own: Session, story_id: int, theme_id: int) -> None:
    own.get_one(Story, story_id).set_themes([own.get_one(Theme, theme_id)], CodedBy.MODERATOR)


def organiser_gives(own: Session, story_id: int, theme_id: int) -> None:
    give_themes(own, own.get_one(Story, story_id).newest.id, [theme_id])


def organiser_accepts(own: Session, story_id: int, theme_id: int) -> None:
    accept(own, [(own.get_one(Story, story_id).newest.id, theme_id)])


def file_brings(own: Session, story_id: int, theme_id: int) -> None:
    store(own, [Ready(f"beside {story_id}", Told(text="Words."), State.PUBLISHED, theme_ids=(theme_id,))])


GIVING = [moderator_gives, organiser_gives, organiser_accepts, file_brings]


def merge(own: Session, theme_id: int, into_id: int) -> None:
    change = regrouping.begin_merge(own, own.get_one(Theme, theme_id), own.get_one(Theme, into_id), by=None)
    for _moved in regrouping.carry_on(own, change, minutes=0):
        pass


def begun_beside(app: Flask, session: Session, threads: ThreadPoolExecutor, act: Act) -> Future[None]:
    """The act on a connection of its own, as far as it gets while `session` holds what it has not committed."""

    def run() -> None:
        with app.app_context():
            act(db.session())
            db.session.commit()

    going_on = threads.submit(run)
    until = time.monotonic() + SECONDS
    while not going_on.done() and not waits(session) and time.monotonic() < until:
        time.sleep(0.01)
    assert session.in_transaction()
    return going_on


def waits(session: Session) -> bool:
    """Whether somebody waits for a row. On SQLite whoever writes second waits at the door."""
    engine = session.get_bind()  # not the site's: to enter its context commits what this session holds
    assert isinstance(engine, sa.Engine)
    if engine.dialect.name == "sqlite":
        return True
    with engine.connect() as looking:
        asked = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        return bool(looking.scalar(sa.text(asked)))


def themes_given(session: Session) -> set[int]:
    session.commit()
    return set(session.scalars(sa.select(Coding.theme_id)))


@pytest.mark.parametrize("give", GIVING)
def test_a_theme_given_while_its_merge_ends_becomes_the_other_one(
    app: Flask, session: Session, story: Story, buses: int, trams: int, give: Callable[[Session, int, int], None]
) -> None:
    story_id = story.id
    session.commit()
    with ThreadPoolExecutor(1) as threads:
        merge(session, buses, trams)
        giving = begun_beside(app, session, threads, lambda own: give(own, story_id, buses))
        session.commit()
        giving.result(SECONDS)
    assert themes_given(session) == {trams}


@pytest.mark.parametrize("give", GIVING)
def test_a_merge_takes_along_what_is_given_while_it_begins(
    app: Flask, session: Session, story: Story, buses: int, trams: int, give: Callable[[Session, int, int], None]
) -> None:
    story_id = story.id
    session.commit()
    with ThreadPoolExecutor(1) as threads:
        give(session, story_id, buses)
        merging = begun_beside(app, session, threads, lambda own: merge(own, buses, trams))
        session.commit()
        merging.result(SECONDS)
    assert themes_given(session) == {trams}


def test_an_edit_while_the_merge_of_its_theme_ends_has_the_other_one(
    app: Flask, make: Maker, session: Session, buses: int, trams: int
) -> None:
    story_id = make.story("Words about a bus.", state="published", themes=["buses"]).id
    session.commit()
    with ThreadPoolExecutor(1) as threads:
        merge(session, buses, trams)
        new = Told(text="Other words about a bus.")
        editing = begun_beside(app, session, threads, lambda own: own.get_one(Story, story_id).edit(new))
        session.commit()
        editing.result(SECONDS)
    assert themes_given(session) == {trams}


def test_what_is_given_after_several_merges_goes_where_the_last_one_led(
    make: Maker, session: Session, story: Story, buses: int, trams: int
) -> None:
    stops = make.theme("stops").id
    for one, into in ((buses, trams), (trams, stops)):
        merge(session, one, into)
    organiser_gives(session, story.id, buses)
    organiser_gives(session, story.id, trams)
    assert themes_given(session) == {stops}
    assert session.scalar(sa.select(sa.func.count()).select_from(Coding).filter_by(version_id=story.newest.id)) == 1
