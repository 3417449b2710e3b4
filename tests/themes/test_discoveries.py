"""Organisers search for what no theme covers, and decide about each group that is found."""

from __future__ import annotations

import json
import random
import threading
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from storyhub import clock
from storyhub.models.discovered import DiscoveredGroup, Discovery, GroupState, GroupStory, NotOpen
from storyhub.models.long_work import LongWork
from storyhub.models.people import Person
from storyhub.models.publication import Publication, PublishedTheme
from storyhub.models.story import Story, Told, purge_due
from storyhub.models.theme import CodedBy, Coding, Theme
from storyhub.operations.long_work import do_long_work
from storyhub.protection.identifiers import shown
from storyhub.text.discovering import FEWEST
from tests.conftest import HeldClock
from tests.makers import Maker
from tests.models.test_two_at_once import at_once
from tests.pages import Page, PagesClient
from tests.text.test_discovering import told_of
from tests.text.test_fields import needs_encoder

SignIn = Callable[[PagesClient, Person], PagesClient]
EACH = 32


@pytest.fixture
def ola(client: PagesClient, make: Maker, sign_in: SignIn) -> PagesClient:
    """The browser of Ola, who organises."""
    return sign_in(client, make.organiser("Ola"))


@pytest.fixture
def told(make: Maker) -> list[Story]:
    """Stories of two kinds without a theme."""
    chance = random.Random(3)
    by = make.anybody()
    stories = []
    for number in range(2 * EACH):
        words = told_of(("bus", "school")[number % 2], chance)
        stories.append(make.story(words, country="KE", happened=str(2018 + number % 5)))
        stories[-1].publish(by=by, window=0)
    make.release()
    return stories


def search(app: Flask, session: Session, page: Page, **chosen: str) -> None:
    page.form("/organise/discoveries").fill(**chosen).send()
    with app.app_context():
        do_long_work(session)
    session.expire_all()


def groups(session: Session) -> list[DiscoveredGroup]:
    session.expire_all()
    return list(session.scalars(sa.select(DiscoveredGroup).order_by(DiscoveredGroup.place)))


def group_page(client: PagesClient, group: DiscoveredGroup) -> Page:
    return client.open_page(f"/organise/discoveries/groups/{shown(group.id)}")


def given(session: Session, theme: str) -> set[int]:
    session.expire_all()
    coded = sa.select(Coding.version_id).join(Theme, Theme.id == Coding.theme_id).where(Theme.slug == theme)
    return set(session.scalars(coded.where(Coding.coded_by == CodedBy.SUGGESTION)))


def test_a_small_site_is_told_how_many_stories_a_search_needs(ola: PagesClient, make: Maker) -> None:
    make.story(state="published")
    page = ola.open_page("/organise/discoveries")
    assert "A search needs 60 public stories; there are 1." in page
    assert not page.has_form("/organise/discoveries")


def test_a_search_finds_groups_and_an_organiser_names_merges_and_dismisses_them(
    ola: PagesClient, app: Flask, session: Session, told: list[Story], make: Maker
) -> None:
    make.story("Waiting: the bus driver and the ticket at the window.")
    search(app, session, ola.open_page("/organise/discoveries"))
    work = session.scalars(sa.select(LongWork)).one()
    page = ola.open_page(work.result["url"])
    assert f"{2 * EACH} stories were looked at" in page
    assert "Waiting:" not in page
    assert len(page.html.css(".groups circle")) == len(groups(session)) >= 2
    first, second = groups(session)[:2]

    # A name, and only for what was ticked.
    page = group_page(ola, first)
    assert page.form("/theme").values("story") == []
    ticked = page.form("/theme").options("story")[:3]
    page = page.form("/theme").fill(story=ticked, name="On the way").send()
    assert "3 stories got the theme “On the way”" in page
    assert {shown(one) for one in given(session, "on-the-way")} == set(ticked)
    theme_id = session.scalars(sa.select(Theme.id)).one()
    public = sa.select(sa.func.count()).select_from(PublishedTheme).where(PublishedTheme.theme_id == theme_id)
    assert session.scalar(public) == 3

    # More of the same, once they are said to have been read; no other theme can be chosen any more.
    page = group_page(ola, first)
    assert page.form("/theme").options("theme") == ["on-the-way"]
    page.form("/theme").fill(all_read="y").send()
    held = set(session.scalars(sa.select(GroupStory.version_id).filter_by(group_id=first.id)))
    assert given(session, "on-the-way") == held

    # Another group belongs to it too.
    page = group_page(ola, second)
    page.form("/theme").fill(theme="on-the-way", story=page.form("/theme").options("story")[:1]).send()
    assert groups(session)[1].state is GroupState.MERGED

    # All of it can be taken back.
    page = group_page(ola, second).form("/undo").send()
    assert given(session, "on-the-way") == held
    group_page(ola, first).form("/undo").send()
    assert given(session, "on-the-way") == set()
    assert {group.state for group in groups(session)} == {GroupState.OPEN}
    assert session.scalars(sa.select(Theme.retired)).one()
    assert session.scalar(public) == 0


def test_a_group_without_ticks_or_without_a_name_becomes_nothing(
    ola: PagesClient, app: Flask, session: Session, told: list[Story]
) -> None:
    search(app, session, ola.open_page("/organise/discoveries"))
    group = groups(session)[0]
    page = group_page(ola, group).form("/theme").fill(name="On the way").send(status=422)
    assert "Please tick the stories" in page
    assert page.form("/theme").value("name") == "On the way"
    page.form("/theme").fill(story=page.form("/theme").options("story")[:1], name="").send(status=422)
    others = [shown(one) for one in (1, *session.scalars(sa.select(Publication.story_id)))]
    page.form("/theme").fill(name="Forged").forge(story=others).send(status=422)
    assert session.scalars(sa.select(Theme)).all() == []


def test_a_dismissed_group_comes_back_as_one_that_was_dismissed(
    ola: PagesClient, app: Flask, session: Session, told: list[Story]
) -> None:
    search(app, session, ola.open_page("/organise/discoveries"))
    group = groups(session)[0]
    group_page(ola, group).form("/dismissal").fill(reason="Only a form that was sent round.").send()
    assert "Only a form that was sent round." in group_page(ola, group)
    told[0].withdraw()
    session.commit()
    search(app, session, ola.open_page("/organise/discoveries"), look="all")
    again = [one for one in groups(session) if one.like_id is not None]
    assert [one.like_id for one in again] == [group.id]
    page = ola.open_page(f"/organise/discoveries/{shown(again[0].discovery_id)}")
    assert "You dismissed one like this" in page
    group_page(ola, group).form("/undo").send()
    assert session.get(DiscoveredGroup, group.id).state is GroupState.OPEN


def test_a_story_that_is_taken_back_leaves_its_groups_and_words_that_few_are_left_with_go_too(
    ola: PagesClient, app: Flask, session: Session, told: list[Story]
) -> None:
    search(app, session, ola.open_page("/organise/discoveries"))
    group = groups(session)[0]
    bit, word = 0, group.words[0]
    holding = [row.version_id for row in session.scalars(sa.select(GroupStory).filter_by(group_id=group.id))
               if row.holds >> bit & 1]  # fmt: skip
    stories = {story.newest.id: story for story in told}
    for version_id in holding[: len(holding) - FEWEST]:
        stories[version_id].withdraw()
    session.commit()
    assert word in group_page(ola, group).html.css_first(".telling-words").text()
    stories[holding[-1]].set_aside(by=session.merge(session.scalars(sa.select(Person)).first()), reason="other")
    session.commit()
    shown_words = group_page(ola, group).html.css_first(".telling-words")
    assert shown_words is None or word not in shown_words.text().split(" · ")
    stories[holding[-1]].withdraw()
    session.commit()
    kept = session.scalars(sa.select(DiscoveredGroup).filter_by(id=group.id)).one()
    assert word not in kept.words
    assert not set(holding[: len(holding) - FEWEST]) & set(session.scalars(sa.select(GroupStory.version_id)))


@needs_encoder
def test_a_search_for_small_groups_says_what_they_are_and_knows_what_was_dismissed(
    ola: PagesClient, app: Flask, session: Session, told: list[Story], make: Maker
) -> None:
    chance = random.Random(6)
    for _ in range(20):
        words = f"{told_of('bus', chance)} Then of {' and '.join(chance.sample(['money', 'pay', 'cash', 'coins'], 3))}."
        make.story(words, country="KE").publish(by=make.anybody(), window=0)
    make.release()
    search(app, session, ola.open_page("/organise/discoveries"), fine="y")
    (small,) = [group for group in groups(session) if "coins" in group.words]
    assert small.count == 20
    page = ola.open_page(f"/organise/discoveries/{shown(small.discovery_id)}")
    assert "words of like meaning" in page
    group_page(ola, small).form("/dismissal").fill(reason="Every story says it.").send()
    search(app, session, ola.open_page("/organise/discoveries"), fine="y")
    assert [one.words for one in groups(session) if one.like_id == small.id] == [small.words]


def test_a_search_within_a_theme_looks_at_its_stories_alone(
    ola: PagesClient, app: Flask, session: Session, told: list[Story], make: Maker
) -> None:
    make.story("Somebody else's bus.", state="published", themes=["buses"])
    page = ola.open_page("/organise/discoveries").form("/organise/discoveries").fill(look="theme").send(status=422)
    assert "Please choose the theme." in page
    page = page.form("/organise/discoveries").fill(look="theme", theme="buses").send(status=422)
    assert "a search needs 60 stories" in page
    theme = make.theme("buses")
    session.add_all(Coding(version_id=story.newest.id, theme_id=theme.id, coded_by=CodedBy.ORGANISER) for story in told)
    session.commit()
    search(app, session, page, look="theme", theme="buses")
    assert session.scalars(sa.select(Discovery.stories)).one() == 2 * EACH + 1


def test_the_command_searches_and_says_what_it_found(app: Flask, session: Session, told: list[Story]) -> None:
    result = app.test_cli_runner().invoke(args=["themes", "discover", "--json"])
    assert result.exit_code == 0, result.output
    *found, summary = map(json.loads, result.output.splitlines())
    assert [one["stories"] for one in found] == [group.count for group in groups(session)]
    assert summary["stories"] == 2 * EACH
    result = app.test_cli_runner().invoke(args=["themes", "discover", "--theme", "not-there"])
    assert result.exit_code == 1
    assert "not there any more" in result.output


def test_the_pages_are_for_organisers_alone(client: PagesClient, make: Maker, sign_in: SignIn) -> None:
    sign_in(client, make.moderator())
    client.open_page("/organise/discoveries", status=403)


def test_words_that_stood_only_in_what_is_purged_go_with_it(
    app: Flask, make: Maker, session: Session, held_clock: HeldClock
) -> None:
    """Stories that were put into other words: what they told before is forgotten in the groups as well."""
    discovery = Discovery(method="m", asked={}, stories=6, day=clock.today())
    session.add(discovery)
    session.flush()
    group = DiscoveredGroup(
        discovery_id=discovery.id, place=1, words=["lantern", "harbour"], count=6, state=GroupState.OPEN
    )
    session.add(group)
    session.flush()
    stories = [make.story(f"A lantern at the harbour {number}.", state="published") for number in range(6)]
    session.add_all(GroupStory(group_id=group.id, version_id=one.newest.id, typical=1, holds=0b11) for one in stories)
    for number, one in enumerate(stories[:2]):
        one.edit(Told(text=f"Something else altogether, {number}.", language="en"))
        make.publish(one)
    session.commit()
    held_clock.forward(days=31)
    while purge_due(session, clock.today()):
        session.commit()
    (group,) = groups(session)
    assert group.words == ["", ""]
    assert len(session.scalars(sa.select(GroupStory)).all()) == 4


def test_of_two_who_decide_about_a_group_at_once_the_second_one_is_told(
    app: Flask, make: Maker, session: Session
) -> None:
    discovery = Discovery(method="m", asked={}, stories=1, day=clock.today())
    session.add(discovery)
    session.flush()
    group = DiscoveredGroup(discovery_id=discovery.id, place=1, words=["lantern"], count=1, state=GroupState.OPEN)
    session.add(group)
    session.flush()
    version_id = make.story(state="published").newest.id
    session.add(GroupStory(group_id=group.id, version_id=version_id, typical=1))
    group_id, by, theme_ids = group.id, make.organiser().id, [make.theme(slug).id for slug in ("lamps", "light")]
    session.commit()
    told: list[str] = []

    def merge(theme_id: int) -> Callable[[Session], object]:
        def act(own: Session) -> None:
            found = own.get_one(DiscoveredGroup, group_id)
            both_read_it.wait(60)
            try:
                found.merge(own.get_one(Theme, theme_id), [version_id], by=by)
            except NotOpen:
                own.rollback()
                told.append("too late")

        return act

    # On SQLite the second one can't even read before the first one is done.
    both_read_it = threading.Barrier(2 if session.get_bind().dialect.name != "sqlite" else 1)
    assert at_once(app, *map(merge, theme_ids)) == ["done", "done"]
    assert told == ["too late"]
    session.expire_all()
    assert session.scalars(sa.select(Coding.theme_id)).all() == [session.get_one(DiscoveredGroup, group_id).theme_id]
