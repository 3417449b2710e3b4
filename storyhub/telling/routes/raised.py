"""What became of something that was raised about a story, for whoever raised it and has its receipt."""

from __future__ import annotations

from flask import Response, make_response, render_template, request, url_for
from flask_babel import gettext as _

from storyhub.extensions import db
from storyhub.models import demand
from storyhub.models.concern import About, Concern
from storyhub.telling import actions, holding
from storyhub.telling.forms import EditForm, ReceiptForm
from storyhub.text import language as languages_of_words


def concern_page(form: ReceiptForm | EditForm, concern: Concern) -> Response:
    """How it stands; after one more step the words; or, after a look at what that does, taking it back.

    Of what a story's receipt can do, a concern's does no more: every other address shows how it stands.
    """
    done = None
    if _is_at("receipts.withdraw") and concern.about is not About.MY_STORY and concern.words is not None:
        if request.form.get("step") != "sure":
            return make_response(render_template("telling/retraction.html", sealed=form.sealed.data))
        actions.retract(db.session, concern)
        db.session.commit()
        done = _("You took it back. What you wrote is erased here.")
    answer = concern.decision
    page = render_template(
        "telling/concern.html",
        sealed=form.sealed.data,
        concern=concern,
        done=done,
        letter=answer.words.letter if answer and answer.words else None,
        did=answer.facts.get("did") if answer else None,
        demand_done=demand.DONE.get(str(answer.facts.get("done"))) if answer else None,
        part=holding.held_of_concern(db.session, concern) if _is_at("receipts.show_words") else None,
        direction_of=languages_of_words.direction,
    )
    return make_response(page)


def _is_at(endpoint: str) -> bool:
    return request.path.endswith(url_for(endpoint))
