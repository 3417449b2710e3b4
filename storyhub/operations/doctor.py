"""`flask doctor`: whether this machine can keep the promises, one line for each thing looked at."""

from __future__ import annotations

import os
import shutil
import sqlite3
import stat
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import click
import sqlalchemy as sa
from flask import current_app
from flask.cli import with_appcontext
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from storyhub.config import ROOT, Settings
from storyhub.exports.waiting import FOLDER
from storyhub.extensions import db
from storyhub.models.nearness import NearnessDue, NearnessModel
from storyhub.models.recounting import count_wrong
from storyhub.operations.plainly import is_up_to_date
from storyhub.operations.sending import FAILURES, mail_server
from storyhub.protection.keeping import IN_MEMORY, file_system
from storyhub.text import nearness as making

LEAST_SQLITE = (3, 37, 0)
LEAST_FREE = 500 * 1024 * 1024  # bytes


@dataclass(frozen=True)
class Finding:
    good: bool
    what: str


@click.command("doctor")
@with_appcontext
def doctor() -> None:
    """Look whether everything is as it should be; exit code 1 if something is not."""
    settings: Settings = current_app.extensions["settings"]
    ill = 0
    for check in CHECKS:
        for finding in check(settings):
            click.echo(f"{_('good') if finding.good else _('WRONG'):<6} {finding.what}")
            ill += not finding.good
    if ill:
        raise click.ClickException(_("%(count)s things are not as they should be.", count=ill))


def python(_settings: Settings) -> Iterator[Finding]:
    yield Finding(sys.version_info >= (3, 11), f"Python {sys.version.split()[0]}")


def database(settings: Settings) -> Iterator[Finding]:
    if settings.on_sqlite:
        yield Finding(sqlite3.sqlite_version_info >= LEAST_SQLITE, f"SQLite {sqlite3.sqlite_version}")
        yield _fts5()
    try:
        is_there = is_up_to_date()
    except SQLAlchemyError as error:
        yield Finding(False, _("the database can't be reached (%(why)s)", why=type(error).__name__))
        return
    yield Finding(
        is_there, _("the database is up to date") if is_there else _("the database waits for: flask db upgrade")
    )


def _fts5() -> Finding:
    with sqlite3.connect(":memory:") as connection:
        try:
            connection.execute("CREATE VIRTUAL TABLE words USING fts5(word)")
        except sqlite3.Error:
            return Finding(False, _("SQLite has no full-text search (FTS5)"))
    return Finding(True, _("SQLite has full-text search (FTS5)"))


def counts(settings: Settings) -> Iterator[Finding]:
    """Whether the public counts are those of the public stories. Only reads, so that nobody who writes waits for it."""
    engine = db.engines["reading0"]
    if not settings.on_sqlite:  # all of it as it was at one moment, as SQLite reads by itself
        engine = engine.execution_options(isolation_level="REPEATABLE READ")
    try:
        with Session(engine) as session:
            wrong = count_wrong(session)
    except SQLAlchemyError:  # without tables there is nothing to count; what they wait for was said
        return
    yield Finding(
        not wrong,
        ngettext(
            "%(num)s public count is wrong; set it right by: flask stories recount",
            "%(num)s public counts are wrong; set them right by: flask stories recount",
            wrong,
        )
        if wrong
        else _("the public counts are right"),
    )


def keys(settings: Settings) -> Iterator[Finding]:
    """Whoever can read the keys can forge forms and test receipts."""
    for path in (
        settings.instance / "secret_key",
        settings.instance / "receipt_key",
        settings.instance / "storyhub.env",
    ):
        if path.exists():
            mode = stat.S_IMODE(path.stat().st_mode)
            yield Finding(
                not mode & 0o077,
                _("%(file)s can be read by its owner alone (%(mode)s)", file=path.name, mode=f"{mode:04o}"),
            )


def memory(settings: Settings) -> Iterator[Finding]:
    """Today's salt must never be on a disk (promise 2)."""
    kind = file_system(settings.volatile)
    if kind is None:
        yield Finding(True, _("whether %(folder)s is in memory can't be told here", folder=settings.volatile))
    else:
        yield Finding(kind in IN_MEMORY, _("%(folder)s is in memory (%(kind)s)", folder=settings.volatile, kind=kind))


def redis(settings: Settings) -> Iterator[Finding]:
    if settings.redis_url is None:
        return
    try:
        from redis import Redis

        Redis.from_url(settings.redis_url, socket_timeout=3).ping()
        yield Finding(True, _("Redis answers"))
    except Exception as error:
        yield Finding(False, _("Redis does not answer (%(why)s)", why=type(error).__name__))


def mail(settings: Settings) -> Iterator[Finding]:
    """Whether notices would go out. Nothing is sent."""
    if settings.smtp_url is None:
        return
    try:
        with mail_server(settings) as server:
            server.noop()
        yield Finding(True, _("the mail server lets us in"))
    except FAILURES as error:
        yield Finding(False, _("the mail server does not let us in (%(why)s)", why=type(error).__name__))


def space(settings: Settings) -> Iterator[Finding]:
    free = shutil.disk_usage(settings.instance).free
    yield Finding(free >= LEAST_FREE, _("%(free)s MB are free", free=free // 2**20))
    writable = os.access(settings.instance, os.W_OK)
    yield Finding(writable, _("%(folder)s can be written to", folder=settings.instance))


def programs(settings: Settings) -> Iterator[Finding]:
    if not settings.on_sqlite:
        for program in ("pg_dump", "pg_restore"):
            yield Finding(shutil.which(program) is not None, _("%(program)s is there, for backups", program=program))


def exports(settings: Settings) -> Iterator[Finding]:
    """Files of stories that wait to be fetched are for the site's owner alone."""
    folder = settings.instance / FOLDER
    paths = [folder, *folder.rglob("*")] if folder.is_dir() else []
    open_to_others = sum(bool(path.lstat().st_mode & 0o077) for path in paths)
    if paths:
        yield Finding(
            not open_to_others,
            _("files that wait to be fetched can be read by others than their owner")
            if open_to_others
            else _("files that wait to be fetched can be read by their owner alone"),
        )


def translations(_settings: Settings) -> Iterator[Finding]:
    for words in sorted((ROOT / "storyhub" / "translations").glob("*/LC_MESSAGES/messages.po")):
        compiled = words.with_suffix(".mo")
        fresh = compiled.exists() and compiled.stat().st_mtime >= words.stat().st_mtime
        language = words.parent.parent.name
        yield Finding(fresh, _("the words for %(language)s are compiled", language=language))


def likeness(_settings: Settings) -> Iterator[Finding]:
    """By which method stories are compared, and how many still wait for it. Neither is ever wrong."""
    try:
        with db.engine.connect() as connection:
            used = connection.scalar(sa.select(NearnessModel.method))
            due = connection.scalar(sa.select(sa.func.count()).select_from(NearnessDue)) or 0
    except SQLAlchemyError:
        return  # said above
    better = making.method().name
    if used is None:
        yield Finding(True, _("stories will be compared by %(method)s", method=better))
    else:
        yield Finding(True, _("stories are compared by %(method)s", method=used))
        if used.partition("+")[0] != better:
            yield Finding(True, _("the worker is about to compare them by %(method)s", method=better))
    if due:
        yield Finding(True, _("%(count)s stories wait to be compared with others", count=due))


CHECKS: tuple[Callable[[Settings], Iterator[Finding]], ...] = (
    python,
    database,
    counts,
    keys,
    memory,
    redis,
    mail,
    space,
    programs,
    exports,
    translations,
    likeness,
)
