"""Opening a story with its receipt, typed or carried; and the page that says how the story stands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

from flask import Blueprint, Response, make_response, render_template, request

from storyhub.extensions import db
from storyhub.models.story import Story
from storyhub.protection import limits
from storyhub.protection import receipts as codes
from storyhub.telling import actions, carrying, comparing, holding, pacing, queries
from storyhub.telling.forms import EditForm, ReceiptForm
from storyhub.telling.routes.raised import concern_page
from storyhub.text import language as languages_of_words

receipts = Blueprint("receipts", __name__)

# These views check the token themselves, so that a page left open asks for the receipt again, in its own words.
TOO_OLD, UNKNOWN, TOO_LATE, UNREADABLE, TOO_MANY = 400, 404, 409, 422, 429

NOT_KEPT = {"csrf_token", "receipt", "sealed"}

AnyForm = TypeVar("AnyForm", bound=ReceiptForm | EditForm)


@dataclass(frozen=True)
class Opened(Generic[AnyForm]):
    """A story, opened with its receipt, and the form that came with it."""

    form: AnyForm
    story: Story

    @property
    def sealed(self) -> str:
        return self.form.sealed.data or ""

    @property
    def is_ready(self) -> bool:
        """Whether the form was filled in, rather than asked for, and can be used as it is."""
        return bool(request.form.get("step")) and not self.form.errors


def opened(form: AnyForm, *, to_act: bool = False) -> Opened[AnyForm] | Response:
    """The story of the receipt that was typed, or that the page before carries; else the page that says why not.

    Check digits come first: what is mistyped is told so before anything is counted or looked up. `to_act` waits for
    whoever has the story in hand at this moment.
    """
    form.validate()
    waited_too_long = bool(form.csrf_token.errors)
    form.csrf_token.errors = ()
    if form.receipt.errors:
        return _again(form, UNREADABLE)
    try:
        waited = None if form.receipt.data else pacing.waited(form.sealed.data or "")
        receipt = None if waited_too_long else waited or carrying.receipt_of(form)
    except pacing.TooSoon:
        return _moment(form.sealed.data or "")
    if receipt is None:
        return _again(form, TOO_OLD, waited_too_long=True)
    if form.receipt.data and pacing.is_needed():
        return _moment(pacing.sealed(receipt))
    digest = codes.digest(receipt, carrying.settings().receipt_key)
    form.sealed.data, form.receipt.data = carrying.seal_looked_up(receipt), ""
    if story := queries.story_with(db.session, digest):
        if to_act:
            actions.hold(db.session, story)
        return Opened(form, story)
    if concern := queries.concern_with(db.session, digest):
        return concern_page(form, concern)
    form.sealed.data = ""
    return _again(form, UNKNOWN, unknown=True)


def _typed(form: ReceiptForm | EditForm) -> str | None:
    field = getattr(form, "text", None) or getattr(form, "words", None)
    return field.data or None if field is not None else None


def _again(form: ReceiptForm | EditForm, status: int, **said: bool) -> Response:
    """Where the receipt is typed once more. What else was typed comes along and is not lost."""
    for field in form:
        if field is not form.receipt:
            field.errors = ()  # said when the story is open again, beside the field itself
    template = "telling/again.html" if _typed(form) else "telling/receipt.html"
    return make_response(render_template(template, form=form, action=request.path, **said), status)


def too_many(carried: str | None, limit: limits.Limit) -> Response:
    seconds = limits.seconds_left(limit)
    page = render_template("errors/page.html", code=TOO_MANY, retry_after=seconds, carried=carried)
    return make_response(page, TOO_MANY, {"Retry-After": str(seconds)})


def _moment(sealed: str) -> Response:
    """Receipts are looked up very often just now: one more press, some seconds later, with all that was typed."""
    kept = [(name, value) for name, value in request.form.items(multi=True) if name not in NOT_KEPT]
    page = render_template(
        "telling/moment.html", sealed=sealed, kept=kept, action=request.path, seconds=pacing.WAIT_SECONDS
    )
    return make_response(page, TOO_MANY, {"Retry-After": str(pacing.WAIT_SECONDS)})


def state_page(
    found: Opened[AnyForm], *, done: str | None = None, too_late: str | None = None, with_everything: bool = False
) -> Response:
    """How the story stands; after an act with one sentence on what was done, or on why not, and the typed words."""
    page = render_template(
        "telling/state.html",
        sealed=found.sealed,
        story=found.story,
        standing=queries.standing(db.session, found.story),
        question=found.story.open_question,
        themes=queries.themes_to_follow(db.session, found.story),
        originals_days=carrying.settings().originals_days,
        done=done,
        too_late=too_late,
        carried=_typed(found.form) if too_late else None,
        parts=holding.everything_held(db.session, found.story) if with_everything else None,
        hidden=comparing.hidden_in_public(db.session, found.story),
        files=queries.files_with(db.session, found.story) if found.story.ended_on else (),
        direction_of=languages_of_words.direction,
    )
    return make_response(page, TOO_LATE if too_late else 200)


def step_page(template: str, found: Opened[AnyForm], **told: object) -> Response:
    """A form about the story: as it is first asked for, or with what is to be put right in it."""
    is_first = not request.form.get("step") and found.form.arrived_whole
    if is_first:
        for field in found.form:
            field.errors = ()
    page = render_template(
        template,
        form=found.form,
        story=found.story,
        direction_of=languages_of_words.direction,
        originals_days=carrying.settings().originals_days,
        **told,
    )
    return make_response(page, 200 if is_first or not found.form.errors else UNREADABLE)


def when() -> actions.When:
    settings = carrying.settings()
    return actions.When(minutes=settings.release_minutes, originals_days=settings.originals_days)
