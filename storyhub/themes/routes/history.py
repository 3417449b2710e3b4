"""The history of the whole codebook, and the buttons that take a change back."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from storyhub.extensions import db
from storyhub.models.codebook import CodebookChange
from storyhub.models.long_work import Refused
from storyhub.protection.access import audience
from storyhub.themes import queries
from storyhub.themes.changes import as_told
from storyhub.themes.moving import take_back
from storyhub.themes.routes.codebook import ORGANISERS, not_possible

history = Blueprint("theme_history", __name__, url_prefix="/organise/codebook")


@history.get("/history")
@audience(*ORGANISERS)
def all_changes() -> str:
    before = request.args.get("before", "")
    if before and not (before.isascii() and before.isdecimal() and len(before) < 10):
        abort(400)
    told = queries.history(db.session, before=int(before) if before else None)
    shown = told[: queries.CHANGES]
    older = shown[-1].change.number if len(told) > len(shown) else None
    rows = [as_told(db.session, one) for one in shown]
    return render_template("themes/history.html", changes=rows, older=older, is_newest=not before)


@history.post("/changes/<id:change_id>/undo")
@audience(*ORGANISERS)
def undo(change_id: int) -> Response:
    change = db.session.get(CodebookChange, change_id) or abort(404)
    here = url_for(".all_changes")
    try:
        work = take_back(db.session, change, by=current_user.id, url=here.removeprefix(request.script_root))
        db.session.commit()
    except Refused as refused:
        return not_possible(refused, here)
    if work is not None:
        return redirect(url_for("work.one", work_id=work.id), 303)
    flash(_("It is taken back. All is as it was before."))
    return redirect(here, 303)
