"""Files that were made by the worker and wait to be fetched: where they lie, for how long, and how they go.

They hold words of stories, so they lie in a folder for the site's owner alone, under names that nobody can guess, in no
backup, for a week; and no longer than each of their stories stays public with the same words and the same consent.
"""

from __future__ import annotations

import datetime as dt
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.orm import Session

from storyhub import clock
from storyhub.exports.queries import BEING_MADE, is_as_it_was, is_taken_back
from storyhub.models.export import Export, ExportedStory, ExportFile

FOLDER = "exports"  # in the instance
DAYS = 7  # for which a file can be fetched
BEGUN = ".making-"  # how the names of what is not finished begin
ABANDONED = 3600  # seconds after which a file that nothing knows of is one that a killed worker left


def folder_in(instance: Path) -> Path:
    """The folder of exports, for its owner alone."""
    folder = instance / FOLDER
    folder.mkdir(mode=0o700, exist_ok=True)
    folder.chmod(0o700)
    return folder


def new_name(extension: str) -> str:
    return f"{secrets.token_hex(16)}.{extension}"


def last_day() -> dt.date:
    """The day until whose end a file of today can be fetched."""
    return clock.today() + dt.timedelta(days=DAYS)


@contextmanager
def workplace(instance: Path, mark: str | None = None) -> Iterator[Path]:
    """A folder that is gone afterwards, for a file that is being made and for what its writer needs meanwhile.

    The same `mark` means the same work: what a killed worker left of it goes first.
    """
    folder, begins = folder_in(instance), BEGUN + (mark or secrets.token_hex(16))
    for left in folder.glob(f"{begins}*"):
        shutil.rmtree(left, ignore_errors=True)
    # Each try has its own: one that was only slow can't move, or take away, what the next one is writing.
    place = folder / f"{begins}-{secrets.token_hex(4)}"
    place.mkdir(mode=0o700)
    try:
        yield place
    finally:
        shutil.rmtree(place, ignore_errors=True)


def erase_file(session: Session, instance: Path, export_id: int) -> None:
    """Erase a file that waits, at once; its record stays. Doesn't commit."""
    file = session.get(ExportFile, export_id, with_for_update=True, populate_existing=True)
    if file is not None:
        (instance / FOLDER / file.name).unlink(missing_ok=True)
        session.delete(file)
        session.flush()


def erase_files_taken_back(session: Session, instance: Path) -> int:
    """Erase each file that waits and holds a story which was taken back. Returns how many. Doesn't commit."""
    holding = sa.select(ExportedStory.export_id).where(is_taken_back())
    held = sa.select(ExportFile.export_id).where(ExportFile.export_id.in_(holding))
    # Most minutes there is no file, and then nothing is compared.
    found = session.scalars(held).all() if session.scalar(sa.select(ExportFile.export_id).limit(1)) else []
    for export_id in found:
        erase_file(session, instance, export_id)
    return len(found)


def erase_files_due(session: Session, instance: Path) -> int:
    """Erase each file whose days are over or whose stories changed, and what killed workers left. Doesn't commit.

    Returns how many files.
    """
    waiting = session.execute(sa.select(ExportFile, Export).join(Export, Export.id == ExportFile.export_id)).all()
    due = [
        one.export_id for one, export in waiting if one.expires_on < clock.today() or not is_as_it_was(session, export)
    ]
    for export_id in due:
        erase_file(session, instance, export_id)
    # A file is made within hours; a list of its stories that is older was begun by a worker that died.
    session.execute(sa.delete(Export).where(Export.what == BEING_MADE, Export.day < clock.today()))
    known = {one.name for one, _export in waiting if one.export_id not in due}
    return len(due) + _erase_left_over(instance / FOLDER, known)


def _erase_left_over(folder: Path, known: set[str]) -> int:
    now, erased = clock.now().timestamp(), 0
    for path in folder.iterdir() if folder.is_dir() else ():
        if path.name not in known and now - path.lstat().st_mtime > ABANDONED:
            erased += 1
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)
    return erased
