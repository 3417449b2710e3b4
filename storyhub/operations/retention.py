"""`flask retention`: words that are no longer needed are forgotten, in the tables and in the bytes."""

from __future__ import annotations

import click
from flask import current_app
from flask.cli import AppGroup
from flask_babel import gettext as _

from storyhub import clock
from storyhub.extensions import db
from storyhub.models.story import count_due
from storyhub.operations.overwriting import Overwritten, overwrite_with_patience
from storyhub.operations.upkeep import purge_words, write_withdrawals

retention = AppGroup("retention", help="What is kept, and for how long.")


@retention.command("purge")
@click.option("--dry-run", is_flag=True, help="Only count.")
def purge(dry_run: bool) -> None:
    """Forget the words whose day has come. The worker does it by itself, each night."""
    if dry_run:
        count = count_due(db.session, clock.today())
        click.echo(_("%(count)s versions of stories would lose their words.", count=count))
        return
    count = purge_words(db.session)
    write_withdrawals(db.session, current_app.extensions["settings"])
    click.echo(_("%(count)s versions of stories lost their words.", count=count))
    show(overwrite_with_patience(db.session))


def show(found: Overwritten) -> None:
    """Tell what was looked at and what is left. Raises ClickException where something is, so that nobody is at ease."""
    if db.engine.dialect.name == "sqlite":
        told = {"looked_at": found.looked_at, "left": found.left, "in_log": found.in_log}
        click.echo(
            _("Looked at %(looked_at)s bytes: %(left)s hold something erased, %(in_log)s are in the log.", **told)
        )
    else:
        click.echo(_("Written anew: %(tables)s.", tables=", ".join(found.done)))
        click.echo(_("What PostgreSQL's own log, replicas, archives and base backups still hold: docs/running.md"))
    for complaint in found.complaints:
        click.echo(complaint, err=True)
    if found.in_log:
        raise click.ClickException(
            _("Somebody reads, so the log can't be emptied yet. The worker tries again each minute.")
        )
    if not found.is_whole:
        raise click.ClickException(_("Something that was erased may still be in the database's files."))
