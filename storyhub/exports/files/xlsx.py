"""XLSX: a spreadsheet in which no cell is ever run, and no word is cut off.

A cell holds at most 32,767 characters, counted in UTF-16 as Excel counts: a longer story goes on in text_2, text_3, …
A sheet holds at most 1,048,576 rows: more stories go on in further sheets (Microsoft, Excel specifications and limits).
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Iterator
from typing import Any, BinaryIO

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from storyhub.exports.files.kinds import ExportFacts, Rows

MOST_IN_CELL = 32_767  # UTF-16 code units
MOST_ROWS = 1_048_575  # stories in a sheet, below its heading
LONG = "text"  # the column that goes on in further ones
ALWAYS_FITS = MOST_IN_CELL // 2  # code points
# Said of every file, so that the same stories give the same bytes.
MADE = dt.datetime(2000, 1, 1)  # noqa: DTZ001 - XlsxWriter takes no zone
NO_CHARACTERS = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff]")  # not allowed in XML 1.0, or changed by it
LIKE_AN_ESCAPE = re.compile("_(?=x[0-9a-fA-F]{4}[_\x00-\x08\x0b-\x1f\ufffe\uffff])")
WIDTHS = {"text": 80, "title": 30, "themes": 30}
LARGEST_LOOK_BACK = 64  # code points
JOINER, REGIONAL, MODIFIERS = "\u200d", range(0x1F1E6, 0x1F200), range(0x1F3FB, 0x1F400)

# Every text is a text: nothing that begins with = is a formula, nothing that looks like an address a link.
OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "use_zip64": True,
}


class _Sheet(Worksheet):
    """A sheet that holds plain texts alone."""

    def _xml_rich_inline_string(self, string: str, attributes: Any = ()) -> None:
        """Words between <r> and </r> are words. XlsxWriter would take them for formatting, and write them unescaped."""
        self._xml_inline_string(string, True, attributes)

    def _escape_control_characters(self, data: str) -> str:
        """As ECMA-376 has it (22.9.2.19, ST_Xstring), also where two such escapes would share an underscore."""
        return NO_CHARACTERS.sub(lambda found: f"_x{ord(found[0]):04X}_", LIKE_AN_ESCAPE.sub("_x005F_", data))


def write_xlsx(rows: Rows, file: BinaryIO, facts: ExportFacts, *, most_rows: int = MOST_ROWS) -> None:
    """One heading, then a row for each story; what is a number is a number, lists are divided by semicolons."""
    further = max((len(list(pieces_of(text))) for text in facts.long_texts()), default=1) - 1
    columns = [*facts.columns, *(f"{LONG}_{number}" for number in range(2, further + 2))]
    options = OPTIONS | ({"tmpdir": str(facts.folder)} if facts.folder else {})
    workbook = Workbook(file, options)
    workbook.set_properties({"created": MADE})
    heading = workbook.add_format({"bold": True})
    sheet, line = _new_sheet(workbook, columns, heading), 0
    for row in rows:
        if line == most_rows:
            sheet, line = _new_sheet(workbook, columns, heading), 0
        line += 1
        _write_row(sheet, line, row, facts.columns)
    workbook.close()


def _new_sheet(workbook: Workbook, columns: list[str], heading: Format) -> Worksheet:
    sheet = workbook.add_worksheet(worksheet_class=_Sheet)
    for number, name in enumerate(columns):
        sheet.set_column(number, number, WIDTHS.get(name, 14))
    for number, name in enumerate(columns):
        sheet.write_string(0, number, name, heading)
    sheet.freeze_panes(1, 0)
    return sheet


def _write_row(sheet: Worksheet, line: int, row: dict[str, Any], columns: Any) -> None:
    after = len(columns)
    for number, name in enumerate(columns):
        value = row[name]
        if isinstance(value, int):
            sheet.write_number(line, number, value)
            continue
        text = ";".join(value) if isinstance(value, list) else value
        if len(text) <= ALWAYS_FITS:
            if text:
                sheet.write_string(line, number, text)
            continue
        first, *rest = pieces_of(text)
        sheet.write_string(line, number, first)
        for piece in rest:  # after all columns, in their order: only the story itself is ever so long
            sheet.write_string(line, after, piece)
            after += 1


def pieces_of(text: str, most: int = MOST_IN_CELL) -> Iterator[str]:
    """A text in pieces that fit into a cell each; together they are the text. No letter is parted from its marks."""
    start = 0
    while start < len(text):
        end = _end_of(text, start, most)
        yield text[start:end]
        start = end


def _end_of(text: str, start: int, most: int) -> int:
    """Where a piece that begins at `start` ends: at most `most` UTF-16 code units on, and before a whole letter."""
    end = min(len(text), start + most)
    while (over := _units(text[start:end]) - most) > 0:
        end -= (over + 1) // 2
    if end == len(text):
        return end
    for before in range(end, max(start, end - LARGEST_LOOK_BACK), -1):
        if _may_part(text, before):
            return before
    return end


def _units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _may_part(text: str, at: int) -> bool:
    """Whether readers would not see that the text was parted here (after UAX #29, simplified)."""
    before, after = text[at - 1], text[at]
    if unicodedata.category(after).startswith("M") or JOINER in (before, after) or ord(after) in MODIFIERS:
        return False
    return not (ord(before) in REGIONAL and ord(after) in REGIONAL) and before + after != "\r\n"
