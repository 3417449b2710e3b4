"""Organisers code public stories: which they find, what they give and take off, and what they leave alone."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from storyhub import clock
from storyhub.models.people import Person
from storyhub.models.publication import PublishedTheme
from storyhub.models.story import Story, Told
from storyhub.models.suggested import SuggestedTheme
from storyhub.models.theme import CodedBy, Coding, Theme
from storyhub.protection.identifiers import shown
from storyhub.themes import to_code
from tests.makers import Maker
from tests.pages import Page, PagesClient

SignIn = Callable[[PagesClient, Person], PagesClient]
WORDS = "👩\u200d👩\u200d👧 waited with me.\nHe said: <you>.\n\nThen he followed me home, and I ran."


@pytest.fixture
def ola(client: PagesClient, make: Maker, sign_in: SignIn) -> PagesClient:
    """The browser of Ola, who organises."""
    return sign_in(client, make.organiser("Ola"))


def path_of(story: Story, query: str = "") -> str:
    return f"/organise/coding/{shown(story.id)}{query}"


def codings(session: Session) -> set[tuple[str, str, int | None, int | None]]:
    session.expire_all()
    rows = session.execute(sa.select(Theme.slug, Coding).join(Theme, Theme.id == Coding.theme_id))
    return {(slug, str(one.coded_by), one.start, one.end) for slug, one in rows}


def give(page: Page, *themes: str, button: str = "where=story", status: int = 200, **fields: str) -> Page:
    return page.form("/codings").fill(fields, themes=list(themes)).send(button, status=status)


def test_a_theme_is_given_to_the_whole_story_and_readers_see_it(
    ola: PagesClient, make: Maker, session: Session
) -> None:
    make.theme("work", "At work")
    story = make.story(state="published")
    page = give(ola.open_page(path_of(story)), "work")
    assert "The story has a theme now: At work" in page
    assert codings(session) == {("work", "organiser", None, None)}
    assert session.scalar(sa.select(sa.func.count()).select_from(PublishedTheme)) == 1
    assert "At work" in ola.open_page(f"/stories/{shown(story.id)}")
    assert "It had that already" in give(page, "work")
    assert len(codings(session)) == 1


def test_a_passage_is_marked_by_copying_its_words(ola: PagesClient, make: Maker, session: Session) -> None:
    make.theme("home")
    story = make.story(WORDS, state="published")
    page = give(ola.open_page(path_of(story)), "home", button="where=passage", words="followed\n me home")
    ((slug, kind, start, end),) = codings(session)
    assert (slug, kind) == ("home", "organiser")
    assert start is not None and WORDS[start:end] == "followed me home"
    (mark,) = page.html.css("mark.coded")
    assert (mark.text(), mark.attributes["data-numbers"]) == ("followed me home", "1")
    assert "“followed me home”" in page or "followed me home" in page


def test_places_are_counted_in_code_points_whatever_stands_before(
    ola: PagesClient, make: Maker, session: Session
) -> None:
    make.theme("home")
    story = make.story(WORDS, state="published")
    at = WORDS.index("<you>")
    give(ola.open_page(path_of(story)), "home", button="where=passage", spans=f"{at}-{at + 6}")
    ((_slug, _kind, start, end),) = codings(session)
    assert start is not None and WORDS[start:end] == "<you>."


def test_passages_that_overlap_are_told_apart_by_their_numbers(ola: PagesClient, make: Maker) -> None:
    for slug in ("home", "street"):
        make.theme(slug)
    story = make.story("He followed me home and I ran.", state="published")
    page = give(ola.open_page(path_of(story)), "home", button="where=passage", words="followed me home")
    page = give(page, "street", button="where=passage", words="home and I ran")
    found = [(mark.text(), mark.attributes["data-numbers"]) for mark in page.html.css("mark.coded")]
    assert found == [("followed me ", "1"), ("home", "1 2"), (" and I ran", "2")]
    assert [node.text() for node in page.html.css(".number-of")] == ["1", "2"]


NO_PASSAGES: list[tuple[dict[str, str], str]] = [
    ({}, "Select words in the story"),
    ({"words": "nobody said"}, "not in the story"),
    ({"words": "e"}, "stand there"),
    ({"spans": "5-2"}, "such as 12-18"),
    ({"spans": "0-9999"}, "such as 12-18"),
    ({"spans": "twelve"}, "such as 12-18"),
]


def test_what_is_no_passage_is_told_and_nothing_is_lost(ola: PagesClient, make: Maker, session: Session) -> None:
    make.theme("home")
    story = make.story(WORDS, state="published")
    for fields, said in NO_PASSAGES:
        page = give(ola.open_page(path_of(story)), "home", button="where=passage", status=422, **fields)
        assert said in page, fields
        assert page.form("/codings").values("themes") == ["home"]
        assert codings(session) == set()


def test_a_theme_has_to_be_chosen_and_one_that_is_gone_can_not_be(
    ola: PagesClient, make: Maker, session: Session
) -> None:
    make.theme("home")
    story = make.story(state="published")
    page = ola.open_page(path_of(story))
    assert "Choose a theme first" in page.form("/codings").send("where=story", status=422)
    page.form("/codings").forge(themes=["nowhere"]).send("where=story", status=422)
    assert codings(session) == set()


def test_a_theme_is_taken_off_and_brought_back(ola: PagesClient, make: Maker, session: Session) -> None:
    make.theme("home")
    story = make.story(WORDS, state="published", themes=["home"])
    page = ola.open_page(path_of(story))
    page = page.form("/removal").send()
    assert codings(session) == set()
    assert session.scalar(sa.select(sa.func.count()).select_from(PublishedTheme)) == 0
    page = page.form("/undo").send()
    assert codings(session) == {("home", "moderator", None, None)}
    assert not page.has_form("/undo")


def test_what_was_given_a_moment_ago_can_be_undone(ola: PagesClient, make: Maker, session: Session) -> None:
    for slug in ("home", "street"):
        make.theme(slug)
    page = give(ola.open_page(path_of(make.story(state="published"))), "home", "street")
    assert len(codings(session)) == 2
    page = page.form("/undo").send()
    assert codings(session) == set()


def test_an_undo_never_reaches_another_story(ola: PagesClient, make: Maker, session: Session) -> None:
    make.theme("home")
    one, other = make.story(state="published"), make.story(state="published")
    page = give(ola.open_page(path_of(one)), "home")
    form = page.form("/undo")
    form.action = form.action.replace(shown(one.id), shown(other.id))
    assert "nothing to undo" in form.send()
    assert len(codings(session)) == 1


def test_the_contributors_own_choice_is_kept_apart_and_stays(ola: PagesClient, make: Maker, session: Session) -> None:
    theme = make.theme("home")
    story = make.story()
    story.set_themes([theme], CodedBy.CONTRIBUTOR)
    make.publish(story)
    page = ola.open_page(path_of(story))
    assert "its contributor's own choice" in page
    assert not page.has_form("/removal")
    page = give(page, "home")
    assert codings(session) == {("home", "contributor", None, None), ("home", "organiser", None, None)}
    theirs = session.scalars(sa.select(Coding.id).filter_by(coded_by=CodedBy.CONTRIBUTOR)).one()
    page.form("/removal").forge(coding=shown(theirs)).send()
    assert ("home", "contributor", None, None) in codings(session)


def test_a_coding_of_another_story_is_out_of_reach(ola: PagesClient, make: Maker, session: Session) -> None:
    one = make.story(state="published", themes=["home"])
    other = make.story(state="published", themes=["street"])
    theirs = session.scalars(sa.select(Coding.id).filter_by(version_id=other.newest.id)).one()
    ola.open_page(path_of(one)).form("/removal").forge(coding=shown(theirs)).send()
    assert len(codings(session)) == 2


def test_words_that_changed_meanwhile_are_not_marked(ola: PagesClient, make: Maker, session: Session) -> None:
    make.theme("home")
    story = make.story(WORDS, state="published")
    page = ola.open_page(path_of(story))
    story.edit(Told(text="I have other words now, and they are mine."))
    make.publish(story)
    page = give(page, "home", button="where=passage", spans="3-9", status=409)
    assert "other words now" in page and "have changed just now" in page
    assert codings(session) == set()


def suggest(session: Session, story: Story, theme: Theme, sureness: int = 870) -> None:
    session.add(SuggestedTheme(version_id=story.newest.id, theme_id=theme.id, sureness=sureness))
    session.commit()


def test_a_suggestion_is_accepted_and_stays_marked_as_one(ola: PagesClient, make: Maker, session: Session) -> None:
    story = make.story(state="published")
    suggest(session, story, make.theme("home", "At home"))
    page = ola.open_page(path_of(story))
    assert "At home 87% sure" in page
    page = page.form("/suggestion").send()
    assert codings(session) == {("home", "suggestion", None, None)}
    assert "a program, and a person agreed" in page and not page.has_form("/suggestion")
    page = page.form("/undo").send()
    assert codings(session) == set() and page.has_form("/suggestion")


def test_a_suggestion_that_is_refused_does_not_come_again(ola: PagesClient, make: Maker, session: Session) -> None:
    story = make.story(state="published")
    suggest(session, story, make.theme("home"))
    page = ola.open_page(path_of(story))
    no = next(form for form in page.forms if form.fields.get("answer") == "no")
    page = no.send()
    assert not page.has_form("/suggestion")
    assert session.scalars(sa.select(SuggestedTheme.refused)).one() and codings(session) == set()
    assert page.form("/undo").send().has_form("/suggestion")


def test_the_list_shows_those_without_a_theme_or_with_a_suggestion(
    ola: PagesClient, make: Maker, session: Session
) -> None:
    coded = make.story("Coded words of a story.", state="published", themes=["home"])
    make.story("Bare words of a story.", state="published", country="KE", language="sw", happened="2019")
    waits = make.story("Waiting words of a story.", state="published")
    suggest(session, waits, make.theme("home"))
    suggest(session, coded, make.theme("home"))  # it has that one by now

    def shown_by(query: str) -> list[str]:
        page = ola.open_page(f"/organise/coding{query}")
        return sorted(node.text().strip().split()[0] for node in page.html.css(".to-code a > span:first-child"))

    assert shown_by("") == ["Bare", "Coded", "Waiting"]
    assert shown_by("?show=uncoded") == ["Bare", "Waiting"]
    assert shown_by("?show=suggested") == ["Waiting"]
    assert shown_by("?theme=home") == ["Coded"]
    assert shown_by("?language=sw&country=KE&year=2019&show=uncoded") == ["Bare"]
    for path, status in (("?show=all", 400), ("?theme=nowhere", 404), ("?after=x", 400), ("?year=x", 400)):
        ola.open_page(f"/organise/coding{path}", status=status)


def test_a_long_list_goes_on_where_it_ended(ola: PagesClient, make: Maker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(to_code, "LOOK", 2)
    monkeypatch.setattr(to_code, "LOOKED_THROUGH", 4)
    for number in range(7):
        make.story(f"Story number {number} of them.", state="published", themes=["home"] if number % 7 else [])
    seen, path = [], "/organise/coding?show=uncoded"
    for _ in range(4):
        page = ola.open_page(path)
        seen += page.html.css(".to-code li")
        if "Look further back" not in page:
            break
        path = page.link("Look further back")
    assert len(seen) == 1


def test_one_goes_on_from_story_to_story_and_back(ola: PagesClient, make: Maker) -> None:
    for _ in range(3):
        make.story(state="published", themes=["home"])
    make.story(state="published")
    page = ola.open_page("/organise/coding?theme=home")
    first = ola.open_page(page.html.css_first(".to-code a").attributes["href"] or "")
    second = first.follow("Older")
    third = second.follow("Older")
    assert len({first.path, second.path, third.path}) == 3
    assert "Newer" not in first.links and not [words for words in third.links if "Older" in words]
    assert third.follow("Newer").path == second.path
    assert second.follow("Newer").path == first.path


def test_a_story_that_is_not_public_can_not_be_coded(ola: PagesClient, make: Maker, session: Session) -> None:
    make.theme("home")
    story = make.story(state="published")
    page = ola.open_page(path_of(story))
    story.withdraw()
    session.commit()
    give(page, "home", status=404)
    for other in (make.story(), make.story(state="declined"), story):
        ola.open_page(path_of(other), status=404)
    assert codings(session) == set()


def test_others_do_not_code_all_stories(client: PagesClient, make: Maker, sign_in: SignIn) -> None:
    story = make.story(state="published")
    for role in ("moderator", "safeguarding-lead", "guest-curator"):
        sign_in(client, make.person(role=role))
        client.open_page("/organise/coding", status=403)
        client.open_page(path_of(story), status=403)


def test_children_stand_below_their_parents_and_retired_themes_nowhere(
    ola: PagesClient, make: Maker, session: Session
) -> None:
    work, boss, old = make.theme("work"), make.theme("boss"), make.theme("old")
    boss.parent_id, old.retired = work.id, True
    work.use_when = {"en": "Whenever it happened where somebody earns money."}
    session.commit()
    page = ola.open_page(path_of(make.story(state="published")))
    assert [node.attributes["value"] for node in page.html.css("[data-theme] input")] == ["work", "boss"]
    assert page.html.css_first(".depth-1 input").attributes["value"] == "boss"
    assert "When to use it: Whenever it happened" in page


def test_themes_follow_at_the_next_window(make: Maker, session: Session, client: PagesClient, sign_in: SignIn) -> None:
    """What organisers give is theirs at once; here the site has no windows, so it is the readers' at once as well."""
    assert clock.window(0) >= 0
    make.theme("home")
    story = make.story(state="published")
    sign_in(client, make.steward())
    give(client.open_page(path_of(story)), "home")
    assert "Home" in client.open_page("/themes/home")


def test_the_page_is_there_in_arabic(arabic: PagesClient, make: Maker, sign_in: SignIn) -> None:
    make.theme("home", arabic="في البيت")
    sign_in(arabic, make.steward())
    assert "في البيت" in arabic.open_page(path_of(make.story(WORDS, state="published")))
    arabic.open_page("/organise/coding")
