"""Answering what was raised about a story: something was done, or nothing changes; and a legal demand, by a steward."""

from __future__ import annotations

from flask import abort, request
from flask_login import current_user
from werkzeug.wrappers import Response

from storyhub.extensions import db
from storyhub.models.concern import About, Answered, Concern, Did
from storyhub.models.decision import Act
from storyhub.models.demand import Done, What, Who
from storyhub.moderation.routes.blueprint import DESK, desk
from storyhub.moderation.routes.concerned import acceptance_form, concern_page, demand_form, nothing_form
from storyhub.moderation.routes.hands import done, in_hand, item_at
from storyhub.moderation.routes.when import settings
from storyhub.protection.access import audience

ANSWERED_HERE = {About.NAMES_ME, About.NAMES_INSTITUTION, About.DANGER}


@desk.post("/items/<id:item_id>/answer")
@audience(*DESK)
def answer_raised(item_id: int) -> Response:
    concern = _concern_at(item_id, ANSWERED_HERE)
    answer = request.form.get("answer")
    if answer not in set(Answered):
        abort(400)
    is_accepted = answer == Answered.ACCEPTED
    item = in_hand(item_id, Act.ACCEPT_CONCERN if is_accepted else Act.REFUSE_CONCERN)
    told = {"by": current_user, "originals_days": settings().originals_days, "session": db.session}
    if is_accepted:
        form = acceptance_form(concern, bound=True)
        if not form.validate():
            return concern_page(item, 422, acceptance=form)
        decision = concern.accept(Did(form.did.data), letter=form.letter_to_send, note=form.note.data, **told)
        return done(item, decision)
    refusal = nothing_form(concern, bound=True)
    if not refusal.validate():
        return concern_page(item, 422, nothing=refusal)
    return done(item, concern.refuse(letter=refusal.letter_to_send, note=refusal.note.data, **told))


@desk.post("/items/<id:item_id>/demand")
@audience("steward")
def answer_demand(item_id: int) -> Response:
    concern = _concern_at(item_id, {About.LEGAL_DEMAND})
    item = in_hand(item_id, Act.DEMAND)
    form = demand_form(concern, bound=True)
    if not form.validate():
        return concern_page(item, 422, demanded=form)
    decision = concern.answer_demand(
        Who(form.who.data),
        What(form.what.data),
        Done(form.done.data),
        by=current_user,
        letter=form.letter_to_send,
        originals_days=settings().originals_days,
        session=db.session,
        note=form.note.data,
    )
    return done(item, decision)


def _concern_at(item_id: int, kinds: set[About]) -> Concern:
    concern = item_at(item_id).concern
    return concern if concern is not None and concern.about in kinds else abort(404)
