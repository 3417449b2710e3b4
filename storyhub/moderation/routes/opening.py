"""Opening a story, keeping something about it, and leaving it for now: all that decides nothing."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.wrappers import Response

from storyhub import languages
from storyhub.extensions import db
from storyhub.models.concern import About
from storyhub.models.decision import Reason
from storyhub.models.labels import NOTES
from storyhub.models.queue import Lane, QueueItem, spaced
from storyhub.models.story import NotPossible
from storyhub.moderation import actions, forms, queries, suggesting
from storyhub.moderation.actions import NotInHand
from storyhub.moderation.routes import pausing
from storyhub.moderation.routes.blueprint import DESK, desk
from storyhub.moderation.routes.hands import (
    in_hand,
    item_at,
    note_typed,
    on_to_next,
    pass_over,
    shown_id,
    story_in_hand,
)
from storyhub.moderation.routes.page import as_typed, publication_form, story_page, written
from storyhub.moderation.wording import Wording
from storyhub.protection.access import audience


@desk.get("/items/<id:item_id>")
@audience(*DESK)
def item(item_id: int) -> Response:
    item = item_at(item_id)
    if item.closed or not actions.may_decide(item, current_user):
        return story_page(item)
    if not item.is_free_for(current_user):
        return story_page(item, 409)
    if request.method == "GET":
        actions.open_item(item, by=current_user)
        db.session.commit()
    return story_page(item)


@desk.post("/items/<id:item_id>/themes")
@audience(*DESK)
def set_themes(item_id: int) -> Response:
    item = story_in_hand(item_id)
    form = publication_form(item, bound=True)
    if not form.validate():
        return story_page(item, 422, publication=form)
    keep_themes(item, form)
    return still_reading(item, _("The themes are kept."))


@desk.post("/items/<id:item_id>/notes")
@audience(*DESK)
def set_notes(item_id: int) -> Response:
    item = story_in_hand(item_id)
    form = publication_form(item, bound=True)
    if not form.validate():
        return story_page(item, 422, publication=form)
    keep_notes(item, form)
    return still_reading(item, _("What the story speaks of is kept."))


@desk.post("/items/<id:item_id>/suggestions")
@audience(*DESK)
def take_suggestions(item_id: int) -> Response:
    """What the words suggest, beside what is ticked: a person pressed it, and it is theirs from then on."""
    item = story_in_hand(item_id)
    form = publication_form(item, bound=True)
    if not form.validate():
        return story_page(item, 422, publication=form)
    newest = item.story.newest
    hints = suggesting.hints_in(newest, queries.offered_themes(db.session), item.story.themes())
    form.themes.data = [*(form.themes.data or []), *(theme.slug for theme in hints.themes)]
    form.content_notes.data = [*(form.content_notes.data or []), *hints.notes]
    keep_themes(item, form)
    keep_notes(item, form)
    return still_reading(item, _("What the words suggest is kept."))


@desk.post("/items/<id:item_id>/hold")
@audience(*DESK)
def hold(item_id: int) -> Response:
    """Into the held lane, or back from it with `lane=usual`."""
    lane = Lane.USUAL if request.form.get("lane") == Lane.USUAL else Lane.HELD
    said = _("It is held for later.") if lane is Lane.HELD else _("It waits in the usual lane again.")
    return moved(in_hand(item_id), lane, said)


@desk.post("/items/<id:item_id>/escalation")
@audience(*DESK)
def escalate(item_id: int) -> Response:
    item = item_at(item_id, lock=True)
    # Anybody may pass on what only the lead answers; all else is passed on by whoever holds it.
    is_free = item.concern_id and not item.closed and not item.is_held_by_another(current_user)
    if not item.concern_id and request.form.get("reason") == Reason.UNDER_18_DETAIL:
        said = _("It waits in the urgent lane. From now on the safeguarding lead alone decides about it.")
        return moved(in_hand(item_id), Lane.URGENT, said, Reason.UNDER_18_DETAIL)
    return moved(
        item if is_free else in_hand(item_id), Lane.URGENT, _("It waits in the urgent lane, for the safeguarding lead.")
    )


@desk.post("/items/<id:item_id>/skip")
@audience(*DESK)
def skip(item_id: int) -> Response:
    """Let go without a reason: nobody has to read what they would rather not."""
    item = item_at(item_id, lock=True)
    if actions.is_in_hand_of(item, current_user):
        item.let_go()
    pass_over(shown_id(item))
    return on_to_next(pausing.kept(item.lane))


@desk.errorhandler(NotInHand)
@desk.errorhandler(NotPossible)
@desk.errorhandler(StaleDataError)
def meanwhile(_error: Exception) -> Response:
    """Somebody was first, or time was over. Nothing is done twice, and what was written comes back."""
    db.session.rollback()
    item_id = (request.view_args or {}).get("item_id")
    if item_id is None:
        flash(_("Somebody changed that story just now. Please ask for the next one again."))
        return redirect(url_for(".queue"), 303)
    item = item_at(item_id, lock=True)
    may_decide = actions.may_decide(item, current_user)
    if may_decide and not item.closed and item.is_free_for(current_user):
        actions.open_item(item, by=current_user)
        db.session.commit()
        return story_page(item, 409, **as_typed(item))
    last = queries.last_about(db.session, item)
    page = render_template(
        "moderation/meanwhile.html",
        item=item,
        last=last,
        names=queries.names(db.session, {last.by_id} if last else set()),
        may_decide=may_decide,
        carried=written(),
        words=Wording(languages.current()),
    )
    return Response(page, 409, mimetype="text/html")


def moved(item: QueueItem, lane: Lane, said: str, reason: Reason | None = None) -> Response:
    came_from = item.lane
    if item.concern is not None and item.concern.about is About.LEGAL_DEMAND:
        item.concern.put_off(lane, by=current_user, session=db.session, note=note_typed())
    else:
        actions.move(db.session, item, lane, by=current_user, reason=reason, note=note_typed())
    pass_over(shown_id(item))
    flash(said)
    return on_to_next(pausing.kept(came_from))


def still_reading(item: QueueItem, said: str) -> Response:
    """The same story, with its words open as they were."""
    item_id = item.id
    db.session.commit()
    flash(said)
    return redirect(url_for(".item", item_id=item_id, words="open"), 303)


def keep_themes(item: QueueItem, form: forms.Publication) -> None:
    if not form.says_themes:
        return
    offered = queries.offered_themes(db.session)
    chosen = [theme for theme in offered if theme.slug in (form.themes.data or [])]
    actions.code(item.story, chosen, offered if form.offered.raw_data else [])


def keep_notes(item: QueueItem, form: forms.Publication) -> None:
    """What a person says that it speaks of stands; the queue goes by it too from then on."""
    if form.says_notes:
        chosen = [code for code in NOTES if code in (form.content_notes.data or [])]
        item.story.newest.content_notes, item.topics = chosen, spaced(chosen)
