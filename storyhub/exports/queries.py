"""What the exports read: the public stories of a selection, in one moment; the files that left; what was decided."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload, selectinload

from storyhub.extensions import db
from storyhub.models.decision import Act, Decision, head_of_record
from storyhub.models.export import Export, ExportedStory
from storyhub.models.monthly import month_after
from storyhub.models.people import Person
from storyhub.models.publication import Publication
from storyhub.models.sealed import SealedNote
from storyhub.models.selection import Selection, select_publications
from storyhub.models.story import Withdrawal
from storyhub.models.theme import Campaign, Theme

AT_ONCE = 500  # stories in memory
MOST_LISTED = 200


@contextmanager
def one_moment() -> Iterator[Session]:
    """A session that reads what was there at one moment and writes nothing, so that nobody waits for a long file.

    From the primary, never a replica: what was withdrawn a second ago is not to be in a file.
    """
    if db.engine.dialect.name == "sqlite":
        engine = next(engine for name, engine in db.engines.items() if name is not None)
    else:
        engine = db.engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    with Session(engine) as session:
        yield session


def publications(session: Session, selection: Selection) -> Iterator[Publication]:
    """The stories of a selection, newest first, however many. Raises Unknown for a theme or campaign."""
    chosen = select_publications(session, selection).options(
        selectinload(Publication.notes), joinedload(Publication.campaign)
    )
    yield from session.scalars(chosen.execution_options(yield_per=AT_ONCE))


@dataclass(frozen=True)
class Earlier:
    """A file that left, by whom, and how many of its stories were taken back since."""

    export: Export
    by: str | None
    withdrawn: int


def earlier_exports(session: Session) -> list[Earlier]:
    """The latest files first; of the same day in no order that means anything."""
    withdrawn = (
        sa.select(sa.func.count())
        .select_from(ExportedStory)
        .join(Withdrawal, Withdrawal.story_id == ExportedStory.story_id)
        .where(ExportedStory.export_id == Export.id)
        .scalar_subquery()
    )
    rows = session.execute(
        sa.select(Export, Person.username, withdrawn)
        .outerjoin(Person, Person.id == Export.by_id)
        .order_by(Export.day.desc(), Export.id)
        .limit(MOST_LISTED)
    )
    return [Earlier(export, by, count) for export, by, count in rows]


def withdrawn_stories(session: Session, export: Export) -> list[int]:
    """The ids of an export's stories that were taken back since."""
    return list(
        session.scalars(
            sa.select(Withdrawal.story_id)
            .join(ExportedStory, ExportedStory.story_id == Withdrawal.story_id)
            .where(ExportedStory.export_id == export.id)
            .order_by(Withdrawal.story_id)
        )
    )


def name_of(session: Session, export: Export) -> str | None:
    """Who took the file out; None for the command line, or for somebody who is gone."""
    return session.scalar(sa.select(Person.username).filter_by(id=export.by_id))


def themes_and_campaigns(session: Session) -> tuple[list[Theme], list[Campaign]]:
    return (
        list(session.scalars(sa.select(Theme).order_by(Theme.slug))),
        list(session.scalars(sa.select(Campaign).order_by(Campaign.slug))),
    )


def languages_and_countries(session: Session) -> tuple[list[str], list[str]]:
    """The codes of those that public stories have."""
    columns = (Publication.language, Publication.country)
    languages, codes = ([v for v in session.scalars(sa.select(c).distinct().order_by(c)) if v] for c in columns)
    return languages, codes


def boxes_held(session: Session) -> int:
    """How many sealed boxes wait to be taken to where they can be opened."""
    held = sa.select(sa.func.count()).select_from(SealedNote).where(SealedNote.box.is_not(None))
    return session.scalar(held) or 0


# What was decided. There is no index of days, and none is needed: numbers rise with them.


def months_decided(session: Session) -> list[str]:
    """The months from the first decision to the last one, the newest first, as YYYY-MM."""
    first, last = (_day_of(session, number) for number in (1, head_of_record(session)[0]))
    months: list[str] = []
    while first is not None and last is not None and first <= last:
        months.append(f"{first:%Y-%m}")
        first = month_after(first)
    return months[::-1]


def counts_by_act(session: Session, since: dt.date, until: dt.date) -> list[tuple[Act, int]]:
    """How often each thing was done on these days, the most frequent first."""
    counted = sa.select(Decision.act, sa.func.count()).where(*_on(session, since, until)).group_by(Decision.act)
    return sorted(((act, count) for act, count in session.execute(counted)), key=lambda one: (-one[1], one[0]))


def newest_decisions(
    session: Session, since: dt.date | None, until: dt.date | None, act: Act | None, most: int = 50
) -> list[Decision]:
    """The last ones of these days, and of this act, the newest first."""
    which = _on(session, since, until)
    if act is not None:
        which.append(Decision.act == act)
    return list(session.scalars(sa.select(Decision).where(*which).order_by(Decision.number.desc()).limit(most)))


def _on(session: Session, since: dt.date | None, until: dt.date | None) -> list[sa.ColumnElement[bool]]:
    which: list[sa.ColumnElement[bool]] = []
    if since is not None:
        which.append(Decision.number >= _first_on(session, since))
    if until is not None:
        which.append(Decision.number < _first_on(session, until + dt.timedelta(days=1)))
    return which


def _first_on(session: Session, day: dt.date) -> int:
    """The number of the first decision of this day or a later one; the next that there will be, where there is none."""
    low, high = 1, head_of_record(session)[0] + 1
    while low < high:
        middle = (low + high) // 2
        there = _day_of(session, middle)
        if there is None or there < day:
            low = middle + 1
        else:
            high = middle
    return low


def _day_of(session: Session, number: int) -> dt.date | None:
    return session.scalar(sa.select(Decision.day).filter_by(number=number))
