"""A role ends on its last day by itself, and somebody from outside has one for a short time only."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from storyhub import clock
from storyhub.models.decision import Decision
from storyhub.models.people import (
    LONGEST_OUTSIDE,
    Invitation,
    LastSteward,
    Membership,
    NotTillThen,
    Person,
    Role,
    refuse_end,
)
from storyhub.models.queue import QueueItem, for_person
from tests.accounts.conftest import PASSWORD, CodeOf
from tests.accounts.test_people import inviting, link_on, person
from tests.conftest import HeldClock, sign_in_as
from tests.makers import Maker
from tests.pages import Form, Page, PagesClient

TODAY = dt.date(2026, 3, 5)  # of the held clock
SOON = TODAY + dt.timedelta(days=10)


@pytest.fixture
def steward(client: PagesClient, make: Maker, held_clock: HeldClock) -> PagesClient:
    del held_clock
    return sign_in_as(client, make.steward("Sam"))


@pytest.fixture
def run(app: Flask, held_clock: HeldClock) -> Any:
    del held_clock
    runner = app.test_cli_runner()
    return lambda *words: runner.invoke(args=["people", *words])


def end_form(client: PagesClient, label: str) -> Form:
    page = client.open_page("/organise/people")
    return next(form for form in page.forms if form.node.css(f'button[aria-label="Change the last day of {label}"]'))


def last_facts(session: Session) -> dict[str, Any]:
    facts: dict[str, Any] = session.scalars(sa.select(Decision).order_by(Decision.number.desc()).limit(1)).one().facts
    return facts


def test_an_invitation_carries_the_last_day_to_the_role(
    steward: PagesClient, another_client: PagesClient, code_of: CodeOf, session: Session
) -> None:
    page = inviting(steward).fill(name="Amal", role="moderator", until=SOON.isoformat()).send()
    assert last_facts(session) == {"what": "invited", "role": "moderator", "until": "2026-03-15"}
    assert "moderator (until March 15, 2026)" in steward.open_page("/organise/people")
    welcome = another_client.open_page(link_on(page))
    assert "It ends on March 15, 2026." in welcome
    setting_up = welcome.form("invitation").fill(password=PASSWORD, password_confirm=PASSWORD).send()
    setting_up.form("second-factor").fill(code=code_of("Amal")).send(status=None)
    assert session.scalars(sa.select(Membership.until).where(Membership.role == Role.MODERATOR)).one() == SOON
    assert "moderator · until March 15, 2026" in steward.open_page("/organise/people")
    assert "moderator · until March 15, 2026" in another_client.open_page("/account/me")


def test_a_link_is_never_good_for_longer_than_its_role(
    steward: PagesClient, another_client: PagesClient, held_clock: HeldClock
) -> None:
    page = inviting(steward).fill(name="Amal", role="moderator", until="2026-03-06").send()
    held_clock.forward(days=2)
    assert another_client.open_page(link_on(page), 410).heading == "This invitation is too old"


def test_a_role_that_has_ended_opens_nothing_from_the_next_request_on(
    client: PagesClient, make: Maker, held_clock: HeldClock
) -> None:
    amal = make.person("Amal", Role.MODERATOR, Role.ORGANISER, until=TODAY)
    make.story()
    held_clock.to(held_clock.moment.replace(hour=23, minute=55))
    sign_in_as(client, amal)
    desk = client.open_page("/desk/")
    exports = client.open_page("/organise/exports").form("exports").fill(purpose="here")
    held_clock.forward(minutes=10)
    for path in ("/desk/", "/organise/exports", "/organise/"):
        assert client.get(path).status_code == 403, path
    desk.form("/desk/next").send(status=403)
    exports.send(status=403)
    page = client.open_page("/account/")
    assert page.path == "/account/me"
    assert "moderator · ended on March 5, 2026" in page
    assert "You have no role here at present" in page


def test_a_role_that_has_ended_claims_nothing(make: Maker, held_clock: HeldClock, session: Session) -> None:
    amal = make.person("Amal", Role.MODERATOR, until=TODAY)
    item = make.story().item
    assert item is not None
    assert item.is_for(amal)
    assert session.scalars(sa.select(QueueItem.id).where(for_person(amal))).all() == [item.id]
    held_clock.forward(days=1)
    assert not item.is_for(amal)
    assert session.scalars(sa.select(QueueItem.id).where(for_person(amal))).all() == []


def test_an_end_is_changed_and_taken_off_on_the_record(steward: PagesClient, make: Maker, session: Session) -> None:
    amal = make.moderator("Amal")
    assert "Done." in end_form(steward, "Amal: moderator").fill(until="2026-04-01").send()
    expected = {"what": "role-end-changed", "person": amal.id, "role": "moderator"}
    assert last_facts(session) == expected | {"until": "2026-04-01"}
    form = end_form(steward, "Amal: moderator")
    assert form.value("until") == "2026-04-01"
    assert "Nothing was changed." in form.send()
    form.fill(until="").send()
    assert last_facts(session) == expected
    session.refresh(amal)
    assert amal.membership(Role.MODERATOR).until is None  # type: ignore[union-attr]


def test_somebody_with_an_account_gets_a_role_or_another_last_day_by_the_same_form(
    steward: PagesClient, make: Maker, session: Session
) -> None:
    make.moderator("Amal")
    for until, said in (("2026-03-09", "Done."), ("2026-03-09", "Nothing was changed."), ("", "Nothing was changed.")):
        assert said in inviting(steward).fill(name="amal", role="organiser", until=until).send()
    ends = {m.role: m.until for m in person(session, "Amal").memberships}
    assert ends == {Role.MODERATOR: None, Role.ORGANISER: dt.date(2026, 3, 9)}


def test_a_role_that_has_ended_is_shown_and_can_be_given_anew(
    steward: PagesClient, make: Maker, held_clock: HeldClock, session: Session
) -> None:
    make.person("Amal", Role.MODERATOR, until=TODAY)
    held_clock.forward(days=1)
    sign_in_as(steward, person(session, "Sam"))
    assert "moderator · ended on March 5, 2026" in steward.open_page("/organise/people")
    inviting(steward).fill(name="Amal", role="moderator").send()
    (membership,) = person(session, "Amal").memberships
    assert membership.until is None
    assert person(session, "Amal").roles == ["moderator"]


@pytest.mark.parametrize(
    ("role", "until", "told"),
    [
        ("moderator", "2026-03-04", "This day has passed."),
        ("moderator", "2026-02-30", "Please give a day as year-month-day"),
        ("moderator", "soon", "Please give a day as year-month-day"),
        ("outside-reader", "", "60 days at most"),
        ("outside-reader", "2026-05-05", "60 days at most"),
        ("outside-reader", "2026-03-04", "This day has passed."),
    ],
)
def test_an_end_that_can_not_be_comes_back_with_the_reason(
    steward: PagesClient, make: Maker, session: Session, role: str, until: str, told: str
) -> None:
    page = inviting(steward).fill(name="Amal", role=role, until=until).send(status=422)
    assert told in page
    assert page.fields_with_errors() == ["until"]
    (form,) = [form for form in page.forms if form.action == "/organise/people"]
    assert (form.value("name"), form.value("role")) == ("Amal", role)
    assert session.scalar(sa.select(Invitation.id)) is None
    make.person("Bela", Role(role), until=SOON)
    names = {"moderator": "moderator", "outside-reader": "outside reader"}
    page = end_form(steward, f"Bela: {names[role]}").fill(until=until).send(status=422)
    assert f"Bela: {told}" in page or f"Bela: Somebody from outside reads here for {told}" in page
    assert person(session, "Bela").memberships[0].until == SOON


def test_somebody_from_outside_is_invited_for_sixty_days_at_most(
    steward: PagesClient, make: Maker, held_clock: HeldClock, session: Session
) -> None:
    last = TODAY + dt.timedelta(days=LONGEST_OUTSIDE)
    inviting(steward).fill(name="Olga", role="outside-reader", until=last.isoformat()).send()
    assert session.scalars(sa.select(Invitation.until)).one() == last
    make.moderator("Amal")
    inviting(steward).fill(name="Amal", role="outside-reader", until=last.isoformat()).send()
    assert person(session, "Amal").roles == ["moderator", "outside-reader"]


def test_a_day_would_never_come_on_which_nobody_is_steward(
    steward: PagesClient, make: Maker, session: Session, held_clock: HeldClock
) -> None:
    def refused(page: Page) -> bool:
        return "No steward would be left." in page

    assert refused(end_form(steward, "Sam: steward").fill(until=SOON.isoformat()).send())
    make.person("Tova", Role.STEWARD, until=SOON)
    assert refused(end_form(steward, "Sam: steward").fill(until=SOON.isoformat()).send())
    assert refused(inviting(steward).fill(name="Sam", role="steward", until=SOON.isoformat()).send())
    with pytest.raises(LastSteward):
        person(session, "Sam").take_away(Role.STEWARD, by=None)
    session.rollback()
    make.steward("Una")
    assert "Done." in end_form(steward, "Sam: steward").fill(until=SOON.isoformat()).send()
    assert person(session, "Tova").take_away(Role.STEWARD, by=None)
    session.commit()
    held_clock.forward(days=11)
    assert person(session, "Una").roles == ["steward"]
    assert person(session, "Sam").roles == []


def test_new_keys_leave_the_last_day_as_it_was(make: Maker, session: Session, client: PagesClient, run: Any) -> None:
    amal = make.person("Amal", Role.OUTSIDE_READER, until=SOON, password="whatever it was before")
    link = run("renew", "Amal").output.strip()
    client.open_page(link).form("invitation").fill(password=PASSWORD, password_confirm=PASSWORD).send()
    session.refresh(amal)
    assert [(m.role, m.until) for m in amal.memberships] == [(Role.OUTSIDE_READER, SOON)]


def test_the_command_gives_roles_with_an_end(run: Any, make: Maker, session: Session) -> None:
    assert run("invite", "Olga", "--role", "outside-reader", "--until", "2026-04-30").exit_code == 0
    make.moderator("Amal")
    told = "Amal has an account. New role: organiser until 2026-04-30\n"
    assert run("invite", "Amal", "--role", "organiser", "--until", "2026-04-30").output == told
    done = run("role", "Amal", "--add", "moderator", "--until", "2026-05-01")
    assert done.output == "Amal is now: moderator until 2026-05-01, organiser until 2026-04-30\n"
    assert run("list").output.splitlines() == [
        "Amal\tmoderator until 2026-05-01, organiser until 2026-04-30",
        "Olga\toutside-reader until 2026-04-30\tinvited until 2026-03-12",
    ]
    assert session.scalars(sa.select(Invitation.until)).one() == dt.date(2026, 4, 30)


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (["invite", "Olga", "--role", "outside-reader"], 1, "60 days at most: say --until"),
        (["invite", "Olga", "--role", "outside-reader", "--until", "2026-12-01"], 1, "60 days at most: say --until"),
        (["invite", "Olga", "--role", "moderator", "--until", "2026-03-01"], 1, "This day has passed."),
        (["invite", "Olga", "--role", "moderator", "--until", "tomorrow"], 2, "tomorrow"),
        (["role", "Amal", "--add", "outside-reader"], 1, "60 days at most: say --until"),
        (["role", "Amal", "--add", "moderator", "--until", "2026-03-01"], 1, "This day has passed."),
    ],
)
def test_the_command_says_in_one_line_why_not(
    run: Any, make: Maker, session: Session, words: list[str], code: int, told: str
) -> None:
    make.moderator("Amal")
    done = run(*words)
    assert done.exit_code == code and told in done.output.splitlines()[-1]
    assert session.scalar(sa.select(Invitation.id)) is None
    assert person(session, "Amal").roles == ["moderator"]


@given(role=st.sampled_from(Role), days=st.none() | st.integers(-400, 400))
def test_every_end_is_in_the_future_and_nobody_from_outside_is_without(role: Role, days: int | None) -> None:
    until = None if days is None else clock.today() + dt.timedelta(days=days)
    allowed = days is None or days >= 0
    if role is Role.OUTSIDE_READER:
        allowed = days is not None and 0 <= days <= LONGEST_OUTSIDE
    if allowed:
        refuse_end(role, until)
    else:
        with pytest.raises(NotTillThen):
            refuse_end(role, until)


def test_a_role_in_one_campaign_is_kept_as_it_is(make: Maker, session: Session, steward: PagesClient) -> None:
    amal: Person = make.moderator("Amal")
    campaign = make.campaign("night")
    amal.memberships.append(Membership(role=Role.MODERATOR, campaign_id=campaign.id, until=SOON))
    session.commit()
    end_form(steward, "Amal: moderator").fill(until="2026-04-01").send()
    session.refresh(amal)
    ends = {m.campaign_id: m.until for m in amal.memberships}
    assert ends == {None: dt.date(2026, 4, 1), campaign.id: SOON}
