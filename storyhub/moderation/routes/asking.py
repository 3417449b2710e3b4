"""Asking a contributor: something one would like to know, or whether the story may be published with words hidden."""

from __future__ import annotations

import datetime as dt

from flask import render_template
from flask_login import current_user
from werkzeug.wrappers import Response

from storyhub import clock, languages
from storyhub.extensions import db
from storyhub.models.decision import Act
from storyhub.models.question import Otherwise, ask, propose_redaction
from storyhub.models.story import MadeBy, NotPossible, Story
from storyhub.moderation import by_receipt, queries
from storyhub.moderation.routes.blueprint import DESK, READING, desk
from storyhub.moderation.routes.hands import done, story_in_hand
from storyhub.moderation.routes.page import is_for_two, proposal_form, question_form, said, story_page
from storyhub.moderation.wording import Wording
from storyhub.protection.access import audience


@desk.post("/items/<id:item_id>/question")
@audience(*DESK)
def ask_contributor(item_id: int) -> Response:
    item = story_in_hand(item_id, Act.ASK)
    story = with_receipt(item.story, Act.ASK)
    form = question_form(item, bound=True)
    if not form.validate():
        return story_page(item, 422, question=form)
    question = ask(story, form.words.data or "", by=current_user, answer_by=until(form.days.data), session=db.session)
    return done(item, question.decision)


@desk.post("/items/<id:item_id>/proposal")
@audience(*DESK)
def propose(item_id: int) -> Response:
    item = story_in_hand(item_id, Act.PROPOSE, Act.FIRST_READ)
    story = with_receipt(item.story, Act.PROPOSE)
    form = proposal_form(item, bound=True)
    if not form.validate_to_publish():
        return story_page(item, 422, proposal=form)
    if story.newest.made_by is not MadeBy.REDACTED:
        raise NotPossible(story, Act.PROPOSE)
    if is_for_two(item, form):  # when its teller agrees it goes out, so it is for two as well
        words = form.words.data or None
        return done(item, story.first_read(Act.PROPOSE, by=current_user, letter=words, facts=said(item, form)))
    question = propose_redaction(
        story,
        form.words.data or None,
        by=current_user,
        answer_by=until(form.days.data),
        otherwise=Otherwise(form.otherwise.data),
        session=db.session,
        facts=said(item, form),
    )
    return done(item, question.decision)


@desk.get("/resting")
@audience(*READING)
def resting() -> str:
    """What was asked and waits for an answer, the soonest to run out first."""
    rows = by_receipt.resting(db.session)
    return render_template(
        "moderation/resting.html",
        rows=rows,
        counts=queries.counts(db.session, current_user),
        words=Wording(languages.current()),
    )


def with_receipt(story: Story, act: Act) -> Story:
    """A story that somebody can come back to. Raises NotPossible: of what came from a file nobody holds a receipt."""
    if story.receipt_digest is None:
        raise NotPossible(story, act)
    return story


def until(days: int | None) -> dt.date:
    return clock.today() + dt.timedelta(days=days or 0)
