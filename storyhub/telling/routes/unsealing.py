"""Taking back what was left for the organisers alone, while the story stays."""

from __future__ import annotations

from flask import Response, request
from flask_babel import gettext as _

from storyhub.extensions import csrf, db
from storyhub.protection.access import audience
from storyhub.telling import actions
from storyhub.telling.forms import ReceiptForm
from storyhub.telling.routes.opening import opened, receipts, state_page, step_page


@receipts.post("/receipt/private")
@csrf.exempt
@audience("contributor")
def private() -> Response:
    """What was left cannot be shown again, not even here: it can only be erased."""
    found = opened(ReceiptForm(), to_act=True)
    if isinstance(found, Response):
        return found
    if not any(note.box for note in found.story.sealed_notes):
        return state_page(found, done=_("Nothing for the organisers alone is held."))
    if not found.is_ready:
        return step_page("telling/private.html", found, notes=[note for note in found.story.sealed_notes if note.box])
    actions.take_back_private(db.session, found.story, request.form.getlist("left"))
    db.session.commit()
    return state_page(found, done=_("What you left for the organisers alone is erased here."))
