"""`flask tables`: whether anything that was kept back can be worked out from all the tables that left."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from itertools import groupby

import click
from flask.cli import AppGroup
from flask_babel import gettext as _

from storyhub.exports.tables import lefts_of, name_of, stories_counted
from storyhub.extensions import db
from storyhub.models.frozen import FrozenTable, tables_that_left
from storyhub.protection import identifiers
from storyhub.protection.disclosure import Audited, NotNested, TooLarge, audit_of_one
from storyhub.protection.disclosure import audit as solve

ALONE, TOGETHER, KNOWING_ONE = "alone", "months-together", "knowing-one"

tables = AppGroup("tables", help="Tables of stories that left.")


@tables.command("audit")
@click.option("--json", "as_json", is_flag=True, help="One JSON line for each count that was kept back.")
@click.option("--months-together", is_flag=True, help="Each month also with the one before and the public report.")
@click.option("--knowing-one", is_flag=True, help="Also for somebody who knows one of the stories, whichever it is.")
def audit(as_json: bool, months_together: bool, knowing_one: bool) -> None:
    """Solve for every count that was kept back, from what left in its month and what was public then.

    Exit code 1 if one is determined.
    """
    left = tables_that_left(db.session)
    months = [(month, list(some)) for month, some in groupby(left, key=lambda one: one.month)]
    kept = determined = 0
    for number, (month, some) in enumerate(months):
        before = months[number + 1][1] if months_together and number + 1 < len(months) else []
        for who, audited in _audits(month, some, before, knowing_one=knowing_one):
            kept += len(audited) * (who == ALONE)
            determined += sum(one.is_determined for one in audited)
            for one in audited:
                _tell(month, some, one, who, as_json=as_json)
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


def _audits(
    month: str, some: list[FrozenTable], before: list[FrozenTable], *, knowing_one: bool
) -> Iterator[tuple[str, list[Audited]]]:
    """Of one month by whom what was found; of whoever knows one story only what is determined."""
    left = lefts_of(some)
    try:
        yield ALONE, solve(left)
        if before:
            yield TOGETHER, solve(left, lefts_of(before), _came(before, some))
        if knowing_one:
            yield KNOWING_ONE, audit_of_one(left)
    except (TooLarge, NotNested) as error:
        raise click.ClickException(
            _("%(month)s: its tables are too many to be solved together", month=month)
        ) from error


def _came(before: list[FrozenTable], some: list[FrozenTable]) -> int:
    """How many stories were decided to be only counted between two months."""
    since, until = (dt.date.fromisoformat(tables[0].asked["frozen_on"]) for tables in (before, some))
    hidden = [tables[0].report.get("hidden") or 0 for tables in (before, some)]
    return max(stories_counted(db.session, since, until), hidden[1] - hidden[0])


def _tell(month: str, some: list[FrozenTable], one: Audited, who: str, *, as_json: bool) -> None:
    table, place = identifiers.shown(some[one.table].id), name_of(one.place)
    if as_json:
        told = {"month": month, "table": table, "cell": place, "low": one.bound.low, "high": one.bound.high}
        print(json.dumps(told | ({} if who == ALONE else {"by": who})))
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
