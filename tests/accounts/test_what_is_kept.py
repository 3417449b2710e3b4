"""Accounts keep nothing about where people are, and add nothing to the pages of those who have none."""

from __future__ import annotations

import threading
from pathlib import Path

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from storyhub.models.people import Membership, Person
from storyhub.protection.access import Audience, audiences_of
from storyhub.protection.sealing import Sealer
from tests.accounts.conftest import PASSWORD, Invited, Joins
from tests.pages import PagesClient

ADDRESS, BROWSER = "203.0.113.77", "CanaryBrowser/77.1"


def test_the_session_holds_no_address_and_no_browser(
    client: PagesClient, joins: Joins, app: Flask, tmp_path: Path
) -> None:
    client.environ_base.update(REMOTE_ADDR=ADDRESS, HTTP_USER_AGENT=BROWSER)
    joins(client, "Amal")
    cookie = client.get_cookie("storyhub", domain="127.0.0.1")
    assert cookie is not None
    held = Sealer(app.extensions["settings"].secret_key, "session").open(cookie.value)
    # Flask-Login would put a SHA-512 of both here, which anybody with the key could guess back.
    assert held["_id"] == "unused"
    assert not any(isinstance(value, str) and len(value) == 128 for value in held.values())
    for path in tmp_path.rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            assert ADDRESS.encode() not in data and BROWSER.encode() not in data, path


def test_no_cookie_outlives_the_session(client: PagesClient, joins: Joins) -> None:
    joins(client, "Amal")
    cookies = list((client._cookies or {}).values())
    assert [cookie.key for cookie in cookies] == ["storyhub"]
    assert cookies[0].max_age is None and cookies[0].expires is None


def test_a_forged_cookie_that_remembers_and_a_token_open_nothing(client: PagesClient, joins: Joins) -> None:
    joins(client, "Amal")
    client.delete_cookie("storyhub", domain="127.0.0.1")
    client.set_cookie("remember_token", "1|abc", domain="127.0.0.1")
    assert client.get("/account/recovery-codes?auth_token=x", headers={"Authentication-Token": "x"}).status_code == 302


def test_public_pages_stay_without_session_for_people_who_are_signed_in(client: PagesClient, joins: Joins) -> None:
    joins(client, "Amal")
    answer = client.get("/")
    assert "cookie" not in answer.headers.get("Vary", "").lower()
    assert not answer.headers.getlist("Set-Cookie")


def test_flask_security_brings_no_page_of_its_own(app: Flask) -> None:
    rules = {rule.rule: rule.endpoint for rule in app.url_map.iter_rules() if rule.endpoint.startswith("security.")}
    assert rules == {
        "/account/sign-in": "security.login",
        "/account/sign-out": "security.logout",
        "/account/tf-validate": "security.two_factor_token_validation",
    }
    assert all(audiences_of(app, endpoint) == {Audience.SIGN_IN} for endpoint in rules.values())


def test_of_two_who_use_one_link_at_once_one_gets_the_account(app: Flask, invited: Invited, session: Session) -> None:
    link = invited("Amal")
    clients = [app.test_client() for _ in range(2)]
    tokens = []
    for client in clients:
        assert isinstance(client, PagesClient)
        tokens.append(client.open_page(link).form("invitation").value("csrf_token"))
    start, statuses = threading.Barrier(2), []

    def use(number: int) -> None:
        start.wait()
        fields = {"csrf_token": tokens[number], "password": PASSWORD, "password_confirm": PASSWORD}
        # The plain client: the proof-reader's notes are for one request at a time.
        answer = FlaskClient.open(clients[number], link, method="POST", data=fields, base_url="http://127.0.0.1:8000")
        statuses.append(answer.status_code)

    threads = [threading.Thread(target=use, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [303, 410]
    assert session.scalar(select(func.count()).select_from(Person)) == 1
    assert session.scalar(select(func.count()).select_from(Membership)) == 1
