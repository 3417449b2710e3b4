"""Pages in our own words: where help is, and what is known about whoever reads."""

from __future__ import annotations

from flask import current_app, render_template

from storyhub.config import Settings
from storyhub.extensions import db
from storyhub.feed.routes.blueprint import feed
from storyhub.languages import DEFAULT, current
from storyhub.models.site import the_site
from storyhub.protection.access import audience


@feed.get("/support")
@audience("public")
def support() -> str:
    written = the_site(db.session).support
    return render_template("feed/support.html", written=written.get(current()) or written.get(DEFAULT))


@feed.get("/privacy")
@audience("public")
def privacy() -> str:
    return render_template("feed/privacy.html", settings=_settings())


def _settings() -> Settings:
    found: Settings = current_app.extensions["settings"]
    return found
