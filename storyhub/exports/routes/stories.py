"""The organisers' pages for files of stories: take one out, and see what became of those that left."""

from __future__ import annotations

from flask import Blueprint, abort, render_template
from flask_login import current_user
from werkzeug.wrappers import Response

from storyhub import languages
from storyhub.exports import queries
from storyhub.exports.actions import make_export
from storyhub.exports.boxes import take_boxes
from storyhub.exports.forms import ExportForm
from storyhub.exports.routes.files import download, new_file
from storyhub.extensions import db
from storyhub.models.export import Export
from storyhub.protection import identifiers
from storyhub.protection.access import audience, needs_fresh_sign_in
from storyhub.text import countries

exports = Blueprint("exports", __name__)


@exports.get("/organise/exports", endpoint="exports")
@audience("organiser")
def show_exports() -> str:
    return _page(_form())


@exports.post("/organise/exports")
@audience("organiser")
@needs_fresh_sign_in
def take_out() -> Response | tuple[str, int]:
    form = _form()
    if not form.validate_on_submit():
        return _page(form), 400
    file = new_file()
    export = make_export(db.session, file, form.selection(), form.format.data, by=current_user.id)  # type: ignore[arg-type]
    if export.count == 0:
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
    found = db.session.get(Export, export_id) or abort(404)
    return render_template(
        "exports/export.html",
        export=found,
        by=queries.name_of(db.session, found),
        withdrawn=[identifiers.shown(story_id) for story_id in queries.withdrawn_stories(db.session, found)],
    )


def _form() -> ExportForm:
    language = languages.current()
    themes, campaigns = queries.themes_and_campaigns(db.session)
    tags, codes = queries.languages_and_countries(db.session)
    return ExportForm(
        theme=[(theme.slug, theme.name_in(language)) for theme in themes],
        campaign=[(campaign.slug, campaign.name_in(language)) for campaign in campaigns],
        language=[(tag, languages.name(tag, language)) for tag in tags],
        country=[(code, countries.name(code, language) or code) for code in codes],
    )


def _page(form: ExportForm, nothing: bool = False) -> str:
    return render_template(
        "exports/exports.html",
        form=form,
        earlier=queries.earlier_exports(db.session),
        boxes=queries.boxes_held(db.session),
        nothing=nothing,
    )
