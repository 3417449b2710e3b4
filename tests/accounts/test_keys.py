"""The second key: codes that work once, recovery codes, guessing, and what is kept of them."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from storyhub.accounts import codes
from storyhub.models.people import find_person
from storyhub.protection import limits
from tests.accounts.conftest import PASSWORD, CodeOf, Invited, Joins, recovery_codes_on
from tests.conftest import HeldClock
from tests.pages import Page, PagesClient

NAME = "Amal"


def asks_for_code(client: PagesClient) -> Page:
    return client.open_page("/account/sign-in").form("sign-in").fill(username=NAME, password=PASSWORD).send()


def opens_with(client: PagesClient, code: str) -> bool:
    asks_for_code(client).form("tf-validate").fill(code=code).send(status=None)
    return client.get("/account/recovery-codes").status_code == 200


def attribute(page: Page, selector: str, name: str) -> str:
    node = page.html.css_first(selector)
    assert node is not None
    return node.attributes[name] or ""


def browsers(client: PagesClient, how_many: int) -> list[PagesClient]:
    made = [client.application.test_client() for _ in range(how_many)]
    return [browser for browser in made if isinstance(browser, PagesClient)]


def test_one_code_opens_the_door_once(client: PagesClient, joins: Joins, code_of: CodeOf) -> None:
    joins(client, NAME)
    mine, overlooked = browsers(client, 2)
    code = code_of(NAME)
    assert opens_with(mine, code)
    assert not opens_with(overlooked, code)
    assert opens_with(overlooked, code_of(NAME))


def test_an_old_code_opens_nothing(client: PagesClient, joins: Joins, code_of: CodeOf, held_clock: HeldClock) -> None:
    joins(client, NAME)
    code = code_of(NAME)
    held_clock.forward(minutes=5)
    assert not opens_with(browsers(client, 1)[0], code)


def test_a_code_may_be_typed_in_arabic_digits_and_with_spaces(
    client: PagesClient, joins: Joins, code_of: CodeOf
) -> None:
    joins(client, NAME)
    code = code_of(NAME).translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩"))
    assert opens_with(browsers(client, 1)[0], f" {code[:3]} {code[3:]} ")


def test_each_recovery_code_opens_the_door_once(client: PagesClient, invited: Invited, code_of: CodeOf) -> None:
    page = client.open_page(invited(NAME)).form("invitation").fill(password=PASSWORD, password_confirm=PASSWORD).send()
    first, second = recovery_codes_on(page)[:2]
    page.form("second-factor").fill(code=code_of(NAME)).send(status=None)
    one, another = browsers(client, 2)
    assert opens_with(one, first)
    assert not opens_with(another, first)
    assert opens_with(another, second.upper().replace("-", " "))
    assert "You have 6 codes left." in another.open_page("/account/recovery-codes")


def test_new_recovery_codes_need_the_password_and_void_the_old_ones(
    client: PagesClient, invited: Invited, code_of: CodeOf
) -> None:
    page = client.open_page(invited(NAME)).form("invitation").fill(password=PASSWORD, password_confirm=PASSWORD).send()
    old = recovery_codes_on(page)
    page.form("second-factor").fill(code=code_of(NAME)).send(status=None)
    page = client.open_page("/account/recovery-codes").form("recovery-codes").fill(password="not mine at all").send()
    assert page.fields_with_errors() == ["password"]
    page = page.form("recovery-codes").fill(password=PASSWORD).send()
    new = recovery_codes_on(page)
    assert len(new) == 8 and not set(new) & set(old)
    assert recovery_codes_on(client.open_page("/account/recovery-codes")) == []
    other = browsers(client, 1)[0]
    assert not opens_with(other, old[0])
    assert opens_with(other, new[0])


def test_whoever_guesses_codes_is_stopped_and_recovery_codes_still_work(
    client: PagesClient, invited: Invited, code_of: CodeOf, app: Flask, session: Session
) -> None:
    page = client.open_page(invited(NAME)).form("invitation").fill(password=PASSWORD, password_confirm=PASSWORD).send()
    kept = recovery_codes_on(page)[0]
    page.form("second-factor").fill(code=code_of(NAME)).send(status=None)
    person = find_person(session, NAME)
    assert person is not None
    with app.app_context():
        for _ in range(limits.table.SECOND_FACTOR.amount):
            assert not codes.opens(person, "999999")
    other = browsers(client, 1)[0]
    assert not opens_with(other, code_of(NAME))
    assert opens_with(other, kept)


def test_guessing_passwords_is_slowed_down_by_network_and_nobody_else_is_kept_out(
    client: PagesClient, another_client: PagesClient, joins: Joins, monkeypatch: pytest.MonkeyPatch
) -> None:
    joins(client, NAME)
    monkeypatch.setitem(vars(limits.table.SIGN_IN), "amounts", "3/minute")
    guesser = browsers(client, 1)[0]
    guesser.environ_base["REMOTE_ADDR"] = "192.0.2.7"
    another_client.environ_base["REMOTE_ADDR"] = "198.51.100.7"
    form = guesser.open_page("/account/sign-in").form("sign-in").fill(username=NAME, password="a guess, and wrong")
    for _ in range(3):
        form.send(status=200)
    refused = form.send(status=429)
    assert 1 <= int(refused.response.headers["Retry-After"]) <= 60
    assert "A passkey still works" in refused
    assert asks_for_code(another_client).path == "/account/tf-validate"


def test_the_picture_holds_the_secret_that_stands_beside_it_and_is_gone_once_it_is_confirmed(
    client: PagesClient, invited: Invited, code_of: CodeOf, session: Session, app: Flask
) -> None:
    page = client.open_page(invited(NAME)).form("invitation").fill(password=PASSWORD, password_confirm=PASSWORD).send()
    address = attribute(page, ".qr img", "src")
    picture = client.get(address)
    assert (picture.mimetype, picture.headers["Cache-Control"]) == ("image/svg+xml", "no-store")
    assert "style=" not in picture.text and "<script" not in picture.text
    person = find_person(session, NAME)
    assert person is not None
    with app.app_context():
        assert picture.data == codes.picture(person)
        assert " ".join(codes.secret_groups(person)) in page
    assert re.search(r"\b[A-Z2-7]{4}( [A-Z2-7]{4}){5,}", page.text)
    page.form("second-factor").fill(code=code_of(NAME)).send(status=None)
    assert client.get(address).status_code == 404
    assert client.get("/account/second-factor").location == "/account/"


def test_a_session_ends_with_the_account_s_keys(client: PagesClient, joins: Joins, session: Session) -> None:
    joins(client, NAME)
    person = find_person(session, NAME)
    assert person is not None
    person.forget_keys(by=None)
    session.commit()
    assert client.get("/account/recovery-codes").status_code == 302


def test_the_code_page_leads_back_when_nobody_gave_a_password(client: PagesClient) -> None:
    assert client.get("/account/tf-validate").location == "/account/sign-in"


def test_it_all_works_in_arabic(arabic: PagesClient, joins: Joins) -> None:
    page = joins(arabic, NAME)
    assert page.path.startswith("/ar/")
    assert attribute(arabic.open_page("/account/recovery-codes"), "html", "dir") == "rtl"
