"""What happened in one month, counted from the records when the month is over."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, Session

from storyhub import clock
from storyhub.models.appeal import Appeal, Heard
from storyhub.models.concern import About, Answered, Concern
from storyhub.models.decision import Act, Decision, Reason
from storyhub.models.monthly import Cells, MonthlyReport, first_day, month_after
from storyhub.models.publication import Publication, new_edition
from storyhub.models.story import Story, Withdrawal
from storyhub.protection.disclosure import shown_counts, shown_if_large

# Public as it is: whoever reads the site can count it, or it counts what institutions did and not what people told.
SHOWN_AS_IT_IS = ("published", "demanded")
COLUMNS = ("received", "brought-in", "published", "declined", "counted", "held", "set-aside", "put-back", "withdrawn",
           "undone", "raised", "acted-on", "appealed", "upheld", "overturned", "demanded")  # fmt: skip
ACTS = {
    "declined": Act.DECLINE,
    "counted": Act.COUNT,
    "held": Act.HOLD,
    "set-aside": Act.SET_ASIDE,
    "put-back": Act.RESTORE,
    "undone": Act.UNDO,
    "demanded": Act.DEMAND,
}


def count_months(session: Session, *, least: int) -> int:
    """Count every month that is over and was not counted yet. Returns how many. Doesn't commit."""
    months = months_to_count(session)
    session.add_all(_counted(session, first_day(month), least) for month in months)
    if months:
        new_edition(session)
    return len(months)


def months_to_count(session: Session) -> list[str]:
    """The months that are over and were not counted, from the first one of which anything is known."""
    firsts = (
        session.scalar(sa.select(sa.func.min(Story.received_on))),
        session.scalar(sa.select(Decision.day).filter_by(number=1)),
    )
    known = [day for day in firsts if day is not None]
    counted = set(session.scalars(sa.select(MonthlyReport.month)))
    months, day = [], min(known).replace(day=1) if known else clock.today()
    while month_after(day) <= clock.today():
        months.append(f"{day:%Y-%m}")
        day = month_after(day)
    return [month for month in months if month not in counted]


def _counted(session: Session, since: dt.date, least: int) -> MonthlyReport:
    counts, reasons = _cells(session, since), _reasons(session, since)
    record = _record_before(session, month_after(since))
    shown = {name: count if name in SHOWN_AS_IT_IS else shown_if_large(count, least) for name, count in counts.items()}
    return MonthlyReport(
        month=f"{since:%Y-%m}",
        cells=shown,
        declined_for=_by_reason(reasons, least, without_total=shown["declined"] is None),
        median_days=_median_days(session, since, least),
        least=least,
        record_number=record[0] if record else None,
        record_hash=record[1] if record else None,
        counted_on=clock.today(),
    )


def _cells(session: Session, since: dt.date) -> dict[str, int]:
    """Each thing in the month in which it happened. `published` is what was released then and is public still."""
    told = Story.import_key.is_(None)
    by_others = Concern.about != About.MY_STORY  # a lost receipt is nothing that is raised about a story
    acted_on = Concern.answered == Answered.ACCEPTED
    counts = {
        "received": _count(session, Story.received_on, since, told),
        "brought-in": _count(session, Story.received_on, since, ~told),
        "published": _count(session, Publication.released_on, since),
        "withdrawn": _count(session, Withdrawal.day, since),
        "raised": _count(session, Concern.raised_on, since, by_others),
        "acted-on": _count(session, Concern.answered_on, since, by_others, acted_on),
        "appealed": _count(session, Appeal.day, since),
        "upheld": _count(session, Appeal.heard_on, since, Appeal.heard == Heard.UPHELD),
        "overturned": _count(session, Appeal.heard_on, since, Appeal.heard == Heard.OVERTURNED),
    }
    # By a person: what a contributor's own edit overtook was no change of mind of ours.
    by_somebody = Decision.by_id.is_not(None)
    counts |= {
        name: _count(session, Decision.day, since, Decision.act == act, by_somebody) for name, act in ACTS.items()
    }
    return {name: counts[name] for name in COLUMNS}


def _within(
    day: InstrumentedAttribute[dt.date] | InstrumentedAttribute[dt.date | None], since: dt.date
) -> sa.ColumnElement[bool]:
    return sa.and_(day >= since, day < month_after(since))


def _count(
    session: Session,
    day: InstrumentedAttribute[dt.date] | InstrumentedAttribute[dt.date | None],
    since: dt.date,
    *which: sa.ColumnElement[bool],
) -> int:
    counted = sa.select(sa.func.count()).select_from(day.class_).where(_within(day, since), *which)
    return session.scalar(counted) or 0


def _reasons(session: Session, since: dt.date) -> dict[Reason, int]:
    rows = session.execute(
        sa.select(Decision.reason, sa.func.count())
        .where(Decision.act == Act.DECLINE, _within(Decision.day, since), Decision.reason.is_not(None))
        .group_by(Decision.reason)
    )
    found = {reason: count for reason, count in rows}  # noqa: C416 - rows are no plain tuples
    return {reason: found.get(reason, 0) for reason in Reason}


def _by_reason(reasons: dict[Reason, int], least: int, *, without_total: bool) -> Cells:
    shown = shown_counts(list(reasons.values()), least, without_total=without_total)
    return {str(reason): count for reason, count in zip(reasons, shown.parts, strict=True)}


def _median_days(session: Session, since: dt.date, least: int) -> str | None:
    """How many days half of the people waited at most whose stories were decided; None for fewer than `least`."""
    waits = waited(session, _within(Story.decided_on, since))
    return None if waits.total() < least else f"{median(waits.items()):g}"


def waited(session: Session, *which: sa.ColumnElement[bool]) -> Counter[int]:
    """How many of the stories that were told here, and are decided, waited for how many days."""
    decided_on = sa.type_coerce(Story.decided_on, sa.Date())
    rows = session.execute(
        sa.select(Story.received_on, decided_on, sa.func.count())
        .where(Story.decided_on.is_not(None), Story.import_key.is_(None), *which)
        .group_by(Story.received_on, Story.decided_on)
    )
    waits = Counter[int]()
    for received, decided, count in rows:
        waits[(decided - received).days] += count
    return waits


def median(counted: Iterable[tuple[int, int]]) -> float:
    """The middle of values that are given as (value, how often); the mean of the two middle ones for an even number."""
    ordered = sorted(counted)
    number = sum(count for _, count in ordered)
    middle, passed = [], 0
    for value, count in ordered:
        middle += [value for place in {(number - 1) // 2, number // 2} if passed <= place < passed + count]
        passed += count
    return sum(middle) / len(middle)


def _record_before(session: Session, day: dt.date) -> tuple[int, str] | None:
    """The last decision before a day: its number would tell how many were made since, were it fresher."""
    row = session.execute(
        sa.select(Decision.number, Decision.hash).where(Decision.day < day).order_by(Decision.number.desc()).limit(1)
    ).first()
    return (row[0], row[1]) if row else None
