"""Files of stories: what is in them, what they are for, and that each one that left is known."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from storyhub.exports.columns import COLUMNS, FORMULA, with_guard, without_guard
from storyhub.models.decision import Act, Decision, Reason
from storyhub.models.export import Export, ExportedStory
from storyhub.models.story import Story, StoryVersion
from storyhub.protection import identifiers
from tests.exports.conftest import Take
from tests.makers import Maker
from tests.pages import PagesClient
from tests.text import naughty


def rows_of(response: Any) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(response.get_data().decode("utf-8-sig"), newline="")))


# What a file holds


def test_a_file_holds_what_is_public_and_nothing_else(take: Take, make: Maker) -> None:
    make.story("waiting")
    make.story("declined", state="declined")
    make.story("set aside", state="set-aside")
    public = make.story(
        "words of\ntwo lines",
        state="published",
        title="Heading",
        name="Robin",
        place="behind the mill",
        country="IN",
        happened="2019-03",
        setting="street",
        themes=["staring", "buses"],
        notes=["threats", "child"],
        consent=["quote", "press"],
    )
    response = take()
    (row,) = rows_of(response)
    assert list(row) == COLUMNS
    told = {"id": identifiers.shown(public.id), "text": "words of\ntwo lines", "title": "Heading", "language": "en"}
    told |= {"country": "IN", "happened": "2019", "themes": "buses;staring", "content_notes": "child;threats"}
    told |= {"setting": "", "campaign": "", "consent": "quote;press", "heard": "0", "me_too": "0"}
    assert row == told | {"released_on": row["released_on"]}
    assert "Robin" not in response.get_data(as_text=True)
    assert "mill" not in response.get_data(as_text=True)


def test_what_the_contributor_chose_to_show_is_in_the_file(take: Take, make: Maker) -> None:
    make.story(state="published", happened="2019-03", setting="street", show=("setting", "month"))
    (row,) = rows_of(take())
    assert (row["happened"], row["setting"]) == ("2019-03", "street")


@pytest.mark.parametrize("use", ["quote", "research", "press"])
def test_a_file_follows_what_contributors_allow(take: Take, make: Maker, use: str) -> None:
    make.story("allowed", state="published", consent=[use])
    make.story("not allowed", state="published", consent=[other for other in ("quote", "press") if other != use])
    assert [row["text"] for row in rows_of(take(purpose=use))] == ["allowed"]
    assert len(rows_of(take())) == 2


def test_a_file_can_be_of_some_stories(take: Take, make: Maker) -> None:
    campaign = make.campaign("safe-buses")
    make.story("this", state="published", themes=["buses"], country="IN", happened="2019", campaign=campaign)
    make.story("another", state="published", themes=["staring"], country="KE", language="sw", happened="2020")
    for choice in ({"theme": "buses"}, {"country": "IN"}, {"language": "en"}, {"until_year": "2019"}):
        assert [row["text"] for row in rows_of(take(**choice))] == ["this"], choice
    assert [row["text"] for row in rows_of(take(campaign="safe-buses"))] == ["this"]


def test_arabic_opens_rightly_in_a_spreadsheet_and_lines_end_as_the_standard_says(take: Take, make: Maker) -> None:
    make.story("كنت في الحافلة", state="published", language="ar")
    data = take().get_data()
    assert data.startswith("\ufeffid,text,".encode())
    assert data.count(b"\r\n") == 2


def test_words_that_break_careless_software_are_in_the_file_as_told(take: Take, make: Maker) -> None:
    told = [one for one in naughty.NAUGHTY if one.strip() and "\r" not in one and "\0" not in one][:25]
    for one in told:
        make.story(one, state="published")
    kept = set(make.session.scalars(sa.select(StoryVersion.text)))
    assert {without_guard(row["text"]) for row in rows_of(take())} == kept
    lines = take(format="jsonl").get_data().decode().split("\n")[:-1]
    assert {json.loads(line)["text"] for line in lines} == kept


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "＝1", "\n=1"])
def test_no_cell_of_a_file_is_run_as_a_formula(take: Take, make: Maker, text: str) -> None:
    make.story(text, state="published", title=text)
    (row,) = rows_of(take())
    assert row["text"] == "'" + text
    assert not any(FORMULA.match(cell) and not cell.startswith("'") for cell in row.values())


@given(st.text())
def test_the_guard_against_formulas_can_be_taken_off_again(cell: str) -> None:
    assert without_guard(with_guard(cell)) == cell


def test_the_same_stories_give_the_same_bytes(take: Take, make: Maker) -> None:
    for _ in range(12):
        make.story(state="published", themes=["staring", "buses"], notes=["threats", "child"])
    assert take().get_data() == take().get_data()
    assert take(format="jsonl").get_data() == take(format="jsonl").get_data()


# What is known of a file that left


def test_each_file_that_leaves_is_recorded(take: Take, make: Maker, session: Session, organiser: PagesClient) -> None:
    stories = [make.story(state="published", consent=["press"], themes=["buses"]) for _ in range(3)]
    response = take(purpose="press", theme="buses")
    (export,) = session.scalars(sa.select(Export))
    assert (export.count, export.format, export.consent) == (3, "csv", "press")
    assert export.filters == {"theme": ["buses"]}
    assert export.sha256 == hashlib.sha256(response.get_data()).hexdigest()
    assert set(session.scalars(sa.select(ExportedStory.story_id))) == {story.id for story in stories}
    decision = session.scalars(sa.select(Decision).filter_by(act=Act.EXPORT)).one()
    assert decision.by_id == export.by_id is not None
    assert decision.facts["sha256"] == export.sha256
    assert "Olu" in organiser.open_page("/organise/exports")


def test_stories_that_were_taken_back_are_named_for_each_file_that_held_them(
    take: Take, make: Maker, session: Session, organiser: PagesClient
) -> None:
    gone, stays = make.story(state="published"), make.story(state="published")
    take()
    gone.withdraw()
    session.commit()
    assert len(rows_of(take())) == 1
    exports = {export.count: export for export in session.scalars(sa.select(Export))}
    page = organiser.open_page(f"/organise/exports/{identifiers.shown(exports[2].id)}")
    assert identifiers.shown(gone.id) in page
    assert identifiers.shown(stays.id) not in page
    assert "None of its stories" in organiser.open_page(f"/organise/exports/{identifiers.shown(exports[1].id)}")


def test_a_choice_that_fits_no_story_takes_nothing_out(take: Take, organiser: PagesClient, session: Session) -> None:
    response = take()
    assert "Nothing was taken out" in response.get_data(as_text=True)
    assert not session.scalars(sa.select(Export)).all()
    assert not session.scalars(sa.select(Decision)).all()


def test_a_file_is_never_kept_by_a_cache_and_has_a_name(take: Take, make: Maker) -> None:
    make.story(state="published")
    headers = take().headers
    assert "no-store" in headers["Cache-Control"]
    assert headers["Content-Disposition"].startswith('attachment; filename="stories-')


def test_what_cannot_be_understood_comes_back_with_a_reason(organiser: PagesClient, make: Maker) -> None:
    make.story(state="published")
    form = organiser.open_page("/organise/exports").form("exports")
    assert "Please choose one" in form.send(status=400)
    page = form.fill(purpose="here", since_year="soon").send(status=400)
    assert "such as 2019" in page
    organiser.open_page("/organise/exports").form("exports").fill(purpose="here").forge(theme="gone").send(status=400)
    organiser.open_page("/organise/exports").form("exports").fill(purpose="here").forge(format="doc").send(status=400)
    organiser.open_page("/organise/exports/0000000000001", status=404)


def test_moderators_and_passers_by_take_nothing_out(client: PagesClient, make: Maker, sign_in: Any) -> None:
    assert client.get("/organise/exports").status_code == 302
    sign_in(client, make.moderator("Mo"))
    assert client.get("/organise/exports").status_code == 403


def test_the_page_is_there_in_arabic(arabic: PagesClient, make: Maker, sign_in: Any) -> None:
    sign_in(arabic, make.organiser("Olu"))
    make.story(state="published", country="IN")
    arabic.open_page("/organise/exports")


# The command


def test_the_command_writes_the_same_file_as_the_page(take: Take, make: Maker, flask: Take, session: Session) -> None:
    make.story(state="published", themes=["buses"])
    make.story(state="published")
    flask("stories", "export", "out.csv", "--format", "csv", "--theme", "buses")
    assert Path("out.csv").read_bytes() == take(theme="buses").get_data()
    assert Path("out.csv").stat().st_mode & 0o777 == 0o600
    by_command = session.scalars(sa.select(Export).filter_by(by_id=None)).one()
    assert by_command.sha256 == hashlib.sha256(Path("out.csv").read_bytes()).hexdigest()


def test_the_command_refuses_in_one_line_and_leaves_nothing_behind(flask: Take, make: Maker, session: Session) -> None:
    make.story(state="published")
    assert "theme" in flask("stories", "export", "out.csv", "--format", "csv", "--theme", "nowhere", code=1).output
    flask("stories", "export", "nowhere/out.csv", "--format", "csv", code=1)
    flask("stories", "export", "out.doc", "--format", "doc", code=2)
    assert not list(Path().iterdir())
    Path("mine.csv").write_text("not to be lost")
    flask("stories", "export", "mine.csv", "--format", "csv", code=2)
    assert Path("mine.csv").read_text() == "not to be lost"
    assert not session.scalars(sa.select(Export)).all()


def test_a_file_of_ours_comes_in_again_as_it_went_out(flask: Take, make: Maker, session: Session) -> None:
    told = ["=1+1", "'=1+1", "'tis so", "  two\nlines  ", 'a "quote", a comma', "کتاب‌ها", "-", "\tx"]
    for text in told:
        make.story(text, state="published", happened="2019-03", show=("month",), consent=["quote"], themes=["buses"])
    for format_ in ("csv", "jsonl"):
        flask("stories", "export", f"out.{format_}", "--format", format_)
    for number, format_ in enumerate(("csv", "jsonl"), 2):
        flask("stories", "import", f"out.{format_}", "--format", format_)
        texts = list(session.scalars(sa.select(StoryVersion.text)))
        assert sorted(map(str, texts)) == sorted(told * number)
        session.commit()
    for story in session.scalars(sa.select(Story)):
        assert (story.newest.happened, story.consent, story.newest.language) == ("2019-03", ("quote",), "en")
        assert [theme.slug for theme in story.themes()] == ["buses"]


# Which stories


def test_a_file_can_be_of_several_themes_years_and_settings(take: Take, make: Maker) -> None:
    for text, themes, year in (("both", ["buses", "night"], 2018), ("one", ["buses"], 2019), ("none", [], 2021)):
        make.story(text, state="published", themes=themes, happened=str(year), setting="street", show=("setting",))
    make.story("elsewhere", state="published", setting="work", show=("setting",))
    make.story("not shown", state="published", setting="street")

    def texts(**choices: Any) -> list[str]:
        return sorted(row["text"] for row in rows_of(take(**choices)))

    assert texts(theme=["buses", "night"]) == ["both"]
    assert texts(theme=["buses", "night"], themes="any") == ["both", "one"]
    assert texts(since_year="2019") == ["none", "one"]
    assert texts(since_year="2018", until_year="2019") == ["both", "one"]
    assert texts(setting="work") == ["elsewhere"]


def test_a_sample_is_the_same_for_the_same_number_and_holds_the_smaller_one(
    take: Take, make: Maker, session: Session, flask: Take
) -> None:
    for number in range(12):
        make.story(str(number), state="published", themes=["buses"])

    def drawn(sample: int, seed: int) -> list[str]:
        return [row["id"] for row in rows_of(take(sample=str(sample), seed=str(seed), theme="buses"))]

    four, five = drawn(4, 7), drawn(5, 7)
    assert four == drawn(4, 7)
    assert set(four) < set(five)
    assert [one for one in five if one in four] == four, "newest first, as any file"
    assert len({tuple(drawn(4, seed)) for seed in range(5)}) > 1
    assert len(drawn(100, 1)) == 12
    export = session.scalars(sa.select(Export).where(Export.count == 5)).one()
    assert (export.facts["sample"], export.facts["seed"]) == (5, 7)
    assert session.scalars(sa.select(Decision).filter_by(act=Act.EXPORT)).first().facts["sample"] == 4
    flask("stories", "export", "out.csv", "--format", "csv", "--theme", "buses", "--sample", 5, "--seed", 7)
    assert hashlib.sha256(Path("out.csv").read_bytes()).hexdigest() == export.sha256


def test_how_many_it_would_be_is_told_and_nothing_leaves(organiser: PagesClient, make: Maker, session: Session) -> None:
    for _ in range(3):
        make.story(state="published", consent=["quote"], country="IN", happened="2019")

    def said(**choices: Any) -> Any:
        form = organiser.open_page("/organise/exports").form("exports").fill(**{"purpose": "quote"} | choices)
        form.action = "/organise/exports/count"
        return form.send("How many would it be?")

    assert "It would be 3 stories." in said(country="IN")
    assert "It would be 2 stories." in said(sample="2")
    page = said(purpose="press", since_year="2019")
    assert "No story is like this" in page
    assert page.value_of("since_year") == "2019", "what was chosen still stands there"
    assert not session.scalars(sa.select(Export)).all()


@pytest.mark.parametrize(
    ("field", "typed"), [("sample", "0"), ("sample", "many"), ("seed", "x"), ("until_year", "19"), ("since_year", "-1")]
)
def test_a_number_that_cannot_be_meant_is_asked_for_again(organiser: PagesClient, field: str, typed: str) -> None:
    form = organiser.open_page("/organise/exports").form("exports")
    form.fill({"purpose": "here", "sample": "5"} | {field: typed})
    page = form.send(status=400)
    assert page.fields_with_errors() == [field]
    assert page.value_of(field) == typed
    form.fill(sample="", since_year="2020", until_year="2019").send(status=400)


def test_the_command_takes_every_filter_of_the_page(flask: Take, make: Maker) -> None:
    make.story("this", state="published", themes=["buses"], happened="2019", setting="street", show=("setting",))
    make.story("another", state="published", themes=["night"], happened="2020")
    for words in (("--setting", "street"), ("--since-year", 2019, "--until-year", 2019), ("--theme", "buses")):
        flask("stories", "export", "out.jsonl", "--format", "jsonl", "--yes", *words)
        assert [json.loads(line)["text"] for line in Path("out.jsonl").read_text().splitlines()] == ["this"], words
    both = ("--theme", "buses", "--theme", "night", "--any-theme")
    assert flask("stories", "export", "out.jsonl", "--format", "jsonl", "--yes", *both).output.startswith("2 ")
    flask("stories", "export", "out.jsonl", "--format", "jsonl", "--yes", "--setting", "moon", code=2)


def test_ids_of_stories_that_were_taken_back_can_be_had_as_a_list_and_hidden_ones_are_told_apart(
    take: Take, make: Maker, session: Session, organiser: PagesClient
) -> None:
    gone, hidden = make.story(state="published"), make.story(state="published")
    take()
    gone.withdraw()
    hidden.set_aside(by=make.anybody(), reason=Reason.OTHER)
    session.commit()
    export = session.scalars(sa.select(Export)).one()
    page = organiser.open_page(f"/organise/exports/{identifiers.shown(export.id)}")
    assert page.text.index(identifiers.shown(gone.id)) < page.text.index("Not public any more")
    assert page.text.index("Not public any more") < page.text.index(identifiers.shown(hidden.id))
    listed = page.form("withdrawn.txt").send().response
    assert listed.get_data(as_text=True) == f"{identifiers.shown(gone.id)}\n"
