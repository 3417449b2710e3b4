"""A steward invites people, gives and takes roles, shuts accounts, and helps those who lost their keys."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from storyhub.models.decision import Decision
from storyhub.models.people import Invitation, Person, Role, find_person
from tests.accounts.conftest import PASSWORD, CodeOf, Joins
from tests.conftest import sign_in_as
from tests.makers import Maker
from tests.pages import Form, Page, PagesClient


@pytest.fixture
def steward(client: PagesClient, make: Maker) -> PagesClient:
    return sign_in_as(client, make.steward("Sam"))


def person(session: Session, name: str) -> Person:
    found = find_person(session, name)
    assert found is not None
    return found


def link_on(page: Page) -> str:
    node = page.html.css_first("#link")
    assert node is not None
    return urlsplit(node.text()).path


def inviting(client: PagesClient) -> Form:
    return next(form for form in client.open_page("/organise/people").forms if form.action == "/organise/people")


def press(client: PagesClient, label: str) -> Page:
    """Press the button that is said to do this."""
    page = client.open_page("/organise/people")
    for form in page.forms:
        if form.node.css(f'button[aria-label="{label}"]'):
            return form.send()
    raise AssertionError(f"no button {label!r}")


def test_a_link_made_by_a_steward_is_shown_once_and_works(
    steward: PagesClient, another_client: PagesClient, code_of: CodeOf, session: Session
) -> None:
    page = inviting(steward).fill(name="Amal", role="moderator").send()
    link = link_on(page)
    assert steward.open_page("/organise/people").html.css_first("#link") is None
    welcome = another_client.open_page(link)
    assert "Sam invites you. Your role here: moderator" in welcome
    setting_up = welcome.form("invitation").fill(password=PASSWORD, password_confirm=PASSWORD).send()
    setting_up.form("second-factor").fill(code=code_of("Amal")).send(status=None)
    assert person(session, "Amal").roles == ["moderator"]
    assert "Amal" in steward.open_page("/organise/people")


def test_the_name_of_somebody_with_an_account_gets_one_more_role(
    steward: PagesClient, make: Maker, session: Session
) -> None:
    make.moderator("Amal")
    page = inviting(steward).fill(name="amal", role="organiser").send()
    assert "Done." in page
    assert person(session, "Amal").roles == ["moderator", "organiser"]
    assert session.scalar(select(Invitation.id)) is None


def test_a_role_is_taken_away_at_once_and_on_the_record(
    steward: PagesClient, another_client: PagesClient, make: Maker, session: Session
) -> None:
    amal = sign_in_as(another_client, make.person("Amal", Role.STEWARD, Role.MODERATOR))
    press(steward, "Take away from Amal: steward")
    assert amal.get("/organise/people").status_code == 403
    assert person(session, "Amal").roles == ["moderator"]
    last = session.scalars(select(Decision).order_by(Decision.number.desc())).first()
    assert last is not None
    assert last.facts == {"what": "role-taken-away", "person": person(session, "Amal").id, "role": "steward"}
    assert last.by_id == person(session, "Sam").id


def test_the_last_steward_can_not_be_lost(steward: PagesClient, session: Session) -> None:
    assert "No steward would be left." in press(steward, "Take away from Sam: steward")
    assert person(session, "Sam").roles == ["steward"]


def test_an_account_is_shut_and_opened_again(
    steward: PagesClient, another_client: PagesClient, make: Maker, session: Session
) -> None:
    amal = sign_in_as(another_client, make.moderator("Amal"))
    press(steward, "Shut the account of Amal")
    assert amal.get("/account/recovery-codes").status_code == 302
    assert not person(session, "Amal").active
    press(steward, "Open the account of Amal again")
    assert person(session, "Amal").active


def test_whoever_lost_password_and_phone_gets_a_new_link_and_keeps_their_roles(
    steward: PagesClient, another_client: PagesClient, joins: Joins, code_of: CodeOf, session: Session
) -> None:
    joins(another_client, "Amal", "organiser")
    before = person(session, "Amal").tf_totp_secret
    link = link_on(press(steward, "Void password and phone of Amal and make a new link"))
    assert another_client.get("/account/recovery-codes").status_code == 302
    page = another_client.open_page("/account/sign-in").form("sign-in").fill(username="Amal", password=PASSWORD).send()
    assert "The name or the password is not right." in page
    new = "a wholly different sentence"
    page = another_client.open_page(link).form("invitation").fill(password=new, password_confirm=new).send()
    page.form("second-factor").fill(code=code_of("Amal")).send(status=None)
    assert person(session, "Amal").roles == ["organiser"]
    assert person(session, "Amal").tf_totp_secret != before
    assert another_client.get("/account/recovery-codes").status_code == 200


def test_a_link_that_was_not_used_can_be_taken_back(steward: PagesClient, another_client: PagesClient) -> None:
    link = link_on(inviting(steward).fill(name="Amal", role="moderator").send())
    press(steward, "Take back the link for Amal")
    assert another_client.get(link).status_code == 404


@pytest.mark.parametrize("name", ["", "x", "--", "x" * 65, "\u202e"])
def test_what_is_no_name_comes_back(steward: PagesClient, session: Session, name: str) -> None:
    page = inviting(steward).fill(name=name, role="moderator").send(status=422)
    assert page.fields_with_errors() == ["name"]
    assert session.scalar(select(Invitation.id)) is None


def test_nobody_can_be_given_a_role_that_does_not_exist(steward: PagesClient, make: Maker, session: Session) -> None:
    make.moderator("Amal")
    form = steward.open_page("/organise/people").form("role-taken-away").forge(role="ruler")
    assert form.send(status=400).heading
    inviting(steward).forge(name="Amal", role="ruler").send(status=422)
    assert person(session, "Amal").roles == ["moderator"]
