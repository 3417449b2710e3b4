"""`flask demo stories`: invented, the same for the same seed, and never among real ones."""

from __future__ import annotations

from collections import Counter

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from storyhub.models.decision import breaks
from storyhub.models.publication import Publication
from storyhub.models.selection import Selection
from storyhub.models.site import the_site
from storyhub.models.story import State, Story, StoryVersion
from storyhub.models.theme import Theme
from storyhub.models.walking import newest
from storyhub.operations.importing.columns import language_of
from storyhub.operations.invention import invent, read
from storyhub.text.language import detect
from tests.makers import Maker
from tests.operations.conftest import Flask_
from tests.pages import PagesClient

LANGUAGES = list(read("plan")["languages"])


def test_a_site_is_filled_in_all_states_and_several_languages(flask: Flask_, session: Session) -> None:
    flask("demo", "stories", "--count", "200")
    assert set(session.scalars(sa.select(Story.state))) == set(State)
    assert {"en", "ar", "es", "fr", "pt", "hi"} <= set(session.scalars(sa.select(Publication.language)))
    assert newest(session, Selection(words="bus"), None, 20).positions
    assert not list(breaks(session))


def test_the_same_seed_tells_the_same_and_another_tells_something_else() -> None:
    assert [invent(1, n) for n in range(50)] == [invent(1, n) for n in range(50)]
    assert invent(1, 7) != invent(2, 7)


def test_running_it_again_adds_none_twice_and_a_greater_count_adds_the_rest(flask: Flask_, session: Session) -> None:
    for count, new in (("40", "40"), ("40", "0"), ("60", "20")):
        assert flask("demo", "stories", "--count", count).output.startswith(f"{new} invented")
    assert session.scalar(sa.select(sa.func.count()).select_from(Story)) == 60


def test_all_of_them_can_be_public(flask: Flask_, session: Session) -> None:
    flask("demo", "stories", "--count", "120", "--published-only")
    assert session.scalar(sa.select(sa.func.count()).select_from(Publication)) == 120


def test_the_site_says_on_its_pages_that_nothing_of_it_happened(
    flask: Flask_, session: Session, client: PagesClient
) -> None:
    flask("demo", "stories", "--count", "30")
    site = the_site(session)
    assert site.is_demo
    assert "demonstration" in site.name
    assert "demonstration" in client.open_page("/").title


def test_invented_stories_are_refused_where_people_have_told_theirs(
    flask: Flask_, session: Session, make: Maker
) -> None:
    make.story("told by somebody")
    assert "site of their own" in flask("demo", "stories", "--count", "5", code=1).output
    assert list(session.scalars(sa.select(StoryVersion.text))) == ["told by somebody"]
    assert not the_site(session).is_demo


def test_nobody_gets_an_account_by_a_demonstration(flask: Flask_, session: Session) -> None:
    from storyhub.models.people import Person

    flask("demo", "stories", "--count", "60")
    assert not session.scalars(sa.select(Person)).all()


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_language_has_a_sentence_for_each_thing_that_happens(language: str) -> None:
    words, plan = read(language), read("plan")
    for kind in ("events", "others", "afters"):
        assert len(words[kind]) == len(plan[kind]), kind
    assert len(words["wishes"]) > plan["thanks"]
    assert language_of(language) == language


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_stories_are_in_the_language_that_they_say(language: str) -> None:
    told = [one.told.text for one in (invent(1, n) for n in range(800)) if one.told.language == language]
    found = Counter(detect(text) for text in told)
    assert found[language] >= 0.95 * len(told), found


def test_hundreds_of_stories_hardly_repeat_themselves() -> None:
    texts = [invent(1, n).told.text for n in range(800)]
    assert len(set(texts)) >= 795
    assert all(40 <= len(text) <= 900 for text in texts)


def test_every_theme_of_the_plan_has_words(flask: Flask_, session: Session) -> None:
    flask("demo", "stories", "--count", "1")
    slugs = set(session.scalars(sa.select(Theme.slug)))
    plan = read("plan")
    used = {theme for kind in ("events", "others", "afters") for part in plan[kind] for theme in part["themes"]}
    assert used <= slugs
    assert all({"en", "ar"} <= set(words["names"]) for words in read("themes").values())
