"""Themes that organisers give to public stories: readers see them at the next window, everywhere at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from storyhub import clock
from storyhub.models import retheming, tally
from storyhub.models.card import Card
from storyhub.models.publication import Publication, PublishedPair, PublishedTheme
from storyhub.models.retheming import ThemesDue, follow, show_themes_due
from storyhub.models.site import the_site
from storyhub.models.story import Story
from storyhub.models.tally import Tally
from storyhub.models.theme import CodedBy, Coding, Theme
from tests.makers import Maker
from tests.models.test_two_at_once import at_once
from tests.pages import PagesClient

SLUGS = ["buses", "night", "work"]


def code(session: Session, story: Story, *themes: Theme) -> int:
    """Give a public story just these themes, as an organiser does; returns its public version."""
    assert story.public is not None
    version_id = story.public.version_id
    session.execute(sa.delete(Coding).filter_by(version_id=version_id))
    session.add_all(Coding(version_id=version_id, theme_id=one.id, coded_by=CodedBy.ORGANISER) for one in themes)
    session.flush()
    return version_id


def test_readers_see_it_at_the_next_window_and_not_before(session: Session, make: Maker, client: PagesClient) -> None:
    story = make.story(state="published", themes=["buses"])
    night = make.theme("night")
    edition = the_site(session).edition
    follow(session, [code(session, story, night)], minutes=60)
    session.commit()
    assert show_themes_due(session, window=clock.window(60)) == 0
    assert "Buses" in client.open_page("/")
    assert show_themes_due(session, window=clock.next_window(60)) == 1
    session.commit()
    assert the_site(session).edition == edition + 1
    page = client.open_page("/")
    assert "Night" in page
    assert "Buses" not in page.html.css_first("article").text()
    assert story.public is not None and "1" in client.open_page("/themes/night")
    assert session.scalars(sa.select(ThemesDue)).all() == []


def test_a_site_without_windows_shows_it_at_once(session: Session, make: Maker, client: PagesClient) -> None:
    story = make.story(state="published")
    follow(session, [code(session, story, make.theme("night"))], minutes=0)
    session.commit()
    assert "Night" in client.open_page("/")


def test_what_is_not_public_waits_for_its_own_release(session: Session, make: Maker) -> None:
    waiting = make.story()
    follow(session, [waiting.newest.id], minutes=60)
    assert session.scalars(sa.select(ThemesDue)).all() == []


def test_a_change_that_is_none_makes_no_new_edition(session: Session, make: Maker) -> None:
    story = make.story(state="published", themes=["buses"])
    edition = the_site(session).edition
    follow(session, [code(session, story, make.theme("buses"))], minutes=0)
    session.commit()
    assert the_site(session).edition == edition


def test_a_story_that_was_taken_back_meanwhile_stays_gone(session: Session, make: Maker) -> None:
    story = make.story(state="published", themes=["buses"])
    follow(session, [code(session, story, make.theme("night"))], minutes=60)
    story.withdraw()
    session.commit()
    assert show_themes_due(session, window=clock.next_window(60)) == 0
    assert session.scalars(sa.select(Tally)).all() == []


def test_what_two_people_change_of_one_story_waits_once(app: Flask, session: Session, make: Maker) -> None:
    version_id = make.story(state="published", themes=["buses"]).newest.id
    theme_ids = [make.theme(slug).id for slug in ("night", "work")]

    def give(theme_id: int) -> Callable[[Session], object]:
        def act(own: Session) -> None:
            own.add(Coding(version_id=version_id, theme_id=theme_id, coded_by=CodedBy.ORGANISER))
            follow(own, [version_id], minutes=60)

        return act

    assert at_once(app, *map(give, theme_ids)) == ["done", "done"]
    session.commit()
    assert show_themes_due(session, window=clock.next_window(60)) == 1
    shown = set(session.scalars(sa.select(PublishedTheme.theme_id)))
    assert shown == {make.theme(slug).id for slug in ("buses", "night", "work")}


def test_what_is_changed_while_readers_are_brought_in_step_is_shown_the_next_time(
    session: Session, make: Maker, monkeypatch: pytest.MonkeyPatch
) -> None:
    story, night = make.story(state="published", themes=["buses"]), make.theme("night")
    follow(session, [code(session, story, make.theme("work"))], minutes=60)
    window, next_window = clock.next_window(60), clock.next_window(60) + 60
    bring = retheming._bring_in_step

    def and_meanwhile(*args: Any) -> bool:
        changed = bring(*args)
        retheming.show_themes_later(session, [code(session, story, night)], window=next_window)
        return changed

    with monkeypatch.context() as patch:
        patch.setattr(retheming, "_bring_in_step", and_meanwhile)
        assert show_themes_due(session, window=window) == 1
    assert show_themes_due(session, window=window) == 0
    assert show_themes_due(session, window=next_window) == 1
    assert session.scalars(sa.select(PublishedTheme.theme_id)).all() == [night.id]


@pytest.fixture
def three(make: Maker) -> list[Story]:
    return [make.story(state="published", country=country, happened="2019") for country in ("KE", "FR", "KE")]


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.integers(0, 2), st.sets(st.sampled_from(SLUGS))), min_size=1, max_size=6))
def test_every_count_is_as_if_the_stories_had_been_released_so(
    session: Session, make: Maker, three: list[Story], changes: list[tuple[int, set[str]]]
) -> None:
    themes = {slug: make.theme(slug) for slug in SLUGS}
    for number, slugs in changes:
        follow(session, [code(session, three[number], *(themes[slug] for slug in slugs))], minutes=0)
    session.commit()
    assert counts(session) == as_released(session)
    for one in session.scalars(sa.select(Publication)):
        held = set(session.scalars(sa.select(Coding.theme_id).filter_by(version_id=one.version_id)))
        shown = set(session.scalars(sa.select(PublishedTheme.theme_id).filter_by(position=one.position)))
        pairs = session.execute(sa.select(PublishedPair).filter_by(position=one.position)).all()
        assert shown == held
        assert len(pairs) == len(held) * (len(held) - 1) // 2
        card = session.get_one(Card, one.position)
        assert card.themes.split() == sorted(slug for slug, theme in themes.items() if theme.id in held)


def counts(session: Session) -> dict[tally.Key, int]:
    session.expire_all()
    return {(one.subject, one.facet, one.value): one.count for one in session.scalars(sa.select(Tally))}


def as_released(session: Session) -> dict[tally.Key, int]:
    found: Counter[tally.Key] = Counter()
    for one in session.scalars(sa.select(Publication)):
        theme_ids = set(session.scalars(sa.select(Coding.theme_id).filter_by(version_id=one.version_id)))
        facts = tally.Counted(one.country, one.language, one.setting, one.year, one.campaign_id, tuple(theme_ids))
        found.update(tally.keys(facts))
    return dict(found)
