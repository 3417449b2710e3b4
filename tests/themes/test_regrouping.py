"""Whatever organisers do to the codebook, no coding is lost, no theme stands under itself, and an undo is exact."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from storyhub.models import recounting, regrouping, tally
from storyhub.models.codebook import (
    CodebookChange,
    CodingMove,
    bring_theme_back,
    make_theme,
    move_theme,
    retire_theme,
    target_of,
    word_theme,
)
from storyhub.models.long_work import Refused
from storyhub.models.publication import PublishedTheme
from storyhub.models.story import Story, StoryVersion
from storyhub.models.theme import CodedBy, Coding, Theme
from tests.makers import Maker

State = dict[str, Any]


def done(steps: Iterator[int]) -> int:
    return sum(steps)


def merge(session: Session, theme: Theme, into: Theme) -> CodebookChange:
    change = regrouping.begin_merge(session, theme, into, by=None)
    done(regrouping.carry_on(session, change, minutes=0))
    session.flush()
    return change


def split(session: Session, theme: Theme, slug: str, stories: list[int], **how: bool) -> CodebookChange:
    how = {"under": False, "keeps": False} | how
    change = regrouping.begin_split(session, theme, slug, {"names": {"en": slug}}, by=None, **how)
    done(regrouping.carry_on(session, change, minutes=0, stories=stories))
    session.flush()
    return change


def undo(session: Session, change: CodebookChange) -> None:
    done(regrouping.undo_change(session, change, by=None, minutes=0))
    session.flush()


@contextmanager
def refused(session: Session, code: str) -> Iterator[None]:
    """What is refused for this reason changes nothing."""
    before = standing(session)
    with pytest.raises(Refused, match=f"^{code}$"), session.begin_nested():
        yield
    assert standing(session) == before


def codings(session: Session) -> Counter[tuple[Any, ...]]:
    found = session.execute(
        sa.select(Coding.version_id, Theme.slug, Coding.coded_by, Coding.start, Coding.end).join(
            Theme, Theme.id == Coding.theme_id
        )
    )
    return Counter(tuple(row) for row in found)


def standing(session: Session) -> State:
    """All that an undo has to bring back: codings, what stands under what, and what readers see."""
    session.flush()
    session.expire_all()
    public = sa.select(Theme.slug, sa.func.count()).join(PublishedTheme, PublishedTheme.theme_id == Theme.id)
    slugs = {theme.id: theme.slug for theme in session.scalars(sa.select(Theme))}
    return {
        "codings": codings(session),
        "themes": {
            theme.slug: (theme.names, slugs.get(theme.parent_id), slugs.get(theme.merged_into_id), theme.retired)
            for theme in session.scalars(sa.select(Theme))
        },
        "public": dict(map(tuple, session.execute(public.group_by(Theme.slug)))),
        "pairs": tally.of(session, tally.EVERYTHING).get(tally.PAIR, {}),
    }


def without_new(state: State, slug: str) -> State:
    """The same but for a theme that was split off: its address stays taken when that is undone."""
    return state | {"themes": {name: facts for name, facts in state["themes"].items() if name != slug}}


@pytest.fixture
def three(make: Maker, session: Session) -> tuple[Theme, Theme, Theme]:
    """Buses, trams and stops: two public stories of each of the first two, one of both, and one that waits."""
    for themes in (["buses"], ["buses", "stops"], ["trams"], ["buses", "trams"], ["trams", "stops"]):
        make.story(state="published", themes=themes)
    make.story(themes=["buses"])
    found = tuple(make.theme(slug) for slug in ("buses", "trams", "stops"))
    session.add(span_of(session, found[0]))
    session.commit()
    return found  # type: ignore[return-value]


def span_of(session: Session, theme: Theme) -> Coding:
    version_id = session.scalar(sa.select(Coding.version_id).filter_by(theme_id=theme.id).order_by(Coding.version_id))
    return Coding(version_id=version_id, theme_id=theme.id, coded_by=CodedBy.ORGANISER, start=0, end=8)


def test_a_merge_gives_all_stories_the_other_theme_and_is_undone_exactly(session: Session, three: Any) -> None:
    buses, trams, stops = three
    move_theme(session, stops, buses, by=None)
    session.commit()
    before = standing(session)
    change = merge(session, buses, trams)
    after = standing(session)
    assert not any(slug == "buses" for _version, slug, *_ in after["codings"])
    assert after["public"] == {"trams": 5, "stops": 2}
    assert after["themes"]["buses"][2:] == ("trams", True)
    assert after["themes"]["stops"][1] == "trams"
    assert sum(before["codings"].values()) - sum(after["codings"].values()) == 1  # the story that had both
    assert target_of(session, buses) is trams
    assert change.after["stories"] == 4
    undo(session, change)
    assert standing(session) == before
    assert session.scalar(sa.select(sa.func.count()).select_from(CodingMove)) == 0


@pytest.mark.parametrize("keeps", [False, True])
def test_a_split_takes_the_chosen_stories_and_is_undone_exactly(session: Session, three: Any, keeps: bool) -> None:
    buses = three[0]
    stories = sorted(
        session.scalars(
            sa.select(StoryVersion.story_id)
            .join(Coding, Coding.version_id == StoryVersion.id)
            .where(Coding.theme_id == buses.id, Coding.start.is_(None))
        )
    )[:2]
    before = standing(session)
    change = split(session, buses, "night-buses", stories, under=True, keeps=keeps)
    after = standing(session)
    versions = set(session.scalars(sa.select(StoryVersion.id).where(StoryVersion.story_id.in_(stories))))
    assert {row[0] for row in after["codings"] if row[1] == "night-buses"} == versions
    assert {row[0] for row in after["codings"] if row[1] == "buses"} >= versions if keeps else True
    assert not keeps or {row[2] for row in after["codings"] if row[1] == "night-buses"} == {CodedBy.ORGANISER}
    assert after["themes"]["night-buses"] == ({"en": "night-buses"}, "buses", None, False)
    undo(session, change)
    assert without_new(standing(session), "night-buses") == before
    assert standing(session)["themes"]["night-buses"][3], "what was split off can't be chosen any more"


def test_a_theme_merged_into_one_under_it_leaves_no_loop(session: Session, three: Any) -> None:
    buses, trams, stops = three
    move_theme(session, trams, buses, by=None)
    move_theme(session, stops, trams, by=None)
    session.commit()
    before = standing(session)
    change = merge(session, buses, stops)
    assert standing(session)["themes"]["trams"][1] is None
    undo(session, change)
    assert standing(session) == before


def test_what_came_after_stands_in_the_way_of_an_undo(make: Maker, session: Session, three: Any) -> None:
    buses, trams, stops = three
    first = merge(session, buses, trams)
    second = merge(session, trams, stops)
    with refused(session, "changed-since"):
        undo(session, first)
    undo(session, second)
    undo(session, first)
    with refused(session, "undone-already"):
        undo(session, first)
    change = split(session, buses, "late", list(session.scalars(sa.select(Story.id))))
    make.story(themes=["late"])
    with refused(session, "given-since"):
        undo(session, change)


def test_a_person_who_took_a_theme_away_since_is_not_overruled(make: Maker, session: Session, three: Any) -> None:
    buses, trams, _stops = three
    alone = make.story(themes=["buses"])
    change = merge(session, buses, trams)
    alone.set_themes([], CodedBy.MODERATOR)
    session.commit()
    undo(session, change)
    assert alone.themes() == []


@pytest.mark.parametrize(
    ("act", "code"),
    [
        (lambda s, a, b: merge(s, a, a), "itself"),
        (lambda s, a, b: (retire_theme(s, b, by=None), merge(s, a, b)), "retired"),
        (lambda s, a, b: (merge(s, a, b), merge(s, b, a)), "merged"),
        (lambda s, a, b: (merge(s, a, b), retire_theme(s, a, by=None)), "merged"),
        (lambda s, a, b: (merge(s, a, b), bring_theme_back(s, a, by=None)), "merged"),
        (lambda s, a, b: (merge(s, a, b), move_theme(s, b, a, by=None)), "merged-parent"),
        (lambda s, a, b: (move_theme(s, a, b, by=None), move_theme(s, b, a, by=None)), "loop"),
        (lambda s, a, b: move_theme(s, a, a, by=None), "loop"),
        (lambda s, a, b: make_theme(s, "trams", {"names": {"en": "T"}}, by=None), "taken"),
        (lambda s, a, b: (regrouping.begin_merge(s, a, b, by=None), retire_theme(s, a, by=None)), "going-on"),
    ],
)  # fmt: skip
def test_what_can_not_be_is_refused(session: Session, three: Any, act: Any, code: str) -> None:
    with pytest.raises(Refused, match=f"^{code}$"):
        act(session, three[0], three[1])


def test_an_undo_of_words_leaves_what_others_wrote_in_another_language(session: Session, three: Any) -> None:
    buses = three[0]
    first = word_theme(session, buses, {"names": {"en": "Coaches"}}, by=None)
    word_theme(session, buses, {"names": {"ar": "حافلات"}}, by=None)
    assert word_theme(session, buses, {"names": {"ar": "حافلات"}}, by=None) is None
    session.commit()
    assert first is not None
    undo(session, first)
    assert buses.names == {"en": "Buses", "ar": "حافلات"}
    last = word_theme(session, buses, {"names": {"en": "Cars"}}, by=None)
    word_theme(session, buses, {"names": {"en": "Carts"}}, by=None)
    assert last is not None
    with refused(session, "changed-since"):
        undo(session, last)


def test_a_theme_that_is_in_no_story_can_be_unmade_and_its_address_stays(make: Maker, session: Session) -> None:
    theme = make_theme(session, "ferries", {"names": {"en": "Ferries"}}, by=None)
    session.commit()
    change = session.scalars(sa.select(CodebookChange)).one()
    make.story(themes=["ferries"])
    with refused(session, "given-since"):
        undo(session, change)
    session.execute(sa.delete(Coding))
    undo(session, change)
    assert theme.retired


def test_a_merge_that_is_given_up_half_way_was_never_begun(
    session: Session, three: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(regrouping, "AT_ONCE", 2)
    before = standing(session)
    change = regrouping.begin_merge(session, three[0], three[1], by=None)
    steps = regrouping.carry_on(session, change, minutes=0)
    assert next(steps) == 2
    session.commit()
    assert regrouping.begin_merge(session, three[0], three[1], by=None).id == change.id, "it goes on where it was"
    done(regrouping.give_up(session, change, minutes=0))
    session.commit()
    assert standing(session) == before
    assert session.scalars(sa.select(CodebookChange)).all() == []


def test_a_slow_worker_does_nothing_to_a_merge_that_another_one_finished(
    session: Session, three: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(regrouping, "AT_ONCE", 2)
    before = standing(session)
    change = regrouping.begin_merge(session, three[0], three[1], by=None)
    slow = regrouping.carry_on(session, change, minutes=0)
    next(slow)
    done(regrouping.carry_on(session, change, minutes=0))
    session.commit()
    merged = standing(session)
    assert done(slow) == 0
    assert done(regrouping.give_up(session, change, minutes=0)) == 0
    assert standing(session) == merged
    undo(session, change)
    assert standing(session) == before, "it is known still what it was before"


def test_a_merge_that_an_organiser_took_back_while_it_went_on_does_not_go_on(
    session: Session, three: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(regrouping, "AT_ONCE", 2)
    before = standing(session)
    change = regrouping.begin_merge(session, three[0], three[1], by=None)
    steps = regrouping.carry_on(session, change, minutes=0)
    next(steps)
    session.commit()
    done(regrouping.undo_change(session, change, by=None, minutes=0))
    session.commit()
    with pytest.raises(Refused, match="gone"):
        next(steps)
    done(regrouping.give_up(session, change, minutes=0))
    assert standing(session) == before


def test_an_undo_that_is_stopped_half_way_changes_nothing(
    session: Session, three: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    change = merge(session, three[0], three[1])
    before = standing(session)
    monkeypatch.setattr(regrouping, "AT_ONCE", 2)
    steps = regrouping.undo_change(session, change, by=None, minutes=0)
    assert next(steps) == 2
    session.commit()
    assert standing(session) != before
    done(regrouping.redo_returned(session, change, minutes=0))
    session.commit()
    assert standing(session) == before
    undo(session, change)
    assert not session.get_one(Theme, three[0].id).retired


ACTS = st.lists(
    st.tuples(st.sampled_from(["merge", "split", "give", "move", "word", "retire", "return", "undo"]),
              st.integers(0, 5), st.integers(0, 5), st.booleans()),
    min_size=3, max_size=9,
)  # fmt: skip


@settings(max_examples=12)
@given(acts=ACTS)
def test_any_row_of_changes_keeps_every_coding_and_each_is_undone_exactly(
    make: Maker, session: Session, three: Any, acts: list[tuple[str, int, int, bool]]
) -> None:
    del three
    for number, act in enumerate(acts):
        before = standing(session)
        change = attempt(session, act, number)
        holds(session, before)
        if change is None:
            continue
        new = session.get_one(Theme, change.other_id).slug if change.what == "split" else ""
        undo(session, change)
        assert without_new(standing(session), new) == without_new(before, new), act
        if act[3]:  # done again, so that the next one finds it so
            attempt(session, act, number + 100)
    session.rollback()


def attempt(session: Session, act: tuple[str, int, int, bool], number: int) -> CodebookChange | None:
    """Do it; what is refused changes nothing."""
    before = standing(session)
    try:
        with session.begin_nested():
            return _do(session, act, number)
    except Refused:
        assert standing(session) == before
        return None


def _do(session: Session, act: tuple[str, int, int, bool], number: int) -> CodebookChange | None:
    what, first, second, choice = act
    themes = session.scalars(sa.select(Theme).order_by(Theme.slug)).all()
    one, other = themes[first % len(themes)], themes[second % len(themes)]
    stories = list(session.scalars(sa.select(Story.id).order_by(Story.id)))[first : first + second + 1]
    if what == "merge":
        return merge(session, one, other)
    if what in ("split", "give"):
        slug = f"new-{session.scalar(sa.select(sa.func.count()).select_from(CodebookChange))}-{number}-{len(themes)}"
        return split(session, one, slug, stories, under=choice, keeps=what == "give")
    if what == "undo":
        last = session.scalar(
            sa.select(CodebookChange)
            .where(CodebookChange.undone.is_(False), CodebookChange.what != "undid")
            .order_by(CodebookChange.number.desc()).limit(1).offset(first)
        )  # fmt: skip
        if last is not None:
            undo(session, last)
        return None
    verbs = {
        "move": lambda: move_theme(session, one, None if choice else other, by=None),
        "word": lambda: word_theme(session, one, {"names": {"en": f"Name {number}"}}, by=None),
        "retire": lambda: retire_theme(session, one, by=None),
        "return": lambda: bring_theme_back(session, one, by=None),
    }
    return verbs[what]()


def holds(session: Session, before: State) -> None:
    """No version lost all its themes, nothing stands under itself, and the figures are what counting anew gives."""
    after = standing(session)
    assert {row[0] for row in after["codings"]} == {row[0] for row in before["codings"]}
    assert all(times == 1 for times in after["codings"].values())
    parents = {name: facts[1] for name, facts in after["themes"].items()}
    for start in parents:
        seen, above = {start}, parents[start]
        while above is not None:
            assert above not in seen
            seen.add(above)
            above = parents[above]
    assert recounting.count_wrong(session) == 0
