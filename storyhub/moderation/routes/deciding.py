"""What is decided about a story, and how it is taken back."""

from __future__ import annotations

from flask import flash
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from storyhub.extensions import db
from storyhub.models.decision import Act, Reason
from storyhub.models.site import the_site
from storyhub.moderation import actions, asking_first, queries, second_eyes
from storyhub.moderation.actions import NotInHand
from storyhub.moderation.routes.blueprint import DESK, desk
from storyhub.moderation.routes.hands import done, item_at, note_typed, still_here, story_in_hand, was_mine
from storyhub.moderation.routes.opening import keep_notes, keep_themes, still_reading
from storyhub.moderation.routes.page import (
    decline_form,
    is_for_two,
    publication_form,
    redaction_form,
    said,
    story_page,
)
from storyhub.moderation.routes.when import window
from storyhub.protection.access import audience

PUBLISHING = (Act.PUBLISH, Act.COUNT, Act.PUBLISH_EDIT)
DECLINING = (Act.DECLINE, Act.DECLINE_EDIT)


@desk.post("/items/<id:item_id>/publication")
@audience(*DESK)
def publish(item_id: int) -> Response:
    """Where the stewards want it, a second person decides; and a contributor is asked before words are hidden."""
    item = story_in_hand(item_id, *PUBLISHING, Act.FIRST_READ, Act.PROPOSE)
    story, site, form = item.story, the_site(db.session), publication_form(item, bound=True)
    if not form.validate_to_publish():
        return story_page(item, 422, publication=form)
    if site.asks_before_hiding and asking_first.was_refused(story):
        form.form_errors.append(_("Whoever told it did not agree to these hidden words. Hide others, or none."))
        return story_page(item, 422, publication=form)
    keep_themes(item, form)
    keep_notes(item, form)
    facts, note = said(item, form), form.note.data
    if is_for_two(item, form):
        return done(item, story.first_read(Act.PUBLISH, by=current_user, note=note, facts=facts))
    if asking_first.is_to_be_asked(story, site):
        question = asking_first.ask_first(db.session, story, site, by=current_user, facts=facts)
        flash(_("Words are hidden in it, so whoever told it is asked first."))
        return done(item, question.decision)
    return done(item, story.publish(by=current_user, window=window(), note=note, facts=facts))


@desk.post("/items/<id:item_id>/decline")
@audience(*DESK)
def decline(item_id: int) -> Response:
    item = story_in_hand(item_id, *DECLINING, Act.FIRST_READ)
    form = decline_form(item, bound=True)
    if not form.validate():
        return story_page(item, 422, decline=form)
    reason, letter, note = Reason(form.reason.data), form.letter_to_send, form.note.data
    if second_eyes.wants_two_to_decline(the_site(db.session).second_eyes, item):
        read = item.story.first_read(Act.DECLINE, by=current_user, reason=reason, letter=letter, note=note)
        return done(item, read)
    decision = item.story.decline(
        by=current_user,
        window=window(),
        reason=reason,
        letter=letter,
        note=note,
        facts=second_eyes.as_second(item),
    )
    return done(item, decision)


@desk.post("/items/<id:item_id>/redaction")
@audience(*DESK)
def redact(item_id: int) -> Response:
    item = story_in_hand(item_id, Act.REDACT)
    source = item.story.newest
    form = redaction_form(item, bound=True)
    if not form.validate():
        return story_page(item, 422, redaction=form)
    item.story.redact(
        form.places,
        by=current_user,
        mark=form.mark(),
        marks={start: form.mark(kind) for start, kind in form.kinds.items()},
        title=form.line_without(source.title),
        name=form.line_without(source.name),
        note=form.note.data,
    )
    return still_reading(item, _("The words are hidden. The story shows how it reads now."))


@desk.post("/items/<id:item_id>/restoration")
@audience(*DESK)
def restore_words(item_id: int) -> Response:
    item = story_in_hand(item_id, Act.UNDO)
    item.story.restore_words(by=current_user)
    return still_reading(item, _("The words stand again as they were told."))


@desk.post("/items/<id:item_id>/undo")
@audience(*DESK)
def undo(item_id: int) -> Response:
    item = item_at(item_id, lock=True)
    if second_eyes.may_take_back(item, current_user):
        item.story.take_back_first_reading(by=current_user)
        actions.open_item(item, by=current_user)
        return still_here(item, _("Undone. It is yours to decide again."))
    if not actions.may_decide(item, current_user):
        raise NotInHand(item)
    if item.closed or not was_mine(queries.last_decision(db.session, item.story), Act.UNDO):
        actions.take_back(db.session, item, by=current_user, note=note_typed())
    if not item.closed and item.is_free_for(current_user):
        actions.open_item(item, by=current_user)
    return still_here(item, _("Undone. It waits for a decision again."))
