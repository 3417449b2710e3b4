"""Samples that several people code apart, under /organise/rounds: for who draws them, and for who codes them."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, abort, current_app, flash, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from storyhub import languages
from storyhub.extensions import db
from storyhub.models.people import Role
from storyhub.models.retheming import follow
from storyhub.models.rounds import CodingRound
from storyhub.protection import identifiers
from storyhub.protection.access import audience, needs_fresh_sign_in, only_reading, only_reads_at_the_desk
from storyhub.text import agreement
from storyhub.themes import coding, comparing, rounds
from storyhub.themes.forms_of_coding import GivingForm, RoundForm
from storyhub.themes.routes.coding import filter_choices

ORGANISERS = ("organiser", "steward")
CODERS = ("moderator", *ORGANISERS)

sampled = Blueprint("rounds", __name__, url_prefix="/organise/rounds")


@sampled.get("", endpoint="rounds")
@audience(*CODERS)
def all_rounds() -> str:
    only_reads_at_the_desk()
    return _list_page(_round_form(formdata=None) if _is_organiser() else None)


@sampled.post("")
@audience(*ORGANISERS)
def begin() -> AnyResponse:
    form = _round_form()
    if not form.validate():
        return Response(_list_page(form), 422)
    seed, selection, by = form.drawn_by(), form.selection(), current_user.id
    # All stories of the selection are walked once: nobody else waits for that.
    with only_reading():
        versions = rounds.draw_sample(db.session, selection, form.size.number or 1, seed)
    if not versions:
        form.name.errors = [_("No public story is like this, so nothing was drawn.")]
        return Response(_list_page(form), 422)
    themes = [theme.id for theme, _depth in coding.codebook_tree(db.session) if theme.slug in form.themes.data]
    coders = [
        person.id for person in rounds.people_to_ask(db.session) if identifiers.shown(person.id) in form.coders.data
    ]
    begun = rounds.begin_round(db.session, form.name.data.strip(), selection, seed, versions, themes, coders, by=by)
    round_id = begun.id
    db.session.commit()
    flash(ngettext("%(num)s story is drawn.", "%(num)s stories are drawn.", len(versions)))
    return redirect(url_for(".round", round_id=round_id), 303)


@sampled.get("/<id:round_id>", endpoint="round")
@audience(*ORGANISERS)
def show_round(round_id: int) -> str:
    """How far everybody is; what they gave is not here, and nowhere until the sample is closed."""
    only_reads_at_the_desk()
    found = db.session.get(CodingRound, round_id) or abort(404)
    progress = rounds.progress_of(db.session, found)
    return render_template(
        "themes/round.html",
        round=found,
        progress=progress,
        left=rounds.stories_left(db.session, round_id),
        is_done=rounds.are_all_done(db.session, found),
        is_coder=rounds.is_coder(db.session, round_id, current_user.id),
        themes=rounds.themes_of(db.session, found),
        letters=comparing.letters_of(db.session, round_id) if found.closed else {},
    )


@sampled.post("/<id:round_id>/close")
@audience(*ORGANISERS)
def close(round_id: int) -> AnyResponse:
    """From here on nobody codes it any more, so that whoever sees the others' work can't follow it."""
    found = rounds.lock_round(db.session, round_id) or abort(404)
    found.closed = True
    db.session.commit()
    flash(_("It is closed, and can be compared."))
    return redirect(url_for(".compare", round_id=round_id), 303)


# For who codes.


@sampled.get("/<id:round_id>/code")
@audience(*CODERS)
def code(round_id: int) -> str:
    only_reads_at_the_desk()
    return _code_page(_my_round(round_id))


@sampled.post("/<id:round_id>/codings")
@audience(*CODERS)
def give(round_id: int) -> AnyResponse:
    found, version_id = _open_round(round_id)
    public = rounds.public_in_round(db.session, round_id, version_id)
    if public is None:
        return _gone(round_id)
    place = comparing.place_of(db.session, round_id, version_id)
    form = _giving_form(found, public.version.text or "")
    if not form.validate():
        return Response(_code_page(found, form, place), 422)
    tree = coding.codebook_tree(db.session, found.theme_ids)
    chosen = [theme.id for theme, _depth in tree if theme.slug in form.themes.data]
    try:
        rounds.give_in_round(db.session, found, version_id, current_user.id, chosen, form.where_spans)
    except ValueError:
        db.session.rollback()
        form.words.errors = [_("This story has too many passages already. Give the theme to the whole of it.")]
        return Response(_code_page(_my_round(round_id), form, place), 422)
    db.session.commit()
    return redirect(url_for(".code", round_id=round_id, at=place), 303)


@sampled.post("/<id:round_id>/removal")
@audience(*CODERS)
def take_off(round_id: int) -> AnyResponse:
    """Take off what one gave: only one's own, whatever address is tried."""
    _found, _version_id = _open_round(round_id)
    taken = rounds.take_off_in_round(db.session, round_id, current_user.id, _read_id("coding"))
    if taken is None:
        abort(404)
    place = comparing.place_of(db.session, round_id, taken.version_id)
    db.session.commit()
    return redirect(url_for(".code", round_id=round_id, at=place), 303)


@sampled.post("/<id:round_id>/done")
@audience(*CODERS)
def done(round_id: int) -> AnyResponse:
    """Done with this story, also when no theme fits; on to the next one."""
    found, version_id = _open_round(round_id)
    if rounds.public_in_round(db.session, round_id, version_id) is None:
        return _gone(round_id)
    rounds.finish_story(db.session, found, version_id, current_user.id)
    db.session.commit()
    session["read"] = {"round": round_id, "version": version_id}
    flash(_("That story is done."))
    return redirect(url_for(".code", round_id=round_id), 303)


@sampled.post("/<id:round_id>/undo")
@audience(*CODERS)
def undo(round_id: int) -> AnyResponse:
    """Back to the story that one was done with a moment ago."""
    _open_round(round_id)
    last = session.pop("read", None)
    if last is None or last["round"] != round_id:
        flash(_("There is nothing to undo."))
        return redirect(url_for(".code", round_id=round_id), 303)
    rounds.take_up_again(db.session, round_id, last["version"], current_user.id)
    place = comparing.place_of(db.session, round_id, last["version"])
    db.session.commit()
    return redirect(url_for(".code", round_id=round_id, at=place), 303)


# When it is closed.


@sampled.get("/<id:round_id>/agreement")
@audience(*ORGANISERS)
def compare(round_id: int) -> str:
    only_reads_at_the_desk()
    found = _closed_round(round_id)
    compared = comparing.compare_round(db.session, found)
    after = request.args.get("after", "")
    place = int(after) if after.isdecimal() and len(after) < 6 else 0
    shown, next_after = comparing.differences(db.session, found, compared, place) if compared else ([], None)
    last = session.get("settled") or {}
    return render_template(
        "themes/agreement.html",
        round=found,
        compared=compared,
        differences=shown,
        next_after=next_after,
        is_first=place == 0,
        strength=agreement.strength,
        shown_id=identifiers.shown,
        take_all=comparing.ALL,
        take_none=comparing.NONE,
        may_undo=last.get("round") == round_id,
    )


@sampled.post("/<id:round_id>/settlement")
@audience(*ORGANISERS)
def settle(round_id: int) -> AnyResponse:
    """An organiser decides about a story that coders saw differently, or takes over all on which they agree."""
    found, take = _closed_round(round_id), request.form.get("take", "")
    compared = comparing.compare_round(db.session, found) or abort(404)
    session.pop("settled", None)
    if take == "agreed":
        versions, new = comparing.settle_agreed(db.session, found, compared)
        _follow(versions)
        db.session.commit()
        flash(ngettext("%(num)s theme was given.", "%(num)s themes were given.", new))
        return redirect(url_for(".compare", round_id=round_id), 303)
    if take not in (comparing.ALL, comparing.NONE, *compared.people):
        abort(400)
    version_id = _read_id("version")
    place = comparing.place_of(db.session, round_id, version_id) or abort(404)
    try:
        given = comparing.settle(db.session, found, compared, version_id, take)
    except coding.TooMany:
        db.session.rollback()
        given = None
    if given is None:
        flash(_("The words of this story have changed or are gone, so nothing was given."), "warning")
    else:
        _follow([version_id])
        session["settled"] = {"round": round_id, "version": version_id, "given": [one.id for one in given]}
        flash(_("Story %(number)s is settled.", number=place))
    db.session.commit()
    return redirect(url_for(".compare", round_id=round_id, after=_page_of(request.form.get("after", ""))), 303)


@sampled.post("/<id:round_id>/settlement/undo")
@audience(*ORGANISERS)
def undo_settlement(round_id: int) -> AnyResponse:
    _closed_round(round_id)
    last = session.pop("settled", None)
    if last is None or last["round"] != round_id:
        flash(_("There is nothing to undo."))
    else:
        comparing.unsettle(db.session, round_id, last["version"], last["given"])
        _follow([last["version"]])
        db.session.commit()
        flash(_("It is as it was before."))
    return redirect(url_for(".compare", round_id=round_id), 303)


@sampled.post("/<id:round_id>/export")
@audience("organiser")
@needs_fresh_sign_in
def take_out(round_id: int) -> AnyResponse:
    """The codings as a file, recorded as every file that leaves; not before the sample is closed."""
    found, coder = _closed_round(round_id), request.form.get("coder", "")
    compared = comparing.compare_round(db.session, found) or abort(404)
    if coder and coder not in compared.people:
        abort(400)
    file = comparing.take_codings_out(db.session, found, compared, by=current_user.id, coder=coder)
    day = found.day.isoformat()
    db.session.commit()
    response = Response(file, mimetype="text/csv; charset=utf-8")
    name = f"codings-{day}{'-' + coder if coder else ''}.csv"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _is_organiser() -> bool:
    return bool(current_user.is_any(Role.ORGANISER, Role.STEWARD))


def _my_round(round_id: int) -> CodingRound:
    """A sample that the person codes; for everybody else it is not there."""
    found = db.session.get(CodingRound, round_id) or abort(404)
    if not rounds.is_coder(db.session, round_id, current_user.id):
        abort(404)
    return found


def _open_round(round_id: int) -> tuple[CodingRound, int]:
    """The same to be changed, with the version that the form is about; 409 when it was closed meanwhile."""
    _my_round(round_id)
    found = rounds.lock_round(db.session, round_id) or abort(404)
    if found.closed:
        abort(409)
    return found, _read_id("version") if "version" in request.form else 0


def _closed_round(round_id: int) -> CodingRound:
    """What coders gave is shown to nobody before it is closed."""
    found = db.session.get(CodingRound, round_id) or abort(404)
    if not found.closed:
        abort(404)
    return found


def _gone(round_id: int) -> AnyResponse:
    flash(_("The words of this story have changed or are gone. It is left out."), "warning")
    return redirect(url_for(".code", round_id=round_id), 303)


def _follow(version_ids: list[int]) -> None:
    follow(db.session, version_ids, minutes=current_app.extensions["settings"].release_minutes)


def _page_of(after: str) -> str | None:
    return after if after.isdecimal() and len(after) < 6 else None


def _read_id(name: str) -> int:
    try:
        return identifiers.read(request.form.get(name, ""))
    except ValueError:
        abort(400)


def _giving_form(found: CodingRound, text: str, **more: Any) -> GivingForm:
    tree = coding.codebook_tree(db.session, found.theme_ids)
    return GivingForm([(theme.slug, theme.name_in(languages.current())) for theme, _depth in tree], text, **more)


def _code_page(found: CodingRound, form: GivingForm | None = None, place: int | None = None) -> str:
    at = request.args.get("at", "")
    if place is None and at.isdecimal() and len(at) < 6:
        place = int(at)
    sheet = None if found.closed else rounds.sheet_for(db.session, found.id, current_user.id, place)
    left = rounds.stories_left(db.session, found.id)
    last = session.get("read") or {}
    text = (sheet.version.text or "") if sheet else ""
    shown = identifiers.shown(sheet.version.id) if sheet else ""
    return render_template(
        "themes/round_code.html",
        round=found,
        sheet=sheet,
        left=left,
        done=rounds.done_count(db.session, found.id, current_user.id),
        form=form or _giving_form(found, text, formdata=None, data={"version": shown}),
        tree=coding.codebook_tree(db.session, found.theme_ids),
        marked=coding.marked(text, sheet.given) if sheet else [],
        version_shown=shown,
        shown_id=identifiers.shown,
        may_undo=not found.closed and last.get("round") == found.id,
        is_organiser=_is_organiser(),
    )


def _round_form(**more: Any) -> RoundForm:
    language = languages.current()
    tree = coding.codebook_tree(db.session)
    return RoundForm(
        [(theme.slug, theme.name_in(language)) for theme, _depth in tree],
        [(identifiers.shown(person.id), person.name) for person in rounds.people_to_ask(db.session)],
        filter_choices(),
        **more,
    )


def _list_page(form: RoundForm | None) -> str:
    listed = rounds.rounds_for(db.session, current_user, all_of_them=_is_organiser())
    return render_template("themes/rounds.html", form=form, listed=listed, is_organiser=_is_organiser())
