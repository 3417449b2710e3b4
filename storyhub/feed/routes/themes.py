"""Themes and campaigns: what connects stories."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import Response, render_template, request, url_for
from sqlalchemy.orm import Session

from storyhub import clock, languages
from storyhub.drawing import joining
from storyhub.drawing import map as maps
from storyhub.drawing.link import Link
from storyhub.drawing.meeting import Pair, circles
from storyhub.drawing.years import year_bars
from storyhub.extensions import db
from storyhub.feed import queries
from storyhub.feed.entries import theme_link
from storyhub.feed.routes import rows
from storyhub.feed.routes.blueprint import feed
from storyhub.feed.routes.places import by_name, often, place_links
from storyhub.languages import current
from storyhub.models import responded
from storyhub.models.figures import once_an_edition
from storyhub.models.selection import Selection
from storyhub.models.theme import Theme
from storyhub.protection.access import audience


@feed.get("/themes")
@audience("public")
def themes() -> str:
    counts = queries.theme_counts(db.session)
    return render_template(
        "feed/themes.html",
        themes=[(theme, theme_link(theme, counts.get(theme.id, 0))) for theme in _offered(db.session, current())],
        joined=_joined(db.session, current(), request.script_root),
    )


def _offered(session: Session, language: str) -> list[Theme]:
    """The themes of the codebook that are in use, by their names."""
    shown = [theme for theme in queries.all_themes(session) if not theme.retired]
    return sorted(shown, key=lambda theme: theme.name_in(language).casefold())


@once_an_edition
def _joined(session: Session, language: str, _root: str) -> joining.Joined | None:
    """How the themes join, as readers of this language see it; `_root` is in the addresses."""
    themes = [joining.Theme(theme.id, theme.slug, theme.name_in(language)) for theme in _offered(session, language)]
    return joining.joined(
        themes,
        queries.joined_themes(session),
        lambda slugs: url_for("feed.theme", slugs=slugs),
        mirrored=languages.direction(language) == "rtl",
    )


@feed.get("/themes/<slugs:slugs>")
@audience("public")
def theme(slugs: list[str]) -> Response | str:
    if (one_address := sorted(set(slugs))) != slugs:
        return rows.moved("feed.theme", slugs=one_address)
    found = queries.themes_called(db.session, slugs)
    if (now := queries.without_merged(db.session, found)) is not None:
        return rows.moved("feed.theme", slugs=now, for_good=False)
    name = " + ".join(theme.name_in(current()) for theme in found)
    values = {"slugs": slugs}
    return rows.page(
        "feed/theme.html",
        Selection(themes=tuple(slugs)),
        "feed.theme",
        values,
        label=name,
        level=3,
        context=lambda _entries: {
            **_told_of(found),
            **values,
            "name": name,
            "robots": "noarchive" if not request.args else "noindex",
        },
    )


def _told_of(found: list[Theme]) -> dict[str, Any]:
    """What is known of the stories of a theme, or of two, for the pictures beside them."""
    figures = queries.figures_of_themes(db.session, tuple(theme.id for theme in found))
    return {
        "themes": found,
        "figures": figures,
        "years": year_bars(figures.years),
        "places": place_links(figures.countries),
        "dots": maps.dots(figures.countries),
        "world": maps.world(),
        "meeting": _meeting(found, figures.total) if len(found) > 1 else None,
        "together": _together(found, figures.together),
        "responses": responded.beside_theme(db.session, found[0].id, figures.total) if len(found) == 1 else None,
    }


@feed.get("/campaigns/<slug>")
@audience("public")
def campaign(slug: str) -> str:
    found = queries.campaign_called(db.session, slug)
    today = clock.today()
    is_open = (found.opens_on is None or found.opens_on <= today) and (
        found.closes_on is None or found.closes_on >= today
    )
    return rows.page(
        "feed/campaign.html",
        Selection(campaign=slug),
        "feed.campaign",
        {"slug": slug},
        label=found.name_in(current()),
        context=lambda _entries: {
            "campaign": found,
            "is_open": is_open,
            "total": queries.count_of_campaign(db.session, found.id),
            "robots": "noarchive" if not request.args else "noindex",
        },
    )


def _meeting(found: list[Theme], both: int) -> Pair:
    """Two themes as circles of as many stories as each has."""
    counts = queries.theme_counts(db.session)
    one, other = (theme_link(theme, counts.get(theme.id, 0)) for theme in found)
    of_one, of_other = one.count or 0, other.count or 0
    return Pair(one, other, both, circles(of_one, of_other, both, max(of_one, of_other)))


def _together(found: list[Theme], together: dict[int, int]) -> tuple[list[Link], list[Link]]:
    """The themes that go with one theme, each leading to the stories of both; with two, to the other's own page.

    First those that go with it most often, then the others. Beside two themes no number stands: the page that a link
    leads to has another one.
    """
    links = []
    for other in queries.themes_by_id(db.session, together).values():
        slugs = sorted((found[0].slug, other.slug)) if len(found) == 1 else [other.slug]
        links.append(Link(other.name_in(current()), url_for("feed.theme", slugs=slugs), together[other.id]))
    most, rest = often(by_name(links))
    if len(found) == 1:
        return most, rest
    return [replace(link, count=None) for link in most], [replace(link, count=None) for link in rest]
