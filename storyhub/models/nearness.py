"""Which stories are most like each other, worked out after their release and kept, so that a page only reads it.

Everything here hangs on a publication: with it go a story's vector and every line that names it (promise 10).
How the lines are found stands in models/connecting.py, which needs numbers that pages do not.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import cast

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session, mapped_column

from storyhub.models.columns import WITHOUT_ROWID, Base, BigInt, Day, RandomId

NEAREST = 10  # stories that each one knows
# In thousandths: what is less near than this is not shown as if others had told of the same.
LEAST = 400
# As near as that is the same text again, or nearly: it knows the first of its kind alone, and no other story knows it.
# Rounding leaves two that are equal at 990 or more; below 980 different people tell of the same in words of their own.
THE_SAME = 985


def _of_publication() -> sa.ForeignKey:
    return sa.ForeignKey("publications.position", ondelete="CASCADE")


class StoryVector(Base):
    """What a public story tells, as one of many numbers (text/nearness), and in which cell of the index it stands."""

    __tablename__ = "story_vectors"
    __table_args__ = (sa.Index("ix_story_vectors_cell", "cell", "position"),)

    position: Mapped[int] = mapped_column(BigInt, _of_publication(), primary_key=True, autoincrement=False)
    cell: Mapped[int]
    vector: Mapped[bytes] = mapped_column(sa.LargeBinary)
    # How near the last of its nearest is, in thousandths: what is nearer than that belongs among them.
    least: Mapped[int] = mapped_column(default=0)


class NearestStory(Base):
    """One of the stories that are most like another, with how near it is, in thousandths."""

    __tablename__ = "nearest_stories"
    __table_args__ = WITHOUT_ROWID

    position: Mapped[int] = mapped_column(BigInt, _of_publication(), primary_key=True, autoincrement=False)
    other_position: Mapped[int] = mapped_column(
        BigInt, _of_publication(), primary_key=True, autoincrement=False, index=True
    )
    nearness: Mapped[int] = mapped_column(sa.SmallInteger)


class NearnessDue(Base):
    """A public story whose nearest are still to be found, or found again."""

    __tablename__ = "nearness_due"
    __table_args__ = WITHOUT_ROWID

    position: Mapped[int] = mapped_column(BigInt, _of_publication(), primary_key=True, autoincrement=False)


class NearnessModel(Base):
    """By what the vectors that are kept were made: the method, what it learned of the codebook, the cells' centres."""

    __tablename__ = "nearness_models"

    id: Mapped[RandomId]
    method: Mapped[str] = mapped_column(sa.String(80))
    learned: Mapped[bytes | None] = mapped_column(sa.LargeBinary)
    centres: Mapped[bytes] = mapped_column(sa.LargeBinary)
    stories: Mapped[int]  # of how many public ones
    made_on: Mapped[Day]


def ask_for(session: Session, positions: Collection[int]) -> None:
    """Have the nearest of these public stories found, soon. Asking twice is asking once. Doesn't commit."""
    rows = [{"position": position} for position in positions]
    if rows:
        session.execute(insert_into(session, NearnessDue).on_conflict_do_nothing(), rows)


def forget(session: Session, position: int) -> None:
    """Forget a story's vector and every line that names it; those whose nearest it was look for another."""
    losing = sa.select(NearestStory.position).where(NearestStory.other_position == position)
    session.execute(insert_into(session, NearnessDue).from_select(["position"], losing).on_conflict_do_nothing())
    is_named = sa.or_(NearestStory.position == position, NearestStory.other_position == position)
    session.execute(sa.delete(NearestStory).where(is_named))
    for noun in (StoryVector, NearnessDue):
        session.execute(sa.delete(noun).filter_by(position=position))


def count_due(session: Session) -> int:
    """How many public stories wait for their nearest to be found."""
    return session.scalar(sa.select(sa.func.count()).select_from(NearnessDue)) or 0


def insert_into(session: Session, noun: type[Base]) -> postgresql.Insert | sqlite.Insert:
    """An INSERT that knows what to do with rows that are there already."""
    kind = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    return kind(cast(sa.Table, noun.__table__))
