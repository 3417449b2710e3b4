"""Feeds for feed readers: of everything, of a theme, of a place, of a campaign."""

from __future__ import annotations

from typing import Any

from flask import Response, abort, current_app, jsonify, request, url_for
from flask_babel import gettext as _

from storyhub.config import Settings
from storyhub.extensions import db
from storyhub.feed import queries, syndication
from storyhub.feed.entries import ELSEWHERE, entry_of
from storyhub.feed.routes import rows
from storyhub.feed.routes.blueprint import feed
from storyhub.languages import current
from storyhub.models.selection import Selection, cursor
from storyhub.models.site import the_site
from storyhub.protection.access import audience
from storyhub.text import countries

AT_ONCE = 30


@feed.get("/feed.<any(atom, json):form>")
@audience("public")
def everything(form: str) -> Response:
    return _syndicate(Selection(), form, _("Stories"), "feed.front", "feed.everything", {})


@feed.get("/themes/<slugs:slugs>/feed.<any(atom, json):form>")
@audience("public")
def theme_feed(slugs: list[str], form: str) -> Response:
    found = queries.themes_called(db.session, slugs)
    if (now := queries.without_merged(db.session, found)) is not None:
        return rows.moved("feed.theme_feed", slugs=now, form=form, for_good=False)
    name = " + ".join(theme.name_in(current()) for theme in found)
    return _syndicate(Selection(themes=tuple(slugs)), form, name, "feed.theme", "feed.theme_feed", {"slugs": slugs})


@feed.get("/places/<country>/feed.<any(atom, json):form>")
@audience("public")
def place_feed(country: str, form: str) -> Response:
    if not countries.is_country(country):
        abort(404)
    name = countries.name(country, current()) or country
    return _syndicate(Selection(country=country), form, name, "feed.place", "feed.place_feed", {"country": country})


@feed.get("/campaigns/<slug>/feed.<any(atom, json):form>")
@audience("public")
def campaign_feed(slug: str, form: str) -> Response:
    name = queries.campaign_called(db.session, slug).name_in(current())
    return _syndicate(Selection(campaign=slug), form, name, "feed.campaign", "feed.campaign_feed", {"slug": slug})


def _syndicate(
    selection: Selection, form: str, name: str, page: str, endpoint: str, values: dict[str, Any]
) -> Response:
    settings: Settings = current_app.extensions["settings"]
    site = the_site(db.session)
    after = cursor(request.args)
    found = queries.stories(db.session, selection, after, AT_ONCE)

    def whole(endpoint: str, **more: Any) -> str:
        return settings.site_url + url_for(endpoint, **values, **more)

    syndicated = syndication.Syndicated(
        title=f"{name} · {site.name}",
        site_name=site.name,
        language=current(),
        home_url=whole(page),
        here_url=whole(endpoint, form=form, after=request.args.get("after") or None),
        older_url=whole(endpoint, form=form, after=found.older) if found.older else None,
        entries=[entry_of(public, limit=ELSEWHERE) for public in queries.public_at(db.session, found.positions)],
        site_url=settings.site_url,
    )
    if form == "json":
        response: Response = jsonify(syndication.json_feed(syndicated))
        response.content_type = "application/feed+json; charset=utf-8"
        response.headers["Access-Control-Allow-Origin"] = "*"
    else:
        response = Response(syndication.atom(syndicated), content_type="application/atom+xml; charset=utf-8")
    response.headers["X-Robots-Tag"] = "noindex"
    return response
