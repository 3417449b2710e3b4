"""The words as first told, read again after the decision; and what a safeguarding lead says that they did."""

from __future__ import annotations

from flask import abort
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from storyhub import clock
from storyhub.extensions import db
from storyhub.models.decision import Act
from storyhub.moderation import following_up, forms, originals, queries
from storyhub.moderation.following_up import Done
from storyhub.moderation.routes.blueprint import DESK, desk
from storyhub.moderation.routes.concerned import is_raised
from storyhub.moderation.routes.hands import item_at, still_here, was_mine
from storyhub.moderation.routes.page import story_page
from storyhub.protection.access import audience


@desk.post("/items/<id:item_id>/originals")
@audience(*DESK)
def read_originals(item_id: int) -> Response:
    """On the record, and then on the page: once for one reading, however often the page is sent for again that day."""
    item = item_at(item_id, lock=True)
    if item.concern_id and (is_raised(item) or not item.is_for(current_user)):
        abort(403)
    form = forms.Originals()
    if not form.validate():
        return story_page(item, 422, originals=form)
    story = item.story
    last = queries.last_decision(db.session, story)
    read_just_now = was_mine(last, Act.READ_ORIGINAL) and last is not None and last.day == clock.today()
    if (originals.is_decided(story) or item.concern_id) and not read_just_now:
        story.read_original(by=current_user, note=form.note.data)
        db.session.commit()
    return story_page(item, with_originals=True)


@desk.post("/items/<id:item_id>/follow-up")
@audience("safeguarding-lead")
def follow_up(item_id: int) -> Response:
    item = item_at(item_id, lock=True)
    form = forms.FollowUp()
    if not form.validate():
        return story_page(item, 422, follow_up=form)
    last = queries.last_decision(db.session, item.story)
    pressed_twice = was_mine(last, Act.FOLLOW_UP) and last is not None and last.facts.get("followed") == form.done.data
    if not pressed_twice:
        following_up.follow_up(db.session, item, Done(form.done.data), by=current_user, note=form.note.data)
    return still_here(item, _("It is on the record."))
