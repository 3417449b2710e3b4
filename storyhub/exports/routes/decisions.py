"""The page on which the organisation sees what was decided and why, and takes it out as a file."""

from __future__ import annotations

import datetime as dt

from flask import Blueprint, abort, render_template, request
from flask_login import current_user
from werkzeug.wrappers import Response

from storyhub import clock
from storyhub.exports import queries
from storyhub.exports.decisions import (
    Chosen,
    by_whom,
    facts_told,
    may_know_what_was_demanded,
    reason_told,
    story_of,
    take_decisions_out,
)
from storyhub.exports.forms import ChosenForm, DecisionsForm
from storyhub.exports.routes.files import download, new_file
from storyhub.extensions import db
from storyhub.models.decision import Act
from storyhub.models.monthly import first_day, month_after
from storyhub.protection.access import audience, needs_fresh_sign_in

decided = Blueprint("decisions", __name__, url_prefix="/organise/decisions")


@decided.get("", endpoint="decisions")
@audience("steward", "organiser")
def show_decisions() -> str:
    months = queries.months_decided(db.session)
    chosen = ChosenForm(months, request.args)
    if not chosen.validate():
        abort(404)
    return _page(chosen, DecisionsForm(months, formdata=None))


@decided.post("")
@audience("steward", "organiser")
@needs_fresh_sign_in
def take_out() -> Response | tuple[str, int]:
    months = queries.months_decided(db.session)
    form = DecisionsForm(months)
    if not form.validate_on_submit():
        return _page(ChosenForm(months, None), form), 400
    file = new_file()
    taken = take_decisions_out(db.session, file, chosen_by(form), form.format.data, by=current_user.id)
    if not taken.count:
        file.close()
        return _page(ChosenForm(months, request.form), form, nothing=True), 200
    db.session.commit()
    return download(file, f"decisions-{form.month.data or clock.today().isoformat()}", form.format.data)


def chosen_by(form: ChosenForm | DecisionsForm) -> Chosen:
    act = Act(form.act.data) if form.act.data else None
    if not form.month.data:
        return Chosen(act=act)
    since = first_day(form.month.data)
    return Chosen(since, month_after(since) - dt.timedelta(days=1), act)


def _page(shown: ChosenForm, form: DecisionsForm, nothing: bool = False) -> str:
    chosen = chosen_by(shown)
    return render_template(
        "exports/decisions.html",
        shown_form=shown,
        form=form,
        nothing=nothing,
        counts=queries.counts_by_act(db.session, chosen.since, chosen.until) if chosen.since and chosen.until else [],
        rows=queries.newest_decisions(db.session, chosen.since, chosen.until, chosen.act),
        by_whom=by_whom,
        facts_told=facts_told,
        reason_told=reason_told,
        story_of=story_of,
        is_told_all=may_know_what_was_demanded(current_user),
    )
