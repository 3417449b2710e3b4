"""`flask privacy audit`: looks for what must not be at rest: addresses, browsers, times finer than a day, old salts.

It looks wherever StoryHub itself writes. What somebody typed into a story is theirs and is not looked at.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import click
import sqlalchemy as sa
from flask import current_app
from flask.cli import AppGroup
from flask_babel import gettext as _

from storyhub import clock
from storyhub.config import Settings
from storyhub.extensions import db

CHUNK = 1024 * 1024
OVERLAP = 256
# Moments that are a moderator's or a passkey's own, never a contributor's.
MOMENTS_ALLOWED = {("queue_items", "claimed_until"), ("passkeys", "create_datetime"), ("passkeys", "lastuse_datetime")}
# Columns of words that people typed.
WORDS = {
    "story_versions": {"text", "title", "name", "place"},
    "search_texts": {"folded"},
    "decision_words": {"note", "letter"},
}
SKIPPED_TABLES = re.compile(r"search_index(_\w+)?|sqlite_\w+")
SUSPICIOUS_COLUMN = re.compile(r"(^|_)(ip|addr|address|user_agent|referr?er|fingerprint|forwarded|device_id)($|_)")
COLUMNS_ALLOWED = {("site", "leave_address")}

BROWSER = re.compile(r"Mozilla/\d|AppleWebKit/|Gecko/\d|Chrome/\d|curl/\d|okhttp/\d")
IPV4 = re.compile(r"(?<![\w.-])(?:\d{1,3}\.){3}\d{1,3}(?![\w.-])")
IPV6 = re.compile(r"(?<![\w:.])[0-9A-Fa-f:]{2,39}(?![\w:.])")
# What the instance holds by design: the database is looked at table by table, the rest are the keys and settings.
NOT_READ = re.compile(r"storyhub\.sqlite(-wal|-shm)?|secret_key|receipt_key|storyhub\.env|withdrawals|\.gitkeep")

privacy = AppGroup("privacy", help="What is kept about people.")


@dataclass(frozen=True)
class Find:
    where: str
    what: str


@privacy.command("audit")
def audit() -> None:
    """Look for what must not be at rest: addresses, browsers, exact times; exit code 1 on a find."""
    settings: Settings = current_app.extensions["settings"]
    found = 0
    for find in (
        *finds_in_database(),
        *finds_in_files(settings),
        *finds_in_memory(settings),
        *finds_in_redis(settings),
    ):
        found += 1
        click.echo(f"{find.where}: {find.what}")
    if found:
        raise click.ClickException(_("%(count)s finds: these must not be kept.", count=found))
    click.echo(_("Nothing was found that must not be kept."))


def finds_in_database() -> Iterator[Find]:
    """What a column is for, and what stands in those that hold no words of people."""
    inspector = sa.inspect(db.engine)
    for table in inspector.get_table_names():
        if SKIPPED_TABLES.fullmatch(table):
            continue
        columns = inspector.get_columns(table)
        for column in columns:
            yield from _finds_in_kind(table, column["name"], column["type"])
        texts = [c["name"] for c in columns if isinstance(c["type"], (sa.String, sa.JSON))]
        yield from _finds_in_rows(table, [name for name in texts if name not in WORDS.get(table, ())])


def _finds_in_kind(table: str, column: str, kind: object) -> Iterator[Find]:
    where = f"{table}.{column}"
    if isinstance(kind, (sa.DateTime, sa.Time, sa.Interval)) and (table, column) not in MOMENTS_ALLOWED:
        yield Find(where, _("holds times finer than a day"))
    if SUSPICIOUS_COLUMN.search(column) and (table, column) not in COLUMNS_ALLOWED:
        yield Find(where, _("is a column for an address or a browser"))


def _finds_in_rows(table: str, columns: list[str]) -> Iterator[Find]:
    """At most one find of each kind a column."""
    if not columns:
        return
    seen: set[Find] = set()
    chosen = sa.select(*(sa.cast(sa.column(name), sa.Text) for name in columns)).select_from(sa.table(table))
    with db.engine.connect() as connection:
        for row in connection.execution_options(yield_per=1000).execute(chosen):
            for name, value in zip(columns, row, strict=True):
                for what in traces(value or ""):
                    seen.add(Find(f"{table}.{name}", what))
    yield from sorted(seen, key=lambda find: (find.where, find.what))


def traces(text: str) -> Iterator[str]:
    """What kinds of trace of a person's machine stand in a text."""
    if BROWSER.search(text):
        yield _("names a browser")
    if any(_is_address(found) for pattern in (IPV4, IPV6) for found in pattern.findall(text)):
        yield _("holds a network address")


def _is_address(text: str) -> bool:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    return not (address.is_loopback or address.is_unspecified)


def finds_in_files(settings: Settings) -> Iterator[Find]:
    """Whatever else lies in the instance: logs, forgotten copies, the queue of jobs."""
    for path in sorted(settings.instance.rglob("*")):
        if path.is_file() and not NOT_READ.fullmatch(path.name):
            yield from _finds_in_file(path)


def _finds_in_file(path: Path) -> Iterator[Find]:
    seen: set[str] = set()
    with path.open("rb") as file:
        before = b""
        while data := file.read(CHUNK):
            seen.update(traces((before + data).decode("latin-1")))
            before = data[-OVERLAP:]
    yield from (Find(str(path), what) for what in sorted(seen))


def finds_in_memory(settings: Settings) -> Iterator[Find]:
    """Salts of other days, and whatever the limits wrote down."""
    if not settings.volatile.is_dir():
        return
    for path in sorted(settings.volatile.iterdir()):
        if path.name.startswith("salt-") and path.name != f"salt-{clock.today().isoformat()}":
            yield Find(str(path), _("is the salt of another day"))
        elif path.is_file() and not path.name.startswith(("salt-", ".salt-")):
            yield from _finds_in_file(path)


def finds_in_redis(settings: Settings) -> Iterator[Find]:
    """A Redis that writes to its disk would keep the day's keys of networks."""
    if settings.redis_url is None:
        return
    from redis import Redis, RedisError

    try:
        told = Redis.from_url(settings.redis_url, socket_timeout=3, decode_responses=True)
        saves, appends = told.config_get("save").get("save"), told.config_get("appendonly").get("appendonly")
    except RedisError as error:
        yield Find("Redis", _("can't be asked whether it writes to its disk (%(why)s)", why=type(error).__name__))
        return
    if saves or appends == "yes":
        yield Find("Redis", _('writes to its disk; set save "" and appendonly no'))
