"""Writes a REFI-QDA 1.0 project: a zip of plain texts (`sources/`) and of what is known of them (`project.qde`).

Standard: REFI, Exchange of processed data between qualitative data analysis software packages, 2019; Project.xsd 1.0.
"""

from __future__ import annotations

import datetime as dt
import shutil
import unicodedata
import uuid
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import Any, BinaryIO

from storyhub.exports.qda.markup import element, opening, words
from storyhub.exports.qda.nouns import CODERS, VARIABLES, Fact, Grouping, QdaCode, QdaStory
from storyhub.exports.qda.plain import one_line, plain_span
from storyhub.exports.qda.sources import Source, guid, sources
from storyhub.text.codebook.entries import guid_of

SCHEMA = "urn:QDA-XML:project:1.0"
ORIGIN = "StoryHub"  # without an origin QualCoder stops
MOST_IN_MEMORY = 4 * 1024 * 1024  # bytes of each part; beyond, a file without a name
NEEDS_ZIP64 = 2**30  # bytes of project.qde
BEGINNING = (1980, 1, 1, 0, 0, 0)  # a zip's own first day: the hour of an export is nobody's business
Files = SpooledTemporaryFile[bytes]


def write_project(
    stories: Iterable[QdaStory],
    codes: Sequence[QdaCode],
    file: BinaryIO,
    *,
    name: str,
    grouped_by: Grouping = Grouping.NEWEST,
    folder: Path | None = None,
) -> None:
    """Write the project to `file`, which need only have `write`. The same stories and codes give the same bytes.

    What waits to be written is in `folder` (the system's, if None), in files without a name. Raises KeyError for a
    coding of a theme that isn't among `codes`, or by no kind of CODERS.
    """
    guids = {code.slug: guid_of(code.slug) for code in codes}
    newest = dt.date.min
    here = None if folder is None else str(folder)
    with (
        zipfile.ZipFile(_Forward(file), "w") as archive,
        SpooledTemporaryFile(MOST_IN_MEMORY, dir=here) as cases,
        SpooledTemporaryFile(MOST_IN_MEMORY, dir=here) as texts,
    ):
        for source in sources(stories, grouped_by):
            _write_source(source, guids, archive, cases, texts, alone=grouped_by is Grouping.STORY)
            newest = max(newest, _newest(source))
        with archive.open(_entry("project.qde"), "w", force_zip64=cases.tell() + texts.tell() > NEEDS_ZIP64) as project:
            facts = {"xmlns": SCHEMA, "name": one_line(name), "origin": ORIGIN, "creationDateTime": _made_on(newest)}
            _write(project, '<?xml version="1.0" encoding="utf-8"?>\n', opening("Project", facts), "\n")
            _write(project, _coders(), _codebook(codes), _variables())
            _append(project, "Cases", cases)
            _append(project, "Sources", texts)
            _write(project, "</Project>\n")


class _Forward:
    """A file that is written to and never gone back in, so that its bytes are the same wherever they go."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def write(self, piece: bytes, /) -> int:
        self._file.write(piece)
        return len(piece)

    def flush(self) -> None:
        """It is the caller's to flush, and to close."""

    close = flush


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, BEGINNING)
    entry.compress_type, entry.create_system, entry.external_attr = zipfile.ZIP_DEFLATED, 3, 0o600 << 16
    return entry


def _write(file: Any, *pieces: str) -> None:
    file.write("".join(pieces).encode())


def _append(project: Any, tag: str, part: Files) -> None:
    """One part, which the schema wants left out where it is empty."""
    if part.tell():
        part.seek(0)
        _write(project, f"<{tag}>\n")
        shutil.copyfileobj(part, project)
        _write(project, f"</{tag}>\n")


# What there is once


def _coders() -> str:
    everyone = (element("User", {"guid": _coder(kind), "name": name}) for kind, name in CODERS.items())
    return element("Users", {}, *everyone) + "\n"


def _variables() -> str:
    each = (
        element("Variable", {"guid": str(guid("variable", name)), "name": name, "typeOfVariable": kind})
        for name, kind in VARIABLES.items()
    )
    return element("Variables", {}, *each) + "\n"


def _codebook(codes: Sequence[QdaCode]) -> str:
    if not codes:
        return ""
    names = dict(zip((code.slug for code in codes), _different(codes), strict=True))
    below: dict[str | None, list[QdaCode]] = {}
    for code in codes:
        below.setdefault(code.parent if code.parent in names else None, []).append(code)
    tree = "".join(_code(code, names, below) for code in below.get(None, []))
    return element("CodeBook", {}, element("Codes", {}, tree)) + "\n"


def _code(code: QdaCode, names: dict[str, str], below: dict[str | None, list[QdaCode]]) -> str:
    facts = {"guid": guid_of(code.slug), "name": names[code.slug], "isCodable": "true"}
    said = [words("Description", code.description)] if code.description else []
    return element("Code", facts, *said, *(_code(child, names, below) for child in below.get(code.slug, [])))


def _different(codes: Sequence[QdaCode]) -> Iterator[str]:
    """Each code's name, composed, and no two alike: several programs take two of one name for one code."""
    taken: set[str] = set()
    for code in codes:
        name = unicodedata.normalize("NFC", one_line(code.name)) or code.slug
        if name.casefold() in taken:
            name = f"{name} ({code.slug})"
        taken.add(name.casefold())
        yield name


# What there is for each source and story


def _write_source(
    source: Source, codes: dict[str, str], archive: zipfile.ZipFile, cases: Files, texts: Files, *, alone: bool
) -> None:
    source_guid = source.guid
    archive.writestr(_entry(f"sources/{source_guid}.txt"), source.text.encode())
    # The path, never the text within: QualCoder reads no other, and the standard wants one of the two.
    facts = {"guid": str(source_guid), "name": source.name, "plainTextPath": f"internal://{source_guid}.txt"}
    _write(texts, opening("TextSource", facts | {"creationDateTime": _made_on(_newest(source))}), "\n")
    for place, story in source.places:
        whole, selections = _selections(place, story, codes, source_guid)
        _write(texts, *selections)
        _write(cases, _case(story, whole, source_guid, alone=alone))
    _write(texts, "</TextSource>\n")


def _newest(source: Source) -> dt.date:
    """The day on which the newest of its stories was released."""
    days = (story.facts.get("released_on") for _place, story in source.places)
    return max((day for day in days if isinstance(day, dt.date)), default=dt.date.min)


def _made_on(day: Fact) -> str | None:
    """When a story's words became what they are here. Some programs stop at a selection without a day (QualCoder up
    to 3.6). A coding has none: on which day somebody coded is not kept, and a day that is not its own would be counted.
    """
    return f"{day.isoformat()}T00:00:00Z" if isinstance(day, dt.date) and day > dt.date.min else None


def _selections(place: int, story: QdaStory, codes: dict[str, str], within: uuid.UUID) -> tuple[uuid.UUID, list[str]]:
    """The guid of the selection of the whole story, and all its selections: one for each passage and kind of coder.

    One for each kind, because QualCoder takes the coder from the selection and would keep one of two codings.
    """
    all_of_it = plain_span(story.text, None, None)
    found: dict[tuple[int, int, str], set[str]] = {}
    for coding in story.codings:
        start, end = plain_span(story.text, coding.start, coding.end)
        found.setdefault((start, end, coding.by), set()).add(coding.code)
    if not any((start, end) == all_of_it for start, end, _by in found):
        found[(*all_of_it, "")] = set()
    order = sorted(found, key=lambda one: (one[0], -one[1], one[2]))
    return (
        guid("selection", _named(story, order[0]), within),
        [_selection(place, story, one, sorted(found[one]), codes, within) for one in order],
    )


def _selection(
    place: int,
    story: QdaStory,
    passage: tuple[int, int, str],
    slugs: Sequence[str],
    codes: dict[str, str],
    within: uuid.UUID,
) -> str:
    start, end, by = passage
    named = _named(story, passage)
    coder = _coder(by) if by else None
    facts = {"guid": str(guid("selection", named, within)), "name": story.id, "creatingUser": coder}
    facts["creationDateTime"] = _made_on(story.facts.get("released_on"))
    # One without a code is a note to several programs: it says what it stands for.
    said = [] if slugs else [words("Description", story.id)]
    codings = (
        element(
            "Coding",
            {"guid": str(guid("coding", f"{named} {slug}", within)), "creatingUser": coder},
            element("CodeRef", {"targetGUID": codes[slug]}),
        )
        for slug in slugs
    )
    positions = {"startPosition": str(place + start), "endPosition": str(place + end)}
    return element("PlainTextSelection", facts | positions, *said, *codings) + "\n"


def _named(story: QdaStory, passage: tuple[int, int, str]) -> str:
    return " ".join(map(str, (story.id, *passage)))


def _case(story: QdaStory, whole: uuid.UUID, source: uuid.UUID, *, alone: bool) -> str:
    """A story as a case. One that is a source by itself is a case without a name of that source alone: in that form
    MAXQDA and QualCoder take the facts for the document's own."""
    values = [_value(name, story.facts.get(name)) for name in VARIABLES]
    refers = ("SourceRef", str(source)) if alone else ("SelectionRef", str(whole))
    facts = {"guid": str(guid("story", story.id)), "name": None if alone else story.id}
    return element("Case", facts, *values, element(refers[0], {"targetGUID": refers[1]})) + "\n"


def _value(name: str, fact: Fact) -> str:
    if fact is None or fact == "":
        return ""
    said = str(fact).lower() if isinstance(fact, bool) else fact.isoformat() if isinstance(fact, dt.date) else str(fact)
    return element("VariableValue", {}, _variable(name), words(f"{VARIABLES[name]}Value", said))


@cache
def _variable(name: str) -> str:
    return element("VariableRef", {"targetGUID": str(guid("variable", name))})


@cache
def _coder(by: str) -> str:
    if by not in CODERS:
        raise KeyError(by)
    return str(guid("coder", by))
