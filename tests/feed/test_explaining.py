"""Pages in our own words, and what machines ask for."""

from __future__ import annotations

import datetime as dt
from typing import Any
from xml.etree import ElementTree

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from storyhub.extensions import db
from storyhub.models.publication import new_edition
from storyhub.models.site import the_site
from storyhub.models.support import WELL_KNOWN, SupportPlace
from storyhub.protection import receipts
from tests.feed.test_front import queries_counted
from tests.feed.test_story import address
from tests.journeys.steps import look_up
from tests.makers import Maker
from tests.pages import PagesClient, receipt_shown, words_of


def list_places(session: Session, *places: tuple[str | None, str]) -> None:
    for rank, (country, name) in enumerate(places):
        session.add(SupportPlace(country=country, name=name, telephone=f"0800 {rank}", rank=rank))
    session.commit()


def test_support_says_what_we_cannot_do_and_where_help_is(client: PagesClient, arabic: PagesClient) -> None:
    page = client.open_page("/support")
    assert "We cannot send help" in page
    assert "https://findahelpline.com/" in page.links.values()
    assert page.text.count("Not checked by this site yet") == len(WELL_KNOWN), "nobody here has looked at them"
    assert "It does not clear your history." in page
    assert "ar" in arabic.get("/support").text


def test_the_stewards_own_words_take_the_place_of_the_directories(
    client: PagesClient, arabic: PagesClient, session: Session
) -> None:
    the_site(session).support = {"en": "Call **0800 1**. <script>x</script> [here](https://help.example/)"}
    session.commit()
    for reader in (client, arabic):
        page = reader.open_page("/support")
        assert "Call 0800 1." in page
        assert "https://help.example/" in page.links.values()
        assert "https://findahelpline.com/" not in page.links.values()


def test_places_stand_under_their_countries_and_nobody_is_left_without(
    client: PagesClient, arabic: PagesClient, session: Session
) -> None:
    list_places(session, ("KE", "The Night Line"), ("AT", "Frauenhelpline"), ("KE", "The Day Line"))
    page = client.open_page("/support")
    assert [words_of(node) for node in page.html.css("main h3")] == [
        "Austria",
        "Kenya",
        "Directories that others keep",
    ]
    assert page.text.index("The Night Line") < page.text.index("The Day Line")
    assert "https://findahelpline.com/" in page.links.values(), "for whoever is elsewhere"
    assert "كينيا" in arabic.open_page("/support")
    list_places(session, (None, "A line for everybody"))
    new_edition(session)
    session.commit()
    page = client.open_page("/support")
    assert words_of(page.html.css("main h3")[-1]) == "Everywhere"
    assert "https://findahelpline.com/" not in page.links.values()


def test_many_countries_have_a_way_to_each(client: PagesClient, session: Session) -> None:
    list_places(session, *((code, f"A line in {code}") for code in ("KE", "UG", "TZ", "RW")))
    assert client.open_page("/support").link("Rwanda") == "#RW"


def test_what_a_steward_types_about_a_place_is_words_and_never_markup(client: PagesClient, session: Session) -> None:
    hostile = "<img src=x onerror=alert(1)>\"'&\u202e"
    session.add(SupportPlace(name=hostile, what={"en": hostile}, telephone="112", address='https://x.example/"><b>'))
    session.commit()
    page = client.open_page("/support")
    assert page.html.css_first("main img, main b") is None
    assert "<img src=x" in page.text


@pytest.mark.parametrize(
    ("country", "shown", "hidden"),
    [("KE", ["Kenya's line", "For all"], ["Austria's line"]), ("", ["Kenya's line", "Austria's line", "For all"], [])],
    ids=["with a country", "without"],
)
def test_help_is_shown_after_telling(
    client: PagesClient, session: Session, country: str, shown: list[str], hidden: list[str]
) -> None:
    list_places(session, ("AT", "Austria's line"), (None, "For all"), ("KE", "Kenya's line"))
    checked = client.open_page("/share").form("/share").fill(text="He shouted at me in the street.").send()
    page = checked.form("/share/send").fill(country=country).send()
    assert receipt_shown(page)
    assert all(name in page for name in shown)
    assert not any(name in page for name in hidden)
    assert page.link("All places where help is") == "/support"


def test_help_is_shown_with_every_decline(client: PagesClient, make: Maker, session: Session) -> None:
    list_places(session, ("KE", "Kenya's line"), ("AT", "Austria's line"))
    receipt = receipts.mint()
    make.story(state="declined", receipt=receipt, country="KE")
    page = look_up(client, receipt)
    assert "Kenya's line" in page
    assert "Austria's line" not in page
    elsewhere = receipts.mint()
    make.story(state="declined", receipt=elsewhere, country="BR")
    assert "https://findahelpline.com/" in look_up(client, elsewhere).links.values()


def test_a_receipt_is_shown_even_when_the_list_of_places_cannot_be_read(client: PagesClient, session: Session) -> None:
    checked = client.open_page("/share").form("/share").fill(text="He shouted at me in the street.").send()
    session.execute(sa.text("ALTER TABLE support_places RENAME TO gone"))
    session.commit()
    try:
        assert receipt_shown(checked.form("/share/send").send())
    finally:
        session.execute(sa.text("ALTER TABLE gone RENAME TO support_places"))
        session.commit()


def test_a_sign_of_life_asks_the_database_nothing(app: Flask, client: PagesClient) -> None:
    with queries_counted(app) as asked:
        answer = client.get("/healthz")
    assert (answer.status_code, answer.data, asked) == (200, b"alive\n", [])
    assert answer.headers["Cache-Control"] == "no-store"


def test_it_is_ready_when_the_database_answers_and_is_migrated(
    app: Flask, client: PagesClient, session: Session
) -> None:
    assert (client.get("/readyz").status_code, client.get("/readyz").headers["Cache-Control"]) == (200, "no-store")
    session.execute(sa.text("UPDATE alembic_version SET version_num = '0000'"))
    session.commit()
    answer = client.get("/readyz")
    assert (answer.status_code, answer.data) == (503, b"the database has not been migrated\n")


def test_it_is_not_ready_without_a_database(app: Flask, client: PagesClient) -> None:
    def refuse(*_: Any) -> None:
        raise sa.exc.OperationalError("nobody is there", None, Exception())

    with app.app_context():
        engines = [engine for name, engine in db.engines.items() if name is not None]
    for engine in engines:
        sa.event.listen(engine, "before_cursor_execute", refuse)
    assert client.get("/readyz").status_code == 503
    assert client.get("/healthz").status_code == 200


def test_robots_find_themes_and_places_and_no_story(client: PagesClient, make: Maker) -> None:
    story = make.story(state="published", themes=["buses"], country="KE")
    make.theme("empty")
    site = client.application.extensions["settings"].site_url
    robots = client.get("/robots.txt").get_data(as_text=True)
    assert f"Sitemap: {site}/sitemap.xml" in robots
    assert "Disallow: /ar/search" in robots
    assert "Disallow: /stories" not in robots, (
        "a robot that may not read a page can't read there that it may not keep it"
    )
    root = ElementTree.fromstring(client.get("/sitemap.xml").data)
    found = {(element.text or "").removeprefix(site) for element in root.iter() if element.tag.endswith("loc")}
    assert {"/", "/ar/", "/themes/buses", "/ar/themes/buses", "/places/KE", "/accountability", "/policy"} <= found
    assert not any(address(story) in path or "empty" in path for path in found)
    assert all(client.get(path).status_code == 200 for path in found)
    assert client.get("/ar/sitemap.xml").data == client.get("/sitemap.xml").data


def test_security_txt_is_as_rfc_9116_says(client: PagesClient, session: Session, held_clock: Any) -> None:
    client.open_page("/.well-known/security.txt", 404)
    for given, shown in (
        ("security@example.org", "mailto:security@example.org"),
        ("https://example.org/tell\nContact: https://evil.example", "https://example.org/tell"),
    ):
        the_site(session).security_contact = given
        session.commit()
        answer = client.get("/.well-known/security.txt")
        assert answer.content_type == "text/plain; charset=utf-8"
        fields = dict(line.split(": ", 1) for line in answer.get_data(as_text=True).splitlines())
        assert fields["Contact"] == shown
        expires = dt.datetime.fromisoformat(fields["Expires"].replace("Z", "+00:00"))
        assert dt.timedelta(days=30) < expires - held_clock.moment < dt.timedelta(days=365)
