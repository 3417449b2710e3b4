"""Coding rounds: a sample of stories that two people code without seeing each other's work, to compare it."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from storyhub.models.columns import WITHOUT_ROWID, Base, BigInt, Day, OfVersion, RandomId


class CodingRound(Base):
    """A sample, drawn by its seed from the public stories of a filter, and the themes that it is coded with."""

    __tablename__ = "coding_rounds"

    id: Mapped[RandomId]
    name: Mapped[str] = mapped_column(sa.Text)
    day: Mapped[Day]
    by_id: Mapped[int | None] = mapped_column(BigInt, sa.ForeignKey("people.id", ondelete="SET NULL"))
    seed: Mapped[int] = mapped_column(BigInt)
    filters: Mapped[dict[str, str | int | list[str] | None]] = mapped_column(sa.JSON, default=dict)
    theme_ids: Mapped[list[int]] = mapped_column(sa.JSON, default=list)
    closed: Mapped[bool] = mapped_column(default=False)


class RoundCoder(Base):
    """Somebody who codes a round."""

    __tablename__ = "round_coders"
    __table_args__ = WITHOUT_ROWID

    round_id: Mapped[int] = mapped_column(
        BigInt, sa.ForeignKey("coding_rounds.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    person_id: Mapped[int] = mapped_column(
        BigInt, sa.ForeignKey("people.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )


class RoundStory(Base):
    """A version of a story that is in the sample, and its place there, which is chance."""

    __tablename__ = "round_stories"
    __table_args__ = WITHOUT_ROWID

    round_id: Mapped[int] = mapped_column(
        BigInt, sa.ForeignKey("coding_rounds.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    version_id: Mapped[OfVersion]
    place: Mapped[int]
    settled: Mapped[bool] = mapped_column(default=False)  # somebody looked at what its coders saw differently


class RoundReading(Base):
    """That somebody is done with a story of the round, also when they gave it no theme."""

    __tablename__ = "round_readings"
    __table_args__ = WITHOUT_ROWID

    round_id: Mapped[int] = mapped_column(
        BigInt, sa.ForeignKey("coding_rounds.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    version_id: Mapped[OfVersion]
    person_id: Mapped[int] = mapped_column(
        BigInt, sa.ForeignKey("people.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )


class RoundCoding(Base):
    """A theme that one coder gave, to the whole story or to a span in code points. The other one does not see it."""

    __tablename__ = "round_codings"

    id: Mapped[RandomId]
    round_id: Mapped[int] = mapped_column(BigInt, sa.ForeignKey("coding_rounds.id", ondelete="CASCADE"), index=True)
    version_id: Mapped[int] = mapped_column(BigInt, sa.ForeignKey("story_versions.id", ondelete="CASCADE"), index=True)
    person_id: Mapped[int] = mapped_column(BigInt, sa.ForeignKey("people.id", ondelete="CASCADE"))
    theme_id: Mapped[int] = mapped_column(BigInt, sa.ForeignKey("themes.id"))
    start: Mapped[int | None]
    end: Mapped[int | None]
