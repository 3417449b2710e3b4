"""A story that is taken back while a program or a person says what it tells of: nothing of that is left of it."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from storyhub.models.discovered import DiscoveredGroup, GroupStory
from storyhub.models.story import OF_VERSIONS, Story
from storyhub.models.suggested import SuggestedTheme, accept
from storyhub.text import discovering as finding
from storyhub.themes import suggesting
from storyhub.themes.discovering_job import keep
from tests.makers import Maker
from tests.themes.test_giving_while_merging import SECONDS, begun_beside


@pytest.fixture
def story(make: Maker, session: Session) -> Story:
    """A public story for which a theme is suggested."""
    found = make.story(state="published")
    session.add(SuggestedTheme(version_id=found.newest.id, theme_id=make.theme("buses").id, sureness=900))
    session.commit()
    return found


def program_suggests(own: Session, version_id: int, theme_id: int) -> None:
    assert suggesting.keep_for(own, [version_id], {version_id: {theme_id: 900}}) == 1


def organiser_accepts(own: Session, version_id: int, theme_id: int) -> None:
    assert accept(own, [(version_id, theme_id)])


@pytest.mark.parametrize("act", [program_suggests, organiser_accepts])
def test_nothing_is_left_that_tells_what_a_story_told_of(
    app: Flask, make: Maker, session: Session, story: Story, act: Callable[[Session, int, int], None]
) -> None:
    story_id, version_id, theme_id = story.id, story.newest.id, make.theme("buses").id
    session.commit()
    with ThreadPoolExecutor(1) as threads:
        act(session, version_id, theme_id)
        withdrawing = begun_beside(app, session, threads, lambda own: own.get_one(Story, story_id).withdraw())
        session.commit()
        withdrawing.result(SECONDS)
    session.expire_all()
    left = {noun.__name__: session.scalars(sa.select(noun).filter_by(version_id=version_id)).all()
            for noun in OF_VERSIONS}  # fmt: skip
    assert [noun for noun, rows in left.items() if rows] == []


def test_a_group_that_is_kept_while_one_of_its_stories_is_taken_back_goes_on_without_it(
    app: Flask, make: Maker, session: Session
) -> None:
    stories = [make.story(f"Words about a bus, the {number}th time.", state="published") for number in range(11)]
    told = {story.id: story.newest.id for story in stories}
    members = tuple(range(11))
    words = ("bus", "rarely")
    holds = (3,) * 5 + (1,) * 6  # of the second word one story less is too few
    group = finding.Group("en", words, members, (900,) * 11, holds)
    session.commit()
    with ThreadPoolExecutor(1) as threads:
        keep(session, finding.Discovered("words-1", [group], 0), list(told.values()), {}, by=None)
        first = next(iter(told))
        withdrawing = begun_beside(app, session, threads, lambda own: own.get_one(Story, first).withdraw())
        session.commit()
        withdrawing.result(SECONDS)
    session.expire_all()
    assert session.scalars(sa.select(GroupStory).filter_by(version_id=told[first])).all() == []
    assert session.scalars(sa.select(DiscoveredGroup)).one().words == ["bus", ""]


def test_two_workers_that_look_through_the_same_story_both_come_to_their_end(
    app: Flask, make: Maker, session: Session
) -> None:
    version_id = make.story(state="published").newest.id
    theme_id, other_id = make.theme("buses").id, make.theme("trams").id
    session.commit()
    with ThreadPoolExecutor(1) as threads:
        suggesting.keep_for(session, [version_id], {version_id: {theme_id: 800, other_id: 700}})
        found = {version_id: {other_id: 750, theme_id: 300}}
        beside = begun_beside(app, session, threads, lambda own: suggesting.keep_for(own, [version_id], found))
        session.commit()
        beside.result(SECONDS)
    session.expire_all()
    kept = session.scalars(sa.select(SuggestedTheme.theme_id).filter_by(version_id=version_id))
    assert set(kept) == {theme_id, other_id}
