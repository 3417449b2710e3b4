"""The queue opens, pages and is filtered at the same cost, however much waits."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event
from sqlalchemy.orm import Session

from storyhub import clock
from storyhub.extensions import db
from storyhub.models.appeal import make_appeal
from storyhub.models.cluster import Cluster
from storyhub.models.people import Person
from storyhub.models.queue import Kind, Lane, QueueItem, Urgency, spaced
from storyhub.models.story import State, Told
from storyhub.moderation import actions, lanes, queries
from storyhub.moderation.lanes import Wanted
from storyhub.operations.bulk import Ready, store
from storyhub.protection.identifiers import shown
from tests.makers import Maker
from tests.moderation.conftest import SignIn, path_of
from tests.pages import Page, PagesClient


def rows(page: Page) -> list[str]:
    return [node.attributes["href"] or "" for node in page.html.css("ol.queue a")]


def every_row(page: Page, link: str = "Those that came later") -> list[str]:
    """What stands on a page and on all that follow."""
    found = rows(page)
    while page.html.css_first("a[rel=next]"):
        page = page.follow(link if link in page else "Look further on")
        found += rows(page)
    return found


def waiting(app: Flask, number: int, start: int = 0, **facts: Any) -> None:
    """That many stories that wait, all since the same few days, as a flood would come."""
    campaign, theme = facts.pop("campaign", None), facts.pop("theme", None)
    with app.app_context():
        ready = [
            Ready(
                key=f"waiting-{start + count}",
                told=Told(text=f"Something happened to me on the bus, the {count}. time.", language="en", **facts),
                state=State.WAITING,
                campaign_id=campaign.id if campaign else None,
                theme_ids=(theme.id,) if theme else (),
                window=clock.window(1) - count % 3 * 24 * 60,
            )
            for count in range(number)
        ]
        store(db.session, ready)
        db.session.commit()


@pytest.fixture
def short_sight(monkeypatch: pytest.MonkeyPatch) -> None:
    """The desk looks less far, so that a test needs fewer stories to see what it does about many."""
    monkeypatch.setattr(lanes, "FEW", 8)
    monkeypatch.setattr(lanes, "FAR", 40)
    monkeypatch.setattr(queries, "FAR", 40)
    monkeypatch.setattr(queries, "MOST_COUNTED", 20)


# ---- Filters


def test_filters_combine_and_stay_while_one_pages(mina: PagesClient, make: Maker, app: Flask) -> None:
    campaign, theme = make.campaign("safer-buses"), make.theme("buses")
    waiting(app, 70, campaign=campaign, theme=theme)
    make.story(language="ar", themes=["buses"], campaign=campaign)
    make.story(language="en", themes=["work"], campaign=campaign)
    make.story(language="en", themes=["buses"])
    page = mina.open_page("/desk/?lane=usual&kind=story&language=en&theme=buses&campaign=safer-buses&age=1")
    link = page.html.css_first("a[rel=next]").attributes["href"] or ""
    for kept in ("kind=story", "language=en", "theme=buses", "campaign=safer-buses", "age=1", "lane=usual"):
        assert kept in link
    found = every_row(page)
    assert len(found) == len(set(found)) == 70 - 24  # a third came today
    chosen = page.form("/desk/").fields if page.forms[0].method == "GET" else None
    assert chosen is None or chosen["theme"] == "buses"


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("theme=buses", 200), ("theme=boats", 404), ("theme=%00", 400), ("theme=Buses", 400),
        ("campaign=here", 200), ("campaign=there", 404), ("campaign=a/b", 400),
        ("age=3", 200), ("age=0", 200), ("age=-1", 400), ("age=soon", 400), ("age=10000", 400), ("age=9999", 200),
        (f"age={'9' * 5_000}", 400), (f"age={'0' * 5_000}", 400),
        ("age=%D9%A3", 400), ("cluster=0000000000009", 404), ("cluster=many", 400),
        ("theme=buses&campaign=here&age=2&language=ar&kind=edit&lane=held", 200),
    ],
)  # fmt: skip
def test_an_unknown_filter_is_not_found_and_a_malformed_one_refused(
    mina: PagesClient, make: Maker, query: str, status: int
) -> None:
    make.theme("buses")
    make.campaign("here")
    mina.open_page(f"/desk/?{query}", status=status)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    name=st.sampled_from(["lane", "kind", "language", "theme", "campaign", "age", "cluster", "after"]), value=st.text()
)
def test_no_filter_breaks_the_desk(mina: PagesClient, name: str, value: str) -> None:
    assert mina.get("/desk/", query_string={name: value}).status_code in (200, 400, 404)


def test_the_stories_of_a_cluster_are_found_by_it_in_any_lane(mina: PagesClient, make: Maker, session: Session) -> None:
    cluster = Cluster(formed_on=clock.today())
    session.add(cluster)
    session.flush()
    stories = [make.story(lane=lane) for lane in (Lane.HELD, Lane.HELD, Lane.URGENT)]
    make.story(lane=Lane.HELD)
    for story in stories:
        story.items[0].cluster_id = cluster.id
    session.commit()
    found = [rows(mina.open_page(f"/desk/?lane={lane}&cluster={shown(cluster.id)}")) for lane in ("held", "urgent")]
    assert [len(one) for one in found] == [2, 1]


def test_an_appeal_is_found_among_any_number_of_stories(
    mina: PagesClient, make: Maker, app: Flask, session: Session, short_sight: None
) -> None:
    del short_sight
    declined = make.story(state="declined", by=make.moderator())
    waiting(app, 100)
    make_appeal(session, declined, "Please look again.")
    session.commit()
    page = mina.open_page("/desk/?lane=usual&kind=appeal")
    assert rows(page) == [path_of(declined)]
    assert not page.html.css("a[rel=next]")
    assert mina.open_page("/desk/?kind=appeal").form("/desk/next").send().path == path_of(declined)


def test_what_no_index_knows_is_looked_for_so_far_and_the_page_says_so(
    mina: PagesClient, make: Maker, app: Flask, session: Session, short_sight: None
) -> None:
    del short_sight
    waiting(app, 100)
    story = make.story()
    story.items[0].kind = Kind.EDIT
    session.commit()
    page = mina.open_page("/desk/?lane=usual&kind=edit")
    assert "Among the next 40 who have waited longest there is nothing like this." in page
    assert every_row(page) == [path_of(story)]


@pytest.mark.parametrize("filters", [{"language": "cy"}, {"theme": "rare"}, {"campaign": "rare"}])
def test_what_is_rare_is_found_at_once_where_an_index_knows_it(
    mina: PagesClient, make: Maker, app: Flask, short_sight: None, filters: dict[str, str]
) -> None:
    del short_sight
    campaign = make.campaign("rare")
    waiting(app, 100)
    story = make.story(language="cy", themes=["rare"], campaign=campaign)
    name, value = next(iter(filters.items()))
    page = mina.open_page(f"/desk/?lane=usual&{name}={value}")
    assert rows(page) == [path_of(story)]
    assert page.form("/desk/next").send().path == path_of(story)


def test_a_language_that_one_person_reads_is_handed_to_them_from_the_end_of_a_long_queue(
    app: Flask, client: PagesClient, make: Maker, sign_in: SignIn, short_sight: None
) -> None:
    del short_sight
    waiting(app, 100)
    story = make.story(language="ar-EG")
    sign_in(client, make.moderator("Nada", languages=["ar"]))
    assert client.open_page("/desk/").form("/desk/next").send().path == path_of(story)


def test_where_far_too_much_waits_that_is_for_others_the_desk_says_how_to_go_on(
    app: Flask, client: PagesClient, make: Maker, session: Session, sign_in: SignIn, short_sight: None
) -> None:
    del short_sight
    waiting(app, 100)
    session.execute(sa.update(QueueItem).values(topics=spaced(["threats"])))
    session.commit()
    sign_in(client, make.moderator("Rea", rather_not=["threats"]))
    page = client.open_page("/desk/").form("/desk/next").send()
    assert "Of those who have waited longest none is for you." in page


# ---- At a glance


def test_the_queue_shows_how_long_people_have_waited_and_leads_to_them(mina: PagesClient, make: Maker) -> None:
    stories = {}
    for days in (0, 1, 2, 4, 9, 30):
        with clock.held(clock.now() - dt.timedelta(days=days)):
            stories[days] = path_of(make.story())
    page = mina.open_page("/desk/")
    counts = [node.text() for node in page.html.css(".ages .count")]
    assert counts == ["1", "2", "1", "1", "1"]
    assert rows(page.follow("a week or more"))[0] == stories[9]
    assert rows(page.follow("1–2 days"))[:2] == [stories[2], stories[1]]
    assert rows(page.follow("two weeks or more")) == [stories[30]]
    assert rows(page.follow("since today")) == [stories[0]]


def test_beyond_a_thousand_the_desk_says_so(mina: PagesClient, app: Flask) -> None:
    waiting(app, 1_002)
    page = mina.open_page("/desk/")
    assert "Usual 1,000+" in page


def test_a_row_says_why_it_is_urgent_and_that_a_second_person_is_asked_for(
    mina: PagesClient, make: Maker, session: Session
) -> None:
    from storyhub.models.decision import Act

    story, again = make.story(lane=Lane.URGENT), make.story(lane=Lane.URGENT)
    story.items[0].because = Urgency.CHILD
    again.first_read(Act.PUBLISH, by=make.moderator())
    session.commit()
    page = mina.open_page("/desk/")
    assert "some words suggest a child" in page
    assert "for a second person" in page


def test_languages_are_those_in_which_something_waits(make: Maker, session: Session) -> None:
    for tag in ("pt-BR", "ar", None, "en", "ar", "zh-Hant-TW"):
        make.story(language=tag)
    make.story(language="sw", state="published")
    assert queries.languages_waiting(session) == ["ar", "en", "pt-BR", "zh-Hant-TW"]
    reader = make.moderator(languages=["zh-Hant", "pt"])
    assert lanes.languages_read(session, reader) == ["pt-BR", "zh-Hant-TW"]
    assert lanes.languages_read(session, make.moderator()) is None


# ---- What it costs


PAGES = [
    "/desk/?lane=usual", "/desk/?lane=held", "/desk/?lane=usual&kind=edit", "/desk/?lane=usual&language=cy",
    "/desk/?lane=usual&theme=rare", "/desk/?lane=usual&campaign=rare", "/desk/?lane=usual&age=2",
    "/desk/?lane=usual&after={middle}",
]  # fmt: skip


def test_neither_queries_nor_rows_that_are_read_grow_with_the_queue(
    app: Flask, mina: PagesClient, make: Maker, session: Session, short_sight: None
) -> None:
    """SQLite counts its own steps; the rows of a flood of one day lie behind one place in the index."""
    del short_sight
    make.theme("rare")
    make.campaign("rare")
    waiting(app, 300)
    session.execute(sa.update(QueueItem).values(waits_since=clock.today()))
    small = [cost(app, mina, path) for path in with_middle(session)]
    waiting(app, 1200, start=300)
    session.execute(sa.update(QueueItem).values(waits_since=clock.today()))
    great = [cost(app, mina, path) for path in with_middle(session)]
    for path, (queries_before, steps_before), (queries_now, steps_now) in zip(PAGES, small, great, strict=True):
        assert queries_now == queries_before <= 16, path
        assert steps_now <= 1.1 * steps_before + 100, path


def test_being_handed_the_next_story_costs_the_same_however_much_waits(
    app: Flask, make: Maker, session: Session, short_sight: None
) -> None:
    del short_sight
    make.theme("rare")
    nada = make.moderator(languages=["cy", "ga"], rather_not=["threats"]).id
    noor = make.moderator().id
    wishes = [Wanted(), Wanted(kind=Kind.EDIT), Wanted(language="cy")]

    def costs() -> list[int]:
        found = []
        for person_id in (nada, noor):
            for wanted in wishes:
                with app.app_context():
                    person = db.session.get_one(Person, person_id)
                    steps = counting(db.session, lambda: actions.claim_next(db.session, wanted, by=person))  # noqa: B023
                    db.session.rollback()
                    found.append(steps)
        return found

    waiting(app, 300)
    small = costs()
    waiting(app, 1200, start=300)
    assert all(now <= 1.1 * before + 100 for before, now in zip(small, costs(), strict=True))


def with_middle(session: Session) -> Iterable[str]:
    session.commit()
    ids = list(session.scalars(sa.select(QueueItem.id).order_by(QueueItem.id)))
    middle = f"{clock.today():%Y%m%d}-{shown(ids[len(ids) // 2])}"
    return [path.format(middle=middle) for path in PAGES]


def cost(app: Flask, somebody: PagesClient, path: str) -> tuple[int, int]:
    """(queries, thousands of steps of SQLite's machine) of a page; of PostgreSQL only the queries."""
    counted: list[str] = []

    def note(*arguments: Any) -> None:
        counted.append(arguments[2])

    with app.app_context():
        engine = db.engine
    event.listen(engine, "after_cursor_execute", note)
    steps = [0]

    def begin(connection: sa.Connection) -> None:
        watch_steps(connection, steps)

    event.listen(engine, "begin", begin)
    somebody.open_page(path)
    event.remove(engine, "begin", begin)
    event.remove(engine, "after_cursor_execute", note)
    return len(counted), steps[0]


def counting(session: Session, do: Callable[[], object]) -> int:
    steps = [0]
    watch_steps(session.connection(), steps)
    do()
    return steps[0]


def watch_steps(connection: sa.Connection, steps: list[int]) -> None:
    if connection.dialect.name == "sqlite":
        driver: Any = connection.connection.dbapi_connection
        driver.set_progress_handler(lambda: steps.__setitem__(0, steps[0] + 10), 10)
