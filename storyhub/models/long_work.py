"""Work that takes minutes: somebody asks for it, watches how far it is, and may stop it. The row is the work.

Unlike a Job it holds no lock while it goes on: it is done in steps, each with a transaction of its own, and says after
each how far it is. A worker that is killed leaves a lease that runs out; then another one begins the work again, so
that whatever it does must be safe to begin again.
"""

from __future__ import annotations

import datetime as dt
import enum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from storyhub import clock
from storyhub.models.columns import Base, BigInt, Day, RandomId, choice

LEASE = dt.timedelta(minutes=2)  # for which a worker has the work without saying that it is still at it
KEPT = dt.timedelta(days=7)  # after it is over; what was asked for may hold words that somebody looked for in stories
MOST_BEGUN = 3  # after so many workers that died of it, it has failed


class WorkState(enum.StrEnum):
    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    STOPPED = "stopped"


OVER = {WorkState.DONE, WorkState.FAILED, WorkState.STOPPED}


class LongWork(Base):
    """One piece. `kind` names who does it (LONG of a room's jobs.py); `done` of `total` are in units of that kind."""

    __tablename__ = "long_works"

    id: Mapped[RandomId]
    kind: Mapped[str] = mapped_column(sa.String(32))
    arguments: Mapped[dict[str, Any]] = mapped_column(sa.JSON, default=dict)
    by_id: Mapped[int | None] = mapped_column(BigInt, sa.ForeignKey("people.id", ondelete="SET NULL"))
    day: Mapped[Day]
    state: Mapped[WorkState] = mapped_column(choice(WorkState), default=WorkState.WAITING, index=True)
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int | None]
    begun: Mapped[int] = mapped_column(default=0)
    alive_until: Mapped[dt.datetime | None] = mapped_column(sa.DateTime)  # UTC; of the work of an organiser
    result: Mapped[dict[str, Any]] = mapped_column(sa.JSON, default=dict)
    error: Mapped[str | None] = mapped_column(sa.String(200))  # a code that the room has words for, or a kind of error

    @property
    def is_over(self) -> bool:
        return self.state in OVER

    @property
    def share(self) -> int | None:
        """How much of it is done, of a hundred; None while nobody knows how much there is."""
        return min(100, 100 * self.done // self.total) if self.total else None


class Refused(Exception):
    """Work that can't be done, for a reason which whoever asked can understand: `code` is shown in the room's words."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def order_work(session: Session, kind: str, *, by: int | None, **arguments: Any) -> LongWork:
    """Ask for work, in this transaction. The same work that is not over yet isn't asked for twice."""
    going_on = sa.select(LongWork).where(LongWork.kind == kind, LongWork.state.not_in(OVER))
    for work in session.scalars(going_on):
        if work.arguments == arguments and work.by_id == by:
            return work
    work = LongWork(kind=kind, arguments=arguments, by_id=by, day=clock.today(), done=0, begun=0)
    work.state = WorkState.WAITING
    session.add(work)
    session.flush()
    return work


def stop_work(session: Session, work_id: int) -> LongWork | None:
    """Stop work that is not over: at once when it waits, at its next step when it goes on. Doesn't commit."""
    work = session.get(LongWork, work_id, with_for_update=True, populate_existing=True)
    if work is not None and not work.is_over:
        work.state, work.alive_until = WorkState.STOPPED, None
    return work


def forget_work(session: Session) -> None:
    """Forget what has been over for some days. Doesn't commit."""
    old = sa.delete(LongWork).where(LongWork.state.in_(OVER), LongWork.day < clock.today() - KEPT)
    session.execute(old.execution_options(synchronize_session=False))


def take_next(session: Session) -> LongWork | None:
    """The next work for this worker, and its lease; None when there is none. Doesn't commit."""
    now = clock.now().replace(tzinfo=None)
    abandoned = sa.and_(LongWork.state == WorkState.RUNNING, LongWork.alive_until < now)
    waiting = sa.or_(LongWork.state == WorkState.WAITING, abandoned)
    chosen = sa.select(LongWork).where(waiting).order_by(LongWork.day, LongWork.id).limit(1)
    work = session.scalar(chosen.with_for_update(skip_locked=True).execution_options(populate_existing=True))
    if work is None:
        return None
    if work.begun >= MOST_BEGUN:
        work.state, work.error, work.alive_until = WorkState.FAILED, "died", None
        return work
    work.state, work.begun, work.done = WorkState.RUNNING, work.begun + 1, 0
    work.alive_until = now + LEASE
    return work


class TakenOver(Exception):
    """Raised in work whose lease ran out: another worker began it anew, and this one must touch nothing of it."""


def say_how_far(session: Session, work_id: int, begun: int, done: int, total: int | None) -> bool:
    """Note how far it is and renew the lease, as the worker that began it as the `begun`th. Doesn't commit.

    False when somebody stopped it; raises TakenOver when another worker has it by now.
    """
    alive = clock.now().replace(tzinfo=None) + LEASE
    changed = session.execute(_of_worker(work_id, begun).values(done=done, total=total, alive_until=alive))
    if changed.rowcount:  # type: ignore[attr-defined]
        return True
    if session.scalar(sa.select(LongWork.begun).filter_by(id=work_id)) != begun:
        raise TakenOver
    return False


def _of_worker(work_id: int, begun: int) -> sa.Update:
    """The row, as long as it is this worker's: a slow one whose lease ran out says nothing for the next one."""
    mine = (LongWork.id == work_id, LongWork.begun == begun, LongWork.state == WorkState.RUNNING)
    return sa.update(LongWork).where(*mine)


def end_work(
    session: Session, work_id: int, begun: int, *, result: dict[str, Any] | None = None, error: str | None = None
) -> None:
    """It is done, or it failed. One that was stopped or taken over meanwhile stays so. Doesn't commit."""
    state = WorkState.FAILED if error else WorkState.DONE
    values: dict[str, Any] = {"state": state, "alive_until": None, "error": error}
    if result is not None:
        values["result"] = result
    session.execute(_of_worker(work_id, begun).values(**values))
