"""CSV and JSON Lines: rows as text, one after the other."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from typing import Any, BinaryIO

from storyhub.exports.columns import cells_of
from storyhub.exports.files.kinds import ExportFacts, Rows

SIGNATURE = "\ufeff"
PIECE = 1024 * 1024  # characters


def write_csv(rows: Rows, file: BinaryIO, facts: ExportFacts) -> None:
    """RFC 4180, in UTF-8 with a signature: without one Excel takes Arabic for Latin letters."""
    _write_table(rows, file, facts, lambda row: cells_of(row, facts.columns), SIGNATURE)


def write_exact_csv(rows: Rows, file: BinaryIO, facts: ExportFacts) -> None:
    """The same for programs: no signature, and every cell as it is, also what a spreadsheet would run."""
    _write_table(rows, file, facts, lambda row: cells_of(row, facts.columns, guarded=False))


def _write_table(
    rows: Rows, file: BinaryIO, facts: ExportFacts, cells: Callable[[dict[str, Any]], list[str]], start: str = ""
) -> None:
    text = _Text(file)
    text.write(start)
    writer = csv.writer(text)
    writer.writerow(facts.columns)
    writer.writerows(map(cells, rows))
    text.finish()


def write_json_lines(rows: Rows, file: BinaryIO, _facts: ExportFacts) -> None:
    """One JSON object a line, in UTF-8, lists as lists."""
    text = _Text(file)
    encode = json.JSONEncoder(ensure_ascii=False).encode
    for row in rows:
        text.write(encode(row) + "\n")
    text.finish()


class _Text:
    """Gathers text and writes it in large pieces; of the file it knows only how to write bytes."""

    def __init__(self, file: BinaryIO) -> None:
        self.file, self.buffer = file, io.StringIO(newline="")

    def write(self, text: str) -> int:
        self.buffer.write(text)
        if self.buffer.tell() >= PIECE:
            self.finish()
        return len(text)

    def finish(self) -> None:
        self.file.write(self.buffer.getvalue().encode())
        self.buffer.seek(0)
        self.buffer.truncate()
