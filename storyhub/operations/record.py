"""`flask decisions`: whether the record of decisions is whole."""

from __future__ import annotations

import click
from flask.cli import AppGroup
from flask_babel import gettext as _

from storyhub.extensions import db
from storyhub.models.decision import breaks, head_of_record

decisions = AppGroup("decisions", help="The record of decisions.")


@decisions.command("verify")
def verify() -> None:
    """Walk the chain from the first decision on; exit code 1 and the place where it does not hold."""
    broken = False
    for place in breaks(db.session):
        broken = True
        click.echo(_("decision %(number)s: %(what)s", number=place.number, what=place.what), err=True)
    if broken:
        raise click.ClickException(_("The record was changed after it was written."))
    number, head = head_of_record(db.session)
    click.echo(_("%(count)s decisions, all as they were written. Head: %(head)s", count=number, head=head))
