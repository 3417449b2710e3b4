"""Search, whose pages no cache keeps."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from flask import render_template, request

from storyhub.drawing.link import Link
from storyhub.extensions import db
from storyhub.feed import filtering, finding, queries
from storyhub.feed.entries import theme_link
from storyhub.feed.routes import rows
from storyhub.feed.routes.blueprint import feed
from storyhub.feed.routes.shaping import page_in_shape
from storyhub.models import walking
from storyhub.models.selection import (
    MOST_RANKED_PAGES,
    Selection,
    cursor,
    is_by_relevance,
    ranked_cursor,
    shown_ranked_cursor,
)
from storyhub.models.site import site_of_edition
from storyhub.models.theme import Theme
from storyhub.protection import identifiers
from storyhub.protection.access import audience
from storyhub.protection.door import EDITION
from storyhub.protection.headers import never_stored
from storyhub.protection.sanitising import Shown
from storyhub.text import folding, ranking

PAGE = 20
COUNTED = 500  # of the newest finds, for what they share
RANKED = 1_000  # of the newest finds, by how much they say of the words
LOOKED_AT_TO_RANK = 4 * walking.LOOKED_AT


@dataclass(frozen=True)
class Finds:
    """Positions of one page of finds, in their order, and the addresses of the pages beside it; None: there is none.

    `counted`: those of which is said what they share. `ranked`: how many were, for their order.
    """

    positions: list[int]
    counted: list[int] = field(default_factory=list)
    ranked: int = 0
    ended_early: bool = False
    urls: dict[str, str | None] = field(default_factory=dict)


@feed.get("/search")
@audience("public")
@never_stored
def search() -> str:
    selection, ranks = rows.asked_for(), is_by_relevance(request.args)
    order = "relevance" if ranks else None
    (ranked_cursor if ranks else cursor)(request.args)  # refused also where there is nothing to look for
    if (edition := request.environ.get(EDITION)) is not None:
        site_of_edition(db.session, edition)
    found = (_ranked if ranks else _newest)(selection) if selection.words else Finds([])
    differs = {"words": selection.words, **{name: url for name, url in found.urls.items() if url is not None}}
    if found.positions:
        differs |= _printed(selection, order, found)
    return _page(selection, {"order": order, "ended_early": found.ended_early}, differs)


def _page(selection: Selection, fixed: dict[str, Any], differs: dict[str, Any]) -> str:
    """The page in its shape; with filters it is made anew: what somebody chose beside their words is theirs as well."""
    is_plain = selection == Selection(words=selection.words)

    def context() -> dict[str, Any]:
        themes = queries.themes_of_edition(db.session)
        return {
            **fixed,
            "selection": replace(selection, words=""),
            "is_plain": is_plain,
            "is_asked": bool(selection.words),
            "themes": [] if "finds" in differs else _some(themes, selection),
            "choices": filtering.choices(queries.facets(db.session), themes),
            "chosen": [] if is_plain else filtering.chosen(selection, themes, "feed.search", order=fixed["order"]),
        }

    if is_plain:
        return page_in_shape("feed/search.html", (bool(selection.words), *fixed.values()), context, **differs)
    return render_template("feed/search.html", **context(), **differs)


def _printed(selection: Selection, order: str | None, found: Finds) -> dict[str, Shown]:
    """The finds themselves, in which order they stand, and what they share."""
    print_ = rows.macros("feed/finds.html")
    shared, themes = finding.shared(db.session, found.counted), queries.themes_of_edition(db.session)
    groups = filtering.sharing(selection, shared, themes, order=order)
    other_order_url = filtering.address("feed.search", selection, order=None if order else "relevance")
    printed: dict[str, Shown] = {
        "order_said": print_.order_said(order, found.ranked, other_order_url),
        "finds": print_.row(finding.finds(db.session, found.positions, folding.query(selection.words))),
    }
    return printed | ({"sharing": print_.shared(groups, len(found.counted))} if groups else {})


def _newest(selection: Selection) -> Finds:
    """A page of the newest finds; on the first one more of them are looked through, for what they share."""
    after = cursor(request.args)
    found = walking.newest(db.session, selection, after, COUNTED if after is None else PAGE)
    goes_on = len(found.positions) > PAGE
    older = found.positions[PAGE - 1] if goes_on else found.next_after
    newer = queries.newer(db.session, selection, after, PAGE) if after is not None else None
    return Finds(
        found.positions[:PAGE],
        counted=found.positions if after is None else [],
        ended_early=found.ended_early and not goes_on,
        urls={
            "older_url": _page_url(selection, identifiers.shown(older)) if older is not None else None,
            "newer_url": _page_url(selection, newer or None) if newer is not None else None,
        },
    )


def _ranked(selection: Selection) -> Finds:
    """A page of the newest finds by how much they say. The later pages rank the same stories again."""
    newest, page = ranked_cursor(request.args)
    found = walking.newest(
        db.session, selection, None if newest is None else newest + 1, RANKED, LOOKED_AT_TO_RANK
    ).positions
    texts = finding.folded_texts(db.session, found)
    best = ranking.ranked(texts, folding.query(selection.words))
    start = (page - 1) * PAGE
    goes_on = start + PAGE < len(best) and page < MOST_RANKED_PAGES
    return Finds(
        best[start : start + PAGE],
        counted=found if page == 1 else [],
        ranked=len(found),
        urls={
            "next_url": _ranked_url(selection, found, page + 1) if goes_on else None,
            "back_url": _ranked_url(selection, found, page - 1) if page > 1 else None,
        },
    )


def _ranked_url(selection: Selection, found: list[int], page: int) -> str:
    after = shown_ranked_cursor(found[0], page) if page > 1 and found else None
    return _page_url(selection, after, order="relevance")


def _page_url(selection: Selection, after: str | None, order: str | None = None) -> str:
    return filtering.address("feed.search", selection, order=order, after=after)


def _some(themes: list[Theme], selection: Selection) -> list[Link]:
    """Themes as ways on, of those with the most stories. What somebody left out stays left out."""
    counts = queries.theme_counts(db.session)
    most = sorted((t for t in themes if not t.retired and counts.get(t.id)), key=lambda theme: -counts[theme.id])[:12]
    links = [theme_link(theme, counts[theme.id]) for theme in most]
    if selection.without:
        links = [
            Link(link.name, filtering.address("feed.front", Selection(themes=(theme.slug,), without=selection.without)))
            for theme, link in zip(most, links, strict=True)
        ]
    return sorted(links, key=lambda link: link.name.casefold())
