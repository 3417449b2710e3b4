"""The desk's addresses: the queue, the next story, one story, and what is decided about it."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, current_app, flash, redirect, render_template, request, session, url_for
from flask_babel import format_date, format_time
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.wrappers import Response

from storyhub import clock, languages
from storyhub.extensions import db
from storyhub.models.decision import Act, Decision, Reason
from storyhub.models.labels import NOTES
from storyhub.models.queue import Kind, Lane, QueueItem
from storyhub.models.story import MadeBy, NotPossible, State, Story
from storyhub.moderation import actions, forms, letters, marks, queries
from storyhub.moderation.actions import NotInHand, Wanted
from storyhub.moderation.wording import Wording
from storyhub.protection import identifiers
from storyhub.protection.access import audience

DESK = ("moderator", "safeguarding-lead")
MOST_PASSED_OVER = 50
PUBLISHING = (Act.PUBLISH, Act.COUNT)

desk = Blueprint("moderation", __name__, url_prefix="/desk")


@desk.get("/")
@audience(*DESK)
def queue() -> str:
    wanted = queries.wanted(request.args)
    counts = queries.counts(db.session)
    lane = wanted.lane or (Lane.URGENT if counts[Lane.URGENT] else Lane.USUAL)
    return render_template(
        "moderation/queue.html",
        lane=lane,
        Kind=Kind,
        wanted=wanted,
        counts=counts,
        queue=queries.waiting(db.session, lane, wanted, queries.cursor(request.args)),
        just_decided=session.pop("just_decided", None),
        waiting_languages=queries.waiting_languages(db.session),
        words=Wording(languages.current()),
    )


@desk.post("/next")
@audience(*DESK)
def next_story() -> Response:
    if left := request.form.get("past", ""):
        _pass_over(left)
    return _on_to_next(queries.wanted(request.form))


@desk.get("/decided")
@audience(*DESK)
def decided() -> str:
    before = request.args.get("before", "")
    rows, older = queries.decided(db.session, int(before) if before.isdecimal() and len(before) < 10 else None)
    names = queries.names(db.session, {decision.by_id for decision, _item_id in rows})
    return render_template(
        "moderation/decided.html",
        rows=rows,
        older=older,
        names=names,
        counts=queries.counts(db.session),
        words=Wording(languages.current()),
    )


@desk.get("/items/<id:item_id>")
@audience(*DESK)
def item(item_id: int) -> Response:
    item = _item(item_id)
    if item.closed:
        return _sheet(item)
    if not item.is_free_for(current_user):
        return _sheet(item, 409)
    if request.method == "GET":
        actions.open_item(item, by=current_user)
        db.session.commit()
    return _sheet(item)


@desk.post("/items/<id:item_id>/publication")
@audience(*DESK)
def publish(item_id: int) -> Response:
    item = _in_hand(item_id, *PUBLISHING)
    form = _publication_form(item, bound=True)
    if not form.validate():
        return _sheet(item, 422, publication=form)
    _keep_themes(item, form)
    _keep_notes(item, form)
    item.story.publish(by=current_user, window=_window(), note=form.note.data)
    return _decided(item)


@desk.post("/items/<id:item_id>/decline")
@audience(*DESK)
def decline(item_id: int) -> Response:
    item = _in_hand(item_id, Act.DECLINE)
    form = _decline_form(item, bound=True)
    if not form.validate():
        return _sheet(item, 422, decline=form)
    item.story.decline(
        by=current_user,
        window=_window(),
        reason=Reason(form.reason.data),
        letter=form.letter_to_send,
        note=form.note.data,
    )
    return _decided(item)


@desk.post("/items/<id:item_id>/redaction")
@audience(*DESK)
def redact(item_id: int) -> Response:
    item = _in_hand(item_id, Act.REDACT)
    source = item.story.newest
    form = _redaction_form(item, bound=True)
    if not form.validate():
        return _sheet(item, 422, redaction=form)
    mark = marks.mark(marks.Hidden(form.kind.data), source.language)
    item.story.redact(
        form.places,
        by=current_user,
        mark=mark,
        title=form.line_without(source.title, mark),
        name=form.line_without(source.name, mark),
        note=form.note.data,
    )
    return _still_here(item, _("The words are hidden. The story shows how it reads now."))


@desk.post("/items/<id:item_id>/restoration")
@audience(*DESK)
def restore_words(item_id: int) -> Response:
    item = _in_hand(item_id, Act.UNDO)
    item.story.restore_words(by=current_user)
    return _still_here(item, _("The words stand again as they were told."))


@desk.post("/items/<id:item_id>/themes")
@audience(*DESK)
def set_themes(item_id: int) -> Response:
    item = _in_hand(item_id)
    form = _publication_form(item, bound=True)
    if not form.validate():
        return _sheet(item, 422, publication=form)
    _keep_themes(item, form)
    return _still_here(item, _("The themes are kept."))


@desk.post("/items/<id:item_id>/notes")
@audience(*DESK)
def set_notes(item_id: int) -> Response:
    item = _in_hand(item_id)
    form = _publication_form(item, bound=True)
    if not form.validate():
        return _sheet(item, 422, publication=form)
    _keep_notes(item, form)
    return _still_here(item, _("What the story speaks of is kept."))


@desk.post("/items/<id:item_id>/hold")
@audience(*DESK)
def hold(item_id: int) -> Response:
    """Into the held lane, or back from it with `lane=usual`."""
    lane = Lane.USUAL if request.form.get("lane") == Lane.USUAL else Lane.HELD
    said = _("It is held for later.") if lane is Lane.HELD else _("It waits in the usual lane again.")
    return _moved(item_id, lane, said)


@desk.post("/items/<id:item_id>/escalation")
@audience(*DESK)
def escalate(item_id: int) -> Response:
    return _moved(item_id, Lane.URGENT, _("It waits in the urgent lane, for the safeguarding lead."))


@desk.post("/items/<id:item_id>/skip")
@audience(*DESK)
def skip(item_id: int) -> Response:
    """Let go without a reason: nobody has to read what they would rather not."""
    item = _item(item_id, lock=True)
    if actions.is_in_hand_of(item, current_user):
        item.let_go()
    _pass_over(identifiers.shown(item.id))
    return _on_to_next(Wanted(lane=Lane.HELD if item.lane is Lane.HELD else None))


@desk.post("/items/<id:item_id>/undo")
@audience(*DESK)
def undo(item_id: int) -> Response:
    item = _item(item_id, lock=True)
    story = item.story
    last = queries.last_decision(db.session, story)
    if not (story.state is State.WAITING and story.outcome is None and _was_mine(last, Act.UNDO)):
        story.undo(by=current_user, note=request.form.get("note", "")[: forms.LONGEST_NOTE] or None)
    if not item.closed and item.is_free_for(current_user):
        actions.open_item(item, by=current_user)
    return _still_here(item, _("Undone. The story waits for a decision again."))


@desk.post("/items/<id:item_id>/setting-aside")
@audience(*DESK)
def set_aside(item_id: int) -> Response:
    item = _item(item_id, lock=True)
    form = forms.SettingAside()
    if not form.validate():
        return _sheet(item, 422, setting_aside=form)
    last = queries.last_decision(db.session, item.story)
    if not (item.story.state is State.SET_ASIDE and _was_mine(last, Act.SET_ASIDE)):
        item.story.set_aside(by=current_user, reason=Reason(form.reason.data), note=form.note.data)
    session["just_decided"] = _shown(item)
    return _still_here(item, _("The story is set aside. A neutral line stands where it stood."))


@desk.errorhandler(NotInHand)
@desk.errorhandler(NotPossible)
@desk.errorhandler(StaleDataError)
def meanwhile(_error: Exception) -> Response:
    """Somebody was first, or time was over. Nothing is done twice, and what was written comes back."""
    db.session.rollback()
    item = _item((request.view_args or {})["item_id"], lock=True)
    if not item.closed and item.is_free_for(current_user):
        actions.open_item(item, by=current_user)
        db.session.commit()
        return _sheet(item, 409, **_as_typed(item))
    last = queries.last_decision(db.session, item.story)
    page = render_template(
        "moderation/meanwhile.html",
        item=item,
        last=last,
        names=queries.names(db.session, {last.by_id} if last else set()),
        carried=[words for name in ("note", "letter") if (words := request.form.get(name, "").strip())],
        words=Wording(languages.current()),
    )
    return Response(page, 409, mimetype="text/html")


# One story on the page, and the forms beside it.


def _sheet(item: QueueItem, status: int = 200, **bound: forms.DeskForm) -> Response:
    """The page of one story; forms that came back wrong stand as they were filled in."""
    sheet = queries.sheet(db.session, item)
    in_hand = actions.is_in_hand_of(item, current_user)
    made: dict[str, Any] = {"setting_aside": forms.SettingAside(formdata=None)}
    if in_hand:
        made["publication"] = _publication_form(item, sheet)
        made["decline"] = _decline_form(item)
        made["redaction"] = _redaction_form(item)
    page = render_template(
        "moderation/item.html",
        sheet=sheet,
        item=item,
        story=sheet.story,
        version=sheet.version,
        in_hand=in_hand,
        is_redacted=sheet.version.made_by is MadeBy.REDACTED and bool(sheet.hidden),
        goes_out=_when(sheet.story.due(_window())) if _settings().release_minutes or sheet.story.wish.days else "",
        decided_for=_when(sheet.story.outcome_window) if sheet.story.outcome_window else "",
        status=status,
        item_shown=_shown(item),
        beside=queries.waiting(db.session, item.lane, Wanted(), size=12).rows,
        drafts={str(reason): letters.letter(reason, sheet.version.language) for reason in Reason},
        letter_language=letters.language_of_letter(sheet.version.language),
        just_decided=session.pop("just_decided", None),
        **{**made, **bound},
        words=Wording(languages.current()),
    )
    return Response(page, status, mimetype="text/html")


def _publication_form(item: QueueItem, sheet: queries.Sheet | None = None, bound: bool = False) -> forms.Publication:
    choices = forms.theme_choices(queries.offered_themes(db.session), languages.current())
    if bound:
        return forms.Publication(choices)
    newest = item.story.newest
    themes = sheet.themes if sheet else item.story.themes()
    data = {"themes": [theme.slug for theme in themes], "content_notes": newest.content_notes, "version": newest.number}
    return forms.Publication(choices, formdata=None, data=data)


def _decline_form(item: QueueItem, bound: bool = False) -> forms.Decline:
    newest = item.story.newest
    if bound:
        return forms.Decline(newest.language)
    data = {"letter": letters.letter(None, newest.language), "version": newest.number}
    return forms.Decline(newest.language, formdata=None, data=data)


def _redaction_form(item: QueueItem, bound: bool = False) -> forms.Redaction:
    newest = item.story.newest
    if bound:
        return forms.Redaction(newest)
    return forms.Redaction(newest, formdata=None, data={"version": newest.number})


def _as_typed(item: QueueItem) -> dict[str, forms.DeskForm]:
    """The form that could not be taken, as it was filled in; places in words that have changed are left out."""
    verb = (request.endpoint or "").rpartition(".")[2]
    form: forms.DeskForm
    if verb == "publish":
        name, form = "publication", _publication_form(item, bound=True)
    elif verb == "decline":
        name, form = "decline", _decline_form(item, bound=True)
    elif verb == "redact":
        name, form = "redaction", _redaction_form(item, bound=True)
        form.spans.data = ""
    else:
        return {}
    form.version.data = str(item.story.newest.number)
    return {name: form}


# Who holds what.


def _item(item_id: int, lock: bool = False) -> QueueItem:
    item = db.session.get(QueueItem, item_id, with_for_update=lock or None)
    return item if item is not None else abort(404)


def _in_hand(item_id: int, *acts: Act) -> QueueItem:
    """The item, if this person holds it and decides about the words as they stand now. Raises NotInHand.

    `acts`: what the form would record. Where this person did just that already, a second press sends them on.
    """
    item = _item(item_id, lock=True)
    seen, newest = request.form.get("version", ""), item.story.newest.number
    words_stand = seen in ("", str(newest))
    if actions.is_in_hand_of(item, current_user) and words_stand:
        return item
    last = queries.last_decision(db.session, item.story)
    if _was_mine(last, *acts) and last is not None:
        if item.closed and last.reason in (None, request.form.get("reason")):
            abort(_decided(item))
        if not item.closed and seen == str(newest - 1):
            abort(redirect(url_for(".item", item_id=item.id), 303))
    raise NotInHand(item)


def _was_mine(decision: Decision | None, *acts: Act) -> bool:
    return decision is not None and decision.act in acts and decision.by_id == current_user.id


def _pass_over(shown: str) -> None:
    """Remember for this session what somebody left for later, so that it is not handed to them again at once."""
    left = [other for other in session.get("passed_over", []) if other != shown]
    session["passed_over"] = [*left, shown[:13]][-MOST_PASSED_OVER:]


def _passed_over() -> list[int]:
    ids = []
    for shown in session.get("passed_over", []):
        try:
            ids.append(identifiers.read(shown))
        except ValueError:
            continue
    return ids


def _on_to_next(wanted: Wanted) -> Response:
    """Hand out the next story; where nothing waits, the queue with a kind word."""
    left = _passed_over()
    item = actions.claim_next(db.session, wanted, by=current_user, passed_over=left)
    item_id = item.id if item else None
    db.session.commit()
    if item_id is not None:
        return redirect(url_for(".item", item_id=item_id), 303)
    if left:
        session.pop("passed_over")
        flash(_("That was all, but for what you left for later. “Next story” begins with it again."))
    else:
        flash(_("Nothing more waits for you at the moment. Thank you for reading."))
    return redirect(url_for(".queue", lane=wanted.lane, kind=wanted.kind, language=wanted.language), 303)


# Afterwards.


def _decided(item: QueueItem) -> Response:
    """After a decision: release it where there are no windows, say what happens, and on to the next story."""
    settings = _settings()
    db.session.flush()
    actions.release_at_once(db.session, minutes=settings.release_minutes, originals_days=settings.originals_days)
    flash(_what_happens(item.story))
    session["just_decided"] = _shown(item)
    return _on_to_next(Wanted(lane=Lane.HELD if item.lane is Lane.HELD else None))


def _still_here(item: QueueItem, said: str) -> Response:
    item_id = item.id
    db.session.commit()
    flash(said)
    return redirect(url_for(".item", item_id=item_id), 303)


def _moved(item_id: int, lane: Lane, said: str) -> Response:
    item = _in_hand(item_id)
    was_held = item.lane is Lane.HELD
    note = request.form.get("note", "")
    actions.move(db.session, item, lane, by=current_user, note=note[: forms.LONGEST_NOTE] or None)
    _pass_over(_shown(item))
    flash(said)
    return _on_to_next(Wanted(lane=Lane.HELD if was_held else None))


def _keep_themes(item: QueueItem, form: forms.Publication) -> None:
    if not (form.offered.raw_data or form.themes.raw_data):
        return
    offered = queries.offered_themes(db.session)
    chosen = [theme for theme in offered if theme.slug in (form.themes.data or [])]
    actions.code(item.story, chosen, offered if form.offered.raw_data else [])


def _keep_notes(item: QueueItem, form: forms.Publication) -> None:
    if form.offered.raw_data or form.content_notes.raw_data:
        item.story.newest.content_notes = [code for code in NOTES if code in (form.content_notes.data or [])]


def _what_happens(story: Story) -> str:
    outcome, due = story.outcome or story.state, story.outcome_window
    when = _when(due) if due is not None and story.outcome is not None else ""
    if outcome is State.PUBLISHED:
        return _("It will be published %(when)s.", when=when) if when else _("Published. It can be read now.")
    if outcome is State.COUNTED:
        return _("It is counted, and not published, as its teller wished.")
    if when:
        return _("It will not be published. The letter can be read with the receipt %(when)s.", when=when)
    return _("It is not published. The letter can be read with the receipt.")


def _when(window: int) -> str:
    """When a release window opens, in words."""
    moment = clock.moment(window)
    if moment.date() == clock.today():
        return _("today at %(time)s (UTC)", time=format_time(moment, "short"))
    return _("on %(day)s", day=format_date(moment.date(), "long"))


def _window() -> int:
    return clock.next_window(_settings().release_minutes)


def _settings() -> Any:
    return current_app.extensions["settings"]


def _shown(item: QueueItem) -> str:
    return identifiers.shown(item.id)
