"""The codebook on its pages: words in every language, parents, merging, splitting, the history, two at once."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from storyhub.extensions import db
from storyhub.models import regrouping
from storyhub.models.codebook import Change, CodebookChange
from storyhub.models.long_work import LongWork, WorkState, order_work, stop_work
from storyhub.models.people import Person
from storyhub.models.publication import Publication
from storyhub.models.retheming import follow
from storyhub.models.story import Story
from storyhub.models.theme import Coding, Theme
from storyhub.operations.long_work import do_long_work, do_one
from tests.makers import Maker
from tests.pages import PagesClient
from tests.themes.test_regrouping import standing, without_new

SignIn = Callable[[PagesClient, Person], PagesClient]


@pytest.fixture
def ola(client: PagesClient, make: Maker, sign_in: SignIn) -> PagesClient:
    """The browser of Ola, who organises."""
    return sign_in(client, make.organiser("Ola"))


@pytest.fixture
def travel(make: Maker) -> None:
    """Three public stories on buses, two on trams of which one is of both, and one on buses that waits."""
    make.story("The last bus left without me.", state="published", themes=["buses"])
    make.story("The night bus was dark and empty.", state="published", themes=["buses"])
    make.story("Bus, then tram, then a long walk.", state="published", themes=["buses", "trams"])
    make.story("Nobody on the tram looked up.", state="published", themes=["trams"])
    make.story(themes=["buses"])


def theme_of(session: Session, slug: str) -> Theme:
    session.expire_all()
    return session.scalars(sa.select(Theme).filter_by(slug=slug)).one()


def test_a_theme_says_when_to_use_it_and_what_changed_is_told(ola: PagesClient, make: Maker, session: Session) -> None:
    make.theme("buses")
    page = ola.open_page("/organise/themes/buses")
    assert "Nothing was changed since the history began" in page
    words = {"use_when_en": "The bus itself.", "use_not_en": "Stops.", "example_en": "He sat too close.",
             "use_when_ar": "الحافلة نفسها"}  # fmt: skip
    page.form("/organise/themes/buses").fill(words).send()
    theme = theme_of(session, "buses")
    assert theme.use_when == {"en": "The bus itself.", "ar": "الحافلة نفسها"}
    assert (theme.use_not, theme.examples) == ({"en": "Stops."}, {"en": "He sat too close."})
    page = ola.open_page("/organise/themes/buses")
    page.form("/organise/themes/buses").fill(use_when_en="The bus and its driver.").send()
    page = ola.open_page("/organise/themes/buses")
    assert [node.text() for node in page.html.css("del")][:1]
    assert "Ola" in page and "worded anew" in page and "When to use it, in English" in page


def test_themes_stand_under_one_another_and_never_under_themselves(
    ola: PagesClient, make: Maker, session: Session
) -> None:
    for slug in ("travel", "buses", "night-buses"):
        make.theme(slug)
    ola.open_page("/organise/themes/buses").form("/organise/themes/buses").fill(parent="travel").send()
    ola.open_page("/organise/themes/night-buses").form("/night-buses").fill(parent="buses").send()
    page = ola.open_page("/organise/themes")
    assert [row.text().strip() for row in page.html.css("tbody th")] == ["Travel", "Buses", "Night buses"]
    assert page.html.css("tbody th")[2].attributes["class"] == "depth-2"
    form = ola.open_page("/organise/themes/travel").form("/organise/themes/travel")
    assert set(form.options("parent")) == {""}, "what stands under it isn't offered"
    made = ola.open_page("/organise/themes").form("/organise/themes")
    made.fill(name_en="Ferries", parent="travel").send()
    assert theme_of(session, "ferries").parent_id == theme_of(session, "travel").id


def test_two_who_write_at_once_get_one_decision_and_nothing_typed_is_lost(
    ola: PagesClient, another_client: PagesClient, make: Maker, sign_in: SignIn, session: Session
) -> None:
    make.theme("buses")
    omar = sign_in(another_client, make.organiser("Omar"))
    mine = ola.open_page("/organise/themes/buses").form("/organise/themes/buses")
    omar.open_page("/organise/themes/buses").form("/organise/themes/buses").fill(name_en="Coaches").send()
    page = mine.fill(name_en="Trams", definition_en="On rails.").send(status=409)
    assert "Somebody else changed this theme first" in page and "Coaches" in page
    assert theme_of(session, "buses").names == {"en": "Coaches"}
    again = page.form("/organise/themes/buses")
    assert (again.value("name_en"), again.value("definition_en")) == ("Trams", "On rails.")
    again.send()
    assert theme_of(session, "buses").names == {"en": "Trams"}
    assert session.scalar(sa.select(sa.func.count()).select_from(CodebookChange)) == 2


def test_two_who_make_the_same_theme_make_one(
    ola: PagesClient, another_client: PagesClient, make: Maker, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storyhub.themes.queries.slugs", lambda _session: frozenset())
    omar = sign_in(another_client, make.organiser("Omar"))
    mine = ola.open_page("/organise/themes").form("/organise/themes").fill(name_en="Ferries")
    omar.open_page("/organise/themes").form("/organise/themes").fill(name_en="Ferries").send()
    page = mine.send(status=409)
    assert "is there already" in page
    assert page.form("/organise/themes").value("name_en") == "Ferries"


@pytest.mark.usefixtures("travel")
def test_a_merged_theme_leads_to_the_other_until_that_is_taken_back(
    ola: PagesClient, client: PagesClient, make: Maker, session: Session
) -> None:
    before = standing(session)
    page = ola.open_page("/organise/themes/buses").follow("Merge it into another")
    assert "3 public stories have this theme" in page and "So does 1 that waits" in page
    page.form("/merge").send(status=422)
    page = page.form("/merge").fill(into="trams").send()
    assert "“Buses” is merged into “Trams”" in page and "4 public stories have it" in page
    for address, there in (("/themes/buses?after=", "/themes/trams?after="), ("/themes/buses+trams", "/themes/trams"),
                           ("/themes/buses/feed.atom", "/themes/trams/feed.atom")):  # fmt: skip
        answer = client.get(address)
        assert (answer.status_code, answer.location) == (302, there), address
    assert len(client.open_page("/themes/trams").words_told) == 4
    assert len(client.open_page("/?theme=buses").words_told) == 4
    found = client.get("/api/v1/stories?theme=buses&theme=trams").get_json()
    assert len(found["stories"]) == 4
    assert "Merged" in ola.open_page("/organise/themes")
    assert "Its stories have another theme now" in ola.open_page("/organise/themes/buses")
    page = ola.open_page("/organise/codebook/history")
    assert "“Buses” was merged into “Trams”: 4 stories" in page
    assert "It is taken back" in page.form("/undo").send()
    assert standing(session) == before
    assert client.get("/themes/buses").status_code == 200
    page = ola.open_page("/organise/codebook/history")
    assert "The change 1 was taken back" in page and not page.has_form("/undo")


@pytest.mark.usefixtures("travel")
def test_what_can_not_be_taken_back_says_why(ola: PagesClient, make: Maker) -> None:
    ola.open_page("/organise/themes/buses/merge").form("/merge").fill(into="trams").send()
    make.theme("rails")
    ola.open_page("/organise/themes/trams/merge").form("/merge").fill(into="rails").send()
    first = ola.open_page("/organise/themes/buses").form("/undo")
    assert "A later change stands in the way" in first.send()


@pytest.mark.usefixtures("travel")
def test_stories_are_picked_by_their_words_over_several_pages_and_split_off(
    ola: PagesClient, make: Maker, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storyhub.themes.queries.stories_with.__defaults__", (1,))
    before = standing(session)
    page = ola.open_page("/organise/themes/buses").follow("Split it")
    assert "3 public stories have the theme" in page
    page = page.form("/split").fill(q="long walk", name_en="Long ways", under="y").send("step=find")
    assert "1 story has the theme and these words" in page
    (first,) = page.form("/split").options("story")
    page = page.form("/split").fill(story=[first], q="").send("step=find")
    seen = set(page.form("/split").options("story"))
    for _ in range(2):
        page = page.form("/split").send("Older ones")
        seen |= set(page.form("/split").options("story"))
        assert page.form("/split").value("name_en") == "Long ways"
    assert len(seen) == 3
    page = page.form("/split").fill(q="night").send("step=find")
    assert "1 more is ticked on other pages" in page
    (dark,) = page.form("/split").options("story")
    page = page.form("/split").fill(story=[dark]).send("step=split")
    assert "“Long ways” is split off" in page
    assert "2 public stories have it" in page
    after = standing(session)
    assert after["public"] == {"buses": 1, "trams": 2, "long-ways": 2}
    assert after["themes"]["long-ways"][1] == "buses"
    page.form("/undo").send()
    assert without_new(standing(session), "long-ways") == before


@pytest.mark.usefixtures("travel")
def test_all_that_words_find_can_get_a_theme_as_well(ola: PagesClient, session: Session) -> None:
    form = ola.open_page("/organise/themes/buses/split").form("/split")
    form.fill(q="bus", which="all", how="also", name_en="Rides").send("step=split")
    assert standing(session)["public"] == {"buses": 3, "trams": 2, "rides": 3}


@pytest.mark.usefixtures("travel")
@pytest.mark.parametrize(
    ("fields", "status", "said"),
    [
        ({"name_en": "Rides"}, 409, "No stories are chosen yet"),
        ({"name_en": ""}, 422, "A theme needs a name"),
        ({"name_en": "Trams"}, 422, "is there already"),
        ({"name_en": "Rides", "which": "all", "q": "nothingness"}, 409, "No stories are chosen yet"),
    ],
)
def test_a_split_that_can_not_be_keeps_what_was_typed(
    ola: PagesClient, session: Session, fields: dict[str, str], status: int, said: str
) -> None:
    before = standing(session)
    page = ola.open_page("/organise/themes/buses/split").form("/split").fill(fields).send("step=split", status=status)
    assert said in page
    assert page.form("/split").value("name_en") == fields["name_en"]
    assert standing(session) == before


def test_a_story_that_waits_is_shown_to_nobody_who_splits(ola: PagesClient, make: Maker) -> None:
    make.story("A word that only moderators read.", themes=["buses"])
    assert "only moderators" not in ola.open_page("/organise/themes/buses/split")


@pytest.fixture
def in_twos(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if two codings were many."""
    monkeypatch.setattr(regrouping, "AT_ONCE", 2)
    monkeypatch.setattr("storyhub.operations.long_work.SAID_EACH_SECONDS", 0.0)


@pytest.mark.usefixtures("travel", "in_twos")
def test_many_stories_are_moved_by_the_worker_and_back(ola: PagesClient, app: Flask, session: Session) -> None:
    before = standing(session)
    page = ola.open_page("/organise/themes/buses/merge").form("/merge").fill(into="trams").send()
    assert page.path.startswith("/organise/work/") and page.heading == "Merging two themes"
    assert standing(session) == before
    work(app)
    assert ola.open_page(page.path).follow("Go on").path == "/organise/themes/trams"
    merged = standing(session)
    assert merged["public"] == {"trams": 4}
    page = ola.open_page("/organise/codebook/history").form("/undo").send()
    assert page.heading == "Taking a change of the codebook back"
    work(app)
    assert standing(session) == before
    form = ola.open_page("/organise/themes/buses/split").form("/split")
    form.fill(which="all", q="", name_en="Rides").send("step=split")
    work(app)
    assert standing(session)["public"] == {"rides": 3, "trams": 2}


def work(app: Flask) -> None:
    with app.app_context():
        do_long_work(db.session)


@pytest.mark.usefixtures("travel", "in_twos")
@pytest.mark.parametrize("what", ["merge", "undo"])
def test_work_that_is_stopped_leaves_all_as_it_was(
    ola: PagesClient, app: Flask, session: Session, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    form = ola.open_page("/organise/themes/buses/merge").form("/merge").fill(into="trams")
    form.send()
    if what == "undo":
        work(app)
        ola.open_page("/organise/codebook/history").form("/undo").send()
    before = standing(session)
    steps: list[set[int]] = []

    def stop_after_two(session: Session, versions: set[int], *, minutes: int) -> None:
        follow(session, versions, minutes=minutes)
        steps.append(versions)
        if len(steps) == 2:
            for one in session.scalars(sa.select(LongWork)):
                stop_work(session, one.id)

    monkeypatch.setattr(regrouping, "follow", stop_after_two)
    work(app)
    assert len(steps) >= 2
    assert standing(session) == before
    last = session.scalars(sa.select(LongWork).order_by(LongWork.kind)).all()
    assert WorkState.STOPPED in {one.state for one in last}
    monkeypatch.setattr(regrouping, "follow", follow)
    if what == "merge":
        assert session.scalars(sa.select(CodebookChange)).all() == []
        form.send()
        work(app)
        assert standing(session)["public"] == {"trams": 4}


@pytest.mark.usefixtures("travel", "in_twos")
def test_work_whose_worker_died_goes_on_where_it_was(app: Flask, make: Maker, session: Session) -> None:
    with app.app_context():
        buses, trams = db.session.scalars(sa.select(Theme).order_by(Theme.slug))
        change = regrouping.begin_merge(db.session, buses, trams, by=None)
        assert next(regrouping.carry_on(db.session, change, minutes=0)) == 2
        db.session.commit()
        found = order_work(
            db.session, "merge-themes", by=None, theme=buses.id, into=trams.id, url="/organise/themes/trams"
        )
        do_one(db.session, found)
        assert found.state is WorkState.DONE
    assert standing(session)["public"] == {"trams": 4}
    (change,) = session.scalars(sa.select(CodebookChange))
    assert (change.what, change.finished, change.after["stories"]) == (Change.MERGED, True, 4)


def test_a_long_history_is_read_page_by_page(ola: PagesClient, make: Maker, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "Nothing has changed yet" in ola.open_page("/organise/codebook/history")
    monkeypatch.setattr("storyhub.themes.queries.CHANGES", 2)
    make.theme("buses")
    for name in ("One", "Two", "Three"):
        ola.open_page("/organise/themes/buses").form("/organise/themes/buses").fill(name_en=name).send()
    page = ola.open_page("/organise/codebook/history")
    assert [cell.text() for cell in page.html.css("td.number")] == ["3", "2"]
    page = page.follow("Older changes")
    assert [cell.text() for cell in page.html.css("td.number")] == ["1"]
    ola.open_page("/organise/codebook/history?before=x", status=400)


def test_all_of_it_is_there_in_arabic(arabic: PagesClient, make: Maker, sign_in: SignIn) -> None:
    make.theme("buses", arabic="الحافلات")
    sign_in(arabic, make.organiser())
    for path in ("/organise/themes/buses", "/organise/themes/buses/merge", "/organise/themes/buses/split",
                 "/organise/codebook/history", "/organise/codebook/files"):  # fmt: skip
        page = arabic.open_page(path)
        assert page.html.css_first("html").attributes["dir"] == "rtl"


@pytest.mark.parametrize("path", ["buses", "buses/merge", "buses/split", "nowhere/merge", "nowhere/split"])
def test_only_organisers_and_stewards_come_here(client: PagesClient, make: Maker, sign_in: SignIn, path: str) -> None:
    make.theme("buses")
    sign_in(client, make.organiser())
    client.open_page(f"/organise/themes/{path}", status=404 if "nowhere" in path else 200)
    sign_in(client, make.moderator())
    client.open_page(f"/organise/themes/{path}", status=403)


@pytest.mark.usefixtures("travel")
def test_whoever_gave_a_theme_is_still_who_gave_it(ola: PagesClient, session: Session) -> None:
    hands = sorted(session.scalars(sa.select(Coding.coded_by)))
    ola.open_page("/organise/themes/buses/merge").form("/merge").fill(into="trams").send()
    session.expire_all()
    assert set(session.scalars(sa.select(Coding.coded_by))) == set(hands)


def test_a_withdrawn_story_is_not_brought_back_by_an_undo(ola: PagesClient, make: Maker, session: Session) -> None:
    make.theme("trams")
    story = make.story(state="published", themes=["buses"])
    ola.open_page("/organise/themes/buses/merge").form("/merge").fill(into="trams").send()
    session.get_one(Story, story.id).withdraw()
    session.commit()
    ola.open_page("/organise/codebook/history").form("/undo").send()
    assert session.scalars(sa.select(Coding)).all() == []
    assert session.scalars(sa.select(Publication)).all() == []
    assert not re.search("withdr", ola.open_page("/organise/codebook/history").text)
