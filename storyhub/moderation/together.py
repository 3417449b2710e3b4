"""A cluster or a selection in somebody's hands: what is in it, and one decision about many stories. Never commits.

Every story still has its own decision in the record, its own letter and its own right to an appeal.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from statistics import median
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, selectinload
from sqlalchemy.orm.attributes import set_committed_value

from storyhub import clock
from storyhub.models.cluster import Cluster, ClusterShingle
from storyhub.models.decision import Act, Decision, Reason, append_decision
from storyhub.models.likeness import AT_ONCE, sketches_of
from storyhub.models.people import Person
from storyhub.models.queue import CLAIM, Kind, Lane, QueueItem, free_for
from storyhub.models.story import NotPossible, State, Story
from storyhub.models.version import StoryVersion
from storyhub.moderation.second_eyes import as_second, wants_two_to_decline
from storyhub.protection import identifiers
from storyhub.text.excerpt import opening
from storyhub.text.gathering import share_in
from storyhub.text.hostility import may_be_aimed_at_contributors
from storyhub.text.likeness import shared_passages

MOST_AT_ONCE = 500  # stories of one decision; of a larger cluster the rest comes next
MOST_CHOSEN = 100  # stories that somebody chooses by hand: every one of their openings is to be read
UNLIKE = 0.6  # of the middle member's likeness: what is less like the others is proposed to be left out
CHARACTERS = 400  # of which an opening is made

Conditions = tuple[sa.ColumnElement[bool], ...]
Letter = Callable[[Reason, str | None], str]  # a letter for a reason, in the language of a story


@dataclass(frozen=True)
class Member:
    """A story of a cluster as its page shows it. `likeness`: how much of it all share, from 0 to 1; `aimed`: a hint."""

    id: int
    opening: str
    language: str | None
    country: str | None
    days: int
    likeness: float
    in_hand_of: str | None
    aimed: bool
    unlike: bool = False


@dataclass(frozen=True)
class Sight:
    """All that is seen of a cluster: who is in it and open, least alike first, and how it stands."""

    cluster: Cluster
    mine: list[Member]
    others: list[Member]
    open: int
    decided: int
    beside: int

    @property
    def unlike(self) -> int:
        return sum(member.unlike for member in self.mine)


@dataclass(frozen=True)
class Choice:
    """All that is seen of stories that somebody chose: theirs now, in other hands, and how many wait no longer."""

    mine: list[Member]
    others: list[Member]
    gone: int


def take_in_hand(session: Session, cluster: Cluster, *, by: Person) -> None:
    """Hold the open stories that nobody else holds, MOST_AT_ONCE at most. What comes later is not among them."""
    _take(session, _open(cluster), by)


def take_these(session: Session, ids: Collection[int], *, by: Person) -> None:
    """Hold those of the chosen stories that nobody else holds."""
    _take(session, _chosen(ids), by)


def _take(session: Session, which: Conditions, by: Person) -> None:
    held = session.scalar(sa.select(sa.func.count()).where(*which, *_held(by))) or 0
    until = clock.now().replace(tzinfo=None) + CLAIM
    free = (
        sa.select(QueueItem.id)
        .where(*which, free_for(by), QueueItem.claimed_by_id.is_distinct_from(by.id))
        .order_by(QueueItem.id)
        .limit(max(0, MOST_AT_ONCE - held))
        .with_for_update(skip_locked=True)
    )
    taken = [*session.scalars(free), *session.scalars(sa.select(QueueItem.id).where(*which, *_held(by)))]
    _change(session, taken, claimed_by_id=by.id, claimed_until=until)


def choice(session: Session, ids: Collection[int], *, by: Person) -> Choice:
    """What this person sees of stories that they chose, as the queue has them: who has waited longest comes first."""
    members = sorted(_members(session, _chosen(ids), by), key=lambda member: (-member[0].days, member[0].id))
    mine = [member for member, is_mine in members if is_mine]
    others = [member for member, is_mine in members if not is_mine]
    return Choice(mine, others, len(set(ids)) - len(members))


def may_be_chosen(item: QueueItem) -> bool:
    """Whether it can be decided with others: not where somebody may be in danger, comes back, or was read once."""
    return item.kind is Kind.STORY and item.lane is not Lane.URGENT and item.only_for is None and not item.first_number


def sight(session: Session, cluster: Cluster, *, by: Person) -> Sight:
    """What this person sees of a cluster: the stories in their hand, those in others' hands, and counts."""
    core = frozenset(session.scalars(sa.select(ClusterShingle.value).filter_by(cluster_id=cluster.id)))
    members = _members(session, _open(cluster), by, core)
    mine = [member for member, is_mine in members if is_mine]
    middle = median(member.likeness for member in mine) if mine else 0.0
    seen = [_judged(member, UNLIKE * middle) for member in sorted(mine, key=lambda one: (one.likeness, one.id))]
    surges = sa.select(QueueItem.surge).where(QueueItem.cluster_id == cluster.id, QueueItem.surge.is_not(None))
    return Sight(
        cluster=cluster,
        mine=seen,
        others=[member for member, is_mine in members if member.in_hand_of and not is_mine],
        open=session.scalar(sa.select(sa.func.count()).where(*_open(cluster))) or 0,
        decided=session.scalar(
            sa.select(sa.func.count()).where(QueueItem.cluster_id == cluster.id, QueueItem.closed.is_(True))
        )
        or 0,
        beside=session.scalar(
            sa.select(sa.func.count()).where(
                QueueItem.surge.in_(surges), QueueItem.closed.is_(False), QueueItem.cluster_id.is_(None)
            )
        )
        or 0,
    )


def passages(session: Session, sight: Sight, key: bytes) -> list[str]:
    """What the stories in hand share, in folded words: read from the one that is most like the others."""
    if not sight.mine:
        return []
    core = frozenset(session.scalars(sa.select(ClusterShingle.value).filter_by(cluster_id=sight.cluster.id)))
    story = sa.select(QueueItem.story_id).where(QueueItem.id == sight.mine[-1].id).scalar_subquery()
    newest = sa.select(StoryVersion.text).where(StoryVersion.story_id == story).order_by(StoryVersion.number.desc())
    return shared_passages(session.scalar(newest.limit(1)) or "", core, key)


def may_be_undone(session: Session, cluster: Cluster, *, by: Person) -> bool:
    """Whether anything of it stands declined, or waits for a second person after this one has read it."""
    stands = sa.or_(Story.outcome == State.DECLINED, Story.state == State.DECLINED)
    done = sa.or_(sa.and_(QueueItem.closed, stands), sa.and_(*_read_first(by)))
    found = sa.select(QueueItem.id).join(Story).where(QueueItem.cluster_id == cluster.id, done)
    return session.scalar(found.limit(1)) is not None


def _read_first(by: Person) -> Conditions:
    return QueueItem.closed.is_(False), QueueItem.first_number.is_not(None), QueueItem.not_for_id == by.id


def was_declined_by(session: Session, cluster: Cluster, person: Person) -> bool:
    """Whether this person has declined some of it today: then a second press is the first one once more."""
    query = (
        sa.select(Decision)
        .join(QueueItem, QueueItem.story_id == Decision.story_id)
        .where(QueueItem.cluster_id == cluster.id, Decision.by_id == person.id, Decision.act == Act.DECLINE)
        .order_by(Decision.number.desc())
        .limit(1)
    )
    last = session.scalar(query)
    return last is not None and last.day == clock.today() and "cluster" in last.facts


def in_hand(session: Session, cluster: Cluster, *, by: Person) -> list[QueueItem]:
    """The stories of a cluster that this person holds now, with all that deciding about them reads."""
    return [item for item, *_rest in _locked(session, sa.select(QueueItem).where(*_open(cluster), *_held(by)))]


def these_in_hand(session: Session, ids: Collection[int], *, by: Person) -> list[QueueItem]:
    """Those of the chosen stories that this person holds now, with all that deciding about them reads."""
    return [item for item, *_rest in _locked(session, sa.select(QueueItem).where(*_chosen(ids), *_held(by)))]


def put_together(session: Session, items: Collection[QueueItem]) -> Cluster:
    """A cluster of what somebody chose to decide as one, so that it can be taken back as one. Nothing joins it."""
    cluster = Cluster(formed_on=clock.today(), chosen=True)
    session.add(cluster)
    session.flush()
    for item in items:
        item.cluster_id = cluster.id
    return cluster


def decided_with(session: Session, ids: Collection[int], *, by: Person) -> int | None:
    """The cluster as which this person has just declined all of these: then a second press is the first once more."""
    clusters = session.scalars(
        sa.select(QueueItem.cluster_id).where(QueueItem.id.in_(ids), QueueItem.closed.is_(True)).distinct()
    )
    for found in filter(None, clusters):
        cluster = session.get(Cluster, found)
        if cluster is not None and cluster.chosen and was_declined_by(session, cluster, by):
            return cluster.id
    return None


def leave_where_they_stand(items: Collection[QueueItem]) -> None:
    """What was chosen and is left out after all waits on as before, for whoever comes next."""
    for item in items:
        item.let_go()


def decline_together(
    items: Collection[QueueItem],
    cluster: Cluster,
    *,
    by: Person,
    window: int,
    reason: Reason,
    letter: Letter,
    note: str,
    asked: Collection[str] = (),
) -> tuple[int, int]:
    """Decline each story, with a letter in its own language and a decision of its own.

    `asked`: when the stewards want two people (`second_eyes`); what is for two waits for the second one. Returns how
    many were declined, and how many wait so.
    """
    facts: dict[str, str | int | None] = {"cluster": identifiers.shown(cluster.id)}
    for_two = 0
    for item in items:
        is_read = item.story.receipt_digest is not None  # nobody else could open the letter
        words = letter(reason, item.story.newest.language) if is_read else None
        if wants_two_to_decline(asked, item):
            item.story.first_read(Act.DECLINE, by=by, reason=reason, letter=words, note=note, facts=facts)
            for_two += 1
            if cluster.chosen:  # the second person finds each by itself, and need not choose the same ones
                item.cluster_id = None
        else:
            told = {**facts, **as_second(item)}
            item.story.decline(by=by, window=window, reason=reason, letter=words, note=note, facts=told)
    return len(items) - for_two, for_two


def leave_apart(session: Session, items: Collection[QueueItem], *, by: Person) -> None:
    """A person found that these are no copies: each waits in the usual lane again, and joins nothing any more."""
    for item in items:
        facts: dict[str, str | int | None] = {
            "lane": str(Lane.USUAL),
            "cluster": identifiers.shown(item.cluster_id or 0),
        }
        item.cluster_id, item.alone, item.lane = None, True, Lane.USUAL
        item.let_go()
        newest = item.story.newest.id
        append_decision(session, Act.HOLD, by=by.id, story_id=item.story_id, version_id=newest, facts=facts)


def scatter(session: Session, cluster: Cluster, *, by: Person) -> int:
    """This is no flood: its stories wait in the usual lane again, each by itself, and later ones like them do too.

    What somebody else holds stays in their hand, and is let go of by them. Returns how many stories were scattered.
    """
    cluster.scattered = True
    items = [item for item, *_rest in _locked(session, sa.select(QueueItem).where(*_open(cluster), free_for(by)))]
    leave_apart(session, items, by=by)
    _change(session, list(session.scalars(sa.select(QueueItem.id).where(*_open(cluster)))), cluster_id=None, alone=True)
    return len(items)


def undo_together(session: Session, cluster: Cluster, *, by: Person) -> tuple[int, int]:
    """Reverse every decision about the cluster as one that still stands. Returns how many were, and how many could not.

    A story that was withdrawn, edited, appealed or decided otherwise meanwhile is left as it is.
    """
    last = sa.select(sa.func.max(Decision.number)).where(Decision.story_id == QueueItem.story_id).correlate(QueueItem)
    chosen = (
        sa.select(QueueItem, Decision)
        .join(Decision, Decision.number == last.scalar_subquery())
        .where(QueueItem.cluster_id == cluster.id)
        .where(
            sa.or_(
                sa.and_(QueueItem.closed.is_(True), Decision.act == Act.DECLINE),
                sa.and_(*_read_first(by), Decision.act == Act.FIRST_READ),
            )
        )
    )
    undone = left = 0
    for item, decision in _locked(session, chosen):
        if decision.facts.get("cluster") != identifiers.shown(cluster.id) or item.story.state is State.WITHDRAWN:
            continue
        try:
            if decision.act is Act.FIRST_READ:
                item.story.take_back_first_reading(by=by)
            else:
                item.story.undo(by=by)
            undone += 1
        except NotPossible:
            left += 1
            continue
        if cluster.chosen:
            item.cluster_id = None  # they have nothing in common but that somebody chose them
    return undone, left


def _open(cluster: Cluster) -> Conditions:
    return QueueItem.cluster_id == cluster.id, QueueItem.closed.is_(False), QueueItem.lane != Lane.URGENT


def _chosen(ids: Collection[int]) -> Conditions:
    """As `may_be_chosen`, for the database."""
    return (
        QueueItem.id.in_(ids),
        QueueItem.closed.is_not(True),
        QueueItem.kind == Kind.STORY,
        QueueItem.lane != Lane.URGENT,
        QueueItem.only_for.is_(None),
        QueueItem.first_number.is_(None),
    )


def _held(by: Person) -> Conditions:
    now = clock.now().replace(tzinfo=None)
    return QueueItem.claimed_by_id == by.id, QueueItem.claimed_until > now


def _locked(session: Session, chosen: Any) -> list[Any]:
    """Rows that begin with an item, locked and read anew, their stories with what deciding reads of each.

    In a handful of queries for any number of them.
    """
    session.flush()
    session.expire_all()
    rows = list(session.execute(chosen.order_by(QueueItem.id).with_for_update(of=QueueItem)).all())
    items = [item for item, *_rest in rows]
    for start in range(0, len(items), AT_ONCE):
        part = items[start : start + AT_ONCE]
        some = sa.select(Story).where(Story.id.in_([item.story_id for item in part]))
        told = session.scalars(some.options(*map(selectinload, (Story.versions, Story.items, Story.questions)))).all()
        by_id = {story.id: story for story in told}
        for item in part:
            set_committed_value(
                item, "story", by_id[item.story_id]
            )  # else they would be forgotten again, and asked for
    return rows


def _members(
    session: Session, which: Conditions, by: Person, core: frozenset[int] = frozenset()
) -> list[tuple[Member, bool]]:
    """Open stories that somebody holds, and whether this person does. As many queries for any number of them."""
    number = sa.select(sa.func.max(StoryVersion.number)).where(StoryVersion.story_id == QueueItem.story_id)
    now = clock.now().replace(tzinfo=None)
    rows = session.execute(
        sa.select(QueueItem, StoryVersion.id, StoryVersion.country, _beginning(), Person.username)
        .join(StoryVersion, StoryVersion.story_id == QueueItem.story_id)
        .join(Person, Person.id == QueueItem.claimed_by_id)
        .where(StoryVersion.number == number.correlate(QueueItem).scalar_subquery())
        .where(*which, QueueItem.claimed_until > now)
        .order_by(QueueItem.id)
        .execution_options(populate_existing=True)
    ).all()
    sketches = sketches_of(session, [version for _item, version, *_rest in rows]) if core else {}
    return [
        (
            Member(
                id=item.id,
                opening=opening(words or "")[0],
                language=item.language,
                country=country,
                days=item.waited_days,
                likeness=share_in(core, sketches.get(version, frozenset())),
                in_hand_of=name,
                aimed=may_be_aimed_at_contributors(words or "", item.language),
            ),
            item.claimed_by_id == by.id,
        )
        for item, version, country, words, name in rows
    ]


def _beginning() -> sa.ColumnElement[str]:
    return sa.func.substr(StoryVersion.text, 1, CHARACTERS)


def _judged(member: Member, least: float) -> Member:
    return Member(**{**member.__dict__, "unlike": member.likeness < least})


def _change(session: Session, items: Collection[int], **values: object) -> None:
    session.flush()
    listed = list(items)
    for start in range(0, len(listed), AT_ONCE):
        some = sa.update(QueueItem).where(QueueItem.id.in_(listed[start : start + AT_ONCE])).values(**values)
        session.execute(some.execution_options(synchronize_session=False))
    session.expire_all()
