"""The public report: what was received and what became of it, counted by day and gathered by month."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from storyhub.models.decision import Act, Decision, Reason
from storyhub.models.figures import once_an_edition
from storyhub.models.publication import Publication
from storyhub.models.story import State, Story, Withdrawal
from storyhub.protection.disclosure import Table, roughly, shown_counts

Days = dict[dt.date, int]
Cells = dict[str, int | None]

COLUMNS = ("received", "brought-in", "published", "declined", "counted", "held", "set-aside", "withdrawn", "undone")
ACTS = {
    "declined": Act.DECLINE,
    "counted": Act.COUNT,
    "held": Act.HOLD,
    "set-aside": Act.SET_ASIDE,
    "undone": Act.UNDO,
}


@dataclass(frozen=True)
class Report:
    """What the public report says. None in a cell is kept back. `before` is the first day that is not in it."""

    before: dt.date
    months: dict[str, Cells]
    in_all: Cells
    declined_for: Cells
    median_days_waited: float | None
    record: tuple[int, str] | None
    public_now: int
    waiting_about: int | None


@once_an_edition
def report(session: Session, today: dt.date, least: int) -> Report:
    """The report over all whole months before `today`: frozen, so that no fresher one can be compared with it.

    Counts of what is public already are shown as they are; of all others, small ones are kept back.
    """
    before = today.replace(day=1)
    columns = {name: _by_month(days, before) for name, days in _columns(session).items()}
    months = sorted({month for counts in columns.values() for month in counts}, reverse=True)
    reasons = _reasons(session, before)
    declined_is_kept = shown_counts(list(reasons.values()), least).total is None
    tables = {
        name: _as_it_is(counts, months)
        if name == "published"
        else shown_counts(
            [counts[month] for month in months], least, without_total=name == "declined" and declined_is_kept
        )
        for name, counts in columns.items()
    }
    keeps_declined = tables["declined"].total is None
    return Report(
        before=before,
        months={month: {name: tables[name].parts[row] for name in COLUMNS} for row, month in enumerate(months)},
        in_all={name: tables[name].total for name in COLUMNS},
        declined_for=_by_reason(reasons, least, keeps_declined),
        median_days_waited=_median_days(session, before, least),
        record=_record_before(session, before),
        public_now=session.scalar(sa.select(sa.func.count()).select_from(Publication)) or 0,
        waiting_about=roughly(_waiting(session), least),
    )


def _as_it_is(counts: Counter[str], months: list[str]) -> Table:
    return Table(tuple(counts[month] for month in months), sum(counts.values()))


def _columns(session: Session) -> dict[str, Days]:
    """Events by their day, for each column. `published` are those that are public now, which everybody can count."""
    told = Story.import_key.is_(None)
    acts = session.execute(
        sa.select(Decision.act, Decision.day, sa.func.count())
        .where(Decision.act.in_(ACTS.values()))
        .group_by(Decision.act, Decision.day)
    ).all()
    days = {
        "received": _days(
            session, sa.select(Story.received_on, sa.func.count()).where(told).group_by(Story.received_on)
        ),
        "brought-in": _days(
            session, sa.select(Story.received_on, sa.func.count()).where(~told).group_by(Story.received_on)
        ),
        "published": _days(
            session, sa.select(Publication.released_on, sa.func.count()).group_by(Publication.released_on)
        ),
        "withdrawn": _days(session, sa.select(Withdrawal.day, sa.func.count()).group_by(Withdrawal.day)),
    }
    by_act = {name: {day: count for done, day, count in acts if done == act} for name, act in ACTS.items()}
    return {name: (days | by_act)[name] for name in COLUMNS}


def _days(session: Session, counted: sa.Select[dt.date, int]) -> Days:
    return {day: count for day, count in session.execute(counted)}  # noqa: C416 - rows are no plain tuples


def _by_month(days: Days, before: dt.date) -> Counter[str]:
    months: Counter[str] = Counter()
    for day, count in days.items():
        if day < before:
            months[f"{day:%Y-%m}"] += count
    return months


def _reasons(session: Session, before: dt.date) -> dict[Reason, int]:
    rows = session.execute(
        sa.select(Decision.reason, sa.func.count())
        .where(Decision.act == Act.DECLINE, Decision.day < before, Decision.reason.is_not(None))
        .group_by(Decision.reason)
    )
    found = {reason: count for reason, count in rows}  # noqa: C416
    return {reason: found.get(reason, 0) for reason in Reason}


def _by_reason(reasons: dict[Reason, int], least: int, without_total: bool) -> Cells:
    shown = shown_counts(list(reasons.values()), least, without_total=without_total)
    return {str(reason): count for reason, count in zip(reasons, shown.parts, strict=True)}


def _median_days(session: Session, before: dt.date, least: int) -> float | None:
    """How many days half of the people waited at most for a decision; None for fewer than `least` people."""
    rows = session.execute(
        sa.select(Story.received_on, sa.type_coerce(Story.decided_on, sa.Date()), sa.func.count())
        .where(Story.decided_on < before, Story.import_key.is_(None))
        .group_by(Story.received_on, Story.decided_on)
    )
    waits = Counter[int]()
    for received, decided, count in rows:
        waits[(decided - received).days] += count
    return None if waits.total() < least else _median(waits.items())


def _median(counted: Iterable[tuple[int, int]]) -> float:
    """The middle of values that are given as (value, how often); the mean of the two middle ones for an even number."""
    ordered = sorted(counted)
    number = sum(count for _, count in ordered)
    middle, passed = [], 0
    for value, count in ordered:
        middle += [value for place in {(number - 1) // 2, number // 2} if passed <= place < passed + count]
        passed += count
    return sum(middle) / len(middle)


def _record_before(session: Session, before: dt.date) -> tuple[int, str] | None:
    """The last decision of the last whole month: its number would tell how many were made since, were it fresher."""
    row = session.execute(
        sa.select(Decision.number, Decision.hash).where(Decision.day < before).order_by(Decision.number.desc()).limit(1)
    ).first()
    return (row[0], row[1]) if row else None


def _waiting(session: Session) -> int:
    waiting = sa.select(sa.func.count()).select_from(Story).where(Story.state == State.WAITING, Story.outcome.is_(None))
    return session.scalar(waiting) or 0
