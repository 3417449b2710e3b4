"""Pages in our own words, and what machines ask for."""

from __future__ import annotations

import datetime as dt
from typing import Any
from xml.etree import ElementTree

import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from storyhub.extensions import db
from storyhub.models.site import the_site
from tests.feed.test_front import queries_counted
from tests.feed.test_story import address
from tests.makers import Maker
from tests.pages import PagesClient


def test_support_says_what_we_cannot_do_and_where_help_is(client: PagesClient, arabic: PagesClient) -> None:
    page = client.open_page("/support")
    assert "We cannot send help" in page
    assert "https://findahelpline.com/" in page.links.values()
    assert "It does not clear your history." in page
    arabic.open_page("/support")


def test_the_stewards_own_places_take_the_place_of_ours(
    client: PagesClient, arabic: PagesClient, session: Session
) -> None:
    the_site(session).support = {"en": "Call **0800 1**. <script>x</script> [here](https://help.example/)"}
    session.commit()
    for reader in (client, arabic):
        page = reader.open_page("/support")
        assert "Call 0800 1." in page
        assert "https://help.example/" in page.links.values()
        assert "https://findahelpline.com/" not in page.links.values()


def test_privacy_says_what_is_true_of_this_site(client: PagesClient, app: Flask) -> None:
    page = client.open_page("/privacy")
    assert "There are no cookies on the pages that you read" in page
    on_sqlite = app.extensions["settings"].on_sqlite
    assert ("keeps rows in the order" in page.text) == (not on_sqlite)
    assert "erased 30 days after the decision" in page


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
