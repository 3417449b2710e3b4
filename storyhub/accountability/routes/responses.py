"""What was answered, for everybody: all responses, and each at an address that stays."""

from __future__ import annotations

import re
from typing import Any

from flask import Blueprint, abort, render_template, request, url_for

from storyhub.accountability import queries
from storyhub.extensions import db
from storyhub.languages import current
from storyhub.models.responded import page_of, public_response
from storyhub.models.selection import Malformed, cursor
from storyhub.models.theme import SLUG, Theme
from storyhub.protection import identifiers
from storyhub.protection.access import audience
from storyhub.text import countries

responses = Blueprint("responses", __name__)


@responses.get("/responses")
@audience("public")
def all_responses() -> str:
    """All responses, the newest first; `theme` and `country` choose among them, `after` is the last one seen."""
    theme, country = _theme_asked_for(), _country_asked_for()
    after = cursor(request.args)
    found = page_of(db.session, theme.id if theme else None, country, after) or abort(404)
    values: dict[str, Any] = {"theme": theme.slug if theme else None, "country": country}
    return render_template(
        "accountability/responses.html",
        found=found.shown,
        theme=theme,
        country=country,
        country_name=countries.name(country, current()) if country else None,
        newest_url=url_for(".all_responses", **values) if after is not None else None,
        older_url=url_for(".all_responses", **values, after=identifiers.shown(found.after)) if found.after else None,
        robots="noarchive" if not request.args else "noindex",
    )


@responses.get("/responses/<id:response_id>")
@audience("public")
def one(response_id: int) -> str:
    found = public_response(db.session, response_id) or abort(404)
    now, earlier = found
    return render_template("accountability/response.html", response=now, earlier=earlier)


def _theme_asked_for() -> Theme | None:
    """The theme of the address, or the one that it was merged into. Raises Malformed, and Unknown for none."""
    slug = request.args.get("theme", "")
    if slug and not re.fullmatch(SLUG, slug):
        raise Malformed("theme")
    return queries.theme_answered(db.session, slug) if slug else None


def _country_asked_for() -> str | None:
    country = request.args.get("country", "")
    if country and not countries.is_country(country):
        abort(404)
    return country or None
