"""Counts what a page asks of a database, without a clock: statements, rows that came back, how far SQLite walked."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event

STEP = 25  # instructions of SQLite's machine, between which its progress handler is called


@dataclass
class Read:
    """What was read so far. `steps` grows with the rows that SQLite visits, asked for or not; 0 on PostgreSQL."""

    statements: int = 0
    rows: int = 0
    steps: int = 0

    def note_statement(self, *_: Any) -> None:
        self.statements += 1

    def note_steps(self) -> int:
        self.steps += STEP
        return 0  # go on

    def count_rows_of_sqlite(self, _cursor: Any, row: Any) -> Any:
        self.rows += 1
        return row

    def count_rows_of_postgres(self, cursor: Any) -> Callable[[Any], Any]:
        from psycopg.rows import tuple_row

        make = tuple_row(cursor)

        def made(values: Any) -> Any:
            self.rows += 1
            return make(values)

        return made


@contextmanager
def reading(engines: Iterable[sa.Engine]) -> Iterator[Read]:
    """Count what these engines are asked within the block, on connections that are opened for it."""
    read, counted = Read(), list(engines)

    def count_on(connection: Any, _record: Any) -> None:
        if hasattr(connection, "set_progress_handler"):
            connection.row_factory = read.count_rows_of_sqlite
            connection.set_progress_handler(read.note_steps, STEP)
        else:
            connection.row_factory = read.count_rows_of_postgres

    for engine in counted:
        engine.dispose()
        event.listen(engine, "connect", count_on)
        event.listen(engine, "before_cursor_execute", read.note_statement)
    try:
        yield read
    finally:
        for engine in counted:
            event.remove(engine, "connect", count_on)
            event.remove(engine, "before_cursor_execute", read.note_statement)
            engine.dispose()
