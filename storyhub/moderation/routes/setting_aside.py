"""Setting a public story aside while something about it is looked at, and putting it back where it stood."""

from __future__ import annotations

from flask import abort, session
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from storyhub.extensions import db
from storyhub.models.concern import About
from storyhub.models.decision import Act, Reason
from storyhub.models.queue import QueueItem
from storyhub.models.story import State
from storyhub.moderation import actions, forms, queries
from storyhub.moderation.actions import NotInHand
from storyhub.moderation.routes.blueprint import desk
from storyhub.moderation.routes.hands import in_hand, item_at, note_typed, shown_id, still_here, was_mine
from storyhub.moderation.routes.page import story_page
from storyhub.moderation.routes.when import settings, when, window
from storyhub.protection.access import audience


@desk.post("/items/<id:item_id>/setting-aside")
@audience("moderator", "safeguarding-lead", "steward")
def set_aside(item_id: int) -> Response:
    """From the story's own page, or from something that was raised about it and is in hand."""
    item = _item(item_id)
    form = forms.SettingAside()
    if not form.validate():
        return story_page(item, 422, setting_aside=form)
    last = queries.last_decision(db.session, item.story)
    if not (item.story.state is State.SET_ASIDE and was_mine(last, Act.SET_ASIDE)):
        item.story.set_aside(by=current_user, reason=Reason(form.reason.data), note=form.note.data)
    if item.concern is None:  # else it is put back from the same page
        session["just_decided"] = shown_id(item)
    return still_here(item, _("The story is set aside. A neutral line stands where it stood."))


@desk.post("/items/<id:item_id>/putting-back")
@audience("moderator", "safeguarding-lead", "steward")
def put_back(item_id: int) -> Response:
    """Nothing was found against it: it stands where it stood from the next window on."""
    item = _item(item_id)
    story = item.story
    if not was_mine(queries.last_decision(db.session, story), Act.RESTORE) or story.state is State.SET_ASIDE:
        story.restore(by=current_user, window=window(), note=note_typed())
    db.session.flush()
    due = story.outcome_window
    actions.release_at_once(db.session, minutes=settings().release_minutes, originals_days=settings().originals_days)
    if story.state is State.PUBLISHED or due is None:
        return still_here(item, _("The story stands where it stood."))
    return still_here(item, _("It will be put back %(when)s.", when=when(due)))


def _item(item_id: int) -> QueueItem:
    item = item_at(item_id, lock=True)
    if item.concern is not None:
        return in_hand(item_id) if item.concern.about is not About.MY_STORY else abort(404)
    if not actions.may_decide(item, current_user):
        raise NotInHand(item)
    return item
