"""What no theme covers: groups of stories that a program found, for people to name, to merge or to dismiss."""

from __future__ import annotations

import enum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from storyhub.models.columns import WITHOUT_ROWID, Base, BigInt, Day, RandomId, choice


class GroupState(enum.StrEnum):
    OPEN = "open"
    NAMED = "named"  # a new theme was made of it
    MERGED = "merged"  # its stories went to a theme that was there
    DISMISSED = "dismissed"


class Discovery(Base):
    """One search for what no theme covers."""

    __tablename__ = "discoveries"

    id: Mapped[RandomId]
    day: Mapped[Day]
    by_id: Mapped[int | None] = mapped_column(BigInt, sa.ForeignKey("people.id", ondelete="SET NULL"))
    method: Mapped[str] = mapped_column(sa.String(32))
    stories: Mapped[int]
    without_group: Mapped[int] = mapped_column(default=0)


class DiscoveredGroup(Base):
    """Stories that tell of something alike. `words` tell it apart; each of them stands in several of its stories."""

    __tablename__ = "discovered_groups"

    id: Mapped[RandomId]
    discovery_id: Mapped[int] = mapped_column(BigInt, sa.ForeignKey("discoveries.id", ondelete="CASCADE"), index=True)
    place: Mapped[int]
    language: Mapped[str | None] = mapped_column(sa.String(35))
    words: Mapped[list[str]] = mapped_column(sa.JSON, default=list)
    count: Mapped[int]
    state: Mapped[GroupState] = mapped_column(choice(GroupState), default=GroupState.OPEN)
    theme_id: Mapped[int | None] = mapped_column(BigInt, sa.ForeignKey("themes.id"))
    by_id: Mapped[int | None] = mapped_column(BigInt, sa.ForeignKey("people.id", ondelete="SET NULL"))


class GroupStory(Base):
    """A story of a group, and how typical of it, of a thousand."""

    __tablename__ = "group_stories"
    __table_args__ = WITHOUT_ROWID

    group_id: Mapped[int] = mapped_column(
        BigInt, sa.ForeignKey("discovered_groups.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    version_id: Mapped[int] = mapped_column(
        BigInt,
        sa.ForeignKey("story_versions.id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
        index=True,
    )
    typical: Mapped[int]
