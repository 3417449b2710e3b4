"""CSV and JSON Lines, row by row, without ever holding the whole file. What can't be read comes out as refused."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from io import TextIOWrapper
from pathlib import Path
from typing import Any, BinaryIO

from flask_babel import gettext as _

DELIMITERS = ",;\t|"
LONGEST_FIELD = 4_000_000  # characters; an unclosed quote must not swallow the rest of a great file
LONGEST_LINE = 16 * 1024 * 1024  # bytes of one line of JSON
UTF_16 = (b"\xff\xfe", b"\xfe\xff")
# What `surrogateescape` makes of bytes that are not UTF-8.
BROKEN = re.compile("[\udc80-\udcff]")

csv.field_size_limit(LONGEST_FIELD)


class Unreadable(Exception):
    """The file as a whole can't be read; its text is the one line to print."""


@dataclass
class Row:
    """One row of a file: where it began, its cells by column, and what of it goes into the report."""

    line: int
    cells: dict[str, Any] = field(default_factory=dict)
    raw: Any = None
    problem: str = ""  # why it is refused
    is_skipped: bool = False  # not refused: no story, such as a picture in an archive of a site


class CsvFile:
    """Comma-separated values with a header; also semicolons, tabs or bars. Quoted line ends stay as they are."""

    def __init__(self, path: Path) -> None:
        self.path = path
        with self._opened() as text:
            first = text.readline(LONGEST_FIELD)
            self._delimiter = _delimiter_of(first)
            text.seek(0)
            self.columns: list[str] = self._header(text)

    def _opened(self) -> TextIOWrapper:
        raw = self.path.open("rb")
        self._raw = raw
        if raw.read(2) in UTF_16:
            raw.close()
            raise Unreadable(_("The file is UTF-16. Save it as UTF-8 and try again."))
        raw.seek(0)
        return TextIOWrapper(raw, encoding="utf-8-sig", errors="surrogateescape", newline="")

    def _header(self, text: TextIOWrapper) -> list[str]:
        header: list[str] = next(self._reader(text), [])
        if BROKEN.search("".join(header)) or "\0" in "".join(header):
            raise Unreadable(_("The first line is not UTF-8. Save the file as UTF-8 and try again."))
        names = [name.strip() for name in header]
        twice = next((name for name in names if name and names.count(name) > 1), None)
        if twice is not None:
            raise Unreadable(_("Two columns are called %(name)s.", name=twice))
        if not any(names):
            raise Unreadable(_("The file is empty: its first line must name the columns."))
        return names

    def _reader(self, lines: Any) -> Any:
        return csv.reader(lines, delimiter=self._delimiter, strict=True)

    def rows(self, progress: Callable[[int], object]) -> Iterator[Row]:
        """Every row after the header. `progress` is told how many bytes were read."""
        with self._opened() as text:
            lines = _Lines(text)
            reader = self._reader(lines)
            next(reader)
            while True:
                line = lines.begin()
                try:
                    cells = next(reader)
                except StopIteration:
                    break
                except csv.Error as error:
                    yield Row(line, raw=lines.kept, problem=_("quotes that don't match (%(why)s)", why=error))
                    continue
                if cells:
                    yield self._row(line, cells)
                progress(self._raw.tell())

    def _row(self, line: int, cells: list[str]) -> Row:
        if len(cells) != len(self.columns):
            problem = _("%(found)s columns instead of %(wanted)s", found=len(cells), wanted=len(self.columns))
            return Row(line, raw=cells, problem=problem)
        row = Row(line, cells={name: cell for name, cell in zip(self.columns, cells, strict=True) if name}, raw=cells)
        if broken := BROKEN.search("".join(cells)):
            row.problem = _("not UTF-8: byte %(byte)s", byte=f"{ord(broken.group()) - 0xDC00:#04x}")
        return row


class _Lines:
    """The lines of a text, counted; those of the present row are kept for the report."""

    def __init__(self, text: TextIOWrapper) -> None:
        self._text = text
        self._number = 0
        self.kept: list[str] = []

    def begin(self) -> int:
        """The number of the line at which the next row begins."""
        self.kept = []
        return self._number + 1

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = self._text.readline()
        if not line:
            raise StopIteration
        self._number += 1
        self.kept.append(line)
        return line


def _delimiter_of(line: str) -> str:
    """Whichever divides the header most often, quoted parts left aside."""
    bare = re.sub(r'"[^"]*"', "", line)
    return max(DELIMITERS, key=bare.count)


class JsonLinesFile:
    """One JSON object a line. Its columns are whatever keys the objects have."""

    columns: list[str] | None = None

    def __init__(self, path: Path) -> None:
        self.path = path

    def rows(self, progress: Callable[[int], object]) -> Iterator[Row]:
        """Every line that isn't blank. `progress` is told how many bytes were read."""
        with self.path.open("rb") as raw:
            if raw.read(2) in UTF_16:
                raise Unreadable(_("The file is UTF-16. Save it as UTF-8 and try again."))
            raw.seek(0)
            number = 0
            while data := raw.readline(LONGEST_LINE):
                number += 1
                if number == 1:
                    data = data.removeprefix(b"\xef\xbb\xbf")
                if len(data) == LONGEST_LINE and not data.endswith(b"\n"):
                    _skip_line(raw)
                    yield Row(number, raw=None, problem=_("a line of more than 16 MB"))
                elif data.strip():
                    yield _json_row(number, data)
                progress(raw.tell())


def _skip_line(raw: BinaryIO) -> None:
    while (rest := raw.readline(LONGEST_LINE)) and not rest.endswith(b"\n"):
        pass


def _json_row(number: int, data: bytes) -> Row:
    as_text = data.decode("utf-8", "surrogateescape").rstrip("\r\n")
    if broken := BROKEN.search(as_text):
        byte = f"{ord(broken.group()) - 0xDC00:#04x}"
        return Row(number, raw=as_text, problem=_("not UTF-8: byte %(byte)s", byte=byte))
    try:
        cells = json.loads(as_text, object_pairs_hook=_without_repeats)
    except (ValueError, RecursionError) as error:
        return Row(number, raw=as_text, problem=_("not JSON (%(why)s)", why=error))
    if not isinstance(cells, dict):
        return Row(number, raw=as_text, problem=_("not a JSON object"))
    return Row(number, cells=cells, raw=cells)


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice")
    return found
