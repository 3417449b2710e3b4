"""Where it happens, as readers see it: the map, its table, and one country in its part of the world."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from storyhub.drawing import map as maps
from storyhub.feed import queries
from storyhub.text import countries
from tests.feed.test_themes import rows_of
from tests.makers import Maker
from tests.pages import Page, PagesClient


@pytest.fixture
def told(make: Maker, session: Session) -> None:
    for country, many in (("KE", 11), ("FR", 2), ("SG", 1)):
        for _ in range(many):
            make.story(state="published", country=country, themes=["buses"], happened="2015")
    make.story(state="published", themes=["buses"], happened="2012")
    session.commit()


def on_the_map(page: Page) -> dict[str, str]:
    """What each country on the map is called, with its number, and where it leads."""
    links = page.html.css(".map svg a")
    return {(link.css_first("title") or link).text(): link.attributes["href"] or "" for link in links}


@pytest.mark.usefixtures("told")
def test_the_map_and_its_table_say_the_same_and_lead_to_the_same_pages(client: PagesClient) -> None:
    page = client.open_page("/places")
    assert on_the_map(page) == {
        "France: 2 stories": "/places/FR",
        "Kenya: 11 stories": "/places/KE",
        "Singapore: 1 story": "/places/SG",
    }
    assert rows_of(page, "#places-table tbody") == [["France", "2"], ["Kenya", "11"], ["Singapore", "1"]]
    for name, address in (("France", "/places/FR"), ("Kenya", "/places/KE")):
        assert page.link(name) == address
    assert page.link("Past the map, to the table") == "#places-table"


@pytest.mark.usefixtures("told")
def test_the_colours_are_explained_in_words_and_borders_in_a_sentence(client: PagesClient) -> None:
    page = client.open_page("/places")
    kenya, singapore = (page.html.css_first(f".map svg a[href='/places/{code}']") for code in ("KE", "SG"))
    assert kenya is not None
    assert singapore is not None
    assert kenya.attributes["class"] == "step-2"
    assert singapore.attributes["class"] == "step-1 dot", "too small to be drawn, and not left out"
    assert [item.text().strip() for item in page.html.css(".legend li")] == [
        "1 to 9 stories",
        "10 to 99",
        "100 to 999",
        "1,000 and more",
    ]
    assert "Some borders are disputed: the drawing is not our opinion about them." in page


@pytest.mark.usefixtures("told")
def test_a_theme_has_a_small_map_and_the_table_of_it(client: PagesClient) -> None:
    page = client.open_page("/themes/buses")
    drawing = page.html.css_first(".map svg")
    assert drawing is not None
    assert drawing.attributes["aria-label"] == "Map of the world with a dot in each of 3 countries"
    assert sum((path.attributes["d"] or "").count("M") for path in drawing.css("path")) == 3
    assert rows_of(page, ".map tbody") == [["France", "2"], ["Kenya", "11"], ["Singapore", "1"]]


@pytest.mark.usefixtures("told")
@pytest.mark.parametrize(("code", "is_dot"), [("KE", False), ("SG", True), ("AQ", True)])
def test_a_country_is_shown_in_its_part_of_the_world(client: PagesClient, code: str, is_dot: bool) -> None:
    page = client.open_page(f"/places/{code}")
    here = page.html.css_first(".map .here")
    assert here is not None
    assert ("dot" in (here.attributes["class"] or "")) == is_dot
    drawing = page.html.css_first(".map svg")
    assert drawing is not None
    assert drawing.attributes["aria-label"] == f"Where on the map {countries.name(code, 'en')} is"


def test_a_country_that_nobody_has_drawn_has_its_row_and_its_page(
    client: PagesClient, make: Maker, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn = maps.world()
    without = {code: outline for code, outline in drawn.countries.items() if code != "KE"}
    monkeypatch.setattr(maps, "world", lambda: maps.World(drawn.width, drawn.height, without))
    maps.around.cache_clear()
    make.story(state="published", country="KE", themes=["buses"])
    page = client.open_page("/places")
    assert on_the_map(page) == {}
    assert rows_of(page, "#places-table tbody") == [["Kenya", "1"]]
    assert not page.follow("Kenya").html.css(".map")
    assert rows_of(client.open_page("/themes/buses"), ".map tbody") == [["Kenya", "1"]]
    maps.around.cache_clear()


def test_the_map_is_the_same_in_a_language_that_runs_the_other_way(
    client: PagesClient, arabic: PagesClient, make: Maker
) -> None:
    make.story(state="published", country="KE")
    paths = [
        [path.attributes["d"] for path in browser.open_page("/places").html.css(".map a path")]
        for browser in (client, arabic)
    ]
    assert paths[0] == paths[1]
    page = arabic.open_page("/places")
    assert list(on_the_map(page).values()) == ["/ar/places/KE"]
    assert page.link("كينيا") == "/ar/places/KE"


def test_figures_follow_what_is_public(client: PagesClient, make: Maker, session: Session) -> None:
    story = make.story(state="published", country="KE")
    assert list(on_the_map(client.open_page("/places"))) == ["Kenya: 1 story"]
    story.withdraw()
    session.commit()
    assert "No places yet" in client.open_page("/places")


def test_every_country_at_once_is_on_the_map_and_in_the_table(
    client: PagesClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As nobody wants to make 250 stories for it, the count alone is given."""
    everywhere = dict.fromkeys(countries.names("en"), 1_234)
    monkeypatch.setattr(queries, "facets", lambda _session: queries.Facets(everywhere, {}, {}, {}, 1_234 * 250))
    page = client.open_page("/places")
    assert len(on_the_map(page)) == len(rows_of(page, "#places-table tbody")) == len(everywhere)
    assert {number for _, number in rows_of(page, "#places-table tbody")} == {"1,234"}
    assert len(page.response.data) < 110_000
