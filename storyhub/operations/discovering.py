"""`flask themes discover`: search for what no theme covers, here and now; the groups stand on the organisers' pages."""

from __future__ import annotations

import json

import click
from flask.cli import with_appcontext
from flask_babel import gettext as _

from storyhub.extensions import db
from storyhub.models.discovered import Discovery
from storyhub.models.labels import WHY_NOT
from storyhub.models.long_work import WorkState
from storyhub.operations.long_work import do_one
from storyhub.protection import identifiers
from storyhub.themes.discovering import ALL, WITHIN, WITHOUT, groups_of
from storyhub.themes.discovering_job import order_discovery


@click.command("discover")
@click.option("--json", "as_json", is_flag=True, help="One JSON object for each group, instead of words to read.")
@click.option(
    "--without-theme", "look", flag_value=WITHOUT, default=True, help="Stories without a theme (the default)."
)
@click.option("--all", "look", flag_value=ALL, help="All public stories.")
@click.option("--theme", metavar="SLUG", help="Stories of this theme alone, to see what it holds.")
@click.option("--fine", is_flag=True, help="Look for small groups too.")
@with_appcontext
def discover(as_json: bool, look: str, theme: str | None, fine: bool) -> None:
    """Find groups of public stories that tell of something alike, and keep them for organisers to decide about.

    Nothing leaves this machine. Of each group: its telling words and how many stories it has; no story's words.
    """
    work = order_discovery(db.session, WITHIN if theme else look, theme or "", fine=fine, by=None)
    do_one(db.session, work)
    if work.state is not WorkState.DONE:
        raise click.ClickException(str(WHY_NOT.get(work.error, _("It could not be done (%(why)s).", why=work.error))))
    found = db.session.get_one(Discovery, identifiers.read(work.result["discovery"]))
    groups = groups_of(db.session, found)
    for one in groups:
        row = {
            "id": identifiers.shown(one.group.id),
            "stories": one.count,
            "language": one.group.language,
            "words": one.words,
            "like_dismissed": one.group.like_id is not None,
        }
        click.echo(json.dumps(row, ensure_ascii=False) if as_json else f"{one.count:>7}  {', '.join(one.words)}")
    summary = {"stories": found.stories, "without_group": found.without_group, "method": found.method}
    if as_json:
        click.echo(json.dumps(summary))
    else:
        click.echo(_("%(without)s of %(stories)s stories are in no group.", without=found.without_group,
                     stories=found.stories))  # fmt: skip
    db.session.rollback()
