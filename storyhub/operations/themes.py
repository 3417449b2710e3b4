"""`flask themes`: the codebook in from a file and out to one; what programs suggest and find; how coders agree."""

from __future__ import annotations

from pathlib import Path

import click
from flask.cli import AppGroup
from flask_babel import gettext as _
from sqlalchemy.exc import IntegrityError

from storyhub.extensions import db
from storyhub.operations.agreement import agreement
from storyhub.operations.discovering import discover
from storyhub.operations.suggesting import learn, suggest
from storyhub.operations.whole import written_whole
from storyhub.text.codebook.entries import Unreadable
from storyhub.themes import bringing
from storyhub.themes.reasons import why_left, why_unreadable, why_wrong

themes = AppGroup("themes", help="The codebook in and out; themes suggested and found; how coders agree.")
for command in (agreement, discover, learn, suggest):
    themes.add_command(command)

FORMAT = click.option(
    "--format", "format_", type=click.Choice(list(bringing.FORMATS)), help="[default: as the name of FILE ends]"
)


@themes.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@FORMAT
@click.option("--dry-run", is_flag=True, help="Say what would change, and store nothing.")
def import_themes(file: Path, format_: str | None, dry_run: bool) -> None:
    """Bring the codebook of FILE in. Doing it again changes nothing; what is wrong in it keeps all of it out."""
    try:
        entries = bringing.read_codebook(file.read_bytes(), format_ or _format_of(file))
    except Unreadable as error:
        raise click.ClickException(why_unreadable(error)) from error
    except OSError as error:
        raise click.ClickException(f"{file}: {error.strerror}") from error
    plan = bringing.plan_codebook(db.session, entries)
    for where, why in plan.problems:
        click.echo(_("Theme at %(place)s: %(why)s", place=where, why=why_wrong(why)), err=True)
    if plan.problems:
        raise click.ClickException(_("Nothing was stored."))
    if not dry_run:
        try:
            bringing.bring_codebook(db.session, plan, by=None)
            db.session.commit()
        except IntegrityError as error:
            raise click.ClickException(_("Somebody changed the codebook meanwhile. Please try again.")) from error
    _say(plan, dry_run)


@themes.command("export")
@click.argument("file", type=click.Path(dir_okay=False, writable=True, path_type=Path))
@FORMAT
@click.option("--yes", is_flag=True, help="Overwrite FILE if it is there.")
def export_themes(file: Path, format_: str | None, yes: bool) -> None:
    """Write the whole codebook to FILE: its themes and no story."""
    if file.exists() and not yes:
        raise click.UsageError(_("%(file)s is there already; --yes overwrites it.", file=file))
    written = bringing.write_codebook(db.session, format_ or _format_of(file), _("Retired themes"))
    try:
        with written_whole(file) as partial:
            partial.write(written)
    except OSError as error:
        raise click.ClickException(f"{file}: {error.strerror}") from error
    click.echo(_("%(count)s themes", count=len(bringing.all_entries(db.session))))


def _format_of(file: Path) -> str:
    found = next(bringing.formats_of(file.name), None)
    if found is None:
        raise click.UsageError(_("The file's name does not say what it is: give --format csv or --format qdc."))
    return found


def _say(plan: bringing.Plan, dry_run: bool) -> None:
    rows = [
        (len(plan.new), _("would be new") if dry_run else _("new themes")),
        (len(plan.changed), _("would change") if dry_run else _("changed")),
        (plan.same, _("there already")),
        (len(plan.left), _("left alone")),
    ]
    for count, what in rows:
        click.echo(f"{count:>10}  {what}")
    for slug, why in plan.left:
        click.echo(f"{'':>12}{slug}: {why_left(why)}")
