"""The one filter of public stories: the same hits on every database, and pages that neither repeat nor skip."""

from __future__ import annotations

import itertools

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from storyhub.models import selection, walking
from storyhub.models.publication import Publication
from storyhub.models.selection import Malformed, Selection, Unknown
from storyhub.models.story import Story
from storyhub.text import folding
from storyhub.text.incoming import clean
from tests.conftest import HeldClock
from tests.makers import Maker
from tests.text.naughty import NAUGHTY


def found(session: Session, chosen: Selection) -> list[int]:
    """All hits, newest first, by their pages."""
    positions: list[int] = []
    after = None
    for _ in itertools.count():
        page = walking.newest(session, chosen, after, size=50)
        positions += page.positions
        if page.next_after is None:
            return story_ids(session, positions)
        after = page.next_after
    return []


def story_ids(session: Session, positions: list[int]) -> list[int]:
    chosen = sa.select(Publication.position, Publication.story_id).where(Publication.position.in_(positions))
    by_position = {position: story_id for position, story_id in session.execute(chosen)}  # noqa: C416
    return [by_position[position] for position in positions]


WORDS = [
    "The bus driver's dog", "the DRIVERS dog", "l’homme m'a dit", "Straße und strasse", "đường phố", "İstanbul'da",
    "中国人在车上", "日本語のテスト", "한국어로 말했다", "เขาพูดว่า", "قالَ لي في الحافِلة", "قال لي في الحافلة",
    "רכבת ישראל", "क्षेत्र की बात", "naïve café", "naive cafe", "١٢٣ and 123", "don't", "dont", "said stop it",
    "stop. it said",
]  # fmt: skip
QUERIES = [
    *WORDS, "bus", "BUS", "dog bus", '"bus driver"', '"driver bus"', '"stop it"', '"said stop"', "中", "国人", "人国",
    "日本", "語", "말", "한국", "พูด", "الحافلة", "الحافله", "cafe", "strasse", "homme", "123", "nothing-here", "*", '"',
    "a OR b", "NEAR(bus dog)", "-bus", "bus*", "folded:bus", "'", "%", "_", "\\", "& | !", "<->", ":*",
]  # fmt: skip


@pytest.fixture
def library(make: Maker, session: Session) -> dict[int, str]:
    """The folded words of every public story, by its id."""
    texts = [*WORDS, *(text for text in NAUGHTY if len(text) < 400)]
    stories = [make.story(clean(text), state="published") for text in texts]
    kept = {story.id: folding.folded(story.newest.text or "") for story in stories}
    session.commit()
    return kept


def test_search_finds_what_folding_says_on_every_database(library: dict[int, str], session: Session) -> None:
    """The suite runs on both databases: each is held to the same rule in plain Python, and so to one another."""
    queries = [*QUERIES, *(text[: selection.LONGEST_QUERY].replace("\0", "").strip() for text in NAUGHTY)]
    for words in queries:
        query = folding.query(words)
        wanted = {story_id for story_id, text in library.items() if query and query.matches(text)}
        if not words:
            wanted = set(library)
        hits = found(session, Selection(words=words))
        assert set(hits) == wanted, words
        assert len(hits) == len(set(hits)), words
    for story_id, folded in library.items():
        for token in folded.split()[:2]:
            assert story_id in found(session, Selection(words=token)), f"{token} was told and is not found"


@settings(max_examples=8)
@given(
    arrivals=st.lists(st.integers(0, 3), min_size=6, max_size=6),
    departures=st.lists(st.integers(0, 200), max_size=6),
    size=st.integers(1, 4),
    minutes=st.sampled_from([0, 1, 60]),
)
def test_pages_neither_repeat_nor_skip_while_stories_come_and_go(
    make: Maker,
    session: Session,
    held_clock: HeldClock,
    arrivals: list[int],
    departures: list[int],
    size: int,
    minutes: int,
) -> None:
    """Whoever reads on sees each story that was there all along exactly once, whatever happens meanwhile."""
    campaign = make.campaign()
    chosen = Selection(campaign=campaign.slug)
    held_clock.forward(minutes=61)
    there = [make.story(state="published", campaign=campaign) for _ in range(7)]
    held_clock.forward(minutes=minutes)
    stayed, seen, after = {story.id for story in there}, [], None
    leaving = list(departures)
    for arriving in itertools.chain(arrivals, itertools.repeat(0)):
        page = walking.newest(session, chosen, after, size=size)
        seen += story_ids(session, page.positions)
        if page.next_after is None:
            break
        after = page.next_after
        for _ in range(arriving):
            make.story(state="published", campaign=campaign)
        if leaving:
            story: Story = there[leaving.pop() % len(there)]
            if story.public is not None:
                story.set_aside(by=make.anybody(), reason="other")  # type: ignore[arg-type]
                session.commit()
                stayed.discard(story.id)
    assert len(seen) == len(set(seen))
    assert stayed <= set(seen)


def test_filters_join(make: Maker, session: Session) -> None:
    campaign = make.campaign("night")
    a = make.story("On the bus", state="published", themes=["buses", "night"], country="KE", happened="2019-04")
    b = make.story("On the bus", state="published", themes=["buses"], country="KE", notes=["violence"], language="sw")
    c = make.story("At school", state="published", campaign=campaign, setting="school", show=("setting",))
    hidden = make.story("At school", state="published", setting="school")
    make.story("On the bus too, and not public", themes=["buses"])
    cases: list[tuple[Selection, set[Story]]] = [
        (Selection(), {a, b, c, hidden}),
        (Selection(themes=("buses",)), {a, b}),
        (Selection(themes=("buses", "night")), {a}),
        (Selection(country="KE"), {a, b}),
        (Selection(country="KE", language="sw"), {b}),
        (Selection(year=2019), {a}),
        (Selection(campaign="night"), {c}),
        (Selection(setting="school"), {c}),
        (Selection(without=("violence",), words="bus"), {a}),
        (Selection(words="bus", themes=("night",), country="KE", year=2019), {a}),
        (Selection(country="NO"), set()),
    ]
    for chosen, wanted in cases:
        assert set(found(session, chosen)) == {story.id for story in wanted}, chosen


def test_what_may_be_used_for_a_purpose_is_what_was_allowed_for_it(make: Maker, session: Session) -> None:
    quoted = make.story(state="published", consent=["quote"])
    make.story(state="published", consent=["press"])
    make.story(state="published")
    assert found(session, Selection(consent="quote")) == [quoted.id]


@pytest.mark.parametrize(
    "asked",
    [
        {"theme": "No Slug"}, {"theme": "../x"}, {"country": "KEN"}, {"country": "é1"}, {"year": "20"},
        {"year": "-999"}, {"year": "٢٠٢٠"}, {"language": "en_US;"}, {"campaign": "A B"}, {"q": "x" * 201},
        {"q": "a\0b"}, {"setting": "A!"}, {"without": "Violence "},
    ],
    ids=str,
)  # fmt: skip
def test_a_filter_that_can_not_be_understood_is_said_to_be_so(asked: dict[str, str]) -> None:
    with pytest.raises(Malformed):
        Selection.asked_for(MultiDict(asked))


@pytest.mark.parametrize("after", ["x", "0" * 12, "0" * 14, "u" * 13, "z" * 13, "ſ" * 13, "1' OR 1", "é" * 13])
def test_a_cursor_that_was_not_given_by_us_is_refused(after: str) -> None:
    with pytest.raises(Malformed):
        selection.cursor(MultiDict({"after": after}))


def test_what_does_not_exist_is_said_to_be_unknown(session: Session) -> None:
    for chosen in (Selection(themes=("none",)), Selection(campaign="none")):
        with pytest.raises(Unknown):
            walking.newest(session, chosen, None, 20)
    with pytest.raises(Unknown):
        Selection.asked_for(MultiDict({"setting": "moon"}))


def test_a_selection_is_read_back_from_its_own_address() -> None:
    asked = MultiDict(
        [("theme", "buses"), ("theme", "night"), ("country", "ke"), ("year", "2020"), ("q", "a b"), ("without", "x")]
    )
    chosen = Selection.asked_for(asked)
    assert Selection.asked_for(MultiDict(chosen.as_query())) == chosen
    assert chosen.country == "KE"
