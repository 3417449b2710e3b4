"""Holding a story while somebody works on it, and letting go of it when its page is closed. The desk's script asks."""

from __future__ import annotations

from flask import request
from flask_login import current_user
from werkzeug.wrappers import Response

from storyhub.extensions import db
from storyhub.moderation import actions
from storyhub.moderation.routes.blueprint import DESK, desk
from storyhub.moderation.routes.hands import item_at
from storyhub.protection.access import audience


@desk.post("/items/<id:item_id>/renewal")
@audience(*DESK)
def renew(item_id: int) -> Response:
    """A quarter of an hour more. 409 where somebody else has it by now, or it is decided: the next form says how."""
    is_kept = actions.keep_in_hand(item_at(item_id, lock=True), by=current_user)
    db.session.commit()
    return Response(status=204 if is_kept else 409, mimetype="text/plain")


@desk.post("/items/<id:item_id>/release")
@audience(*DESK)
def leave(item_id: int) -> Response:
    """Its page was closed; `held`: the seconds since that page had claimed it. Others need not wait for the rest."""
    actions.leave(item_at(item_id, lock=True), by=current_user, held=_seconds(request.form.get("held", "")))
    db.session.commit()
    return Response(status=204)


def _seconds(typed: str) -> float:
    return int(typed) / 1000 if typed.isascii() and typed.isdecimal() and len(typed) < 12 else 0.0
