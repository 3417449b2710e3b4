"""Themes of passages when a story's words change: they go with their own words, or are let go."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from storyhub.models.story import Story, StoryVersion, Told
from storyhub.models.theme import CodedBy, Coding
from tests.makers import Maker

WORDS = "Kwame 😀 waited at the stop.\n\nHe followed me all the way home, and I ran. Nobody on the bus said a word."


def code(make: Maker, version: StoryVersion, *passages: str) -> None:
    theme = make.theme("home")
    for words in passages:
        start = (version.text or "").index(words)
        make.session.add(
            Coding(
                version_id=version.id,
                theme_id=theme.id,
                coded_by=CodedBy.ORGANISER,
                start=start,
                end=start + len(words),
            )
        )
    make.session.commit()


def passages_of(session: Session, version: StoryVersion) -> list[str]:
    rows = session.scalars(sa.select(Coding).filter(Coding.version_id == version.id, Coding.start.is_not(None)))
    return sorted((version.text or "")[one.start : one.end] for one in rows)


def test_a_redaction_moves_passages_by_what_it_takes_and_puts(make: Maker, session: Session) -> None:
    story = make.story(WORDS)
    code(make, story.newest, "waited at the stop", "followed me all the way home", "Kwame 😀 waited")
    story.redact([(0, 5)], by=make.anybody(), mark="[name removed]")
    assert (story.newest.text or "").startswith("[name removed] 😀 waited")
    assert passages_of(session, story.newest) == ["followed me all the way home", "waited at the stop"]


def test_words_that_come_back_take_their_passages_along(make: Maker, session: Session) -> None:
    story = make.story(WORDS)
    code(make, story.newest, "followed me all the way home")
    story.redact([(0, 5)], by=make.anybody(), mark="[name removed]")
    story.restore_words(by=make.anybody())
    assert story.newest.text == WORDS
    assert passages_of(session, story.newest) == ["followed me all the way home"]


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("Well. " + WORDS, ["He followed me all the way home", "Nobody on the bus"]),
        (WORDS.replace("Nobody on the bus", "Not one of them"), ["He followed me all the way home"]),
        (WORDS.replace("all the way", "nearly"), ["Nobody on the bus"]),
        ("Something else altogether, which I would rather tell.", []),
    ],
)
def test_an_edit_moves_what_its_teller_left_as_it_was(
    make: Maker, session: Session, text: str, kept: list[str]
) -> None:
    story = make.story(WORDS, state="published")
    code(make, story.newest, "He followed me all the way home", "Nobody on the bus")
    story.edit(Told(text=text))
    make.publish(story)
    assert passages_of(session, story.newest) == kept


def test_a_theme_for_the_whole_story_stays_whatever_its_words_become(make: Maker, session: Session) -> None:
    story = make.story(WORDS, state="published", themes=["home"])
    code(make, story.newest, "Nobody on the bus")
    story.edit(Told(text="Something else altogether, which I would rather tell."))
    assert [theme.slug for theme in story.themes()] == ["home"]
    assert passages_of(session, story.newest) == []


PARTS = st.lists(st.tuples(st.integers(0, len(WORDS) - 1), st.integers(1, 12)), min_size=1, max_size=4)


@settings(max_examples=25)
@given(hidden=PARTS, coded=PARTS, mark=st.sampled_from(["[…]", "", "😀 [name removed]"]))
def test_no_redaction_leaves_a_theme_at_words_that_it_was_not_given_to(
    make: Maker, session: Session, hidden: list[tuple[int, int]], coded: list[tuple[int, int]], mark: str
) -> None:
    story = _story(make, coded)
    before = passages_of(session, story.newest)
    spans = [(start, min(start + size, len(WORDS))) for start, size in hidden]
    story.redact(spans, by=make.anybody(), mark=mark)
    after = passages_of(session, story.newest)
    assert set(after) <= set(before)
    met = {WORDS[a:b] for a, b in _spans(coded) if any(a < end and start < b for start, end in spans)}
    whole = {WORDS[a:b] for a, b in _spans(coded) if not any(a < end and start < b for start, end in spans)}
    assert whole <= set(after) and not (met - whole) & set(after)


def _spans(parts: list[tuple[int, int]]) -> set[tuple[int, int]]:
    return {(start, min(start + size, len(WORDS))) for start, size in parts}


def _story(make: Maker, coded: list[tuple[int, int]]) -> Story:
    story, theme = make.story(WORDS), make.theme("home")
    facts = {"version_id": story.newest.id, "theme_id": theme.id, "coded_by": CodedBy.ORGANISER}
    make.session.add_all(Coding(**facts, start=start, end=end) for start, end in _spans(coded))
    make.session.commit()
    return story
