"""An organiser's way from stories to evidence, through pages and forms: coded, compared, counted, quoted, taken out."""

from __future__ import annotations

import io
import random
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from storyhub.exports import brief_pdf
from storyhub.operations.long_work import do_long_work
from storyhub.protection import receipts
from storyhub.protection.identifiers import shown
from tests.journeys.steps import look_up, state_on
from tests.makers import Maker
from tests.pages import Page, PagesClient
from tests.text.test_discovering import told_of

SignIn = Callable[[PagesClient, Any], PagesClient]
TOLD = "Every evening somebody follows me from the last stop to my door. I asked the driver to wait, and he did."
PASSAGE = "somebody follows me from the last stop to my door"


@pytest.fixture(autouse=True)
def _without_what_is_slow(monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a site without the extra for many languages and without Pango: both take seconds and have their tests."""
    monkeypatch.setattr("storyhub.text.nearness.meaning.is_installed", lambda: False)
    monkeypatch.setattr(brief_pdf, "why_not", lambda: "libraries")


@pytest.fixture
def olu(client: PagesClient, make: Maker, sign_in: SignIn) -> PagesClient:
    """The browser of Olu, who organises."""
    return sign_in(client, make.organiser("Olu"))


def browser(app: Flask) -> PagesClient:
    client = app.test_client()
    assert isinstance(client, PagesClient)
    return client


def add_theme(olu: PagesClient, name: str, **more: str) -> None:
    form = olu.open_page("/organise/themes").form("/organise/themes")
    assert name in form.fill(name_en=name, **more).send()


def file_from(page: Page, action: str, **chosen: Any) -> bytes:
    """Press a button that answers with a file."""
    form = page.form(action).fill(**chosen) if chosen else page.form(action)
    answer = page.client.send_form(form.action, form.fields.items(multi=True), came_from=page.path)
    assert "attachment" in answer.headers["Content-Disposition"], answer.get_data(as_text=True)[:400]
    return answer.get_data()


def names_in(archive: bytes) -> set[str]:
    return set(zipfile.ZipFile(io.BytesIO(archive)).namelist())


def public_stories(olu: PagesClient, theme: str) -> str:
    """How many public stories the codebook counts for a theme."""
    rows = olu.open_page("/organise/themes").html.css("tbody tr")
    return next(row.css("td")[1].text() for row in rows if theme in row.text())


def do_work(app: Flask, session: Session) -> None:
    """What the worker does by itself within a minute."""
    session.commit()
    with app.app_context():
        do_long_work(session)
    session.expire_all()


def code_all(coder: PagesClient, path: str, theme: str) -> Page:
    """Give one theme to every story of a sample, as one who sees nobody else's work."""
    page = coder.open_page(path)
    while page.has_form("/codings"):
        page = page.form("/codings").fill(themes=[theme]).send("where=story").form("/done").send()
    return page


def test_a_question_from_the_council_is_answered_and_a_contributor_can_still_take_their_story_back(
    app: Flask, olu: PagesClient, client: PagesClient, another_client: PagesClient, make: Maker, sign_in: SignIn
) -> None:
    """
    Given stories that nobody has coded, one of which may be quoted,
    when an organiser makes a theme and marks a passage with it, and two moderators code a sample apart,
    then the site says how far they agree;
    and a table, a brief with the passage in it, and a project for a program of analysts leave, each on the record;
    and when the story's contributor takes it back, every file that held it says so, and no later one holds it.
    """
    receipt = receipts.mint()
    story = make.story(TOLD, state="published", receipt=receipt, country="KE", happened="2025", consent=["quote"])
    for number in range(3):
        make.story(f"On the stairs at work, and it was the {number}. time.", state="published", country="KE")
    story_id = shown(story.id)

    # The codebook, and a passage
    add_theme(olu, "The way home", definition_en="On the way to where one lives.", use_when_en="Somebody is followed.")
    add_theme(olu, "At work")
    coding = olu.open_page(f"/organise/coding/{story_id}").form("/codings")
    page = coding.fill(themes=["the-way-home"], words=PASSAGE).send("where=passage")
    assert PASSAGE in page.html.css_first("mark.coded").text()
    assert PASSAGE in page.form("/undo").send().text and not page.client.open_page(page.path).html.css("mark.coded")
    again = olu.open_page(page.path).form("/codings").fill(themes=["the-way-home"], words=PASSAGE)
    again.send("where=passage")

    # Two who code the same stories apart
    ruth, ben = make.moderator("Ruth"), make.moderator("Ben")
    drawing = olu.open_page("/organise/rounds").form("/organise/rounds")
    coders = [shown(ruth.id), shown(ben.id)]
    round_ = drawing.fill(name="First look", size="4", themes=["the-way-home", "at-work"], coders=coders).send()
    first, second = sign_in(another_client, ruth), sign_in(browser(app), ben)
    code_all(first, f"{round_.path}/code", "the-way-home")
    code_all(second, f"{round_.path}/code", "at-work")
    agreement = olu.open_page(f"{round_.path}/agreement")
    assert "They agree less often than chance would." in agreement
    codings = file_from(agreement, "/export")
    assert story_id in codings.decode() and "somebody follows" not in codings.decode()

    # Numbers, a brief and a project leave
    page = olu.open_page("/organise/tables")
    page = page.form("/month").send() if page.has_form("/month") else page
    page = page.form("/organise/tables").fill(rows="theme", columns="country").send()
    assert "cells survive" in page
    out = next(form for form in page.forms if "seen" in form.names)
    table = olu.send_form(out.action, out.fields.items(multi=True), came_from=page.path).get_data()
    assert "table.csv" in names_in(table)
    brief = olu.open_page("/organise/briefs/new").form("/organise/briefs")
    draft = brief.fill(about="theme the-way-home", purpose="quote").send()
    assert PASSAGE in draft and "marked by an organiser" in draft
    draft = draft.form("/quotes").fill(passage=draft.form("/quotes").options("passage")[:1]).send("Add the chosen ones")
    paper = file_from(draft, "/file")
    assert any(name.endswith(".html") for name in names_in(paper))
    project = file_from(olu.open_page("/organise/exports"), "/organise/exports", purpose="quote", format="qdpx")
    assert "project.qde" in names_in(project)
    listed = olu.open_page("/organise/exports").html.css("table tbody th")
    assert sorted(row.text() for row in listed) == ["A brief", "A sample, as it was coded", "A table", "Stories"]

    # Taken back
    held = look_up(browser(app), receipt).form("/receipt/words").send()
    gone = held.form("/receipt/withdrawal").send().form("/receipt/withdrawal").send("step=sure")
    assert state_on(gone) == "withdrawn"
    for row in olu.open_page("/organise/exports").html.css("table tbody th a"):
        page = olu.open_page(row.attributes["href"] or "")
        assert (story_id in page) != (row.text() == "A table"), row.text()
    later = olu.open_page("/organise/exports").form("/organise/exports").fill(purpose="quote", format="qdpx")
    assert "No story is like this and may be used for it" in later.send()
    assert PASSAGE not in olu.open_page(round_.path).text + olu.open_page("/organise/coding").text


def test_a_program_suggests_and_a_person_decides(
    app: Flask, olu: PagesClient, session: Session, make: Maker, client: PagesClient
) -> None:
    """
    Given stories of buses and of schools, of which people coded most,
    when an organiser lets the site learn and says yes to what it suggests for one that nobody coded,
    then that story has the theme, marked as suggested, and the answer can be taken back;
    and when a search for groups finds the stories of schools, an organiser names them, and undoes it.
    """
    chance, by = random.Random(3), make.anybody()
    buses, others = make.theme("buses", "On buses"), make.theme("elsewhere", "Elsewhere")
    for number in range(68):
        kind = ("bus", "school")[number % 2]
        story = make.story(told_of(kind, chance), themes=[] if number > 59 else [buses if kind == "bus" else others])
        story.publish(by=by, window=0)
    make.release()

    # Suggested
    olu.open_page("/organise/suggestions").form("/learning").send()
    do_work(app, session)
    page = olu.open_page("/organise/suggestions").follow("On buses")
    form = page.form("/organise/suggestions/themes/buses")
    name = next(name for name in form.names if name.startswith("answer-"))
    page = form.fill({name: "yes"}).send()
    assert public_stories(olu, "On buses") == "31"
    page.form("/undo").send()
    assert public_stories(olu, "On buses") == "30"

    # Found
    olu.open_page("/organise/discoveries").form("/organise/discoveries").fill(look="all").send()
    do_work(app, session)
    found = olu.open_page("/organise/discoveries")
    search = next(link for link in found.links.values() if "/organise/discoveries/" in link)
    group = olu.open_page(olu.open_page(search).html.css_first(".group-card h3 a").attributes["href"] or "")
    form = group.form("/theme")
    chosen = form.options("story")[:2]
    group = form.fill(story=chosen, name="Between lessons").send()
    assert "This group became the theme “Between lessons”. 2 stories got it from here." in group
    assert "Between lessons" in client.open_page("/themes")
    group = group.form("/undo").send()
    assert group.has_form("/dismissal")
