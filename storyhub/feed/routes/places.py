"""Where it happens: all places, and one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from babel.numbers import format_decimal
from flask import Response, abort, render_template, request, url_for
from flask_babel import ngettext
from sqlalchemy.orm import Session

from storyhub.drawing import map as maps
from storyhub.drawing.link import Link
from storyhub.drawing.years import year_bars
from storyhub.extensions import db
from storyhub.feed import queries
from storyhub.feed.entries import theme_link
from storyhub.feed.routes import rows
from storyhub.feed.routes.blueprint import feed
from storyhub.languages import current
from storyhub.models import responded
from storyhub.models.figures import once_an_edition
from storyhub.models.selection import Selection
from storyhub.protection.access import audience
from storyhub.text import countries

OFTEN = 6  # of the themes that go with a theme or a place, shown at once; the rest is one press away


@feed.app_template_filter("in_figures")
def in_figures(count: int) -> str:
    """A number as this language writes it; tables of all countries have many, and Babel takes its time for each."""
    return _in_figures(count, current())


@lru_cache(maxsize=10_000)
def _in_figures(count: int, language: str) -> str:
    return format_decimal(count, locale=language)


def by_name(links: Iterable[Link]) -> list[Link]:
    """Links in the order of their names: nothing here is put in order by how often it was told of."""
    return sorted(links, key=lambda link: link.name.casefold())


def often(links: list[Link]) -> tuple[list[Link], list[Link]]:
    """Those that are told most and the rest, each in the order it came in: on a phone the stories follow below."""
    if len(links) <= OFTEN + 1:
        return links, []
    most = set(sorted(range(len(links)), key=lambda at: (-(links[at].count or 0), at))[:OFTEN])
    return [link for at, link in enumerate(links) if at in most], [
        link for at, link in enumerate(links) if at not in most
    ]


def place_links(counts: Mapping[str, int]) -> list[Link]:
    """Countries by their names, each with how many stories."""
    return [link for _, link in _countries(counts)]


def _countries(counts: Mapping[str, int]) -> list[tuple[str, Link]]:
    """The codes of countries and their links, by their names."""
    here, above = current(), url_for("feed.places")  # once: making an address is slow, and there are 250 countries
    links = [
        (code, Link(countries.name(code, here) or code, f"{above}/{code}", count))
        for code, count in counts.items()
        if countries.is_country(code)
    ]
    return sorted(links, key=lambda pair: pair[1].name.casefold())


def some_places(counts: Mapping[str, int], newest: Iterable[str | None], most: int) -> list[Link]:
    """A few countries by their names, for where there is no room for all: those of the newest stories."""
    some = list(dict.fromkeys(code for code in newest if code in counts))[:most]
    return place_links({code: counts[code] for code in some if code is not None})


@feed.get("/places")
@audience("public")
def places() -> str:
    return render_template(
        "feed/places.html", world=maps.world(), places=_on_the_map(db.session, current(), request.script_root)
    )


@once_an_edition
def _on_the_map(session: Session, _language: str, _root: str) -> list[maps.Place]:
    """All countries as the map and the table show them; the language is in their names, `_root` in their addresses."""
    return [
        maps.place(code, link, ngettext("%(num)s story", "%(num)s stories", link.count or 0))
        for code, link in _countries(queries.facets(session).countries)
    ]


@feed.get("/places/<country>")
@audience("public")
def place(country: str) -> Response | str:
    if not countries.is_country(country.upper()):
        abort(404)
    if country != country.upper():
        return rows.moved("feed.place", country=country.upper())
    name = countries.name(country, current()) or country
    values = {"country": country}
    return rows.page(
        "feed/place.html",
        Selection(country=country),
        "feed.place",
        values,
        label=name,
        level=3,
        context=lambda _entries: {
            **_told_of(country),
            **values,
            "name": name,
            "robots": "noarchive" if not request.args else "noindex",
        },
    )


def _told_of(country: str) -> dict[str, Any]:
    """What is known of a country's stories, for the pictures beside them."""
    figures = queries.figures_of_place(db.session, country)
    themes = queries.themes_by_id(db.session, figures.together).values()
    return {
        "figures": figures,
        "years": year_bars(figures.years),
        "around": maps.around(country),
        "world": maps.world(),
        "together": often(by_name(theme_link(theme, figures.together[theme.id]) for theme in themes)),
        "responses": responded.beside_country(db.session, country),
    }
