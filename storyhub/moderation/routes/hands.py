"""Who holds which story, what they left for later, and which one comes next."""

from __future__ import annotations

from flask import abort, flash, redirect, request, session, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from storyhub.extensions import db
from storyhub.models.decision import Act, Decision
from storyhub.models.queue import QueueItem
from storyhub.moderation import actions, forms, queries
from storyhub.moderation.actions import NotInHand, Wanted
from storyhub.moderation.routes import pausing
from storyhub.moderation.routes.when import settings, what_happens
from storyhub.protection import identifiers
from storyhub.protection.typed import as_text

MOST_PASSED_OVER = 50
UNFINISHED = 422


def item_at(item_id: int, lock: bool = False) -> QueueItem:
    """The item at an address of the desk; for whom it is not meant there is none."""
    item = db.session.get(QueueItem, item_id, with_for_update=lock or None)
    return item if item is not None and item.is_shown_to(current_user) else abort(404)


def in_hand(item_id: int, *acts: Act) -> QueueItem:
    """The item, if this person holds it and decides about the words as they stand now. Raises NotInHand.

    `acts`: what the form would record. Where this person did just that already, a second press sends them on.
    """
    item = item_at(item_id, lock=True)
    seen, newest = request.form.get("version", ""), item.story.newest.number
    words_stand = seen in ("", str(newest))
    if actions.is_in_hand_of(item, current_user) and words_stand:
        return item
    last = queries.last_about(db.session, item)
    if was_mine(last, *acts) and last is not None:
        is_done = item.closed or last.act is Act.FIRST_READ
        if is_done and last.reason in (None, request.form.get("reason")):
            abort(done(item, last))
        if not item.closed and seen == str(newest - 1):
            abort(redirect(url_for(".item", item_id=item.id), 303))
    raise NotInHand(item)


def story_in_hand(item_id: int, *acts: Act) -> QueueItem:
    """The same, where a story is decided: a concern is answered, and decides nothing about the words."""
    return abort(404) if item_at(item_id).concern_id else in_hand(item_id, *acts)


def was_mine(decision: Decision | None, *acts: Act) -> bool:
    return decision is not None and decision.act in acts and decision.by_id == current_user.id


def pass_over(shown: str) -> None:
    """Remember for this session what somebody left for later, so that it is not handed to them again at once."""
    left = [other for other in session.get("passed_over", []) if other != shown]
    session["passed_over"] = [*left, shown[:13]][-MOST_PASSED_OVER:]


def passed_over() -> list[int]:
    ids = []
    for shown in session.get("passed_over", []):
        try:
            ids.append(identifiers.read(shown))
        except ValueError:
            continue
    return ids


def on_to_next(wanted: Wanted) -> Response:
    """Hand out the next story; where nothing waits, the queue with a kind word."""
    if stop := pausing.before_next(wanted):
        return stop
    left = passed_over()
    item = actions.claim_next(db.session, wanted, by=current_user, passed_over=left)
    item_id = item.id if item else None
    db.session.commit()
    if item_id is not None:
        return redirect(url_for(".item", item_id=item_id), 303)
    if left:
        session.pop("passed_over")
        flash(_("That was all, but for what you left for later. “Next story” begins with it again."))
    elif not actions.is_all_looked_at(db.session, wanted, by=current_user):
        flash(_("Of those who have waited longest none is for you. Choose a language or a theme to look further on."))
    elif others := pausing.where_others_read(wanted, left):
        return others
    else:
        flash(_("Nothing more waits for you at the moment. Thank you for reading."))
    return redirect(url_for(".queue", lane=wanted.lane, **queries.address_of(wanted)), 303)


def done(item: QueueItem, decision: Decision) -> Response:
    """After a decision: release it where there are no windows, say what happens, and on to the next story."""
    db.session.flush()
    site = settings()
    actions.release_at_once(db.session, minutes=site.release_minutes, originals_days=site.originals_days)
    flash(what_happens(decision, item.story))
    if decision.act not in (Act.HAND_OVER, Act.DEMAND):  # whoever has the new receipt may be reading already
        session["just_decided"] = shown_id(item)
    return on_to_next(pausing.kept(item.lane))


def still_here(item: QueueItem, said: str) -> Response:
    item_id = item.id
    db.session.commit()
    flash(said)
    return redirect(url_for(".item", item_id=item_id), 303)


def was_opened(status: int) -> bool:
    """Whether this person has the words open already: a form beside them came back, or they kept something."""
    return status == UNFINISHED or request.args.get("words") == "open"


def note_typed() -> str | None:
    """The note beside a button that has no form of its own; cleaned as all words are, and no longer than its box."""
    return as_text(request.form.get("note", ""))[: forms.LONGEST_NOTE] or None


def shown_id(item: QueueItem) -> str:
    return identifiers.shown(item.id)
