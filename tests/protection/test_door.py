"""A page is kept for as long as it is true, and not a moment longer."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from storyhub.models.publication import new_edition
from storyhub.protection import door
from storyhub.protection.door import Door, Pages, tag_of
from storyhub.protection.identifiers import shown
from tests.makers import Maker
from tests.pages import PagesClient


def door_of(app: Flask) -> Door:
    standing = app.wsgi_app
    assert isinstance(standing, Door)
    return standing


def words_kept(app: Flask) -> str:
    return b"\n".join(body for _tag, _headers, body in door_of(app).pages._kept.values()).decode()


def test_the_second_reader_gets_the_very_same_page(
    client: PagesClient, another_client: PagesClient, make: Maker
) -> None:
    make.publish(make.story(text="The lift stopped between two floors, and so did I."))
    first, second = client.get("/"), another_client.get("/")
    assert (first.status_code, first.data, list(first.headers)) == (200, second.data, list(second.headers))
    assert "between two floors" in first.text


def test_a_page_that_is_kept_asks_nothing_more_of_the_application(app: Flask, client: PagesClient, make: Maker) -> None:
    make.publish(make.story())
    first = client.get("/").data
    door_of(app).application = lambda *_: pytest.fail("the page was made once more")
    assert client.get("/").data == first


@pytest.mark.parametrize("address", ["/", "/stories/{id}", "/ar/stories/{id}", "/feed.atom", "/api/v1/stories"])
def test_what_is_taken_back_is_on_no_kept_page(
    app: Flask, client: PagesClient, make: Maker, session: Session, address: str
) -> None:
    story = make.publish(make.story(text="Nobody saw the heron but me, and I told nobody."))
    here = address.format(id=shown(story.id))
    assert "heron" in client.get(here).text
    assert "heron" in words_kept(app)
    story.withdraw()
    session.commit()
    assert "heron" not in client.get(here).text
    assert "heron" not in words_kept(app), "the memory of an older edition outlived it"


def test_what_changes_is_seen_at_once(client: PagesClient, make: Maker, session: Session) -> None:
    assert "The first story is still to come" in client.get("/").text
    make.publish(make.story(text="It was I who turned the light on that night."))
    assert "turned the light on" in client.get("/").text
    new_edition(session)
    session.commit()
    assert "turned the light on" in client.get("/").text


def test_languages_questions_and_hosts_are_kept_apart(client: PagesClient, make: Maker) -> None:
    make.publish(make.story(country="KE"))
    make.publish(make.story(country="IN"))
    pages = [client.get(address).text for address in ("/", "/ar/", "/?country=KE", "/?country=IN", "/?after=zzzz")]
    assert len(set(pages)) == len(pages)
    assert [client.get(address).text for address in ("/", "/ar/", "/?country=KE")] == pages[:3]


def test_a_host_that_is_not_ours_is_answered_by_nobody_s_page(app: Flask, client: PagesClient) -> None:
    tag = client.get("/").headers["ETag"]
    with app.test_client() as plain:
        assert plain.get("/", base_url="http://elsewhere.example").status_code == 400
        asked = {"If-None-Match": tag}
        assert plain.get("/", base_url="http://elsewhere.example", headers=asked).status_code == 400


def test_who_has_the_edition_gets_no_page_but_all_that_guards_it(client: PagesClient, make: Maker) -> None:
    make.publish(make.story())
    first = client.get("/")
    again = client.get("/", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    for name in ("ETag", "Cache-Control", "Content-Security-Policy", "X-Content-Type-Options"):
        assert again.headers[name] == first.headers[name]


def test_an_old_tag_gets_the_new_page(client: PagesClient, make: Maker, session: Session) -> None:
    old = client.get("/").headers["ETag"]
    make.publish(make.story(text="They asked me twice and I said it twice."))
    assert "said it twice" in client.get("/", headers={"If-None-Match": old}).text


def test_scripts_of_other_sites_may_read_that_nothing_has_changed(client: PagesClient, make: Maker) -> None:
    make.publish(make.story())
    first = client.get("/api/v1/stories")
    for _time in range(2):
        again = client.get("/api/v1/stories", headers={"If-None-Match": first.headers["ETag"]})
        assert again.status_code == 304
        assert again.headers["Access-Control-Allow-Origin"] == "*"


def test_a_look_at_the_headers_alone_gets_them_alone(client: PagesClient, make: Maker) -> None:
    make.publish(make.story())
    whole = client.get("/")
    kept = client.head("/")
    assert (kept.status_code, kept.data) == (200, b"")
    assert kept.headers["Content-Length"] == str(len(whole.data))


@pytest.mark.parametrize(
    "address", ["/share", "/receipt", "/search?q=heron", "/?q=heron", "/healthz", "/privacy", "/nowhere", "/desk/"]
)
def test_what_is_not_everybodys_is_never_kept(app: Flask, client: PagesClient, address: str) -> None:
    client.get(address)
    assert not door_of(app).pages._kept


def test_an_address_as_long_as_a_letter_is_not_kept(app: Flask, client: PagesClient) -> None:
    assert client.get(f"/?x={'a' * door.LONGEST_ASKED}").status_code == 200
    assert not door_of(app).pages._kept


def test_the_memory_has_an_end_and_forgets_what_was_asked_for_longest_ago(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door, "MOST_BYTES", 100)
    pages = Pages()
    for number in range(5):
        tag = f'"7-{number}"'
        pages.kept(tag, ("host", str(number)))
        pages.keep(tag, ("host", str(number)), [], b"x" * 40)
        pages.kept('"7-0"', ("host", "0"))
    assert set(pages._kept) == {("host", "0"), ("host", "4")}
    assert pages._bytes == 80


def test_a_page_of_an_edition_that_is_over_is_not_kept() -> None:
    pages = Pages()
    pages.kept('"8-new"', ("host", "/"))
    pages.keep('"7-old"', ("host", "/"), [], b"old")
    assert not pages._kept


def test_the_day_is_part_of_the_tag(held_clock) -> None:
    today = tag_of(1, "build", "/?")
    held_clock.forward(days=1)
    assert tag_of(1, "build", "/?") != today


def test_while_the_database_does_not_answer_nothing_is_answered_here(app: Flask, client: PagesClient) -> None:
    client.get("/")
    standing = door_of(app)
    standing.edition = lambda _environ: None
    standing.pages.keep = lambda *_page: pytest.fail("kept without knowing of which edition")  # type: ignore[method-assign]
    assert client.get("/").status_code == 200
