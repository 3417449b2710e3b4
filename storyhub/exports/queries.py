"""What the exports read: the public stories of a selection, in one moment; the files that left before."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload, selectinload

from storyhub.extensions import db
from storyhub.models.export import Export, ExportedStory
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
