"""`flask text`: what the functions about words say of the words in a file."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

import click
from flask.cli import AppGroup
from flask_babel import gettext as _

from storyhub.operations.progress import bar
from storyhub.operations.stories import LanguageTag
from storyhub.text import gathering, identifying, incoming, likeness
from storyhub.text import language as languages

LONGEST_LINE = 1_000_000  # bytes: no story is that long

text = AppGroup("text", help="Ask what the words in a file say.")


@text.command("identify")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="One JSON object for each line, instead of words to read.")
@click.option(
    "--language", type=LanguageTag(), help="Of all lines that do not say it themselves; else told from the words."
)
def identify(file: Path, as_json: bool, language: str | None) -> None:
    """Find what could give somebody away in each line of FILE.

    A line is a text, or a JSON object with "text" and, if known, "language". Nothing is stored, and nothing leaves
    this machine. Offsets count code points; an end is the place after the last one.
    """
    try:
        with bar(file.stat().st_size, _("Reading")) as tell, file.open("rb") as lines:
            for number, line in enumerate(lines_of(lines), start=1):
                words, said = text_of(line, number)
                click.echo(_said_of(words, said or language, number, as_json=as_json))
                tell(lines.tell())
    except OSError as error:
        raise click.ClickException(f"{file}: {error.strerror}") from error


@text.command("cluster")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="One JSON object for each line, instead of words to read.")
@click.option(
    "--fewest", type=click.IntRange(2), default=gathering.FEWEST, show_default=True, help="Texts that make a group."
)
def cluster(file: Path, as_json: bool, fewest: int) -> None:
    """Find which lines of FILE were made from one another, whole or in part.

    A line is a text, or a JSON object with "text". Of each line: the number of its group (none for most), how many
    lines the group has, and how much of the text all of them share, from 0 to 1. Larger groups have lower numbers.
    """
    key = secrets.token_bytes(32)  # of this run alone: what a text is like is compared, and kept nowhere
    sketches = {}
    try:
        with bar(file.stat().st_size, _("Reading")) as tell, file.open("rb") as lines:
            for number, line in enumerate(lines_of(lines), start=1):
                sketches[number] = likeness.sketch(clean(text_of(line, number)[0], number), key)
                tell(lines.tell())
    except OSError as error:
        raise click.ClickException(f"{file}: {error.strerror}") from error
    found = gathering.groups(sketches, fewest)
    group_of = {member: place for place, group in enumerate(found, start=1) for member in group.members}
    for number, sketch in sketches.items():
        place = group_of.get(number)
        group = found[place - 1] if place else None
        share = round(gathering.share_in(group.core, sketch), 3) if group else None
        row = {"group": place, "size": len(group.members) if group else 1, "likeness": share}
        click.echo(json.dumps(row) if as_json else f"{number}: {_grouped(row)}")


def _grouped(row: dict[str, Any]) -> str:
    if row["group"] is None:
        return _("in no group")
    return _(
        "group %(number)s, one of %(size)s, likeness %(share)s",
        number=row["group"],
        size=row["size"],
        share=row["likeness"],
    )


def clean(words: str, number: int) -> str:
    try:
        return incoming.clean(words)
    except incoming.NotText as error:
        raise click.ClickException(_("Line %(number)s is not plain text.", number=number)) from error


def lines_of(file: BinaryIO) -> Iterator[bytes]:
    while line := file.readline(LONGEST_LINE + 1):
        if len(line) > LONGEST_LINE:
            raise click.ClickException(_("A line is longer than %(most)s bytes.", most=LONGEST_LINE))
        yield line


def text_of(line: bytes, number: int) -> tuple[str, str | None]:
    """The words of a line and the language that it names. A line that begins as JSON has to be JSON."""
    try:
        words = line.decode("utf-8-sig" if number == 1 else "utf-8").rstrip("\r\n")
    except UnicodeDecodeError as error:
        raise click.ClickException(_("Line %(number)s is not UTF-8.", number=number)) from error
    if not words.startswith("{"):
        return words, None
    try:
        row = json.loads(words)
    except (ValueError, RecursionError):
        return words, None  # a text may begin with a bracket
    found, language = row.get("text"), row.get("language")
    if not isinstance(found, str) or not isinstance(language, str | None):
        raise click.ClickException(_('Line %(number)s has no "text".', number=number))
    return found, language


def _said_of(words: str, language: str | None, number: int, *, as_json: bool) -> str:
    clean(words, number)
    spoken = language or languages.detect(words)
    spans = identifying.find(words, spoken)
    covered = identifying.covers(spoken)
    if not as_json:
        found = ", ".join(f"{span.kind} {words[span.start : span.end]!r}" for span in spans) or _("nothing found")
        return f"{number}: {found}" + ("" if covered else "  " + _("(names and places were not looked for)"))
    row = {
        "spans": [
            {
                "start": span.start,
                "end": span.end,
                "kind": span.kind,
                "text": words[span.start : span.end],
                "why": span.why,
            }
            for span in spans
        ],
        "language": spoken,
        "covered": covered,
    }
    return json.dumps(row, ensure_ascii=False)
