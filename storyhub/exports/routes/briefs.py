"""Briefs: two pages for a council, begun in one step, put right until they are taken out."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from flask import Blueprint, abort, current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from storyhub import languages
from storyhub.exports import brief_files, brief_pdf, briefs, passages, queries
from storyhub.exports.brief_pages import Sheet, named, period, sheet_of, speaking
from storyhub.exports.briefs import CannotQuote, Place, Quotes
from storyhub.exports.forms_of_briefs import BriefForm, Groups
from storyhub.extensions import db
from storyhub.models.brief import Brief
from storyhub.models.export import Export
from storyhub.models.selection import Malformed, Selection, Unknown
from storyhub.protection import identifiers
from storyhub.protection.access import audience, needs_fresh_sign_in, only_reading, only_reads_at_the_desk
from storyhub.text import countries

PLACE = re.compile(r"([0-9a-z]{13})-([0-9]{1,7})-([0-9]{1,7})")

making = Blueprint("briefs", __name__, url_prefix="/organise/briefs")


@making.get("", endpoint="briefs")
@audience("organiser")
def all_briefs() -> str:
    return _list()


@making.get("/new")
@audience("organiser")
def new() -> str:
    form = BriefForm(_groups(), formdata=None, data={"language": languages.current()})
    return render_template("exports/brief_new.html", form=form)


@making.post("")
@audience("organiser")
def begin() -> Response | tuple[str, int]:
    form = BriefForm(_groups())
    if not form.validate():
        return render_template("exports/brief_new.html", form=form), 422
    brief = briefs.begin_brief(db.session, by=current_user.id, **form.words())
    db.session.commit()
    return _to(brief)


@making.get("/<id:brief_id>")
@audience("organiser")
def brief(brief_id: int) -> str:
    only_reads_at_the_desk()  # counting some years of very many stories takes seconds
    found = _found(brief_id)
    return _draft(found) if found.export_id is None else _left(found)


@making.post("/<id:brief_id>")
@audience("organiser")
def change(brief_id: int) -> Response | tuple[str, int]:
    found, form = _found(brief_id, is_draft=True), BriefForm(_groups())
    if not form.validate():
        return _draft(found, form=form), 422
    if _is_stale(found):
        return _draft(found, form=form, stale=True), 409
    form.put_into(found)
    db.session.commit()
    flash(_("The brief is kept as you wrote it."))
    return _to(found)


@making.get("/<id:brief_id>/page")
@audience("organiser")
def page(brief_id: int) -> str | Response:
    """The two pages alone, to be read or printed from the browser."""
    only_reads_at_the_desk()
    found = _found(brief_id)
    return _html(_sheet(found))("", None) if found.export_id is None else _to(found)


@making.post("/<id:brief_id>/quotes")
@audience("organiser")
def add_quotes(brief_id: int) -> Response | tuple[str, int]:
    found, wanted = _found(brief_id, is_draft=True), _places("passage")
    if _is_stale(found):
        return _draft(found, wanted=wanted, stale=True), 409
    try:
        briefs.put_on(db.session, found, wanted)
    except CannotQuote as refused:
        db.session.rollback()
        return _draft(_found(brief_id, is_draft=True), wanted=wanted, why=refused.code), 422
    db.session.commit()
    return _to(found, "quotes")


@making.post("/<id:brief_id>/quotes/removal")
@audience("organiser")
def remove_quote(brief_id: int) -> Response | tuple[str, int]:
    found, (place,) = _found(brief_id, is_draft=True), _places("passage", 1)
    if _is_stale(found):
        return _draft(found, stale=True), 409
    briefs.take_off(db.session, found, place)
    db.session.commit()
    return _to(found, "quotes", off=shown_place(place))


@making.post("/<id:brief_id>/quotes/order")
@audience("organiser")
def move_quote(brief_id: int) -> Response | tuple[str, int]:
    found, (place,) = _found(brief_id, is_draft=True), _places("passage", 1)
    if _is_stale(found):
        return _draft(found, stale=True), 409
    briefs.move(db.session, found, place, -1 if request.form.get("towards") == "start" else 1)
    db.session.commit()
    return _to(found, "quotes")


@making.post("/<id:brief_id>/file")
@audience("organiser")
@needs_fresh_sign_in
def take_out(brief_id: int) -> Response | tuple[str, int]:
    """Making the pages takes a second or two: meanwhile only reading, so that nobody waits who wants to tell."""
    by = current_user.id
    with only_reading():
        found = _found(brief_id, is_draft=True)
        if _is_stale(found):
            return _draft(found, stale=True), 409
        sheet, before = _sheet(found), briefs.quotes_of(db.session, found)
        if before.fallen:
            return _draft(found, stale=True), 409
        try:
            made = brief_files.make_file(db.session, found, sheet, before, _html(sheet))
        except brief_pdf.DoesNotFit:
            return _draft(found, why="does-not-fit"), 422
    found = _found(brief_id, is_draft=True)
    # What was taken back, changed or counted meanwhile: nothing leaves that is not so any more.
    if _is_stale(found) or briefs.quotes_of(db.session, found) != before or _sheet(found) != sheet:
        db.session.rollback()
        return _draft(_found(brief_id, is_draft=True), stale=True), 409
    brief_files.record(db.session, found, sheet, before, made, by=by)
    db.session.commit()
    response = Response(made.data, mimetype="application/zip")
    response.headers["Content-Disposition"] = f'attachment; filename="brief-{sheet.day.isoformat()}.zip"'
    return response


@making.post("/<id:brief_id>/anew")
@audience("organiser")
def make_anew(brief_id: int) -> Response:
    anew = briefs.begin_anew(db.session, _found(brief_id), by=current_user.id)
    db.session.commit()
    flash(_("This is a new draft. The brief that left stays as it was."))
    return _to(anew)


@making.post("/<id:brief_id>/deletion")
@audience("organiser")
def delete(brief_id: int) -> Response:
    found = _found(brief_id, is_draft=True)
    briefs.delete_draft(db.session, found)
    db.session.commit()
    return redirect(url_for(".briefs", deleted=identifiers.shown(found.id)), 303)


@making.post("/<id:brief_id>/return")
@audience("organiser")
def bring_back(brief_id: int) -> Response:
    found = db.session.get(Brief, brief_id) or abort(404)
    found.deleted_on = None
    db.session.commit()
    flash(_("The draft is back."))
    return _to(found)


def shown_place(place: Place) -> str:
    """A passage as a form carries it."""
    return f"{identifiers.shown(place.version_id)}-{place.start}-{place.end}"


def _places(name: str, many: int | None = None) -> list[Place]:
    values = list(dict.fromkeys(request.form.getlist(name)))
    if many is not None and len(values) != many:
        abort(400)
    return [_place(value) for value in values[: 2 * briefs.MOST_QUOTES]]


def _place(value: str) -> Place:
    found = PLACE.fullmatch(value) or abort(400)
    try:
        return Place(identifiers.read(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        abort(400)


def _found(brief_id: int, is_draft: bool = False) -> Brief:
    found = db.session.get(Brief, brief_id)
    if found is None or found.deleted_on is not None:
        abort(404)
    if is_draft and found.export_id is not None:  # what left stays as it left
        abort(409)
    return found


def _is_stale(found: Brief) -> bool:
    return request.form.get("revision") != str(found.revision)


def _to(found: Brief, anchor: str | None = None, off: str | None = None) -> Response:
    return redirect(url_for(".brief", brief_id=found.id, _anchor=anchor, off=off), 303)


def _sheet(found: Brief) -> Sheet:
    settings = current_app.extensions["settings"]
    try:
        return sheet_of(db.session, found, settings.site_url, settings.small_cell)
    except Unknown:
        abort(404)


def _html(sheet: Sheet) -> Callable[[str, Callable[[str], str] | None], str]:
    """The pages in the brief's own language, whatever the organiser reads."""

    def html(size: str, image_url: Callable[[str], str] | None) -> str:
        with languages.force_locale(sheet.language):
            return render_template(
                "exports/brief_page.html",
                sheet=sheet,
                size=size,
                image_url=image_url,
                period=period(sheet.about),
                created=brief_pdf.moment(sheet.day),
            )

    return html


def _list() -> str:
    language, rows = languages.current(), briefs.listed(db.session)
    deleted = [one for one, _by in rows if one.deleted_on is not None and one.export_id is None]
    return render_template(
        "exports/briefs.html",
        rows=[(one, by, _subject(one, language)) for one, by in rows if one.deleted_on is None],
        deleted=[(one, _subject(one, language)) for one in deleted],
        just_deleted=next((one for one in deleted if identifiers.shown(one.id) == request.args.get("deleted")), None),
        kept_days=briefs.KEPT_DAYS,
    )


def _subject(found: Brief, language: str) -> str:
    of = briefs.about(found)
    try:
        name, _path = named(db.session, of, language)
    except Unknown:
        name = of.value
    return name if not of.has_years else f"{name}, {period(of)}"


def _draft(
    found: Brief,
    form: BriefForm | None = None,
    wanted: list[Place] | None = None,
    why: str | None = None,
    stale: bool = False,
) -> str:
    """The brief as it will be, and what can be chosen for it. What was sent and not kept stands in its boxes again."""
    sheet, quotes = _sheet(found), briefs.quotes_of(db.session, found)
    there = {quote.of.story_id for quote in quotes.standing}
    words, looked_for = _looked_for(found, there)
    groups = _groups()
    if form is not None:
        form.revision.data = str(found.revision)  # whoever sends it again has seen what is there by now
    return render_template(
        "exports/brief.html",
        brief=found,
        sheet=sheet,
        period=period,
        in_its_language=speaking(found.language),
        form=form or BriefForm.of(groups, found),
        opens_form=form is not None,
        quotes=quotes,
        limits=briefs,
        suggested=passages.suggested(db.session, found, quotes.standing),
        words=words,
        looked_for=looked_for,
        wanted={shown_place(place) for place in wanted or ()},
        off=_just_taken_off(found),
        why=why,
        stale=stale,
        no_pdf=brief_pdf.why_not(),
        no_letters=_languages_without_letters(found, quotes),
        shown_place=shown_place,
    )


def _looked_for(found: Brief, there: set[int]) -> tuple[str, passages.Found | None]:
    words = " ".join(request.args.get("q", "").split())
    if not words:
        return "", None
    try:
        Selection.asked_for(request.args)
    except Malformed:
        return words, passages.Found([], 0)
    return words, passages.containing(db.session, found, words, there)


def _just_taken_off(found: Brief) -> Place | None:
    if not PLACE.fullmatch(value := request.args.get("off", "")):
        return None
    place = _place(value)
    return place if briefs.quotable(db.session, found, [place.version_id]) else None


def _languages_without_letters(found: Brief, quotes: Quotes) -> list[str]:
    spoken = {found.language, *(quote.of.language for quote in quotes.standing if quote.of.language)}
    return [languages.name(code, languages.current()) for code in sorted(spoken) if not brief_pdf.has_letters_of(code)]


def _left(found: Brief) -> str:
    export = db.session.get_one(Export, found.export_id)
    back = briefs.taken_back(db.session, found)
    return render_template(
        "exports/brief_left.html",
        brief=found,
        subject=_subject(found, languages.current()),
        export=export,
        by=queries.name_of(db.session, export),
        withdrawn=[identifiers.shown(story_id) for story_id in back.withdrawn],
        changed=[identifiers.shown(story_id) for story_id in back.changed],
    )


def _groups() -> Groups:
    """What a brief can be about, under what it is."""
    language = languages.current()
    themes, campaigns = queries.themes_and_campaigns(db.session)
    _tags, codes = queries.languages_and_countries(db.session)

    def sorted_by_name(pairs: Any) -> list[tuple[str, str]]:
        return sorted(pairs, key=lambda pair: pair[1].casefold())

    return {
        _("Themes"): sorted_by_name(
            (f"theme {theme.slug}", theme.name_in(language)) for theme in themes if theme.merged_into_id is None
        ),
        _("Campaigns"): sorted_by_name((f"campaign {one.slug}", one.name_in(language)) for one in campaigns),
        _("Places"): sorted_by_name((f"country {code}", countries.name(code, language) or code) for code in codes),
    }


__all__ = ["making"]
