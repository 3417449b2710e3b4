"""Work of this room that takes minutes: files of many stories."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import secrets
from collections.abc import Generator, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask import current_app
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from storyhub.config import Settings
from storyhub.exports.actions import (
    Written,
    append_export,
    list_stories,
    new_export,
    selection_of,
    write_stories,
)
from storyhub.exports.files import FORMATS, NotInstalled
from storyhub.exports.queries import BEING_MADE, KIND, count_stories, is_as_it_was, one_moment
from storyhub.exports.stepping import Stepwise
from storyhub.exports.waiting import erase_file, folder_in, last_day, new_name, workplace
from storyhub.models.export import RECALL, Export, ExportFile
from storyhub.models.long_work import Refused
from storyhub.models.selection import Selection, Unknown
from storyhub.protection import identifiers

Step = tuple[int, int | None] | dict[str, Any]


def make_file_to_fetch(session: Session, arguments: dict[str, Any], by: int | None) -> Generator[Step, None, None]:
    """Make the file of `arguments` (format, asked: the filters), record it and put it where it can be fetched. Commits
    all but the last step. Each time it begins anew; what an earlier try left goes first.
    """
    settings: Settings = current_app.extensions["settings"]
    format_, selection = str(arguments["format"]), selection_of(arguments["asked"])
    mark = hashlib.sha256(json.dumps([arguments, by], sort_keys=True).encode()).hexdigest()[:32]
    try:
        with workplace(settings.instance, mark) as place:
            total = count_stories(session, selection)
            session.rollback()
            yield 0, total
            if not total:
                raise Refused("none-any-more")
            path = place / "file"
            making = Stepwise(lambda tell: _write(path, selection, format_, place, settings.site_url, tell))
            with closing(making.steps()) as steps:
                for done in steps:
                    yield min(done, total), total
            written = making.result()
            with closing(record_in_steps(session, selection, format_, written, by=by, mark=mark)) as recording:
                for step in recording:
                    if isinstance(step, Export):
                        yield from _put_away(session, step, path, folder_in(settings.instance), written.size)
                    else:
                        yield total, total
    except Unknown as error:
        raise Refused("no-such-theme") from error
    except NotInstalled as error:
        raise Refused("not-installed") from error
    except (OSError, OperationalError) as error:
        if is_disk_full(error):
            raise Refused("disk-full") from error
        raise


def _write(path: Path, selection: Selection, format_: str, place: Path, site_url: str, tell: Any) -> Written:
    with open(path, "xb+", opener=_for_owner_alone) as file:
        return write_stories(file, selection, format_, workplace=place, site_url=site_url, progress=tell)


def _for_owner_alone(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def record_in_steps(
    session: Session,
    selection: Selection,
    format_: str,
    written: Written,
    *,
    by: int | None,
    mark: str | None = None,
) -> Generator[int | Export]:
    """Record an export of any size, and commit after each some thousand stories: nobody waits long for the database.

    Gives how many stories are listed by now, and at last the export, appended to the record and not yet committed. What
    is begun and not finished is no export: it goes when this is left early, when it begins again, or in the night.
    """
    mark = mark or secrets.token_hex(16)
    _forget_begun(session, mark)
    export = new_export(selection, format_, written, by)
    export.what, export.facts = BEING_MADE, export.facts | {"mark": mark}
    session.add(export)
    session.flush()
    export_id = export.id
    try:
        for done in list_stories(session, export, written):
            session.commit()
            yield done
        export.what = "stories"
        export.facts = {name: value for name, value in export.facts.items() if name != "mark"}
        append_export(session, export)
        yield export
    except BaseException:  # of a slow worker too: the same mark may be another one's by now, its own export is not
        session.rollback()
        session.execute(sa.delete(Export).where(Export.id == export_id, Export.what == BEING_MADE))
        session.commit()
        raise


def _forget_begun(session: Session, mark: str) -> None:
    begun = session.scalars(sa.select(Export).where(Export.what == BEING_MADE)).all()
    ids = [export.id for export in begun if export.facts.get("mark") == mark]
    session.execute(sa.delete(Export).where(Export.id.in_(ids)))
    session.commit()


def _put_away(session: Session, export: Export, path: Path, folder: Path, size: int) -> Iterator[Step]:
    """Give the file its name and its day, to be committed with the work's end: it leaves once, or not at all.

    A name without a row is erased by night.
    """
    file = ExportFile(export_id=export.id, name=new_name(FORMATS[export.format].extension), size=size)
    file.expires_on = last_day()
    session.add(file)
    session.flush()
    export_id = export.id
    target = folder / file.name
    path.replace(target)
    try:
        yield {"url": f"/organise/exports/{identifiers.shown(export.id)}"}
    except BaseException:
        target.unlink(missing_ok=True)
        raise
    # What changed while it was made recalled nothing, as nobody knew of a file yet. From here on it does.
    with one_moment() as reading:
        is_of_now = is_as_it_was(reading, reading.get_one(Export, export_id))
    if not is_of_now:
        recall_file(session, export_id)
        session.commit()


def recall_file(session: Session, export: int) -> None:
    """Erase a file that waits, because a story in it changed. Doesn't commit."""
    settings: Settings = current_app.extensions["settings"]
    erase_file(session, settings.instance, export)


def is_disk_full(error: BaseException) -> bool:
    """Whether it failed because there is no room: told by the system, or by SQLite."""
    return getattr(error, "errno", None) in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG) or "disk is full" in str(error)


JOBS: dict[str, Any] = {RECALL: recall_file}
LONG = {KIND: make_file_to_fetch}
