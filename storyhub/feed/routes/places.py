"""Where it happens: all places, and one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from flask import Response, abort, render_template, request, url_for

from storyhub.extensions import db
from storyhub.feed import queries
from storyhub.feed.entries import Link, theme_link
from storyhub.feed.routes import rows
from storyhub.feed.routes.blueprint import feed
from storyhub.feed.years import year_bars
from storyhub.languages import current
from storyhub.models.selection import Selection
from storyhub.protection.access import audience
from storyhub.text import countries


def most_first(links: Iterable[Link]) -> list[Link]:
    """Links as bars show them: the longest first."""
    return sorted(links, key=lambda link: (-(link.count or 0), link.name.casefold()))


def place_links(counts: Mapping[str, int]) -> list[Link]:
    """Countries by their names, each with how many stories."""
    links = [
        Link(countries.name(code, current()) or code, url_for("feed.place", country=code), count)
        for code, count in counts.items()
        if countries.is_country(code)
    ]
    return sorted(links, key=lambda link: link.name.casefold())


@feed.get("/places")
@audience("public")
def places() -> str:
    facets = queries.facets(db.session)
    return render_template("feed/places.html", places=place_links(facets.countries))


@feed.get("/places/<country>")
@audience("public")
def place(country: str) -> Response | str:
    if not countries.is_country(country.upper()):
        abort(404)
    if country != country.upper():
        return rows.moved("feed.place", country=country.upper())
    figures = queries.figures_of_place(db.session, country)
    themes = queries.themes_by_id(db.session, figures.together).values()
    return render_template(
        "feed/place.html",
        country=country,
        name=countries.name(country, current()),
        figures=figures,
        years=year_bars(figures.years),
        together=most_first(theme_link(theme, figures.together[theme.id]) for theme in themes),
        robots="noarchive" if not request.args else "noindex",
        **rows.row(Selection(country=country), "feed.place", country=country),
    )
