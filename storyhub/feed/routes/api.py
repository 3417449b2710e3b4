"""The API: read-only, public, JSON."""

from __future__ import annotations

from typing import Any

from flask import Response, abort, current_app, jsonify, request, url_for

from storyhub.config import Settings
from storyhub.extensions import db
from storyhub.feed import queries, relating
from storyhub.feed.entries import ELSEWHERE
from storyhub.feed.openapi import description
from storyhub.feed.representing import story_as_json
from storyhub.feed.routes import rows
from storyhub.feed.routes.blueprint import feed
from storyhub.languages import current
from storyhub.models.publication import Publication
from storyhub.models.selection import cursor
from storyhub.models.site import the_site
from storyhub.protection import limits
from storyhub.protection.access import audience
from storyhub.text import countries

AT_ONCE = 50


@feed.before_request
def count() -> None:
    """What has not changed since was answered before this, and costs nobody anything."""
    if request.path.startswith("/api/"):
        limits.refuse_over(limits.table.API)


@feed.get("/api/v1/stories")
@audience("public")
def api_stories() -> Response:
    selection = rows.asked_for()
    found = queries.stories(db.session, selection, cursor(request.args), AT_ONCE)
    public = queries.public_at(db.session, found.positions)
    values = rows.filters(selection)
    more = _whole("feed.api_stories", **values, after=found.older) if found.older else None
    response: Response = jsonify(stories=[_story(one) for one in public], next=more)
    if selection.words:  # what somebody looks for is theirs
        response.headers["Cache-Control"] = "no-store"
    return response


@feed.get("/api/v1/stories/<id:story_id>")
@audience("public")
def api_story(story_id: int) -> Response:
    return jsonify(**_story(_public(story_id)))


@feed.get("/api/v1/stories/<id:story_id>/related")
@audience("public")
def api_related(story_id: int) -> Response:
    public = _public(story_id)
    found = relating.story_with_nearest(db.session, story_id)
    near = found[1] if found else []
    themes = [theme.id for theme in public.themes]
    sharing = relating.sharing(db.session, public.position, themes, without=near)
    others = queries.public_at(db.session, [row[0] for row in (*near, *sharing)])
    return jsonify(stories=[_story(public) for public in others], next=None)


@feed.get("/api/v1/themes")
@audience("public")
def api_themes() -> Response:
    counts, here = queries.theme_counts(db.session), current()
    return jsonify(
        themes=[
            {
                "slug": theme.slug,
                "name": theme.name_in(here),
                "definition": theme.definition_in(here),
                "stories": counts.get(theme.id, 0),
                "url": _whole("feed.theme", slugs=[theme.slug]),
            }
            for theme in queries.all_themes(db.session)
            if not theme.retired
        ]
    )


@feed.get("/api/v1/places")
@audience("public")
def api_places() -> Response:
    found = sorted(queries.facets(db.session).countries.items())
    return jsonify(
        places=[
            {
                "country": code,
                "name": countries.name(code, current()),
                "stories": count,
                "url": _whole("feed.place", country=code),
            }
            for code, count in found
        ]
    )


@feed.get("/api/v1/openapi.json")
@audience("public")
def api_description() -> Response:
    return jsonify(**description(_settings().site_url, the_site(db.session).name))


def _public(story_id: int) -> Publication:
    public = queries.public_story(db.session, story_id)
    if public is None:
        abort(410 if queries.is_set_aside(db.session, story_id) else 404)
    return public


def _story(public: Publication) -> dict[str, Any]:
    return story_as_json(public, _whole("feed.story", story_id=public.story_id), ELSEWHERE)


@feed.after_request
def open_to_all(response: Response) -> Response:
    """The pages of any other site may read what the API says, errors as well: it holds nothing about who asks."""
    if request.path.startswith("/api/"):
        response.headers["Access-Control-Allow-Origin"] = "*"
        response.headers["X-Robots-Tag"] = "noindex"
    return response


def _whole(endpoint: str, **values: Any) -> str:
    return _settings().site_url + url_for(endpoint, **values)


def _settings() -> Settings:
    found: Settings = current_app.extensions["settings"]
    return found
