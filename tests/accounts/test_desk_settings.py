"""A steward settles how the desk works, and what that costs; everybody finds their own account in one place."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from storyhub.models.decision import Act, Decision, breaks
from storyhub.models.people import Role
from storyhub.models.site import the_site
from tests.conftest import sign_in_as
from tests.makers import Maker
from tests.pages import Page, PagesClient

PATH = "/organise/settings/desk"


@pytest.fixture
def steward(client: PagesClient, make: Maker) -> PagesClient:
    return sign_in_as(client, make.steward("Sam"))


def save(client: PagesClient, status: int = 200, **fields: object) -> Page:
    return client.open_page(PATH).form(PATH).fill(fields).send(status=status)


def settled(session: Session) -> dict[str, Any]:
    site = the_site(session)
    session.refresh(site)
    names = ("second_eyes", "asks_before_hiding", "days_to_answer", "without_answer", "named")
    return {name: getattr(site, name) for name in names}


def test_a_new_site_asks_a_second_person_for_appeals_alone(steward: PagesClient, session: Session) -> None:
    page = steward.open_page("/organise/settings").follow("How the desk works")
    assert page.form(PATH).values("second_eyes") == []
    assert "always an appeal: it is heard by somebody else than who decided" in page
    assert page.form(PATH).options("second_eyes") == ["named", "heavy", "decline"]
    assert "Nothing was changed." in page.form(PATH).send()
    assert settled(session)["without_answer"] == "wait"


def test_what_is_settled_is_kept_shown_and_on_the_record(steward: PagesClient, session: Session) -> None:
    page = save(
        steward,
        second_eyes=["decline", "named"],
        asks_before_hiding="y",
        days_to_answer="٢١",
        without_answer="publish",
    )
    assert "Saved." in page
    assert settled(session) == {
        "second_eyes": ["named", "decline"],
        "asks_before_hiding": True,
        "days_to_answer": 21,
        "without_answer": "publish",
        "named": False,  # that the place has a name is another page's to say
    }
    form = page.form(PATH)
    assert form.values("second_eyes") == ["named", "decline"]
    assert (form.value("asks_before_hiding"), form.value("days_to_answer")) == ("y", "21")
    assert form.value("without_answer") == "publish"
    decision = session.scalars(select(Decision).where(Decision.act == Act.SETTINGS)).one()
    fields = "asks_before_hiding days_to_answer second_eyes without_answer"
    assert decision.facts == {"what": "settings", "fields": fields}
    assert list(breaks(session)) == []


@pytest.mark.parametrize("days", ["0", "61", "-1", "1.5", "many", "", "9" * 30, "²"])
def test_an_answer_is_waited_for_from_one_to_sixty_days(steward: PagesClient, session: Session, days: str) -> None:
    page = save(steward, 422, days_to_answer=days)
    assert page.fields_with_errors() == ["days_to_answer"]
    assert "Choose between 1 and 60 days." in page
    assert settled(session)["days_to_answer"] == 14


@pytest.mark.parametrize("forged", [{"second_eyes": ["everything"]}, {"without_answer": "decline"}])
def test_what_cannot_be_chosen_is_not_settled(steward: PagesClient, session: Session, forged: dict[str, Any]) -> None:
    before = settled(session)
    steward.open_page(PATH).form(PATH).forge(**forged).send(status=422)
    assert settled(session) == before


def test_only_stewards_settle_it(client: PagesClient, make: Maker) -> None:
    sign_in_as(client, make.person("Amal", Role.MODERATOR, Role.ORGANISER, Role.SAFEGUARDING_LEAD))
    assert client.get(PATH).status_code == 403


def test_the_name_in_the_heading_leads_to_the_account_and_from_there_to_its_parts(steward: PagesClient) -> None:
    page = steward.open_page("/organise/people").follow("Sam")
    assert (page.path, page.heading) == ("/account/me", "Your account")
    for words, path in (
        ("Where you are signed in", "/account/sign-ins"),
        ("Recovery codes", "/account/recovery-codes"),
    ):
        assert page.follow(words).path == path
    # Browsers make no passkeys for a site that has only a number.
    assert "Passkeys" not in page.links


def test_how_one_wants_to_work_is_linked_where_there_is_such_a_page(app: Flask, make: Maker) -> None:
    there = any(rule.rule == "/desk/preferences" for rule in app.url_map.iter_rules())
    client = app.test_client()
    assert isinstance(client, PagesClient)
    sign_in_as(client, make.moderator("Amal"))
    assert ("How I want to work" in client.open_page("/account/me").links) == there


@pytest.mark.parametrize(
    ("role", "room"),
    [
        ("moderator", "/desk/"),
        ("outside-reader", "/desk/"),
        ("organiser", "/organise/"),
        ("guest-curator", "/account/me"),
    ],
)
def test_everybody_comes_to_the_room_of_their_work(client: PagesClient, make: Maker, role: str, room: str) -> None:
    sign_in_as(client, make.person("Amal", role))
    assert client.get("/account/").location == room
