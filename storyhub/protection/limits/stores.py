"""Where counters are kept: in memory on one machine, or in a Redis that several share; on no disk, for a day at most.

Windows end with the whole minute, hour or day by the clock. A window that began with its first count would tell the
moment of it, and so which network's counter and which text's began together.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from limits.storage import RedisStorage, Storage

from storyhub import clock

SECONDS_FOR_REDIS = 1.0  # to answer; a hanging one must not hold up whoever is telling
CLOCK_SLACK = 60  # seconds by which the clocks of two processes, or one that is set right, may differ
SWEPT_EVERY = 500  # countings; the worker sweeps each minute as well
TABLES = (
    "CREATE TABLE IF NOT EXISTS counters (key TEXT PRIMARY KEY, count INTEGER NOT NULL, ends REAL NOT NULL)"
    " WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS kept (key TEXT PRIMARY KEY, value TEXT NOT NULL, ends REAL NOT NULL) WITHOUT ROWID",
)
COUNT = (
    "INSERT INTO counters VALUES (:key, :amount, :ends) ON CONFLICT (key) DO UPDATE SET"
    " count = CASE WHEN ends <= :now OR ends > :latest THEN :amount ELSE count + :amount END,"
    " ends = CASE WHEN ends <= :now OR ends > :latest THEN :ends ELSE ends END RETURNING count"
)
# What stands there is left as it is, unless its time is over, or so far ahead that the clock must have been wrong.
KEEP_FIRST = (
    "INSERT INTO kept VALUES (:key, :value, :ends) ON CONFLICT (key) DO UPDATE SET"
    " value = CASE WHEN ends <= :now OR ends > :latest THEN :value ELSE value END,"
    " ends = CASE WHEN ends <= :now OR ends > :latest OR :prolong THEN :ends ELSE ends END RETURNING value"
)


def window_end(seconds: float) -> float:
    """When the window of this length ends that is open now."""
    now = clock.now().timestamp()
    return now - now % seconds + seconds


class VolatileStorage(Storage):
    """Counters of the `limits` library in a SQLite file in memory-backed storage, exact across processes.

    memory:// counts for each process alone: four workers would let four times the limit through.
    """

    STORAGE_SCHEME = ["volatile"]

    def __init__(self, uri: str | None = None, wrap_exceptions: bool = False, **_: Any) -> None:
        super().__init__(uri, wrap_exceptions=wrap_exceptions)
        self._path = Path((uri or "").removeprefix("volatile://"))
        self._local = threading.local()

    @property
    def base_exceptions(self) -> tuple[type[Exception], ...]:
        return (sqlite3.Error, OSError)

    def _connection(self) -> sqlite3.Connection:
        if getattr(self._local, "process", None) != os.getpid():
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            connection = sqlite3.connect(self._path, timeout=5, isolation_level=None)
            connection.execute("PRAGMA journal_mode=MEMORY")
            connection.execute("PRAGMA synchronous=OFF")
            connection.execute("PRAGMA secure_delete=ON")
            for table in TABLES:
                connection.execute(table)
            os.chmod(self._path, 0o600)
            self._local.connection, self._local.process = connection, os.getpid()
        found: sqlite3.Connection = self._local.connection
        return found

    @contextlib.contextmanager
    def _at_once(self) -> Iterator[sqlite3.Connection]:
        connection = self._connection()
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield connection
            connection.execute("COMMIT")
        finally:
            if connection.in_transaction:
                connection.execute("ROLLBACK")

    def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        return self.incr_all([key], expiry, amount)[0]

    def incr_all(self, keys: Sequence[str], expiry: float, amount: int = 1) -> list[int]:
        """Count several at once; what each of them then is."""
        now, ends = _now(), window_end(expiry)
        given = {"amount": amount, "now": now, "ends": ends, "latest": now + expiry + CLOCK_SLACK}
        with self._at_once() as connection:
            counts = [int(connection.execute(COUNT, {**given, "key": key}).fetchone()[0]) for key in keys]
            if secrets.randbelow(SWEPT_EVERY) == 0:
                self._forget(connection)
        return counts

    def _forget(self, connection: sqlite3.Connection) -> None:
        for table in ("counters", "kept"):
            connection.execute(f"DELETE FROM {table} WHERE ends <= ?", (_now(),))  # noqa: S608 - names above

    def forget_ended(self) -> None:
        """Remove what is over, when nobody has counted for long."""
        with self._at_once() as connection:
            self._forget(connection)

    def get(self, key: str) -> int:
        row = self._connection().execute("SELECT count FROM counters WHERE key = ? AND ends > ?", (key, _now()))
        found = row.fetchone()
        return int(found[0]) if found else 0

    def get_all(self, keys: Sequence[str]) -> list[int]:
        return [self.get(key) for key in keys]

    def get_expiry(self, key: str) -> float:
        found = self._connection().execute("SELECT ends FROM counters WHERE key = ?", (key,)).fetchone()
        return float(found[0]) if found else _now()

    def keep_first(self, key: str, value: str, seconds: float, *, prolong: bool = False) -> str:
        """Keep this unless something is kept already, in which case that is returned (and kept for longer)."""
        now = _now()
        given = {"key": key, "value": value, "now": now, "ends": now + seconds, "prolong": prolong}
        given["latest"] = now + seconds + CLOCK_SLACK
        with self._at_once() as connection:
            return str(connection.execute(KEEP_FIRST, given).fetchone()[0])

    def kept(self, key: str) -> str | None:
        row = self._connection().execute("SELECT value FROM kept WHERE key = ? AND ends > ?", (key, _now())).fetchone()
        return str(row[0]) if row else None

    def check(self) -> bool:
        return self._connection().execute("SELECT 1").fetchone() == (1,)

    def reset(self) -> int | None:
        self._connection().execute("DELETE FROM kept")
        return self._connection().execute("DELETE FROM counters").rowcount

    def clear(self, key: str) -> None:
        self._connection().execute("DELETE FROM counters WHERE key = ?", (key,))


class SharedStorage(RedisStorage):
    """The same in a Redis that several machines share. It keeps nothing on a disk: `flask privacy audit` asks it."""

    STORAGE_SCHEME = ["shared"]
    DEPENDENCIES = RedisStorage.DEPENDENCIES

    def __init__(self, _uri: str, wrap_exceptions: bool = False, *, url: str, **options: Any) -> None:
        options |= {"socket_timeout": SECONDS_FOR_REDIS, "socket_connect_timeout": SECONDS_FOR_REDIS}
        super().__init__(url, key_prefix="storyhub-limits", wrap_exceptions=wrap_exceptions, **options)

    @property
    def _redis(self) -> Any:
        return self.get_connection()

    def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        return self.incr_all([key], expiry, amount)[0]

    def incr_all(self, keys: Sequence[str], expiry: float, amount: int = 1) -> list[int]:
        seconds = max(1, round(window_end(expiry) - _now()))
        line = self._redis.pipeline(transaction=False)
        for key in keys:
            self.lua_incr_expire([self.prefixed_key(key)], [seconds, amount], client=line)
        return [int(count) for count in line.execute()]

    def get_all(self, keys: Sequence[str]) -> list[int]:
        return [int(found or 0) for found in self._redis.mget([self.prefixed_key(key) for key in keys])]

    def keep_first(self, key: str, value: str, seconds: float, *, prolong: bool = False) -> str:
        redis, name = self._redis, self.prefixed_key(f"kept/{key}")
        lasts = max(1, round(seconds))
        stood = None if redis.set(name, value, nx=True, ex=lasts) else redis.get(name)
        if stood is not None and prolong:
            redis.expire(name, lasts)
        return stood.decode() if stood is not None else value

    def kept(self, key: str) -> str | None:
        found = self._redis.get(self.prefixed_key(f"kept/{key}"))
        return found.decode() if found is not None else None


def _now() -> float:
    return clock.now().timestamp()
