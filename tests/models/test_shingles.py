"""How long it is known what a text was like: as long as its words are held, 30 days longer for what was declined."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from storyhub.extensions import db
from storyhub.models.cluster import Cluster, ClusterShingle
from storyhub.models.likeness import FadingLikeness, Shingle, forget_due, remember, sharing, sketches_of
from storyhub.models.story import Story
from storyhub.operations.upkeep import purge_all_due
from storyhub.text.likeness import sketch
from tests.conftest import HeldClock
from tests.makers import Maker

KEY = b"a key of thirty-two bytes, no more"[:32]
WORDS = "He waited at the corner by the bakery every morning for a month and counted aloud how often I looked away."


def remembered(session: Session, story: Story) -> Story:
    remember(session, {story.newest.id: sketch(story.newest.text or "", KEY)})
    session.commit()
    return story


def kept(session: Session) -> int:
    session.expire_all()
    return session.scalar(sa.select(sa.func.count()).select_from(Shingle)) or 0


def night(app: Flask) -> None:
    with app.app_context():
        purge_all_due(db.session)


def test_a_sketch_comes_back_as_it_was_kept_and_again_in_place_of_the_first(make: Maker, session: Session) -> None:
    story = remembered(session, make.story(WORDS))
    assert sketches_of(session, [story.newest.id]) == {story.newest.id: sketch(WORDS, KEY)}
    remember(session, {story.newest.id: frozenset({1, 2**63 - 1})})
    assert sketches_of(session, [story.newest.id, 7]) == {story.newest.id: frozenset({1, 2**63 - 1})}


def test_the_versions_that_have_a_shingle_are_found(make: Maker, session: Session) -> None:
    story, half = remembered(session, make.story(WORDS)), remembered(session, make.story(WORDS[:50]))
    remembered(session, make.story("Nothing of this is like the other one, in no way and at no place of it at all."))
    whole, part = sketch(WORDS, KEY), sketch(WORDS[:50], KEY)
    found = sharing(session, whole | {17})
    assert found.keys() == whole
    assert all(story.newest.id in versions for versions in found.values())
    assert {value for value, versions in found.items() if half.newest.id in versions} == whole & part
    assert 3 < len(whole & part) < len(whole)
    assert sharing(session, frozenset()) == {}


def test_a_phrase_that_everybody_uses_is_read_a_few_times_only(make: Maker, session: Session) -> None:
    for _ in range(8):
        story = make.story()
        remember(session, {story.newest.id: frozenset({4711})})
    session.commit()
    assert len(sharing(session, {4711}, most_of_one=3)[4711]) == 3


def test_what_is_published_keeps_its_likeness_while_its_words_are_public(
    app: Flask, make: Maker, session: Session, held_clock: HeldClock
) -> None:
    remembered(session, make.story(WORDS, state="published"))
    held_clock.forward(days=400)
    night(app)
    assert kept(session) > 0


def test_a_declined_text_is_known_for_thirty_days_after_its_words_and_not_one_more(
    app: Flask, make: Maker, session: Session, held_clock: HeldClock
) -> None:
    story = remembered(session, make.story(WORDS, state="declined"))
    purged = story.newest.purge_on
    assert purged is not None
    held_clock.to(dt.datetime.combine(purged, dt.time(3), dt.UTC))
    night(app)
    session.expire_all()
    assert story.newest.text is None
    assert kept(session) > 0
    held_clock.forward(days=29)
    night(app)
    assert kept(session) > 0
    held_clock.forward(days=1)
    night(app)
    assert kept(session) == 0
    assert not session.scalar(sa.select(sa.func.count()).select_from(FadingLikeness))


def test_hidden_words_of_a_published_story_are_forgotten_with_the_version_they_stood_in(
    app: Flask, make: Maker, session: Session, held_clock: HeldClock
) -> None:
    story = remembered(session, make.story(WORDS))
    story.redact([(0, 9)], by=make.moderator(), mark="[hidden]")
    make.publish(story)
    held_clock.forward(days=31)
    night(app)
    assert story.versions[0].text is None
    assert kept(session) == 0


def test_a_withdrawal_forgets_at_once(make: Maker, session: Session) -> None:
    story = remembered(session, make.story(WORDS, state="declined"))
    story.withdraw()
    session.commit()
    assert kept(session) == 0


def test_what_a_cluster_knows_goes_with_the_last_of_its_stories(make: Maker, session: Session) -> None:
    one, other = (remembered(session, make.story(WORDS)) for _ in range(2))
    cluster = Cluster()
    session.add(cluster)
    session.flush()
    session.add(ClusterShingle(value=5, cluster_id=cluster.id))
    for story in (one, other):
        story.items[0].cluster_id = cluster.id
    session.commit()
    one.withdraw()
    session.commit()
    assert session.scalar(sa.select(sa.func.count()).select_from(ClusterShingle)) == 1
    other.withdraw()
    session.commit()
    assert not session.scalar(sa.select(sa.func.count()).select_from(ClusterShingle))


def test_forgetting_goes_on_until_nothing_is_left_and_twice_is_the_same(
    make: Maker, session: Session, held_clock: HeldClock
) -> None:
    for _ in range(5):
        remembered(session, make.story(WORDS, state="published")).newest.erase()
    session.commit()
    rounds = 0
    while forget_due(session, held_clock.moment.date(), most=2):
        rounds += 1
    assert rounds == 3
    assert kept(session) == 0
    assert forget_due(session, held_clock.moment.date()) == 0


def test_that_a_story_came_in_a_surge_is_forgotten_once_it_is_decided(
    app: Flask, make: Maker, session: Session
) -> None:
    waiting, decided = make.story(), make.story(state="published")
    for story in (waiting, decided):
        story.items[0].surge = 4711
    session.commit()
    night(app)
    session.expire_all()
    assert (waiting.items[0].surge, decided.items[0].surge) == (4711, None)
