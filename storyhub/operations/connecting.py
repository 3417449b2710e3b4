"""Connecting stories: the worker does some each minute, `flask stories connect` all that wait, and both go on later.

Reading and reckoning hold nothing; what is found is kept in short transactions, between which anybody else may write.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from storyhub import clock
from storyhub.extensions import db
from storyhub.models import cells, connecting
from storyhub.models.cells import Index
from storyhub.models.nearness import NearnessDue, NearnessModel, StoryVector, count_due

SECONDS_A_MINUTE = 20  # for which the worker connects stories, so that the next release is not late
VECTORS_AT_ONCE = 500
TOGETHER = 2_000  # stories of one cell that are compared with the same others


@dataclass(frozen=True)
class Step:
    """What one transaction kept: of how many stories a vector, of how many their nearest."""

    vectors: int = 0
    connected: int = 0


def connect_for(session: Session, seconds: float = SECONDS_A_MINUTE) -> int:
    """Connect stories that are due, the newest first, until so many seconds are over. Returns of how many."""
    end, connected = time.monotonic() + seconds, 0
    if is_anything_due():
        for step in steps(session):
            connected += step.connected
            if time.monotonic() >= end:
                break
    return connected


def is_anything_due() -> bool:
    """Whether stories wait to be connected, or the index is too old."""
    with _reading() as looking:
        if looking.scalar(sa.select(NearnessDue.position).limit(1)) is not None:
            return True
        made_on = looking.scalar(sa.select(NearnessModel.made_on))
    return made_on is not None and clock.today() - made_on >= dt.timedelta(days=cells.DAYS)


def steps(session: Session, *, anew: bool = False, vectors_first: bool = False) -> Generator[Step]:
    """Do what is due, step by step, each of them committed: whoever stops between two has lost nothing.

    `anew`: learn anew, whereupon all stories are due. `vectors_first`: of all of them, so that those that stand in
    one cell are compared with others together; else the newest stories are done first.
    """
    with _reading() as looking:
        index = _index(looking, session, anew)
        if index is None:
            return
        try:
            if vectors_first:
                yield from _vectors_of_all(looking, session, index)
            yield from _what_is_due(looking, session, index)
        except connecting.MadeAnew:  # by another worker, who goes on from there
            session.rollback()


def _what_is_due(looking: Session, session: Session, index: Index) -> Iterator[Step]:
    while True:
        without, _ = connecting.lacking(looking, index, VECTORS_AT_ONCE)
        # Vectors of a making before come first: while they are found anew, pages show what was found by the old ones.
        without = without or cells.stale(looking, index, VECTORS_AT_ONCE)
        if without:
            yield _give_vectors(looking, session, index, without)
        elif together := connecting.due_together(looking, index, TOGETHER):
            yield from _connect(looking, session, index, *together)
        else:
            return


def count_to_do(*, anew: bool = False) -> int:
    """Of how many stories vectors and nearest are to be found."""
    with _reading() as looking:
        due = count_due(looking)
        vectors = looking.scalar(sa.select(sa.func.count()).select_from(StoryVector)) if anew else 0
    return max(due, vectors or 0)


@contextmanager
def _reading() -> Iterator[Session]:
    """A session that keeps nobody from writing. Not of a replica: it may not know yet what was taken back."""
    engine = db.engines["reading0"] if db.engine.dialect.name == "sqlite" else db.engine
    with Session(engine) as session:
        yield session


def _index(looking: Session, session: Session, anew: bool) -> Index | None:
    """The index that is in use, made first where it has to be."""
    if anew or cells.is_made_anew(looking):
        made = cells.make_index(looking)
        cells.keep_index(session, made, anew=anew)
        session.commit()
    looking.rollback()
    index = cells.the_index(looking)
    looking.rollback()
    return index


def _vectors_of_all(looking: Session, session: Session, index: Index) -> Iterator[Step]:
    below: int | None = None
    while True:
        without, below = connecting.lacking(looking, index, VECTORS_AT_ONCE, below)
        if below is None:
            return
        if without:
            yield _give_vectors(looking, session, index, without)


def _give_vectors(looking: Session, session: Session, index: Index, positions: list[int]) -> Step:
    worked = connecting.work_out(looking, index, positions)
    kept = connecting.keep_vectors(session, index, worked)
    session.commit()
    return Step(vectors=kept)


def _connect(looking: Session, session: Session, index: Index, cell: int, positions: list[int]) -> Iterator[Step]:
    others = connecting.others_around(looking, index, cell, positions)
    looking.rollback()
    for start in range(0, len(positions), connecting.AT_ONCE):
        found = connecting.find(positions[start : start + connecting.AT_ONCE], others)
        kept = connecting.keep_nearest(session, index, found)
        session.commit()
        yield Step(connected=kept)
