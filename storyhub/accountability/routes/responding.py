"""Where organisers write down what was answered: list, words, a look before it is public, and what comes after."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.wrappers import Response as Answer

from storyhub.accountability import queries
from storyhub.accountability.answers import AnswerForm, AsSeenForm, BecauseForm
from storyhub.extensions import db
from storyhub.languages import current
from storyhub.models.responded import kept_themes, seen
from storyhub.models.response import Response, ResponseVersion, Stage, hold_response, write_response
from storyhub.protection.access import audience, only_reads_at_the_desk

ORGANISERS = ("organiser", "steward")

responding = Blueprint("responding", __name__, url_prefix="/organise/responses")


@responding.get("")
@audience(*ORGANISERS)
def all_responses() -> str:
    only_reads_at_the_desk()
    written = queries.written_responses(db.session)
    return render_template("accountability/responding.html", written=written, stages=Stage)


@responding.get("/new")
@audience(*ORGANISERS)
def new() -> str:
    only_reads_at_the_desk()
    return _words_page(AnswerForm(_themes(), formdata=None, data={"language": ""}))


@responding.post("")
@audience(*ORGANISERS)
def write() -> Answer | tuple[str, int]:
    form = AnswerForm(_themes())
    if not form.validate():
        return _words_page(form), 422
    response = write_response(db.session, form.given(kept_themes(db.session, form.theme_ids(), ())))
    db.session.commit()
    return _to(response)


@responding.get("/<id:response_id>")
@audience(*ORGANISERS)
def one(response_id: int) -> str:
    only_reads_at_the_desk()
    return _page(_found(response_id))


@responding.get("/<id:response_id>/words", endpoint="wording")
@audience(*ORGANISERS)
def show_words(response_id: int) -> str:
    only_reads_at_the_desk()
    response = _found(response_id)
    version = response.draft or response.public or abort(404)
    answered = [theme.id for theme in seen(db.session, response, version).themes]
    form = AnswerForm.of(_themes(version), version.given, answered, response.revision)
    return _words_page(form, response)


@responding.post("/<id:response_id>/words")
@audience(*ORGANISERS)
def change(response_id: int) -> Answer | tuple[str, int]:
    response = _held(response_id)
    before = response.draft or response.public or abort(404)
    form = AnswerForm(_themes(before))
    if not form.validate():
        return _words_page(form, response), 422
    response.write(form.given(kept_themes(db.session, form.theme_ids(), before.theme_ids)))
    db.session.commit()
    return _to(response)


@responding.post("/<id:response_id>/publication")
@audience(*ORGANISERS)
def publish(response_id: int) -> Answer:
    response = _held(response_id)
    response.publish(by=current_user.id)
    db.session.commit()
    flash(_("It is public. What stood there before can still be read.") if response.changed_on else _("It is public."))
    return _to(response)


@responding.post("/<id:response_id>/removal")
@audience(*ORGANISERS)
def discard(response_id: int) -> Answer:
    response = _held(response_id)
    was_public = response.stage is not Stage.DRAFT
    response.discard()
    db.session.commit()
    flash(_("The draft is thrown away."))
    return _to(response) if was_public else redirect(url_for(".all_responses"), 303)


@responding.post("/<id:response_id>/taking-back")
@audience(*ORGANISERS)
def take_back(response_id: int) -> Answer | tuple[str, int]:
    response, form = _held(response_id), BecauseForm()
    if not form.validate():
        return _page(response, form), 422
    response.take_back(form.because.data or "", by=current_user.id)
    db.session.commit()
    flash(_("It is taken back. A line with your reason stands in its place."))
    return _to(response)


@responding.post("/<id:response_id>/return")
@audience(*ORGANISERS)
def bring_back(response_id: int) -> Answer:
    response = _held(response_id)
    response.bring_back(by=current_user.id)
    db.session.commit()
    flash(_("It is public again."))
    return _to(response)


@responding.post("/<id:response_id>/versions/<id:version_id>/hiding")
@audience(*ORGANISERS)
def hide(response_id: int, version_id: int) -> Answer | tuple[str, int]:
    """Hide the words of an earlier version: a line with the reason stands there instead."""
    response, form = _held(response_id), BecauseForm()
    version = _earlier(response, version_id)
    if not form.validate():
        return _page(response, hiding=(version, form)), 422
    response.hide(version, form.because.data or "", by=current_user.id)
    db.session.commit()
    flash(_("The earlier words are hidden. A line with your reason stands in their place."))
    return _to(response)


@responding.post("/<id:response_id>/versions/<id:version_id>/showing")
@audience(*ORGANISERS)
def show(response_id: int, version_id: int) -> Answer:
    response = _held(response_id)
    response.show(_earlier(response, version_id), by=current_user.id)
    db.session.commit()
    flash(_("The earlier words can be read again."))
    return _to(response)


def _themes(version: ResponseVersion | None = None) -> list[Any]:
    """What can be answered: themes that can be chosen, and what this version answers already, though it be retired."""
    return queries.themes_to_answer(db.session, version.theme_ids if version else (), current())


def _found(response_id: int) -> Response:
    return db.session.get(Response, response_id) or abort(404)


def _held(response_id: int) -> Response:
    """The response, as whoever sends this form has seen it. Otherwise the page for what somebody else did first."""
    revision = request.form.get("revision", "")
    if not (revision.isascii() and revision.isdigit() and len(revision) < 10):
        raise StaleDataError("the form does not say what was seen")
    return hold_response(db.session, response_id, int(revision)) or abort(404)


def _earlier(response: Response, version_id: int) -> ResponseVersion:
    return next((one for one in response.earlier if one.id == version_id), None) or abort(404)


def _to(response: Response) -> Answer:
    return redirect(url_for(".one", response_id=response.id), 303)


def _words_page(form: AnswerForm, response: Response | None = None) -> str:
    return render_template("accountability/response_words.html", form=form, response=response)


def _page(
    response: Response,
    form: BecauseForm | None = None,
    hiding: tuple[ResponseVersion, BecauseForm] | None = None,
) -> str:
    """What is written and waits to be public, what is public, and what stood there before, each as readers see it."""

    def as_seen(version: ResponseVersion) -> Any:
        return seen(db.session, response, version)

    forms = {version.id: _form_for(version, response) for version in response.earlier}
    if hiding is not None:
        forms[hiding[0].id] = _with_ids_of(hiding[1], hiding[0].id)
    return render_template(
        "accountability/response_check.html",
        response=response,
        draft=as_seen(response.draft) if response.draft else None,
        public=as_seen(response.public) if response.public else None,
        earlier=[(version, as_seen(version), forms[version.id]) for version in response.earlier],
        form=form or BecauseForm(formdata=None, data={"revision": response.revision}),
        as_seen=AsSeenForm(formdata=None, data={"revision": response.revision}),
        stages=Stage,
    )


def _form_for(version: ResponseVersion, response: Response) -> BecauseForm:
    return _with_ids_of(BecauseForm(formdata=None, data={"revision": response.revision}), version.id)


def _with_ids_of(form: BecauseForm, version_id: int) -> BecauseForm:
    for field in form:  # several of these stand on one page
        field.id = f"hide-{version_id}-{field.short_name}"
    return form
