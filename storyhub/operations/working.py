"""What the worker does by itself: releases each minute, jobs that requests left, the purge each day.

huey only knocks, and may knock twice or not at all; what is to be done stands in the database. So every task here may
be done twice, or by two workers at once, and what one round missed the next one does: a night that was slept through is
made up for in the first minute after waking.
"""

from __future__ import annotations

import datetime as dt
import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import sqlalchemy as sa
from flask import Flask, current_app
from huey import crontab
from sqlalchemy.orm import Session

from storyhub import clock
from storyhub.accountability.counting import count_months
from storyhub.accountability.waits import count_usual_days
from storyhub.config import Settings
from storyhub.extensions import db, jobs
from storyhub.models import search
from storyhub.models.frozen import freeze_month
from storyhub.models.job import MOST_ATTEMPTS, Job, JobState
from storyhub.models.suggested import LOOK_THROUGH
from storyhub.operations import long_work
from storyhub.operations.connecting import connect_for
from storyhub.operations.notices import JOBS as NOTICES
from storyhub.operations.notices import leave_notices
from storyhub.operations.overwriting import empty_log, is_small, overwrite_erased
from storyhub.operations.sending import Outside
from storyhub.operations.upkeep import (
    erase_files_due,
    erase_files_taken_back,
    forget_jobs,
    lapse_all_unanswered,
    publish_all_heads,
    purge_all_due,
    release_all_due,
    write_withdrawals,
)
from storyhub.protection import limits
from storyhub.themes.suggesting_job import look_through_new

log = logging.getLogger("storyhub.jobs")

# (session, **arguments); doesn't commit. What it returns, if it is Outside, is done afterwards.
Work = Callable[..., object]
ROOMS = ("telling", "moderation", "feed", "themes", "exports", "accountability", "accounts")
MOST_ROUNDS = 50  # of jobs that left another, each minute
EACH_MINUTE = crontab(minute="*")
NIGHT = dt.time(3, 17)  # UTC
EACH_NIGHT = crontab(hour=str(NIGHT.hour), minute=str(NIGHT.minute))

_app: Flask | None = None
_long_work = threading.Lock()
_connecting = threading.Lock()  # one at a time is enough, and a second would learn the same again
_suggesting = threading.Lock()


@dataclass
class Unfinished:
    """What one round leaves to the next. A new worker begins with a night's work, and so needs none of it."""

    last_night: dt.date | None = None
    to_overwrite: bool = False
    to_empty_log: bool = False


def init_app(app: Flask) -> None:
    """Give the tasks the site that they work for, and learn which work its rooms know how to do."""
    global _app
    _app = app
    app.extensions["work"] = {"forget-search": forget_search, **NOTICES, **_work_of_rooms()}
    app.extensions["unfinished"] = Unfinished()
    long_work.init_app(app)


def _work_of_rooms() -> dict[str, Work]:
    """JOBS of every room's jobs.py: the name that is enqueued, and the function that does it."""
    found: dict[str, Work] = {}
    for room in ROOMS:
        if find_spec(f"storyhub.{room}.jobs"):
            found |= import_module(f"storyhub.{room}.jobs").JOBS
    return found


def forget_search(session: Session) -> None:
    """After a withdrawal: the list of withdrawals grows, and the words leave the search index's file.

    When the job is committed, the worker writes the database anew (`finish_overwriting`).
    """
    write_withdrawals(session, _settings())
    search.forget_for_good(session)
    _unfinished().to_overwrite = True


@jobs.periodic_task(EACH_MINUTE)
def each_minute() -> None:
    """Release what is due, and do the jobs that wait."""
    if _app is not None:
        with _app.app_context():
            limits.forget_other_days()
            if _unfinished().last_night != _night_before(clock.now()):
                spend_the_night()
            do_what_is_due()


@jobs.periodic_task(EACH_MINUTE)
def each_minute_connect() -> None:
    """Find what new stories are like, for a while; the rest waits a minute.

    Beside the other work and not after it: to learn a codebook anew takes minutes, and no release waits for that.
    """
    if _app is not None and _connecting.acquire(blocking=False):
        try:
            with _app.app_context():
                connect_stories()
        finally:
            _connecting.release()


@jobs.periodic_task(EACH_MINUTE)
def each_minute_suggest() -> None:
    """Look for themes of what was released, for a while; the rest waits a minute. No release waits for it either."""
    if _app is not None and _suggesting.acquire(blocking=False):
        try:
            with _app.app_context():
                suggest_themes()
        finally:
            _suggesting.release()


def suggest_themes() -> None:
    try:
        look_through_new(db.session)
    except Exception as error:
        db.session.rollback()
        log.error("suggesting themes failed: %s", type(error).__name__)


def connect_stories() -> None:
    try:
        connect_for(db.session)
    except Exception as error:
        db.session.rollback()
        log.error("connecting stories failed: %s", type(error).__name__)


@jobs.periodic_task(EACH_MINUTE)
def each_minute_long_work() -> None:
    """Do what takes minutes and somebody waits for: files of many stories, learning, merging themes."""
    if _app is not None and _long_work.acquire(blocking=False):
        try:
            with _app.app_context():
                long_work.do_long_work(db.session)
        except Exception as error:
            log.error("long work failed: %s", type(error).__name__)
        finally:
            _long_work.release()


@jobs.periodic_task(EACH_NIGHT)
def each_night() -> None:
    """Forget what is to be forgotten."""
    if _app is not None:
        with _app.app_context():
            spend_the_night()


def spend_the_night() -> None:
    """What is done once a day. What fails is tried again in a minute, all of it: each step may be done twice."""
    try:
        lapse_all_unanswered(db.session, _settings())
        purge_all_due(db.session)
        erase_files_due(db.session, _settings())
        write_withdrawals(db.session, _settings())
        count_months(db.session, least=_settings().small_cell)
        count_usual_days(db.session, least=_settings().small_cell)
        freeze_month(db.session)
        forget_jobs(db.session)
        db.session.commit()
        publish_all_heads(db.session)
    except Exception as error:
        db.session.rollback()
        log.error("the night's work failed: %s", type(error).__name__)
        return
    _unfinished().last_night = _night_before(clock.now())
    _unfinished().to_empty_log = bool(empty_log())


def _night_before(moment: dt.datetime) -> dt.date:
    """The day of the last night's work that should have been done by then."""
    return moment.date() - dt.timedelta(days=moment.time() < NIGHT)


def do_what_is_due() -> None:
    """One round. A failing release must not keep jobs waiting, nor one job the others."""
    for what, step in (
        ("the release", release_all_due),
        ("erasing files", erase_files_taken_back),
        ("leaving notices", leave_notices),
    ):
        try:
            step(db.session, _settings())
        except Exception as error:
            db.session.rollback()
            log.error("%s failed: %s", what, type(error).__name__)
    tried: set[int] = set()
    for _ in range(MOST_ROUNDS):  # a job may leave the rest of its work as another; what fails is tried a minute later
        if not (waiting := [job_id for job_id in waiting_jobs(db.session) if job_id not in tried]):
            break
        for job_id in waiting:
            do_job(db.session, job_id)
        tried.update(waiting)
    finish_overwriting()


def finish_overwriting() -> None:
    """After withdrawals, in the bytes too: at once where that takes a second, else by night. A reader may delay it."""
    unfinished = _unfinished()
    if unfinished.to_overwrite and is_small():
        found = overwrite_erased(db.session)
        unfinished.to_overwrite, unfinished.to_empty_log = bool(found.complaints), bool(found.in_log)
    elif unfinished.to_empty_log or unfinished.to_overwrite:
        unfinished.to_empty_log = bool(empty_log())


def _unfinished() -> Unfinished:
    unfinished: Unfinished = current_app.extensions["unfinished"]
    return unfinished


def waiting_jobs(session: Session) -> list[int]:
    """Those that are done one by one; what asks for themes has a task of its own."""
    waiting = sa.select(Job.id).where(Job.state == JobState.WAITING, Job.name != LOOK_THROUGH)
    ids = list(session.scalars(waiting.order_by(Job.attempts, Job.id)))
    session.rollback()
    return ids


def do_job(session: Session, job_id: int) -> None:
    """Try a job once. The attempt is counted first, so that a job that ends the worker isn't tried for ever."""
    job = _taken(session, job_id)
    if job is None:
        session.rollback()
        return
    if job.attempts >= MOST_ATTEMPTS:
        job.state = JobState.FAILED
        session.commit()
        return
    job.attempts += 1
    name, arguments = job.name, dict(job.arguments)
    session.commit()
    try:
        _do(session, job_id, name, arguments)
    except Exception as error:
        session.rollback()
        _record_failure(session, _taken(session, job_id), error)


def _do(session: Session, job_id: int, name: str, arguments: dict[str, Any]) -> None:
    job = _taken(session, job_id)
    if job is None:  # another worker was faster
        session.rollback()
        return
    # Done as of now: what makes the same work necessary again while this goes on leaves a job of its own.
    job.state, job.error = JobState.DONE, None
    session.flush()
    left = current_app.extensions["work"][name](session, **arguments)
    session.commit()
    if isinstance(left, Outside):
        _do_outside(session, job_id, left)


def _do_outside(session: Session, job_id: int, outside: Outside) -> None:
    """Nothing is held meanwhile. The job is done already: were it so only afterwards, it could be done twice."""
    try:
        outside.do()
    except Exception as error:
        _record_failure(session, session.get(Job, job_id, with_for_update=True, populate_existing=True), error)


def _taken(session: Session, job_id: int) -> Job | None:
    """The job, held by this worker, while it still waits and nobody else holds it."""
    query = sa.select(Job).filter_by(id=job_id, state=JobState.WAITING).with_for_update(skip_locked=True)
    return session.scalar(query.execution_options(populate_existing=True))


def _record_failure(session: Session, job: Job | None, error: Exception) -> None:
    """Only the kind of error is kept: its message may hold words of a story, or somebody's address."""
    log.error("a job failed: %s", type(error).__name__)
    if job is not None:
        job.error = type(error).__name__
        job.state = JobState.FAILED if job.attempts >= MOST_ATTEMPTS else JobState.WAITING
    session.commit()


def _settings() -> Settings:
    settings: Settings = current_app.extensions["settings"]
    return settings
