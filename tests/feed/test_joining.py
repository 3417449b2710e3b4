"""How themes join and where two of them meet, as readers see it: the picture, its table, and no list of the most."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from tests.feed.test_front import queries_counted
from tests.feed.test_themes import rows_of
from tests.makers import Maker
from tests.pages import Page, PagesClient


@pytest.fixture
def joined(make: Maker, session: Session) -> None:
    """Zoos and apples are told together twice, apples and trains once; trains alone have the most stories."""
    for slug, name in (("zoos", "Zoos"), ("apples", "Apples"), ("trains", "Trains"), ("quiet", "Quiet")):
        make.theme(slug, name)
    for themes in (["zoos", "apples"], ["zoos", "apples"], ["apples", "trains"], ["trains"], ["trains"], ["trains"]):
        make.story(state="published", themes=themes)
    session.commit()


def spots(page: Page, kind: str = "wide") -> dict[str, str]:
    """Names of the picture and where they lead, in their order."""
    links = page.html.css(f".joins .{kind} a")
    return {(link.css_first("text") or link).text(): link.attributes["href"] or "" for link in links}


def lines(page: Page, kind: str = "wide") -> set[str]:
    return {title.text() for title in page.html.css(f".joins .{kind} g title")}


@pytest.mark.usefixtures("joined")
@pytest.mark.parametrize("kind", ["wide", "narrow"])
def test_every_theme_is_a_link_in_the_picture_and_what_is_told_together_a_line(client: PagesClient, kind: str) -> None:
    page = client.open_page("/themes")
    assert spots(page, kind) == {
        "Apples": "/themes/apples",
        "Quiet": "/themes/quiet",
        "Trains": "/themes/trains",
        "Zoos": "/themes/zoos",
    }
    assert lines(page, kind) == {"Apples + Zoos: 2", "Apples + Trains: 1"}


@pytest.mark.usefixtures("joined")
def test_the_table_says_the_same_and_leads_to_the_stories_of_both(client: PagesClient) -> None:
    page = client.open_page("/themes")
    rows = rows_of(page, "#joins-table tbody")
    assert rows == [["Apples + Trains", "1"], ["Apples + Zoos", "2"]], "by name, though zoos share more"
    assert {f"{pair}: {count}" for pair, count in rows} == lines(page)
    both = page.follow("Apples + Zoos")
    assert both.path == "/themes/apples+zoos"
    assert "2 stories tell of both." in both


@pytest.mark.usefixtures("joined")
def test_a_picture_is_announced_and_can_be_passed_by(client: PagesClient) -> None:
    page = client.open_page("/themes")
    for drawing in page.html.css(".joins > svg"):
        named = (drawing.attributes["aria-labelledby"] or "").split()
        assert [bool(page.html.css_first(f"#{name}").text()) for name in named] == [True, True]
    assert page.link("Past the picture, to the table") == "#joins-table"


@pytest.mark.usefixtures("joined")
def test_two_themes_are_circles_with_the_numbers_of_each_and_of_both(client: PagesClient) -> None:
    page = client.open_page("/themes/apples+trains")
    assert rows_of(page, ".pair tbody") == [["Apples", "3"], ["Trains", "4"], ["Both", "1"]]
    assert page.link("Apples") == "/themes/apples"
    one, other = page.html.css(".pair > svg circle")
    assert float(one.attributes["r"] or 0) < float(other.attributes["r"] or 0)
    assert "1 story tells of both." in page


@pytest.mark.usefixtures("joined")
def test_two_themes_that_nobody_told_together_are_apart(client: PagesClient) -> None:
    page = client.open_page("/themes/trains+zoos")
    assert "0 stories tell of both." not in page
    assert "Nobody has told of both together yet." in page
    drawing = page.html.css_first(".pair > svg")
    assert drawing is not None
    assert drawing.attributes["aria-label"] == "Two circles that do not overlap"


@pytest.mark.usefixtures("joined")
def test_what_a_theme_is_told_with_stands_by_name(client: PagesClient) -> None:
    page = client.open_page("/themes/apples")
    assert [bar.text() for bar in page.html.css(".beside .bars a > :first-child")] == ["Trains", "Zoos"]


def test_no_list_is_in_the_order_of_the_most(client: PagesClient, make: Maker) -> None:
    for name, many in (("alpha", 1), ("beta", 3), ("gamma", 2)):
        for country in ("AR", "BR", "CL")[:many]:
            make.story(state="published", themes=[name, "all"], country=country, happened=f"{2009 + many}")
    pages = [client.open_page(path) for path in ("/themes/all", "/themes", "/places", "/places/AR", "/")]
    for page in pages:
        for among in (".bars a > :first-child", ".codebook dt a", ".counted th a", ".joins tbody a"):
            names = [node.text() for node in page.html.css(among)]
            assert names == sorted(names), f"{page.path} {among}"
        assert "most in" not in page
        assert not page.html.css(".most")


def test_names_are_words_and_never_markup(client: PagesClient, make: Maker) -> None:
    make.theme("strange", "<b onclick='x'>\"Quoted\" & <i>")
    make.theme("buses", "الحافلات ليلًا")
    make.story(state="published", themes=["strange", "buses"], country="KE")
    page = client.open_page("/themes")
    assert rows_of(page, "#joins-table tbody")[0][0] == "<b onclick='x'>\"Quoted\" & <i> + الحافلات ليلًا"
    assert page.html.css(".joins b, .joins i") == []
    assert "الحافلات ليلًا" in spots(page)
    title = page.html.css_first(".joins .wide a title")
    assert title is not None
    assert title.text() == "<b onclick='x'>\"Quoted\" & <i>", "where a name is cut, all of it is told"
    assert client.open_page("/themes/buses+strange").heading.endswith("<b onclick='x'>\"Quoted\" & <i>")


def test_the_picture_is_mirrored_in_arabic_and_says_the_same(
    client: PagesClient, arabic: PagesClient, make: Maker
) -> None:
    make.theme("buses", "Buses", arabic="أ الحافلات")
    make.theme("night", "Night", arabic="ب الليل")
    make.story(state="published", themes=["buses", "night"])
    here, there = client.open_page("/themes"), arabic.open_page("/themes")
    assert spots(there) == {"أ الحافلات": "/ar/themes/buses", "ب الليل": "/ar/themes/night"}
    (first, second), (last, before) = (
        [float(spot.attributes["cx"] or 0) for spot in page.html.css(".joins .wide a circle")] for page in (here, there)
    )
    assert (first, second) == (before, last)


def test_sixty_themes_are_no_hairball(client: PagesClient, make: Maker) -> None:
    names = [f"theme-{number:02}" for number in range(64)]
    themes = [make.theme(name) for name in names]
    make.story(state="published", themes=themes[:22])
    make.story(state="published", themes=themes[40:])
    make.story(state="published", themes=themes[62:])
    page = client.open_page("/themes")
    assert len(lines(page)) == 60
    assert "Theme 62 + Theme 63: 2" in lines(page), "the strongest is drawn"
    assert "Of 507 joins, the 60 that most stories share are drawn." in page
    assert len(spots(page)) == 46
    assert "18 themes found no room here; they are in the list." in page
    rows = rows_of(page, "#joins-table tbody")
    assert len(rows) == 200
    assert rows == sorted(rows)
    assert "the 200 joins that most stories share, of 507" in page
    assert len(page.html.css(".codebook dt a")) == 64


def test_a_withdrawn_story_joins_nothing(client: PagesClient, make: Maker, session: Session) -> None:
    story = make.story(state="published", themes=["buses", "night"])
    assert lines(client.open_page("/themes")) == {"Buses + Night: 1"}
    story.withdraw()
    session.commit()
    page = client.open_page("/themes")
    assert not page.html.css(".joins")
    assert len(page.html.css(".codebook dt a")) == 2


def test_a_retired_theme_joins_nothing_any_more(client: PagesClient, make: Maker, session: Session) -> None:
    make.story(state="published", themes=["buses", "night"])
    make.theme("night").retired = True
    session.commit()
    assert not client.open_page("/themes").html.css(".joins")


def test_an_empty_site_has_no_picture_and_a_way_on(client: PagesClient) -> None:
    for path, words in (("/themes", "No themes yet"), ("/places", "No places yet")):
        page = client.open_page(path)
        assert words in page
        assert not page.html.css("figure")


@pytest.mark.usefixtures("joined")
def test_the_picture_asks_for_nothing_more_once_it_is_known(app: Flask, client: PagesClient) -> None:
    client.open_page("/themes")
    with queries_counted(app) as seen:
        client.open_page("/themes")
    assert not [statement for statement in seen if "published_themes" in statement]
