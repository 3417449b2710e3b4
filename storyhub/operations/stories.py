"""`flask stories`: bring stories in from files, take them out, release what is due, count them anew."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click
from flask import current_app
from flask.cli import AppGroup
from flask_babel import gettext as _
from flask_babel import ngettext

from storyhub import clock
from storyhub.config import Settings
from storyhub.exports.actions import write_stories
from storyhub.exports.files import FORMATS, NotInstalled
from storyhub.exports.jobs import record_in_steps
from storyhub.exports.queries import count_stories
from storyhub.exports.waiting import workplace
from storyhub.extensions import db
from storyhub.models.publication import new_edition
from storyhub.models.recounting import all_subjects, recount
from storyhub.models.selection import Selection, Unknown
from storyhub.models.story import Setting, State, Use
from storyhub.operations import connecting
from storyhub.operations.bulk import with_room
from storyhub.operations.importing.bringing import Bringing, Counts, Report, Source, Wanted
from storyhub.operations.importing.columns import FIELDS, Columns, country_of, language_of
from storyhub.operations.importing.files import CsvFile, JsonLinesFile, Unreadable
from storyhub.operations.importing.wordpress import WordPressFile
from storyhub.operations.progress import bar
from storyhub.operations.upkeep import release_all_due
from storyhub.operations.whole import written_whole

READERS: dict[str, type[Any]] = {"csv": CsvFile, "jsonl": JsonLinesFile, "wxr": WordPressFile}

stories = AppGroup("stories", help="Bring stories in from files, take them out, release what is due, count anew.")


class LanguageTag(click.ParamType[str]):
    """A BCP 47 tag such as pt or pt-BR."""

    name = "tag"

    def convert(self, value: Any, param: Any, ctx: Any) -> str:
        try:
            return language_of(value)
        except ValueError:
            self.fail(_("%(value)s is no language tag, such as pt or pt-BR", value=value), param, ctx)


class CountryCode(click.ParamType[str]):
    """A country by its ISO 3166-1 code, or by its name."""

    name = "country"

    def convert(self, value: Any, param: Any, ctx: Any) -> str:
        try:
            return country_of(value)
        except ValueError:
            self.fail(_("%(value)s is no country, such as IN", value=value), param, ctx)


@stories.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--format", "format_", type=click.Choice(list(READERS)), required=True)
@click.option(
    "--state",
    type=click.Choice([str(State.WAITING), str(State.PUBLISHED)]),
    default=str(State.WAITING),
    show_default=True,
    help="Waiting for a moderator, or public at once.",
)
@click.option(
    "--consent", multiple=True, type=click.Choice([str(use) for use in Use]), help="What all of them may be used for."
)
@click.option(
    "--map", "map_", type=click.Path(exists=True, dir_okay=False, path_type=Path), help='JSON: {"column": "field"}.'
)
@click.option("--language", type=LanguageTag(), help="Of those whose row does not say; else told from the words.")
@click.option("--source", help="The same source, text and place among equal texts is the same story.  [default: FILE]")
@click.option("--report", type=click.Path(dir_okay=False, path_type=Path), help="[default: FILE.refused.csv, here]")
@click.option("--dry-run", is_flag=True, help="Check and count, and store nothing.")
def import_stories(
    file: Path,
    format_: str,
    state: str,
    consent: tuple[str, ...],
    map_: Path | None,
    language: str | None,
    source: str | None,
    report: Path | None,
    dry_run: bool,
) -> None:
    """Bring the stories of FILE in. Doing it again adds none twice; rows that can't come in are put in a report."""
    settings: Settings = current_app.extensions["settings"]
    wanted = Wanted(
        source=source or file.name,
        format=format_,
        state=State(state),
        consent=tuple(Use(use) for use in consent),
        language=language,
        window=clock.window(settings.release_minutes),
        receipt_key=settings.receipt_key,
    )
    columns = Columns(given=_map_of(map_))
    written = Report(_report_path(file, report))
    try:
        reader: Source = READERS[format_](file)
        bringing = Bringing(db.session, reader, wanted, columns, written)
        with bar(file.stat().st_size, _("Checking")) as tell:
            counts = bringing.check(tell)
        if not dry_run:
            with bar(file.stat().st_size, _("Storing")) as tell, with_room(db.engine):
                counts.new = bringing.store(tell)
    except Unreadable as error:
        raise click.ClickException(str(error)) from error
    except OSError as error:
        raise click.ClickException(f"{error.filename}: {error.strerror}") from error
    finally:
        written.close()
    _say(counts, columns, written, dry_run, comments=getattr(reader, "comments", 0))


def _map_of(path: Path | None) -> dict[str, str | None]:
    if path is None:
        return {}
    try:
        given = json.loads(path.read_text("utf-8-sig"))
    except ValueError as error:
        raise click.BadParameter(_("not JSON (%(why)s)", why=error), param_hint="--map") from error
    if not isinstance(given, dict):
        raise click.BadParameter(_('it must be like {"column": "field"}'), param_hint="--map")
    unknown = sorted({str(wanted) for wanted in given.values() if wanted and wanted not in FIELDS})
    if unknown:
        told = _("%(names)s: no such field; there are %(fields)s", names=", ".join(unknown), fields=", ".join(FIELDS))
        raise click.BadParameter(told, param_hint="--map")
    return given


def _report_path(file: Path, given: Path | None) -> Path:
    path = given or Path(f"{file.name}.refused.csv")
    if path.exists() and path.samefile(file):
        raise click.BadParameter(_("the report would overwrite the file itself"), param_hint="--report")
    return path


def _say(counts: Counts, columns: Columns, report: Report, dry_run: bool, comments: int) -> None:
    """What became of the rows, in numbers that add up, and what became of the columns."""
    click.echo(_("%(count)s rows read", count=counts.read))
    rows = [
        (counts.new, _("would be new") if dry_run else _("new stories")),
        (counts.there, _("there already")),
        (counts.refused, _("refused")),
        (sum(counts.skipped.values()), _("no stories, left out")),
    ]
    for count, what in rows:
        click.echo(f"{count:>10}  {what}")
    for why, count in counts.skipped.most_common():
        click.echo(f"{count:>14}  {why}")
    if comments:
        click.echo(_("%(count)s answers of readers left out", count=comments))
    if counts.noted:
        click.echo(_("%(count)s of them lack a fact that was not understood", count=counts.noted))
    if counts.for_the_desk:
        click.echo(
            _(
                "%(count)s of them wait at the desk: they may speak of sexual violence and of a child",
                count=counts.for_the_desk,
            )
        )
    if report.is_written:
        click.echo(_("Why, row by row: %(path)s", path=report.path))
    for column, slug in columns.theme_columns():
        click.echo(_("The column %(column)s became the theme %(slug)s", column=repr(column), slug=slug))
    if columns.left_out:
        click.echo(_("Columns left out: %(names)s", names=", ".join(sorted(map(repr, columns.left_out)))))


YEAR = click.IntRange(1000, 9999)


@stories.command("export")
@click.argument("file", type=click.Path(dir_okay=False, writable=True, path_type=Path))
@click.option("--format", "format_", type=click.Choice(list(FORMATS)), required=True)
@click.option("--theme", "themes", multiple=True, help="Only stories with this theme; may be given several times.")
@click.option("--any-theme", is_flag=True, help="Of several themes, one is enough.")
@click.option("--campaign", help="Only stories of this campaign.")
@click.option("--country", type=CountryCode(), help="Only stories from this country.")
@click.option(
    "--setting", type=click.Choice([str(setting) for setting in Setting]), help="Only stories from such a place."
)
@click.option("--language", type=LanguageTag(), help="Only stories in this language.")
@click.option("--year", type=YEAR, help="Only stories of this year.")
@click.option("--since-year", type=YEAR, help="Only stories of this year or later.")
@click.option("--until-year", type=YEAR, help="Only stories of this year or earlier.")
@click.option("--consent", type=click.Choice([str(use) for use in Use]), help="Only stories that may be used so.")
@click.option("--sample", type=click.IntRange(min=1), help="Only that many, drawn at random.")
@click.option("--seed", type=click.IntRange(0, 2**63 - 1), default=1, show_default=True, help="Draws the sample.")
@click.option("--yes", is_flag=True, help="Overwrite FILE if it is there.")
def export_stories(file: Path, format_: str, yes: bool, **asked: Any) -> None:
    """Write public stories to FILE, and record that they left."""
    if file.exists() and not yes:
        raise click.UsageError(_("%(file)s is there already; --yes overwrites it.", file=file))
    if asked["sample"] is None:
        asked["seed"] = 0
    setting = Setting(asked.pop("setting")) if asked["setting"] else asked.pop("setting")
    selection = Selection(setting=setting, **asked)
    try:
        count, digest = _export(file, selection, format_)
    except Unknown as error:
        raise click.ClickException(str(error)) from error
    except NotInstalled as error:
        raise click.ClickException(_("%(what)s is not installed; add it by: make parquet", what=error.needs)) from error
    except OSError as error:
        raise click.ClickException(f"{file}: {error.strerror}") from error
    click.echo(_("%(count)s stories, SHA-256 %(digest)s", count=count, digest=digest))


def _export(file: Path, selection: Selection, format_: str) -> tuple[int, str]:
    settings: Settings = current_app.extensions["settings"]
    total = count_stories(db.session, selection)
    db.session.rollback()
    with written_whole(file) as partial, workplace(settings.instance) as place, bar(total, _("Writing")) as tell:
        written = write_stories(partial, selection, format_, workplace=place, site_url=settings.site_url, progress=tell)
        for _step in record_in_steps(db.session, selection, format_, written, by=None):
            pass
        db.session.commit()
    return len(written.taken), written.sha256


@stories.command("release")
def release() -> None:
    """Let every decision take effect whose time has come. The worker does it by itself, each minute."""
    settings: Settings = current_app.extensions["settings"]
    click.echo(_("%(count)s decisions took effect", count=release_all_due(db.session, settings)))


@stories.command("recount")
def recount_stories() -> None:
    """Count the public stories anew, where figures on the pages are wrong. Doing it again changes nothing."""
    subjects = list(all_subjects(db.session))
    db.session.rollback()
    mended = 0
    with bar(len(subjects), _("Counting")) as tell:
        for number, subject in enumerate(subjects, 1):  # each by itself: whoever wants to write waits for one alone
            mended += recount(db.session, [subject])
            db.session.commit()
            tell(number)
    if mended:
        new_edition(db.session)  # so that what pages and caches keep of the old counts is over
        db.session.commit()
    click.echo(ngettext("%(num)s count was wrong", "%(num)s counts were wrong", mended))


@stories.command("connect")
@click.option("--anew", is_flag=True, help="Learn anew what words have in common here, and find the nearest of all.")
def connect(anew: bool) -> None:
    """Find which stories are most like each other, of all that wait for it. The worker does some each minute.

    It may be stopped at any time, and goes on from there.
    """
    vectors = connected = 0
    to_do = connecting.count_to_do(anew=anew)
    with bar(2 * to_do, _("Connecting")) as tell, with_room(db.engine):
        for step in connecting.steps(db.session, anew=anew, vectors_first=True):
            vectors, connected = vectors + step.vectors, connected + step.connected
            tell(min(vectors, to_do) + min(connected, to_do))
    click.echo(_("%(count)s stories know those that are most like them", count=connected))
