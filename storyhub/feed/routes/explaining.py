"""Pages in our own words: where help is, and what is known about whoever reads."""

from __future__ import annotations

from flask import current_app, render_template

from storyhub.config import Settings
from storyhub.extensions import db
from storyhub.feed.routes.blueprint import feed
from storyhub.languages import DEFAULT, current
from storyhub.models.site import the_site
from storyhub.models.support import by_country, listed_places, well_known_places
from storyhub.protection.access import audience


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
def privacy() -> str:
    return render_template("feed/privacy.html", settings=_settings())


def _settings() -> Settings:
    found: Settings = current_app.extensions["settings"]
    return found
