"""How far long work is: /organise/work/<id>, with a button to stop it, for whoever organises here."""

from __future__ import annotations

from flask import Blueprint, abort, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from storyhub.extensions import db
from storyhub.models.long_work import LongWork, stop_work
from storyhub.protection.access import audience

ORGANISERS = ("organiser", "steward")

work = Blueprint("work", __name__, url_prefix="/organise/work")


@work.get("/<id:work_id>", endpoint="one")
@audience(*ORGANISERS)
def show_work(work_id: int) -> Response:
    found = db.session.get(LongWork, work_id) or abort(404)
    path = found.result.get("url") if found.is_over else None  # without the prefix of a language: this page's is put on
    next_url = request.script_root + path if path else None
    return make_response(render_template("themes/work.html", work=found, next_url=next_url))


@work.post("/<id:work_id>/stop")
@audience(*ORGANISERS)
def stop(work_id: int) -> Response:
    if stop_work(db.session, work_id) is None:
        abort(404)
    db.session.commit()
    return redirect(url_for(".one", work_id=work_id), 303)
