"""A codebook goes out and comes in: on the pages with a look at it first, and by command."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from click.testing import Result
from flask import Flask
from sqlalchemy.orm import Session

from storyhub.models.codebook import Change, CodebookChange
from storyhub.models.people import Person
from storyhub.models.theme import Theme
from storyhub.text.codebook.entries import Entry, guid_of
from storyhub.text.codebook.qdc import read_qdc
from storyhub.text.codebook.table import read_table
from storyhub.themes.bringing import plan_codebook
from tests.makers import Maker
from tests.pages import Page, PagesClient
from tests.text.test_codebook_files import ATLAS, PREFIXED, QUALCODER, TAGUETTE

SignIn = Callable[[PagesClient, Person], PagesClient]
TABLE = """slug,parent,name:en,name:ar,definition:en,retired,merged_into
travel,,Travel,السفر,Being on the way.,,
buses,travel,Buses,,"Lines
and seats; '=1+1'",,
coaches,,Coaches,,,yes,buses
old,,Old,,,yes,
"""


@pytest.fixture
def ola(client: PagesClient, make: Maker, sign_in: SignIn) -> PagesClient:
    return sign_in(client, make.organiser("Ola"))


@pytest.fixture
def themes(app: Flask) -> Callable[..., Result]:
    """themes("import", path, …): the command."""

    def run(*words: object, code: int = 0) -> Result:
        done = app.test_cli_runner().invoke(args=["themes", *map(str, words)])
        assert done.exit_code == code, done.output + repr(done.exception)
        return done

    return run


def look(ola: PagesClient, words: str, name: str = "book.csv", status: int = 200, **more: str) -> Page:
    form = ola.open_page("/organise/codebook/files").form("/preview")
    return form.fill(file=[(io.BytesIO(words.encode()), name)], **more).send(status=status)


def book(session: Session) -> dict[str, Any]:
    session.expire_all()
    themes = session.scalars(sa.select(Theme)).all()
    slugs = {theme.id: theme.slug for theme in themes}
    return {
        theme.slug: (theme.names, theme.definitions, theme.use_when, theme.use_not, theme.examples,
                     slugs.get(theme.parent_id), slugs.get(theme.merged_into_id), theme.retired)
        for theme in themes
    }  # fmt: skip


def test_a_file_is_looked_at_first_and_nothing_is_stored_before(ola: PagesClient, session: Session) -> None:
    page = look(ola, TABLE)
    assert "4 themes would be new" in page and "0 themes would change" in page
    assert book(session) == {}
    assert "The codebook is brought in" in page.form("/files/in").send()
    found = book(session)
    assert found["buses"][0] == {"en": "Buses"} and found["buses"][5] == "travel"
    assert found["buses"][1] == {"en": "Lines\nand seats; '=1+1'"}
    assert found["coaches"][6:] == ("buses", True) and found["old"][7]
    page = look(ola, TABLE)
    assert "4 themes are the same already" in page and "Nothing would change" in page
    page = look(ola, "slug,name:en,parent\nbuses,Omnibuses,\n")
    assert [node.text() for node in page.html.css("dd del")] == ["Buses", "travel"]
    page.form("/files/in").send()
    assert book(session)["buses"][:2] == ({"en": "Omnibuses"}, {"en": "Lines\nand seats; '=1+1'"})
    assert book(session)["buses"][5] is None
    page = ola.open_page("/organise/codebook/history").form("/undo").send()
    assert book(session) == found


def test_what_is_brought_in_is_what_was_shown(ola: PagesClient, make: Maker, session: Session) -> None:
    page = look(ola, "slug,name:en\nbuses,Omnibuses\n")
    make.theme("buses", "Coaches")
    page = page.form("/files/in").send(status=409)
    assert "Please look once more" in page and "1 theme would change" in page
    assert book(session)["buses"][0] == {"en": "Coaches"}
    page.form("/files/in").forge(packed="AAAA").send(status=422)
    page.form("/files/in").send()
    assert book(session)["buses"][0] == {"en": "Omnibuses"}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("slug,name:en\nA B,x\n", "its address is not made of small Latin letters"),
        ("slug,name:en\na,x\na,y\n", "stands in the file twice"),
        ("slug,name:en\na,\n", "it has no name in English"),
        ("slug,definition:en\na,x\n", "it has no name in English"),
        ("slug,name:en\na," + "x" * 81 + "\n", "more than 80"),
        ("slug,name:en,parent\na,x,b\n", "neither here nor in the file"),
        ("slug,name:en,merged_into\na,x,b\n", "neither here nor in the file"),
        ("slug,name:en,parent\na,x,b\nb,y,a\n", "would stand under itself"),
        ("slug,name:en,merged_into\na,x,b\nb,y,a\n", "would stand under itself"),
        ("slug,parent\nthere,under\nunder,there\n", "would stand under itself"),
        (
            "slug,name:en,parent\n" + "".join(f"t{n},x,{f't{n - 1}' if n else ''}\n" for n in range(52)),
            "more than 50 deep",
        ),
    ],
)
def test_a_file_with_something_wrong_comes_in_not_at_all(
    ola: PagesClient, make: Maker, session: Session, words: str, said: str
) -> None:
    make.theme("there")
    make.theme("under")
    before = book(session)
    page = look(ola, words)
    assert said in page and not page.has_form("/files/in")
    assert book(session) == before


@pytest.mark.parametrize(
    ("words", "more", "said"),
    [
        ("<!DOCTYPE x><CodeBook/>", {"format": "qdc"}, "document type"),
        ("nothing", {}, "Its first line has to name the columns"),
        ("slug,name:en\nx\n", {}, "It is line 2"),
    ],
)
def test_what_can_not_be_read_says_why(ola: PagesClient, words: str, more: dict[str, str], said: str) -> None:
    assert said in look(ola, words, status=422, **more)
    assert "does not say what it is" in look(ola, words, "book.txt", status=422)
    assert "Choose a file first" in ola.open_page("/organise/codebook/files").form("/preview").send(status=422)


@pytest.mark.parametrize("format_", ["csv", "qdc"])
def test_the_codebook_is_taken_out_and_comes_back_the_same(
    ola: PagesClient, themes: Callable[..., Result], session: Session, tmp_path: Path, format_: str
) -> None:
    look(ola, TABLE).form("/files/in").send()
    before = book(session)
    answer = ola.open_page("/organise/codebook/files").form("/files/out").fill(out_as=format_).send().response
    assert answer.headers["Content-Disposition"] == f'attachment; filename="codebook.{format_}"'
    data = answer.get_data()
    entries = read_table(data) if format_ == "csv" else read_qdc(data, "en")
    assert {entry.slug for entry in entries} == set(before)
    path = tmp_path / f"out.{format_}"
    path.write_bytes(data)
    assert "4  there already" in themes("import", path).output
    session.execute(sa.delete(CodebookChange))
    session.execute(sa.update(Theme).values(parent_id=None, merged_into_id=None))
    session.execute(sa.delete(Theme))
    session.commit()
    assert "4  would be new" in themes("import", path, "--dry-run").output
    assert book(session) == {}
    assert "4  new themes" in themes("import", path).output
    assert book(session) == before
    again = tmp_path / f"again.{format_}"
    assert "4 themes" in themes("export", again).output
    assert again.read_bytes() == data
    assert "is there already" in themes("export", again, code=2).output
    themes("export", again, "--yes")


def test_whoever_did_not_just_sign_in_is_asked_again(client: PagesClient, make: Maker, sign_in: SignIn) -> None:
    sign_in(client, make.organiser())
    with client.session_transaction(base_url=client.application.extensions["settings"].site_url) as kept:
        kept["fresh_at"] = 0
    page = client.open_page("/organise/codebook/files").form("/files/out").send(status=None)
    assert "attachment" not in page.response.headers.get("Content-Disposition", "")


@pytest.mark.parametrize("words", [QUALCODER, TAGUETTE, ATLAS, PREFIXED.replace("utf-16", "utf-8")])
def test_codebooks_of_other_programs_come_in_and_doing_it_again_changes_nothing(
    themes: Callable[..., Result], session: Session, tmp_path: Path, words: str
) -> None:
    path = tmp_path / "theirs.qdc"
    path.write_text(words, "utf-8")
    themes("import", path)
    first = book(session)
    assert first
    assert "0  new themes" in themes("import", path).output
    assert book(session) == first
    out = tmp_path / "ours.qdc"
    themes("export", out)
    theirs = {entry.guid for entry in read_qdc(path.read_bytes(), "en") if entry.guid}
    assert theirs <= {entry.guid for entry in read_qdc(out.read_bytes(), "en")}, "they know their codes again"


def test_our_own_identifier_in_a_file_is_not_noted_as_another_programs(
    themes: Callable[..., Result], make: Maker, session: Session, tmp_path: Path
) -> None:
    make.theme("buses", "Buses")
    path = tmp_path / "ours.qdc"
    themes("export", path)
    path.write_text(path.read_text("utf-8").replace('name="Buses"', 'name="Omnibuses"'), "utf-8")
    themes("import", path)
    change = session.scalars(sa.select(CodebookChange).order_by(CodebookChange.number.desc())).first()
    assert change is not None and change.after == {"names:en": "Omnibuses"}


def test_thousands_of_codes_of_one_name_are_numbered(session: Session) -> None:
    entries = [Entry(key=f"code {number}", where=number, words={"names": {"en": "Buses"}}) for number in range(2_000)]
    plan = plan_codebook(session, entries)
    assert [plan.new[place].slug for place in (0, 1, 1_999)] == ["buses", "buses-2", "buses-2000"]


def test_two_codes_of_one_name_get_two_addresses(
    themes: Callable[..., Result], session: Session, tmp_path: Path
) -> None:
    path = tmp_path / "two.qdc"
    path.write_text(PREFIXED.replace("utf-16", "utf-8"), "utf-8")
    themes("import", path)
    assert set(book(session)) == {"doors", "doors-2"}


def test_a_theme_renamed_in_another_program_is_known_again(
    themes: Callable[..., Result], make: Maker, session: Session, tmp_path: Path
) -> None:
    make.theme("buses")
    path = tmp_path / "book.qdc"
    themes("export", path)
    path.write_text(path.read_text("utf-8").replace('name="Buses"', 'name="Coaches"'), "utf-8")
    assert "1  changed" in themes("import", path).output
    assert book(session)["buses"][0] == {"en": "Coaches"}
    foreign = tmp_path / "theirs.qdc"
    foreign.write_text(ATLAS, "utf-8")
    themes("import", foreign)
    foreign.write_text(ATLAS.replace('name="Stops"', 'name="Halts"'), "utf-8")
    assert "1  changed" in themes("import", foreign).output
    assert book(session)["stops"][0] == {"en": "Halts"}


def test_names_without_latin_letters_get_addresses_that_stay(
    themes: Callable[..., Result], session: Session, tmp_path: Path
) -> None:
    path = tmp_path / "book.qdc"
    path.write_text('<CodeBook><Codes><Code name="في الحافلة"/><Code name="公交车"/></Codes></CodeBook>', "utf-8")
    themes("import", path)
    slugs = set(book(session))
    assert len(slugs) == 2 and all(slug.startswith("theme-") for slug in slugs)
    themes("import", path)
    assert set(book(session)) == slugs


def test_a_merge_is_not_done_by_a_file_where_stories_would_stay_behind(
    themes: Callable[..., Result], make: Maker, session: Session, tmp_path: Path
) -> None:
    make.story(themes=["buses"])
    make.theme("trams")
    path = tmp_path / "book.csv"
    path.write_text("slug,name:en,merged_into,retired\nbuses,Buses,trams,yes\n", "utf-8")
    assert "merge it on its page" in themes("import", path).output
    assert book(session)["buses"][6:] == (None, False)


def test_commands_say_what_is_wrong_and_store_nothing(
    themes: Callable[..., Result], session: Session, tmp_path: Path
) -> None:
    path = tmp_path / "book.txt"
    path.write_text("slug,name:en\na,x\na,y\n", "utf-8")
    assert "--format" in themes("import", path, code=2).output
    done = themes("import", path, "--format", "csv", code=1)
    assert "Theme at 3" in done.output and "Nothing was stored" in done.output
    assert book(session) == {}
    path.write_bytes(b"\xff")
    assert "UTF-8" in themes("import", path, "--format", "csv", code=1).output
    assert session.scalars(sa.select(CodebookChange)).all() == []


def test_the_history_says_that_it_came_from_a_file(
    ola: PagesClient, themes: Callable[..., Result], session: Session, tmp_path: Path
) -> None:
    path = tmp_path / "book.csv"
    path.write_text("slug,name:en\nbuses,Buses\n", "utf-8")
    themes("import", path)
    (change,) = session.scalars(sa.select(CodebookChange))
    assert change.what is Change.BROUGHT
    page = ola.open_page("/organise/codebook/history")
    assert "brought in from a file" in page and "the site's own machine" in page
    page.form("/undo").send()
    assert book(session)["buses"][7], "it can't be chosen, and its address stays taken"


def test_identifiers_are_the_same_on_every_site() -> None:
    assert guid_of("buses") == "b395dce2-4a33-5f45-82a8-e26e103b715f"
