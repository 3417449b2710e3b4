"""A data package (datapackage.org): a ZIP with the table, the codebook and a description of both that can be checked.

The table holds every cell as it is, without the apostrophe that keeps a spreadsheet from running it: this is the file
for programs and archives, which would take the apostrophe for words that somebody told. It says so where it is read.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Iterator
from typing import Any, BinaryIO, cast
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from storyhub.exports.files.kinds import ExportFacts, Rows, ThemeFacts
from storyhub.exports.files.plain import write_exact_csv

FIRST_DAY = (1980, 1, 1, 0, 0, 0)  # of every file in it, so that the same stories give the same bytes
PROFILE = "data-package"
SLUG = "[a-z0-9]+(?:-[a-z0-9]+)*"
ALLOWED = {
    None: "For use within the organisation that runs the site. No further use was agreed to.",
    "quote": "Each contributor agreed to be quoted in reports, with the source named.",
    "research": "Each contributor agreed to the use for research.",
    "press": "Each contributor agreed that journalists may see it.",
    "full": "Each contributor agreed that other sites may show it in full.",
}
STORY_FIELDS: list[dict[str, Any]] = [
    {"name": "id", "type": "string", "constraints": {"required": True, "unique": True, "pattern": "[0-9a-z]{13}"},
     "description": "The story's address on the site is /stories/ and this. It tells nothing about when it was told."},
    {"name": "text", "type": "string", "constraints": {"required": True},
     "description": "The words as they are public, lines divided by a line feed."},
    {"name": "title", "type": "string", "description": "Empty where none was given."},
    {"name": "language", "type": "string", "constraints": {"pattern": "[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*"},
     "description": "Of the words: BCP 47."},
    {"name": "country", "type": "string", "constraints": {"pattern": "[A-Z]{2}"},
     "description": "Where it happened: ISO 3166-1 alpha-2."},
    {"name": "setting", "type": "string", "description": "Where it happened, if the contributor chose to show it.",
     "constraints": {"enum": ["street", "transport", "work", "school", "home", "online", "healthcare", "shop",
                              "nightlife", "sport", "institution", "other"]}},
    {"name": "happened", "type": "string", "constraints": {"pattern": "[0-9]{4}(-[0-9]{2})?"},
     "description": "The year, or year and month if the contributor chose to show it."},
    {"name": "themes", "type": "string", "constraints": {"pattern": f"{SLUG}(;{SLUG})*"},
     "description": "Themes of the codebook (its column theme), divided by semicolons."},
    {"name": "content_notes", "type": "string", "constraints": {"pattern": f"{SLUG}(;{SLUG})*"},
     "description": "What it speaks of, so that a reader can choose not to; divided by semicolons."},
    {"name": "campaign", "type": "string", "constraints": {"pattern": SLUG},
     "description": "The call for stories that it answers."},
    {"name": "released_on", "type": "date", "constraints": {"required": True},
     "description": "The day on which it became public; not the day on which it was told."},
    {"name": "consent", "type": "string",
     "constraints": {"pattern": "(quote|research|press|full)(;(quote|research|press|full))*"},
     "description": "What its contributor agreed to beyond being read on the site, divided by semicolons."},
    {"name": "heard", "type": "integer", "constraints": {"required": True, "minimum": 0},
     "description": "How many readers said that they hear it."},
    {"name": "me_too", "type": "integer", "constraints": {"required": True, "minimum": 0},
     "description": "How many readers said that it happened to them too."},
]  # fmt: skip
CODEBOOK_FIELDS: list[dict[str, Any]] = [
    {"name": "theme", "type": "string", "constraints": {"required": True, "pattern": SLUG}},
    {"name": "language", "type": "string", "constraints": {"required": True}, "description": "Of this row's words."},
    {"name": "name", "type": "string"},
    {"name": "definition", "type": "string"},
    {"name": "use_when", "type": "string", "description": "When to give it to a story."},
    {"name": "use_not", "type": "string", "description": "When not to."},
    {"name": "example", "type": "string", "description": "Invented, or allowed to be quoted."},
    {"name": "parent", "type": "string", "description": "The theme that it is part of."},
    {"name": "retired", "type": "boolean", "description": "Whether it is given to no story any more."},
]
README = """Stories from {site}
{site_url}

What is in here
  stories.csv       one public story on each row
  codebook.csv      the themes, and what each of them means
  datapackage.json  a description of both, with the type of each column (https://datapackage.org)

What they may be used for
  {allowed}
  These are stories that people chose to tell, not a survey: counts of them are counts of what was told.
  A story can be taken back. Whoever gave you this file is told which ones were; please delete them here too.

How to open it
  In R: read.csv("stories.csv"), or the package frictionless. In Python: pandas.read_csv("stories.csv").
  For a spreadsheet take the XLSX or the CSV of the same stories instead. The cells here stand as they were told, and a
  spreadsheet may run one that begins with =, +, - or @ as a formula.
"""


def write_package(rows: Rows, file: BinaryIO, facts: ExportFacts) -> None:
    """The table first, as a stream; the description last, when the digests are known."""
    with ZipFile(file, "w", ZIP_DEFLATED) as package:
        stories = _Part(package, "stories.csv")
        write_exact_csv(rows, cast(BinaryIO, stories), facts)
        stories.close()
        codebook = _Part(package, "codebook.csv")
        codebook.write(_codebook(facts))
        codebook.close()
        readme = _Part(package, "README.txt")
        readme.write(
            README.format(
                site=facts.site, site_url=facts.site_url, allowed=ALLOWED[facts.filters.get("consent")]
            ).encode()
        )
        readme.close()
        described = _Part(package, "datapackage.json")
        described.write(
            json.dumps(_description(facts, stories, codebook), ensure_ascii=False, indent=2).encode() + b"\n"
        )
        described.close()


class _Part:
    """One file of the ZIP: what is written to it is counted and digested."""

    def __init__(self, package: ZipFile, name: str) -> None:
        entry = ZipInfo(name, FIRST_DAY)
        entry.compress_type, entry.external_attr = ZIP_DEFLATED, 0o644 << 16
        self.name, self.digest, self.size = name, hashlib.sha256(), 0
        self._file = package.open(entry, "w", force_zip64=True)
        self.close = self._file.close

    def write(self, data: bytes) -> int:
        self.digest.update(data)
        self.size += len(data)
        return self._file.write(data)


def _codebook(facts: ExportFacts) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow([field["name"] for field in CODEBOOK_FIELDS])
    for theme in facts.themes:
        writer.writerows(_rows_of(theme))
    return text.getvalue().encode()


def _rows_of(theme: ThemeFacts) -> Iterator[list[str]]:
    words = (theme.names, theme.definitions, theme.use_when, theme.use_not, theme.examples)
    for language in sorted(set().union(*words)):
        told = [by_language.get(language) or "" for by_language in words]
        yield [theme.slug, language, *told, theme.parent, "true" if theme.retired else "false"]


def _description(facts: ExportFacts, stories: _Part, codebook: _Part) -> dict[str, Any]:
    allowed = ALLOWED[facts.filters.get("consent")]
    fields = {field["name"]: field for field in STORY_FIELDS}
    return {
        "profile": PROFILE,
        "name": "stories",
        "title": f"Stories from {facts.site}",
        "description": f"Public stories that people chose to tell; not a survey. {allowed} A story can be taken back "
        "by its contributor: delete it here when you are told so. Cells stand as they were told, and a spreadsheet may "
        "run one that begins with =, +, - or @.",
        "consent": allowed,
        "selection": dict(facts.filters),
        "sources": [{"title": facts.site, "path": facts.site_url}],
        "resources": [
            _resource(stories, "stories", {"fields": [fields[name] for name in facts.columns], "primaryKey": ["id"]}),
            _resource(codebook, "codebook", {"fields": CODEBOOK_FIELDS, "primaryKey": ["theme", "language"]}),
        ],
    }


def _resource(part: _Part, name: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": name,
        "type": "table",
        "path": part.name,
        "scheme": "file",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "bytes": part.size,
        "hash": f"sha256:{part.digest.hexdigest()}",
        "dialect": {"delimiter": ",", "lineTerminator": "\r\n", "quoteChar": '"', "doubleQuote": True},
        "schema": schema | {"missingValues": [""]},
    }
