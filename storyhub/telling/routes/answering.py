"""Answering the desk: a question, hidden words to agree to or not, and asking that somebody else look again."""

from __future__ import annotations

from flask import Response, request
from flask_babel import gettext as _

from storyhub.extensions import csrf, db
from storyhub.models.question import Asked, Question
from storyhub.models.states import NotPossible
from storyhub.protection import identifiers
from storyhub.protection.access import audience
from storyhub.telling import actions, comparing, queries
from storyhub.telling.forms import AnswerForm, AppealForm, RedactionForm
from storyhub.telling.routes.opening import AnyForm, Opened, opened, receipts, state_page, step_page, when
from storyhub.telling.routes.sharing import arrived


@receipts.post("/receipt/answer")
@csrf.exempt
@audience("contributor")
def answer() -> Response:
    found = opened(AnswerForm(**arrived()), to_act=True)
    if isinstance(found, Response):
        return found
    question = _question(found, Asked.QUESTION)
    if question is None or (question.closed and not found.is_ready):
        return _closed(found)
    if not found.is_ready:
        found.form.about.data = identifiers.shown(question.id)
        return step_page("telling/answer.html", found, question=question)
    try:
        actions.reply(question, found.form.words.data or "")
    except NotPossible:
        return _closed(found)
    db.session.commit()
    return state_page(found, done=_("Your answer has arrived. Somebody at the desk reads it."))


@receipts.post("/receipt/redaction")
@csrf.exempt
@audience("contributor")
def redaction() -> Response:
    found = opened(RedactionForm(**arrived()), to_act=True)
    if isinstance(found, Response):
        return found
    question = _question(found, Asked.REDACTION)
    if question is None or (question.closed and not found.is_ready):
        return _closed(found)
    if not found.is_ready:
        found.form.about.data = identifiers.shown(question.id)
        seen = comparing.before_and_after(db.session, found.story)
        return step_page("telling/redaction.html", found, question=question, seen=seen)
    agrees = request.form.get("step") == "agree"
    try:
        if agrees:
            actions.agree(db.session, question, when())
        else:
            actions.disagree(question, found.form.words.data or "")
    except NotPossible:
        return _closed(found)
    db.session.commit()
    if agrees:
        return state_page(found, done=_("Thank you. You agreed to the hidden words."))
    return state_page(
        found, done=_("You did not agree. Nothing is published this way; somebody at the desk looks again.")
    )


@receipts.post("/receipt/appeal")
@csrf.exempt
@audience("contributor")
def appeal() -> Response:
    found = opened(AppealForm(**arrived()), to_act=True)
    if isinstance(found, Response):
        return found
    standing = queries.standing(db.session, found.story)
    waits = found.story.open_appeal is not None
    if not found.is_ready and (waits or not standing.can_be_appealed):
        return state_page(found, too_late=_("There is nothing to appeal against now."))
    if not found.is_ready:
        return step_page("telling/appeal.html", found, standing=standing)
    try:
        actions.appeal(db.session, found.story, found.form.words.data or "")
    except NotPossible:
        return state_page(found, too_late=_("There is nothing to appeal against now."))
    db.session.commit()
    return state_page(found, done=_("Your appeal has arrived. Somebody else looks at your story again."))


def _question(found: Opened[AnyForm], asked: Asked) -> Question | None:
    """The question that the page was about: it may be older than the one that is asked now."""
    question = queries.question_to(found.story, request.form.get("about"))
    return question if question is not None and question.asked is asked else None


def _closed(found: Opened[AnyForm]) -> Response:
    return state_page(found, too_late=_("This question is closed now: it was answered, or is no longer asked."))
