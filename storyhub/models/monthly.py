"""One month of the public report, counted once when the month was over and never again (promise 19)."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from storyhub.models.columns import WITHOUT_ROWID, Base, Day

Cells = dict[str, int | None]


class MonthlyReport(Base):
    """A month's figures as they were published: small counts were taken out before they were stored.

    Were a month counted anew, somebody could compare both counts and see what one person did in between.
    """

    __tablename__ = "monthly_reports"
    __table_args__ = WITHOUT_ROWID

    month: Mapped[str] = mapped_column(sa.String(7), primary_key=True)  # YYYY-MM
    cells: Mapped[Cells] = mapped_column(sa.JSON)
    declined_for: Mapped[Cells] = mapped_column(sa.JSON)
    median_days: Mapped[str | None] = mapped_column(sa.String(12))  # a decimal number of days
    least: Mapped[int]  # the smallest count that was shown then
    record_number: Mapped[int | None]
    record_hash: Mapped[str | None] = mapped_column(sa.String(64))
    counted_on: Mapped[Day]


def months_counted(session: Session) -> list[MonthlyReport]:
    """Every month that was counted, the newest first."""
    return list(session.scalars(sa.select(MonthlyReport).order_by(MonthlyReport.month.desc())))


def first_day(month: str) -> dt.date:
    """The first day of a month that is written YYYY-MM."""
    return dt.date.fromisoformat(f"{month}-01")


def month_after(day: dt.date) -> dt.date:
    """The first day of the month after this day's."""
    return (day.replace(day=1) + dt.timedelta(days=32)).replace(day=1)
