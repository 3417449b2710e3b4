"""The feed: what stands in it, how it is paged and filtered, and what it costs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from storyhub.extensions import db
from storyhub.models.site import the_site
from storyhub.models.solidarity import Said, move_waiting, say
from tests.makers import Maker
from tests.pages import Page, PagesClient


def stories_on(page: Page) -> list[str]:
    """The addresses of the stories on a page, in their order."""
    return [link.attributes["href"] or "" for link in page.html.css(".h-entry a.u-url")]


def walk(client: PagesClient, path: str, words: str = "Older stories") -> Iterator[Page]:
    page = client.open_page(path)
    yield page
    while words in page.links:
        page = page.follow(words)
        yield page


@contextmanager
def queries_counted(app: Flask) -> Iterator[list[str]]:
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if statement.lstrip().upper().startswith(("SELECT", "WITH")):
            seen.append(statement)

    with app.app_context():
        engines = list(db.engines.values())
    for engine in engines:
        sa.event.listen(engine, "before_cursor_execute", note)
    yield seen
    for engine in engines:
        sa.event.remove(engine, "before_cursor_execute", note)


def test_an_empty_site_asks_for_the_first_story(client: PagesClient) -> None:
    page = client.open_page("/")
    assert page.heading == "You are not the only one"
    assert "The first story is still to come" in page
    assert page.link("Share your story") == "/share"


def test_a_published_story_stands_in_the_feed_with_its_line(client: PagesClient, make: Maker) -> None:
    make.theme("buses", "Buses")
    make.story(
        "I said <stop it>.\n\nNobody did.", state="published", themes=["buses"], country="KE", happened="2019-05"
    )
    page = client.open_page("/")
    assert page.words_told == ["I said <stop it>.\n\nNobody did."]
    line = page.html.css_first(".h-entry .line")
    assert line is not None
    assert [part.text() for part in line.css("a, span")] == ["Kenya", "2019", "Buses"]
    assert "1 story of what happened" in page


@pytest.mark.parametrize("state", ["waiting", "declined", "counted", "set-aside", "withdrawn"])
def test_no_other_story_is_reached_from_it(client: PagesClient, make: Maker, state: str) -> None:
    make.story("Words that are not public.", state=state, country="KE", happened="2019")
    assert "not public" not in client.open_page("/").text
    assert stories_on(client.open_page("/?country=KE")) == []


def test_what_a_contributor_keeps_to_themself_is_not_shown(client: PagesClient, make: Maker) -> None:
    make.story(
        "Told.", state="published", name="Amina", place="Mill Lane", setting="work", country="KE", happened="2019-05"
    )
    page = client.open_page("/").follow("Open this story")
    for kept in ("Amina", "Mill Lane", "at work", "May"):
        assert kept not in page.text


def test_what_they_chose_to_show_is_shown(client: PagesClient, make: Maker) -> None:
    make.story(
        "Told.", state="published", name="Amina", setting="work", happened="2019-05", show=("name", "setting", "month")
    )
    page = client.open_page("/").follow("Open this story")
    for chosen in ("Amina", "at work", "May 2019"):
        assert chosen in page.text


def test_a_long_story_stops_at_a_sentence_and_leads_to_the_rest(client: PagesClient, make: Maker) -> None:
    sentence = "It went on and on like this. "
    make.story(sentence * 80, state="published")
    page = client.open_page("/")
    (opening,) = page.words_told
    assert opening.endswith("like this.")
    assert len(opening) < 1000
    assert page.follow("Read on").words_told == [(sentence * 80)]


def test_words_that_a_steward_chose_to_fold_are_folded_and_can_be_opened(
    client: PagesClient, make: Maker, session: Session
) -> None:
    the_site(session).folded_notes = ["child"]
    make.story("Heavy words.", state="published", notes=["child"])
    make.story("Other words.", state="published", notes=["racism"])
    page = client.open_page("/")
    assert [node.text().strip() for node in page.html.css("details.folded .told")] == ["Heavy words."]
    assert "This story speaks of: harm to a child" in page
    opened = page.follow("Open all folded stories")
    assert all("open" in node.attributes for node in opened.html.css("details.folded"))


def test_paging_shows_every_story_once_while_others_arrive(client: PagesClient, make: Maker, held_clock: Any) -> None:
    for _ in range(23):
        make.story(state="published")
        held_clock.forward(minutes=1)
    first = client.open_page("/")
    make.story("It came in between.", state="published")
    pages = [first, first.follow("Older stories")]
    seen = [address for page in pages for address in stories_on(page)]
    assert (len(seen), len(set(seen))) == (23, 23)
    back = pages[1].follow("Newer stories")
    assert urlsplit(back.path).path == "/"


def test_newer_leads_to_the_page_before(client: PagesClient, make: Maker) -> None:
    for _ in range(65):
        make.story(state="published")
    forward = [stories_on(page) for page in walk(client, "/")]
    assert [len(page) for page in forward] == [20, 20, 20, 5]
    *_, last = walk(client, "/")
    backward = [stories_on(last)]
    while "Newer stories" in last.links:
        last = last.follow("Newer stories")
        backward.append(stories_on(last))
    assert backward == forward[::-1]


FACTS: dict[str, dict[str, Any]] = {
    "theme": {"themes": ["buses"]},
    "country": {"country": "KE"},
    "setting": {"setting": "work", "show": ("setting",)},
    "year": {"happened": "2019"},
    "language": {"language": "fr"},
}
VALUES = {"theme": "buses", "country": "KE", "setting": "work", "year": "2019", "language": "fr"}


@pytest.mark.parametrize("name", FACTS)
def test_each_filter_chooses_and_can_be_dropped(client: PagesClient, make: Maker, name: str) -> None:
    make.theme("buses", "Buses")
    chosen = make.story("The chosen one.", state="published", **FACTS[name])
    make.story("Another one.", state="published", country="FR")
    page = client.open_page("/")
    page = page.form("/").fill({name: VALUES[name]}).send()
    assert page.words_told == [chosen.newest.text]
    (drop,) = page.html.css(".chosen a")
    assert len(client.open_page(drop.attributes["href"] or "").words_told) == 2


def test_filters_combine(client: PagesClient, make: Maker) -> None:
    campaign = make.campaign("spring", "Spring")
    everything = {**FACTS["country"], **FACTS["setting"], **FACTS["year"], **FACTS["language"]}
    make.story("All of it, said here.", state="published", themes=["a", "b"], campaign=campaign, **everything)
    make.story("Said here too.", state="published", themes=["a"], notes=["racism"], **everything)
    page = client.open_page(
        "/?theme=a&theme=b&country=ke&setting=work&year=2019&language=fr&campaign=spring&q=said&without=racism"
    )
    assert page.words_told == ["All of it, said here."]
    assert len(page.html.css(".chosen a")) == 9
    again = page.form("/").send()
    assert again.words_told == page.words_told


def test_notes_can_be_left_out(client: PagesClient, make: Maker) -> None:
    make.story("Heavy.", state="published", notes=["child"])
    make.story("Lighter.", state="published")
    page = client.open_page("/").form("/").fill(without=["child"]).send()
    assert page.words_told == ["Lighter."]


def test_a_page_that_was_searched_for_is_kept_by_nobody(client: PagesClient) -> None:
    assert "no-store" in client.get("/?q=bus").headers["Cache-Control"]
    assert "public" in client.get("/?country=KE").headers["Cache-Control"]


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("theme=nothing-such", 404),
        ("campaign=nothing-such", 404),
        ("setting=moon", 404),
        ("year=soon", 400),
        ("country=Kenya", 400),
        ("after=!", 400),
        ("theme=%00", 400),
        ("q=" + "x" * 201, 400),
        ("year=1203", 200),
        ("country=ZZ", 200),
        ("language=tlh", 200),
        ("without=nothing-such", 200),
        ("unknown=1", 200),
    ],
)
def test_a_filter_that_does_not_fit_gets_a_page_and_a_way_on(client: PagesClient, query: str, status: int) -> None:
    page = client.open_page(f"/?{query}", status)
    assert {"/", "/share"} & set(page.links.values())


def test_a_row_says_that_it_happened_to_others_too_and_never_that_it_happened_to_nobody(
    client: PagesClient, make: Maker, session: Session
) -> None:
    make.story(state="published")
    page = client.open_page("/")
    assert "Me too" not in page
    assert "at least" not in page
    for _ in range(2):
        say(session, make.story(state="published").id, Said.ME_TOO)
    move_waiting(session)
    session.commit()
    assert client.open_page("/").text.count("“Me too”, at least 1 time.") == 2


def test_stories_that_meet_are_shown_together(client: PagesClient, make: Maker) -> None:
    make.theme("buses", "Buses")
    make.theme("night", "At night")
    for _ in range(2):
        make.story(state="published", themes=["buses", "night"])
    page = client.open_page("/")
    assert page.link("Buses and At night 2 stories tell of both.") == "/themes/buses+night"
    assert page.follow("Buses and At night").heading == "Buses + At night"


def test_the_feed_asks_the_database_as_often_for_many_stories_as_for_few(
    app: Flask, client: PagesClient, make: Maker
) -> None:
    for number in range(3):
        make.story(state="published", themes=["a", f"t{number}"], notes=["racism"])
    with queries_counted(app) as few:
        client.open_page("/")
    for number in range(25):
        make.story(state="published", themes=["a", f"t{number}"], notes=["racism", "child"])
    with queries_counted(app) as many:
        client.open_page("/")
    with queries_counted(app) as again:
        client.open_page("/")
    assert len(few) == len(many) <= 12
    assert len(again) == 0, "a page that was made in this edition is made once"


def test_its_tag_changes_with_the_edition_and_spares_the_page(client: PagesClient, make: Maker) -> None:
    make.story(state="published")
    tag = client.get("/").headers["ETag"]
    unchanged = client.get("/", headers={"If-None-Match": tag})
    assert (unchanged.status_code, unchanged.data) == (304, b"")
    make.story(state="published")
    assert client.get("/", headers={"If-None-Match": tag}).status_code == 200
    assert client.get("/?country=KE").headers["ETag"] != client.get("/").headers["ETag"]


def test_its_tag_changes_with_the_day(client: PagesClient, held_clock: Any) -> None:
    tag = client.get("/accountability").headers["ETag"]
    held_clock.forward(days=1)
    assert client.get("/accountability", headers={"If-None-Match": tag}).status_code == 200


def test_it_runs_from_right_to_left_in_arabic_and_every_word_keeps_its_own_direction(
    arabic: PagesClient, make: Maker
) -> None:
    make.story("On the bus.", state="published", language="en", country="KE")
    page = arabic.open_page("/")
    html = page.html.css_first("html")
    told = page.html.css_first(".told")
    assert html is not None
    assert told is not None
    assert (html.attributes["dir"], told.attributes["dir"], told.attributes["lang"]) == ("rtl", "ltr", "en")
    assert all(address.startswith("/ar/") for address in stories_on(page))
    assert "كينيا" in page


def test_robots_may_not_keep_stories(client: PagesClient, make: Maker) -> None:
    story = make.story(state="published", themes=["buses"])
    del story
    for path, said in (("/", "noarchive"), ("/?country=KE", "noindex"), ("/search?q=bus", "noindex")):
        meta = client.open_page(path).html.css_first("meta[name=robots]")
        assert meta is not None
        assert meta.attributes["content"] == said
