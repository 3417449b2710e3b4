"""`flask people …`, as somebody on the server types it."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskCliRunner
from sqlalchemy.orm import Session

from storyhub.accounts import codes
from storyhub.extensions import db
from storyhub.models.people import Role, find_person, invite
from storyhub.operations.people import first_steward_link
from tests.makers import Maker


@pytest.fixture
def run(app: Flask) -> Any:
    runner: FlaskCliRunner = app.test_cli_runner()
    return lambda *words: runner.invoke(args=["people", *words])


def roles_of(session: Session, name: str) -> list[str]:
    person = find_person(session, name)
    assert person is not None
    return person.roles


def test_inviting_prints_a_link_and_nothing_else(run: Any, app: Flask) -> None:
    done = run("invite", "Amal", "--role", "moderator")
    assert done.exit_code == 0
    assert done.output.startswith(f"{app.extensions['settings'].site_url}/account/invitation/")
    assert app.test_client().get(done.output.strip()).status_code == 200


def test_inviting_somebody_with_an_account_gives_the_role_and_says_so(run: Any, make: Maker, session: Session) -> None:
    make.moderator("Amal")
    assert run("invite", "Amal", "--role", "organiser").output == "Amal has an account. New role: organiser\n"
    assert (
        run("invite", "Amal", "--role", "organiser").output == "Amal has an account. Had this role already: organiser\n"
    )
    assert roles_of(session, "Amal") == ["moderator", "organiser"]


@pytest.mark.parametrize(
    "words",
    [
        ["invite", "Amal"],
        ["invite", "Amal", "--role", "ruler"],
        ["invite", "-", "--role", "moderator"],
        ["invite", "Amal", "--role", "moderator", "--days", "0"],
        ["role", "Amal"],
    ],
)
def test_wrong_usage_ends_with_two(run: Any, words: list[str]) -> None:
    assert run(*words).exit_code == 2


@pytest.mark.parametrize("words", [["totp"], ["disable"], ["renew"], ["enable"]])
def test_an_unknown_name_ends_with_one_and_a_clear_line(run: Any, words: list[str]) -> None:
    done = run(*words, "Nobody")
    assert (done.exit_code, done.output) == (1, "Error: Nobody here is called Nobody.\n")


def test_a_code_is_printed_that_opens_the_door(run: Any, app: Flask, make: Maker) -> None:
    make.moderator("Amal")
    assert run("totp", "Amal").exit_code == 1  # no app was set up yet
    with app.app_context():
        person = find_person(db.session, "Amal")
        assert person is not None
        codes.set_up(person, "seven geese over the bridge")
        db.session.commit()
    code = run("totp", "amal").output.strip()
    assert len(code) == 6 and code.isdigit()
    with app.app_context():
        person = find_person(db.session, "Amal")
        assert person is not None and codes.opens(person, code)
    assert run("totp", "Amal").output.strip() != code


def test_everybody_is_listed_with_roles_and_what_is_missing(run: Any, make: Maker) -> None:
    make.person("Amal", Role.MODERATOR, Role.STEWARD)
    make.moderator("Bela", active=False)
    make.moderator("Cleo", second_factor=False)
    run("invite", "Dana", "--role", "organiser")
    lines = run("list").output.splitlines()
    assert lines[:3] == [
        "Amal\tmoderator, steward",
        "Bela\tmoderator\tdisabled",
        "Cleo\tmoderator\tno second factor yet",
    ]
    assert lines[3].startswith("Dana\torganiser\tinvited until ")


def test_roles_are_given_and_taken(run: Any, make: Maker, session: Session) -> None:
    make.moderator("Amal")
    done = run("role", "Amal", "--add", "organiser", "--remove", "moderator")
    assert (done.exit_code, done.output) == (0, "Amal is now: organiser\n")
    assert roles_of(session, "Amal") == ["organiser"]


def test_the_last_steward_stays(run: Any, make: Maker, session: Session) -> None:
    make.steward("Sam")
    for words in (
        ["disable", "Sam"],
        ["role", "Sam", "--remove", "steward"],
        ["role", "Sam", "--add", "organiser", "--remove", "steward"],
    ):
        assert run(*words).exit_code == 1
    assert roles_of(session, "Sam") == ["steward"]
    make.steward("Tova")
    assert run("disable", "Sam").exit_code == 0


def test_the_first_start_makes_a_link_each_start_until_somebody_has_an_account(
    app: Flask, make: Maker, session: Session
) -> None:
    def start() -> str | None:
        with app.app_context():
            link = first_steward_link(db.session)
            db.session.commit()
            return link

    first, second = start(), start()
    assert first and second and first != second
    client = app.test_client()
    assert client.get(first).status_code == 404
    assert client.get(second).status_code == 200
    make.moderator("Amal")
    assert start() is None


def test_no_first_link_beside_a_steward_who_was_invited_by_name(app: Flask, session: Session) -> None:
    invite(session, "Sam", Role.STEWARD, by=None, days=7)
    session.commit()
    with app.app_context():
        assert first_steward_link(db.session) is None
