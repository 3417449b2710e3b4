"""Where it happens: all places, and one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from flask import Response, abort, render_template, request, url_for
from flask_babel import ngettext
from sqlalchemy.orm import Session

from storyhub.extensions import db
from storyhub.feed import map as maps
from storyhub.feed import queries
from storyhub.feed.entries import Link, theme_link
from storyhub.feed.routes import rows
from storyhub.feed.routes.blueprint import feed
from storyhub.feed.years import year_bars
from storyhub.languages import current
from storyhub.models.figures import once_an_edition
from storyhub.models.selection import Selection
from storyhub.protection.access import audience
from storyhub.text import countries


def by_name(links: Iterable[Link]) -> list[Link]:
    """Links in the order of their names: nothing here is put in order by how often it was told of."""
    return sorted(links, key=lambda link: link.name.casefold())


def place_links(counts: Mapping[str, int]) -> list[Link]:
    """Countries by their names, each with how many stories."""
    return by_name(
        Link(countries.name(code, current()) or code, url_for("feed.place", country=code), count)
        for code, count in counts.items()
        if countries.is_country(code)
    )


def some_places(counts: Mapping[str, int], most: int) -> list[Link]:
    """A few countries by their names, for where there is no room for all: those with the most stories to read."""
    return by_name(sorted(place_links(counts), key=lambda link: -(link.count or 0))[:most])


@feed.get("/places")
@audience("public")
def places() -> str:
    return render_template(
        "feed/places.html", world=maps.world(), places=_on_the_map(db.session, current(), request.script_root)
    )


@once_an_edition
def _on_the_map(session: Session, language: str, _root: str) -> list[maps.Place]:
    """All countries by their names as the map and the table show them; `_root` is in their addresses."""
    shown = []
    for code, count in queries.facets(session).countries.items():
        if countries.is_country(code):
            words = ngettext("%(num)s story", "%(num)s stories", count)
            name, url = countries.name(code, language) or code, url_for("feed.place", country=code)
            shown.append(maps.place(code, name, url, count, words))
    return sorted(shown, key=lambda place: place.name.casefold())


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
        around=maps.around(country),
        world=maps.world(),
        together=by_name(theme_link(theme, figures.together[theme.id]) for theme in themes),
        robots="noarchive" if not request.args else "noindex",
        **rows.row(Selection(country=country), "feed.place", country=country),
    )
