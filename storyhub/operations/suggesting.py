"""`flask themes learn` and `flask themes suggest`: themes for stories, from what people coded on this machine."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import click
from flask.cli import with_appcontext
from flask_babel import gettext as _

from storyhub.extensions import db
from storyhub.models.labels import WHY_NOT
from storyhub.models.long_work import Refused
from storyhub.models.theme import Theme
from storyhub.operations.progress import bar
from storyhub.operations.stories import LanguageTag
from storyhub.operations.text import clean, lines_of, text_of
from storyhub.text import language as languages
from storyhub.text.suggesting import NotInstalled, Suggested, Suggester, Unlike
from storyhub.themes import suggesting
from storyhub.themes.suggesting_job import learn_here, look_through

AT_ONCE = 200  # lines


@click.command("learn")
@click.option(
    "--method",
    type=click.Choice(["words", "sentences"]),
    help="By words alone, or also by what is meant (the extra multilingual).  [default: the best that is installed]",
)
@click.option("--only-learn", is_flag=True, help="Do not look through the public stories afterwards.")
@with_appcontext
def learn(method: str | None, only_learn: bool) -> None:
    """Learn themes anew from public stories that people coded, and suggest them for the others.

    A person accepts each suggestion, or does not, under /organise/suggestions. Nothing leaves this machine.
    """
    try:
        with bar(1_000, _("Learning")) as tell:
            for done, total in learn_here(db.session, method):
                tell(1_000 * done // total)
        if not only_learn:
            with bar(1_000, _("Looking through the stories")) as tell:
                for done, total, _kept in look_through(db.session):
                    tell(1_000 * done // max(total, 1))
    except Refused as refused:
        raise click.ClickException(str(WHY_NOT[refused.code])) from refused


@click.command("suggest")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="One JSON object for each line, instead of words to read.")
@click.option(
    "--language", type=LanguageTag(), help="Of all lines that do not say it themselves; else told from the words."
)
@with_appcontext
def suggest(file: Path, as_json: bool, language: str | None) -> None:
    """Suggest themes for each line of FILE, from what was learned last.

    A line is a text, or a JSON object with "text" and, if known, "language"; its "id" comes back with the answer.
    Nothing is stored, and nothing leaves this machine. Of each line the JSON says:

    \b
    themes    what this site suggests to people, the surest first: cut so that few
              are missed, and left out where a theme is told too badly
    likely    the themes that are more likely there than not: most yes and no are
              right so. Take these to compare with papers
    every     how sure it is of each theme that it can tell, suggested or not
    language  as told, or as found in the words; null where neither was possible:
              then it reads it as the one language that it learned, if just one
    why       without "themes": "words" (none that it knows), "language" (nobody
              gave themes to stories in it, and it was not measured whether they
              carry over), or "unsure"

    "sureness" and the numbers of "every" are from 0 to 1.
    """
    suggester, usable = _ready()
    try:
        with bar(file.stat().st_size, _("Reading")) as tell, file.open("rb") as lines:
            numbered = enumerate(lines_of(lines), start=1)
            while part := list(islice(numbered, AT_ONCE)):
                for row in _rows(suggester, usable, part, language):
                    click.echo(json.dumps(row, ensure_ascii=False) if as_json else _in_words(row))
                tell(lines.tell())
    except OSError as error:
        raise click.ClickException(f"{file}: {error.strerror}") from error


def _ready() -> tuple[Suggester, dict[int, Theme]]:
    try:
        ready = suggesting.the_suggester(db.session)
    except NotInstalled as error:
        raise click.ClickException(str(WHY_NOT["no-encoder"])) from error
    except Unlike as error:
        raise click.ClickException(_("What was learned is too old. Learn again: flask themes learn")) from error
    if ready is None:
        raise click.ClickException(_("Nothing was learned yet. Learn first: flask themes learn"))
    return ready, suggesting.themes_in_use(db.session)


def _rows(
    suggester: Suggester, usable: dict[int, Theme], part: list[tuple[int, bytes]], language: str | None
) -> Iterator[dict[str, Any]]:
    told = [text_of(line, number) for number, line in part]
    ids = [_id_of(line) for _number, line in part]
    texts = [clean(words, number) for (words, _said), (number, _line) in zip(told, part, strict=True)]
    spoken = [said or language or languages.detect(words) for words, said in told]
    for id_, tag, found in zip(ids, spoken, suggester.suggest(texts, spoken), strict=True):
        yield id_ | _row(found, usable, tag)


def _id_of(line: bytes) -> dict[str, Any]:
    """The "id" of a line of JSON, to come back as it was."""
    if not line.lstrip(b"\xef\xbb\xbf").startswith(b"{"):
        return {}
    try:
        return {"id": found} if (found := json.loads(line).get("id")) is not None else {}
    except (ValueError, RecursionError):
        return {}  # a text may begin with a bracket


def _row(found: Suggested, usable: dict[int, Theme], language: str | None) -> dict[str, Any]:
    chosen = [
        {"slug": usable[int(theme)].slug, "sureness": sureness}
        for theme, sureness in found.themes
        if int(theme) in usable
    ]
    every = {usable[int(theme)].slug: sureness for theme, sureness in found.every if int(theme) in usable}
    likely = [usable[int(theme)].slug for theme in found.likely if int(theme) in usable]
    row = {"themes": chosen, "likely": likely, "every": every, "language": language}
    return row | ({} if chosen else {"why": found.why or "unsure"})


def _in_words(row: dict[str, Any]) -> str:
    if row["themes"]:
        return ", ".join(f"{one['slug']} {one['sureness']:.2f}" for one in row["themes"])
    return {
        "words": _("no words that it knows"),
        "language": _("no theme: nobody gave any to stories in this language"),
        "unsure": _("no theme is likely enough"),
    }[row["why"]]
