"""`flask themes agreement`: how far people who coded the same stories agree, from the files that they filled in."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
from flask.cli import with_appcontext
from flask_babel import gettext as _
from flask_babel import ngettext

from storyhub.text.agreement import Agreement, Comparison, compare

LONGEST_CELL = 10_000_000
Coded = dict[str, set[str]]


@click.command("agreement")
@click.argument(
    "files", metavar="FILE FILE", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object, instead of a table to read.")
@with_appcontext
def agreement(files: tuple[Path, ...], as_json: bool) -> None:
    """Compare how people coded the same stories.

    Each FILE is a CSV file with a column "id", and either a column "themes" (addresses of themes, divided by ";") or a
    column for each theme that holds 1 or 0; a story with an empty cell there was not coded. A file with a column
    "coder" holds the work of several people: one such file is enough. Prints for each theme Krippendorff's alpha,
    Cohen's kappa and how often they said the same, and then the stories where they differ.
    """
    coded: dict[str, Coded] = {}
    for number, file in enumerate(files, start=1):
        for name, rows in _read(file, f"{file.name}").items():
            # Two people may have given their files the same name.
            coded[name if name not in coded else f"{name} ({number})"] = rows
    if len(coded) < 2:
        raise click.ClickException(_("There is only one person's work here, so there is nothing to compare it with."))
    result = compare(coded)
    if not result.shared:
        raise click.ClickException(_("No story is in the work of two people."))
    click.echo(json.dumps(_as_json(result, coded), ensure_ascii=False) if as_json else "\n".join(_lines(result, coded)))


def _read(file: Path, name: str) -> dict[str, Coded]:
    """The themes that each person in a file gave, by story."""
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            csv.field_size_limit(LONGEST_CELL)
            return _read_rows(csv.DictReader(lines, strict=True), name)
    except OSError as error:
        raise click.ClickException(f"{name}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise click.ClickException(_("%(file)s is not UTF-8.", file=name)) from error
    except csv.Error as error:
        raise click.ClickException(_("%(file)s is not a CSV file: %(problem)s", file=name, problem=error)) from error


def _read_rows(rows: csv.DictReader[str], name: str) -> dict[str, Coded]:
    columns = list(rows.fieldnames or [])
    if "id" not in columns or len(set(columns)) < len(columns):
        raise click.ClickException(_("%(file)s has no column “id”, or two columns of the same name.", file=name))
    found: dict[str, Coded] = {}
    for row in rows:
        place = {"file": name, "number": rows.line_num}
        if None in row or None in row.values():
            raise click.ClickException(
                _("%(file)s, line %(number)s: there are more or fewer cells than columns.", **place)
            )
        coder, story = row.get("coder") or name, row["id"].strip()
        work = found.setdefault(coder, {})
        if not story or story in work:
            raise click.ClickException(_("%(file)s, line %(number)s: the id is missing, or was there before.", **place))
        themes = _themes_of(row, columns, place)
        if themes is not None:
            work[story] = themes
    return found


def _themes_of(row: dict[str, str], columns: list[str], place: dict[str, Any]) -> set[str] | None:
    """The themes of a row; None where it was not coded at all."""
    if "themes" in columns:
        return {slug for part in row["themes"].split(";") if (slug := part.strip())}
    cells = {column: row[column].strip() for column in columns if column not in ("id", "coder")}
    wrong = next((column for column, cell in cells.items() if cell not in ("", "0", "1")), None)
    if wrong is not None:
        raise click.ClickException(
            _("%(file)s, line %(number)s: “%(column)s” is neither 1 nor 0.", column=wrong, **place)
        )
    if "" in cells.values():
        return None
    return {column for column, cell in cells.items() if cell == "1"}


def _as_json(result: Comparison, coded: dict[str, Coded]) -> dict[str, Any]:
    return {
        "coders": list(result.people),
        "stories": len(result.shared),
        "by_one_alone": result.alone,
        "same_sets": result.same_sets,
        "themes": [_figures(one) for one in result.themes],
        "all": _figures(result.all),
        "differing": [
            {"id": story, **{name: sorted(work[story]) for name, work in coded.items() if story in work}}
            for story in result.differing
        ],
    }


def _figures(one: Agreement) -> dict[str, Any]:
    figures = {"theme": one.theme, "n": one.n, "alike": one.alike, "kappa": one.kappa, "alpha": one.alpha}
    return {**figures, "given": list(one.given), "why": one.why}


def _lines(result: Comparison, coded: dict[str, Coded]) -> Iterator[str]:
    yield ngettext(
        "%(num)s story was coded by two people or more.",
        "%(num)s stories were coded by two people or more.",
        len(result.shared),
    )
    if result.alone:
        yield ngettext(
            "%(num)s was coded by one person alone and is left out.",
            "%(num)s were coded by one person alone and are left out.",
            result.alone,
        )
    yield ngettext(
        "To %(num)s of them all gave exactly the same themes.",
        "To %(num)s of them all gave exactly the same themes.",
        result.same_sets,
    )
    yield ""
    total = _("all together")
    rows = [(one.theme or "", one) for one in result.themes] + [(total, result.all)]
    width = max(len(name) for name, _one in rows)
    yield f"{_('theme'):<{width}}  {_('alpha'):>6}  {_('kappa'):>6}  {_('alike'):>6}  {_('n'):>6}"
    for name, one in rows:
        yield f"{name:<{width}}  {_shown(one.alpha)}  {_shown(one.kappa)}  {_shown(one.alike)}  {one.n:>6}" + _why(one)
    if result.differing:
        yield ""
        yield _("Where they differ:")
    for story in result.differing:
        said = "  ".join(
            f"{name}: {';'.join(sorted(work[story])) or '-'}" for name, work in coded.items() if story in work
        )
        yield f"{story}  {said}"


def _shown(value: float | None) -> str:
    return f"{'-':>6}" if value is None else f"{value:>6.3f}"


def _why(one: Agreement) -> str:
    if one.why == "all-the-same":
        return "  " + _("(all said the same: not defined)")
    return "  " + _("(nobody shares a story)") if one.why else ""
