"""Making a file of stories and recording that it left: which stories, what for, and a digest of its bytes."""

from __future__ import annotations

import hashlib
from array import array
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

import sqlalchemy as sa
from sqlalchemy.orm import Session

from storyhub import clock, languages
from storyhub.exports.columns import USES, row_of
from storyhub.exports.files import FORMATS, ExportFacts
from storyhub.exports.qda.gathering import codings_of, qda_codes
from storyhub.exports.queries import VERSIONS_MODULO, codebook, long_texts, one_moment, positions_drawn, rows_read
from storyhub.models.decision import Act, append_decision
from storyhub.models.export import Export, ExportedStory
from storyhub.models.selection import Selection
from storyhub.models.site import the_site
from storyhub.models.story import Setting
from storyhub.protection import identifiers

AT_ONCE = 5_000  # rows of the list of exported stories
TOLD_EACH = 500  # stories
PIECE = 1024 * 1024  # bytes

Filters = dict[str, str | int | list[str] | None]


@dataclass
class Written:
    """What is in a file: its stories, a sum that changes when one has other words or uses, its digest and its bytes."""

    taken: array[int] = field(default_factory=lambda: array("q"))  # eight bytes a story
    versions: int = 0
    sha256: str = ""
    size: int = 0


def make_export(
    session: Session,
    file: BinaryIO,
    selection: Selection,
    format_: str,
    *,
    by: int | None,
    workplace: Path | None = None,
    site_url: str = "",
    progress: Callable[[int], object] = lambda _done: None,
) -> Export:
    """Write the selection's stories to `file` and record the export. Doesn't commit: send the file after that.

    `by` is a person's id, or None for the command line. Raises Unknown for a theme or campaign, NotInstalled.
    """
    written = write_stories(file, selection, format_, workplace=workplace, site_url=site_url, progress=progress)
    export = new_export(selection, format_, written, by)
    session.add(export)
    session.flush()
    for _some in list_stories(session, export, written):
        pass
    append_export(session, export)
    return export


def write_stories(
    file: BinaryIO,
    selection: Selection,
    format_: str,
    *,
    workplace: Path | None = None,
    site_url: str = "",
    progress: Callable[[int], object] = lambda _done: None,
) -> Written:
    """Write the selection's stories to an empty file, all as they were at one moment.

    `progress` is told how many there are by now, and may raise to stop it.
    """
    written = Written()
    with one_moment() as reading:
        positions = positions_drawn(reading, selection)
        facts = ExportFacts(
            site=the_site(reading).name,
            site_url=site_url,
            filters=asked_of(selection),
            themes=codebook(reading),
            folder=workplace,
            long_texts=lambda: long_texts(reading, selection, positions),
            codings=lambda ids: codings_of(reading, ids),
            codes=lambda: qda_codes(reading, languages.DEFAULT),
        )
        rows = _rows(rows_read(reading, selection, positions), written, progress)
        FORMATS[format_].write(rows, file, facts)
    file.flush()
    written.size = file.seek(0, 2)
    written.sha256 = digest_of(file)
    return written


def digest_of(file: BinaryIO) -> str:
    """The SHA-256 of a whole file, read from its beginning."""
    digest = hashlib.sha256()
    file.seek(0)
    while piece := file.read(PIECE):
        digest.update(piece)
    return digest.hexdigest()


def _rows(
    read: Iterator[tuple[int, Any]], written: Written, progress: Callable[[int], object]
) -> Iterator[dict[str, Any]]:
    taken = written.taken
    for version_id, row in read:
        taken.append(row[0])
        written.versions += version_id % VERSIONS_MODULO * (1 + _allows(row))
        if len(taken) % TOLD_EACH == 0:
            progress(len(taken))
        yield row_of(row)


def _allows(row: Any) -> int:
    """What a story may be used for, as a number: the file tells it, so at the download it must be so still."""
    return sum(2**place for place, allowed in enumerate(row[-len(USES) :]) if allowed)


def new_export(selection: Selection, format_: str, written: Written, by: int | None) -> Export:
    """The record of a file, not yet in the database."""
    noted: dict[str, str | int | None] = {"versions": str(written.versions), "bytes": written.size}
    if selection.sample is not None:
        noted |= {"sample": selection.sample, "seed": selection.seed}
    return Export(
        id=identifiers.new_id(),
        day=clock.today(),
        by_id=by,
        format=format_,
        filters=filters_of(selection),
        consent=selection.consent,
        count=len(written.taken),
        sha256=written.sha256,
        what="stories",
        facts=noted,
    )


def list_stories(session: Session, export: Export, written: Written) -> Iterator[int]:
    """Note which stories an export held, some at a time. Doesn't commit; whoever goes on to the next may."""
    ids, done = iter(sorted(written.taken)), 0
    export_id = export.id
    while some := list(islice(ids, AT_ONCE)):
        session.execute(sa.insert(ExportedStory), [{"export_id": export_id, "story_id": story_id} for story_id in some])
        done += len(some)
        yield done


def append_export(session: Session, export: Export) -> None:
    """Append to the record of decisions that the file leaves. Doesn't commit."""
    facts: dict[str, str | int | None] = {
        "export": identifiers.shown(export.id),
        "format": export.format,
        "consent": export.consent,
        "count": export.count,
        "sha256": export.sha256,
    }
    facts |= {name: export.facts[name] for name in ("sample", "seed") if name in export.facts}
    append_decision(session, Act.EXPORT, by=export.by_id, facts=facts)


def filters_of(selection: Selection) -> Filters:
    """A selection's filters by their names in an address; what for and the sample are told apart from them."""
    found: Filters = dict(selection.as_query())
    if selection.themes:
        found["theme"] = list(selection.themes)
    if selection.any_theme and len(selection.themes) > 1:
        found["themes"] = "any"
    for name in ("since_year", "until_year"):
        if (year := getattr(selection, name)) is not None:
            found[name] = year
    return found


def asked_of(selection: Selection) -> Filters:
    """All that a selection says, as one dictionary of plain values."""
    found = filters_of(selection)
    if selection.consent is not None:
        found["consent"] = selection.consent
    if selection.sample is not None:
        found |= {"sample": selection.sample, "seed": selection.seed}
    return found


def asked_for_again(export: Export) -> Filters:
    """The same of an export, so that the file can be made anew."""
    found: Filters = dict(export.filters)
    if export.consent is not None:
        found["consent"] = export.consent
    return found | {name: export.facts[name] for name in ("sample", "seed") if name in (export.facts or {})}


def selection_of(asked: Filters) -> Selection:
    """The selection that `asked_of` told of."""
    told: dict[str, Any] = dict(asked)
    years = {name: told.get(name) and int(told[name]) for name in ("year", "since_year", "until_year")}
    return Selection(
        themes=tuple(told.get("theme", ())),
        any_theme=told.get("themes") == "any",
        country=told.get("country"),
        setting=Setting(told["setting"]) if "setting" in told else None,
        language=told.get("language"),
        campaign=told.get("campaign"),
        consent=told.get("consent"),
        year=years["year"],
        since_year=years["since_year"],
        until_year=years["until_year"],
        sample=told.get("sample"),
        seed=told.get("seed", 0),
    )
