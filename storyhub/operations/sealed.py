"""`flask sealed …`: the organisers' key for private notes, and the boxes that contributors left for it.

`make-key` and `open` are for another machine than the server's: they need no database and no settings.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
from flask.cli import AppGroup, with_appcontext
from flask_babel import gettext as _

from storyhub import clock
from storyhub.exports.boxes import take_boxes
from storyhub.extensions import db
from storyhub.models.decision import Act, append_decision
from storyhub.models.sealed import boxes_left
from storyhub.models.site import the_site
from storyhub.operations.whole import written_whole
from storyhub.protection import boxes

sealed = AppGroup("sealed", help="Private notes that this server can't read.", short_help="Private notes, sealed.")

# Words of these two are not translated: they run where there may be no site and no language.
ANYWHERE = {"with_appcontext": False}


@sealed.command("make-key", **ANYWHERE)
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def make_key(file: Path) -> None:
    """Make a key pair, on a machine that is not the server. FILE holds the private half, under a passphrase.

    The public half is printed: give it to the server with `flask sealed use`. Whoever loses FILE or forgets the
    passphrase can't open what was sealed, and nobody can help.
    """
    if file.exists():
        raise click.UsageError(f"{file} is there already, and a key is never overwritten.")
    # Asked for, never an option: what is typed on a command line stands in the shell's history.
    passphrase = click.prompt("A passphrase of several words", hide_input=True, confirmation_prompt=True)
    if len(passphrase) < boxes.FEWEST_IN_PASSPHRASE or len(set(passphrase)) < 6:
        raise click.UsageError(
            f"The passphrase is too easily guessed: give at least {boxes.FEWEST_IN_PASSPHRASE} characters, "
            "best of all five words or more."
        )
    public, written = boxes.make_key(passphrase)
    try:
        descriptor = os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError as error:
        raise click.UsageError(f"{file} is there already, and a key is never overwritten.") from error
    except OSError as error:
        raise click.ClickException(f"{file}: {error.strerror}") from error
    with os.fdopen(descriptor, "w") as target:
        target.write(written)
    click.echo(f"The private half is in {file}. Keep it, and a copy in another place, never on the server.")
    click.echo(f"On the server:  flask sealed use {public}")
    click.echo(f"Its mark is {boxes.mark_of(public)}.")


@sealed.command("use")
@click.argument("public_key", required=False)
@click.option("--nothing", is_flag=True, help="Ask contributors for nothing of the kind any more.")
@with_appcontext
def use(public_key: str | None, nothing: bool) -> None:
    """Offer contributors to leave private notes, sealed with this public key. Without one it says which is in use."""
    site = the_site(db.session)
    if public_key is None and not nothing:
        said = (
            _("In use: the key with the mark %(mark)s.", mark=boxes.mark_of(site.sealing_key))
            if site.sealing_key
            else ""
        )
        click.echo(said or _("No key is in use, and contributors are asked for nothing of the kind."))
        return
    if public_key is not None and nothing:
        raise click.UsageError(_("Give a key or --nothing, not both."))
    try:
        site.sealing_key = boxes.read_public_key(public_key) if public_key else None
    except boxes.NotAKey as error:
        raise click.BadParameter(
            _("a public key has 64 hexadecimal digits; `flask sealed make-key` prints it"), param_hint="PUBLIC_KEY"
        ) from error
    mark = boxes.mark_of(site.sealing_key) if site.sealing_key else None
    append_decision(db.session, Act.SETTINGS, by=None, facts={"what": "sealing-key", "mark": mark})
    others = {note.key_mark for note in boxes_left(db.session)} - {mark}
    db.session.commit()
    if mark is None:
        click.echo(_("Contributors are asked for nothing of the kind any more."))
    else:
        click.echo(_("What contributors leave is now sealed with the key that has the mark %(mark)s.", mark=mark))
    if others:
        marks = ", ".join(sorted(others))
        click.echo(_("Some of what is held needs another key to be opened, by its mark: %(marks)s.", marks=marks))


@sealed.command("take")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@with_appcontext
def take(file: Path) -> None:
    """Write all boxes to FILE, one JSON object a line, to be opened on the machine that has the key. It is recorded."""
    if file.exists():
        raise click.UsageError(_("%(file)s is there already.", file=file))
    lines, export = take_boxes(db.session, by=None)
    try:
        with written_whole(file) as target:
            target.write(lines)
        file.chmod(0o600)
    except OSError as error:
        raise click.ClickException(f"{file}: {error.strerror}") from error
    db.session.commit()
    click.echo(_("%(count)s boxes. It is recorded that they left, on %(day)s.", count=export.count, day=clock.today()))


@sealed.command("open", **ANYWHERE)
@click.argument("boxes_file", metavar="BOXES", type=click.File("rb"))
@click.argument("key_file", metavar="KEY", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
def open_boxes(boxes_file: Any, key_file: Path, as_json: bool) -> None:
    """Open what `take` wrote, on the machine that has the key file. Nothing is written but to the screen."""
    passphrase = click.prompt("Passphrase", hide_input=True, err=True)
    try:
        private = boxes.unlock_key(key_file.read_text("utf-8"), passphrase)
    except boxes.WrongPassphrase as error:
        raise click.ClickException("This passphrase does not open the key.") from error
    except (boxes.NotAKey, UnicodeDecodeError) as error:
        raise click.ClickException(f"{key_file} is no key file of `flask sealed make-key`.") from error
    shut = 0
    for number, row in _rows(boxes_file):
        try:
            words = boxes.opened(bytes.fromhex(row["box"]), private)
        except (boxes.CannotOpen, ValueError):
            shut += 1
            click.echo(f"line {number}: sealed for the key with the mark {row.get('key', '?')}, or damaged.", err=True)
            continue
        if as_json:
            click.echo(json.dumps({"story": row["story"], "left": row["left"], "words": words}, ensure_ascii=False))
        else:
            click.echo(f"{row['story']} ({row['left']})\n{words}\n")
    if shut:
        raise click.ClickException(f"{shut} could not be opened with this key.")


def _rows(file: Any) -> Iterator[tuple[int, dict[str, str]]]:
    for number, line in enumerate(file, 1):
        try:
            row = json.loads(line)
            if not all(isinstance(row[name], str) for name in ("story", "left", "box")):
                raise TypeError(number)
        except (ValueError, KeyError, TypeError) as error:
            raise click.ClickException(f"line {number} is not one that `flask sealed take` wrote.") from error
        yield number, row
