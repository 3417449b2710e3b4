"""Pages of a selection: complete, in order, and read from a bounded number of rows, however many stories there are."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import event
from sqlalchemy.orm import Session

from storyhub.models import search, walking
from storyhub.models.publication import Publication
from storyhub.models.selection import Selection
from storyhub.models.story import Setting, State, Story, Told
from storyhub.operations.bulk import Ready, store
from storyhub.text import folding
from tests.conftest import HeldClock
from tests.makers import Maker

SIZE = 3
PHASES = (Phase.explicit, Phase.reuse, Phase.generate)  # to shrink what a database found takes minutes


@pytest.fixture
def bounds(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """bounds(5): no more than 5 rows of a walk are looked at for one page."""

    def narrow(most: int) -> None:
        monkeypatch.setattr(walking, "FIRST_LOOK", max(most // 2, 1))
        monkeypatch.setattr(walking, "LOOKED_AT", most)
        monkeypatch.setattr(walking, "LOOKED_UP", most)
        monkeypatch.setattr(walking, "FREQUENT", most * 2)
        monkeypatch.setattr(walking, "SMALL_SITE", most * 2)

    return narrow


def pages(session: Session, chosen: Selection, size: int = SIZE) -> Iterator[tuple[int | None, walking.Found]]:
    """Each page with the cursor that it began after."""
    after: int | None = None
    while True:
        found = walking.newest(session, chosen, after, size)
        yield after, found
        if found.next_after is None:
            return
        assert after is None or found.next_after < after, "reading on leads on"
        after = found.next_after


THEMES, COUNTRIES, WORDS = ("buses", "night", "work"), ("IN", "KE", None), ("zebra", "tram", "中国人", "的", "قال")
STORIES = st.lists(
    st.tuples(
        st.sets(st.sampled_from(THEMES)),
        st.sampled_from(COUNTRIES),
        st.sampled_from([2020, 2021]),
        st.sets(st.sampled_from(["violence", "child"])),
        st.lists(st.sampled_from(WORDS), min_size=1, max_size=3),
    ),
    min_size=3,
    max_size=14,
)
SELECTIONS = st.builds(
    Selection,
    themes=st.sets(st.sampled_from(THEMES)).map(lambda found: tuple(sorted(found))),
    country=st.sampled_from(["IN", None]),
    year=st.sampled_from([2020, None]),
    without=st.sampled_from([(), ("violence",), ("violence", "child")]),
    words=st.sampled_from(["", "zebra", "zebra tram", '"zebra tram"', "中", "中国", "的 中", "قَالَ"]),
)


def fits(chosen: Selection, story: Story) -> bool:
    """What a selection means, in plain words and without a database."""
    version = story.newest
    query = folding.query(chosen.words)
    return (
        {theme.slug for theme in story.public.themes} >= set(chosen.themes)  # type: ignore[union-attr]
        and chosen.country in (None, version.country)
        and (chosen.year is None or chosen.year == version.year)
        and not set(chosen.without) & set(version.content_notes)
        and (not query or query.matches(folding.folded(version.text or "")))
    )


@settings(max_examples=8, phases=PHASES)
@given(told=STORIES, wanted=st.lists(SELECTIONS, min_size=8, max_size=8), most=st.integers(2, 9))
def test_pages_hold_each_fitting_story_once_and_newest_first_wherever_the_bound_ends_them(
    make: Maker,
    session: Session,
    bounds: Callable[[int], None],
    told: list[Any],
    wanted: list[Selection],
    most: int,
) -> None:
    bounds(most)
    for slug in THEMES:
        make.theme(slug)
    for themes, country, year, notes, words in told:
        make.story(
            " ".join([*words, "and so on"]),
            state="published",
            themes=sorted(themes),
            country=country,
            happened=str(year),
            notes=sorted(notes),
        )
    there = session.scalars(sa.select(Publication).order_by(Publication.position.desc())).all()
    for chosen in wanted:
        fitting = [public.position for public in there if fits(chosen, public.story)]
        read = list(pages(session, chosen))
        assert [position for _, found in read for position in found.positions] == fitting, chosen
        for after, found in read:
            assert found.ended_early or found.next_after is None or len(found.positions) == SIZE
            if after is not None:
                before = walking.page_before(session, chosen, after, SIZE)
                page = walking.newest(session, chosen, before, SIZE)
                meeting = [one for one in fitting if one >= after and (before is None or one < before)]
                assert len(meeting) <= SIZE, "nothing stands between a page and the one before it"
                assert before is None or page.positions[: len(meeting)] == meeting, chosen


@settings(max_examples=5, phases=PHASES)
@given(arrivals=st.lists(st.integers(0, 3), min_size=6, max_size=6), most=st.integers(2, 6))
def test_whoever_looks_further_back_while_stories_come_misses_none_and_meets_none_twice(
    make: Maker,
    session: Session,
    held_clock: HeldClock,
    bounds: Callable[[int], None],
    arrivals: list[int],
    most: int,
) -> None:
    bounds(most)
    there = [make.story("zebra and tram", state="published", country="KE" if n % 3 else "IN") for n in range(8)]
    stayed = {one.public.position for one in there if one.public and one.newest.country == "IN"}
    seen: list[int] = []
    reading = pages(session, Selection(words="zebra tram", country="IN"), size=2)
    for arriving in [*arrivals, *[0] * 200]:
        _, found = next(reading, (None, None))
        if found is None:
            break
        seen += found.positions
        held_clock.forward(minutes=1)
        for _ in range(arriving):
            make.story("zebra and tram", state="published", country="IN")
    assert len(seen) == len(set(seen))
    assert stayed <= set(seen)


LETTERS = "abé É'’-.,中国人在車的日本語のテスト한국어เขาพูด" + "قَالَ لِي الحافِلة שָׁלוֹם क्षेत्र की đß😀\n١٢"
SCRIPTS = st.text(st.sampled_from(LETTERS), min_size=1, max_size=24)


@settings(max_examples=8, phases=PHASES)
@given(texts=st.lists(SCRIPTS, min_size=3, max_size=6), data=st.data(), most=st.integers(1, 8))
def test_every_script_is_found_as_plain_python_finds_it_on_its_folded_words(
    make: Maker, session: Session, bounds: Callable[[int], None], texts: list[str], data: st.DataObject, most: int
) -> None:
    """Run on SQLite and on PostgreSQL, each is held to the same rule, and so to the other."""
    bounds(most)
    for text in texts:
        make.story(f"x {text}", state="published")
    rows = session.execute(sa.select(search.SearchText.position, search.SearchText.folded))
    folded = {position: text for position, text in rows}  # noqa: C416 - rows are no plain tuples
    pieces = [*texts, *(token for text in texts for token in folding.tokens(text)), *(text[:2] for text in texts)]
    for _ in range(12):
        words = " ".join(data.draw(st.lists(st.sampled_from(pieces), min_size=1, max_size=2)))
        words = data.draw(st.sampled_from([words, f'"{words}"', f"«{words}»"])).replace("\n", " ")[:200]
        query = folding.query(words)
        wanted = sorted((at for at, text in folded.items() if query and query.matches(text)), reverse=True)
        if words.strip():
            assert [at for _, found in pages(session, Selection(words=words)) for at in found.positions] == wanted, (
                words
            )


def fill(session: Session, many: int, first: int = 0) -> None:
    """Many stories at once, of which few are alike in everything."""
    ready = [
        Ready(
            key=f"n{number}",
            told=Told(
                text=f"Somebody told of number{number} and of {'zebra' if number % 2 else 'tram'} there.",
                country="IN" if number % 2 else "KE",
                happened=f"{2000 + number % 20}",
                setting=Setting.STREET if number % 3 else Setting.HOME,
                show=("setting",),
            ),
            state=State.PUBLISHED,
            content_notes=("violence",) if number % 4 else (),
            window=1_000_000 + number,
        )
        for number in range(first, many)
    ]
    store(session, ready)
    session.commit()


def work(session: Session, read: Callable[[], Any]) -> int:
    """How much a database does: steps of SQLite's machine; rows that the nodes of PostgreSQL's plans handled."""
    if session.get_bind().dialect.name == "sqlite":
        return _steps(session, read)
    asked: list[tuple[str, Any]] = []
    engine = session.get_bind()

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        asked.append((statement, parameters))

    event.listen(engine, "before_cursor_execute", note)
    read()
    event.remove(engine, "before_cursor_execute", note)
    driver: Any = session.connection().connection
    with driver.cursor() as cursor:
        explained = [cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {one}", given).fetchone() for one, given in asked]
    return sum(_rows(plans[0]["Plan"]) for (plans,) in explained)


def _steps(session: Session, read: Callable[[], Any]) -> int:
    counted = [0]
    driver: Any = session.connection().connection.driver_connection
    assert isinstance(driver, sqlite3.Connection)

    def step() -> int:
        counted[0] += 1
        return 0

    driver.set_progress_handler(step, 1)
    read()
    driver.set_progress_handler(None, 0)
    return counted[0]


def _rows(plan: dict[str, Any]) -> int:
    own = (plan["Actual Rows"] + plan.get("Rows Removed by Filter", 0)) * plan["Actual Loops"]
    return int(own) + sum(_rows(one) for one in plan.get("Plans", ()))


READINGS = [
    Selection(),
    Selection(country="IN"),
    Selection(country="IN", year=2001, setting=Setting.HOME, without=("violence",)),
    Selection(without=("violence",)),
    Selection(words="zebra"),
    Selection(words="number3"),
    Selection(words="zebra tram"),
    Selection(words="zebra", country="KE"),
    Selection(words='"told there"', setting=Setting.HOME),
]


def test_no_page_reads_more_as_the_site_grows(session: Session, bounds: Callable[[int], None]) -> None:
    """The first page, one far back, and the way to the newer one. Depth of an index is all that may be added."""
    bounds(20)

    def worked(chosen: Selection) -> list[int]:
        session.commit()
        if session.get_bind().dialect.name == "postgresql":
            # What is so small is read whole, since that is cheaper; the plans of great tables are asked for here.
            session.execute(sa.text("ANALYZE"))
            session.execute(sa.text("SET enable_seqscan = off"))
            session.execute(sa.text("SET enable_bitmapscan = off"))
        back = session.scalar(sa.select(Publication.position).order_by(Publication.position).offset(100).limit(1))
        assert back is not None
        return [
            work(session, lambda: walking.newest(session, chosen, None, 5)),
            work(session, lambda: walking.newest(session, chosen, back, 5)),
            work(session, lambda: walking.page_before(session, chosen, back, 5)),
        ]

    fill(session, 600)
    few = [worked(chosen) for chosen in READINGS]
    fill(session, 2400, 600)
    many = [worked(chosen) for chosen in READINGS]
    for chosen, before, after in zip(READINGS, few, many, strict=True):
        assert all(now <= then * 1.3 + 150 for then, now in zip(before, after, strict=True)), (chosen, before, after)


def test_the_smallest_tally_decides_where_a_page_walks(session: Session, bounds: Callable[[int], None]) -> None:
    """Of many stories from one country and three of one year, the three are read, and the page is whole."""
    bounds(10)
    fill(session, 100)
    chosen = Selection(country="IN", year=2003)
    found = walking.newest(session, chosen, None, 10)
    assert len(found.positions) == 5
    assert not found.ended_early
