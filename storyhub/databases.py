"""How each connection to a database behaves: the promises are kept below the models, by the connection itself."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from flask import Flask
from sqlalchemy import event

from storyhub.config import Settings
from storyhub.extensions import db


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
    @event.listens_for(engine, "connect")
    def set_up(connection: Any, _record: Any) -> None:
        # The driver's own handling of transactions would begin them late, and lose writes under two processes.
        connection.isolation_level = None
        for pragma in (
            "busy_timeout=20000",
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
        connection.exec_driver_sql("BEGIN" if reads_only else "BEGIN IMMEDIATE")
