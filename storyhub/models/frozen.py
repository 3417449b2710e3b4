"""Tables that left the house, and the counts of one month that they are made from (promise 19).

All tables of a month are counted from the same frozen facts, so that no two of them can be compared to find one person.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from storyhub.models.columns import Base, BigInt, Day, RandomId


class FrozenFacts(Base):
    """How many stories had the same facts when the month was frozen: no ids of stories, and gone with the next month.

    `themes` are ids, in order. `public` of `count` are public with just these facts: a reader can count those.
    """

    __tablename__ = "frozen_facts"

    id: Mapped[RandomId]
    month: Mapped[str] = mapped_column(sa.String(7), index=True)
    country: Mapped[str | None] = mapped_column(sa.String(2))
    setting: Mapped[str | None] = mapped_column(sa.String(24))
    year: Mapped[int | None]
    campaign_id: Mapped[int | None] = mapped_column(BigInt)
    themes: Mapped[list[int]] = mapped_column(sa.JSON, default=list)
    count: Mapped[int]
    public: Mapped[int]


class FrozenTable(Base):
    """A table that left: what its rows and columns are, and its counts by name; null is kept back."""

    __tablename__ = "frozen_tables"

    id: Mapped[RandomId]
    month: Mapped[str] = mapped_column(sa.String(7), index=True)
    day: Mapped[Day]
    by_id: Mapped[int | None] = mapped_column(BigInt, sa.ForeignKey("people.id", ondelete="SET NULL"))
    export_id: Mapped[int | None] = mapped_column(BigInt, sa.ForeignKey("exports.id"))
    asked: Mapped[dict[str, Any]] = mapped_column(sa.JSON)
    counts: Mapped[dict[str, int | None]] = mapped_column(sa.JSON)
    report: Mapped[dict[str, Any]] = mapped_column(sa.JSON, default=dict)
