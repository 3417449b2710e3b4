"""`flask demo stories`: invented, the same for the same seed, and never among real ones."""

from __future__ import annotations

import hashlib
from collections import Counter

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from storyhub.extensions import db
from storyhub.models.decision import breaks
from storyhub.models.publication import Publication
from storyhub.models.selection import Selection
from storyhub.models.site import the_site
from storyhub.models.story import Setting, State, Story, StoryVersion
from storyhub.models.theme import Theme
from storyhub.models.walking import newest
from storyhub.operations.demo import AT_ONCE, fill_demo
from storyhub.operations.importing.columns import language_of
from storyhub.operations.invention import LAST_YEAR, MOST_THEMES, invent, read
from storyhub.text.language import detect
from tests.makers import Maker
from tests.operations.conftest import Flask_
from tests.pages import PagesClient

LANGUAGES = list(read("plan")["languages"])
MANY = [invent(1, n) for n in range(4_000)]


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


def test_the_same_words_are_told_on_every_python() -> None:
    """Drawn from nothing but what Python promises to keep: whoever measures elsewhere has the same million stories."""
    known = [invent(1, n) for n in range(300)]
    told = "\n".join(f"{one.told.text} {one.told.happened} {one.themes} {one.days_ago} {one.heard}" for one in known)
    assert hashlib.sha256(told.encode()).hexdigest()[:16] == "87f0cf944a5666d1"


def test_thousands_of_stories_hardly_repeat_themselves() -> None:
    texts = [one.told.text for one in MANY]
    assert len(set(texts)) >= 0.97 * len(texts)
    assert not [text for text in texts if len(text) < 10]


def test_most_are_short_and_a_few_very_long() -> None:
    lengths = sorted(len(one.told.text.split()) for one in MANY if one.told.language != "zh")
    assert 30 <= lengths[len(lengths) // 2] <= 50
    assert lengths[int(0.9 * len(lengths))] > 100
    assert 2_000 < lengths[-1] < 6_000


def test_a_few_themes_come_up_often_and_most_seldom() -> None:
    counts = [number for _theme, number in Counter(theme for one in MANY for theme in one.themes).most_common()]
    assert counts[0] > 8 * counts[-1]
    assert sum(counts[:4]) > 0.4 * sum(counts)
    together = Counter(len(one.themes) for one in MANY)
    assert together[1] and together[2] and together[3]


def test_more_happened_lately_and_most_in_the_years_in_which_many_spoke() -> None:
    years = Counter(int(one.told.happened[:4]) for one in MANY if one.told.happened)
    assert years[2024] > years[2012] > years[2000] > 0
    assert years[2017] > 1.5 * years[2016]
    assert max(years) == LAST_YEAR


def test_most_were_heard_a_few_times_and_some_by_hundreds() -> None:
    for counts in (sorted(one.heard for one in MANY), sorted(one.me_too for one in MANY)):
        assert counts[0] == 0
        assert counts[int(0.8 * len(counts))] <= 20
        assert counts[-1] > 200


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_language_says_everything_that_the_others_say(language: str) -> None:
    words, english = read(language), read("en")
    for kind in ("otherwise", "details", "moments", "months", "weekdays", "times", "things", "links"):
        assert len(words[kind]) == len(english[kind]), kind
    assert {place: len(phrases) for place, phrases in words["wheres"].items()} == dict.fromkeys(Setting, 4)
    assert "{where}" in words["frame"]
    assert "{age}" in words["age"]
    assert "{thing}" in words["remembered"]


def test_only_who_was_helped_thanks_somebody() -> None:
    thanks = {read(language)["wishes"][read("plan")["thanks"]] for language in LANGUAGES}
    thanking = [one for one in MANY if any(words in one.told.text for words in thanks)]
    assert thanking
    assert all("somebody-stepped-in" in one.themes or len(one.themes) == MOST_THEMES for one in thanking)


def test_what_was_heard_is_shown_of_public_stories(flask: Flask_, session: Session) -> None:
    flask("demo", "stories", "--count", "30", "--published-only")
    expected = sorted((one.heard, one.me_too) for one in (invent(1, n) for n in range(30)))
    assert sorted(map(tuple, session.execute(sa.select(Publication.heard, Publication.me_too)))) == expected


def test_a_filling_that_was_stopped_goes_on_where_it_was(app: Flask, session: Session) -> None:
    class Stopped(Exception): ...

    def stop(done: int) -> None:
        raise Stopped

    with app.app_context():
        with pytest.raises(Stopped):
            fill_demo(db.session, AT_ONCE + 100, published_only=True, progress=stop)
        db.session.rollback()
        assert fill_demo(db.session, AT_ONCE + 100, published_only=True) == 100
    assert session.scalar(sa.select(sa.func.count()).select_from(Publication)) == AT_ONCE + 100


def test_every_theme_of_the_plan_has_words(flask: Flask_, session: Session) -> None:
    flask("demo", "stories", "--count", "1")
    slugs = set(session.scalars(sa.select(Theme.slug)))
    plan = read("plan")
    used = {theme for kind in ("events", "others", "afters") for part in plan[kind] for theme in part["themes"]}
    assert used <= slugs
    assert all({"en", "ar"} <= set(words["names"]) for words in read("themes").values())
