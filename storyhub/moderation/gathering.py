"""Finds among what came in what came as one, and puts it together for the desk. Never commits; no request waits for it.

Likeness and number together move stories to the held lane. Two or three equal ones stay where they are, and so does
whatever a person looked at and found to be alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from storyhub import clock
from storyhub.models.cluster import Cluster, ClusterShingle
from storyhub.models.likeness import AT_ONCE, remember, sharing, sketches_of
from storyhub.models.queue import Kind, Lane, QueueItem
from storyhub.models.story import State, Story
from storyhub.models.version import StoryVersion
from storyhub.text.gathering import TO_BEGIN, Group, belongs, groups, share_in
from storyhub.text.likeness import Sketch, sketch

AT_A_TIME = 100  # new stories: on SQLite nobody else writes meanwhile, about half a second
MOST_BESIDE = 2_000  # stories that one round holds the new ones against
MOST_CORES = 50  # clusters that one story is held against


@dataclass(frozen=True)
class Arrived:
    """A story that has just come: its place in the queue, its words' version, and how they are."""

    item_id: int
    version_id: int
    surge: int | None
    sketch: Sketch


def gather(session: Session, key: bytes, most: int = AT_A_TIME) -> int:
    """Compare what came and was not compared yet, `most` at once. Returns how many; 0 when nothing is left."""
    arrived = _take_new(session, key, most)
    if arrived:
        known = _join_known(session, arrived)
        _form_new(session, [one for one in arrived if one.item_id not in known])
    _hold_members(session)
    return len(arrived)


def _take_new(session: Session, key: bytes, most: int) -> list[Arrived]:
    """Sketch the words of new items, keep the sketches, and mark the items as compared."""
    number = sa.select(sa.func.max(StoryVersion.number)).where(StoryVersion.story_id == QueueItem.story_id)
    rows = session.execute(
        sa.select(QueueItem.id, QueueItem.surge, StoryVersion.id, StoryVersion.text)
        .join(StoryVersion, StoryVersion.story_id == QueueItem.story_id)
        .where(StoryVersion.number == number.correlate(QueueItem).scalar_subquery())
        .where(QueueItem.compared.is_(False), QueueItem.closed.is_(False), QueueItem.kind == Kind.STORY)
        .order_by(QueueItem.id)
        .limit(most)
    ).all()
    arrived = [Arrived(item, version, surge, sketch(text or "", key)) for item, surge, version, text in rows]
    remember(session, {one.version_id: one.sketch for one in arrived})
    _set(session, [one.item_id for one in arrived], compared=True)
    return arrived


def _join_known(session: Session, arrived: list[Arrived]) -> set[int]:
    """Put new items to the clusters that they belong to. Returns the items that need no further look.

    What is like a scattered cluster is let be: a person has said that this is no flood.
    """
    cores = _cores_near(session, {value for one in arrived for value in one.sketch})
    scattered = set(session.scalars(sa.select(Cluster.id).where(Cluster.id.in_(cores), Cluster.scattered)))
    joining: dict[int, list[int]] = {}
    known = set()
    for one in arrived:
        fitting = [cluster for cluster, core in cores.items() if belongs(one.sketch, core)]
        if not fitting:
            continue
        known.add(one.item_id)
        best = max(fitting, key=lambda cluster: (share_in(cores[cluster], one.sketch), cluster))
        if best not in scattered:
            joining.setdefault(best, []).append(one.item_id)
    for cluster, items in joining.items():
        _set(session, items, cluster_id=cluster)
    return known


def _cores_near(session: Session, values: Collection[int]) -> dict[int, Sketch]:
    """The cores of the clusters that share most with any of these values."""
    shared: Counter[int] = Counter()
    listed = list(values)
    for start in range(0, len(listed), AT_ONCE):
        part = ClusterShingle.value.in_(listed[start : start + AT_ONCE])
        shared.update(session.scalars(sa.select(ClusterShingle.cluster_id).where(part)))
    nearest = [cluster for cluster, _number in shared.most_common(MOST_CORES)]
    cores: dict[int, set[int]] = {cluster: set() for cluster in nearest}
    rows = session.execute(
        sa.select(ClusterShingle.cluster_id, ClusterShingle.value).where(ClusterShingle.cluster_id.in_(nearest))
    )
    for cluster, value in rows:
        cores[cluster].add(value)
    return {cluster: frozenset(core) for cluster, core in cores.items()}


def _form_new(session: Session, arrived: list[Arrived]) -> None:
    """Make clusters of new items and of what waits, or was declined, and is like them."""
    if not arrived:
        return
    mine = {one.version_id: one.sketch for one in arrived}
    item_of = {one.version_id: one.item_id for one in arrived} | _beside(session, arrived)
    texts = sketches_of(session, [version for version in item_of if version not in mine]) | mine
    for group in groups(texts):
        if group.members & mine.keys():
            _form(session, group, [item_of[version] for version in group.members])


def _form(session: Session, group: Group[int], items: list[int]) -> None:
    cluster = Cluster(formed_on=clock.today(), scattered=False)
    session.add(cluster)
    session.flush()
    session.execute(
        sa.insert(ClusterShingle), [{"value": value, "cluster_id": cluster.id} for value in sorted(group.core)]
    )
    _set(session, items, cluster_id=cluster.id)


def _beside(session: Session, arrived: list[Arrived]) -> dict[int, int]:
    """Version and item of stories that the new ones are held against: those that share shingles, and surge-mates."""
    shared: Counter[int] = Counter()
    having = sharing(session, {value for one in arrived for value in one.sketch})
    for one in arrived:
        near = Counter(version for value in one.sketch for version in having.get(value, ()))
        shared.update({version: number for version, number in near.items() if number >= TO_BEGIN})
    nearest = [version for version, _number in shared.most_common(MOST_BESIDE)]
    surges = {one.surge for one in arrived if one.surge is not None}
    found: dict[int, int] = {}
    for start in range(0, len(nearest), AT_ONCE):
        found |= _comparable(session, StoryVersion.id.in_(nearest[start : start + AT_ONCE]))
    if surges:
        found |= _comparable(session, QueueItem.surge.in_(surges))
    return {version: item for version, item in found.items() if version not in {one.version_id for one in arrived}}


def _comparable(session: Session, which: sa.ColumnElement[bool]) -> dict[int, int]:
    """Version and item of what waits or was declined and belongs to no cluster; what a person left alone stays so."""
    rows = session.execute(
        sa.select(StoryVersion.id, QueueItem.id)
        .join(QueueItem, QueueItem.story_id == StoryVersion.story_id)
        .join(Story, Story.id == StoryVersion.story_id)
        .where(which, QueueItem.kind == Kind.STORY, QueueItem.cluster_id.is_(None), QueueItem.compared)
        .where(QueueItem.alone.is_(False))
        .where(sa.or_(QueueItem.closed.is_(False), Story.state == State.DECLINED, Story.outcome == State.DECLINED))
        .limit(MOST_BESIDE)
    )
    return {version: item for version, item in rows}  # noqa: C416 - a Result is no mapping


def _hold_members(session: Session) -> None:
    """Move clusters' stories to the held lane, but for those that somebody has in hand, and urgent ones.

    What a person chose to decide as one, and took back, waits where it stood: it is no flood.
    """
    chosen = sa.select(Cluster.id).where(Cluster.chosen)
    free = sa.or_(QueueItem.claimed_until.is_(None), QueueItem.claimed_until <= clock.now().replace(tzinfo=None))
    session.execute(
        sa.update(QueueItem)
        .where(QueueItem.cluster_id.is_not(None), QueueItem.closed.is_(False), QueueItem.lane == Lane.USUAL, free)
        .where(QueueItem.cluster_id.not_in(chosen))
        .values(lane=Lane.HELD)
        .execution_options(synchronize_session=False)
    )
    session.expire_all()


def _set(session: Session, items: Collection[int], **values: int | bool) -> None:
    """Change items all at once, without a word to whoever has one of them open: these columns are nobody's decision."""
    listed = list(items)
    for start in range(0, len(listed), AT_ONCE):
        session.execute(
            sa.update(QueueItem)
            .where(QueueItem.id.in_(listed[start : start + AT_ONCE]))
            .values(**values)
            .execution_options(synchronize_session=False)
        )
