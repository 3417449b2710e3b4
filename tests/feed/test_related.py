"""What a story leads to: those most like it, each once, and never anything that is not public."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy import event
from sqlalchemy.orm import Session

from storyhub.extensions import db
from storyhub.models.decision import Reason
from storyhub.models.nearness import NearestStory
from storyhub.models.publication import Publication
from storyhub.models.story import Told
from tests.feed.test_story import address
from tests.makers import Maker
from tests.models.test_nearness import BUS, WORK, connect
from tests.pages import PagesClient

OTHERS = "Others have told of this"
HINDI = "रात की बस में एक आदमी ने मेरा पैर छुआ, और चालक हँसता रहा।"


def test_a_story_opens_with_those_most_like_it_and_leads_to_more(app: Flask, client: PagesClient, make: Maker) -> None:
    story = make.story(BUS[0], state="published")
    for text in (*BUS[1:], *WORK):
        make.story(text, state="published")
    connect(app)
    page = client.open_page(address(story))
    assert OTHERS in page
    assert page.words_told[0] == BUS[0]
    assert set(page.words_told[1:]) == set(BUS[1:])
    more = page.follow("More stories like this one")
    assert more.heading == OTHERS
    assert set(more.words_told) >= set(BUS[1:])
    assert BUS[0] not in more.words_told
    assert "A program compares the words" in more


def test_until_they_are_found_it_leads_to_those_that_share_its_themes(
    app: Flask, client: PagesClient, make: Maker
) -> None:
    story = make.story("Mine.", state="published", themes=["buses", "night"])
    make.story("One theme.", state="published", themes=["buses"])
    make.story("Both themes.", state="published", themes=["buses", "night"])
    make.story("None of them.", state="published", themes=["shops"])
    page = client.open_page(address(story))
    assert "They share themes with this story." in page
    assert page.words_told == ["Mine.", "Both themes.", "One theme."]
    assert page.follow("More stories like this one").words_told == ["Both themes.", "One theme."]


def test_the_nearest_come_first_then_those_that_share_themes_and_none_twice(
    app: Flask, client: PagesClient, make: Maker
) -> None:
    story = make.story(BUS[0], state="published", themes=["buses"])
    make.story(BUS[1], state="published", themes=["buses"])
    make.story("Quite another thing in a tram depot.", state="published", themes=["buses"])
    connect(app)
    told = client.open_page(address(story) + "/related").words_told
    assert told == [BUS[1], "Quite another thing in a tram depot."]
    openings = [one["opening"] for one in client.get(f"/api/v1{address(story)}/related").get_json()["stories"]]
    assert openings == told


def test_the_same_text_told_often_is_shown_once_and_leads_to_the_same_others(
    app: Flask, client: PagesClient, make: Maker, session: Session
) -> None:
    reader = make.story(BUS[1], state="published")
    same = [make.story(BUS[0], state="published") for _ in range(5)]
    connect(app)
    assert client.open_page(address(reader)).words_told == [BUS[1], BUS[0]]
    for story in same:
        assert client.open_page(address(story)).words_told == [BUS[0], BUS[1]]


def test_of_stories_that_are_about_as_near_the_one_that_its_reader_can_read_comes_first(
    client: PagesClient, make: Maker, session: Session
) -> None:
    story, other, own = (make.story(state="published", language=code) for code in ("en", "fr", "en"))
    positions = [one.public.position for one in (story, other, own) if one.public]
    session.add_all(
        NearestStory(position=positions[0], other_position=position, nearness=near)
        for position, near in zip(positions[1:], (740, 700), strict=True)
    )
    session.commit()
    assert client.open_page(address(story) + "/related").words_told == [own.newest.text, other.newest.text]
    session.execute(sa.update(NearestStory).filter_by(other_position=positions[1]).values(nearness=800))
    session.execute(sa.update(Publication).values(heard=0))
    session.execute(sa.text("UPDATE site SET edition = edition + 1"))
    session.commit()
    assert client.open_page(address(story) + "/related").words_told == [other.newest.text, own.newest.text]


@pytest.mark.parametrize("end", ["withdrawn", "set aside", "edited"])
def test_what_is_not_public_any_more_is_on_no_page_from_then_on(
    app: Flask, client: PagesClient, make: Maker, session: Session, end: str
) -> None:
    story, other = (make.story(text, state="published") for text in BUS[:2])
    connect(app)
    paths = [address(story), address(story) + "/related", f"/api/v1{address(story)}/related"]
    tags = {path: client.get(path).headers["ETag"] for path in paths}
    assert all(BUS[1] in client.get(path).get_data(as_text=True) for path in paths)
    if end == "withdrawn":
        other.withdraw()
    elif end == "set aside":
        other.set_aside(by=make.anybody(), reason=Reason.OTHER)
    else:
        other.edit(Told(text="Something else altogether about a tax form.", language="en"))
        make.publish(other)
    session.commit()
    for again in range(2):
        for path in paths:
            answer = client.get(path, headers={"If-None-Match": tags[path]})
            assert answer.status_code == 200
            assert BUS[1] not in answer.get_data(as_text=True)
        if not again:
            connect(app)


@pytest.mark.parametrize("state", ["waiting", "declined", "counted", "withdrawn", "set-aside"])
def test_what_was_never_public_is_compared_with_nothing(
    app: Flask, client: PagesClient, make: Maker, session: Session, state: str
) -> None:
    story = make.story(BUS[0], state="published")
    make.story(BUS[1], state=state)
    connect(app)
    session.commit()
    assert session.scalar(sa.select(sa.func.count()).select_from(NearestStory)) == 0
    assert client.open_page(address(story)).words_told == [BUS[0]]


def test_a_page_asks_as_much_of_the_database_with_many_stories_as_with_few(
    app: Flask, client: PagesClient, make: Maker
) -> None:
    story = make.story(BUS[0], state="published", themes=["buses"])
    make.story("Quite another thing in a tram depot.", state="published", themes=["buses"])
    asked: list[int] = []
    for text in [*BUS[1:], *WORK] * 3:
        make.story(f"{text} {len(asked)}", state="published", themes=["buses"])
        connect(app)
        with counted(app) as statements:
            client.open_page(address(story))
            client.open_page(address(story) + "/related")
        asked.append(len(statements))
    assert set(asked) == {asked[0]}


@contextmanager
def counted(app: Flask) -> Iterator[list[str]]:
    """The statements that pages send."""
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if statement.lstrip().upper().startswith("SELECT"):
            statements.append(statement)

    with app.app_context():
        engines = list(db.engines.values())
    for engine in engines:
        event.listen(engine, "after_cursor_execute", note)
    try:
        yield statements
    finally:
        for engine in engines:
            event.remove(engine, "after_cursor_execute", note)
