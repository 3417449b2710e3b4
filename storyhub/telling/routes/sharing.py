"""The pages on which a story is told: one box, a look before sending, the receipt."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl

from flask import Blueprint, Response, abort, make_response, render_template, request
from werkzeug.datastructures import MultiDict

from storyhub import languages
from storyhub.extensions import csrf, db
from storyhub.models.sealed import can_be_sealed
from storyhub.models.site import missing_before_telling, the_site
from storyhub.models.story import State, Story, Told, Use, Wish
from storyhub.protection import limits
from storyhub.protection import receipts as codes
from storyhub.protection.access import audience, only_reading, only_reads_now
from storyhub.telling import actions, carrying, queries, weighing
from storyhub.telling.carrying import settings
from storyhub.telling.forms import KeptForm, StoryForm
from storyhub.telling.looking_over import look_over
from storyhub.text import incoming
from storyhub.text import language as languages_of_words

telling = Blueprint("telling", __name__)

# These views check the token themselves: a form that has waited too long must come back with its words in it.
UNREADABLE, TOO_MANY = 422, 429
MOST_FIELDS = 500


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
    form, is_valid = _sent_in()
    if "back" in request.form:
        return _share_page(form)
    if not is_valid:
        return _again(form)
    form.sealed.data = carrying.seal(form)
    return _show_check(form)


@telling.post("/share/send")
@csrf.exempt
@audience("contributor")
def send() -> Response | str:
    form, is_valid = _sent_in()
    if not is_valid:
        return _again(form)
    receipt = carrying.receipt_for(form)
    if receipt is None:  # the words are not those that were checked
        form.sealed.data = carrying.seal(form)
        return _show_check(form)
    digest = codes.digest(receipt, settings().receipt_key)
    already = queries.story_with(db.session, digest)
    if already is not None:
        return _sent_before(form, already, receipt)
    if not limits.within(limits.table.TELLING_CEILING) and not limits.is_shared():
        return _too_many(form)
    lists = the_site(db.session).urgent_words
    db.session.rollback()  # nobody waits while this one is weighed
    told = _told(form)
    actions.receive_once(db.session, _sending(form, told, weighing.weigh(form, told, lists)), digest)
    db.session.commit()
    # Only now, when the story is stored for good, is the receipt shown.
    return _sent_page(receipt, Wish(form.wish.data), form.country.data)


def _sent_before(form: StoryForm, story: Story, receipt: str) -> str:
    """The same receipt again, and what is true of the story; one that was taken back can be told anew."""
    if story.state is State.WITHDRAWN:
        form.sealed.data = carrying.seal(form)
        return _show_check(form, taken_back=True)
    chosen = tuple(Use(use) for use in form.consent.data or ())
    otherwise = actions.was_otherwise(story, _told(form), Wish(form.wish.data), chosen)
    shown = receipt if carrying.may_be_shown_again(form) else None
    return _sent_page(shown, story.wish, story.newest.country, stays_as_it_was=otherwise)


def _sent_page(receipt: str | None, wish: Wish, country: str | None, *, stays_as_it_was: bool = False) -> str:
    only_reads_now()
    form = KeptForm(formdata=None)
    form.sealed.data = carrying.seal_looked_up(receipt) if receipt else ""
    return render_template(
        "telling/sent.html",
        form=form,
        groups=codes.groups(receipt) if receipt else None,
        wish=wish,
        country=country,
        stays_as_it_was=stays_as_it_was,
    )


def _is_open() -> bool:
    """Beyond this machine nothing is told before the people who would read it are ready."""
    return not (settings().beyond_loopback and missing_before_telling(db.session))


def _sent_in() -> tuple[StoryForm, bool]:
    """The form as it was sent, and whether it can be used. Whoever only looks back isn't told what is wrong yet."""
    with only_reading():
        if not _is_open():
            abort(403)
        form = _form()
        return form, "back" in request.form or form.validate_on_submit()


def _form(**given: str) -> StoryForm:
    form = StoryForm(data=given) if given else StoryForm(**arrived())
    form.offer(queries.themes_to_choose(db.session), languages.current())
    form.can_seal = can_be_sealed(db.session)
    return form


def arrived() -> dict[str, Any]:
    """What a form that isn't text is made of: Werkzeug would change or drop its words without a word said."""
    if request.method != "POST":
        return {}
    body, kind = request.get_data(cache=True), request.content_type or ""
    try:
        incoming.check_form_body(body, kind)
    except incoming.NotText:
        try:
            fields = parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=MOST_FIELDS)
        except ValueError:  # no page of ours has so many
            abort(400)
        fields_of = request.form if kind.startswith("multipart/") else MultiDict(fields)
        return {"arrived_whole": False, "formdata": fields_of}
    return {"formdata": request.form}  # and no files: there is no box here for one


def _share_page(form: StoryForm, *, waited_too_long: bool = False) -> str:
    only_reads_now()
    reading = queries.reading_now(db.session)
    form.opened.data = weighing.opening_of(form)
    return render_template("telling/share.html", form=form, reading=reading, waited_too_long=waited_too_long)


def _again(form: StoryForm) -> Response:
    """The page that the form came from, with what was typed and what is wrong with it."""
    waited_too_long = bool(form.csrf_token.errors)
    form.csrf_token.errors = ()
    only_the_words = set(form.errors) <= {"text"}
    if request.path.endswith("/send") or not only_the_words:
        page = render_template("telling/check.html", form=form, told=None, waited_too_long=waited_too_long)
        if waited_too_long and not form.errors:
            form.sealed.data = carrying.seal(form)
            page = _show_check(form, waited_too_long=True)
    else:
        page = _share_page(form, waited_too_long=waited_too_long)
    return make_response(page, 400 if waited_too_long else UNREADABLE)


def _told(form: StoryForm) -> Told:
    return form.told(languages_of_words.detect(form.text.data or ""))


def _show_check(
    form: StoryForm, *, waited_too_long: bool = False, taken_back: bool = False, wait_seconds: int = 0
) -> str:
    only_reads_now()
    form.opened.data = weighing.opening_of(form)
    told = _told(form)
    return render_template(
        "telling/check.html",
        form=form,
        told=told,
        looked_over=look_over(told),
        waited_too_long=waited_too_long,
        taken_back=taken_back,
        wait_seconds=wait_seconds,
        direction_of=languages_of_words.direction,
    )


def _sending(form: StoryForm, told: Told, weighed: weighing.Weighed) -> actions.Sending:
    return actions.Sending(
        told=told,
        wish=Wish(form.wish.data),
        consent=tuple(Use(use) for use in form.consent.data or ()),
        themes=queries.themes_named(db.session, form.themes.data or []),
        campaign=queries.open_campaign(db.session, form.campaign.data),
        lane=weighed.lane,
        surge=weighed.surge,
        because=weighed.because,
        topics=weighed.topics,
        left=form.left(),
    )


def _too_many(form: StoryForm) -> Response:
    """Nothing is sent, and the whole form stands there again, with its receipt: one press is all that is left to do."""
    seconds = limits.seconds_left(limits.table.TELLING_CEILING)
    return make_response(_show_check(form, wait_seconds=seconds), TOO_MANY, {"Retry-After": str(seconds)})
