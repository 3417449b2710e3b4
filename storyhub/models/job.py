"""Work that a request leaves to the worker. The row is the job; huey only knocks."""

from __future__ import annotations

import enum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from storyhub import clock
from storyhub.models.columns import Base, Day, RandomId, choice

MOST_ATTEMPTS = 5


class JobState(enum.StrEnum):
    WAITING = "waiting"
    DONE = "done"
    FAILED = "failed"


class Job(Base):
    """One piece of work, enqueued in the transaction that made it necessary. What it names must be safe to do twice."""

    __tablename__ = "jobs"

    id: Mapped[RandomId]
    name: Mapped[str] = mapped_column(sa.String(64))
    arguments: Mapped[dict[str, str | int | None]] = mapped_column(sa.JSON, default=dict)
    state: Mapped[JobState] = mapped_column(choice(JobState), default=JobState.WAITING, index=True)
    day: Mapped[Day]
    attempts: Mapped[int] = mapped_column(default=0)
    error: Mapped[str | None] = mapped_column(sa.Text)


def enqueue(session: Session, name: str, **arguments: str | int | None) -> Job:
    """Leave work for the worker, in this transaction. The same work that already waits isn't left twice."""
    for waiting in session.scalars(sa.select(Job).filter_by(name=name, state=JobState.WAITING)):
        if waiting.arguments == arguments:
            return waiting
    job = Job(name=name, arguments=arguments, day=clock.today(), state=JobState.WAITING, attempts=0)
    session.add(job)
    return job
