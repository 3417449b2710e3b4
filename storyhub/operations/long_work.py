"""Doing the work that takes minutes, step by step, beside the worker's other tasks (models/long_work.py)."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from flask import Flask, current_app
from sqlalchemy.orm import Session

from storyhub.models.long_work import LongWork, Refused, TakenOver, WorkState, end_work, say_how_far, take_next

log = logging.getLogger("storyhub.jobs")

# (session, the work's arguments, whose work it is) → (done, total or None) after each step, and at the end its result,
# which is committed with what the last step did. Closed there instead, it puts back what no transaction does.
Steps = Callable[[Session, dict[str, Any], int | None], Iterator["tuple[int, int | None] | dict[str, Any]"]]
ROOMS = ("themes", "exports")
SAID_EACH_SECONDS = 1.0


def init_app(app: Flask) -> None:
    """Learn which long work the rooms know how to do: LONG of their jobs.py."""
    found: dict[str, Steps] = {}
    for room in ROOMS:
        if find_spec(f"storyhub.{room}.jobs"):
            found |= getattr(import_module(f"storyhub.{room}.jobs"), "LONG", {})
    app.extensions["long-work"] = found


def do_long_work(session: Session) -> int:
    """Do all that waits, one after the other. Returns how much was done."""
    done = 0
    while (work := take_next(session)) is not None:
        work_id, kind, arguments, by, begun = work.id, work.kind, dict(work.arguments), work.by_id, work.begun
        has_failed = work.state is WorkState.FAILED
        session.commit()
        if not has_failed:
            _do(session, work_id, begun, kind, arguments, by)
        done += 1
    session.rollback()
    return done


def do_one(session: Session, work: LongWork) -> None:
    """Do this work here and now, as commands and tests do. Commits."""
    session.commit()
    do_long_work(session)
    session.refresh(work)


def _do(session: Session, work_id: int, begun: int, kind: str, arguments: dict[str, Any], by: int | None) -> None:
    steps = current_app.extensions["long-work"].get(kind)
    try:
        if steps is None:
            raise Refused("unknown")
        going_on: Any = steps(session, arguments, by)
        with closing(going_on):
            _step_by_step(session, work_id, begun, going_on)
    except TakenOver:
        session.rollback()
        log.warning("long work was slower than its lease, and another worker has it now")
    except Refused as refused:
        session.rollback()
        end_work(session, work_id, begun, error=refused.code)
        session.commit()
    except Exception as error:
        # Only the kind of error is kept: its message may hold words of a story.
        session.rollback()
        log.error("long work failed: %s", type(error).__name__)
        end_work(session, work_id, begun, error=type(error).__name__)
        session.commit()


def _step_by_step(session: Session, work_id: int, begun: int, going_on: Any) -> None:
    """What the last step leaves uncommitted is kept together with the word that the work is done, or not at all.

    So nothing is done twice by a worker that dies between the two, nor done and called stopped.
    """
    said, is_over, far = 0.0, False, (0, None)
    for step in going_on:
        is_over, far = isinstance(step, dict), far if isinstance(step, dict) else step
        if not is_over and time.monotonic() - said < SAID_EACH_SECONDS:
            continue
        if not _say(session, work_id, begun, far, going_on):
            session.rollback()
            return
        if is_over:
            end_work(session, work_id, begun, result=step)
        session.commit()
        said = time.monotonic()
    if not is_over:
        end_work(session, work_id, begun, result={})
        session.commit()


def _say(session: Session, work_id: int, begun: int, step: tuple[int, int | None], going_on: Any) -> bool:
    """False when somebody stopped it. When another worker has it the steps hear that: they must leave it alone."""
    try:
        return say_how_far(session, work_id, begun, *step)
    except TakenOver as over:
        session.rollback()
        going_on.throw(over)
        raise
