"""The codebook as organisers edit it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from storyhub.models.people import Person
from storyhub.models.site import Site
from storyhub.models.theme import Theme
from storyhub.text.codebook.entries import slug_of
from tests.makers import Maker
from tests.pages import PagesClient

SignIn = Callable[[PagesClient, Person], PagesClient]


@pytest.fixture
def ola(client: PagesClient, make: Maker, sign_in: SignIn) -> PagesClient:
    """The browser of Ola, who organises."""
    return sign_in(client, make.organiser("Ola"))


def edition(session: Session) -> int:
    session.expire_all()
    return session.scalars(sa.select(Site.edition)).one()


def test_a_theme_is_made_with_names_and_meanings(ola: PagesClient, session: Session) -> None:
    before = edition(session)
    page = ola.open_page("/organise/themes")
    assert "The codebook is empty" in page
    page = (
        page.form("/organise/themes")
        .fill(
            name_en="On the bus",
            definition_en="In public transport.",
            name_ar="في الحافلة",
            definition_ar="في المواصلات.",
        )
        .send()
    )
    assert "“On the bus” is in the codebook" in page
    theme = session.scalars(sa.select(Theme)).one()
    assert theme.slug == "on-the-bus"
    assert theme.names == {"en": "On the bus", "ar": "في الحافلة"}
    assert theme.definitions == {"en": "In public transport.", "ar": "في المواصلات."}
    assert edition(session) > before


def test_the_codebook_counts_public_and_waiting_stories(ola: PagesClient, make: Maker) -> None:
    make.story(themes=["buses"])
    for _ in range(2):
        make.story(themes=["buses"], state="published")
    page = ola.open_page("/organise/themes")
    assert [cell.text() for cell in page.html.css("td.number")] == ["2", "1"]


NO_THEMES: list[tuple[dict[str, str], str]] = [
    ({}, "A theme needs a name"),
    ({"name_en": "   "}, "A theme needs a name"),
    ({"name_en": "o" * 81}, "room for 80"),
    ({"name_en": "Work", "slug": "buses"}, "is there already"),
    ({"name_en": "Buses"}, "is there already"),
    ({"name_en": "في الحافلة"}, "Give an address"),
    ({"name_en": "Work", "slug": "../work"}, "Give an address"),
    ({"name_en": "Work", "definition_en": "o" * 2001}, "room for 2000"),
]


def test_what_can_not_be_a_theme_comes_back(ola: PagesClient, make: Maker, session: Session) -> None:
    make.theme("buses")
    for fields, said in NO_THEMES:
        form = ola.open_page("/organise/themes").form("/organise/themes")
        page = form.fill({"definition_ar": "معنى", **fields}).send(status=422)
        assert said in page.text.replace("2,000", "2000"), fields
        assert page.form("/organise/themes").value("definition_ar") == "معنى"
        assert session.scalar(sa.select(sa.func.count()).select_from(Theme)) == 1


def test_a_theme_is_renamed_and_keeps_its_address(ola: PagesClient, make: Maker, session: Session) -> None:
    make.theme("buses", arabic="الحافلات")
    before = edition(session)
    page = ola.open_page("/organise/themes/buses")
    assert "/themes/buses" in page and "and stays so" in page
    assert page.form("/organise/themes/buses").value("name_ar") == "الحافلات"
    assert page.form("/organise/themes/buses").fill(name_en="").send(status=422)
    assert "“Trams” is kept" in page.form("/organise/themes/buses").fill(name_en="Trams").send()
    session.expire_all()
    theme = session.scalars(sa.select(Theme)).one()
    assert (theme.slug, theme.names) == ("buses", {"en": "Trams", "ar": "الحافلات"})
    assert edition(session) > before


def test_a_retired_theme_can_come_back(ola: PagesClient, make: Maker, session: Session) -> None:
    make.theme("buses")
    page = ola.open_page("/organise/themes/buses").form("/retirement").send()
    assert "can no longer be chosen" in page
    session.expire_all()
    assert session.scalars(sa.select(Theme.retired)).one()
    ola.open_page("/organise/themes/buses").form("/return").send()
    session.expire_all()
    assert not session.scalars(sa.select(Theme.retired)).one()


def test_an_unknown_theme_is_a_plain_page(ola: PagesClient) -> None:
    ola.open_page("/organise/themes/nowhere", status=404)


def test_moderators_do_not_edit_the_codebook(client: PagesClient, make: Maker, sign_in: SignIn) -> None:
    make.theme("buses")
    sign_in(client, make.moderator())
    for path in ("/organise/themes", "/organise/themes/buses"):
        client.open_page(path, status=403)


def test_the_codebook_is_there_in_arabic(arabic: PagesClient, make: Maker, sign_in: SignIn) -> None:
    make.theme("buses", arabic="الحافلات")
    sign_in(arabic, make.steward())
    assert "الحافلات" in arabic.open_page("/organise/themes")
    assert arabic.open_page("/organise/themes/buses").heading == "الحافلات"


@pytest.mark.parametrize(
    ("name", "slug"),
    [("On the bus", "on-the-bus"), ("Écoles — privées", "ecoles-privees"), ("في", ""), ("o" * 100, "o" * 80)],
)
def test_an_address_is_made_from_a_name(name: str, slug: str) -> None:
    assert slug_of(name) == slug
