"""How each connection to a database behaves: the promises are kept below the models, by the connection itself."""

from __future__ import annotations

import random
import sqlite3
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from flask import Flask
from sqlalchemy import event
from sqlalchemy.exc import SQLAlchemyError

from storyhub.config import Settings
from storyhub.extensions import READS_FROM, db

BUSY_SECONDS = 20  # for which somebody who wants to write waits
ASKED_AGAIN_SECONDS = 0.001
BUSY = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
TURN = "turn"  # of a connection: that it is the one of its process which may write


def configure(app: Flask, settings: Settings) -> None:
    """Name the primary and what public pages read from: replicas, or the primary through read-only connections."""
    # Words of a story are parameters: an error that names them would bring them into a log.
    options: dict[str, Any] = {"pool_pre_ping": not settings.on_sqlite, "hide_parameters": True}
    app.config["SQLALCHEMY_DATABASE_URI"] = settings.database_url
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = options
    urls = settings.replica_urls or (settings.database_url,)
    app.config["SQLALCHEMY_BINDS"] = {f"reading{number}": {"url": url, **options} for number, url in enumerate(urls)}


def prepare(app: Flask) -> None:
    """Hang the connections' rules on the engines; called once, after the extension has made them."""
    with app.app_context():
        for name, engine in db.engines.items():
            prepare_engine(engine, reads_only=name is not None)


def public_edition(app: Flask) -> Callable[[dict[str, Any]], int | None]:
    """A look-up of the edition that is public now, in a few microseconds, without a session; None without an answer.

    What it read from is noted for whoever makes the page: of two replicas one may be behind, and a page of the older
    one must not pass for the newer edition.
    """
    with app.app_context():
        engines = {name: engine for name, engine in db.engines.items() if name is not None}
    names = sorted(engines)

    def look_up(environ: dict[str, Any]) -> int | None:
        name = names[0] if len(names) == 1 else random.choice(names)  # noqa: S311
        try:
            connection = engines[name].raw_connection()
            try:
                cursor = connection.cursor()
                cursor.execute("SELECT edition FROM site")
                row = cursor.fetchone()
            finally:
                connection.close()
        except (SQLAlchemyError, sqlite3.Error, engines[name].dialect.loaded_dbapi.Error):
            return None
        environ[READS_FROM] = name
        return int(row[0]) if row else None

    return look_up


def prepare_engine(engine: sa.Engine, *, reads_only: bool) -> None:
    if engine.dialect.name == "sqlite":
        _prepare_sqlite(engine, reads_only)
    elif reads_only:

        @event.listens_for(engine, "connect")
        def only_read(connection: Any, _record: Any) -> None:
            with connection.cursor() as cursor:
                cursor.execute("SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY")
            connection.commit()


def _prepare_sqlite(engine: sa.Engine, reads_only: bool) -> None:
    if not reads_only:
        _take_turns(engine)

    @event.listens_for(engine, "connect")
    def set_up(connection: Any, _record: Any) -> None:
        # The driver's own handling of transactions would begin them late, and lose writes under two processes.
        connection.isolation_level = None
        for pragma in (
            f"busy_timeout={BUSY_SECONDS * 1000}",
            "journal_mode=WAL" if not reads_only else "query_only=ON",
            "synchronous=FULL",  # a receipt is shown only for what outlives a power cut (promise 7)
            "foreign_keys=ON",
            "secure_delete=ON",  # overwrites what is deleted; operations.overwriting what that misses
            "temp_store=MEMORY",
            "mmap_size=0",
            "cache_size=-8000",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: sa.Connection) -> None:
        # Writers queue up at the door instead of failing when two have begun to read and both want to write.
        if reads_only:
            driver: Any = connection.connection.driver_connection
            driver.execute("BEGIN")  # past all that watches statements: each page of the public begins with it
        else:
            _begin_immediately(connection)


def _begin_immediately(connection: sa.Connection) -> None:
    """Begin to write as soon as nobody else does; the error of who waits longer than BUSY_SECONDS.

    Asked each millisecond: SQLite's own waiting asks ever more seldom, and another process, whose writers follow each
    other closely, would always be faster.
    """
    driver: Any = connection.connection.driver_connection
    driver.execute("PRAGMA busy_timeout=0")
    try:
        end = time.monotonic() + BUSY_SECONDS
        while (refused := _refusal(driver)) in BUSY and time.monotonic() < end:
            time.sleep(ASKED_AGAIN_SECONDS)
        if refused is not None:
            connection.exec_driver_sql("BEGIN IMMEDIATE")  # once more, for the error that everybody knows
    finally:
        driver.execute(f"PRAGMA busy_timeout={BUSY_SECONDS * 1000}")


def _refusal(driver: Any) -> int | None:
    """Why SQLite lets nobody begin to write at this moment; None when it has been begun."""
    try:
        driver.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError as error:
        return int(error.sqlite_errorcode & 0xFF)
    return None


def _take_turns(engine: sa.Engine) -> None:
    """Let the writers of one process wait for one another in a row.

    SQLite has no row: whoever finds the door shut asks again after a while, and of dozens some are never there when it
    opens. So each process sends one writer at a time. Whose turn does not come asks SQLite all the same.
    """
    turns = Turns()

    @event.listens_for(engine, "begin")
    def take(connection: sa.Connection) -> None:
        if TURN not in connection.info and turns.take(BUSY_SECONDS):
            connection.info[TURN] = True
            if turns.was_handed_on:  # else those of another process would always come a moment too late
                time.sleep(2 * ASKED_AGAIN_SECONDS)

    # When the connection goes back into the pool: only then is what was written on the disk, and the door open.
    @event.listens_for(engine, "checkin")
    @event.listens_for(engine, "close")
    def give(_connection: Any, record: Any) -> None:
        if record.info.pop(TURN, False):
            turns.give()


class Turns:
    """A lock that is handed on to whoever has waited longest. Not to be taken twice by one thread."""

    def __init__(self) -> None:
        self._changing = threading.Lock()
        self._waiting: deque[threading.Event] = deque()
        self._taken = False
        self.was_handed_on = False  # whether whoever has it now had to wait for it

    def take(self, seconds: float) -> bool:
        """Wait for one's turn. False when it did not come in so many seconds."""
        with self._changing:
            if not self._taken:
                self._taken, self.was_handed_on = True, False
                return True
            mine = threading.Event()
            self._waiting.append(mine)
        if mine.wait(seconds):
            return True
        with self._changing:
            if mine.is_set():  # it came just now
                return True
            self._waiting.remove(mine)
            return False

    def give(self) -> None:
        """Hand the turn on."""
        with self._changing:
            if self._waiting:
                self.was_handed_on = True
                self._waiting.popleft().set()
            else:
                self._taken = False
