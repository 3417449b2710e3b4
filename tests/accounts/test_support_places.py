"""A steward lists places to find help, says when each was checked, and is told which to look at again."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from storyhub.models.decision import Act, Decision, breaks
from storyhub.models.people import Role
from storyhub.models.site import missing_before_telling, the_site
from storyhub.models.support import SupportPlace, listed_places
from storyhub.protection.identifiers import shown
from tests.conftest import sign_in_as
from tests.makers import Maker
from tests.pages import Page, PagesClient

LIST, NEW = "/organise/settings/support", "/organise/settings/support/new"
NIGHT_LINE: dict[str, object] = {
    "country": "KE",
    "name": "The Night Line",
    "telephone": "0800 720 553",
    "what_en": "Somebody listens from six to midnight. Free.",
}


@pytest.fixture
def steward(client: PagesClient, make: Maker) -> PagesClient:
    return sign_in_as(client, make.steward("Sam"))


def add(client: PagesClient, **fields: object) -> Page:
    return client.open_page(NEW).form("support/new").fill({**NIGHT_LINE, **fields}).send("Save")


def only(session: Session) -> SupportPlace:
    session.commit()
    return session.scalars(select(SupportPlace)).one()


def test_a_place_that_is_listed_stands_on_the_public_page(
    held_clock: Any, steward: PagesClient, arabic: PagesClient, session: Session
) -> None:
    page = add(steward, address="https://night.example/", languages=["en", "sw"], languages_other="SO", checked="y")
    assert "Done." in page
    place = only(session)
    assert (place.country, place.name, place.languages) == ("KE", "The Night Line", ["en", "so", "sw"])
    assert place.checked_on == held_clock.moment.date()
    public = arabic.open_page("/support")
    assert "Somebody listens from six to midnight." in public, "better in another language than not at all"
    assert public.links["0800 720 553"] == "tel:0800720553"
    assert public.links["The Night Line"] == "https://night.example/"
    assert "Checked on March 5, 2026" in steward.open_page("/support")


@pytest.mark.parametrize(
    ("typed", "kept", "dialled"),
    [
        ("+44 (20) 7946-0000", "+44 (20) 7946-0000", "+442079460000"),
        ("٠٨٠٠ ١٢٣", "0800 123", "0800123"),
        ("116 123", "116 123", "116123"),
        ("*123#", "*123#", "*123%23"),
    ],
)
def test_a_number_is_dialled_as_telephones_dial_it(
    steward: PagesClient, session: Session, typed: str, kept: str, dialled: str
) -> None:
    add(steward, telephone=typed)
    assert only(session).telephone == kept
    assert f'href="tel:{dialled}"' in steward.get("/support").text


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("name", "  "),
        ("name", "x" * 121),
        ("telephone", "call us"),
        ("telephone", "+"),
        ("telephone", "0800\u202e123"),
        ("telephone", "1" * 41),
        ("address", "http://plain.example/"),
        ("address", "javascript:alert(1)"),
        ("address", "https://example..org/"),
        ("address", "https://ex ample.org/"),
        ("what_ar", "س" * 301),
        ("languages_other", "klingon"),
    ],
)
def test_what_cannot_be_right_comes_back_with_its_reason_and_nothing_is_listed(
    steward: PagesClient, session: Session, field: str, typed: str
) -> None:
    page = add(steward, **{field: typed})
    assert page.fields_with_errors() == [field]
    assert page.value_of("what_en") == NIGHT_LINE["what_en"]
    assert listed_places(session) == []


def test_a_place_that_nobody_could_reach_is_not_listed(steward: PagesClient, session: Session) -> None:
    page = add(steward, telephone="")
    assert "a telephone number, an address on the web, or both" in page
    assert page.fields_with_errors() == ["telephone"]
    assert listed_places(session) == []


def test_a_country_that_is_none_is_refused(steward: PagesClient, session: Session) -> None:
    form = steward.open_page(NEW).form("support/new").fill(NIGHT_LINE).forge(country="XX")
    assert "Something needs another look" in form.send("Save")
    assert listed_places(session) == []


def test_the_same_place_is_listed_once(steward: PagesClient, session: Session) -> None:
    add(steward)
    assert "listed already" in add(steward)
    assert only(session).name == "The Night Line"
    add(steward, country="UG")
    assert len(listed_places(session)) == 2


def test_of_two_who_press_at_once_one_lists_it(app: Flask, make: Maker, session: Session) -> None:
    stewards = [sign_in_as(app.test_client(), make.steward(name)) for name in ("Sam", "Tova")]  # type: ignore[arg-type]
    forms = [steward.open_page(NEW).form("support/new").fill(NIGHT_LINE) for steward in stewards]
    with ThreadPoolExecutor() as both:
        list(both.map(lambda form: form.send("Save"), forms))
    assert only(session).name == "The Night Line"


def test_changing_checking_and_removing_are_on_the_record_and_public_at_once(
    held_clock: Any, steward: PagesClient, session: Session
) -> None:
    add(steward)
    edition, place_id = the_site(session).edition, only(session).id
    form = steward.open_page(LIST).follow("Change").form("settings/support/")
    assert form.value("telephone") == "0800 720 553"
    page = form.fill(telephone="0800 999").send("Save")
    assert "0800 999" in page
    assert "Not checked by this site yet" in page
    page = page.form("/check").send()
    assert "Please look again" not in page
    assert only(session).checked_on == held_clock.moment.date()
    assert "Nothing was changed." in page.form("/check").send(), "once a day is enough"
    gone = page.form("/removal").send()
    assert "No place is listed yet" in gone
    assert "Nothing was changed." in page.form("/removal").send(), "a second press"
    assert "Nothing was changed." in page.form("/check").send(), "an old page"
    steward.open_page(page.form("/check").action.removesuffix("/check"), 404)
    session.commit()
    acts = session.scalars(select(Decision).filter_by(act=Act.SETTINGS).order_by(Decision.number)).all()
    told = [decision.facts["what"] for decision in acts if decision.facts.get("place") == place_id]
    assert told == [f"support-place-{verb}" for verb in ("listed", "changed", "changed", "removed")]
    assert the_site(session).edition == edition + 3
    assert list(breaks(session)) == []


def test_changing_nothing_changes_nothing(steward: PagesClient, session: Session) -> None:
    add(steward, checked="y", languages=["en"], languages_other="ku")
    edition = the_site(session).edition
    page = steward.open_page(LIST).follow("Change").form("settings/support/").send("Save")
    assert "Nothing was changed." in page
    session.commit()
    assert the_site(session).edition == edition
    assert only(session).checked_on is not None, "the day stays when nobody says that they have looked"


def test_stewards_are_told_what_to_look_at_again(
    held_clock: Any, client: PagesClient, another_client: PagesClient, make: Maker
) -> None:
    sam = make.steward("Sam")
    sign_in_as(client, sam)
    add(client, name="Checked", checked="y")
    add(client, name="Never looked at")
    assert "Never looked at" in client.open_page(LIST).links
    assert "Checked" not in client.open_page(LIST).links
    held_clock.forward(days=366)
    page = sign_in_as(another_client, sam).open_page(LIST)
    assert page.links.keys() >= {"Checked", "Never looked at"}
    assert "more than a year ago" in page
    assert "more than a year ago" not in client.open_page("/support"), "there the day speaks for itself"


def test_their_order_is_the_stewards(steward: PagesClient, session: Session) -> None:
    for name in ("One", "Two", "Three"):
        add(steward, name=name)
    add(steward, name="Elsewhere", country="UG")
    page = steward.open_page(LIST)
    [three] = [form for form in page.forms if "higher" in form.action and "Three" in (form.node.html or "")]
    three.send()
    session.commit()
    assert [place.name for place in listed_places(session) if place.country == "KE"] == ["One", "Three", "Two"]
    first = next(place for place in listed_places(session) if place.name == "One")
    response = steward.send_form(f"{LIST}/{shown(first.id)}/higher", [("csrf_token", three.value("csrf_token"))])
    assert "Nothing was changed." in response.text


def test_the_directories_can_be_taken_over_once_and_are_not_called_checked(
    steward: PagesClient, session: Session
) -> None:
    page = steward.open_page(LIST)
    taken = page.form("/directories").send()
    assert not taken.has_form("/directories")
    assert [place.name for place in listed_places(session)] == [
        "Find A Helpline",
        "Hot Peach Pages",
        "Child Helpline International",
    ]
    assert all(place.checked_on is None and set(place.what) == {"ar", "en"} for place in listed_places(session))
    assert "Nothing was changed." in page.form("/directories").send()
    assert len(listed_places(session)) == 3


def test_a_place_settles_what_telling_needs_to_know(steward: PagesClient, session: Session) -> None:
    assert "support" in missing_before_telling(session)
    assert steward.open_page("/organise/settings").link("Where people find help") == LIST
    add(steward)
    session.commit()
    assert "support" not in missing_before_telling(session)


def test_only_stewards_look_after_the_list(client: PagesClient, make: Maker, session: Session) -> None:
    assert client.get(LIST).location == f"/account/sign-in?next={LIST}"
    sign_in_as(client, make.person("Oda", Role.ORGANISER, Role.MODERATOR, Role.SAFEGUARDING_LEAD))
    for path in (LIST, NEW):
        assert client.get(path).status_code == 403
    token = client.open_page("/desk/").form("/desk/next").value("csrf_token")
    assert client.send_form(f"{LIST}/directories", [("csrf_token", token)]).status_code == 403
    assert listed_places(session) == []


def test_a_press_without_the_pages_own_token_lists_nothing(steward: PagesClient, session: Session) -> None:
    assert steward.post(f"{LIST}/directories").status_code == 400
    assert listed_places(session) == []
