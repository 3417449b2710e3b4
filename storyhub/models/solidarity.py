"""What readers said to a story with one press: counted without knowing who, and shown from the next release on."""

from __future__ import annotations

import enum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from storyhub.models.columns import WITHOUT_ROWID, Base, BigInt, choice


class Said(enum.StrEnum):
    HEARD = "heard"
    ME_TOO = "me_too"


class Solidarity(Base):
    """How often one thing was said to one story. `waiting` is not public yet: else the count would time a reader.

    It hangs on the story and not on its publication, so that what was said outlives a setting aside.
    """

    __tablename__ = "solidarity"
    __table_args__ = WITHOUT_ROWID

    story_id: Mapped[int] = mapped_column(
        BigInt, sa.ForeignKey("stories.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    kind: Mapped[Said] = mapped_column(choice(Said), primary_key=True)
    counted: Mapped[int] = mapped_column(default=0)
    waiting: Mapped[int] = mapped_column(default=0, index=True)


__all__ = ["Said", "Solidarity"]
