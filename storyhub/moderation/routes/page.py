"""The page of one story, and the forms beside it."""

from __future__ import annotations

from typing import Any

from flask import render_template, request, session
from flask_login import current_user
from werkzeug.wrappers import Response

from storyhub import languages
from storyhub.extensions import db
from storyhub.models.decision import Reason
from storyhub.models.queue import QueueItem
from storyhub.models.story import MadeBy
from storyhub.moderation import actions, forms, letters, queries
from storyhub.moderation.actions import Wanted
from storyhub.moderation.routes.hands import shown_id
from storyhub.moderation.routes.when import settings, when, window
from storyhub.moderation.wording import Wording


def story_page(item: QueueItem, status: int = 200, **bound: forms.DeskForm) -> Response:
    """The page of one story; forms that came back wrong stand as they were filled in."""
    sheet = queries.sheet(db.session, item)
    in_hand = actions.is_in_hand_of(item, current_user)
    made: dict[str, Any] = {"setting_aside": forms.SettingAside(formdata=None)}
    if in_hand:
        made["publication"] = publication_form(item, sheet)
        made["decline"] = decline_form(item)
        made["redaction"] = redaction_form(item)
    page = render_template(
        "moderation/item.html",
        sheet=sheet,
        item=item,
        story=sheet.story,
        version=sheet.version,
        in_hand=in_hand,
        is_redacted=sheet.version.made_by is MadeBy.REDACTED and bool(sheet.hidden),
        goes_out=when(sheet.story.due(window())) if settings().release_minutes or sheet.story.wish.days else "",
        decided_for=when(sheet.story.outcome_window) if sheet.story.outcome_window else "",
        status=status,
        item_shown=shown_id(item),
        beside=queries.waiting(db.session, item.lane, Wanted(), size=12).rows,
        drafts={str(reason): letters.letter(reason, sheet.version.language) for reason in Reason},
        letter_language=letters.language_of_letter(sheet.version.language),
        just_decided=session.pop("just_decided", None),
        **{**made, **bound},
        words=Wording(languages.current()),
    )
    return Response(page, status, mimetype="text/html")


def publication_form(item: QueueItem, sheet: queries.Sheet | None = None, bound: bool = False) -> forms.Publication:
    choices = forms.theme_choices(queries.offered_themes(db.session), languages.current())
    if bound:
        return forms.Publication(choices)
    newest = item.story.newest
    themes = sheet.themes if sheet else item.story.themes()
    data = {"themes": [theme.slug for theme in themes], "content_notes": newest.content_notes, "version": newest.number}
    return forms.Publication(choices, formdata=None, data=data)


def decline_form(item: QueueItem, bound: bool = False) -> forms.Decline:
    newest = item.story.newest
    if bound:
        return forms.Decline(newest.language)
    data = {"letter": letters.letter(None, newest.language), "version": newest.number}
    return forms.Decline(newest.language, formdata=None, data=data)


def redaction_form(item: QueueItem, bound: bool = False) -> forms.Redaction:
    newest = item.story.newest
    if bound:
        return forms.Redaction(newest)
    return forms.Redaction(newest, formdata=None, data={"version": newest.number})


def as_typed(item: QueueItem) -> dict[str, forms.DeskForm]:
    """The form that could not be taken, as it was filled in; places in words that have changed are left out."""
    verb = (request.endpoint or "").rpartition(".")[2]
    form: forms.DeskForm
    if verb == "publish":
        name, form = "publication", publication_form(item, bound=True)
    elif verb == "decline":
        name, form = "decline", decline_form(item, bound=True)
    elif verb == "redact":
        name, form = "redaction", redaction_form(item, bound=True)
        form.spans.data = ""
    else:
        return {}
    form.version.data = str(item.story.newest.number)
    return {name: form}
