"""Words are folded where somebody wants to know first, and put away when it is decided: read again on the record."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from storyhub.models.decision import Act, Decision, DecisionWords
from storyhub.models.people import Person
from storyhub.models.queue import Urgency, spaced
from storyhub.models.site import the_site
from storyhub.models.story import Story
from tests.makers import Maker
from tests.moderation.conftest import SignIn, path_of
from tests.pages import Page, PagesClient

TOLD = "It was Kwame, in Mill Lane."


def acts(session: Session) -> list[str]:
    return [str(act) for act in session.scalars(sa.select(Decision.act).order_by(Decision.number))]


def is_folded(page: Page) -> bool:
    found = page.html.css_first("details.folded-words")
    return found is not None and "open" not in found.attributes


def hide(client: PagesClient, story: Story) -> Page:
    return client.open_page(path_of(story)).form("/redaction").fill(words="Kwame").send()


class TestAfterTheDecision:
    def test_hidden_words_are_read_again_on_purpose(self, mina: PagesClient, make: Maker, session: Session) -> None:
        story = make.story(TOLD)
        page = hide(mina, story)
        assert "Kwame" in page, "while it is undecided it is shown"
        page.form("/publication").send()
        page = mina.open_page(path_of(story))
        assert "Kwame" not in page and "Mill Lane" in page
        page = page.form("/originals").fill(note="Somebody asked who it was.").send()
        assert "Kwame" in page
        assert acts(session) == ["redact", "publish", "read-original"]
        assert session.scalars(sa.select(DecisionWords.note)).all() == ["Somebody asked who it was."]
        assert "the words as first told were read again" in mina.open_page(path_of(story))

    @pytest.mark.parametrize("state", ["declined", "counted"])
    def test_words_that_nobody_else_reads_are_put_away_whole(
        self, mina: PagesClient, make: Maker, session: Session, state: str
    ) -> None:
        page = mina.open_page(path_of(make.story(TOLD, state=state, title="What Kwame did")))
        assert "Mill Lane" not in page and "Kwame" not in page and "words are put away" in page
        page = page.form("/originals").send()
        assert "Mill Lane" in page and "What Kwame did" in page
        mina.open_page(page.path.removesuffix("/originals")).form("/originals").send()
        assert acts(session)[1:] == ["read-original"], "one reading is one line of the record"

    def test_a_decision_that_waits_for_its_window_puts_them_away_too(
        self, mina: PagesClient, make: Maker, session: Session
    ) -> None:
        story = make.story(TOLD, wish="week")
        hide(mina, story).form("/publication").send()
        page = mina.open_page(path_of(story))
        assert "Kwame" not in page and "[name removed]" in page

    def test_what_is_public_as_it_was_told_needs_no_press(self, mina: PagesClient, make: Maker) -> None:
        page = mina.open_page(path_of(make.story(TOLD, state="published")))
        assert "Mill Lane" in page
        assert not page.has_form("/originals")

    def test_undone_they_are_on_the_page_again(self, mina: PagesClient, make: Maker) -> None:
        page = mina.open_page(path_of(make.story(TOLD, state="declined"))).form("/undo").send()
        assert "Mill Lane" in page

    def test_erased_words_cannot_be_asked_for(self, mina: PagesClient, make: Maker, session: Session) -> None:
        story = make.story(TOLD, state="declined")
        form = mina.open_page(path_of(story)).form("/originals")
        session.refresh(story)
        story.newest.erase()
        session.commit()
        assert not mina.open_page(path_of(story)).has_form("/originals")
        form.send(status=409)
        assert acts(session) == ["decline"]


class TestBeforeTheWords:
    @pytest.mark.parametrize(
        ("folds", "notes", "topics", "text", "folded"),
        [
            (None, ["death"], "", TOLD, True),
            (None, ["threats"], "", TOLD, False),
            (None, [], "self-harm", TOLD, True),
            (None, [], "", "I was twelve and he raped me.", True),
            ([], ["death"], "", TOLD, False),
            (["threats"], ["threats"], "", TOLD, True),
        ],
    )
    def test_a_story_is_folded_for_whoever_wants_to_know_first(
        self, client: PagesClient, make: Maker, session: Session, sign_in: SignIn,
        folds: list[str] | None, notes: list[str], topics: str, text: str, folded: bool,
    ) -> None:  # fmt: skip
        mina = sign_in(client, make.moderator("Mina", folds=folds))
        story = make.story(text, notes=notes)
        story.items[0].topics = spaced(topics.split())
        session.commit()
        page = mina.open_page(path_of(story))
        assert is_folded(page) == folded
        if folded:
            assert "speaks of:" in page or "may speak of:" in page
            assert f"{len(text)} characters" in page.html.css_first(".folded-words summary").text()
            assert page.html.css_first(".folded-words #story") is not None

    def test_words_that_are_open_stay_open_while_somebody_works_on_them(self, mina: PagesClient, make: Maker) -> None:
        story = make.story(TOLD, notes=["death"])
        assert is_folded(mina.open_page(path_of(story)))
        assert not is_folded(hide(mina, story))
        page = mina.open_page(path_of(story))
        assert not is_folded(page.form("/publication").fill(note="o" * 2001).send(status=422))

    def test_what_changed_is_folded_with_them(self, mina: PagesClient, make: Maker, session: Session) -> None:
        from storyhub.models.story import Told

        story = make.story(TOLD, notes=["death"], state="published")
        story.edit(Told("It was somebody else, elsewhere.", language="en"))
        session.commit()
        page = mina.open_page(path_of(story))
        assert len(page.html.css(".folded-words .changes")) == len(page.html.css(".changes")) == 1

    def test_why_it_is_urgent_is_said_with_the_words_that_suggested_it(
        self, mina: PagesClient, make: Maker, session: Session
    ) -> None:
        text = "It was Ben Miller.\n\nHe says he will kill me soon."
        story = make.story(text, lane="urgent")
        story.items[0].because = Urgency.DANGER
        session.commit()
        page = mina.open_page(path_of(story))
        assert "Why it is urgent: some words suggest present danger" in page
        assert "he will kill me" in page.html.css_first(".told .urgent-words").text()
        assert Page.read(page.html.css_first("#story")) == text
        the_site(session).urgent_words = {"en": {"danger": ["says he will"]}}
        session.commit()
        assert page.html.css_first(".told .urgent-words") is not None
        again = mina.open_page(path_of(story))
        assert again.html.css_first(".told .urgent-words").text() == "says he will"


class TestSuggestions:
    def test_they_are_offered_first_ticked_by_nobody_and_taken_by_one_press(
        self, mina: PagesClient, make: Maker, session: Session
    ) -> None:
        make.theme("buses", arabic="الحافلات")
        make.theme("work")
        make.theme("on-the-way", "On the way, with others")
        story = make.story("He threatened me on one of the buses, with others there.")
        page = mina.open_page(path_of(story))
        form = page.form("/publication")
        assert (form.values("themes"), form.values("content_notes")) == ([], [])
        assert form.options("themes")[0] == "buses"
        assert form.options("content_notes")[0] == "threats"
        assert "Buses – suggested by the words" in page and "Work – suggested" not in page
        form.action = form.action.replace("/publication", "/suggestions")
        page = form.fill(content_notes=["stalking"]).send()
        session.expire_all()
        assert [theme.slug for theme in story.themes()] == ["buses"]
        assert set(story.newest.content_notes) == {"threats", "stalking"}
        assert story.items[0].topics == spaced(["threats", "stalking"])
        assert "Take these" not in page

    def test_a_name_in_another_language_suggests_it_too(self, mina: PagesClient, make: Maker) -> None:
        make.theme("buses", arabic="الحافلات")
        page = mina.open_page(path_of(make.story("حدث ذلك في إحدى الحافلات.", language="ar")))
        assert page.form("/publication").options("themes")[0] == "buses"
        assert "suggested by the words" in page


class TestALanguageThatOneDoesNotRead:
    def test_it_is_passed_on_by_one_press(
        self, client: PagesClient, make: Maker, session: Session, sign_in: SignIn
    ) -> None:
        mina = sign_in(client, make.moderator("Mina", languages=["en"]))
        story = make.story("Naitwa Amina.", language="sw")
        page = mina.open_page(path_of(story))
        assert "nobody at the desk has said that they read it" in page
        make.moderator("Noor", languages=["en", "sw-KE"])
        page = mina.open_page(path_of(story))
        assert "not among the languages that you read" in page
        page.form("/skip").send()
        session.expire_all()
        assert story.items[0].claimed_by_id is None

    def test_what_one_reads_and_what_nobody_could_tell_is_not_remarked_on(
        self, client: PagesClient, make: Maker, session: Session, sign_in: SignIn
    ) -> None:
        mina = sign_in(client, make.moderator("Mina", languages=["en"]))
        for language in ("en-GB", None):
            page = mina.open_page(path_of(make.story(language=language)))
            assert "that you read" not in page and "nobody at the desk" not in page
        person = session.scalars(sa.select(Person).filter_by(username="Mina")).one()
        person.languages = []
        session.commit()
        assert "that you read" not in mina.open_page(path_of(make.story(language="sw")))


def test_the_record_says_which_version_was_read(make: Maker, session: Session) -> None:
    mina = make.moderator("Mina")
    story = make.story(TOLD)
    story.redact([(7, 12)], by=mina, mark="[name removed]")
    make.publish(story)
    assert story.read_original(by=mina).version_id == story.versions[0].id
    assert session.scalars(sa.select(Decision.act).filter_by(act=Act.READ_ORIGINAL)).all() == [Act.READ_ORIGINAL]
