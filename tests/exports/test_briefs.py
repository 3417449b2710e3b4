"""Briefs: two pages from what is public, with quotes that people allowed, and nothing else."""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import io
import zipfile
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from storyhub.exports import brief_pdf, briefs, passages
from storyhub.models.brief import Brief, BriefQuote
from storyhub.models.decision import Act, Decision
from storyhub.models.export import Export, ExportedStory
from storyhub.models.people import Person
from storyhub.models.publication import new_edition
from storyhub.models.story import Story, Told, Use
from storyhub.models.theme import CodedBy, Coding
from storyhub.protection import identifiers
from tests.conftest import HeldClock
from tests.makers import Maker
from tests.pages import Form, Page, PagesClient

TELLING = "The driver saw it all in his mirror, and he drove on without a word to anybody."
ANOTHER = "Two stops later a woman sat down beside me, and she asked whether I would like to go with her."
SHORT = "It was late."


@pytest.fixture
def person(make: Maker) -> Person:
    return make.organiser("Olu")


@pytest.fixture
def organiser(client: PagesClient, person: Person, sign_in: Any) -> PagesClient:
    """The browser of an organiser who is signed in."""
    signed_in: PagesClient = sign_in(client, person)
    return signed_in


def begin(organiser: PagesClient, about: str = "theme buses", **fields: Any) -> Page:
    form = organiser.open_page("/organise/briefs/new").form("briefs")
    return form.fill(**{"about": about, "purpose": "quote"} | fields).send("Show me the brief")


def offered(page: Page) -> list[str]:
    """The words of the passages that can be chosen."""
    return [" ".join(node.text().split()) for node in page.html.css(".passages q")]


def quoted(page: Page) -> list[str]:
    return [" ".join(node.text().split()) for node in page.html.css(".chosen-quotes q")]


def choose(page: Page, *words: str) -> Page:
    """Choose the passages that hold these words, and add them."""
    values = [
        box.css_first("input").attributes["value"]
        for box in page.html.css(".passages .choice")
        if any(one in box.text() for one in words)
    ]
    assert len(values) == len(words)
    return page.form("/quotes").fill(passage=values).send("Add the chosen ones")


def words_of(page: Page) -> Form:
    """The form in which a draft's own words are changed."""
    return next(form for form in page.forms if "note" in form.names)


def press(page: Page, action: str, number: int = 0, **more: Any) -> Page:
    """Press one of the buttons beside the quotes."""
    return [form for form in page.forms if form.action.endswith(action)][number].send(**more)


def fetch(page: Page) -> bytes:
    """The file that is taken out: no page, and so nothing to be proof-read."""
    form = page.form("/file")
    answer = page.client.send_form(form.action, form.fields.items(multi=True), came_from=page.path)
    assert (answer.status_code, answer.mimetype) == (200, "application/zip")
    return answer.get_data()


def take_out(page: Page) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(fetch(page))) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.fixture
def no_pdf(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server on which no PDF can be made: what a file holds besides is known in a moment."""
    monkeypatch.setattr(brief_pdf, "why_not", lambda: "libraries")


# Begin, choose, change


def test_a_brief_is_begun_in_one_step_and_shown_as_it_will_be(organiser: PagesClient, make: Maker) -> None:
    for country, year in (("KE", "2019"), ("KE", "2021"), ("IN", "2021")):
        make.story(state="published", themes=["buses", "staring"], country=country, happened=year)
    make.story(state="published", themes=["staring"], country="BR")
    page = begin(organiser, title="Safe on the bus", note="Lamps at the stops.\nA driver who knows whom to call.")
    preview = page.html.css_first(".brief-preview").text()
    for words in ("Safe on the bus", "3 public stories tell of this: Buses", "Lamps at the stops.", "Kenya", "Staring"):
        assert words in preview
    assert "Brazil" not in preview
    assert "not a survey" in preview
    alone = page.follow("The two pages alone")
    assert alone.heading == "Safe on the bus"
    assert "3 public stories tell of this" in alone


def test_what_a_brief_is_about_and_for_must_be_said(organiser: PagesClient, make: Maker) -> None:
    make.story(state="published", themes=["buses"])
    form = organiser.open_page("/organise/briefs/new").form("briefs")
    page = form.fill(note="What we typed", since="20", until="1999").send(status=422)
    assert set(page.fields_with_errors()) >= {"about", "since"}
    assert page.value_of("note") == "What we typed"
    page = page.form("briefs").fill(about="theme buses", purpose="quote", since="2020", until="1999").send(status=422)
    assert page.fields_with_errors() == ["until"]
    page = page.form("briefs").fill(until="2021", note="\n".join("123456789")).send(status=422)
    assert page.fields_with_errors() == ["note"]


@pytest.mark.parametrize("about", ["theme buses", "campaign night", "country KE"])
def test_the_counts_are_those_that_anybody_can_count(
    organiser: PagesClient, make: Maker, no_pdf: None, about: str
) -> None:
    campaign = make.campaign("night")
    for year in ("2015", "2016", "2016", "2020"):
        make.story(state="published", themes=["buses", "night"], country="KE", happened=year, campaign=campaign)
    make.story(state="published", themes=["buses"], country="KE", campaign=campaign)
    make.story(themes=["buses"], country="KE", campaign=campaign)
    for years, total in (
        ({}, 5),
        ({"since": "2016"}, 3),
        ({"until": "2016"}, 3),
        ({"since": "2016", "until": "2019"}, 2),
    ):
        data = take_out(begin(organiser, about, **years))["counts.csv"].decode("utf-8-sig")
        rows = {(row["what"], row["value"]): int(row["count"]) for row in csv.DictReader(io.StringIO(data, newline=""))}
        kind, value = about.split()
        assert rows[kind, value] == total
        assert rows["country", "KE"] == total
        assert sum(count for (what, year), count in rows.items() if what == "year") == total
        assert rows["with theme" if kind == "theme" else "theme", "night"] == (4 if not years else total)


def test_passages_to_quote_are_whole_sentences_of_stories_that_allow_it(organiser: PagesClient, make: Maker) -> None:
    make.story(f"{SHORT} {TELLING} {SHORT}", state="published", themes=["buses"], consent=["quote"])
    make.story(f"{ANOTHER} {SHORT}", state="published", themes=["buses"], consent=["research", "press"])
    make.story(f"{ANOTHER} It was a tram.", state="published", themes=["trams"], consent=["quote"])
    assert offered(begin(organiser)) == [TELLING]
    assert offered(begin(organiser, purpose="press")) == [ANOTHER]


def test_what_an_organiser_marked_comes_first_and_of_one_story_there_is_one(
    organiser: PagesClient, make: Maker, session: Session
) -> None:
    for number in range(3):
        make.story(f"{TELLING} {SHORT} {number}.", state="published", themes=["buses"], consent=["quote"])
    marked = make.story(f"{SHORT} {ANOTHER} {TELLING}", state="published", themes=["buses"], consent=["quote"])
    span = {"start": len(SHORT) + 1, "end": len(SHORT) + 1 + len(ANOTHER)}
    theme = make.theme("buses")
    version = marked.public.version_id
    session.add(Coding(version_id=version, theme_id=theme.id, coded_by=CodedBy.ORGANISER, **span))
    session.commit()
    page = begin(organiser)
    assert offered(page) == [ANOTHER, TELLING]
    assert "marked by an organiser" in page


def test_nothing_that_could_show_who_somebody_is_can_be_quoted(organiser: PagesClient, make: Maker) -> None:
    telling = "Mr. Benjamin Miller from the depot came to my door and told me to call him on +44 20 7946 0958."
    story = make.story(f"{SHORT} {telling}", state="published", themes=["buses"], consent=["quote"])
    page = begin(organiser)
    assert offered(page) == []
    found = page.form("briefs").page
    looked = organiser.open_page(f"{found.path}?q=told+me+to+call+him")
    assert offered(looked) == []
    assert "In 1 story the passage was left out" in looked
    place = f"{identifiers.shown(story.public.version_id)}-{len(SHORT) + 1}-{len(SHORT) + 1 + len(telling)}"
    refused = page.form("/file").forge(passage=place)
    refused.action = f"{page.path}/quotes"
    assert "could show who somebody is" in refused.send(status=422)


def test_quotes_are_added_put_in_order_taken_off_and_put_back(
    organiser: PagesClient, make: Maker, session: Session
) -> None:
    for words in (TELLING, ANOTHER):
        make.story(f"{SHORT} {words}", state="published", themes=["buses"], consent=["quote"], country="KE")
    page = choose(begin(organiser), "driver", "woman")
    first, second = quoted(page)
    assert {first, second} == {TELLING, ANOTHER}
    assert page.html.css_first("blockquote p").text().strip() == first
    page = press(page, "/quotes/order")
    assert quoted(page) == [second, first]
    page = press(page, "/quotes/removal")
    assert quoted(page) == [first]
    page = press(page, "/quotes")  # the notice's own button
    assert quoted(page) == [first, second]
    kept = session.scalars(sa.select(BriefQuote).order_by(BriefQuote.place)).all()
    assert [row.end - row.start for row in kept] == [len(first), len(second)]
    assert "words" not in BriefQuote.__table__.columns


def test_another_passage_is_found_by_its_words(organiser: PagesClient, make: Maker) -> None:
    make.story(f"{SHORT} {TELLING}\n\n{ANOTHER}", state="published", themes=["buses"], consent=["quote"])
    make.story(f"{SHORT} {ANOTHER}", state="published", themes=["buses"])
    page = begin(organiser)
    looked = next(form for form in page.forms if "q" in form.names).fill(q="WOMAN   sat").send()
    assert offered(looked)[-1] == ANOTHER
    found = looked.html.css("#found .choice input")
    assert len(found) == 1
    page = looked.forms[-1].page
    form = [form for form in page.forms if form.action.endswith("/quotes")][-1]
    assert quoted(form.fill(passage=found[0].attributes["value"]).send("Add the chosen ones")) == [ANOTHER]
    nothing = organiser.open_page(f"{looked.path}?q=zeppelin")
    assert "No story that may be used for this has these words" in nothing


def test_a_brief_about_a_theme_that_was_merged_is_about_the_other(
    organiser: PagesClient, make: Maker, session: Session
) -> None:
    make.story(f"{SHORT} {TELLING}", state="published", themes=["trams"], consent=["quote"])
    make.story(state="published", themes=["buses"])
    page = begin(organiser)
    make.theme("buses").merged_into_id = make.theme("trams").id
    new_edition(session)
    session.commit()
    again = organiser.open_page(f"{page.path}?q=in+his+mirror")
    assert "1 public story tells of this: Trams" in again
    assert offered(again) == [TELLING, TELLING]  # as suggested, and as found


def test_a_quote_is_whole_words_of_a_fitting_length(organiser: PagesClient, make: Maker, session: Session) -> None:
    told = " ".join(["every word is here"] * 20)[:330].strip() + "."
    story = make.story(told, state="published", themes=["buses"], consent=["quote"])
    page = begin(organiser)
    for place, why in (
        ("1-60", "whole words"),
        ("0-5", "20 to 300"),
        ("0-9999", "whole words"),
        ("0-330", "20 to 300"),
    ):
        form = page.form("/file").forge(passage=f"{identifiers.shown(story.public.version_id)}-{place}")
        form.action = f"{page.path}/quotes"
        assert why in form.send(status=422), place
        assert session.scalar(sa.select(sa.func.count()).select_from(BriefQuote)) == 0


@pytest.mark.parametrize(
    ("many", "length", "why"), [(6, 60, "room for 5 quotes"), (5, 260, "room for 1,200 characters"), (5, 230, None)]
)
def test_there_is_room_for_five_quotes_and_for_so_many_characters(
    organiser: PagesClient, make: Maker, many: int, length: int, why: str | None
) -> None:
    words = " ".join(["people stood there and looked away until the doors had closed"] * 5)[: length - 1] + "."
    places = []
    for _ in range(many):
        story = make.story(words, state="published", themes=["buses"], consent=["quote"])
        places.append(f"{identifiers.shown(story.public.version_id)}-0-{length}")
    page = begin(organiser)
    form = page.form("/file").forge(passage=places)
    form.action = f"{page.path}/quotes"
    answer = form.send(status=422 if why else 200)
    assert len(quoted(answer)) == (0 if why else many)
    assert why is None or why in answer


# What happens meanwhile


def test_a_story_that_is_taken_back_is_quoted_nowhere_any_more(
    organiser: PagesClient, make: Maker, session: Session, no_pdf: None
) -> None:
    story = make.story(TELLING, state="published", themes=["buses"], consent=["quote"])
    make.story(ANOTHER, state="published", themes=["buses"], consent=["quote"])
    page = choose(begin(organiser), "driver", "woman")
    session.get_one(Story, story.id).withdraw()
    session.commit()
    again = organiser.open_page(page.path)
    assert quoted(again) == [ANOTHER]
    assert TELLING not in again
    files = take_out(again)
    assert TELLING.encode() not in files["brief.html"]
    assert identifiers.shown(story.id).encode() not in files["counts.csv"]


@pytest.mark.parametrize("what", ["words", "consent", "set aside", "theme"])
def test_a_quote_falls_out_when_it_is_no_longer_so(
    organiser: PagesClient, make: Maker, session: Session, person: Person, what: str
) -> None:
    story = make.story(f"{TELLING} {SHORT}", state="published", themes=["buses"], consent=["quote", "press"])
    page = choose(begin(organiser), "driver")
    found = session.get_one(Story, story.id)
    if what == "words":
        found.edit(Told(f"{ANOTHER} {SHORT}", language="en"))
        make.publish(found)
    elif what == "consent":
        found.may_quote = False
    elif what == "set aside":
        found.set_aside(by=person, reason="other")
    else:
        page = words_of(page).fill(since="1950", until="1960").send("Keep it so")
    session.commit()
    again = organiser.open_page(page.path)
    assert quoted(again) == []
    assert "1 quote fell out" in again
    # Nothing leaves before somebody has seen that.
    assert "This changed meanwhile" in again.form("/file").send(status=409)


def test_two_who_change_a_brief_at_once_learn_of_it_and_lose_nothing(
    organiser: PagesClient, another_client: PagesClient, make: Maker, sign_in: Any
) -> None:
    make.story(TELLING, state="published", themes=["buses"], consent=["quote"])
    page = begin(organiser)
    other = sign_in(another_client, make.organiser("Noor")).open_page(page.path)
    choose(page, "driver")
    value = other.form("/quotes").options("passage")[0]
    late = other.form("/quotes").fill(passage=value).send("Add the chosen ones", status=409)
    assert "This changed meanwhile" in late
    late = words_of(other).fill(title="Mine", note="My words").send("Keep it so", status=409)
    assert (late.value_of("title"), late.value_of("note")) == ("Mine", "My words")
    kept = words_of(late).send("Keep it so")
    assert "kept as you wrote it" in kept
    assert quoted(kept) == [TELLING]


def test_a_draft_that_was_deleted_can_be_put_back_for_a_week(
    held_clock: HeldClock, organiser: PagesClient, make: Maker, session: Session, person: Person, sign_in: Any
) -> None:
    make.story(TELLING, state="published", themes=["buses"], consent=["quote"])
    page = choose(begin(organiser, title="First"), "driver")
    gone = page.form("/deletion").send()
    assert "The draft is deleted." in gone
    organiser.open_page(page.path, 404)
    back = gone.form("/return").send()
    assert quoted(back) == [TELLING]
    back.form("/deletion").send()
    held_clock.forward(days=7)
    sign_in(organiser, person)
    begin(organiser, title="Second").form("/deletion").send()
    session.expire_all()
    assert [brief.title for brief in session.scalars(sa.select(Brief))] == ["Second"]
    assert session.scalar(sa.select(sa.func.count()).select_from(BriefQuote)) == 0


# Taking it out


def test_whoever_takes_a_brief_out_gave_their_password_a_moment_ago(
    held_clock: HeldClock, organiser: PagesClient, make: Maker, session: Session
) -> None:
    make.story(TELLING, state="published", themes=["buses"], consent=["quote"])
    page = begin(organiser)
    for _ in range(2):  # somebody is there, but gave the password long ago
        held_clock.forward(minutes=9)
        organiser.open_page(page.path)
    asked = page.form("/file").send(status=None)
    assert asked.response.mimetype == "text/html"
    assert session.scalar(sa.select(sa.func.count()).select_from(Export)) == 0


def test_briefs_are_for_organisers(client: PagesClient, make: Maker, sign_in: Any) -> None:
    for role in ("moderator", "outside-reader"):
        sign_in(client, make.person(role=role)).open_page("/organise/briefs", 403)


def test_what_left_is_recorded_stays_as_it_was_and_names_what_was_taken_back(
    organiser: PagesClient, make: Maker, session: Session, no_pdf: None, person: Person
) -> None:
    first = make.story(TELLING, state="published", themes=["buses"], consent=["quote"])
    second = make.story(ANOTHER, state="published", themes=["buses"], consent=["quote"])
    page = choose(begin(organiser), "driver", "woman")
    data = fetch(page)
    (export,) = session.scalars(sa.select(Export))
    assert (export.what, export.format, export.consent, export.count) == ("brief", "zip", "quote", 2)
    assert (export.sha256, export.by_id) == (hashlib.sha256(data).hexdigest(), person.id)
    assert set(session.scalars(sa.select(ExportedStory.story_id))) == {first.id, second.id}
    decision = session.scalars(sa.select(Decision).filter_by(act=Act.EXPORT)).one()
    assert decision.facts["what"] == "brief"
    assert decision.facts["sha256"] == export.sha256
    left = organiser.open_page(page.path)
    assert "All its quotes stand as they did" in left
    words_of(page).fill(title="Another").send("Keep it so", status=409)
    session.get_one(Story, first.id).withdraw()
    session.get_one(Story, second.id).may_quote = False
    session.commit()
    left = organiser.open_page(page.path)
    assert "1 story was taken back by its contributor. Please take this quote out" in left
    assert identifiers.shown(first.id) in left
    assert identifiers.shown(second.id) in left.links
    organiser.open_page(f"/organise/exports/{identifiers.shown(export.id)}")
    anew = left.form("/anew").send()
    assert quoted(anew) == []
    assert anew.path != page.path


def test_without_the_program_for_pdf_the_page_says_so_and_the_file_has_the_html(
    organiser: PagesClient, make: Maker, no_pdf: None
) -> None:
    make.story(TELLING, state="published", themes=["buses"], consent=["quote"])
    page = begin(organiser)
    assert "Pango is missing" in page
    assert set(take_out(page)) == {"brief.html", "brief.css", "world.svg", "counts.csv"}


def test_without_letters_of_a_language_the_page_says_so(
    organiser: PagesClient, make: Maker, monkeypatch: pytest.MonkeyPatch
) -> None:
    make.story(state="published", themes=["buses"])
    monkeypatch.setattr(brief_pdf, "has_letters_of", lambda code: code != "ar")
    assert "no letters for Arabic" in begin(organiser, language="ar")
    assert "no letters for" not in begin(organiser, language="en")


USES = st.sets(st.sampled_from([Use.QUOTE, Use.RESEARCH, Use.PRESS]))


@given(
    told=st.lists(st.tuples(USES, st.booleans(), st.sampled_from([None, "2018", "2020"])), min_size=1, max_size=4),
    purpose=st.sampled_from(["quote", "research", "press"]),
    since=st.sampled_from([None, 2019]),
)
@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_people_allow_nobody_is_quoted_for_anything_else(
    app: Flask, make: Maker, session: Session, told: Any, purpose: str, since: int | None
) -> None:
    stories = [
        make.story(
            f"{TELLING} {ANOTHER}",
            state="published",
            themes=["buses"] if has_theme else ["trams"],
            consent=uses,
            happened=year,
        )
        for uses, has_theme, year in told
    ]
    by = session.scalar(sa.select(Person.id)) or make.organiser().id
    filters = {"theme": make.theme("buses").slug} | ({"from": str(since)} if since else {})
    brief = briefs.begin_brief(session, by=by, title="", language="en", purpose=purpose, filters=filters)
    allowed = {
        story.id
        for story, (uses, has_theme, year) in zip(stories, told, strict=True)
        if Use(purpose) in uses and has_theme and (since is None or (year and int(year) >= since))
    }
    with app.app_context():
        made = {story.id for story in stories}
        chosen = {one.quoted.of.story_id for one in passages.suggested(session, brief)} & made
        found = passages.containing(session, brief, "drove on without a word").passages
        for story in stories:
            place = briefs.Place(story.public.version_id, 0, len(TELLING))
            if story.id in allowed and len(briefs.quotes_of(session, brief).standing) < briefs.MOST_QUOTES:
                briefs.put_on(session, brief, [place])
            elif story.id not in allowed:
                with pytest.raises(briefs.CannotQuote):
                    briefs.put_on(session, brief, [place])
        standing = {quote.of.story_id for quote in briefs.quotes_of(session, brief).standing}
    assert chosen <= allowed
    assert {one.quoted.of.story_id for one in found} & made <= allowed
    assert standing == allowed
    session.rollback()
    for story in stories:
        session.get_one(Story, story.id).withdraw()
    session.commit()


def test_the_day_of_a_count_is_the_day_on_which_it_is_looked_at(
    held_clock: HeldClock, organiser: PagesClient, make: Maker, person: Person, sign_in: Any
) -> None:
    make.story(state="published", themes=["buses"])
    page = begin(organiser)
    held_clock.to(dt.datetime(2026, 3, 6, 9, tzinfo=dt.UTC))
    sign_in(organiser, person)
    assert "Counted on March 6, 2026" in organiser.open_page(page.path)
