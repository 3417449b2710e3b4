"""Search, whose pages no cache keeps."""

from __future__ import annotations

from dataclasses import dataclass

from flask import render_template, request

from storyhub.extensions import db
from storyhub.feed import filtering, queries
from storyhub.feed.entries import Entry, Link, entry_of, theme_link
from storyhub.feed.routes import rows
from storyhub.feed.routes.blueprint import feed
from storyhub.feed.snippets import snippet
from storyhub.models.publication import Publication
from storyhub.models.selection import cursor
from storyhub.models.site import the_site
from storyhub.models.theme import Theme
from storyhub.protection.access import audience
from storyhub.protection.headers import never_stored
from storyhub.protection.sanitising import Shown, shown_with_marks
from storyhub.text import folding


@dataclass(frozen=True)
class Find:
    """A story that was found, and the piece of it that holds the words."""

    entry: Entry
    words: Shown
    goes_before: bool
    goes_on: bool


@feed.get("/search")
@audience("public")
@never_stored
def search() -> str:
    selection, after = rows.asked_for(), cursor(request.args)
    themes = queries.all_themes(db.session)
    if not selection.words:
        return render_template("feed/search.html", selection=selection, themes=_some(themes), chosen=[], finds=None)
    found = queries.stories(db.session, selection, after)
    wanted = folding.query(selection.words)
    values = rows.filters(selection)
    return render_template(
        "feed/search.html",
        selection=selection,
        themes=_some(themes),
        chosen=filtering.chosen(selection, themes, "feed.search"),
        finds=[_find(public, wanted) for public in found.publications],
        older_url=rows.page_url("feed.search", values, found.older) if found.older else None,
        newer_url=rows.page_url("feed.search", values, found.newer) if found.newer is not None else None,
    )


def _find(public: Publication, wanted: folding.Query) -> Find:
    piece, spans, goes_before, goes_on = snippet(public.version.text or "", wanted)
    folded = the_site(db.session).folded_notes
    return Find(entry_of(public, folded=folded), shown_with_marks(piece, spans), goes_before, goes_on)


def _some(themes: list[Theme]) -> list[Link]:
    """Themes as ways on, from where the most stories are."""
    counts = queries.theme_counts(db.session)
    most = sorted((t for t in themes if not t.retired and counts.get(t.id)), key=lambda theme: -counts[theme.id])[:12]
    return sorted((theme_link(theme, counts[theme.id]) for theme in most), key=lambda link: link.name.casefold())
