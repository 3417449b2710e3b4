"""`flask tables`: whether anything that was kept back can be worked out from all the tables that left."""

from __future__ import annotations

import json
from itertools import groupby

import click
from flask.cli import AppGroup
from flask_babel import gettext as _

from storyhub.exports.tables import lefts_of, name_of
from storyhub.extensions import db
from storyhub.models.frozen import tables_that_left
from storyhub.protection import identifiers
from storyhub.protection.disclosure import NotNested, TooLarge
from storyhub.protection.disclosure import audit as solve

tables = AppGroup("tables", help="Tables of stories that left.")


@tables.command("audit")
@click.option("--json", "as_json", is_flag=True, help="One JSON line for each count that was kept back.")
def audit(as_json: bool) -> None:
    """Solve for every count that was kept back, from what left in its month and what was public then.

    Exit code 1 if one is determined.
    """
    left = tables_that_left(db.session)
    months = [(month, list(some)) for month, some in groupby(left, key=lambda one: one.month)]
    kept = determined = 0
    for month, some in months:
        try:
            audited = solve(lefts_of(some))
        except (TooLarge, NotNested) as error:
            raise click.ClickException(
                _("%(month)s: its tables are too many to be solved together", month=month)
            ) from error
        for one in audited:
            kept, determined = kept + 1, determined + one.is_determined
            table, place = identifiers.shown(some[one.table].id), name_of(one.place)
            if as_json:
                print(
                    json.dumps(
                        {"month": month, "table": table, "cell": place, "low": one.bound.low, "high": one.bound.high}
                    )
                )
            elif one.is_determined:
                print(
                    _(
                        "%(month)s: table %(table)s, cell %(cell)s is %(low)s",
                        month=month,
                        table=table,
                        cell=place,
                        low=one.bound.low,
                    )
                )
    if not as_json:
        print(
            _(
                "Tables: %(tables)s. Counts kept back: %(kept)s. Of these determined: %(determined)s.",
                tables=len(left),
                kept=kept,
                determined=determined,
            )
        )
    if determined:
        raise click.exceptions.Exit(1)
