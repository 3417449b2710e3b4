"""For whom each page is; and that what only reads can't write, whatever a mistake in it might try."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from storyhub.extensions import db
from storyhub.models.people import Person, Role
from storyhub.models.site import Site
from storyhub.protection.access import audience, comes_from_this_site, only_reads_now
from storyhub.protection.headers import never_stored
from tests.conftest import HeldClock
from tests.makers import Maker
from tests.pages import Fault, PagesClient

Sign = Callable[[PagesClient, Person], PagesClient]
HTML = "<!doctype html><html lang=en dir=ltr><title>A page</title><main><h1>Here</h1></main>"


def add(app: Flask, path: str, *audiences: str, view: Callable[[], str] = lambda: HTML, **options: object) -> None:
    """One more page, for the test alone."""

    def page() -> str:
        return view()

    page.__name__ = path.strip("/").replace("/", "_")
    app.add_url_rule(path, page.__name__, audience(*audiences)(page) if audiences else page, **options)  # type: ignore[arg-type]


def test_a_page_for_which_nobody_said_whom_it_is_for_stays_shut(app: Flask, client: PagesClient) -> None:
    add(app, "/forgotten")
    client.open_page("/forgotten", 403)


def test_a_mistyped_audience_is_noticed_when_the_site_starts() -> None:
    with pytest.raises(ValueError, match="moderators"):
        audience("moderators")


@pytest.mark.parametrize("audience", ["public", "contributor"])
@pytest.mark.parametrize("statement", ["site", "raw"])
def test_a_page_that_is_only_asked_for_can_not_write(
    app: Flask, client: PagesClient, session: Session, statement: str, audience: str
) -> None:
    """The connection refuses: a mistake in a view becomes a 500 or 503 page and changes nothing."""

    def write() -> str:
        if statement == "site":
            db.session.get_one(Site, 1).name = "Changed"
        else:
            db.session.execute(sa.text("UPDATE site SET name = 'Changed'"))
        db.session.commit()
        return HTML

    add(app, "/mistaken", audience, view=write)
    response = client.get("/mistaken")
    assert response.status_code in (500, 503)
    session.commit()
    assert session.get_one(Site, 1).name == "StoryHub"


def test_what_only_reads_from_some_point_on_lets_go_of_the_database(app: Flask, client: PagesClient) -> None:
    """Whoever waits for a page to be made must not keep others from being stored meanwhile."""

    def begin() -> str:
        db.session.get_one(Site, 1)
        only_reads_now()
        name = db.session.get_one(Site, 1).name
        with db.engine.begin() as another:
            another.execute(sa.text("UPDATE site SET name = 'Meanwhile'"))
        return HTML.replace("Here", name)

    add(app, "/begun", "sign-in", view=begin)
    assert client.open_page("/begun").heading == "StoryHub"


def test_a_page_that_forgets_to_commit_is_found(app: Flask, client: PagesClient) -> None:
    """The proof-reading client's own promise."""

    def forget() -> str:
        db.session.get_one(Site, 1).name = "Changed"
        return HTML

    def forget_after_flushing() -> str:
        forget()
        db.session.flush()
        return HTML

    add(app, "/forgets", "sign-in", view=forget)
    add(app, "/flushes", "sign-in", view=forget_after_flushing)
    for path in ("/forgets", "/flushes"):
        with pytest.raises(Fault, match="uncommitted"):
            client.get(path)


@pytest.mark.parametrize("role", list(Role))
def test_each_role_opens_its_own_doors_and_no_others(
    app: Flask, client: PagesClient, make: Maker, sign_in: Sign, role: Role
) -> None:
    for name in Role:
        add(app, f"/for-{name}", name)
    add(app, "/for-two", "organiser", "steward")
    add(app, "/for-all", "account")
    sign_in(client, make.person("Ruth", role))
    opened = {str(name) for name in Role if client.get(f"/for-{name}").status_code == 200}
    assert opened == {role}
    assert (client.get("/for-two").status_code == 200) == (role in (Role.ORGANISER, Role.STEWARD))
    assert client.get("/for-all").status_code == 200


def test_nobody_in_particular_is_asked_to_sign_in_and_comes_back(app: Flask, client: PagesClient) -> None:
    add(app, "/for-moderators", "moderator", methods=["GET", "POST"])
    response = client.get("/for-moderators?lane=held")
    assert response.status_code == 302
    assert "/account/sign-in" in response.location
    assert "for-moderators" in response.location
    app.config["WTF_CSRF_ENABLED"] = False
    assert client.post("/for-moderators").status_code == 401


def test_a_role_ends_on_its_day(
    app: Flask, client: PagesClient, make: Maker, sign_in: Sign, held_clock: HeldClock
) -> None:
    add(app, "/for-moderators", "moderator")
    sign_in(client, make.person("Ruth", "moderator", until=held_clock.moment.date()))
    assert client.get("/for-moderators").status_code == 200
    held_clock.to(held_clock.moment.replace(hour=23, minute=59))
    sign_in(client, make.session.get_one(Person, make.session.scalars(sa.select(Person.id)).one()))
    assert client.get("/for-moderators").status_code == 200
    held_clock.forward(minutes=2)
    assert client.get("/for-moderators").status_code == 403


def test_without_a_second_factor_there_is_one_thing_to_do(
    app: Flask, client: PagesClient, make: Maker, sign_in: Sign
) -> None:
    add(app, "/for-moderators", "moderator")
    sign_in(client, make.moderator(second_factor=False))
    response = client.get("/for-moderators")
    assert response.status_code == 302
    assert "/account/" in response.location


def test_somebody_whose_account_was_closed_is_out_at_once(
    app: Flask, client: PagesClient, make: Maker, sign_in: Sign
) -> None:
    add(app, "/for-moderators", "moderator")
    ruth = make.moderator()
    sign_in(client, ruth)
    assert client.get("/for-moderators").status_code == 200
    ruth.active = False
    make.session.commit()
    assert client.get("/for-moderators").status_code == 302


@pytest.mark.parametrize(
    ("headers", "comes"),
    [
        ({"Sec-Fetch-Site": "same-origin"}, True),
        ({"Sec-Fetch-Site": "same-origin", "Origin": "https://elsewhere.example"}, True),
        ({"Sec-Fetch-Site": "same-site"}, False),
        ({"Sec-Fetch-Site": "cross-site"}, False),
        ({"Sec-Fetch-Site": "none"}, False),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "https://here.example"}, False),
        ({"Origin": "https://here.example"}, True),
        ({"Origin": "https://here.example.evil.example"}, False),
        ({"Origin": "http://here.example"}, False),
        ({"Origin": "null"}, False),
        ({}, False),
    ],
)
def test_a_readers_act_counts_when_it_comes_from_this_site(app: Flask, headers: dict[str, str], comes: bool) -> None:
    with app.test_request_context("/", method="POST", headers=headers):
        assert comes_from_this_site("https://here.example") is comes


def test_an_answer_that_is_not_the_editions_is_kept_by_nobody(app: Flask, client: PagesClient) -> None:
    app.add_url_rule("/sought", "sought", never_stored(audience("public")(lambda: HTML)))
    response = client.get("/sought")
    assert response.headers["Cache-Control"] == "no-store"
    assert "ETag" not in response.headers
