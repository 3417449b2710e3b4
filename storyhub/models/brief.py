"""Briefs: two pages for a council, from the public stories of a theme, a campaign or a place."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from storyhub.models.columns import WITHOUT_ROWID, Base, BigInt, Day, OfVersion, RandomId


class Brief(Base):
    """What a brief is about, in which language, what for. Its quotes are places in stories, never copies of words."""

    __tablename__ = "briefs"

    id: Mapped[RandomId]
    day: Mapped[Day]
    by_id: Mapped[int | None] = mapped_column(BigInt, sa.ForeignKey("people.id", ondelete="SET NULL"))
    title: Mapped[str] = mapped_column(sa.Text)
    language: Mapped[str] = mapped_column(sa.String(35))
    purpose: Mapped[str] = mapped_column(sa.String(16))  # a Use that every quoted story allows
    filters: Mapped[dict[str, str | int | list[str] | None]] = mapped_column(sa.JSON)
    note: Mapped[str] = mapped_column(sa.Text, default="")  # the organisers' own words: what they ask of the council
    export_id: Mapped[int | None] = mapped_column(BigInt, sa.ForeignKey("exports.id"))  # set once it left
    deleted_on: Mapped[Day | None]  # a draft that can be put back for some days
    revision: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": revision}


class BriefQuote(Base):
    """A passage, in code points of one public version. It goes with the words: nothing quotes what was taken back."""

    __tablename__ = "brief_quotes"
    __table_args__ = WITHOUT_ROWID

    brief_id: Mapped[int] = mapped_column(
        BigInt, sa.ForeignKey("briefs.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    version_id: Mapped[OfVersion]
    start: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    end: Mapped[int]
    place: Mapped[int]
