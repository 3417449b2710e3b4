"""Raising something about a story, by anybody who reads it: it goes to the desk, under a receipt of its own."""

from __future__ import annotations

from flask import Blueprint, Response, abort, make_response, redirect, render_template, session, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as Answer

from storyhub import clock
from storyhub.extensions import csrf, db
from storyhub.models.concern import About
from storyhub.models.queue import Lane
from storyhub.models.states import NotPossible
from storyhub.models.story import Story
from storyhub.protection import identifiers, limits
from storyhub.protection import receipts as codes
from storyhub.protection.access import audience, comes_from_this_site
from storyhub.protection.sealing import IDLE_SECONDS
from storyhub.telling import actions, carrying, queries
from storyhub.telling.forms import LostForm
from storyhub.telling.forms_of_concern import ConcernForm
from storyhub.telling.routes.losing import lost_page
from storyhub.telling.routes.opening import UNKNOWN, UNREADABLE, too_many
from storyhub.telling.routes.sharing import arrived

raising = Blueprint("raising", __name__)


@raising.get("/stories/<id:story_id>/concern")
@audience("contributor")
def concern(story_id: int) -> str:
    story = queries.public_story(db.session, identifiers.shown(story_id)) or abort(404)
    return _page(ConcernForm(formdata=None), story)


@raising.post("/stories/<id:story_id>/concern")
@csrf.exempt  # some browsers keep no cookie: where it was sent from is asked instead
@audience("contributor")
def raise_it(story_id: int) -> Answer:
    form = ConcernForm(**arrived())
    form.validate()
    has_no_token = bool(form.csrf_token.errors)
    form.csrf_token.errors = ()
    story = queries.public_story(db.session, identifiers.shown(story_id))
    if story is None:
        return _gone(form)
    if form.is_their_own:
        return make_response(_lost(form, story))
    if form.errors:
        return make_response(_page(form, story), UNREADABLE)
    if has_no_token and not comes_from_this_site(carrying.settings().site_url):
        return make_response(_page(form, story, asks_once_more=True))
    # Without the seal of our page nothing ties two sendings together: the second is a concern of its own.
    receipt, is_fresh = carrying.receipt_for_concern(form, story.id, form.about.data) or (codes.mint(), True)
    digest = codes.digest(receipt, carrying.settings().receipt_key)
    if not (queries.concern_with(db.session, digest) or queries.story_with(db.session, digest)):
        if not limits.within(limits.table.CONCERNS_CEILING) and not limits.is_shared():
            return too_many(form.words.data, limits.table.CONCERNS_CEILING)
        try:
            about = About(form.about.data)
            actions.raise_about(db.session, story, about, form.words.data or "", digest, _lane(about))
        except NotPossible:
            return _gone(form)
        db.session.commit()
    # Only now, when the words are stored for good, is the receipt shown; and never by an address.
    session.pop("concern", None)
    if is_fresh:
        session["concern"] = {"about": str(form.about.data), "receipt": receipt, "at": _now(), "story": story_id}
    return redirect(url_for(".has_arrived", story_id=story_id), 303)


@raising.get("/stories/<id:story_id>/concern/thanks")
@audience("contributor")
def has_arrived(story_id: int) -> str:
    """The receipt, for the browser that sent it alone, and for as long as its cookie lives."""
    kept = session.get("concern", {})
    is_here = kept.get("story") == story_id and 0 <= _now() - kept["at"] < IDLE_SECONDS
    return render_template(
        "telling/concern_sent.html",
        story_id=story_id,
        groups=codes.groups(kept["receipt"]) if is_here else None,
        about=kept["about"] if is_here else None,
        minutes=IDLE_SECONDS // 60,
    )


def _lane(about: About) -> Lane:
    """Where very many come from one place none is refused, and nobody else's concern waits behind them."""
    if not limits.within(limits.table.CONCERNS):
        return Lane.HELD
    return Lane.URGENT if about is About.DANGER else Lane.USUAL


def _page(form: ConcernForm, story: Story, *, asks_once_more: bool = False) -> str:
    form.sealed.data = carrying.seal_beginning(form)
    return render_template(
        "telling/raising.html", form=form, story=story, public=story.public, asks_once_more=asks_once_more
    )


def _lost(form: ConcernForm, story: Story) -> str:
    """On to where a lost receipt is told of. By this answer, since its address would tell whose story it is."""
    address = carrying.settings().site_url + url_for("feed.story", story_id=story.id)
    return lost_page(LostForm(formdata=None, data={"story": address, "words": form.words.data}))


def _gone(form: ConcernForm) -> Response:
    message = _("No public story stands at this address. It may have been taken back a moment ago.")
    page = render_template("errors/page.html", code=UNKNOWN, message=message, carried=form.words.data)
    return make_response(page, UNKNOWN)


def _now() -> int:
    return int(clock.now().timestamp())
