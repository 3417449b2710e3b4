"""`flask backup` and `flask restore`: one file, without keys, and no withdrawn word comes back by it."""

from __future__ import annotations

import datetime as dt
import os
import shutil
import sqlite3
import subprocess
from collections.abc import Mapping
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import click
import flask_migrate
import sqlalchemy as sa
from flask import current_app
from flask.cli import with_appcontext
from flask_babel import gettext as _
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from storyhub.config import Settings
from storyhub.extensions import db
from storyhub.models import search
from storyhub.models.site import the_site
from storyhub.models.story import State, Story, Withdrawal
from storyhub.operations.overwriting import empty_log
from storyhub.operations.plainly import first_line
from storyhub.operations.upkeep import purge_all_due, purge_words, read_withdrawals, write_withdrawals
from storyhub.operations.whole import partial_of

PAGES_AT_ONCE = 2_000  # of SQLite, in one step of a backup: writers come in between
EDITIONS_AHEAD = 1_000_000  # more than a site ever counts between a backup and its restoring


@click.command("backup")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--yes", is_flag=True, help="Overwrite FILE if it is there.")
@with_appcontext
def backup(file: Path, yes: bool) -> None:
    """Write the whole database to FILE, while the site runs. The keys are not in it: keep them elsewhere, safely."""
    settings = _settings()
    if file.exists() and not yes:
        raise click.UsageError(_("%(file)s is there already; --yes overwrites it.", file=file))
    try:
        purge_words(db.session)
        search.forget_for_good(db.session)  # its rows hold words of stories that are gone, till they are merged
        db.session.commit()
        write_withdrawals(db.session, settings)
        db.session.rollback()
        with partial_of(file) as partial:
            if settings.on_sqlite:
                _copy_rows(_sqlite_path(settings.database_url), partial)
            else:
                _run("pg_dump", "--format=custom", "--no-owner", f"--file={partial}", _libpq(settings.database_url))
    except OSError as error:
        raise click.ClickException(f"{file}: {error.strerror}") from error
    except (SQLAlchemyError, sqlite3.Error) as error:
        raise click.ClickException(_("The database could not be copied (%(why)s).", why=first_line(error))) from error
    click.echo(_("%(size)s bytes. Keep the two keys of the instance apart from it.", size=file.stat().st_size))


@click.command("restore")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--yes", is_flag=True, help="Replace what is in the database now.")
@with_appcontext
def restore(file: Path, yes: bool) -> None:
    """Put the database back as it was in FILE, without the stories that were withdrawn since."""
    settings = _settings()
    withdrawn = _withdrawals_so_far(settings)
    if not yes and _holds_anything():
        raise click.UsageError(_("The database holds stories; --yes replaces them by those in the file."))
    db.session.close()
    if settings.on_sqlite:
        count = _restore_sqlite(file, settings, withdrawn)
    else:
        _run("pg_restore", "--clean", "--if-exists", "--no-owner", "--single-transaction",
             f"--dbname={_libpq(settings.database_url)}", str(file))  # fmt: skip
        flask_migrate.upgrade()
        count = replay_withdrawals(db.session, withdrawn)
        go_ahead_of_caches(db.session)
        db.session.commit()
    write_withdrawals(db.session, settings)
    click.echo(_("Restored. %(count)s stories that were withdrawn since were withdrawn again.", count=count))


def replay_withdrawals(session: Session, withdrawn: Mapping[int, dt.date]) -> int:
    """Withdraw again whatever of the list is in this database. Returns how many. Doesn't commit."""
    listed = set(session.scalars(sa.select(Withdrawal.story_id)))
    count = 0
    for story_id, day in withdrawn.items():
        story = session.get(Story, story_id)
        if story is not None and story.state is not State.WITHDRAWN:
            story.withdraw()
            count += 1
        elif story_id not in listed:  # newer than the backup: an older one may yet be restored
            session.add(Withdrawal(story_id=story_id, day=day))
    session.flush()
    return count


def go_ahead_of_caches(session: Session) -> None:
    """Have no edition again that was handed out since the backup: caches and browsers may hold pages of it.

    Those pages can show stories that were told since, which nobody could take back any more. Doesn't commit.
    """
    the_site(session, lock=True).edition += EDITIONS_AHEAD
    session.flush()


def _withdrawals_so_far(settings: Settings) -> dict[int, dt.date]:
    """The list beside the database and, if the database can still be read, the one in it."""
    listed = read_withdrawals(settings)
    try:
        listed.update({row.story_id: row.day for row in db.session.scalars(sa.select(Withdrawal))})
    except SQLAlchemyError:
        db.session.rollback()
    return listed


def _holds_anything() -> bool:
    try:
        return db.session.scalar(sa.select(Story.id).limit(1)) is not None
    except SQLAlchemyError:
        db.session.rollback()
        return False


def _restore_sqlite(file: Path, settings: Settings, withdrawn: Mapping[int, dt.date]) -> int:
    """Make a copy of the backup ready beside the database, and only then put it in the database's place."""
    _refuse_what_is_no_backup(file)
    with TemporaryDirectory(dir=settings.instance, prefix="restoring-") as folder:
        ready = Path(folder) / "storyhub.sqlite"
        _copy_sqlite(file, ready)
        count = _make_ready(replace(settings, database_url=f"sqlite:///{ready}"), withdrawn)
        db.engine.dispose()
        # Into the database rather than over its file: whoever has it open sees the change as a whole.
        _copy_sqlite(ready, _sqlite_path(settings.database_url), at_once=-1)
    empty_log(tries=5)
    return count


def _make_ready(settings: Settings, withdrawn: Mapping[int, dt.date]) -> int:
    """Bring the copy up to date and withdraw in it what was withdrawn since."""
    from storyhub import create_app

    with create_app(settings).app_context():
        flask_migrate.upgrade()
        count = replay_withdrawals(db.session, withdrawn)
        go_ahead_of_caches(db.session)
        db.session.commit()
        purge_all_due(db.session)
        db.session.close()
        for engine in db.engines.values():
            engine.dispose()
    return count


def _refuse_what_is_no_backup(file: Path) -> None:
    try:
        with closing(sqlite3.connect(f"file:{file.resolve()}?mode=ro", uri=True)) as connection:
            whole = connection.execute("PRAGMA integrity_check(1)").fetchone() == ("ok",)
            connection.execute("SELECT version_num FROM alembic_version, site").fetchone()
    except sqlite3.Error as error:
        raise click.ClickException(_("%(file)s is no backup of StoryHub (%(why)s).", file=file, why=error)) from error
    if not whole:
        raise click.ClickException(_("%(file)s is damaged.", file=file))


def _copy_rows(source: Path, target: Path) -> None:
    """A consistent copy of what the tables hold and of nothing beside it: no free page, nothing between rows."""
    with closing(sqlite3.connect(source, timeout=20)) as reading:
        reading.execute("VACUUM INTO ?", (str(target),))


def _copy_sqlite(source: Path, target: Path, at_once: int = PAGES_AT_ONCE) -> None:
    """A consistent copy from a fresh connection, also while others write."""
    with closing(sqlite3.connect(source, timeout=20)) as reading, closing(sqlite3.connect(target, timeout=20)) as copy:
        reading.backup(copy, pages=at_once)


def _sqlite_path(url: str) -> Path:
    return Path(sa.make_url(url).database or "")


def _libpq(url: str) -> str:
    """The database's address for the programs of PostgreSQL, without the password: that goes by the environment."""
    return sa.make_url(url).set(drivername="postgresql", password=None).render_as_string(hide_password=False)


def _run(program: str, *arguments: str) -> None:
    """One of PostgreSQL's own programs."""
    path = shutil.which(program)
    if path is None:
        raise click.ClickException(
            _("%(program)s is missing. On Debian: apt install postgresql-client", program=program)
        )
    password = sa.make_url(_settings().database_url).password
    environment = {**os.environ, "PGPASSWORD": str(password)} if password else dict(os.environ)
    done = subprocess.run([path, *arguments], env=environment, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        raise click.ClickException(
            f"{program}: {done.stderr.strip().splitlines()[0] if done.stderr else done.returncode}"
        )


def _settings() -> Settings:
    settings: Settings = current_app.extensions["settings"]
    return settings
