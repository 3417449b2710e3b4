"""Themes and campaigns: what connects stories."""

from __future__ import annotations

from flask import Response, render_template, request, url_for

from storyhub import clock
from storyhub.extensions import db
from storyhub.feed import queries
from storyhub.feed.entries import Link, theme_link
from storyhub.feed.routes import rows
from storyhub.feed.routes.blueprint import feed
from storyhub.feed.routes.places import most_first, place_links
from storyhub.feed.years import year_bars
from storyhub.languages import current
from storyhub.models.selection import Selection
from storyhub.models.theme import Theme
from storyhub.protection.access import audience


@feed.get("/themes")
@audience("public")
def themes() -> str:
    counts, here = queries.theme_counts(db.session), current()
    shown = [theme for theme in queries.all_themes(db.session) if not theme.retired]
    shown.sort(key=lambda theme: theme.name_in(here).casefold())
    return render_template(
        "feed/themes.html", themes=[(theme, theme_link(theme, counts.get(theme.id, 0))) for theme in shown]
    )


@feed.get("/themes/<slugs:slugs>")
@audience("public")
def theme(slugs: list[str]) -> Response | str:
    if (one_address := sorted(set(slugs))) != slugs:
        return rows.moved("feed.theme", slugs=one_address)
    found = queries.themes_called(db.session, slugs)
    figures = queries.figures_of_themes(db.session, tuple(theme.id for theme in found))
    return render_template(
        "feed/theme.html",
        themes=found,
        name=" + ".join(theme.name_in(current()) for theme in found),
        slugs=slugs,
        figures=figures,
        years=year_bars(figures.years),
        places=place_links(figures.countries),
        together=_together(found, figures.together),
        robots="noarchive" if not request.args else "noindex",
        **rows.row(Selection(themes=tuple(slugs)), "feed.theme", slugs=slugs),
    )


@feed.get("/campaigns/<slug>")
@audience("public")
def campaign(slug: str) -> str:
    found = queries.campaign_called(db.session, slug)
    today = clock.today()
    return render_template(
        "feed/campaign.html",
        campaign=found,
        is_open=(found.opens_on is None or found.opens_on <= today)
        and (found.closes_on is None or found.closes_on >= today),
        total=queries.count_of_campaign(db.session, found.id),
        robots="noarchive" if not request.args else "noindex",
        **rows.row(Selection(campaign=slug), "feed.campaign", slug=slug),
    )


def _together(found: list[Theme], together: dict[int, int]) -> list[Link]:
    """The themes that go with one theme, each leading to the stories of both; with two, to the other's own page."""
    others = queries.themes_by_id(db.session, together).values()
    links = []
    for other in others:
        slugs = sorted((found[0].slug, other.slug)) if len(found) == 1 else [other.slug]
        count = together[other.id] if len(found) == 1 else None
        links.append(Link(other.name_in(current()), url_for("feed.theme", slugs=slugs), count))
    return most_first(links)
