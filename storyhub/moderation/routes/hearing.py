"""Hearing an appeal, and answering somebody who says that a story is theirs and that they lost its receipt."""

from __future__ import annotations

from flask import abort, redirect, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from storyhub.extensions import db
from storyhub.models.appeal import Heard
from storyhub.models.concern import About, Answered
from storyhub.models.decision import Act
from storyhub.models.story import NotPossible
from storyhub.moderation import queries
from storyhub.moderation.routes.blueprint import DESK, desk
from storyhub.moderation.routes.hands import done, in_hand, item_at, still_here, story_in_hand, was_mine
from storyhub.moderation.routes.page import handover_form, overturn_form, refusal_form, story_page, uphold_form
from storyhub.moderation.routes.when import settings
from storyhub.protection.access import audience


@desk.post("/items/<id:item_id>/appeal")
@audience(*DESK)
def hear(item_id: int) -> Response:
    """Never by who decided: `may_decide` hands it to nobody else, and the appeal itself refuses them."""
    heard = request.form.get("heard")
    item = story_in_hand(item_id, *([Act.UPHOLD] if heard == Heard.UPHELD else []))
    appeal = item.story.open_appeal
    if appeal is None:
        if heard == Heard.OVERTURNED and was_mine(queries.last_decision(db.session, item.story), Act.OVERTURN):
            return redirect(url_for(".item", item_id=item_id), 303)  # pressed twice
        raise NotPossible(item.story, "hear the appeal")
    if heard == Heard.UPHELD:
        form = uphold_form(item, bound=True)
        if not form.validate():
            return story_page(item, 422, uphold=form)
        decision = appeal.uphold(
            by=current_user,
            letter=form.letter_to_send if item.story.receipt_digest else None,
            originals_days=settings().originals_days,
            session=db.session,
            note=form.note.data,
        )
        return done(item, decision)
    if heard != Heard.OVERTURNED:
        abort(400)
    thoughts = overturn_form(item, bound=True)
    if not thoughts.validate():
        return story_page(item, 422, overturn=thoughts)
    appeal.overturn(by=current_user, session=db.session, note=thoughts.note.data)
    return still_here(item, _("The decision is taken back. The story is yours to decide now."))


@desk.post("/items/<id:item_id>/concern")
@audience("safeguarding-lead")
def answer_concern(item_id: int) -> Response:
    """Only a safeguarding lead: whoever is given the receipt can read the first words and take the story back."""
    concern = item_at(item_id).concern
    if concern is None or concern.about is not About.MY_STORY:  # all others are answered at an address of their own
        abort(404)
    days, answer = settings().originals_days, request.form.get("answer")
    item = in_hand(item_id, Act.HAND_OVER if answer == Answered.ACCEPTED else Act.REFUSE_CONCERN)
    if answer == Answered.ACCEPTED:
        thoughts = handover_form(item, bound=True)
        if not thoughts.validate():
            return story_page(item, 422, handover=thoughts)
        return done(
            item,
            concern.hand_over(by=current_user, originals_days=days, session=db.session, note=thoughts.note.data),
        )
    if answer != Answered.REFUSED:
        abort(400)
    form = refusal_form(item, bound=True)
    if not form.validate():
        return story_page(item, 422, refusal=form)
    decision = concern.refuse(
        by=current_user, letter=form.letter_to_send, originals_days=days, session=db.session, note=form.note.data
    )
    return done(item, decision)
