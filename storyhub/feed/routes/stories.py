"""The feed, a story, and the stories that are about the same."""

from __future__ import annotations

from typing import Any

from flask import Response, abort, make_response, render_template, request, url_for
from flask_babel import gettext as _

from storyhub.drawing.meeting import Meeting, circles
from storyhub.drawing.years import year_bars
from storyhub.extensions import db
from storyhub.feed import filtering, queries, relating
from storyhub.feed.cards import entries_of, theme_ids, whole_entry
from storyhub.feed.entries import Entry
from storyhub.feed.routes import rows
from storyhub.feed.routes.blueprint import feed
from storyhub.feed.routes.places import some_places
from storyhub.feed.routes.shaping import page_in_shape
from storyhub.languages import current
from storyhub.models.selection import Selection
from storyhub.models.theme import Theme
from storyhub.protection.access import audience

MOST_PLACES = 6
BESIDE_A_STORY = 3  # others that a story's own page opens with


@feed.get("/")
@audience("public")
def front() -> Response:
    selection = rows.asked_for()

    def around(entries: list[Entry]) -> dict[str, Any]:
        facets, themes = queries.facets(db.session), queries.all_themes(db.session)
        return {
            "selection": selection,
            "total": facets.total,
            "choices": filtering.choices(facets, themes),
            "chosen": filtering.chosen(selection, themes),
            "robots": "noindex" if request.args else "noarchive",
            **(_joined(facets, themes, entries) if selection.is_everything and entries else {}),
        }

    page = rows.page(
        "feed/front.html", selection, "feed.front", rows.filters(selection), label=_("Stories"), context=around
    )
    return _not_kept(make_response(page), selection)


@feed.get("/stories/<id:story_id>")
@audience("public")
def story(story_id: int) -> Response | str | tuple[str, int]:
    session = db.session_itself()
    found = relating.story_with_nearest(session, story_id, BESIDE_A_STORY)
    if found is None:
        return _placeholder(story_id)
    told, near = found
    others = near or relating.sharing(session, told[0], theme_ids(session, told), BESIDE_A_STORY)
    return page_in_shape(
        "feed/story.html",
        (),
        dict,
        entry=whole_entry(session, told),
        others=entries_of(session, others),
        are_near=bool(near),
    )


@feed.get("/stories/<id:story_id>/related")
@audience("public")
def related(story_id: int) -> Response | str | tuple[str, int]:
    session = db.session_itself()
    found = relating.story_with_nearest(session, story_id)
    if found is None:
        return _placeholder(story_id)
    told, near = found
    sharing = relating.sharing(session, told[0], theme_ids(session, told), without=near)
    return page_in_shape(
        "feed/related.html",
        (),
        dict,
        near=entries_of(session, near),
        sharing=entries_of(session, sharing),
        story_url=url_for("feed.story", story_id=story_id),
    )


def _placeholder(story_id: int) -> tuple[str, int]:
    if not queries.is_set_aside(db.session, story_id):
        abort(404)
    return render_template("feed/set_aside.html"), 410


def _joined(facets: queries.Facets, themes: list[Theme], newest: list[Entry]) -> dict[str, Any]:
    """What shows that stories join: themes that are told together, the years, the places of the newest ones."""
    return {
        "meetings": _meetings(themes),
        "years": year_bars(facets.years),
        "places": some_places(facets.countries, [entry.country for entry in newest], MOST_PLACES),
    }


def _meetings(themes: list[Theme]) -> list[Meeting]:
    by_id, here, counts = {theme.id: theme for theme in themes}, current(), queries.theme_counts(db.session)
    joined = []
    for first, second, both in queries.pairs_that_join(db.session):
        one, other = sorted((by_id[first], by_id[second]), key=lambda theme: theme.slug)
        of_one, of_other = counts.get(one.id, 0), counts.get(other.id, 0)
        joined.append(
            Meeting(
                first=one.name_in(here),
                second=other.name_in(here),
                url=url_for("feed.theme", slugs=[one.slug, other.slug]),
                count=both,
                circles=circles(of_one, of_other, both, max(of_one, of_other)),
            )
        )
    return joined


def _not_kept(response: Response, selection: Selection) -> Response:
    """What somebody looks for is theirs: no cache keeps a page of finds."""
    if selection.words:
        response.headers["Cache-Control"] = "no-store"
    return response
