"""Making a file of stories and recording that it left: which stories, what for, and a digest of its bytes."""

from __future__ import annotations

import hashlib
from array import array
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any, BinaryIO

import sqlalchemy as sa
from sqlalchemy.orm import Session

from storyhub import clock
from storyhub.exports.columns import row_of
from storyhub.exports.files import FORMATS
from storyhub.exports.queries import one_moment, publications
from storyhub.models.decision import Act, append_decision
from storyhub.models.export import Export, ExportedStory
from storyhub.models.selection import Selection
from storyhub.protection import identifiers

AT_ONCE = 5_000  # rows of the list of exported stories


def make_export(
    session: Session,
    file: BinaryIO,
    selection: Selection,
    format_: str,
    *,
    by: int | None,
    progress: Callable[[int], object] = lambda _done: None,
) -> Export:
    """Write the selection's stories to `file` and record the export. Doesn't commit: send the file after that.

    `by` is a person's id, or None for the command line. Raises Unknown for a theme or campaign.
    """
    digest = hashlib.sha256()
    taken = array("q")  # eight bytes a story
    with one_moment() as reading:
        for piece in FORMATS[format_](_rows(reading, selection, taken, progress)):
            digest.update(piece)
            file.write(piece)
    file.flush()
    return _record(session, selection, format_, taken, digest.hexdigest(), by)


def _rows(
    session: Session, selection: Selection, taken: array[int], progress: Callable[[int], object]
) -> Iterator[dict[str, Any]]:
    for public in publications(session, selection):
        taken.append(public.story_id)
        progress(len(taken))
        yield row_of(public)


def _record(
    session: Session, selection: Selection, format_: str, taken: array[int], sha256: str, by: int | None
) -> Export:
    export = Export(
        id=identifiers.new_id(),
        day=clock.today(),
        by_id=by,
        format=format_,
        filters=filters_of(selection),
        consent=selection.consent,
        count=len(taken),
        sha256=sha256,
    )
    session.add(export)
    session.flush()
    ids = iter(taken)
    while some := list(islice(ids, AT_ONCE)):
        session.execute(sa.insert(ExportedStory), [{"export_id": export.id, "story_id": story_id} for story_id in some])
    facts: dict[str, str | int | None] = {
        "export": identifiers.shown(export.id),
        "format": format_,
        "consent": selection.consent,
        "count": export.count,
        "sha256": sha256,
    }
    append_decision(session, Act.EXPORT, by=by, facts=facts)
    return export


def filters_of(selection: Selection) -> dict[str, str | int | list[str] | None]:
    """A selection's filters by their names in an address."""
    found: dict[str, str | int | list[str] | None] = dict(selection.as_query())
    if selection.themes:
        found["theme"] = list(selection.themes)
    return found
