"""“I hear you” and “This happened to me too”: a reader's one press, counted without knowing whose."""

from __future__ import annotations

import hmac

from flask import Response, abort, current_app, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as Answer

from storyhub.config import Settings
from storyhub.extensions import csrf, db
from storyhub.feed import queries
from storyhub.feed.routes.blueprint import feed
from storyhub.models.publication import Publication
from storyhub.models.solidarity import Said, say
from storyhub.protection import limits
from storyhub.protection.access import audience, comes_from_this_site, only_reading


@feed.post("/stories/<id:story_id>/solidarity")
@csrf.exempt  # readers have no cookie that a token could belong to: where it was sent from is asked instead
@audience("reader")
def say_to_story(story_id: int) -> Answer:
    kind = request.form.get("kind")
    if kind not in set(Said):
        abort(400)
    with only_reading():  # whatever is not counted keeps nobody from being stored
        if queries.public_row(db.session, story_id) is None:
            return _gone(story_id)
        if not _was_meant(story_id, kind):
            seal = _seal(story_id, kind)
            return make_response(render_template("feed/saying.html", story_id=story_id, kind=kind, seal=seal))
    counts_for = _counts_for(story_id, kind)
    if counts_for is not None:
        say(db.session, story_id, Said(kind), counts_for)
        db.session.commit()
    # The same thanks whether it was counted or not, and whichever button it was: a phone's history keeps this address.
    return redirect(url_for(".thanks", story_id=story_id), 303)


@feed.get("/stories/<id:story_id>/thanks")
@audience("public")
def thanks(story_id: int) -> Response | str:
    """The same page for all, so nobody can be sent to one that says something of them which is not true."""
    public = queries.public_row(db.session, story_id)
    return _gone(story_id) if public is None else _thanks(public)


@feed.app_template_global()
def whole_address(path: str) -> str:
    """An address of this site as somebody outside needs it, with the site's own name."""
    settings: Settings = current_app.extensions["settings"]
    return settings.site_url + path


def _thanks(public: Publication) -> str:
    return render_template("feed/thanks.html", story_id=public.story_id, country=public.country)


def _gone(story_id: int) -> Response:
    if not queries.is_set_aside(db.session, story_id):
        abort(404)
    return make_response(render_template("feed/set_aside.html"), 410)


def _counts_for(story_id: int, kind: str) -> int | None:
    """1 for the first time today from this network; where many share one, for the first few. None: nothing is stored.

    Said before from here it counts for 0, and is stored all the same: else it would take less time, and whoever lives
    with a reader could measure that somebody at home has said it. Of those who share an address nobody learns that.

    When the memory of the limits does not answer nothing is counted: a number that anybody could run up says nothing.
    """
    key, is_shared = limits.act_key("solidarity", str(story_id), kind), limits.is_shared()
    if not is_shared and not limits.within(limits.table.SOLIDARITY):
        return None
    once = limits.table.SOLIDARITY_SHARED if is_shared else limits.table.SOLIDARITY_ONCE
    counts = limits.count_all(once, [key])
    if not counts:
        return None
    if counts[0] <= once.amount:
        return 1
    return None if is_shared else 0


def _was_meant(story_id: int, kind: str) -> bool:
    """Whether a page of ours sent it, as the browser says; or somebody pressed once more on the page that asks."""
    settings: Settings = current_app.extensions["settings"]
    sealed = request.form.get("seal", "").encode()
    return comes_from_this_site(settings.site_url) or hmac.compare_digest(sealed, _seal(story_id, kind).encode())


def _seal(story_id: int, kind: str) -> str:
    """What only a page that was shown in this network today can send, for this story and this button.

    It needs no cookie. Whoever brings one from the same network has gained nothing: that network counts once.
    """
    return limits.act_key("meant", str(story_id), kind)
