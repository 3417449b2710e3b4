"""A project made of what is public: whose stories, which themes, whose codings, and nothing that isn't shown."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from flask import Flask
from lxml import etree  # type: ignore[import-untyped]
from sqlalchemy.orm import Session

from storyhub.exports import actions
from storyhub.exports.columns import row_of
from storyhub.exports.qda import rows
from storyhub.exports.qda.gathering import codings_of, qda_codes
from storyhub.exports.qda.nouns import Grouping
from storyhub.exports.qda.writing import write_project
from storyhub.exports.queries import one_moment, rows_read
from storyhub.models.selection import Selection, Unknown
from storyhub.models.story import Story
from storyhub.models.theme import CodedBy, Coding
from storyhub.protection import identifiers
from tests.exports.refi_reader import Project, Q, read_project, schema
from tests.makers import Maker

Take = Callable[..., Project]


@pytest.fixture
def taken(app: Flask) -> Callable[..., bytes]:
    """taken(themes=("buses",), grouped_by=…, language=…): the bytes of a project of what is public."""

    def get(grouped_by: Grouping = Grouping.NEWEST, language: str = "en", **selection: Any) -> bytes:
        file = io.BytesIO()
        with app.app_context(), one_moment() as session:
            read = (row_of(row) for _version, row in rows_read(session, Selection(**selection)))
            stories = rows.qda_stories(read, lambda ids: codings_of(session, ids))
            write_project(stories, qda_codes(session, language), file, name="A site", grouped_by=grouped_by)
        return file.getvalue()

    return get


@pytest.fixture
def take(taken: Callable[..., bytes]) -> Take:
    def get(**choices: Any) -> Project:
        found = read_project(io.BytesIO(taken(**choices)))
        schema().assertValid(found.xml)
        return found

    return get


def code(make: Maker, story: Story, theme: str, words: str | None = None, by: CodedBy = CodedBy.ORGANISER) -> None:
    """Give a theme to these words of a public story, or to the whole of it."""
    version = story.public.version
    start = version.text.index(words) if words and version.text else None
    end = start + len(words) if start is not None and words else None
    given = Coding(version_id=version.id, theme_id=make.theme(theme).id, coded_by=by, start=start, end=end)
    make.session.add(given)
    make.session.commit()


def test_a_project_holds_what_is_public_with_what_is_shown_of_it(take: Take, make: Maker) -> None:
    make.story("waiting")
    make.story("set aside", state="set-aside")
    campaign = make.campaign("safe-buses")
    public = make.story(
        "words of\ntwo lines 🚌",
        state="published",
        title="Heading",
        name="Robin",
        place="behind the mill",
        country="IN",
        happened="2019-03",
        setting="street",
        campaign=campaign,
        notes=["threats", "child"],
        consent=["quote"],
        themes=["staring"],
    )
    found = take()
    facts = found.cases[identifiers.shown(public.id)]
    said = {"language": "en", "country": "IN", "happened": "2019", "year": "2019", "campaign": "safe-buses"}
    said |= {"content_notes": "child; threats", "heard": "0", "me_too": "0", "released_on": facts["released_on"]}
    said |= {"consent_quote": "true", "consent_research": "false", "consent_press": "false", "consent_full": "false"}
    assert facts == said
    assert found.words_coded("Staring") == ["words of\ntwo lines 🚌"]
    (text,) = found.texts.values()
    assert text == f"[{identifiers.shown(public.id)}] Heading\n\nwords of\ntwo lines 🚌"


def test_what_the_contributor_chose_to_show_is_in_the_project(take: Take, make: Maker) -> None:
    make.story(state="published", happened="2019-03", setting="street", show=("setting", "month"))
    (facts,) = take().cases.values()
    assert (facts["happened"], facts["setting"]) == ("2019-03", "street")


def test_passages_are_on_the_words_that_were_marked_and_told_by_whom(take: Take, make: Maker) -> None:
    story = make.story("He “stared” 🚌 at me, then shouted.", state="published", themes=["staring"])
    code(make, story, "shouting", "shouted", CodedBy.SUGGESTION)
    code(make, story, "staring", "stared")
    code(make, story, "staring", None, CodedBy.CONTRIBUTOR)
    found = {(one.code, one.coder, one.words) for one in take().passages}
    whole = "He “stared” 🚌 at me, then shouted."
    assert found == {
        ("Staring", "moderator", whole),
        ("Staring", "contributor", whole),
        ("Staring", "organiser", "stared"),
        ("Shouting", "suggestion, accepted", "shouted"),
    }


def test_a_project_can_be_of_some_stories_and_follows_what_they_may_be_used_for(take: Take, make: Maker) -> None:
    make.story("this", state="published", themes=["buses"], consent=["research"])
    make.story("another", state="published", themes=["staring"])
    for choice in ({"themes": ("buses",)}, {"consent": "research"}):
        assert list(take(**choice).words_of_case.values()) == [["this"]], choice
    with pytest.raises(Unknown):
        take(themes=("unheard-of",))


def test_the_codebook_says_what_each_theme_means_in_the_language_asked_for(take: Take, make: Maker) -> None:
    theme = make.theme("staring", "Staring", arabic="تحديق")
    theme.definitions = {"en": "Being looked at.", "ar": "نظرات"}
    theme.use_when, theme.use_not = {"en": "it goes on"}, {"en": "it is a glance"}
    theme.examples, theme.parent_id = {"en": "He kept looking."}, make.theme("public-places").id
    make.session.commit()
    top = take().xml.find(f".//{Q}Codes")[0]
    assert top.get("name") == "Public places"
    below = top.find(f"{Q}Code")
    assert below.get("name") == "Staring"
    assert below.findtext(f"{Q}Description").split("\n\n") == [
        "Being looked at.",
        "When to use it: it goes on",
        "When not to use it: it is a glance",
        "Examples: He kept looking.",
    ]
    names = [one.get("name") for one in take(language="ar").xml.iter(f"{Q}Code")]
    assert "تحديق" in names


def test_merged_and_retired_themes_are_there_only_as_far_as_stories_need_them(
    app: Flask, take: Take, make: Maker
) -> None:
    story = make.story("words", state="published")
    for slug in ("looks", "old", "older"):
        code(make, story, slug)
    make.theme("unused")
    merged, old, older, unused = (make.theme(slug) for slug in ("looks", "old", "older", "unused"))
    merged.merged_into_id, merged.retired = make.theme("staring").id, True
    older.merged_into_id, older.retired = merged.id, True
    old.retired = unused.retired = True
    make.session.commit()
    found = take()
    assert [one.code for one in found.passages] == ["Old", "Staring"]
    with app.app_context(), one_moment() as session:
        assert [one.slug for one in qda_codes(session, "en")] == ["old", "staring"]


def test_a_merged_theme_that_was_above_others_still_holds_them(take: Take, make: Maker) -> None:
    parent = make.theme("places")
    parent.retired = True
    make.theme("buses").parent_id = parent.id
    make.session.commit()
    assert [one.get("name") for one in take().xml.iter(f"{Q}Code")] == ["Places", "Buses"]


def test_the_same_stories_give_the_same_bytes(taken: Callable[..., bytes], make: Maker) -> None:
    for number in range(4):
        story = make.story(f"words {number}", state="published", themes=["staring", "buses"], country="IN")
        code(make, story, "shouting", "words")
    before = {grouping: taken(grouped_by=grouping) for grouping in Grouping}
    assert before == {grouping: taken(grouped_by=grouping) for grouping in Grouping}
    make.theme("staring").names = {"en": "Looks"}
    make.session.commit()
    assert taken() != before[Grouping.NEWEST]


def test_nobody_who_works_here_is_in_a_project(take: Take, make: Maker) -> None:
    story = make.story("words", state="published", themes=["staring"], by=make.moderator("Zephyrine"))
    code(make, story, "buses")
    found = take()
    assert "Zephyrine" not in etree.tostring(found.xml, encoding="unicode") + str(found.texts)
    assert {user.get("name") for user in found.xml.iter(f"{Q}User")} >= {"moderator", "organiser"}


def test_a_project_of_many_stories_asks_the_database_a_few_times(
    app: Flask, make: Maker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rows, "AT_ONCE", 3)
    for number in range(7):
        make.story(f"words {number}", state="published", themes=["staring"])
    asked: list[int] = []

    def noted(session: Session, ids: Sequence[str]) -> Any:
        asked.append(len(ids))
        return codings_of(session, ids)

    monkeypatch.setattr(actions, "codings_of", noted)
    file = io.BytesIO()
    with app.app_context():
        actions.write_stories(file, Selection(), "qdpx")
    assert asked == [3, 3, 1]
    assert len(read_project(file).passages) == 7
