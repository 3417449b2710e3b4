"""The way out of here. It never waits, and never fails to leave."""

from __future__ import annotations

from flask import Response, current_app, g, request, session
from sqlalchemy.exc import SQLAlchemyError

from storyhub.config import Settings
from storyhub.extensions import db
from storyhub.feed.routes.blueprint import feed
from storyhub.models.site import can_be_left_for, the_site
from storyhub.protection.access import audience

ANYWHERE = "https://www.wikipedia.org/"
BY_OWN_HAND = {"same-origin", "none"}  # the link on a page of ours, or an address that somebody typed


@feed.get("/leave")
@audience("contributor")
def leave() -> Response:
    """Out of here, without a word to the next site about where somebody came from.

    It ends the one cookie that this site may have set on the device, so that going back opens no page that was
    somebody's own: a contributor's, or the desk of a moderator, where other people's stories stand.

    No Clear-Site-Data: browsers may hold the next page up until they have cleared, and this must never wait; nor
    could it clear the history, which is what somebody would look at. The page on support says so.
    """
    if current_app.config["SESSION_COOKIE_NAME"] in request.cookies and _was_asked_for_by_hand():
        session.clear()
    return Response(status=303, headers={"Location": _elsewhere(), "Referrer-Policy": "no-referrer"})


def _was_asked_for_by_hand() -> bool:
    """Whether nobody else's page sent the browser here: that one leaves as well, but ends nobody's cookie.

    A browser too old to say so is believed, unless it names another site: that a form must be sent once more is less
    than that an old telephone keeps a door open.
    """
    if (site := request.headers.get("Sec-Fetch-Site")) is not None:
        return site in BY_OWN_HAND
    settings: Settings = current_app.extensions["settings"]
    came_from = request.headers.get("Origin") or request.headers.get("Referer")
    return not came_from or f"{came_from}/".startswith(f"{settings.site_url}/")


def _elsewhere() -> str:
    """The steward's address as this process last saw it, on whatever page it showed last: no database is waited for."""
    address = current_app.extensions.get("leave_address") or _looked_up()
    return address if can_be_left_for(address) else ANYWHERE


def _looked_up() -> str:
    """For a process that has shown no page yet: asked of a connection that only reads, which waits for no writer."""
    g.reads_only = True
    try:
        return the_site(db.session).leave_address
    except (SQLAlchemyError, RuntimeError):
        return ANYWHERE
