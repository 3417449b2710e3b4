"""Looks at every row of a database, of the site's own or of a backup: what a column is for, and what stands in it."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _

from storyhub.operations.auditing.searching import Find, Search, addresses_in, browsers_in, is_moment
from storyhub.operations.progress import bar

# Moments that are a moderator's, an organiser's or a passkey's own, never a contributor's.
MOMENTS_ALLOWED = {
    ("long_works", "alive_until"),
    ("queue_items", "claimed_until"),
    ("passkeys", "create_datetime"),
    ("passkeys", "lastuse_datetime"),
}
# What people type stands in columns of unbounded text; this one is written by the site itself.
NOT_TYPED = {("jobs", "error")}
SKIPPED_TABLES = re.compile(r"search_index(_\w+)?|sqlite_\w+")
SUSPICIOUS_COLUMN = re.compile(r"(^|_)(ip|addr|address|user_agent|referr?er|fingerprint|forwarded|device_id)($|_)")
COLUMNS_ALLOWED = {("site", "leave_address"), ("support_places", "address")}  # addresses of pages, for everybody
ROWS_AT_ONCE = 1000


@dataclass
class Rows:
    """What was looked at in one database. `typed` are addresses and browsers that people wrote into their words."""

    tables: int = 0
    rows: int = 0
    finds: set[Find] = field(default_factory=set)
    typed: set[str] = field(default_factory=set)

    @property
    def amount(self) -> str:
        return _("%(tables)s tables, %(rows)s rows", tables=self.tables, rows=self.rows)


def look_at_rows(engine: sa.Engine, search: Search, where: str = "") -> Rows:
    """All tables of a database but the search index, whose words stand in a table as well. `where` begins each find."""
    looked, inspector = Rows(), sa.inspect(engine)
    tables = {name: inspector.get_columns(name) for name in inspector.get_table_names()
              if not SKIPPED_TABLES.fullmatch(name)}  # fmt: skip
    with engine.connect() as connection:
        count = "SELECT " + " + ".join(f'(SELECT count(*) FROM "{name}")' for name in tables)  # noqa: S608
        total = connection.exec_driver_sql(count).scalar() or 0 if tables else 0
        with bar(total, _("Looking at rows")) as tell:
            for name, columns in tables.items():
                looked.finds.update(_finds_in_kinds(name, columns, where))
                kinds = {str(column["name"]): _is_typed(name, column) for column in columns}
                chosen: Any = sa.select(*map(sa.column, kinds)).select_from(sa.table(name))
                rows = connection.execution_options(yield_per=ROWS_AT_ONCE).execute(chosen)
                look_at(name, kinds, rows, search, looked, where, tell)
        connection.rollback()
    return looked


def look_at(
    table: str,
    kinds: dict[str, bool],
    rows: Iterable[Iterable[Any]],
    search: Search,
    looked: Rows,
    where: str = "",
    tell: Callable[[int], None] = lambda _rows: None,
) -> None:
    """The rows of one table. `kinds`: its columns, and whether people type in them."""
    looked.tables += 1
    for row in rows:
        looked.rows += 1
        for (column, typed), value in zip(kinds.items(), row, strict=True):
            for what in _whats(table, column, value, search, typed):
                looked.finds.add(Find(f"{where}{table}.{column}", what))
            if typed and isinstance(value, str):
                looked.typed.update(addresses_in(value), browsers_in(value))
        if looked.rows % ROWS_AT_ONCE == 0:
            tell(looked.rows)


def _whats(table: str, column: str, value: Any, search: Search, typed: bool) -> Iterator[str]:
    if value is None:
        return
    if isinstance(value, bytes | memoryview):
        if search.in_data(bytes(value)):
            yield _("holds one of the marks")
        return
    if not typed and is_moment(value) and (table, column) not in MOMENTS_ALLOWED:
        yield _("holds times finer than a day")
    if isinstance(value, str | dict | list):
        yield from search.in_text(value if isinstance(value, str) else repr(value), typed=typed)


def _is_typed(table: str, column: Any) -> bool:
    return isinstance(column["type"], sa.Text) and (table, str(column["name"])) not in NOT_TYPED


def _finds_in_kinds(table: str, columns: Iterable[Any], where: str) -> Iterator[Find]:
    for column in columns:
        key = (table, str(column["name"]))
        if isinstance(column["type"], sa.DateTime | sa.Time | sa.Interval) and key not in MOMENTS_ALLOWED:
            yield Find(f"{where}{'.'.join(key)}", _("holds times finer than a day"))
        if SUSPICIOUS_COLUMN.search(key[1]) and key not in COLUMNS_ALLOWED:
            yield Find(f"{where}{'.'.join(key)}", _("is a column for an address or a browser"))


COPY = re.compile(r'COPY (?:public\.)?"?(\w+)"? \((.*)\) FROM stdin;')


def look_at_dump(path: str, typed: dict[str, set[str]], search: Search, where: str) -> Rows | None:
    """The rows of a dump of PostgreSQL, as pg_restore tells them; None where it can't be opened here.

    `typed`: by table, the columns in which people type.
    """
    program = shutil.which("pg_restore")
    if program is None:
        return None
    looked = Rows()
    command = [program, "--data-only", "--file=-", path]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as telling:  # noqa: S603
        lines = iter(telling.stdout or ())
        for line in lines:
            if copied := COPY.match(line):
                table = copied[1]
                columns = [name.strip().strip('"') for name in copied[2].split(",")]
                kinds = {name: name in typed.get(table, ()) for name in columns}
                look_at(table, kinds, _copied_rows(lines), search, looked, where)
    return None if telling.returncode else looked


def _copied_rows(lines: Iterator[str]) -> Iterator[list[str | int | None]]:
    for line in lines:
        if line == "\\.\n":
            return
        yield [_value(cell) for cell in line.rstrip("\n").split("\t")]


def _value(cell: str) -> str | int | None:
    if cell == "\\N":
        return None
    return int(cell) if re.fullmatch(r"-?\d{1,19}", cell) else cell
