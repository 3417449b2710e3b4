"""The file in which a brief leaves: both pages as HTML and as PDF, with the counts in them; and the record of it."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from storyhub import clock
from storyhub.config import ROOT
from storyhub.exports import brief_pdf
from storyhub.exports.brief_figures import THEME
from storyhub.exports.brief_pages import Sheet
from storyhub.exports.briefs import Quotes
from storyhub.exports.files import ExportFacts
from storyhub.exports.files.plain import write_csv
from storyhub.models.brief import Brief
from storyhub.models.decision import Act, append_decision
from storyhub.models.export import Export, ExportedStory
from storyhub.models.theme import Theme
from storyhub.protection import identifiers

WHAT, FORMAT = "brief", "zip"
COLUMNS = ["what", "value", "count"]
BESIDE = {"brief.css": "css/components/brief.css", "world.svg": "img/world.svg"}

Html = Callable[[str, Callable[[str], str]], str]  # the page, for a size of its words and for where static files are


@dataclass(frozen=True)
class Made:
    """A brief's file, and whether the PDF is in it."""

    data: bytes
    has_pdf: bool

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.data).hexdigest()


def make_file(session: Session, brief: Brief, sheet: Sheet, quotes: Quotes, html: Html) -> Made:
    """The zip of a brief. The same brief over the same stories gives the same bytes. Raises brief_pdf.DoesNotFit."""
    rows = list(rows_of(session, sheet, quotes))
    counts = io.BytesIO()
    write_csv(rows, counts, ExportFacts(columns=COLUMNS))
    size, files = "", {"counts.csv": counts.getvalue()}
    if (has_pdf := brief_pdf.why_not() is None) is True:
        identifier = hashlib.sha256(identifiers.shown(brief.id).encode() + files["counts.csv"]).digest()[:16]
        files["brief.pdf"], size = brief_pdf.pdf(lambda size: html(size, brief_pdf.image_url), identifier)
    files["brief.html"] = html(size, _beside).encode()
    files |= {name: (ROOT / "static" / path).read_bytes() for name, path in BESIDE.items()}
    return Made(_zipped(files, sheet), has_pdf)


def _beside(path: str) -> str:
    return next(name for name, there in BESIDE.items() if there == path)


def _zipped(files: dict[str, bytes], sheet: Sheet) -> bytes:
    """In one order and of one day, so that nothing in it tells when it was made."""
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in sorted(files.items()):
            entry = zipfile.ZipInfo(name, (sheet.day.year, sheet.day.month, sheet.day.day, 0, 0, 0))
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            archive.writestr(entry, data)
    return whole.getvalue()


def rows_of(session: Session, sheet: Sheet, quotes: Quotes) -> Iterator[dict[str, str | int]]:
    """Every count that the pages show or draw, or have no room for; and the ids of the quoted stories."""
    counted = sheet.figures
    yield _row(sheet.kind, sheet.about.value, counted.total)
    for year, count in sorted(counted.years.items()):
        yield _row("year", str(year), count)
    yield _row("year", "", counted.without_year)
    for code, count in sorted(counted.countries.items()):
        yield _row("country", code, count)
    yield _row("country", "", counted.without_country)
    slugs = sa.select(Theme.slug, Theme.id).where(Theme.id.in_(counted.together)).order_by(Theme.slug)
    for slug, theme_id in session.execute(slugs):
        yield _row("with theme" if sheet.kind == THEME else "theme", slug, counted.together[theme_id])
    for quote in quotes.standing:
        yield _row("quoted story", identifiers.shown(quote.of.story_id), 1)


def _row(what: str, value: str, count: int) -> dict[str, str | int]:
    return {"what": what, "value": value, "count": count}


def record(session: Session, brief: Brief, sheet: Sheet, quotes: Quotes, made: Made, *, by: int) -> Export:
    """Note that the brief left: from here on it stays as it is. Doesn't commit: send the file after that."""
    stories = [quote.of.story_id for quote in quotes.standing]
    export = Export(
        id=identifiers.new_id(),
        day=clock.today(),
        by_id=by,
        what=WHAT,
        format=FORMAT,
        filters=brief.filters,
        consent=brief.purpose,
        count=len(stories),
        sha256=made.sha256,
        facts={"brief": identifiers.shown(brief.id), "stories": sheet.figures.total, "language": brief.language},
    )
    session.add(export)
    session.flush()
    session.add_all(ExportedStory(export_id=export.id, story_id=story_id) for story_id in stories)
    brief.export_id = export.id
    facts: dict[str, str | int | None] = {
        "export": identifiers.shown(export.id),
        "what": WHAT,
        "format": FORMAT,
        "consent": brief.purpose,
        "count": export.count,
        "sha256": export.sha256,
    }
    append_decision(session, Act.EXPORT, by=by, facts=facts)
    return export
