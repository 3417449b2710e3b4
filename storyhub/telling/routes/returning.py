"""Coming back with a receipt: what became of the story, everything that is held after one more step, taking it back."""

from __future__ import annotations

from flask import Response, render_template
from flask_babel import gettext as _

from storyhub.extensions import csrf, db
from storyhub.models.story import State
from storyhub.protection.access import audience
from storyhub.telling import actions, queries
from storyhub.telling.forms import ReceiptForm
from storyhub.telling.routes.opening import opened, receipts, state_page, step_page


@receipts.get("/receipt")
@audience("contributor")
def look_up() -> str:
    return render_template("telling/receipt.html", form=ReceiptForm(formdata=None))


@receipts.post("/receipt")
@csrf.exempt
@audience("contributor")
def show_state() -> Response:
    found = opened(ReceiptForm())
    return found if isinstance(found, Response) else state_page(found)


@receipts.post("/receipt/words")
@csrf.exempt
@audience("contributor")
def show_words() -> Response:
    found = opened(ReceiptForm())
    return found if isinstance(found, Response) else state_page(found, with_everything=True)


@receipts.post("/receipt/withdrawal")
@csrf.exempt
@audience("contributor")
def withdraw() -> Response:
    """A look at what it will and will not do; then it is done. Whoever takes back has the last word, whatever state."""
    found = opened(ReceiptForm(), to_act=True)
    if isinstance(found, Response):
        return found
    if not found.is_ready and found.story.state is not State.WITHDRAWN:
        files = queries.files_with(db.session, found.story)
        return step_page("telling/withdrawal.html", found, files=files)
    actions.withdraw(db.session, found.story)
    db.session.commit()
    said = _("You have taken your story back. Its words are erased here.")
    return state_page(found, done=said + " " + _("Copies that others made before cannot be called back."))
