"""A steward settles what strangers must know before they are asked for a story."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from storyhub.models.decision import Act, Decision, breaks
from storyhub.models.people import Role
from storyhub.models.site import missing_before_telling, the_site
from tests.conftest import sign_in_as
from tests.makers import Maker
from tests.pages import Page, PagesClient

ALL = ["name", "responsible", "policy", "support", "safeguarding-lead", "two-moderators", "languages"]


@pytest.fixture
def steward(client: PagesClient, make: Maker) -> PagesClient:
    return sign_in_as(client, make.steward("Sam"))


def save(client: PagesClient, **fields: object) -> Page:
    return client.open_page("/organise/settings").form("settings").fill(fields).send("Save")


def test_a_new_site_lacks_everything_and_says_where_to_settle_it(steward: PagesClient, session: Session) -> None:
    assert missing_before_telling(session) == ALL
    page = steward.open_page("/organise/settings")
    assert "Before stories can be told here" in page
    assert page.link("Who is responsible") == "#responsible"
    assert page.link("Two moderators") == "/organise/people"


def test_settling_all_of_it_opens_telling(steward: PagesClient, make: Maker, session: Session) -> None:
    for name in ("Amal", "Bela"):
        make.moderator(name)
    make.person("Cleo", Role.SAFEGUARDING_LEAD)
    page = save(
        steward,
        name="The Lantern",
        responsible="Lantern e. V., Harbour Street 1",
        languages_read=["en", "ar"],
        languages_other="KU, pt-br",
        policy_en="## We publish\n\nwhat happened to you.",
        support_ar="اتصل بنا",
    )
    assert "Saved." in page
    assert "All is ready" in page
    assert missing_before_telling(session) == []
    site = the_site(session)
    assert (site.name, site.named) == ("The Lantern", True)
    assert site.languages_read == ["ar", "en", "ku", "pt-BR"]
    assert site.policy == {"en": "## We publish\n\nwhat happened to you."}
    assert page.value_of("support_ar") == "اتصل بنا"
    assert page.value_of("languages_other") == "ku, pt-BR"


def test_what_changed_is_on_the_record_without_its_words_and_public_pages_are_made_anew(
    steward: PagesClient, session: Session
) -> None:
    edition = the_site(session).edition
    save(steward, name="The Lantern", responsible="Somebody in particular")
    decision = session.scalars(select(Decision).order_by(Decision.number.desc())).first()
    assert decision is not None and decision.act is Act.SETTINGS
    assert decision.facts == {"what": "settings", "fields": "name named responsible"}
    assert the_site(session).edition == edition + 1
    assert "Nothing was changed." in save(steward)
    assert the_site(session).edition == edition + 1
    assert list(breaks(session)) == []


def test_a_look_at_the_texts_saves_nothing_and_shows_no_script(steward: PagesClient, session: Session) -> None:
    form = steward.open_page("/organise/settings").form("settings")
    page = form.fill(policy_en="**We read** <script>alert(1)</script> [all](javascript:x)").send("preview=1")
    assert page.html.css_first(".preview strong") is not None
    assert page.html.css_first(".preview script") is None
    assert not page.html.css(".preview a[href]")
    assert page.value_of("policy_en").startswith("**We read**")
    assert the_site(session).policy == {}


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("name", " "),
        ("name", "x" * 81),
        ("responsible", "x" * 201),
        ("leave_address", "http://example.org/"),
        ("leave_address", "javascript:alert(1)"),
        ("leave_address", "https://me@example.org/"),
        ("leave_address", "https://exa mple.org"),
        ("leave_address", "https://example..org"),
        ("leave_address", "https://example.org:99999/"),
        ("leave_address", "https://[::1.example/"),
        ("leave_address", "https://example.org/\nx: y"),
        ("security_contact", "call me"),
        ("security_contact", "javascript:x"),
        ("languages_other", "klingon"),
        ("policy_ar", "س" * 20_001),
    ],
)
def test_bad_input_comes_back_with_its_reason_and_nothing_is_saved(
    steward: PagesClient, session: Session, field: str, typed: str
) -> None:
    page = save(steward, **{"support_en": "Call the house.", field: typed})
    assert page.fields_with_errors() == [field]
    assert page.value_of("support_en") == "Call the house."
    assert page.value_of(field).strip() == typed.strip()
    assert the_site(session).support == {}
    assert the_site(session).named is False


def test_only_notes_and_languages_that_are_offered_can_be_chosen(steward: PagesClient, session: Session) -> None:
    form = steward.open_page("/organise/settings").form("settings").forge(folded_notes=["spoilers"])
    assert "Something needs another look" in form.send("Save")
    assert the_site(session).folded_notes == []
    save(steward, folded_notes=["death", "child"])
    assert the_site(session).folded_notes == ["child", "death"]


def test_the_page_is_for_stewards(client: PagesClient, arabic: PagesClient, make: Maker) -> None:
    assert client.get("/organise/settings").location == "/account/sign-in?next=/organise/settings"
    assert arabic.get("/organise/settings").location == "/ar/account/sign-in?next=/ar/organise/settings"
    sign_in_as(client, make.person("Oda", Role.ORGANISER, Role.MODERATOR, Role.SAFEGUARDING_LEAD))
    assert client.get("/organise/settings").status_code == 403
    assert client.get("/organise/people").status_code == 403


def test_organising_begins_with_what_is_missing_and_later_with_the_first_room(
    steward: PagesClient, arabic: PagesClient, make: Maker
) -> None:
    assert steward.get("/organise/").location == "/organise/settings"
    sign_in_as(arabic, make.organiser("Oda"))
    location = arabic.get("/organise/").location
    assert location is not None and location.startswith("/ar/organise/") and location != "/ar/organise/settings"
