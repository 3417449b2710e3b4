"""The pages on which a story is told, and those to which its receipt leads."""

from __future__ import annotations

import hashlib
from typing import Any
from urllib.parse import parse_qsl

from flask import Blueprint, Response, abort, current_app, make_response, render_template, request
from werkzeug.datastructures import MultiDict

from storyhub import languages
from storyhub.config import Settings
from storyhub.extensions import csrf, db
from storyhub.models.queue import Lane
from storyhub.models.site import missing_before_telling, the_site
from storyhub.models.story import Story, Told, Use, Wish
from storyhub.protection import limits
from storyhub.protection import receipts as codes
from storyhub.protection.access import audience
from storyhub.protection.sealing import IDLE_SECONDS, Broken, Sealer
from storyhub.telling import actions, queries
from storyhub.telling.forms import ReceiptForm, StoryForm
from storyhub.text import incoming
from storyhub.text import language as languages_of_words

telling = Blueprint("telling", __name__)
receipts = Blueprint("receipts", __name__)

# These views check the token themselves: a form that has waited too long must come back with its words in it.
UNREADABLE, TOO_MANY, GONE = 422, 429, 404
RETRY_SECONDS = 3600


@telling.get("/share")
@audience("contributor")
def share() -> str:
    if not _is_open():
        return render_template("telling/not_open.html")
    return _share_page(_form(campaign=request.args.get("campaign", "")))


@telling.post("/share")
@csrf.exempt
@audience("contributor")
def check() -> Response | str:
    if not _is_open():
        abort(403)
    form = _form()
    if "back" in request.form:
        return _share_page(form)
    if not form.validate_on_submit():
        return _again(form)
    form.sealed.data = _seal_for(form)
    return _show_check(form)


@telling.post("/share/send")
@csrf.exempt
@audience("contributor")
def send() -> Response | str:
    if not _is_open():
        abort(403)
    form = _form()
    if not form.validate_on_submit():
        return _again(form)
    receipt = _sealed_receipt(form)
    if receipt is None:  # the words are not those that were checked
        form.sealed.data = _seal_for(form)
        return _show_check(form)
    digest = codes.digest(receipt, _settings().receipt_key)
    if queries.story_with(db.session, digest) is None:
        if not limits.within(limits.CEILING_TELLING, "telling-ceiling") and not limits.is_shared():
            return _too_many(form)
        actions.receive_once(db.session, _sending(form), digest)
        db.session.commit()
    # Only now, when the story is stored for good, is the receipt shown.
    return render_template("telling/sent.html", groups=codes.groups(receipt), wish=form.wish.data)


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


def _settings() -> Settings:
    settings: Settings = current_app.extensions["settings"]
    return settings


def _is_open() -> bool:
    """Beyond this machine nothing is told before the people who would read it are ready."""
    return not (_settings().beyond_loopback and missing_before_telling(db.session))


def _form(**given: str) -> StoryForm:
    form = StoryForm(data=given) if given else StoryForm(**_arrived())
    form.offer(queries.themes_to_choose(db.session), languages.current())
    return form


def _arrived() -> dict[str, Any]:
    """What a form that isn't text is made of: Werkzeug would change or drop its words without a word said."""
    if request.method != "POST":
        return {}
    body, kind = request.get_data(cache=True), request.content_type or ""
    try:
        incoming.check_form_body(body, kind)
    except incoming.NotText:
        fields = parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=500)
        return {"arrived_whole": False} | ({} if kind.startswith("multipart/") else {"formdata": MultiDict(fields)})
    return {}


def _share_page(form: StoryForm, *, waited_too_long: bool = False) -> str:
    read = the_site(db.session).languages_read
    return render_template("telling/share.html", form=form, languages_read=read, waited_too_long=waited_too_long)


def _again(form: StoryForm) -> Response:
    """The page that the form came from, with what was typed and what is wrong with it."""
    waited_too_long = bool(form.csrf_token.errors)
    form.csrf_token.errors = ()
    only_the_words = set(form.errors) <= {"text"}
    if request.path.endswith("/send") or not only_the_words:
        page = render_template("telling/check.html", form=form, told=None, waited_too_long=waited_too_long)
        if waited_too_long and not form.errors:
            form.sealed.data = _seal_for(form)
            page = _show_check(form, waited_too_long=True)
    else:
        page = _share_page(form, waited_too_long=waited_too_long)
    return make_response(page, 400 if waited_too_long else UNREADABLE)


def _told(form: StoryForm) -> Told:
    return form.told(languages_of_words.detect(form.text.data or ""))


def _show_check(form: StoryForm, *, waited_too_long: bool = False) -> str:
    return render_template(
        "telling/check.html",
        form=form,
        told=_told(form),
        waited_too_long=waited_too_long,
        direction_of=languages_of_words.direction,
    )


def _sending(form: StoryForm) -> actions.Sending:
    # Counting never refuses: what looks odd waits in the held lane and is read all the same (promise 13).
    odd = bool(form.website.data) or not limits.within(limits.SOFT_TELLING, "telling")
    return actions.Sending(
        told=_told(form),
        wish=Wish(form.wish.data),
        consent=tuple(Use(use) for use in form.consent.data or ()),
        themes=queries.themes_named(db.session, form.themes.data or []),
        campaign=queries.open_campaign(db.session, form.campaign.data),
        lane=Lane.HELD if odd else Lane.USUAL,
    )


def _too_many(form: StoryForm) -> Response:
    page = render_template(
        "errors/page.html", code=TOO_MANY, carried=form.text.data, retry_after=RETRY_SECONDS, kind="limit"
    )
    return make_response(page, TOO_MANY, {"Retry-After": str(RETRY_SECONDS)})


def _receipt_sealer() -> Sealer:
    return Sealer(_settings().secret_key, "receipt in a form")


def _fingerprint(form: StoryForm) -> str:
    return hashlib.sha256((form.text.data or "").encode()).hexdigest()


def _seal_for(form: StoryForm) -> str:
    """A receipt for these words, carried in the form until they are sent; the same one while they are not stored."""
    receipt = _carried(form)
    if receipt is None:
        receipt = {"receipt": codes.mint()}
    elif receipt["words"] != _fingerprint(form) and _is_stored(receipt["receipt"]):
        receipt = {"receipt": codes.mint()}  # these are other words than those that were sent before
    return _receipt_sealer().seal({"receipt": receipt["receipt"], "words": _fingerprint(form)})


def _is_stored(receipt: str) -> bool:
    return queries.story_with(db.session, codes.digest(receipt, _settings().receipt_key)) is not None


def _carried(form: StoryForm) -> dict[str, str] | None:
    try:
        carried: dict[str, str] = _receipt_sealer().open(form.sealed.data or "")
        return carried
    except Broken:
        return None


def _sealed_receipt(form: StoryForm) -> str | None:
    carried = _carried(form)
    return carried["receipt"] if carried and carried["words"] == _fingerprint(form) else None


def _look_up_sealer() -> Sealer:
    return Sealer(_settings().secret_key, "receipt looked up")


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
    receipt = _receipt_of(form)
    story = queries.story_with(db.session, codes.digest(receipt, _settings().receipt_key)) if receipt else None
    if story is None:
        page = render_template(
            "telling/receipt.html", form=form, unknown=receipt is not None, waited_too_long=receipt is None
        )
        return form, make_response(page, GONE if receipt else 400)
    form.sealed.data = _look_up_sealer().seal(receipt)
    return form, story


def _receipt_of(form: ReceiptForm) -> str | None:
    if form.receipt.data:
        return codes.read(form.receipt.data)
    try:
        return str(_look_up_sealer().open(form.sealed.data or "", IDLE_SECONDS))
    except Broken:
        return None


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


__all__ = ["receipts", "telling"]
