"""`flask privacy audit`: looks for what must not be at rest: addresses, browsers, times finer than a day, old salts.

It looks at every store in turn and says so, with how much it looked at: a store that was left out would be seen.
Addresses and browsers that people typed into their own words are theirs and no find; marks are one everywhere.
"""

from __future__ import annotations

from pathlib import Path
from typing import TextIO

import click
from flask import current_app
from flask.cli import AppGroup
from flask_babel import gettext as _

from storyhub.config import Settings
from storyhub.operations.auditing import Search, look_everywhere

EXISTING = click.Path(exists=True, path_type=Path)

privacy = AppGroup("privacy", help="What is kept about people.")


@privacy.command("audit")
@click.option("--backup", "backups", type=EXISTING, multiple=True, help="A backup to look into as well.")
@click.option("--also", type=EXISTING, multiple=True, help="A file or folder to look into as well.")
@click.option(
    "--marks", type=click.File("r", encoding="utf-8"), help="Words or addresses, one a line, that must be nowhere."
)
def audit(backups: tuple[Path, ...], also: tuple[Path, ...], marks: TextIO | None) -> None:
    """Look for what must not be at rest: addresses, browsers, exact times; exit code 1 on a find.

    `--marks -` reads from the keyboard or a pipe, so that a shell's history keeps none of it.
    """
    settings: Settings = current_app.extensions["settings"]
    search = Search(tuple(line.strip() for line in marks or () if line.strip()))
    found = 0
    for looked in look_everywhere(settings, search, backups, also):
        click.echo(_("%(store)s: %(amount)s", store=looked.store, amount=looked.amount))
        for note in looked.notes:
            click.echo(f"  {note}")
        for find in looked.finds:
            click.echo(f"  {find.where}: {find.what}")
        found += len(looked.finds)
    if found:
        raise click.ClickException(_("%(count)s finds: these must not be kept.", count=found))
    click.echo(_("Nothing was found that must not be kept."))
