"""The pages to which a receipt leads: what became of the story, its words after one more step, and taking it back."""

from __future__ import annotations

from flask import Blueprint, Response, make_response, render_template

from storyhub.extensions import csrf, db
from storyhub.models.story import Story
from storyhub.protection import limits
from storyhub.protection import receipts as codes
from storyhub.protection.access import audience
from storyhub.telling import actions, carrying, queries
from storyhub.telling.forms import ReceiptForm
from storyhub.text import language as languages_of_words

receipts = Blueprint("receipts", __name__)

# These views check the token themselves, so that a page left open asks for the receipt again, in its own words.
UNREADABLE, TOO_MANY, UNKNOWN = 422, 429, 404


@receipts.get("/receipt")
@audience("contributor")
def look_up() -> str:
    return render_template("telling/receipt.html", form=ReceiptForm(formdata=None))


@receipts.post("/receipt")
@csrf.exempt
@audience("contributor")
def show_state() -> Response | str:
    form, story = _looked_up()
    if isinstance(story, Response):
        return story
    return _state_page(form, story)


@receipts.post("/receipt/words")
@csrf.exempt
@audience("contributor")
def show_words() -> Response | str:
    form, story = _looked_up()
    if isinstance(story, Response):
        return story
    return _state_page(form, story, with_words=True)


@receipts.post("/receipt/withdrawal")
@csrf.exempt
@audience("contributor")
def withdraw() -> Response | str:
    form, story = _looked_up()
    if isinstance(story, Response):
        return story
    actions.withdraw(db.session, story)
    db.session.commit()
    return _state_page(form, story, just_withdrawn=True)


def _looked_up() -> tuple[ReceiptForm, Story | Response]:
    """The story of the receipt that was typed, or that the page before carries; else the page that says why not."""
    form = ReceiptForm()
    if not limits.within(limits.LOOK_UP, "receipt") and not limits.is_shared():
        page = render_template("errors/page.html", code=TOO_MANY, retry_after=60)
        return form, make_response(page, TOO_MANY, {"Retry-After": "60"})
    if not form.validate_on_submit():
        waited_too_long = bool(form.csrf_token.errors)
        form.csrf_token.errors = ()
        page = render_template("telling/receipt.html", form=form, waited_too_long=waited_too_long)
        return form, make_response(page, 400 if waited_too_long else UNREADABLE)
    receipt = carrying.receipt_of(form)
    story = queries.story_with(db.session, codes.digest(receipt, carrying.settings().receipt_key)) if receipt else None
    if story is None:
        page = render_template(
            "telling/receipt.html", form=form, unknown=receipt is not None, waited_too_long=receipt is None
        )
        return form, make_response(page, UNKNOWN if receipt else 400)
    form.sealed.data = carrying.seal_looked_up(receipt or "")
    return form, story


def _state_page(form: ReceiptForm, story: Story, *, with_words: bool = False, just_withdrawn: bool = False) -> str:
    return render_template(
        "telling/state.html",
        form=form,
        story=story,
        standing=queries.standing(db.session, story),
        with_words=with_words,
        just_withdrawn=just_withdrawn,
        direction_of=languages_of_words.direction,
    )
