"""Pages in our own words, and the way out."""

from __future__ import annotations

from flask import Response, current_app, render_template

from storyhub.config import Settings
from storyhub.extensions import db
from storyhub.feed.routes.blueprint import feed
from storyhub.languages import DEFAULT, current
from storyhub.models.site import can_be_left_for, the_site
from storyhub.protection.access import audience
from storyhub.protection.headers import never_stored

ANYWHERE = "https://www.wikipedia.org/"


@feed.get("/support")
@audience("public")
def support() -> str:
    written = the_site(db.session).support
    return render_template("feed/support.html", written=written.get(current()) or written.get(DEFAULT))


@feed.get("/privacy")
@audience("public")
def privacy() -> str:
    return render_template("feed/privacy.html", settings=_settings())


@feed.get("/leave")
@audience("public")
@never_stored
def leave() -> Response:
    """Out of here, without a word to the next site about where somebody came from.

    No Clear-Site-Data: browsers may hold the next page up until they have cleared, and this must never wait; nor
    could it clear the history, which is what somebody would look at. The page on support says so.
    """
    response = Response(status=303, headers={"Location": _elsewhere(), "Referrer-Policy": "no-referrer"})
    response.headers["Cache-Control"] = "no-store"
    return response


def _elsewhere() -> str:
    address = the_site(db.session).leave_address
    return address if can_be_left_for(address) else ANYWHERE


def _settings() -> Settings:
    found: Settings = current_app.extensions["settings"]
    return found
