"""Takes what was erased out of the bytes too: a database's tables forget sooner than its files do (promises 10, 12)."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from storyhub.extensions import db
from storyhub.models import search
from storyhub.operations.progress import bar
from storyhub.operations.remains import remains_in

# A database as small as this is written anew in about a second, so that can be done at any time of the day.
SMALL_BYTES = 128 * 1024 * 1024
# VACUUM waits that long for somebody who writes; nobody waits for it.
WAIT_MILLISECONDS = 10_000
# Emptying the write-ahead log keeps writers waiting for as long as a reader keeps it: rather try again later.
LOG_MILLISECONDS = 300
TRIES = 20  # with a second between them, for somebody who waits
LOCK_SECONDS = 3  # of PostgreSQL


@dataclass(frozen=True)
class Overwritten:
    """What was looked at and what is left, in bytes. `complaints` say in words what could not be done."""

    looked_at: int = 0
    left: int = 0
    in_log: int = 0
    complaints: tuple[str, ...] = ()
    done: tuple[str, ...] = ()

    @property
    def is_whole(self) -> bool:
        return not (self.left or self.in_log or self.complaints)


def overwrite_erased(session: Session, *, shown: bool = False) -> Overwritten:
    """Write anew whatever may hold something that was erased, and look whether anything is left. Commits.

    `shown` to somebody who waits at a terminal.
    """
    search.forget_for_good(session)
    session.commit()
    if db.engine.dialect.name == "sqlite":
        return _overwrite_sqlite(database_path(), shown)
    return _overwrite_postgresql()


def overwrite_with_patience(session: Session) -> Overwritten:
    """The same for somebody who waits for it: whoever reads for long may keep what was erased in the log meanwhile."""
    found = overwrite_erased(session, shown=True)
    return replace(found, in_log=empty_log(TRIES)) if found.in_log else found


def database_path() -> Path:
    return Path(db.engine.url.database or "")


def is_small() -> bool:
    """Whether the whole database can be written anew without anybody noticing. On PostgreSQL each table tells."""
    return db.engine.dialect.name != "sqlite" or database_path().stat().st_size <= SMALL_BYTES


def _overwrite_sqlite(path: Path, shown: bool) -> Overwritten:
    complaints = []
    try:
        with closing(sqlite3.connect(path, timeout=WAIT_MILLISECONDS / 1000, isolation_level=None)) as connection:
            # Bigger ones would not fit into a small server's memory; what is put aside holds nothing that was erased.
            connection.execute(f"PRAGMA temp_store={'MEMORY' if path.stat().st_size <= SMALL_BYTES else 'FILE'}")
            connection.execute("PRAGMA secure_delete=ON")
            connection.execute("VACUUM")
    except sqlite3.Error as error:
        complaints.append(_("The database could not be written anew (%(why)s).", why=error))
    in_log = empty_log()
    with bar(path.stat().st_size, _("Looking at bytes")) if shown else nullcontext(lambda _bytes: None) as tell:
        found = remains_in(path, tell)
    return Overwritten(found.looked_at, found.left, in_log, tuple(complaints))


def empty_log(tries: int = 1, pause_seconds: float = 1) -> int:
    """On SQLite, empty the write-ahead log: till then pages with erased words stay in it.

    Whoever reads for long delays that. Returns how many bytes are still in it.
    """
    if db.engine.dialect.name != "sqlite":
        return 0
    path = database_path()
    log = path.with_name(path.name + "-wal")
    for attempt in range(tries):
        if attempt:
            time.sleep(pause_seconds)
        with closing(sqlite3.connect(path, timeout=LOG_MILLISECONDS / 1000, isolation_level=None)) as connection:
            try:
                busy = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
            except sqlite3.OperationalError:
                busy = True
            if not busy:
                break
        # Whoever closes last empties the log by itself, and may have taken it away.
    return log.stat().st_size if log.exists() else 0


def _overwrite_postgresql() -> Overwritten:
    """VACUUM leaves old bytes inside pages; VACUUM FULL writes a table anew and needs it alone for that moment."""
    complaints, done = [], []
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql(f"SET lock_timeout = '{LOCK_SECONDS}s'")
        for table in tables_of_words():
            size = connection.scalar(sa.text("SELECT pg_total_relation_size(CAST(:t AS regclass))"), {"t": table}) or 0
            try:
                if size > SMALL_BYTES:
                    raise _TooBig
                connection.exec_driver_sql(f'VACUUM (FULL, ANALYZE) "{table}"')
                done.append(table)
            except (_TooBig, DBAPIError):
                connection.exec_driver_sql(f'VACUUM (ANALYZE) "{table}"')
                complaints.append(
                    _("%(table)s is too big or too busy to be written anew now: VACUUM FULL %(table)s", table=table)
                )
    return Overwritten(complaints=tuple(complaints), done=tuple(done))


class _TooBig(Exception):
    pass


def tables_of_words() -> Iterator[str]:
    """Those that hold words which are erased one day."""
    for table in db.metadata.sorted_tables:
        if any(isinstance(column.type, sa.Text) for column in table.columns):
            yield table.name
