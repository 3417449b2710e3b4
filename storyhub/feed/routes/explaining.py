"""Pages in our own words: where help is, and what is known about whoever reads."""

from __future__ import annotations

import hashlib

from flask import Response, current_app, make_response, render_template, request

from storyhub.config import Settings
from storyhub.extensions import db
from storyhub.feed.routes.blueprint import feed
from storyhub.feed.visiting import keeping_of, visit_of
from storyhub.languages import DEFAULT, current
from storyhub.models.site import the_site
from storyhub.models.support import by_country, listed_places, well_known_places
from storyhub.protection import limits
from storyhub.protection.access import audience
from storyhub.protection.headers import never_stored


@feed.get("/support")
@audience("public")
def support() -> str:
    written = the_site(db.session).support
    text = written.get(current()) or written.get(DEFAULT)
    listed = listed_places(db.session)
    # Whoever is in a country for which nothing is listed must find something here too.
    says_enough = bool(text) or any(place.country is None for place in listed)
    return render_template(
        "feed/support.html",
        written=text,
        groups=by_country(listed, current()),
        directories=[] if says_enough else well_known_places([current()]),
    )


@feed.get("/privacy")
@audience("public")
@never_stored
def privacy() -> Response:
    """What is kept, from the running configuration, and what this very visit leaves behind.

    Kept by no cache for others, because it speaks of one visit; whoever has it asks each time whether it still holds.
    """
    settings: Settings = current_app.extensions["settings"]
    visit = visit_of(
        settings,
        is_secure=request.is_secure,
        has_our_cookie=current_app.config["SESSION_COOKIE_NAME"] in request.cookies,
        is_shared=limits.is_shared(),
        keeps_no_list=current_app.config.get("KEEPS_NO_LIST_OF_VISITS", False),
    )
    page = make_response(render_template("feed/privacy.html", visit=visit, keeping=keeping_of(settings)))
    page.headers["Cache-Control"] = "private, no-cache"
    held = hashlib.sha256(page.get_data()).hexdigest()[:16]
    page.set_etag(f"{the_site(db.session).edition}-{held}", weak=True)
    return page.make_conditional(request)  # type: ignore[return-value]
