"""Commands that fail say so in one line: a database that waits for its migrations, or that can't do what was asked."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any

import click
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask.cli import with_appcontext
from flask_babel import gettext as _
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from storyhub.config import ROOT
from storyhub.extensions import db

# These make a database, look what is wrong with it, keep it as it is, or ask it nothing.
WITH_ANY_DATABASE = frozenset({"serve", "doctor", "backup", "restore", "text identify", "text cluster",
                               "themes agreement"})  # fmt: skip
# These run on a machine that has no site: whoever opens sealed notes keeps the key away from it.
WITHOUT_A_SITE = frozenset({"sealed make-key", "sealed open"})


def is_up_to_date() -> bool:
    """Whether the database has the tables that this version needs. Raises SQLAlchemyError where none can be reached."""
    with db.engine.connect() as connection:
        now = MigrationContext.configure(connection).get_current_heads()
    return set(now) == set(ScriptDirectory(str(ROOT / "migrations")).get_heads())


def fail_plainly(command: click.Command) -> None:
    """Have a command, and all that stand under it, end with code 1 and one line where the database is the reason."""
    for name, leaf in _leaves(command, command.name or ""):
        if leaf.callback is not None and name not in WITHOUT_A_SITE:
            leaf.callback = _plainly(leaf.callback, needs_tables=name not in WITH_ANY_DATABASE)


def _leaves(command: click.Command, name: str) -> Iterator[tuple[str, click.Command]]:
    if isinstance(command, click.Group):
        for below, one in command.commands.items():
            yield from _leaves(one, f"{name} {below}")
    else:
        yield name, command


def _plainly(do: Callable[..., Any], *, needs_tables: bool) -> Callable[..., Any]:
    @wraps(do)
    def plainly(*args: Any, **kwargs: Any) -> Any:
        try:
            if needs_tables and not is_up_to_date():
                raise click.ClickException(_("The database waits for its tables. Run: flask db upgrade, or make run"))
            return do(*args, **kwargs)
        except (SQLAlchemyError, sqlite3.Error) as error:
            raise click.ClickException(_("The database could not do it (%(why)s)", why=first_line(error))) from error

    return with_appcontext(plainly)


def first_line(error: Exception) -> str:
    """What a database said, without what stands below: that may hold words of a story."""
    said = str(error.orig) if isinstance(error, DBAPIError) else str(error)
    return (said.splitlines() or [""])[0] or type(error).__name__
