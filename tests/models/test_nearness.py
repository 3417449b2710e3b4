"""Which stories know which: both ways, the same however they came, and nothing of what is not public (any more)."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from storyhub.config import Settings
from storyhub.extensions import db
from storyhub.models.decision import Reason
from storyhub.models.nearness import NEAREST, THE_SAME, NearestStory, NearnessDue, StoryVector
from storyhub.models.publication import Publication
from storyhub.models.story import Story, Told
from storyhub.operations import connecting as connecting_all
from tests.makers import Maker
from tests.models.test_forgetting import bytes_at_rest

BUS = [
    "On the night bus the driver touched my leg and laughed when I moved to another seat.",
    "The bus driver touched my leg at night, and laughed when I changed my seat on the bus.",
    "A man on the night bus touched my leg. The driver saw it and laughed, so I moved to another seat.",
    "At night on the bus somebody touched my leg again and again, and the driver only laughed.",
]
ELSEWHERE = [
    "harbour",
    "market",
    "school",
    "bridge",
    "library",
    "garden",
    "hospital",
    "museum",
    "office",
    "river",
    "station",
    "tower",
]
# So that each of them is near the others, and none the same again, by whichever method.
BESIDE = [
    "I ran home.",
    "My sister was with me.",
    "Nobody else was on board.",
    "I had my uniform on.",
    "It rained for hours.",
    "I missed my stop because of it.",
    "He knew my name.",
    "I told my teacher.",
    "An old man stood up for me.",
    "I never took that line again.",
    "It was my birthday.",
    "I wrote down the number of the bus.",
]
WORK = [
    "My boss wrote messages about my body every evening and said that my contract depends on the answer.",
    "Every evening the boss sends messages about my body. He says the contract depends on my answer.",
]


def connect(app: Flask, **how: Any) -> None:
    """As the worker does, until nothing is due."""
    with app.app_context():
        for _ in connecting_all.steps(db.session, **how):
            pass


def lines(session: Session) -> dict[int, dict[int, int]]:
    """Of each story, by its id, the stories that it knows, and how near they are."""
    session.commit()
    ids = {row[0]: row[1] for row in session.execute(sa.select(Publication.position, Publication.story_id))}
    found: dict[int, dict[int, int]] = {}
    for line in session.scalars(sa.select(NearestStory)):
        found.setdefault(ids[line.position], {})[ids[line.other_position]] = line.nearness
    return found


def count(session: Session, noun: Any) -> int:
    session.commit()
    return session.scalar(sa.select(sa.func.count()).select_from(noun)) or 0


def test_stories_that_tell_of_the_same_know_each_other(app: Flask, make: Maker, session: Session) -> None:
    bus = [make.story(text, state="published") for text in BUS]
    work = [make.story(text, state="published") for text in WORK]
    connect(app)
    known = lines(session)
    for story in bus:
        assert set(known[story.id]) >= {other.id for other in bus} - {story.id}
        assert max(known[story.id].values()) > known[story.id].get(work[0].id, 0)
    assert max(known[work[0].id], key=known[work[0].id].__getitem__) == work[1].id
    assert count(session, NearnessDue) == 0


def test_they_know_each_other_both_ways_and_as_near(app: Flask, make: Maker, session: Session) -> None:
    for text in (*BUS, *WORK):
        make.story(text, state="published")
    connect(app)
    known = lines(session)
    assert known
    for one, others in known.items():
        for other, near in others.items():
            assert known[other][one] == near


def test_whoever_comes_later_is_known_by_those_who_were_there(app: Flask, make: Maker, session: Session) -> None:
    first = [make.story(text, state="published") for text in BUS[:3]]
    connect(app)
    last = make.story(BUS[3], state="published")
    connect(app)
    known = lines(session)
    assert all(last.id in known[story.id] for story in first)


def test_a_story_knows_ten_and_a_nearer_one_takes_the_place_of_the_last(
    app: Flask, make: Maker, session: Session
) -> None:
    story = make.story(BUS[0], state="published")
    for place, beside in zip(ELSEWHERE, BESIDE, strict=True):
        make.story(f"{BUS[1]} It was near the {place}. {beside}", state="published")
    connect(app)
    before = lines(session)[story.id]
    assert len(ELSEWHERE) > NEAREST == len(before)
    nearer = make.story(BUS[0] + " It was a Tuesday in spring.", state="published")
    connect(app)
    after = lines(session)[story.id]
    assert len(after) == NEAREST
    assert nearer.id in after
    assert set(before) - set(after) == {min(before, key=lambda one: (before[one], position_of(session, one)))}


def position_of(session: Session, story_id: int) -> int:
    return session.scalars(sa.select(Publication.position).filter_by(story_id=story_id)).one()


# The same text again


def test_of_the_same_text_others_know_one_and_the_rest_lead_to_it(app: Flask, make: Maker, session: Session) -> None:
    other = make.story(BUS[1], state="published")
    same = [make.story(BUS[0], state="published") for _ in range(NEAREST + 2)]
    connect(app)
    known = lines(session)
    first = min(same, key=lambda story: position_of(session, story.id))
    assert set(known[other.id]) == {first.id}
    assert set(known[first.id]) == {other.id}
    for copy in set(same) - {first}:
        assert set(known[copy.id]) == {first.id}
        assert known[copy.id][first.id] >= THE_SAME


def test_whoever_tells_of_the_same_in_words_of_their_own_is_no_copy(app: Flask, make: Maker, session: Session) -> None:
    stories = [make.story(text, state="published") for text in (BUS[0], f"{BUS[0]} I was on my way home from work.")]
    connect(app)
    assert {story.id for story in stories} == set(lines(session))
    assert all(near < THE_SAME for known in lines(session).values() for near in known.values())


def test_when_the_first_of_the_same_is_taken_back_the_next_stands_in_its_place(
    app: Flask, make: Maker, session: Session
) -> None:
    other = make.story(BUS[1], state="published")
    same = sorted(
        (make.story(BUS[0], state="published") for _ in range(3)), key=lambda story: position_of(session, story.id)
    )
    connect(app)
    same[0].withdraw()
    session.commit()
    connect(app)
    known = lines(session)
    assert set(known[other.id]) == {same[1].id}
    assert set(known[same[2].id]) == {same[1].id}


# Forgetting


@pytest.mark.parametrize("how", ["withdrawn", "set aside", "edited"])
def test_with_a_story_its_vector_and_every_line_that_names_it_go_at_once(
    app: Flask, make: Maker, session: Session, how: str
) -> None:
    stories = [make.story(text, state="published") for text in BUS]
    connect(app)
    story, position = stories[0], position_of(session, stories[0].id)
    vector = session.get_one(StoryVector, position).vector
    if how == "withdrawn":
        story.withdraw()
    elif how == "set aside":
        story.set_aside(by=make.anybody(), reason=Reason.OTHER)
    else:
        story.edit(Told(text="Nothing of all that.", language="en"))
        make.publish(story)
    session.commit()
    assert vector not in session.scalars(sa.select(StoryVector.vector)).all()
    named = sa.or_(NearestStory.position == position, NearestStory.other_position == position)
    assert session.scalars(sa.select(NearestStory).where(named)).all() == []
    # Those that lost one look for another.
    assert set(session.scalars(sa.select(NearnessDue.position))) - {position} == {
        position_of(session, other.id) for other in stories[1:]
    }


def test_the_vector_of_a_story_that_was_taken_back_is_in_no_byte_of_the_database(
    app: Flask, make: Maker, session: Session, settings: Settings
) -> None:
    if not settings.on_sqlite:
        pytest.skip("PostgreSQL's own files are its own matter")
    stories = [make.story(text, state="published") for text in BUS]
    connect(app)
    vector = session.get_one(StoryVector, position_of(session, stories[0].id)).vector
    assert vector in bytes_at_rest(settings.instance)
    session.commit()
    stories[0].withdraw()
    session.commit()
    with session.get_bind().connect() as connection:  # type: ignore[union-attr]
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.exec_driver_sql("BEGIN")
    assert vector not in bytes_at_rest(settings.instance)


# However they came


WORDS = st.lists(
    st.sampled_from(["driver", "night", "office", "school", "shouted", "followed", "touched", "market"]),
    min_size=3,
    max_size=9,
)
ACTS = st.lists(
    st.tuples(st.sampled_from(["release", "withdraw", "edit", "connect"]), WORDS, st.integers(0, 30)), max_size=14
)


@hypothesis_settings(max_examples=12)
@given(acts=ACTS)
def test_however_stories_came_and_went_the_same_is_known_as_from_scratch(
    app: Flask, make: Maker, session: Session, acts: list[Any]
) -> None:
    session.commit()
    for story in session.scalars(sa.select(Story).join(Story.public)):
        story.withdraw()
    session.commit()
    public: list[Story] = []
    for number, (act, words, which) in enumerate(acts):
        # Each has a word of its own, so that none is the same text again: which of those is first is another matter.
        text = f"{' '.join(words)} {chr(97 + number) * 9} {chr(98 + number) * 7}"
        if act == "release":
            public.append(make.story(text, state="published"))
        elif act == "withdraw" and public:
            public.pop(which % len(public)).withdraw()
        elif act == "edit" and public:
            story = public[which % len(public)]
            story.edit(Told(text=text, language="en"))
            make.publish(story)
        elif act == "connect":
            connect(app)
        session.commit()
    connect(app)
    as_they_came = lines(session)
    connect(app, anew=True)
    assert lines(session) == as_they_came
    assert count(session, StoryVector) == len(public)
