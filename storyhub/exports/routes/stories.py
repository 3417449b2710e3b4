"""The organisers' pages for files of stories: take one out, and see what became of those that left."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from typing import Any

from flask import Blueprint, abort, current_app, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from storyhub import clock, languages
from storyhub.config import Settings
from storyhub.exports import in_words, queries, waiting
from storyhub.exports.actions import asked_for_again, asked_of, make_export
from storyhub.exports.boxes import take_boxes
from storyhub.exports.files import FORMATS, is_installed
from storyhub.exports.forms import ExportForm
from storyhub.exports.jobs import is_disk_full
from storyhub.exports.routes.files import download, new_file
from storyhub.extensions import db
from storyhub.models.export import Export
from storyhub.models.labels import SETTINGS
from storyhub.models.long_work import LongWork, order_work
from storyhub.protection import identifiers
from storyhub.protection.access import audience, needs_fresh_sign_in, only_reads_at_the_desk
from storyhub.text import countries

exports = Blueprint("exports", __name__)

MOST_AT_ONCE = 5_000  # stories; more are made by the worker, while somebody watches or does something else
MOST_SHOWN = 200  # ids on a page; all of them are in the list


@exports.get("/organise/exports", endpoint="exports")
@audience("organiser")
def show_exports() -> str:
    only_reads_at_the_desk()
    return _page(_form())


@exports.post("/organise/exports/count")
@audience("organiser")
def count() -> tuple[str, int]:
    """How many stories it would be; nothing leaves by it."""
    only_reads_at_the_desk()
    form = _form()
    if not form.validate_on_submit():
        return _page(form), 400
    return _page(form, counted=queries.count_stories(db.session, form.selection())), 200


@exports.post("/organise/exports")
@audience("organiser")
@needs_fresh_sign_in
def take_out() -> Response | tuple[str, int]:
    form = _form()
    if not form.validate_on_submit():
        return _page(form), 400
    selection, format_ = form.selection(), str(form.format.data)
    there = queries.count_stories(db.session, selection)
    if there == 0:
        return _page(form, nothing=True), 200
    if there > MOST_AT_ONCE:
        return _watch(_order(format_, asked_of(selection)))
    file = new_file()
    settings = _settings()
    # Only a kind that needs files beside it gets a place for them.
    place = waiting.workplace(settings.instance) if FORMATS[format_].has_parts else nullcontext(Path())
    try:
        with place as workplace:
            export = make_export(
                db.session,
                file,
                selection,
                format_,
                by=current_user.id,
                workplace=workplace if FORMATS[format_].has_parts else None,
                site_url=settings.site_url,
            )
    except OSError as error:
        db.session.rollback()
        file.close()
        if not is_disk_full(error):
            raise
        return _page(form, full=True), 507
    if export.count == 0:  # the last one was taken back a moment ago
        db.session.rollback()
        file.close()
        return _page(form, nothing=True), 200
    db.session.commit()
    return download(file, f"stories-{export.day.isoformat()}", export.format)


@exports.post("/organise/exports/sealed")
@audience("organiser")
@needs_fresh_sign_in
def take_boxes_out() -> Response | tuple[str, int]:
    """The boxes that contributors left, to be opened where the organisers' key is: this server can't."""
    lines, export = take_boxes(db.session, by=current_user.id)
    if export.count == 0:
        db.session.rollback()
        return _page(_form(), nothing=True), 200
    db.session.commit()
    response = Response(lines, mimetype="application/jsonl; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="sealed-{export.day.isoformat()}.jsonl"'
    return response


@exports.get("/organise/exports/<id:export_id>")
@audience("organiser")
def export(export_id: int) -> str:
    only_reads_at_the_desk()
    return _page_of(_export(export_id))


@exports.post("/organise/exports/<id:export_id>/file")
@audience("organiser")
@needs_fresh_sign_in
def fetch(export_id: int) -> Response | tuple[str, int]:
    """The file that the worker made, for whoever asked for it, while each of its stories is as it was."""
    found = _export(export_id)
    if found.by_id != current_user.id:
        abort(404)
    waits = queries.file_of(db.session, found)
    path = waiting.folder_in(_settings().instance) / waits.name if waits else None
    if waits is None or path is None or waits.expires_on < clock.today() or not path.is_file():
        return _page_of(found, gone=True), 410
    if not queries.is_as_it_was(db.session, found):
        waiting.erase_file(db.session, _settings().instance, found.id)
        db.session.commit()
        return _page_of(found, changed=True), 410
    return download(path.open("rb"), f"stories-{found.day.isoformat()}", found.format)


@exports.post("/organise/exports/<id:export_id>/again")
@audience("organiser")
@needs_fresh_sign_in
def make_again(export_id: int) -> Response:
    """The same choice of stories as they are now."""
    found = _export(export_id)
    if found.what != "stories" or found.format not in FORMATS:
        abort(404)
    return _watch(_order(found.format, asked_for_again(found)))


@exports.post("/organise/exports/<id:export_id>/withdrawn.txt")
@audience("organiser")
@needs_fresh_sign_in
def list_withdrawn(export_id: int) -> Response:
    """The ids of all stories of a file that were taken back since, one on each line."""
    chosen = queries.withdrawn_stories(_export(export_id))
    ids = "".join(f"{identifiers.shown(story_id)}\n" for story_id in db.session.scalars(chosen))
    response = Response(ids, mimetype="text/plain")
    response.headers["Content-Disposition"] = 'attachment; filename="taken-back.txt"'
    return response


def _order(format_: str, asked: dict[str, Any]) -> LongWork:
    work = order_work(db.session, queries.KIND, by=current_user.id, format=format_, asked=asked)
    db.session.commit()
    return work


def _watch(work: LongWork) -> Response:
    flash(_("You can leave this page: the file waits for you under Exports when it is made."))
    return redirect(url_for("work.one", work_id=work.id), 303)


def _export(export_id: int) -> Export:
    found = db.session.get(Export, export_id)
    if found is None or found.what == queries.BEING_MADE:
        abort(404)
    return found


def _form() -> ExportForm:
    language = languages.current()
    themes, campaigns = queries.themes_and_campaigns(db.session)
    tags, codes = queries.languages_and_countries(db.session)
    return ExportForm(
        theme=[(theme.slug, theme.name_in(language)) for theme in themes],
        campaign=[(campaign.slug, campaign.name_in(language)) for campaign in campaigns],
        language=[(tag, languages.name(tag, language)) for tag in tags],
        country=[(code, countries.name(code, language) or code) for code in codes],
        setting=[(str(setting), str(name)) for setting, name in SETTINGS.items()],
        format=[(name, str(kind.label)) for name, kind in FORMATS.items() if is_installed(kind)],
    )


def _page(form: ExportForm, **told: Any) -> str:
    return render_template(
        "exports/exports.html",
        form=form,
        formats=FORMATS,
        missing=[kind for kind in FORMATS.values() if not is_installed(kind)],
        earlier=queries.earlier_exports(db.session),
        in_words=in_words,
        boxes=queries.boxes_held(db.session),
        going_on=queries.exports_going_on(db.session, current_user.id),
        waiting=queries.files_waiting(db.session, current_user.id),
        days=waiting.DAYS,
        most_at_once=MOST_AT_ONCE,
        **told,
    )


def _page_of(found: Export, **told: Any) -> str:
    waits = queries.file_of(db.session, found)
    withdrawn, hidden = (_shown(chosen) for chosen in (queries.withdrawn_stories(found), queries.hidden_stories(found)))
    return render_template(
        "exports/export.html",
        export=found,
        kind=FORMATS.get(found.format),
        in_words=in_words,
        asked_for=in_words.asked_for(db.session, found),
        by=queries.name_of(db.session, found),
        is_theirs=found.by_id == current_user.id,
        file=waits if waits and waits.expires_on >= clock.today() else None,
        withdrawn=withdrawn,
        hidden=hidden,
        **told,
    )


def _shown(chosen: Any) -> tuple[int, list[str]]:
    """How many stories, and the first ids of them."""
    count = queries.count_of(db.session, chosen)
    return count, [identifiers.shown(story_id) for story_id in db.session.scalars(chosen.limit(MOST_SHOWN))]


def _settings() -> Settings:
    settings: Settings = current_app.extensions["settings"]
    return settings
