"""Gives every test a site of its own: a database copied from one that the migrations made, a client, makers, a clock.

STORYHUB_TEST_DATABASE_URL=postgresql+psycopg://… runs the whole suite on that PostgreSQL server, on which databases can
be made; unset, it runs on SQLite. STORYHUB_TESTS_REQUIRE=postgres,redis,chromium fails where it would skip.
"""

from __future__ import annotations

import datetime as dt
import gc
import os
import shutil
import sqlite3
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, ClassVar

import pytest
import sqlalchemy as sa
from flask import Flask, appcontext_pushed
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from jinja2.bccache import Bucket, BytecodeCache
from sqlalchemy import event
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.orm import Session
from sqlalchemy.util import LRUCache
from werkzeug.routing import Rule

from storyhub import clock, create_app
from storyhub.config import Settings, read_settings
from storyhub.extensions import db
from storyhub.models.people import Person
from tests.machine import Machine, PostgresDatabases, looking_engine, migrate
from tests.makers import Maker
from tests.pages import PagesClient, watch

pytest_plugins = ["tests.browsing"]

KEYS = {"STORYHUB_SECRET_KEY": "for tests alone " * 4, "STORYHUB_RECEIPT_KEY": "for tests, another " * 4}

# Deadlines measure the machine, and chance would make the same code pass and fail: more examples are for whoever looks
# for trouble, by pytest --hypothesis-profile=searching.
hypothesis_settings.register_profile("searching", deadline=None, max_examples=500, suppress_health_check=[*HealthCheck])
hypothesis_settings.register_profile(
    "storyhub",
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
hypothesis_settings.load_profile("storyhub")

for name in [name for name in os.environ if name.startswith("STORYHUB_") and not name.startswith("STORYHUB_TEST")]:
    del os.environ[name]  # what somebody's shell says must not decide what is tested


MEMORY = Path("/dev/shm")
ENOUGH_MEMORY = 1024**3  # bytes


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    config.stash[Machine.key] = Machine(os.environ)
    # Sites sync every story to the disk, as they promise to; in memory that costs nothing.
    has_room = MEMORY.is_dir() and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ENOUGH_MEMORY
    if config.option.basetemp is None and has_room:
        config.option.basetemp = str(MEMORY / f"storyhub-tests-{os.getpid()}")
        config.add_cleanup(lambda: shutil.rmtree(config.option.basetemp, ignore_errors=True))


def pytest_collection_finish() -> None:
    collect_garbage_seldom()


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A process that shares the work tells the first one what it lacked."""
    if (told := getattr(session.config, "workeroutput", None)) is not None:
        told["lacking"] = sorted(session.config.stash[Machine.key].lacking)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    node.config.stash[Machine.key].lacking.update(getattr(node, "workeroutput", {}).get("lacking", ()))


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    """One line for each thing that could not be tested here, and how to get it."""
    for line in config.stash[Machine.key].not_tested():
        terminalreporter.write_line(line, yellow=True)


@pytest.fixture(scope="session")
def machine(request: pytest.FixtureRequest) -> Iterator[Machine]:
    """What this machine can do: databases, Redis, Chromium. A missing part skips, or fails when it is required."""
    found: Machine = request.config.stash[Machine.key]
    yield found
    found.stop()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database as the migrations make it, with nothing in its write-ahead log, to be copied for each test."""
    folder = tmp_path_factory.mktemp("template")
    settings = read_settings({"STORYHUB_INSTANCE": str(folder), "STORYHUB_VOLATILE": str(folder / "memory"), **KEYS})
    migrate(settings)
    path = folder / "storyhub.sqlite"
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    return path


@pytest.fixture(scope="session")
def postgres(machine: Machine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgresDatabases]:
    """Migrated PostgreSQL databases; skips where there is no PostgreSQL."""
    databases = PostgresDatabases(machine.postgres_url(), tmp_path_factory.mktemp("postgres"), KEYS)
    yield databases
    databases.close()


@pytest.fixture
def database_url(request: pytest.FixtureRequest, tmp_path: Path, machine: Machine) -> str:
    """The test's own database, migrated and otherwise empty."""
    if machine.suite_on_postgres:
        url: str = request.getfixturevalue("postgres").emptied()
        return url
    instance = tmp_path / "instance"
    instance.mkdir(mode=0o700, exist_ok=True)
    shutil.copyfile(request.getfixturevalue("sqlite_template"), instance / "storyhub.sqlite")
    return f"sqlite:///{instance / 'storyhub.sqlite'}"


@pytest.fixture
def environment(tmp_path: Path, database_url: str) -> dict[str, str]:
    """The settings of the test's site by their names; a fixture of a module may override it to have others."""
    return {
        "STORYHUB_INSTANCE": str(tmp_path / "instance"),
        "STORYHUB_VOLATILE": str(tmp_path / "memory"),
        "STORYHUB_DATABASE_URL": database_url,
        "STORYHUB_RELEASE_MINUTES": "0",
        **KEYS,
    }


@pytest.fixture
def settings(environment: dict[str, str]) -> Settings:
    return read_settings(environment)


def compile_addresses_once() -> None:
    """Werkzeug compiles a function for every address of every site: most of what it costs to make one for each test."""
    kept: dict[tuple[Any, ...], Any] = {}
    compile_builder = Rule._compile_builder

    def compile_once(rule: Rule, append_unknown: bool = True) -> Any:
        key = (rule.rule, tuple(rule._trace), repr(rule.defaults), append_unknown)
        if key not in kept:
            kept[key] = compile_builder(rule, append_unknown)
        return kept[key]

    Rule._compile_builder = compile_once  # type: ignore[method-assign]


compile_addresses_once()


def compile_statements_once() -> None:
    """Every site's engine would compile each statement anew: one memory for all, as one running site has for itself."""
    compiled: LRUCache[Any, Any] = LRUCache(5_000)  # 500 in an engine that serves one site

    def facts_of(dialect: DefaultDialect) -> tuple[Any, ...]:
        # All that a site may set or a server may say, and that decides how a statement is written.
        return (type(dialect), dialect.paramstyle, getattr(dialect, "server_version_info", None))

    def is_same(one: DefaultDialect, other: object) -> bool:
        return isinstance(other, DefaultDialect) and facts_of(one) == facts_of(other)

    sa.Engine._compiled_cache = property(lambda engine: compiled, lambda engine, own: None)  # type: ignore[assignment]
    DefaultDialect.__eq__ = is_same  # type: ignore[method-assign, assignment]
    DefaultDialect.__hash__ = lambda dialect: hash(type(dialect))  # type: ignore[method-assign, assignment]


compile_statements_once()


def collect_garbage_seldom() -> None:
    """What is imported stays: to look through all of it again and again took up to a quarter of the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


class CompiledTemplates(BytecodeCache):
    """Templates are compiled once for all tests: every test makes a site of its own, but not its templates anew."""

    kept: ClassVar[dict[str, bytes]] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if code := self.kept.get(f"{bucket.key}{bucket.checksum}"):
            bucket.bytecode_from_string(code)

    def dump_bytecode(self, bucket: Bucket) -> None:
        self.kept[f"{bucket.key}{bucket.checksum}"] = bucket.bytecode_to_string()


@pytest.fixture
def app(settings: Settings) -> Iterator[Flask]:
    """The site. No application context is open, so that a view which forgets to commit can't pass."""
    made = create_app(settings)
    made.testing = True
    made.jinja_env.bytecode_cache = CompiledTemplates()
    # Errors become the pages that people would see; what broke is found by their status and in the log.
    made.config.update(PROPAGATE_EXCEPTIONS=False)
    with made.app_context():
        for engine in db.engines.values():
            note_writes(engine)
    watch(made)
    yield made
    with made.app_context():
        for engine in db.engines.values():
            engine.dispose()


def note_writes(engine: sa.Engine) -> None:
    """Note on each connection what was written and neither committed nor taken back."""

    @event.listens_for(engine, "after_cursor_execute")
    def wrote(connection: sa.Connection, _cursor: Any, statement: str, *_: Any) -> None:
        if statement.lstrip()[:6].upper() in ("INSERT", "UPDATE", "DELETE"):
            connection.info.setdefault("writes_of_tests", []).append(statement[:80])

    for ending in ("commit", "rollback"):
        event.listen(engine, ending, lambda connection: connection.info.pop("writes_of_tests", None))


@pytest.fixture
def client(app: Flask) -> PagesClient:
    """Somebody's browser, which proof-reads every page."""
    made = app.test_client()
    assert isinstance(made, PagesClient)
    return made


@pytest.fixture
def another_client(app: Flask) -> PagesClient:
    """Another person's browser."""
    made = app.test_client()
    assert isinstance(made, PagesClient)
    return made


@pytest.fixture
def arabic(app: Flask) -> PagesClient:
    """The browser of somebody who reads Arabic: every address is asked for under /ar."""
    made = app.test_client()
    assert isinstance(made, PagesClient)
    made.prefix = "/ar"
    return made


@pytest.fixture
def session(app: Flask) -> Iterator[Session]:
    """Looks at the database beside the site, on a connection of its own: it sees only what was committed.

    Before each request, command or application context of this thread, what a test changed through it is committed,
    and what it had read is read anew afterwards.
    """
    engine = looking_engine(app.extensions["settings"].database_url)
    looking, thread = Session(engine), threading.get_ident()

    def settle(_app: Flask) -> None:
        if threading.get_ident() == thread:
            looking.commit()

    appcontext_pushed.connect(settle, app)
    yield looking
    appcontext_pushed.disconnect(settle, app)
    looking.close()
    engine.dispose()


@pytest.fixture
def make(app: Flask, session: Session) -> Maker:
    """Makes people, stories, themes and campaigns: make.story("…", state="published", themes=["buses"])."""
    return Maker(session, app.extensions["settings"].receipt_key, app)


@pytest.fixture
def sign_in() -> Callable[[PagesClient, Person], PagesClient]:
    """sign_in(client, person): a session as signing in makes it, for tests that are about something else."""
    return sign_in_as


def session_of(app: Flask, person: Person, **headers: str) -> dict[str, Any]:
    """What the cookie of somebody who has just signed in holds."""
    from flask import session as cookie
    from sqlalchemy import select

    from storyhub.accounts import signed_in
    from storyhub.models.people import How

    mark = person.fs_uniquifier
    with app.test_request_context(headers=headers):
        signed_in.enter(db.session.scalars(select(Person).filter_by(fs_uniquifier=mark)).one(), How.PASSWORD)
        kept = dict(cookie)
        db.session.commit()
    return kept


def sealed_session_of(app: Flask, person: Person) -> str:
    """The same as a real browser's cookie is."""
    sealed: str = app.session_interface._sealer.seal(session_of(app, person))  # type: ignore[attr-defined]
    return sealed


def sign_in_as(client: PagesClient, person: Person) -> PagesClient:
    app = client.application
    # In a request like the client's own: a session may be bound to what the browser says of itself.
    kept = session_of(app, person, **{"User-Agent": client.environ_base["HTTP_USER_AGENT"]})
    with client.session_transaction(base_url=app.extensions["settings"].site_url) as kept_by_client:
        kept_by_client.update(kept)
    return client


class HeldClock:
    """Time that stands still until a test moves it."""

    def __init__(self, moment: dt.datetime) -> None:
        self.moment = moment
        self.to(moment)

    def to(self, moment: dt.datetime) -> dt.datetime:
        self.moment = clock._held = moment
        return moment

    def forward(self, **by: float) -> dt.datetime:
        """forward(days=1), forward(minutes=16)…"""
        return self.to(self.moment + dt.timedelta(**by))


@pytest.fixture
def held_clock() -> Iterator[HeldClock]:
    """Time holds still at half past ten (UTC) on 5 March 2026; held_clock.forward(days=30) moves it."""
    before = clock._held
    yield HeldClock(dt.datetime(2026, 3, 5, 10, 30, tzinfo=dt.UTC))
    clock._held = before


@pytest.fixture
def receipt_of() -> Callable[[Any], str]:
    """receipt_of(page or response): the twenty digits shown on it."""
    from tests.pages import receipt_shown

    return receipt_shown
