"""Themes, pairs of themes, places and campaigns."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from sqlalchemy.orm import Session

from tests.feed.test_front import stories_on
from tests.makers import Maker
from tests.pages import Page, PagesClient


def rows_of(page: Page, table: str) -> list[list[str]]:
    """What the rows of a table say, cell by cell."""
    return [[cell.text().strip() for cell in row.css("th, td")] for row in page.html.css(f"{table} tr")]


@pytest.fixture
def three(make: Maker, session: Session) -> None:
    for slug, name in (("buses", "Buses"), ("night", "At night"), ("shops", "Shops")):
        make.theme(slug, name).definitions = {"en": f"What {slug} means here."}
    make.story("One.", state="published", themes=["buses", "night"], country="KE", happened="2015")
    make.story("Two.", state="published", themes=["buses"], country="FR", happened="2018-03")
    make.story("Three.", state="published", themes=["shops"], country="KE")
    session.commit()


@pytest.mark.usefixtures("three")
def test_the_codebook_shows_every_theme_with_its_definition_and_count(client: PagesClient, make: Maker) -> None:
    page = client.open_page("/themes")
    names = [node.text().strip() for node in page.html.css(".codebook dt a")]
    assert names == ["At night", "Buses", "Shops"]
    assert "Buses 2 stories What buses means here." in page
    assert page.follow("Shops").heading == "Shops"


def test_a_retired_theme_keeps_its_page_and_is_offered_no_more(
    client: PagesClient, make: Maker, session: Session
) -> None:
    make.story(state="published", themes=["old"])
    make.theme("old").retired = True
    session.commit()
    assert "Old" not in client.open_page("/themes").links
    assert len(stories_on(client.open_page("/themes/old"))) == 1


@pytest.mark.usefixtures("three")
def test_a_theme_is_a_sentence_a_number_a_line_places_company_and_stories(client: PagesClient) -> None:
    page = client.open_page("/themes/buses")
    assert "2 stories here tell of this." in page
    drawing = page.html.css_first("svg[role=img]")
    assert drawing is not None
    assert "from 2015 to 2018" in (drawing.attributes["aria-label"] or "")
    assert [[cell.text() for cell in row.css("th, td")] for row in page.html.css(".years tbody tr")] == [
        ["2018", "1"],
        ["2015", "1"],
    ]
    assert rows_of(page, ".map tbody") == [["France", "1"], ["Kenya", "1"]]
    assert page.link("Kenya") == "/places/KE"
    assert page.link("At night 1") == "/themes/buses+night"
    assert page.words_told == ["Two.", "One."] or page.words_told == ["One.", "Two."]


@pytest.mark.usefixtures("three")
def test_two_themes_are_the_stories_of_both_at_one_address(client: PagesClient) -> None:
    page = client.open_page("/themes/night+buses")
    assert page.path == "/themes/buses+night"
    assert page.words_told == ["One."]
    assert "1 story tells of both." in page


@pytest.mark.parametrize("slug", ["unknown", "buses+unknown", "a+b+c", "A", "-", "+", "buses+", "%00"])
@pytest.mark.usefixtures("three")
def test_an_unknown_theme_is_a_page(client: PagesClient, slug: str) -> None:
    client.open_page(f"/themes/{slug}", 404)


def test_a_theme_without_stories_has_a_way_on(client: PagesClient, make: Maker) -> None:
    make.theme("new", "New")
    page = client.open_page("/themes/new")
    assert "Nobody has told of this here yet." in page
    assert page.link("Share your story") == "/share"


def test_a_theme_is_called_as_the_reader_speaks(arabic: PagesClient, make: Maker) -> None:
    make.theme("buses", "Buses", arabic="الحافلات")
    assert arabic.open_page("/themes/buses").heading == "الحافلات"


def test_a_theme_is_paged(client: PagesClient, make: Maker) -> None:
    for _ in range(22):
        make.story(state="published", themes=["buses"])
    page = client.open_page("/themes/buses")
    assert len(stories_on(page)) == 20
    older = page.follow("Older stories")
    assert len(stories_on(older)) == 2
    assert older.follow("Newer stories").words_told == page.words_told


def test_figures_follow_what_is_public(client: PagesClient, make: Maker, session: Session) -> None:
    story = make.story(state="published", themes=["buses"], country="KE")
    assert "1 story here tells of this." in client.open_page("/themes/buses")
    make.story(state="published", themes=["buses"], country="KE")
    assert "2 stories here tell of this." in client.open_page("/themes/buses")
    story.withdraw()
    session.commit()
    assert "1 story here tells of this." in client.open_page("/themes/buses")
    assert client.open_page("/places").link("Kenya") == "/places/KE"


@pytest.mark.usefixtures("three")
def test_places_are_named_and_counted(client: PagesClient, arabic: PagesClient) -> None:
    page = client.open_page("/places")
    assert rows_of(page, "#places-table tbody") == [["France", "1"], ["Kenya", "2"]]
    assert "كينيا" in arabic.open_page("/places")


@pytest.mark.usefixtures("three")
def test_a_place_has_its_years_themes_and_stories(client: PagesClient) -> None:
    page = client.open_page("/places/KE")
    assert page.heading == "Kenya"
    assert "2 stories tell of what happened here." in page
    assert page.link("Shops 1") == "/themes/shops"
    assert len(page.words_told) == 2
    assert client.get("/places/ke").location == "/places/KE"
    for question in ("open=1&after=", "country=x", "endpoint=x", "_method=POST", "_external=1", "q=%C3%A9+e"):
        assert client.get(f"/places/ke?{question}").location == f"/places/KE?{question}"


def test_a_country_without_stories_is_an_empty_page_and_no_country_is_none(client: PagesClient) -> None:
    assert "Nobody has told of this place yet." in client.open_page("/places/JP")
    for name in ("XX", "ZZ", "EU", "K", "Kenya", "%00", "12"):
        client.open_page(f"/places/{name}", 404)


def test_a_campaign_shows_who_answered_it_and_until_when(client: PagesClient, make: Maker, held_clock: Any) -> None:
    today = held_clock.moment.date()
    campaign = make.campaign("spring", "Spring call", opens_on=today, closes_on=today + dt.timedelta(days=9))
    make.story("An answer.", state="published", campaign=campaign)
    page = client.open_page("/campaigns/spring")
    assert page.heading == "Spring call"
    assert page.words_told == ["An answer."]
    assert "It is open until March 14, 2026." in page
    assert page.link("Share your story") == "/share?campaign=spring"
    client.open_page("/campaigns/none", 404)


def test_a_campaign_that_is_over_can_be_read_and_not_answered(client: PagesClient, make: Maker) -> None:
    make.campaign("old", "Old call", closes_on=dt.date(2020, 1, 1))
    page = client.open_page("/campaigns/old")
    assert "It is not open at the moment" in page
    assert "/share?campaign=old" not in page.links.values()


@pytest.mark.parametrize("path", ["/themes/buses", "/themes/buses+night", "/places/KE"])
def test_what_is_told_most_often_with_it_stands_there_at_once_and_the_rest_behind_one_press(
    client: PagesClient, make: Maker, path: str
) -> None:
    for _ in range(2):
        make.story(state="published", themes=["buses", "night", *"uvwxyz"], country="KE")
    make.story(state="published", themes=["buses", "night", *"abc"], country="KE")
    page = client.open_page(path)
    beside = page.html.css_first(".beside")
    assert beside is not None
    hidden = [link.text().strip()[0].lower() for link in beside.css("details li a")]
    at_once = [link.text().strip()[0].lower() for link in beside.css("ul a")][: -len(hidden)]
    assert len(at_once) == 6
    assert set("abc") <= set(hidden)
    for names in (at_once, hidden):
        assert names == sorted(names), "nothing is put in order by how often it was told"
