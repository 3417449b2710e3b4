"""What no theme covers: groups of stories that a program found, for people to name, to merge or to dismiss."""

from __future__ import annotations

import enum
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from storyhub.models.columns import WITHOUT_ROWID, Base, BigInt, Day, OfVersion, RandomId, choice
from storyhub.models.theme import CodedBy, Coding, Theme, leads_to

FEWEST = 5  # stories of a group in which a word stands that is kept as a telling one (text/discovering)
ALIKE = 0.5  # the share of the stories of two groups that are in both, from which they are the same group again
AT_ONCE = 500  # parameters of a statement


class GroupState(enum.StrEnum):
    OPEN = "open"
    NAMED = "named"  # a new theme was made of it
    MERGED = "merged"  # its stories went to a theme that was there
    DISMISSED = "dismissed"


class Discovery(Base):
    """One search for what no theme covers. `asked`: what was looked at (look, theme, fine)."""

    __tablename__ = "discoveries"

    id: Mapped[RandomId]
    day: Mapped[Day]
    by_id: Mapped[int | None] = mapped_column(BigInt, sa.ForeignKey("people.id", ondelete="SET NULL"))
    method: Mapped[str] = mapped_column(sa.String(32))
    asked: Mapped[dict[str, Any]] = mapped_column(sa.JSON, default=dict)
    too_few: Mapped[dict[str, int]] = mapped_column(sa.JSON, default=dict)  # stories by languages that have too few
    stories: Mapped[int]
    without_group: Mapped[int] = mapped_column(default=0)


class DiscoveredGroup(Base):
    """Stories that tell of something alike. `words` tell it apart; each of them stands in several of its stories.

    A word that stands in too few since a story was taken back is an empty one: places in `words` are bits of `holds`.
    """

    __tablename__ = "discovered_groups"

    id: Mapped[RandomId]
    discovery_id: Mapped[int] = mapped_column(BigInt, sa.ForeignKey("discoveries.id", ondelete="CASCADE"), index=True)
    place: Mapped[int]
    language: Mapped[str | None] = mapped_column(sa.String(35))
    words: Mapped[list[str]] = mapped_column(sa.JSON, default=list)
    count: Mapped[int]
    across: Mapped[int] = mapped_column(default=0)  # where it stands in the picture of all groups, of a thousand
    down: Mapped[int] = mapped_column(default=0)
    state: Mapped[GroupState] = mapped_column(choice(GroupState), default=GroupState.OPEN)
    reason: Mapped[str] = mapped_column(sa.String(400), default="")  # why it was dismissed, for organisers
    theme_id: Mapped[int | None] = mapped_column(BigInt, sa.ForeignKey("themes.id"))
    # A group that somebody dismissed, of which this one is nearly all.
    like_id: Mapped[int | None] = mapped_column(BigInt, sa.ForeignKey("discovered_groups.id", ondelete="SET NULL"))
    by_id: Mapped[int | None] = mapped_column(BigInt, sa.ForeignKey("people.id", ondelete="SET NULL"))

    def name(self, theme: Theme, version_ids: Collection[int], *, by: int) -> list[int]:
        """A new theme was made of it: give it to these of its stories, which somebody read. Returns what changed."""
        self._guard(GroupState.OPEN)
        self.state = GroupState.NAMED
        return self._give(theme, version_ids, by)

    def merge(self, theme: Theme, version_ids: Collection[int], *, by: int) -> list[int]:
        """Its stories belong to a theme that is there: give it to these of them. Returns the versions that changed."""
        self._guard(GroupState.OPEN)
        self.state = GroupState.MERGED
        return self._give(theme, version_ids, by)

    def give_more(self, theme: Theme, version_ids: Collection[int], *, by: int) -> list[int]:
        """Give the theme that it has become to more of its stories. Returns the versions that changed."""
        self._guard(GroupState.NAMED, GroupState.MERGED)
        if theme.id != self.theme_id:
            raise NotOpen(self.state)
        return self._give(theme, version_ids, by)

    def dismiss(self, *, by: int, reason: str = "") -> None:
        """It tells nothing. The next search says so of groups of nearly the same stories."""
        self._guard(GroupState.OPEN)
        self.state, self.by_id, self.reason = GroupState.DISMISSED, by, reason

    def undo(self) -> list[int]:
        """Open again, as it was found; what it gave to stories is taken back. Returns the versions that changed."""
        self._guard(GroupState.NAMED, GroupState.MERGED, GroupState.DISMISSED)
        session = _session_of(self)
        chosen = sa.select(GroupStory.version_id).where(GroupStory.group_id == self.id, GroupStory.given.is_(True))
        given = list(session.scalars(chosen))
        for some in _some(given):
            session.execute(
                sa.delete(Coding).where(
                    Coding.theme_id == self.theme_id,
                    Coding.version_id.in_(some),
                    Coding.coded_by == CodedBy.SUGGESTION,
                    Coding.start.is_(None),
                )
            )
        session.execute(sa.update(GroupStory).where(GroupStory.group_id == self.id).values(given=False))
        self.state, self.theme_id, self.by_id, self.reason = GroupState.OPEN, None, None, ""
        return given

    def _give(self, theme: Theme, version_ids: Collection[int], by: int) -> list[int]:
        """As accepted suggestions, and only where nobody had given the theme to the whole story in this way before."""
        session = _session_of(self)
        changed: list[int] = []
        theme_id = leads_to(session)(theme.id)
        for some in _some(version_ids):
            mine = sa.select(GroupStory.version_id).where(
                GroupStory.group_id == self.id, GroupStory.version_id.in_(some)
            )
            coded = sa.select(Coding.version_id).where(
                Coding.theme_id == theme_id, Coding.version_id.in_(some), Coding.start.is_(None)
            )
            new = set(session.scalars(mine)) - set(session.scalars(coded))
            session.add_all(
                Coding(version_id=version_id, theme_id=theme_id, coded_by=CodedBy.SUGGESTION)
                for version_id in sorted(new)
            )
            session.execute(
                sa.update(GroupStory)
                .where(GroupStory.group_id == self.id, GroupStory.version_id.in_(new))
                .values(given=True)
            )
            changed += sorted(new)
        self.theme_id, self.by_id = theme_id, by
        session.flush()
        return changed

    def _guard(self, *states: GroupState) -> None:
        """As it is now, and nobody else decides meanwhile: of two at once the second one is told."""
        _session_of(self).refresh(self, with_for_update=True)
        if self.state not in states:
            raise NotOpen(self.state)


class GroupStory(Base):
    """A story of a group, and how typical of it, of a thousand.

    `holds`: which of the group's words stand in it, bit i for words[i]; `given`: the group gave it its theme.
    """

    __tablename__ = "group_stories"
    __table_args__ = WITHOUT_ROWID

    group_id: Mapped[int] = mapped_column(
        BigInt, sa.ForeignKey("discovered_groups.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    version_id: Mapped[OfVersion]
    typical: Mapped[int]
    holds: Mapped[int] = mapped_column(default=0)
    given: Mapped[bool] = mapped_column(default=False)


class NotOpen(Exception):
    """Somebody has decided about this group already."""


def forget_in_groups(session: Session, version_ids: Collection[int]) -> None:
    """Take versions out of all groups, and with them the words that stand in too few of the stories left.

    Called when a story is taken back, and when a version's day has come, in that transaction: what only few told must
    not stay at rest. Doesn't commit.
    """
    groups: set[int] = set()
    for some in _some(version_ids):
        groups |= set(session.scalars(sa.select(GroupStory.group_id).where(GroupStory.version_id.in_(some))))
        session.execute(sa.delete(GroupStory).where(GroupStory.version_id.in_(some)))
    for some in _some(sorted(groups)):
        for group in session.scalars(sa.select(DiscoveredGroup).where(DiscoveredGroup.id.in_(some))):
            left = session.scalars(sa.select(GroupStory.holds).filter_by(group_id=group.id)).all()
            kept = words_left(group.words, left, with_gaps=True)
            if kept != group.words:
                group.words = kept
    session.flush()


def words_left(words: Iterable[str], holds: Iterable[int], *, with_gaps: bool = False) -> list[str]:
    """Those telling words that stand in FEWEST of these stories still; `with_gaps`: an empty one for each other."""
    counted: Counter[int] = Counter(holds)
    found = []
    for bit, word in enumerate(words):
        stories = sum(number for held, number in counted.items() if held >> bit & 1)
        found.append(word if stories >= FEWEST else "")
    return found if with_gaps else [word for word in found if word]


def alike(session: Session, groups: Mapping[int, Collection[int]]) -> dict[int, int]:
    """For each group that is nearly all one which somebody dismissed: that one's id. `groups`: versions by any key."""
    dismissed: dict[int, set[int]] = {}
    chosen = sa.select(GroupStory.group_id, GroupStory.version_id).join(
        DiscoveredGroup, DiscoveredGroup.id == GroupStory.group_id
    )
    for group_id, version_id in session.execute(chosen.where(DiscoveredGroup.state == GroupState.DISMISSED)):
        dismissed.setdefault(group_id, set()).add(version_id)
    found: dict[int, int] = {}
    for key, version_ids in groups.items():
        mine = set(version_ids)
        shares = {group_id: len(mine & theirs) / len(mine | theirs) for group_id, theirs in dismissed.items()}
        best = max(shares, key=lambda group_id: (shares[group_id], group_id), default=None)
        if best is not None and shares[best] >= ALIKE:
            found[key] = best
    return found


def _some(ids: Collection[int]) -> Iterable[list[int]]:
    every = list(ids)
    return (every[start : start + AT_ONCE] for start in range(0, len(every), AT_ONCE))


def _session_of(group: DiscoveredGroup) -> Session:
    session = sa.orm.object_session(group)
    if session is None:
        raise RuntimeError("the group belongs to no session")
    return session
