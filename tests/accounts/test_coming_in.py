"""An invited person chooses a password, sets up an app, and signs in with both from then on."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from storyhub.models.people import Invitation, Person, find_person
from tests.accounts.conftest import PASSWORD, CodeOf, Invited, Joins, recovery_codes_on
from tests.conftest import HeldClock
from tests.pages import Page, PagesClient


def sign_in_with_password(client: PagesClient, name: str, password: str = PASSWORD, next_page: str = "") -> Page:
    page = client.open_page("/account/sign-in" + (f"?next={next_page}" if next_page else ""))
    return page.form("sign-in").fill(username=name, password=password).send()


def is_signed_in(client: PagesClient) -> bool:
    return client.get("/account/recovery-codes").status_code == 200


def test_a_link_leads_to_a_password_then_to_an_app_and_then_to_the_desk(
    client: PagesClient, invited: Invited, code_of: CodeOf, session: Session
) -> None:
    page = client.open_page(invited("Amal", "moderator"))
    assert "You are invited. Your role here: moderator" in page
    page = page.form("invitation").fill(password=PASSWORD, password_confirm=PASSWORD).send()
    assert page.path == "/account/second-factor"
    assert len(recovery_codes_on(page)) == 8
    response = client.post(
        "/account/second-factor",
        data={"code": code_of("Amal"), "csrf_token": page.form("second-factor").value("csrf_token")},
    )
    assert (response.status_code, response.location) == (303, "/desk/")
    person = find_person(session, "Amal")
    assert person is not None and person.second_factor_confirmed and person.roles == ["moderator"]
    assert is_signed_in(client)


def test_stewards_and_organisers_come_to_the_organisers_rooms(client: PagesClient, joins: Joins) -> None:
    assert joins(client, "Sam", "steward").path.startswith("/organise/")


def test_whoever_signed_out_comes_back_with_password_and_code(
    client: PagesClient, joins: Joins, code_of: CodeOf
) -> None:
    joins(client, "Amal")
    client.open_page("/account/recovery-codes").form("sign-out").send(status=None)
    assert not is_signed_in(client)
    page = sign_in_with_password(client, "amal")
    assert page.path == "/account/tf-validate"
    assert not is_signed_in(client)
    page = sign_in_with_password(client, "Amal")
    page.form("tf-validate").fill(code=code_of("Amal")).send(status=None)
    assert is_signed_in(client)


def test_a_cookie_that_was_copied_opens_nothing_after_signing_out(
    client: PagesClient, another_client: PagesClient, joins: Joins
) -> None:
    joins(client, "Amal")
    another_client._cookies = client._cookies.copy()
    assert is_signed_in(another_client)
    client.open_page("/account/recovery-codes").form("sign-out").send(status=None)
    assert not is_signed_in(another_client)


def test_signing_out_needs_a_form_of_this_site(client: PagesClient, joins: Joins) -> None:
    joins(client, "Amal")
    assert client.get("/account/sign-out").status_code == 405
    assert client.post("/account/sign-out").status_code == 400
    assert is_signed_in(client)


def test_a_wrong_code_says_so_and_opens_nothing(client: PagesClient, joins: Joins) -> None:
    joins(client, "Amal")
    client.open_page("/account/recovery-codes").form("sign-out").send(status=None)
    page = sign_in_with_password(client, "Amal").form("tf-validate").fill(code="000000").send()
    assert page.fields_with_errors() == ["code"]
    assert "This code is not right" in page
    assert not is_signed_in(client)


def test_no_page_of_the_desk_opens_before_the_second_factor(client: PagesClient, invited: Invited) -> None:
    page = client.open_page(invited("Amal"))
    page.form("invitation").fill(password=PASSWORD, password_confirm=PASSWORD).send()
    response = client.get("/account/recovery-codes")
    assert (response.status_code, response.location) == (302, "/account/second-factor")


def test_whoever_lost_the_page_with_the_picture_comes_back_to_it_by_password(
    client: PagesClient, another_client: PagesClient, invited: Invited
) -> None:
    page = client.open_page(invited("Amal"))
    first = page.form("invitation").fill(password=PASSWORD, password_confirm=PASSWORD).send()
    again = sign_in_with_password(another_client, "Amal")
    assert again.path == "/account/second-factor"
    assert recovery_codes_on(again) == recovery_codes_on(first)


def test_a_wrong_name_a_wrong_password_and_a_shut_account_get_one_answer(
    client: PagesClient, joins: Joins, session: Session
) -> None:
    joins(client, "Amal")
    joins(client, "Shut")
    shut = find_person(session, "Shut")
    assert shut is not None
    shut.disable(by=None)
    session.commit()
    client.delete_cookie("storyhub", domain="127.0.0.1")
    answers = {
        sign_in_with_password(client, name, password).text.replace(name, "")
        for name, password in (("Nobody", PASSWORD), ("Amal", "something quite else"), ("Shut", PASSWORD), ("\n", "x"))
    }
    assert len(answers) == 1
    assert "The name or the password is not right." in answers.pop()


def test_a_shut_account_is_out_at_once(client: PagesClient, joins: Joins, session: Session) -> None:
    joins(client, "Amal")
    person = find_person(session, "Amal")
    assert person is not None
    person.disable(by=None)
    session.commit()
    assert not is_signed_in(client)


def test_the_way_on_stays_on_this_site(
    client: PagesClient, joins: Joins, code_of: CodeOf, held_clock: HeldClock
) -> None:
    joins(client, "Amal")
    for way, comes_to in (
        ("/account/recovery-codes", "/account/recovery-codes"),
        ("https://elsewhere.example/", "/account/"),
        ("//elsewhere.example/", "/account/"),
        ("/%5Celsewhere.example/", "/account/"),
        ("javascript:alert(1)", "/account/"),
    ):
        held_clock.forward(minutes=2)
        client.delete_cookie("storyhub", domain="127.0.0.1")
        page = sign_in_with_password(client, "Amal", next_page=way)
        form = page.form("tf-validate").fill(code=code_of("Amal"))
        response = client.post(form.action, data=form.fields)
        assert (response.status_code, response.location) == (303, comes_to), way


def test_a_link_works_once(
    client: PagesClient, another_client: PagesClient, invited: Invited, session: Session
) -> None:
    link = invited("Amal")
    late = another_client.open_page(link)
    client.open_page(link).form("invitation").fill(password=PASSWORD, password_confirm=PASSWORD).send()
    page = late.form("invitation").fill(password="another one, quite long", password_confirm="another one, quite long")
    answer = page.send(status=410)
    assert answer.heading == "This invitation was already used"
    assert session.scalar(select(func.count()).select_from(Person)) == 1
    assert not is_signed_in(another_client)


def test_a_second_link_of_the_same_name_gives_its_role_and_never_a_new_password(
    client: PagesClient, another_client: PagesClient, invited: Invited, session: Session
) -> None:
    first, second = invited("Amal", "moderator"), invited("Amal", "organiser")
    client.open_page(first).form("invitation").fill(password=PASSWORD, password_confirm=PASSWORD).send()
    assert another_client.open_page(second, 410).heading == "This invitation was already used"
    person = find_person(session, "Amal")
    assert person is not None and person.roles == ["moderator", "organiser"]


def test_an_old_link_says_that_it_is_too_old(client: PagesClient, invited: Invited) -> None:
    assert client.open_page(invited("Amal", days=-1), 410).heading == "This invitation is too old"
    assert client.get("/account/invitation/never-made").status_code == 404


def test_a_weak_or_mistyped_password_comes_back_with_the_reason(
    client: PagesClient, invited: Invited, session: Session
) -> None:
    form = client.open_page(invited("Amal Haddad")).form("invitation")
    for typed, again, reason in (
        ("short", "short", "at least 12 characters"),
        ("Amal Haddad Amal Haddad", "Amal Haddad Amal Haddad", "not your name"),
        ("aaaaaaaaaaaaaaa", "aaaaaaaaaaaaaaa", "not your name"),
        (PASSWORD, PASSWORD + "!", "not the same"),
    ):
        page = form.fill(password=typed, password_confirm=again).send()
        assert reason in page
        assert page.value_of("password") == ""
    assert session.scalar(select(func.count()).select_from(Person)) == 0


def test_nothing_of_a_link_or_a_password_is_kept_as_it_was(
    client: PagesClient, invited: Invited, session: Session, joins: Joins
) -> None:
    link = invited("Someone")
    joins(client, "Amal")
    person = find_person(session, "Amal")
    assert person is not None and person.password is not None and person.tf_totp_secret is not None
    assert person.password.startswith("$argon2id$")
    assert '"enckey"' in person.tf_totp_secret
    assert all(len(code) > 60 for code in person.mf_recovery_codes or [])
    digests = session.scalars(select(Invitation.token_digest)).all()
    assert link.rpartition("/")[2] not in " ".join(digests)
