"""Words that show who somebody is are hidden: as places, as words, everywhere or once, and brought back."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from storyhub.models.decision import Decision
from storyhub.models.publication import Publication
from storyhub.models.story import MadeBy, Story
from storyhub.models.theme import CodedBy
from storyhub.moderation import marks
from storyhub.text import spans
from tests.makers import Maker
from tests.moderation.conftest import path_of
from tests.pages import Page, PagesClient

WORDS = "Kwame 😀 met me.\nKwame said: “I know where you live.”\n\nAfter that, Mr Kwameson came."


def hide(client: PagesClient, story: Story, status: int = 200, **fields: object) -> Page:
    form = client.open_page(path_of(story)).form("/redaction")
    return form.forge(**{name: str(value) for name, value in fields.items()}).send(status=status)


def text_of(session: Session, story: Story) -> str:
    session.expire_all()
    return story.newest.text or ""


def test_the_places_of_words_count_as_the_words_do(mina: PagesClient, make: Maker, session: Session) -> None:
    story = make.story(WORDS)
    threat = "I know where you live"
    start = WORDS.index(threat)  # beyond an emoji, a line's end and a quotation mark
    form = mina.open_page(path_of(story)).form("/redaction").without("which")
    form.fill(spans=f"{start}-{start + len(threat)}, 0-5", kind="other").send()
    assert text_of(session, story) == WORDS.replace(threat, "[detail removed]").replace(
        "Kwame 😀", "[detail removed] 😀"
    )


def test_words_are_hidden_everywhere_but_not_inside_other_words(
    mina: PagesClient, make: Maker, session: Session
) -> None:
    story = make.story(WORDS)
    page = hide(mina, story, words="Kwame")
    assert text_of(session, story) == (
        "[name removed] 😀 met me.\n[name removed] said: “I know where you live.”\n\nAfter that, Mr Kwameson came."
    )
    assert [mark.text() for mark in page.html.css(".before mark")] == [
        "hidden from here: Kwame to here.",
        "hidden from here: Kwame to here.",
    ]


def test_words_are_hidden_once_when_that_is_asked_for(mina: PagesClient, make: Maker, session: Session) -> None:
    story = make.story(WORDS)
    hide(mina, story, words="Kwame", which="first")
    assert text_of(session, story).count("[name removed]") == 1


def test_selected_words_are_hidden_everywhere_when_that_is_asked_for(
    mina: PagesClient, make: Maker, session: Session
) -> None:
    story = make.story(WORDS)
    hide(mina, story, spans="0-6", which="all")
    assert text_of(session, story).count("[name removed]") == 2
    assert text_of(session, story).startswith("[name removed] 😀")


def test_words_are_found_over_the_end_of_a_line(mina: PagesClient, make: Maker, session: Session) -> None:
    story = make.story("My teacher was Anna\nMaria Lopes then.")
    hide(mina, story, words="Anna Maria  Lopes")
    assert text_of(session, story) == "My teacher was [name removed] then."


def test_a_name_in_the_title_is_hidden_too(mina: PagesClient, make: Maker, session: Session) -> None:
    story = make.story("He followed me home.", title="What Kwame did", name="Kwame's neighbour", show=("name",))
    page = hide(mina, story, words="Kwame")
    assert text_of(session, story) == "He followed me home."
    assert (story.newest.title, story.newest.name) == ("What [name removed] did", "[name removed]'s neighbour")
    assert "What Kwame did" not in page
    hide_again = mina.open_page(path_of(story)).form("/restoration").send()
    assert "What Kwame did" in hide_again


@pytest.mark.parametrize(
    ("language", "mark"),
    [("fr", "[nom retiré]"), ("ar-EG", "[حُذف الاسم]"), ("tlh", "[name removed]"), (None, "[name removed]")],
)
def test_the_mark_is_in_the_language_of_the_story(
    mina: PagesClient, make: Maker, session: Session, language: str | None, mark: str
) -> None:
    story = make.story("Kwame …", language=language)
    hide(mina, story, words="Kwame")
    assert text_of(session, story) == f"{mark} …"


def test_every_language_has_all_three_marks() -> None:
    assert all(
        len(set(three)) == 3 and all(m[0] == "[" and m[-1] == "]" for m in three) for three in marks.MARKS.values()
    )


def test_hidden_words_can_be_brought_back_step_by_step(mina: PagesClient, make: Maker, session: Session) -> None:
    story = make.story("Ama and Kofi were there.", themes=["buses"])
    hide(mina, story, words="Ama")
    hide(mina, story, words="Kofi")
    assert text_of(session, story) == "[name removed] and [name removed] were there."
    page = mina.open_page(path_of(story)).form("/restoration").send()
    assert text_of(session, story) == "[name removed] and Kofi were there."
    page = page.form("/restoration").send()
    assert text_of(session, story) == "Ama and Kofi were there."
    assert not page.has_form("/restoration")
    assert [version.made_by for version in story.versions] == [
        MadeBy.TYPED, MadeBy.REDACTED, MadeBy.REDACTED, MadeBy.REDACTED, MadeBy.TYPED,
    ]  # fmt: skip
    assert [theme.slug for theme in story.themes()] == ["buses"]
    acts = [str(act) for act in session.scalars(sa.select(Decision.act).order_by(Decision.number))]
    assert acts == ["redact", "redact", "undo", "undo"]


def test_pressing_bring_back_twice_brings_back_one_step(mina: PagesClient, make: Maker, session: Session) -> None:
    story = make.story("Ama and Kofi were there.")
    hide(mina, story, words="Ama")
    form = hide(mina, story, words="Kofi").form("/restoration")
    form.send()
    form.send()
    assert text_of(session, story) == "[name removed] and Kofi were there."


def test_nothing_is_brought_back_where_nothing_was_hidden(mina: PagesClient, make: Maker, session: Session) -> None:
    story = make.story("Ama and Kofi were there.")
    page = mina.open_page(path_of(story))
    form = page.form("/skip")
    form.action = form.action.replace("/skip", "/restoration")
    assert form.send(status=409).has_form("/publication")
    session.expire_all()
    assert len(story.versions) == 1


def test_only_the_redacted_words_are_published(mina: PagesClient, make: Maker, session: Session) -> None:
    story = make.story("Kwame shouted at me.", themes=["buses"])
    page = hide(mina, story, words="Kwame")
    page.form("/publication").send()
    public = session.scalars(sa.select(Publication)).one()
    assert public.version.text == "[name removed] shouted at me."
    assert [theme.slug for theme in public.themes] == ["buses"]
    assert story.versions[0].purge_on is not None
    assert public.version.purge_on is None


@pytest.mark.parametrize(
    "fields",
    [
        {}, {"words": "Kwasi"}, {"spans": "12"}, {"spans": "9-4"}, {"spans": "5-5"}, {"spans": "0-9999"},
        {"spans": "a-b"}, {"spans": "-1-4"}, {"spans": "0-5;7-8"}, {"kind": "person", "words": "Kwame"},
        {"spans": "0-1," * 500}, {"words": "o" * 3000}, {"which": "some", "words": "Kwame"},
    ],
)  # fmt: skip
def test_places_that_are_not_there_bring_the_form_back(
    mina: PagesClient, make: Maker, session: Session, fields: dict[str, str]
) -> None:
    story = make.story(WORDS)
    page = hide(mina, story, status=422, **fields)
    for name in fields.keys() & {"words", "spans"}:
        assert page.form("/redaction").value(name) == fields[name]
    assert text_of(session, story) == WORDS
    assert len(story.versions) == 1
    assert session.scalar(sa.select(sa.func.count()).select_from(Decision)) == 0


def test_pressing_hide_twice_hides_once(mina: PagesClient, make: Maker, session: Session) -> None:
    story = make.story("Kwame and Kwame's brother.")
    form = mina.open_page(path_of(story)).form("/redaction").fill(words="Kwame")
    form.send()
    form.send()
    session.expire_all()
    assert len(story.versions) == 2


def test_a_story_shows_where_each_paragraph_begins(mina: PagesClient, make: Maker) -> None:
    story = make.story(WORDS)
    begins = [node.attributes["data-begins"] for node in mina.open_page(path_of(story)).html.css("#story p")]
    assert begins == ["0", str(WORDS.index("After"))]


def test_coding_by_hand_survives_hiding(mina: PagesClient, make: Maker, session: Session) -> None:
    story = make.story("Kwame shouted at me.")
    story.set_themes([make.theme("work")], CodedBy.CONTRIBUTOR)
    session.commit()
    hide(mina, story, words="Kwame")
    session.expire_all()
    assert [theme.slug for theme in story.themes()] == ["work"]


@given(st.text(max_size=60), st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), max_size=4))
def test_pieces_put_together_are_the_text(text: str, places: list[tuple[int, int]]) -> None:
    inside, done = [], 0
    for start, end in sorted(places):
        if done <= start < end <= len(text):
            inside.append((start, end))
            done = end
    cut = spans.pieces(text, inside)
    assert "".join(words for words, _covered in cut) == text
    assert [words for words, covered in cut if covered] == [text[start:end] for start, end in inside]


@given(st.text(max_size=80))
def test_paragraphs_stand_where_they_say(text: str) -> None:
    for begins, words in spans.paragraphs(text):
        assert text[begins : begins + len(words)] == words


@given(st.text(max_size=40), st.text(min_size=1, max_size=8))
def test_found_words_are_the_words_but_for_case_and_white_space(text: str, words: str) -> None:
    for start, end in spans.find_words(text, words):
        assert start < end
        assert len(text[start:end].split()) == len(words.split())


class TestWhatWasFound:
    """What may show who somebody is stands marked in the story, and each is hidden by one choice."""

    TOLD = "It was Ben Miller who followed me.\n\nLater Ben Miller wrote from ben.miller@example.org, “<b>again</b>”."

    def test_it_is_marked_in_the_story_and_the_words_stay_as_they_are(self, mina: PagesClient, make: Maker) -> None:
        page = mina.open_page(path_of(make.story(self.TOLD)))
        story = page.html.css_first("#story")
        assert {"Ben Miller", "ben.miller@example.org"} <= {node.text() for node in story.css("mark")}
        assert Page.read(story) == self.TOLD
        assert not story.css("b")

    def test_each_is_hidden_everywhere_by_its_own_mark(self, mina: PagesClient, make: Maker, session: Session) -> None:
        story = make.story(self.TOLD, title="What Ben Miller did")
        form = mina.open_page(path_of(story)).form("/redaction")
        form.fill(found=form.options("found")).send()
        session.expire_all()
        assert story.newest.text == (
            "It was [name removed] who followed me.\n\n"
            "Later [name removed] wrote from [detail removed], “<b>again</b>”."
        )
        assert story.newest.title == "What [name removed] did"
        assert not mina.open_page(path_of(story)).form("/redaction").options("found"), "marks are not found again"

    def test_only_once_when_only_once_is_meant(self, mina: PagesClient, make: Maker, session: Session) -> None:
        story = make.story(self.TOLD)
        form = mina.open_page(path_of(story)).form("/redaction")
        form.fill(found=form.options("found")[:1], which="first").send()
        session.expire_all()
        assert (story.newest.text or "").count("Ben Miller") == 1

    def test_with_words_of_ones_own_beside_it(self, mina: PagesClient, make: Maker, session: Session) -> None:
        story = make.story(self.TOLD)
        form = mina.open_page(path_of(story)).form("/redaction")
        form.fill(found=form.options("found")[:1], words="followed", kind="other").send()
        session.expire_all()
        assert "It was [name removed] who [detail removed] me." in (story.newest.text or "")

    def test_what_was_not_found_can_not_be_chosen(self, mina: PagesClient, make: Maker, session: Session) -> None:
        form = mina.open_page(path_of(make.story(self.TOLD))).form("/redaction").forge(found=["0-3", "x"])
        form.send(status=422)
        assert session.scalar(sa.select(sa.func.count()).select_from(Decision)) == 0

    def test_a_language_that_is_not_covered_is_said_to_be_so(self, mina: PagesClient, make: Maker) -> None:
        page = mina.open_page(path_of(make.story("Naitwa Amina, nilifuatwa barabarani usiku.", language="sw")))
        assert "this language is not covered" in page
        assert "this language is not covered" not in mina.open_page(path_of(make.story(self.TOLD)))
