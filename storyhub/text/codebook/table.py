"""A codebook as CSV: one line for a theme, one column for each of its texts in each language (`name:en`).

Written for spreadsheets, which must run none of it, and read back exactly.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence

from storyhub.text import incoming
from storyhub.text.codebook.entries import COLUMNS, KINDS, LANGUAGE, WORDS, Entry, Unreadable

COLUMN = re.compile(rf"({'|'.join(KINDS)}):({LANGUAGE})")
FACTS = ("slug", "parent", "retired", "merged_into")
# What a spreadsheet would run as a formula (OWASP, CSV Injection), the full-width signs of East Asia too. An apostrophe
# before it makes it words; one that was typed there gets a second, so that every cell can be read back exactly.
FORMULA = re.compile("[=+\\-@\t\r\n＝＋－＠']")
GUARD = "'"
DELIMITERS = ",;\t"
MOST_THEMES = 5_000
LONGEST_CELL = 100_000  # characters
YES, NO = {"yes", "true", "1", "x"}, {"", "no", "false", "0"}


def write_table(entries: Iterable[Entry], languages: Sequence[str]) -> bytes:
    """The file, in UTF-8 with the mark by which Excel knows it. A text in none of these languages has no column."""
    columns = [f"{COLUMNS[kind]}:{code}" for kind in WORDS for code in languages]
    written = io.StringIO(newline="")
    writer = csv.writer(written)
    writer.writerow(["slug", "parent", *columns, "retired", "merged_into"])
    for entry in entries:
        texts = (entry.words.get(kind, {}).get(code, "") for kind in WORDS for code in languages)
        cells = [entry.slug or "", entry.parent or "", *texts, "yes" if entry.retired else "", entry.merged_into or ""]
        writer.writerow([with_guard(cell) for cell in cells])
    return b"\xef\xbb\xbf" + written.getvalue().encode()


def read_table(data: bytes) -> list[Entry]:
    """The themes of a CSV file, its fields divided by commas, semicolons or tabs. Raises Unreadable."""
    lines = csv.reader(io.StringIO(_decoded(data), newline=""), delimiter=_delimiter(data), strict=True)
    try:
        header = [name.strip() for name in next(lines, [])]
        _check_header(header)
        return list(_entries(lines, header))
    except csv.Error as error:
        raise Unreadable("quotes", lines.line_num) from error


def with_guard(cell: str) -> str:
    return GUARD + cell if FORMULA.match(cell) else cell


def without_guard(cell: str) -> str:
    """What `with_guard` was given."""
    return cell[1:] if cell.startswith(GUARD) and FORMULA.match(cell, 1) else cell


def _decoded(data: bytes) -> str:
    """Words as they are kept: also what spreadsheets write as “Unicode text”, which is UTF-16."""
    try:
        if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
            return incoming.clean(data.decode("utf-16"))
        return incoming.read_bytes(data)
    except (UnicodeDecodeError, incoming.NotText) as error:
        raise Unreadable("encoding") from error


def _delimiter(data: bytes) -> str:
    first = _decoded(data).partition("\n")[0]
    return max(DELIMITERS, key=first.count)


def _check_header(header: list[str]) -> None:
    if "slug" not in header and not any(name.startswith("name:") for name in header):
        raise Unreadable("no-header")
    named = [name for name in header if name]
    if len(set(named)) < len(named):
        raise Unreadable("column-twice")


def _entries(lines: Iterator[list[str]], header: list[str]) -> Iterator[Entry]:
    for number, cells in enumerate(lines, start=2):
        if not any(cells):
            continue
        if len(cells) != len(header):
            raise Unreadable("columns", number)
        if number > MOST_THEMES + 1:
            raise Unreadable("too-many")
        row = {name: without_guard(cell) for name, cell in zip(header, cells, strict=True) if name}
        if any(len(cell) > LONGEST_CELL for cell in row.values()):
            raise Unreadable("too-long", number)
        yield _entry(row, number)


def _entry(row: dict[str, str], number: int) -> Entry:
    words: dict[str, dict[str, str]] = {}
    for name, cell in row.items():
        if found := COLUMN.fullmatch(name):
            words.setdefault(KINDS[found[1]], {})[found[2]] = cell
    slug = row.get("slug", "").strip() or None
    retired = row.get("retired", "").strip().lower()
    if retired not in YES | NO:
        raise Unreadable("yes-or-no", number)
    return Entry(
        key=slug or f"line {number}",
        where=number,
        slug=slug,
        words=words,
        parent=row["parent"].strip() if "parent" in row else None,
        retired=retired in YES if "retired" in row else None,
        merged_into=row["merged_into"].strip() if "merged_into" in row else None,
    )
