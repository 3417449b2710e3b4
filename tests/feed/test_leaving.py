"""The way out: where it leads, what it ends, and that it waits for nothing. In a browser: journeys/test_leaving.py."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from storyhub import create_app
from storyhub.config import read_settings
from storyhub.extensions import db
from storyhub.models.publication import new_edition
from storyhub.models.site import the_site
from tests.conftest import sign_in_as
from tests.feed.test_front import queries_counted
from tests.makers import Maker
from tests.pages import PagesClient

WRITTEN = "Somebody shouted at me all the way home, and then laughed."
OURS = "http://127.0.0.1:8000"


def leave(client: PagesClient, **headers: str) -> TestResponse:
    return client.get("/leave", headers={name.replace("_", "-"): value for name, value in headers.items()})


def cookies(client: PagesClient) -> list[str]:
    return [cookie.key for cookie in client._cookies.values()] if client._cookies else []


def test_leaving_says_nothing_about_where_one_was(client: PagesClient, arabic: PagesClient) -> None:
    for reader in (client, arabic):
        answer = reader.get("/leave")
        assert (answer.status_code, answer.location) == (303, "https://www.wikipedia.org/")
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.headers["Cache-Control"] == "no-store"
        assert "Clear-Site-Data" not in answer.headers, "browsers would hold the next page up until all is cleared"
        assert "Set-Cookie" not in answer.headers, "whoever only read has none, and gets none"
        assert answer.data == b""


def test_it_leads_where_the_steward_said_as_the_page_before_it_was_shown(client: PagesClient, session: Session) -> None:
    for address in ("https://weather.example/", "https://news.example/today?a=b"):
        the_site(session).leave_address = address
        new_edition(session)
        session.commit()
        client.open_page("/support")
        assert client.get("/leave").location == address


@pytest.mark.parametrize(
    "broken",
    ["javascript:alert(1)", "https://example..org/", "https://[::1.example/", "https://example.org:99999/", ""],
)
def test_an_address_to_which_no_browser_can_go_still_leads_out(
    client: PagesClient, session: Session, broken: str
) -> None:
    the_site(session).leave_address = broken
    session.commit()
    client.open_page("/support")
    assert client.get("/leave").location == "https://www.wikipedia.org/"


@pytest.mark.parametrize(
    "path",
    ["/", "/themes", "/places", "/search", "/support", "/privacy", "/policy", "/accountability", "/share", "/receipt"],
)
def test_the_way_out_is_on_every_page(client: PagesClient, arabic: PagesClient, path: str) -> None:
    assert client.open_page(path).link("Leave this page") == "/leave"
    assert '<a class="leave" href="/ar/leave"' in arabic.get(path).text


def test_the_way_out_is_on_errors_at_the_door_and_at_the_desk(client: PagesClient, make: Maker) -> None:
    assert client.open_page("/nothing", 404).link("Leave this page") == "/leave"
    assert client.open_page("/account/sign-in").link("Leave this page") == "/leave"
    sign_in_as(client, make.moderator())
    assert client.open_page("/desk/").link("Leave this page") == "/leave"


@pytest.mark.parametrize(
    ("headers", "ends"),
    [
        ({"Sec_Fetch_Site": "same-origin"}, True),
        ({"Sec_Fetch_Site": "none"}, True),
        ({"Sec_Fetch_Site": "cross-site"}, False),
        ({"Sec_Fetch_Site": "same-site"}, False),
        ({"Sec_Fetch_Site": "cross-site", "Referer": f"{OURS}/share"}, False),
        ({}, True),
        ({"Referer": f"{OURS}/share"}, True),
        ({"Referer": "https://elsewhere.example/"}, False),
        ({"Referer": f"{OURS}.evil.example/"}, False),
        ({"Origin": "null"}, False),
        ({"Referer": "https://[broken"}, False),
    ],
    ids=str,
)
def test_only_a_contributor_ends_their_cookie_and_everybody_leaves(
    client: PagesClient, headers: dict[str, str], ends: bool
) -> None:
    checked = client.open_page("/share").form("/share").fill(text=WRITTEN).send()
    assert cookies(client) == ["storyhub"]
    answer = leave(client, **headers)
    assert answer.status_code == 303
    assert cookies(client) == ([] if ends else ["storyhub"])
    # And what was written is not lost to whoever comes back to the page: it asks to be sent once more.
    again = checked.form("/share/send").send(status=400 if ends else 200)
    assert (WRITTEN in again.text) == ends


def test_over_https_the_cookie_ends_by_the_rules_of_its_name(environment: dict[str, str]) -> None:
    """Else browsers would refuse to end it: __Host- asks for Secure, for the whole site and for no domain."""
    made = create_app(read_settings({**environment, "STORYHUB_SITE_URL": "https://stories.example.org"}))
    sent = {"Cookie": "__Host-storyhub=something", "Sec-Fetch-Site": "same-origin"}
    answer = made.test_client(use_cookies=False).get("/leave", base_url="https://stories.example.org", headers=sent)
    ended = answer.headers["Set-Cookie"]
    assert ended.startswith("__Host-storyhub=; Expires=Thu, 01 Jan 1970")
    assert all(part in ended for part in ("Secure", "HttpOnly", "Path=/", "SameSite=Lax"))
    assert "Domain" not in ended


def test_who_leaves_the_desk_is_signed_out_on_this_device(
    client: PagesClient, another_client: PagesClient, make: Maker
) -> None:
    """Other people's stories stand there, and Back would open them."""
    moderator = make.moderator()
    for device in (client, another_client):
        sign_in_as(device, moderator)
    leave(client, Sec_Fetch_Site="cross-site")
    client.open_page("/desk/")
    leave(client, Sec_Fetch_Site="same-origin")
    assert "/account/sign-in" in (client.get("/desk/").location or "")
    another_client.open_page("/desk/")


def test_leaving_asks_the_database_nothing(app: Flask, client: PagesClient) -> None:
    client.open_page("/share")
    with queries_counted(app) as asked:
        assert client.get("/leave").status_code == 303
    assert asked == []


def test_a_process_that_has_shown_no_page_yet_asks_once_and_waits_for_nobody_who_writes(
    app: Flask, client: PagesClient, session: Session
) -> None:
    the_site(session).leave_address = "https://weather.example/"
    session.commit()
    with app.app_context(), db.engine.connect() as writing:
        writing.execute(sa.text("UPDATE site SET name = 'somebody else writes at this moment'"))
        assert client.get("/leave").location == "https://weather.example/"
        writing.rollback()


def test_without_a_database_everybody_can_still_leave(app: Flask, client: PagesClient) -> None:
    def refuse(*_: Any) -> None:
        raise sa.exc.OperationalError("nobody is there", None, Exception())

    with app.app_context():
        for engine in db.engines.values():
            sa.event.listen(engine, "before_cursor_execute", refuse)
    assert client.get("/leave").location == "https://www.wikipedia.org/"
