"""What lets stories or power out asks for the password again, carries what was typed, and goes on with it."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask import Flask, request
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session
from werkzeug.routing import Rule

from storyhub.models.export import Export
from storyhub.models.people import Invitation, Role, find_person
from storyhub.protection import limits
from storyhub.protection.access import FRESH_SECONDS, SAFE_METHODS, asks_again, audience, needs_fresh_sign_in
from tests.accounts.conftest import CodeOf, Joins
from tests.accounts.test_people import inviting, press
from tests.conftest import HeldClock, sign_in_as
from tests.makers import PASSWORD, Maker
from tests.pages import Page, PagesClient

ASKED = "Your password, once more"


@pytest.fixture
def steward(client: PagesClient, make: Maker, held_clock: HeldClock) -> PagesClient:
    """The browser of a steward and organiser who signed in a while ago and has been busy since."""
    sign_in_as(client, make.person("Sam", Role.STEWARD, Role.ORGANISER, password=PASSWORD))
    for _ in range(2):
        held_clock.forward(seconds=FRESH_SECONDS * 2 // 3)
        client.open_page("/organise/people")
    return client


def confirm(page: Page, password: str = PASSWORD, status: int | None = 200) -> Page:
    assert page.heading == ASKED
    return page.form(page.path).fill({"confirm-password": password}).send(status=status)


def test_every_act_that_lets_power_or_stories_out_asks_again(app: Flask) -> None:
    def lets_out(rule: Rule) -> bool:
        return rule.rule.startswith(("/organise/people", "/organise/invitations", "/organise/exports"))

    counts_alone = {"exports.count"}  # it says how many there would be, to somebody who may read them all
    changing = [
        (rule.endpoint, method, rule.methods or set())
        for rule in app.url_map.iter_rules()
        if lets_out(rule) and rule.endpoint not in counts_alone
        for method in (rule.methods or set()) - SAFE_METHODS
    ]
    assert len(changing) >= 9
    assert [endpoint for endpoint, method, methods in changing if not asks_again(app, endpoint, method, methods)] == []


def test_a_fresh_sign_in_is_not_asked(client: PagesClient, make: Maker, session: Session) -> None:
    sign_in_as(client, make.steward("Sam"))
    assert inviting(client).fill(name="Amal", role="moderator").send().heading == "People"
    assert session.scalars(sa.select(Invitation.name)).one() == "Amal"


def test_signing_in_with_password_and_code_counts(
    client: PagesClient, joins: Joins, code_of: CodeOf, session: Session
) -> None:
    from tests.accounts.conftest import PASSWORD as THEIRS

    joins(client, "Sam", "steward")
    client.open_page("/account/me").form("sign-out").send()
    page = client.open_page("/account/sign-in").form("sign-in").fill(username="Sam", password=THEIRS).send()
    page.form("tf-validate").fill(code=code_of("Sam")).send(status=None)
    inviting(client).fill(name="Amal", role="moderator").send()
    assert session.scalar(sa.select(sa.func.count()).select_from(Invitation).where(Invitation.used_on.is_(None))) == 1


def test_nothing_is_done_before_the_password_and_nothing_typed_is_lost(steward: PagesClient, session: Session) -> None:
    page = inviting(steward).fill(name="Amal  Haddad", role="safeguarding-lead", until="2026-12-31").send()
    assert session.scalar(sa.select(Invitation.id)) is None
    done = confirm(page)
    assert "A link for Amal Haddad" in done
    (made,) = session.scalars(sa.select(Invitation))
    assert (made.name, made.role, str(made.until)) == ("Amal Haddad", Role.SAFEGUARDING_LEAD, "2026-12-31")


def test_for_a_quarter_of_an_hour_nobody_is_asked_again(
    steward: PagesClient, held_clock: HeldClock, session: Session
) -> None:
    confirm(inviting(steward).fill(name="Amal", role="moderator").send())
    held_clock.forward(seconds=FRESH_SECONDS // 2)
    inviting(steward).fill(name="Bela", role="moderator").send()
    held_clock.forward(seconds=FRESH_SECONDS // 2 + 1)
    assert inviting(steward).fill(name="Cleo", role="moderator").send().heading == ASKED
    assert set(session.scalars(sa.select(Invitation.name))) == {"Amal", "Bela"}


def test_a_wrong_password_is_told_and_what_was_typed_is_still_there(steward: PagesClient, session: Session) -> None:
    page = inviting(steward).fill(name="Amal", role="organiser").send()
    for wrong in ("not mine at all", "", " "):
        page = confirm(page, wrong)
        assert page.fields_with_errors() == ["confirm-password"]
        assert page.value_of("confirm-password") == ""
    assert session.scalar(sa.select(Invitation.id)) is None
    confirm(page)
    assert session.scalars(sa.select(Invitation.role)).one() == Role.ORGANISER


def test_sending_it_a_second_time_does_nothing_twice(steward: PagesClient, session: Session) -> None:
    page = inviting(steward).fill(name="Amal", role="moderator").send()
    confirm(page)
    again = confirm(page)
    assert (again.path, again.heading) == ("/organise/people", "People")
    assert "This was done already, and nothing was done twice." in again
    assert session.scalars(sa.select(Invitation.name)).all() == ["Amal"]


def test_a_file_of_stories_leaves_after_the_password_and_as_it_was_asked_for(
    steward: PagesClient, make: Maker, session: Session
) -> None:
    make.story(state="published", consent=["research"], themes=["buses"])
    form = steward.open_page("/organise/exports").form("exports")
    page = form.fill(purpose="research", format="jsonl", theme="buses").send()
    assert session.scalar(sa.select(Export.id)) is None
    response = confirm(page, status=None).response
    assert response.mimetype == "application/jsonl"
    assert response.get_data(as_text=True).count("\n") == 1
    (export,) = session.scalars(sa.select(Export))
    assert (export.format, export.consent, export.count) == ("jsonl", "research", 1)


def test_taking_a_role_away_asks_too(steward: PagesClient, make: Maker, session: Session) -> None:
    make.moderator("Amal")
    page = press(steward, "Take away from Amal: moderator")
    amal = find_person(session, "Amal")
    assert amal is not None and amal.roles == ["moderator"]
    assert "Done." in confirm(page)
    session.refresh(amal)
    assert amal.roles == []


def test_whoever_may_not_do_it_is_not_asked_either(client: PagesClient, make: Maker, held_clock: HeldClock) -> None:
    sign_in_as(client, make.moderator("Amal", password=PASSWORD))
    held_clock.forward(minutes=14)
    token = client.open_page("/account/me").form("sign-out").value("csrf_token")
    held_clock.forward(minutes=14)
    answer = client.post("/organise/people", data={"csrf_token": token, "confirm-password": PASSWORD})
    assert answer.status_code == 403


def test_guessing_is_slowed_as_at_sign_in(
    steward: PagesClient, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(vars(limits.table.SIGN_IN), "amounts", "3/minute")
    steward.environ_base["REMOTE_ADDR"] = "192.0.2.7"
    page = inviting(steward).fill(name="Amal", role="moderator").send()
    for _ in range(3):
        page = confirm(page, "a guess, and wrong")
    assert "A passkey still works" in confirm(page, status=429)
    assert session.scalar(sa.select(Invitation.id)) is None


def test_it_needs_a_form_of_this_site(steward: PagesClient, session: Session) -> None:
    answer = steward.post("/organise/people", data={"name": "Amal", "role": "moderator", "confirm-password": PASSWORD})
    assert answer.status_code == 400
    assert session.scalar(sa.select(Invitation.id)) is None


def test_a_page_that_is_only_looked_at_is_come_back_to(app: Flask, make: Maker, held_clock: HeldClock) -> None:
    @app.get("/organise/letting-out")
    @audience("steward")
    @needs_fresh_sign_in
    def letting_out() -> tuple[str, dict[str, str]]:
        return request.args["what"], {"Content-Type": "text/plain"}

    client = app.test_client()
    assert isinstance(client, PagesClient)
    sign_in_as(client, make.steward("Sam", password=PASSWORD))
    assert client.get("/organise/letting-out?what=this").text == "this"
    for _ in range(2):
        held_clock.forward(minutes=10)
        client.open_page("/account/me")
    page = client.open_page("/organise/letting-out?what=this+and+that")
    assert page.path == "/account/confirm"
    assert confirm(page).response.text == "this and that"


@pytest.mark.parametrize(
    "way",
    [
        "https://elsewhere.example/", "//elsewhere.example", "/\\elsewhere.example", "javascript:x",
        "/\n//elsewhere.example", "/\t/elsewhere.example", "/\r\n/elsewhere.example", "/\x00elsewhere.example",
    ],
)  # fmt: skip
def test_the_way_on_stays_here(steward: PagesClient, way: str) -> None:
    page = steward.get("/account/confirm", query_string={"next": way})
    assert "elsewhere" not in page.text and "javascript" not in page.text
    form = steward.open_page("/account/confirm").form("confirm").forge(next=way)
    assert form.fill({"confirm-password": PASSWORD}).send().path.startswith("/organise/")


def test_it_works_in_arabic(arabic: PagesClient, make: Maker, held_clock: HeldClock, session: Session) -> None:
    sign_in_as(arabic, make.steward("Sam", password=PASSWORD))
    for _ in range(2):
        held_clock.forward(minutes=10)
        arabic.open_page("/account/me")
    form = next(form for form in arabic.open_page("/organise/people").forms if form.action.endswith("/organise/people"))
    page = form.fill(name="أمل", role="moderator").send()
    page.form("/ar/organise/people").fill({"confirm-password": PASSWORD}).send()
    assert session.scalars(sa.select(Invitation.name)).one() == "أمل"


NAMES = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=12).filter(
    lambda name: not name.startswith("confirm-") and name != "csrf_token"
)


@given(
    fields=st.lists(st.tuples(NAMES, st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=40)), max_size=6)
)
def test_whatever_was_typed_is_carried_whole_and_in_its_order(app: Flask, fields: list[tuple[str, str]]) -> None:
    from storyhub.accounts.routes.confirming import _carried

    data = {"csrf_token": "x", "confirm-password": "y", "confirm-mark": "z"}
    pairs = [*data.items(), *fields]
    from urllib.parse import urlencode

    kind = "application/x-www-form-urlencoded"
    with app.test_request_context(method="POST", data=urlencode(pairs), content_type=kind):
        *carried, mark = _carried()
    by_name: dict[str, list[str]] = {}
    for name, value in fields:
        by_name.setdefault(name, []).append(value)
    assert carried == [(name, value) for name, values in by_name.items() for value in values]
    assert mark[0] == "confirm-mark" and mark[1] not in ("", "z")
