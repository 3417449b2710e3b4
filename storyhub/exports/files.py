"""Rows as the bytes of a file, a few at a time. The same rows give the same bytes."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from storyhub.exports.columns import COLUMNS, cells_of

Rows = Iterable[dict[str, Any]]


def csv_bytes(rows: Rows, columns: Sequence[str] = COLUMNS) -> Iterator[bytes]:
    """RFC 4180, in UTF-8 with a signature: without one Excel takes Arabic for Latin letters."""
    line = io.StringIO()
    writer = csv.writer(line)
    line.write("\ufeff")
    writer.writerow(columns)
    yield _emptied(line)
    for row in rows:
        writer.writerow(cells_of(row, columns))
        yield _emptied(line)


def json_lines_bytes(rows: Rows, _columns: Sequence[str] = COLUMNS) -> Iterator[bytes]:
    """One JSON object a line, in UTF-8, lists as lists."""
    for row in rows:
        yield json.dumps(row, ensure_ascii=False).encode() + b"\n"


def _emptied(line: io.StringIO) -> bytes:
    words = line.getvalue()
    line.seek(0)
    line.truncate()
    return words.encode()


FORMATS: dict[str, Callable[..., Iterator[bytes]]] = {"csv": csv_bytes, "jsonl": json_lines_bytes}
MIMETYPES = {"csv": "text/csv", "jsonl": "application/jsonl; charset=utf-8"}
