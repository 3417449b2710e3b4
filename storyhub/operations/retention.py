"""`flask retention`: words that are no longer needed are forgotten."""

from __future__ import annotations

import click
from flask import current_app
from flask.cli import AppGroup
from flask_babel import gettext as _

from storyhub import clock
from storyhub.extensions import db
from storyhub.operations.upkeep import due_for_purging, purge_all_due, write_withdrawals

retention = AppGroup("retention", help="What is kept, and for how long.")


@retention.command("purge")
@click.option("--dry-run", is_flag=True, help="Only count.")
def purge(dry_run: bool) -> None:
    """Forget the words whose day has come. The worker does it by itself, each night."""
    if dry_run:
        count = due_for_purging(db.session, clock.today())
        click.echo(_("%(count)s versions of stories would lose their words.", count=count))
        return
    count = purge_all_due(db.session)
    write_withdrawals(db.session, current_app.extensions["settings"])
    click.echo(_("%(count)s versions of stories lost their words.", count=count))
