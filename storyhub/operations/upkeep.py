"""What has to be done again and again: release what is due, purge what is due, forget for good, list withdrawals.

Each step commits by itself and may be done twice, or by two workers at once.
"""

from __future__ import annotations

import datetime as dt
import logging
import os
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.orm import Session

from storyhub import clock
from storyhub.accountability.heads import publish_heads
from storyhub.config import Settings
from storyhub.exports import waiting
from storyhub.models import likeness
from storyhub.models.job import Job, JobState
from storyhub.models.long_work import forget_work
from storyhub.models.people import forget_sign_ins
from storyhub.models.question import lapse_questions
from storyhub.models.queue import forget_surges
from storyhub.models.retheming import show_themes_due
from storyhub.models.site import the_site
from storyhub.models.solidarity import move_waiting
from storyhub.models.story import Withdrawal, purge_due, release_due
from storyhub.operations.notices import NAMES as NOTICES
from storyhub.operations.overwriting import overwrite_erased
from storyhub.operations.whole import written_whole

log = logging.getLogger("storyhub.jobs")

SHOWN = "solidarity-shown"
WITHDRAWALS = "withdrawals"  # in the instance: what a restore replays must outlive the database


def release_all_due(session: Session, settings: Settings) -> int:
    """Release whatever is due by now, some at a time. Returns how many decisions took effect.

    With it goes out what readers said since the last window.
    """
    window = clock.window(settings.release_minutes)
    released = 0
    while some := release_due(session, window=window, originals_days=settings.originals_days):
        session.commit()
        released += some
    session.rollback()
    while show_themes_due(session, window=window):
        session.commit()
    session.rollback()
    show_solidarity(session, settings)
    return released


def show_solidarity(session: Session, settings: Settings) -> int:
    """Show what readers said, once in each window. Returns how many counts moved. Commits.

    Not a second time while that window is open, also when nothing waited the first time, and however many workers
    there are: else whoever asks every minute would see when somebody pressed. The job that stands there tells that it
    was done. Without windows each minute's work shows it.
    """
    window = clock.window(settings.release_minutes)
    moved = 0
    if not settings.release_minutes:
        moved = move_waiting(session)
        session.commit()
    elif _shown_in(session) != window:
        the_site(session, lock=True)  # of two workers at once one waits here, and then sees that it is done
        if _shown_in(session) != window:
            _note_shown(session, window, until=clock.next_window(settings.release_minutes))
            moved = move_waiting(session)
            session.commit()
    session.rollback()
    return moved


def _shown_in(session: Session) -> object:
    """The window in which it was last done."""
    noted = sa.select(Job).filter_by(name=SHOWN, state=JobState.DONE).execution_options(populate_existing=True)
    job = session.scalar(noted)
    return job and job.arguments["window"]


def _note_shown(session: Session, window: int, *, until: int) -> None:
    """In place of the window before. It names the day on which the next one opens: no night forgets it before."""
    session.execute(sa.delete(Job).filter_by(name=SHOWN))
    day = clock.moment(until).date()
    session.add(Job(name=SHOWN, arguments={"window": window}, state=JobState.DONE, day=day))
    session.flush()


def lapse_all_unanswered(session: Session, settings: Settings) -> int:
    """What was asked and not answered in time goes on as the desk said it would. Returns how many questions lapsed."""
    lapsed = 0
    # One by one: whoever holds two stories at once could wait for ever for somebody who waits for the first.
    while lapse_questions(session, window=clock.next_window(settings.release_minutes), most=1):
        session.commit()
        lapsed += 1
    session.rollback()
    return lapsed


def publish_all_heads(session: Session) -> int:
    """Publish the head of every day that is over, some at a time. Returns of how many days."""
    published = 0
    while some := publish_heads(session):
        session.commit()
        published += some
    session.rollback()
    return published


def forget_jobs(session: Session) -> None:
    """Forget what was done on days that are over, and notices that nobody took: they would come too late.

    Today's stay: that a notice is there keeps it from being sent again.
    """
    is_over = sa.or_(Job.state == JobState.DONE, Job.name.in_(NOTICES))
    session.execute(sa.delete(Job).where(is_over, Job.day < clock.today()))
    forget_work(session)


def purge_words(session: Session) -> int:
    """Forget the words whose day has come, in the tables. Returns of how many versions, answers, appeals, concerns."""
    purged = 0
    while some := purge_due(session, clock.today()):
        session.commit()
        purged += some
    session.rollback()
    forget_likenesses(session)
    forget_sign_ins(session)
    session.commit()
    return purged


def erase_files_taken_back(session: Session, settings: Settings) -> int:
    """Erase each file of stories that waits to be fetched and holds one that was taken back. Returns how many."""
    erased = waiting.erase_files_taken_back(session, settings.instance)
    session.commit()
    return erased


def erase_files_due(session: Session, settings: Settings) -> int:
    """Erase the files of stories that nobody may fetch any more, and what killed workers left. Returns how many."""
    erased = waiting.erase_files_due(session, settings.instance)
    session.commit()
    return erased


def forget_likenesses(session: Session) -> None:
    """Forget the shingles of words that are gone; those of declined ones outlive them by 30 days (models/likeness)."""
    while likeness.forget_due(session, clock.today()):
        session.commit()
    forget_surges(session)
    session.commit()


def purge_all_due(session: Session) -> int:
    """Forget the words whose day has come, wherever they still are. Returns of how many versions and the like."""
    purged = purge_words(session)
    if purged or erased_lately(session):
        for complaint in overwrite_erased(session).complaints:
            log.error("what was erased could not all be written over: %s", complaint)
    return purged


def erased_lately(session: Session) -> bool:
    """Whether somebody took a story back since the night before: what a night finds it may have to overwrite."""
    since = clock.today() - dt.timedelta(days=1)
    taken_back = session.scalar(sa.select(sa.func.count()).select_from(Withdrawal).where(Withdrawal.day >= since))
    session.rollback()
    return bool(taken_back)


def write_withdrawals(session: Session, settings: Settings) -> int:
    """Write the list of withdrawals beside the database as well. Returns how many there are. Sorted by id, not by time.

    Those that are only in the file, because an older database was put in place by hand, stay in it.
    """
    listed = read_withdrawals(settings)
    listed.update({row.story_id: row.day for row in session.scalars(sa.select(Withdrawal))})
    with written_whole(settings.instance / WITHDRAWALS) as file:
        for story_id, day in sorted(listed.items()):
            file.write(f"{story_id} {day.isoformat()}\n".encode())
    return len(listed)


def read_withdrawals(settings: Settings) -> dict[int, dt.date]:
    """The list beside the database: story ids and the days on which they were taken back."""
    path: Path = settings.instance / WITHDRAWALS
    if not path.is_file() or not os.access(path, os.R_OK):
        return {}
    lines = (line.split() for line in path.read_text().splitlines() if line.strip())
    return {int(story_id): dt.date.fromisoformat(day) for story_id, day in lines}
