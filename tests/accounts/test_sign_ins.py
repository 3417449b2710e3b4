"""Everybody sees where they are signed in, and ends it there: here, elsewhere, everywhere."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy import event
from sqlalchemy.orm import Session

from storyhub.extensions import db
from storyhub.models.people import SIGN_INS_KEPT, How, Person, SignIn, use_sign_in
from storyhub.operations.upkeep import purge_words
from tests.accounts.conftest import PASSWORD, CodeOf, Joins
from tests.conftest import HeldClock, sign_in_as
from tests.makers import Maker
from tests.pages import Page, PagesClient, words_of


@pytest.fixture
def amal(make: Maker) -> Person:
    return make.moderator("Amal")


def is_signed_in(client: PagesClient) -> bool:
    return client.get("/account/me").status_code == 200


def lines(page: Page) -> list[tuple[str, str]]:
    """Each browser as it is told of: whether it is open, and what is known of it."""
    found = page.html.css(".sign-ins li")
    return [(words_of(one.css_first("h2")), words_of(one.css_first("p"))) for one in found]  # type: ignore[arg-type]


def test_a_sign_in_with_an_invitation_and_one_with_a_password_are_told_apart(
    client: PagesClient, another_client: PagesClient, joins: Joins, code_of: CodeOf, session: Session
) -> None:
    joins(client, "Amal")
    page = another_client.open_page("/account/sign-in").form("sign-in").fill(username="Amal", password=PASSWORD).send()
    page.form("tf-validate").fill(code=code_of("Amal")).send(status=None)
    assert set(session.scalars(sa.select(SignIn.how))) == {How.INVITATION, How.PASSWORD}
    here, there = lines(another_client.open_page("/account/sign-ins"))
    assert here[0] == "This browser" and here[1].startswith("With password and code")
    assert there[0] == "Another browser, which may still be open" and there[1].startswith("With an invitation")


def test_only_days_are_kept_and_what_ended_by_itself_is_said(
    client: PagesClient, another_client: PagesClient, amal: Person, held_clock: HeldClock
) -> None:
    sign_in_as(another_client, amal)
    held_clock.forward(days=2)
    sign_in_as(client, amal)
    page = client.open_page("/account/sign-ins")
    assert lines(page) == [
        ("This browser", "With password and code · since March 7, 2026 · last used on March 7, 2026"),
        (
            "Another browser, signed out by itself",
            "With password and code · since March 5, 2026 · last used on March 5, 2026",
        ),
    ]
    assert "no address, no name of a browser, no time" in page
    assert set(SignIn.__table__.columns.keys()) == {"id", "person_id", "how", "begun_on", "used_on"}


def test_signing_out_here_leaves_the_other_browsers_signed_in(
    client: PagesClient, another_client: PagesClient, amal: Person, session: Session
) -> None:
    sign_in_as(client, amal)
    sign_in_as(another_client, amal)
    client.open_page("/account/me").form("sign-out").send()
    assert not is_signed_in(client)
    assert is_signed_in(another_client)
    assert session.scalar(sa.select(sa.func.count()).select_from(SignIn)) == 1


def test_everywhere_else_leaves_this_browser_alone(
    client: PagesClient, another_client: PagesClient, amal: Person, make: Maker, app: Flask
) -> None:
    sign_in_as(client, amal)
    sign_in_as(another_client, amal)
    somebody = app.test_client()
    assert isinstance(somebody, PagesClient)
    sign_in_as(somebody, make.moderator("Bela"))
    page = client.open_page("/account/sign-ins").form("others").send()
    assert "the only browser in which you are signed in" in page
    assert len(lines(page)) == 1
    assert is_signed_in(client) and is_signed_in(somebody)
    assert not is_signed_in(another_client)
    assert "Nothing was changed." in page.form("others").send()


def test_everywhere_ends_this_browser_too(client: PagesClient, another_client: PagesClient, amal: Person) -> None:
    sign_in_as(client, amal)
    sign_in_as(another_client, amal)
    assert client.open_page("/account/sign-ins").form("all").send().heading == "Sign in"
    assert not is_signed_in(client)
    assert not is_signed_in(another_client)


def test_a_password_that_was_given_before_signing_out_everywhere_leads_no_further(
    client: PagesClient, another_client: PagesClient, joins: Joins, code_of: CodeOf
) -> None:
    joins(client, "Amal")
    half = another_client.open_page("/account/sign-in").form("sign-in").fill(username="Amal", password=PASSWORD).send()
    client.open_page("/account/sign-ins").form("all").send()
    half.form("tf-validate").fill(code=code_of("Amal")).send()
    assert not is_signed_in(another_client)


@pytest.mark.parametrize("end", [Person.disable, Person.forget_keys])
def test_a_shut_account_and_new_keys_end_every_session(
    client: PagesClient, amal: Person, session: Session, end: object
) -> None:
    sign_in_as(client, amal)
    assert is_signed_in(client)
    end(amal, by=None)  # type: ignore[operator]
    session.commit()
    assert not is_signed_in(client)
    assert session.scalar(sa.select(SignIn.id)) is None


def test_a_cookie_without_a_row_opens_nothing(client: PagesClient, amal: Person, app: Flask, make: Maker) -> None:
    sign_in_as(client, amal)
    other = make.moderator("Bela")
    for sign_in in (None, 1, "1", [1]):
        with client.session_transaction(base_url=app.extensions["settings"].site_url) as kept:
            kept["sign_in"] = sign_in
        assert not is_signed_in(client), sign_in
    sign_in_as(client, amal)
    with client.session_transaction(base_url=app.extensions["settings"].site_url) as kept:
        kept["_user_id"] = other.fs_uniquifier
    assert not is_signed_in(client)


def test_whoever_signs_in_anew_in_one_browser_has_one_line(
    client: PagesClient, amal: Person, joins: Joins, session: Session
) -> None:
    sign_in_as(client, amal)
    joins(client, "Bela")
    (kept,) = session.scalars(sa.select(SignIn))
    assert kept.person.username == "Bela"


def test_the_day_of_use_is_written_once_a_day(
    client: PagesClient, amal: Person, app: Flask, held_clock: HeldClock, session: Session
) -> None:
    held_clock.to(held_clock.moment.replace(hour=23, minute=55))
    sign_in_as(client, amal)
    written: list[str] = []
    with app.app_context():
        engine = db.engine

    @event.listens_for(engine, "before_cursor_execute")
    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if "sign_ins" in statement:
            written.append(statement.split()[0])

    client.open_page("/account/me")
    assert written == ["SELECT"]
    held_clock.forward(minutes=10)
    client.open_page("/account/me")
    client.open_page("/account/me")
    assert written == ["SELECT", "SELECT", "UPDATE", "SELECT"]
    assert session.scalars(sa.select(SignIn.used_on)).one() == held_clock.moment.date()


def test_public_pages_ask_nobody_who_they_are(client: PagesClient, amal: Person, app: Flask) -> None:
    sign_in_as(client, amal)
    asked: list[str] = []
    with app.app_context():
        engines = list(db.engines.values())
    for engine in engines:
        event.listen(engine, "before_cursor_execute", lambda _c, _cursor, statement, *_: asked.append(statement))
    for path in ("/", "/themes", "/search?q=bus", "/accountability", "/share", "/receipt", "/api/v1/stories"):
        client.open_page(path) if not path.startswith("/api") else client.get(path)
    assert asked
    assert not [statement for statement in asked if "sign_ins" in statement or "fs_uniquifier" in statement]


def test_sessions_end_after_fifteen_idle_minutes(client: PagesClient, amal: Person, held_clock: HeldClock) -> None:
    sign_in_as(client, amal)
    held_clock.forward(minutes=14)
    assert is_signed_in(client)
    held_clock.forward(minutes=16)
    assert not is_signed_in(client)


def test_old_lines_are_forgotten_by_night(
    client: PagesClient, amal: Person, app: Flask, held_clock: HeldClock, session: Session
) -> None:
    sign_in_as(client, amal)
    for days, left in ((SIGN_INS_KEPT, 1), (1, 0)):
        held_clock.forward(days=days)
        with app.app_context():
            purge_words(db.session)
        assert session.scalar(sa.select(sa.func.count()).select_from(SignIn)) == left


def test_nobody_ends_or_sees_the_sessions_of_somebody_else(
    client: PagesClient, another_client: PagesClient, amal: Person, make: Maker, session: Session
) -> None:
    sign_in_as(client, amal)
    bela = make.moderator("Bela")
    sign_in_as(another_client, bela)
    page = another_client.open_page("/account/sign-ins")
    assert len(lines(page)) == 1
    page.form("all").send()
    assert is_signed_in(client)
    (left,) = session.scalars(sa.select(SignIn))
    bela.end_session(left.id)
    session.commit()
    assert is_signed_in(client)


def test_a_sign_in_that_ends_at_the_very_moment_of_its_use_breaks_nothing(
    amal: Person, held_clock: HeldClock, session: Session
) -> None:
    sign_in = amal.begin_session(How.PASSKEY)
    session.commit()
    held_clock.forward(days=1)
    session.refresh(sign_in)
    amal.end_sessions()
    assert use_sign_in(session, sign_in)
    session.commit()
    assert session.scalar(sa.select(SignIn.id)) is None
