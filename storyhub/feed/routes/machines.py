"""What machines ask a site for: whether it lives, what they may fetch, whom to tell of a weakness."""

from __future__ import annotations

import datetime as dt
from functools import cache
from xml.etree import ElementTree

import sqlalchemy as sa
from alembic.script import ScriptDirectory
from flask import Response, abort, current_app, url_for
from sqlalchemy.exc import SQLAlchemyError

from storyhub import clock
from storyhub.config import ROOT, Settings
from storyhub.extensions import db
from storyhub.feed import queries
from storyhub.feed.routes.blueprint import feed
from storyhub.languages import DEFAULT, LANGUAGES
from storyhub.models.site import the_site
from storyhub.protection.access import audience
from storyhub.protection.headers import never_stored

SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
PAGES = (
    "feed.front",
    "feed.themes",
    "feed.places",
    "feed.support",
    "feed.privacy",
    "accountability.report",
    "accountability.policy",
)
# Not a safeguard: what robots find in stories' pages is told to them by noindex there, which they must be able to read.
CLOSED = ("/search", "/leave", "/share", "/receipt", "/account/", "/desk/", "/organise/")
GOOD_FOR = dt.timedelta(days=180)


@feed.get("/healthz")
@audience("public")
@never_stored
def alive() -> Response:
    """This process answers. Asks nothing of the database."""
    return _plain("alive\n")


@feed.get("/readyz")
@audience("public")
@never_stored
def ready() -> Response:
    """The database answers and has every migration."""
    try:
        revision = db.session.scalar(sa.text("SELECT version_num FROM alembic_version"))
    except SQLAlchemyError:
        return _plain("the database does not answer\n", 503)
    if revision != _newest_migration():
        return _plain("the database has not been migrated\n", 503)
    return _plain("ready\n")


@cache
def _newest_migration() -> str | None:
    return ScriptDirectory(str(ROOT / "migrations")).get_current_head()


@feed.get("/robots.txt")
@audience("public")
def robots() -> Response:
    closed = [f"Disallow: {prefix}{path}" for prefix in _prefixes() for path in CLOSED]
    sitemap = _settings().site_url + "/sitemap.xml"
    return _plain("\n".join(["User-agent: *", *closed, "", f"Sitemap: {sitemap}", ""]))


@feed.get("/sitemap.xml")
@audience("public")
def sitemap() -> Response:
    """The pages that may be found by searching: themes, places and our own words; never a story."""
    ElementTree.register_namespace("", SITEMAP)
    root = ElementTree.Element(f"{{{SITEMAP}}}urlset")
    paths = [url_for(endpoint) for endpoint in PAGES if endpoint in current_app.view_functions]
    counts = queries.theme_counts(db.session)
    paths += [url_for("feed.theme", slugs=[t.slug]) for t in queries.all_themes(db.session) if counts.get(t.id)]
    paths += [url_for("feed.place", country=country) for country in queries.facets(db.session).countries]
    here = url_for("feed.front").rstrip("/")
    for prefix in _prefixes():
        for path in paths:
            address = ElementTree.SubElement(ElementTree.SubElement(root, f"{{{SITEMAP}}}url"), f"{{{SITEMAP}}}loc")
            address.text = _settings().site_url + prefix + path.removeprefix(here)
    return Response(ElementTree.tostring(root, encoding="utf-8", xml_declaration=True), mimetype="application/xml")


@feed.get("/.well-known/security.txt")
@audience("public")
@never_stored
def security() -> Response:
    """RFC 9116. Never stored by caches, because it says until when it is good."""
    contact = the_site(db.session).security_contact.strip().partition("\n")[0]
    if not contact:
        abort(404)
    if "@" in contact and ":" not in contact:
        contact = f"mailto:{contact}"
    lines = [
        f"Contact: {contact}",
        f"Expires: {(clock.today() + GOOD_FOR).isoformat()}T00:00:00Z",
        f"Preferred-Languages: {', '.join(LANGUAGES)}",
        f"Canonical: {_settings().site_url}/.well-known/security.txt",
    ]
    return _plain("\n".join([*lines, ""]))


def _prefixes() -> list[str]:
    return ["" if code == DEFAULT else f"/{code}" for code in LANGUAGES]


def _plain(text: str, status: int = 200) -> Response:
    return Response(text, status=status, content_type="text/plain; charset=utf-8")


def _settings() -> Settings:
    found: Settings = current_app.extensions["settings"]
    return found
