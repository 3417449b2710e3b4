"""The keyed shingles of stories: how a text is known again, without its words, and when that is forgotten too.

They stay as long as the words of their version are held. Those of a declined version outlive its words by
DAYS_AFTER_THE_WORDS, so that a flood that was declined is known when it comes again; a withdrawal ends them at once.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable
from functools import cache

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from storyhub.models.cluster import ClusterShingle
from storyhub.models.columns import WITHOUT_ROWID, Base, BigInt, Day
from storyhub.models.queue import QueueItem
from storyhub.models.states import State
from storyhub.models.version import StoryVersion
from storyhub.text.likeness import Sketch

DAYS_AFTER_THE_WORDS = 30
MOST_OF_ONE_VALUE = 50  # stories looked at for one shingle: "and then I" stands in a tenth of all stories
AT_ONCE = 500  # ids named in one query
VALUES_AT_ONCE = 100  # of which each is asked for by itself

# The story's noun forgets by means of this module, so this one knows it only by its table.
STORIES = sa.table("stories", sa.column("id"), sa.column("state"))


class Shingle(Base):
    """One keyed value of a version's sketch (text/likeness). Not to be read without the key, which is not here."""

    __tablename__ = "shingles"
    __table_args__ = (sa.Index("ix_shingles_version_id", "version_id"), WITHOUT_ROWID)

    value: Mapped[int] = mapped_column(BigInt, primary_key=True, autoincrement=False)
    version_id: Mapped[int] = mapped_column(
        BigInt, sa.ForeignKey("story_versions.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )


class FadingLikeness(Base):
    """A declined version whose words are gone, and the day on which its shingles go too."""

    __tablename__ = "fading_likenesses"
    __table_args__ = WITHOUT_ROWID

    version_id: Mapped[int] = mapped_column(
        BigInt, sa.ForeignKey("story_versions.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    forget_on: Mapped[Day] = mapped_column(index=True)


def remember(session: Session, sketches: dict[int, Sketch]) -> None:
    """Keep the sketches of versions, by their ids, in place of what was kept of them before. Doesn't commit."""
    _forget_versions(session, sketches)
    rows = [{"value": value, "version_id": version} for version, values in sketches.items() for value in sorted(values)]
    if rows:
        session.execute(sa.insert(Shingle), rows)


def sketches_of(session: Session, versions: Collection[int]) -> dict[int, Sketch]:
    """What is kept of these versions; those of which nothing is kept are not in it."""
    found: defaultdict[int, set[int]] = defaultdict(set)
    for some in _in_parts(versions):
        rows = session.execute(sa.select(Shingle.version_id, Shingle.value).where(Shingle.version_id.in_(some)))
        for version_id, value in rows:
            found[version_id].add(value)
    return {version_id: frozenset(values) for version_id, values in found.items()}


def sharing(session: Session, values: Collection[int], most_of_one: int = MOST_OF_ONE_VALUE) -> dict[int, list[int]]:
    """Which versions have each of these values. Reads at most values * most_of_one rows, however many are kept.

    Where a value stands in more versions than that, the ones left out share what nearly every text says.
    """
    found: defaultdict[int, list[int]] = defaultdict(list)
    listed = sorted(values)
    for start in range(0, len(listed), VALUES_AT_ONCE):
        part = listed[start : start + VALUES_AT_ONCE]
        named = {f"value_{place}": value for place, value in enumerate(part)}
        for value, version_id in session.execute(_having(len(part)), {**named, "most": most_of_one}):
            found[value].append(version_id)
    return dict(found)


@cache
def _having(number: int) -> sa.TextClause:
    """For each of so many values, up to :most versions that have it: written by hand, since building it takes longer
    than asking it."""
    one = "SELECT * FROM (SELECT value, version_id FROM shingles WHERE value = :value_{0} LIMIT :most) AS part_{0}"
    return sa.text(" UNION ALL ".join(one.format(place) for place in range(number)))


def forget_story(session: Session, story_id: int) -> None:
    """Forget how a story's words were at once, and what clusters keep of nobody else's. For withdrawals."""
    versions = list(session.scalars(sa.select(StoryVersion.id).filter_by(story_id=story_id)))
    clusters = session.scalars(sa.select(QueueItem.cluster_id).filter_by(story_id=story_id)).all()
    _forget_versions(session, versions)
    session.execute(sa.delete(FadingLikeness).where(FadingLikeness.version_id.in_(versions)))
    _forget_cores(session, [cluster for cluster in clusters if cluster is not None])


def forget_due(session: Session, today: dt.date, most: int = AT_ONCE) -> int:
    """Forget the shingles of words that are no longer held, those of declined ones 30 days later. Doesn't commit.

    Returns how many versions were seen to, `most` at once; 0 when nothing is left to do.
    """
    gone = _without_words(session, most)
    fading = [version for version, state in gone if state == State.DECLINED]
    over = [version for version, state in gone if state != State.DECLINED]
    rows = [{"version_id": version, "forget_on": today + dt.timedelta(DAYS_AFTER_THE_WORDS)} for version in fading]
    if rows:
        session.execute(sa.insert(FadingLikeness), rows)
    due = sa.select(FadingLikeness.version_id).where(FadingLikeness.forget_on <= today).limit(most)
    over += session.scalars(due)
    _forget_versions(session, over)
    session.execute(sa.delete(FadingLikeness).where(FadingLikeness.version_id.in_(over)))
    if not (fading or over):
        _forget_cores(session, list(session.scalars(sa.select(ClusterShingle.cluster_id).distinct())))
    return len(fading) + len(over)


def _without_words(session: Session, most: int) -> list[tuple[int, str]]:
    """Versions whose words are gone and whose shingles are not, nor have a day yet; with the state of their story."""
    rows = session.execute(
        sa.select(StoryVersion.id, STORIES.c.state)
        .join(STORIES, STORIES.c.id == StoryVersion.story_id)
        .where(
            StoryVersion.text.is_(None),
            sa.exists().where(Shingle.version_id == StoryVersion.id),
            ~sa.exists().where(FadingLikeness.version_id == StoryVersion.id),
        )
        .limit(most)
    )
    return [(version_id, state) for version_id, state in rows]


def _forget_versions(session: Session, versions: Iterable[int]) -> None:
    for some in _in_parts(list(versions)):
        session.execute(sa.delete(Shingle).where(Shingle.version_id.in_(some)))


def _forget_cores(session: Session, clusters: Collection[int]) -> None:
    """Forget what these clusters' stories share, where no shingles of any of their stories are kept."""
    still = (
        sa.exists()
        .where(QueueItem.cluster_id == ClusterShingle.cluster_id)
        .where(StoryVersion.story_id == QueueItem.story_id)
        .where(Shingle.version_id == StoryVersion.id)
    )
    for some in _in_parts(clusters):
        session.execute(sa.delete(ClusterShingle).where(ClusterShingle.cluster_id.in_(some), ~still))


def _in_parts(ids: Collection[int]) -> Iterable[list[int]]:
    listed = list(ids)
    return (listed[start : start + AT_ONCE] for start in range(0, len(listed), AT_ONCE))


__all__ = ["FadingLikeness", "Shingle", "forget_due", "forget_story", "remember", "sharing", "sketches_of"]
