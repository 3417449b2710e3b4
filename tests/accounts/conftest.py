"""What tests about accounts share: people who come in through the pages, as they would."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from storyhub.accounts import codes
from storyhub.models.people import Role, find_person, invite
from tests.pages import Page, PagesClient

PASSWORD = "seven geese over the bridge"
CodeOf = Callable[[str], str]
Invited = Callable[..., str]
Joins = Callable[..., Page]


@pytest.fixture
def code_of(app: Flask, session: Session) -> CodeOf:
    """code_of(name): what that person's app shows now, as `flask people totp` prints it."""

    def code(name: str) -> str:
        with app.app_context():
            person = find_person(session, name)
            assert person is not None
            shown = codes.current_code(person)
            assert shown is not None
            return shown

    return code


@pytest.fixture
def invited(session: Session) -> Invited:
    """invited(name, role): the path of a one-time link."""

    def make_link(name: str, role: str = "moderator", days: int = 7, by: int | None = None) -> str:
        token = invite(session, name, Role(role), by=by, days=days)
        session.commit()
        return f"/account/invitation/{token}"

    return make_link


@pytest.fixture
def joins(invited: Invited, code_of: CodeOf) -> Joins:
    """joins(client, name, role): somebody uses their link, chooses a password and sets up their app."""

    def join(client: PagesClient, name: str, role: str = "moderator") -> Page:
        page = client.open_page(invited(name, role))
        page = page.form("invitation").fill(password=PASSWORD, password_confirm=PASSWORD).send()
        return page.form("second-factor").fill(code=code_of(name)).send(status=None)

    return join


def sign_out(client: PagesClient, page: Page) -> None:
    """By the button, on whatever page it stands."""
    client.open_page("/account/recovery-codes").form("sign-out").send(status=None)


def recovery_codes_on(page: Page) -> list[str]:
    return re.findall(r"\b[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}\b", page.text)
