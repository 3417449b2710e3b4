"""A table that left as files that spreadsheets and programs open: the same table gives the same bytes."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import zipfile
from collections.abc import Iterator
from typing import Any

import xlsxwriter
from flask_babel import force_locale
from flask_babel import gettext as _

from storyhub.exports.columns import with_guard
from storyhub.exports.tables import facet_names, layout_left, name_of
from storyhub.models.frozen import FrozenTable

KEPT_BACK = "[c]"  # the mark of official statistics in the United Kingdom for “confidential”; never a number
ALWAYS = (
    1980,
    1,
    1,
    0,
    0,
    0,
)  # the day on which every file in the archive was made: else no two archives were the same
Cells = list[list[str | int | None]]


def zip_of(table: FrozenTable) -> bytes:
    """The archive: the table as CSV, XLSX and JSON, and what to know of it as plain words, in the table's language."""
    with force_locale(table.asked["language"]):
        files = {
            "read-me.txt": read_me(table).encode(),
            "table.csv": csv_of(table),
            "table.json": json_of(table),
            "table.xlsx": xlsx_of(table),
        }
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(zipfile.ZipInfo(name, ALWAYS), data, zipfile.ZIP_DEFLATED)
    return made.getvalue()


def rows_of(table: FrozenTable) -> Iterator[list[str | int | None]]:
    """The head, the rows and the margins; None is kept back."""
    layout, asked = layout_left(table), table.asked
    corner = facet_names()[layout.rows.facet]
    yield [corner, *asked["columns"]["names"], _("All")]
    for row, name in enumerate([*asked["rows"]["names"], _("All")]):
        yield [name, *(table.counts[name_of((row, column))] for column in range(layout.width + 1))]


def csv_of(table: FrozenTable) -> bytes:
    words = io.StringIO()
    words.write("\ufeff")  # without it Excel takes Arabic for Latin letters
    writer = csv.writer(words)
    for row in rows_of(table):
        writer.writerow(
            [KEPT_BACK if cell is None else with_guard(cell) if isinstance(cell, str) else cell for cell in row]
        )
    return words.getvalue().encode()


def xlsx_of(table: FrozenTable) -> bytes:
    """Nothing in it is run: words stay words, whatever they begin with."""
    made = io.BytesIO()
    book = xlsxwriter.Workbook(
        made, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    )
    book.set_properties({"created": dt.datetime.combine(table.day, dt.time(), dt.UTC).replace(tzinfo=None)})
    bold, kept = book.add_format({"bold": True}), book.add_format({"italic": True, "align": "right"})
    sheet = book.add_worksheet(_("Table")[:31])
    if table.asked["language"] == "ar":
        sheet.right_to_left()
    sheet.set_column(0, 0, 32)
    sheet.freeze_panes(1, 1)
    for place, row in enumerate(rows_of(table)):
        for column, cell in enumerate(row):
            if cell is None:
                sheet.write_string(place, column, KEPT_BACK, kept)
            elif isinstance(cell, str):
                sheet.write_string(place, column, cell, bold)
            else:
                sheet.write_number(place, column, cell)
    notes = book.add_worksheet(_("Read me")[:31])
    notes.set_column(0, 0, 100)
    for place, line in enumerate(read_me(table).splitlines()):
        notes.write_string(place, 0, line)
    book.close()
    return made.getvalue()


def json_of(table: FrozenTable) -> bytes:
    """For programs: what each row and column is, by codes and by name; null is kept back."""
    layout, asked = layout_left(table), table.asked
    made: dict[str, Any] = {
        "month": table.month,
        "counted_on": asked["frozen_on"],
        "least": asked["least"],
        "only": [{"facet": facet, "values": values, "name": name}
                 for (facet, values), name in zip(asked["filters"], asked["filter_names"], strict=True)],
        "rows": asked["rows"],
        "columns": asked["columns"],
        "counts": [[table.counts[name_of((row, column))] for column in range(layout.width + 1)]
                   for row in range(layout.height + 1)],
        "margins": "the last row and the last column are of all stories",
        "kept_back": None,
    }  # fmt: skip
    return json.dumps(made, ensure_ascii=False, indent=1, sort_keys=True).encode()


def read_me(table: FrozenTable) -> str:
    """What somebody who gets the table has to know. Nothing of how narrow a count could be bounded: that would help."""
    asked, layout = table.asked, layout_left(table)
    names = facet_names()
    title = names[layout.rows.facet]
    if layout.columns.facet:
        title = _("%(rows)s by %(columns)s", rows=title, columns=names[layout.columns.facet])
    only = [
        f"{names[facet]}: {name}" for (facet, _group), name in zip(asked["filters"], asked["filter_names"], strict=True)
    ]
    lines = [
        title,
        *only,
        "",
        _(
            "Counts of stories of the month %(month)s, as they were on %(day)s.",
            month=table.month,
            day=asked["frozen_on"],
        ),
        _("Counted are stories that are public, and stories whose contributors wished them to be only counted."),
        _(
            "%(mark)s: a count that is kept back. It is under %(least)s, or with it such a count could be worked out.",
            mark=KEPT_BACK,
            least=asked["least"],
        ),
        _("All tables of a month are made of the same counts, and none is changed later."),
        _("People chose to tell these stories. They are no survey: no number here says how often something happens."),
    ]
    if "theme" in (layout.rows.facet, layout.columns.facet):
        lines.append(
            _("A story can have several themes, so counts by theme do not add up. A theme counts with those under it.")
        )
    return "\n".join(lines) + "\n"
