"""`flask decisions`: whether the record of decisions is whole, and the record as a file without words."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
from flask.cli import AppGroup
from flask_babel import gettext as _

from storyhub.accountability.heads import hashes_gone, heads_gone
from storyhub.exports.decisions import Chosen, take_decisions_out
from storyhub.exports.files import PLAIN
from storyhub.extensions import db
from storyhub.models.decision import breaks, head_of_record
from storyhub.operations.whole import written_whole

DAY = click.DateTime(["%Y-%m-%d"])
HEAD = re.compile(r"[0-9a-fA-F]{64}")

decisions = AppGroup("decisions", help="The record of decisions.")


class Head(click.ParamType[str]):
    """A fingerprint as the public report shows it: 64 hexadecimal digits."""

    name = "hash"

    def convert(self, value: Any, param: Any, ctx: Any) -> str:
        if not HEAD.fullmatch(value):
            self.fail(
                _("%(value)s is no fingerprint: it has 64 digits from 0 to 9 and a to f", value=value), param, ctx
            )
        return str(value).lower()


@decisions.command("verify")
@click.option("--head", "heads", type=Head(), multiple=True, help="A head that was published; may be given repeatedly.")
@click.option(
    "--heads",
    "file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Heads that somebody kept: the first one of each line counts, what stands around it does not.",
)
def verify(heads: tuple[str, ...], file: Path | None) -> None:
    """Walk the chain from the first decision on; exit code 1 and the place where it does not hold.

    Every head that this site has published must be in the chain. Whoever rewrote all of the chain could have rewritten
    those too: a head that was kept elsewhere (--head) gives even that away.
    """
    kept = [*heads, *(_heads_in(file) if file else ())]
    broken = False
    for what in _faults(kept):
        broken = True
        click.echo(what, err=True)
    if broken:
        raise click.ClickException(_("The record was changed after it was written."))
    number, head = head_of_record(db.session)
    click.echo(_("%(count)s decisions, all as they were written. Head: %(head)s", count=number, head=head))
    if kept:
        click.echo(_("Heads that were kept elsewhere, and are in the record: %(count)s", count=len(set(kept))))


def _faults(kept: list[str]) -> Iterator[str]:
    for place in breaks(db.session):
        yield _("decision %(number)s: %(what)s", number=place.number, what=place.what)
    for day, head in heads_gone(db.session):
        yield _("the head of %(day)s, published here, is not in the record: %(head)s", day=day, head=head)
    for head in hashes_gone(db.session, kept):
        yield _("a head that was kept elsewhere is not in the record: %(head)s", head=head)


def _heads_in(file: Path) -> list[str]:
    """The first word of each line that is a head. A file without any would prove nothing."""
    lines = file.read_text("utf-8", "replace").splitlines()
    words = (next((word for word in line.split() if HEAD.fullmatch(word)), None) for line in lines)
    found = [word.lower() for word in words if word is not None]
    if not found:
        raise click.BadParameter(_("no head is in this file"), param_hint="--heads")
    return found


@decisions.command("export")
@click.argument("file", type=click.Path(dir_okay=False, writable=True, path_type=Path))
@click.option("--format", "format_", type=click.Choice(list(PLAIN)), required=True)
@click.option("--since", type=DAY, help="Only decisions of this day or later: YYYY-MM-DD.")
@click.option("--until", type=DAY, help="Only decisions of this day or earlier.")
@click.option("--yes", is_flag=True, help="Overwrite FILE if it is there.")
def export(file: Path, format_: str, since: dt.datetime | None, until: dt.datetime | None, yes: bool) -> None:
    """Write what was decided and why to FILE, without words and without names, and record that it left."""
    if file.exists() and not yes:
        raise click.UsageError(_("%(file)s is there already; --yes overwrites it.", file=file))
    chosen = Chosen(since.date() if since else None, until.date() if until else None)
    try:
        with written_whole(file) as partial:
            taken = take_decisions_out(db.session, partial, chosen, format_, by=None)
            db.session.commit()
    except OSError as error:
        raise click.ClickException(f"{file}: {error.strerror}") from error
    click.echo(_("%(count)s decisions, SHA-256 %(digest)s", count=taken.count, digest=taken.sha256))
