"""A passkey is made after the password was given once more, and opens the door by itself."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from storyhub.accounts.passkeys import possible
from storyhub.models.people import WebAuthn, find_person
from tests.accounts.authenticator import Authenticator
from tests.accounts.conftest import PASSWORD, Joins
from tests.pages import Form, Page, PagesClient

SITE = "http://localhost:8000"


@pytest.fixture
def environment(environment: dict[str, str]) -> dict[str, str]:
    """A site with a name, because browsers make no passkeys for a number."""
    return environment | {"STORYHUB_SITE_URL": SITE, "STORYHUB_RELEASE_MINUTES": "0"}


def waiting(page: Page) -> tuple[Form, dict[str, Any]]:
    """The form that the script fills in, and what it asks the device."""
    node = page.html.css_first("form[data-passkey]")
    assert node is not None
    return Form(page, node), json.loads(node.attributes["data-options"] or "")


def add(client: PagesClient, key: Authenticator, name: str = "my phone", password: str = PASSWORD) -> Page:
    page = client.open_page("/account/passkeys").form("passkeys").fill(name=name, password=password).send()
    form, options = waiting(page)
    return form.fill(credential=key.create(options)).send()


def use(client: PagesClient, key: Authenticator) -> Page:
    form, options = waiting(client.open_page("/account/passkey?next=/account/passkeys"))
    return form.fill(credential=key.get(options)).send(status=None)


@pytest.fixture
def key(client: PagesClient, joins: Joins) -> Authenticator:
    joins(client, "Amal")
    made = Authenticator(SITE)
    assert "Your passkey was added." in add(client, made)
    return made


def test_a_passkey_opens_the_door_and_leads_on(
    client: PagesClient, another_client: PagesClient, key: Authenticator, session: Session
) -> None:
    page = use(another_client, key)
    assert (page.status, page.path) == (200, "/account/passkeys")
    assert "my phone" in page
    kept = session.scalars(select(WebAuthn)).one()
    assert kept.sign_count == 1
    assert kept.lastuse_datetime.time().isoformat() == kept.create_datetime.time().isoformat() == "00:00:00"


def test_a_passkey_is_made_only_for_whoever_gives_the_password(client: PagesClient, joins: Joins) -> None:
    joins(client, "Amal")
    page = client.open_page("/account/passkeys").form("passkeys").fill(name="x", password="not mine at all").send()
    assert page.fields_with_errors() == ["password"]
    assert page.html.css_first("form[data-passkey]") is None


def test_an_answer_is_good_for_one_question(
    client: PagesClient, another_client: PagesClient, key: Authenticator
) -> None:
    form, options = waiting(another_client.open_page("/account/passkey"))
    answer = key.get(options)
    page = form.forge(credential=json.dumps(json.loads(answer) | {"id": "AAAA"})).send()
    assert "That did not work." in page
    assert "That did not work." in form.forge(credential=answer).send()
    form, options = waiting(another_client.open_page("/account/passkey"))
    form.fill(credential=key.get(options)).send(status=None)
    assert another_client.get("/account/passkeys").status_code == 200


@pytest.mark.parametrize("answer", ["{}", "nothing", "[]", '{"id": 5}', '{"id": "a"}', "x" * 30_000, "\x00"])
def test_nonsense_opens_nothing_and_breaks_nothing(client: PagesClient, answer: str) -> None:
    form, _options = waiting(client.open_page("/account/passkey"))
    assert "That did not work." in form.fill(credential=answer).send()


def test_a_key_that_asked_for_no_finger_is_not_taken(client: PagesClient, joins: Joins, session: Session) -> None:
    joins(client, "Amal")
    assert "no passkey was added" in add(client, Authenticator(SITE, verifies=False))
    assert session.scalar(select(WebAuthn.id)) is None


def test_an_answer_made_on_another_site_opens_nothing(another_client: PagesClient, key: Authenticator) -> None:
    key.origin = "http://localhost.elsewhere.example"
    assert "That did not work." in use(another_client, key)


def test_a_finger_is_asked_for_at_every_sign_in(another_client: PagesClient, key: Authenticator) -> None:
    key.verifies = False
    assert "That did not work." in use(another_client, key)


def test_a_removed_key_and_a_shut_account_open_nothing(
    client: PagesClient, another_client: PagesClient, key: Authenticator, session: Session
) -> None:
    person = find_person(session, "Amal")
    assert person is not None
    person.active = False
    session.commit()
    assert "That did not work." in use(another_client, key)
    person.active = True
    session.commit()
    client.open_page("/account/passkeys").form("removal").send()
    assert session.scalar(select(WebAuthn.id)) is None
    assert "That did not work." in use(another_client, key)


def test_nobody_can_remove_the_key_of_somebody_else(
    client: PagesClient, another_client: PagesClient, key: Authenticator, joins: Joins
) -> None:
    form = client.open_page("/account/passkeys").form("removal")
    joins(another_client, "Bela")
    token = another_client.open_page("/account/passkeys").form("passkeys").value("csrf_token")
    assert another_client.post(form.action, data={"csrf_token": token}).status_code == 404


def test_new_keys_for_a_lost_account_void_its_passkeys(
    another_client: PagesClient, key: Authenticator, session: Session
) -> None:
    person = find_person(session, "Amal")
    assert person is not None
    person.forget_keys(by=None)
    session.commit()
    assert "That did not work." in use(another_client, key)


def test_passkeys_need_a_site_with_a_name() -> None:
    assert possible("https://stories.example.org") and possible("http://localhost:8000")
    assert not possible("http://127.0.0.1:8000") and not possible("http://[::1]:8000")
