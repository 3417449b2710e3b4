"""Rows of stories as several kinds of page show them: entries, the pages beside them, and a limit on searching."""

from __future__ import annotations

from typing import Any

from flask import Response, redirect, request, url_for

from storyhub.extensions import db
from storyhub.feed import queries
from storyhub.feed.cards import entries_at
from storyhub.feed.entries import Entry
from storyhub.models.publication import Publication
from storyhub.models.selection import Selection, cursor
from storyhub.protection import limits


def asked_for() -> Selection:
    """The selection of the address. Raises Malformed; searching counts against the network's limit."""
    selection = Selection.asked_for(request.args)
    if selection.words:
        limits.refuse_over(limits.table.SEARCH)
    return selection


def entries(publications: list[Publication]) -> list[Entry]:
    return entries_at(db.session, [public.position for public in publications])


def row(selection: Selection, endpoint: str, **values: Any) -> dict[str, Any]:
    """What a page with a row of stories needs: its entries and the addresses of the pages beside it."""
    after = cursor(request.args)
    found = queries.stories(db.session, selection, after)
    opened = "open" in request.args
    return {
        "entries": entries(found.publications),
        "is_first_page": after is None,
        "ended_early": found.ended_early,
        "opened": opened,
        "open_url": url_for(endpoint, **values, open=1, after=request.args.get("after") or None),
        "older_url": page_url(endpoint, values, found.older, opened) if found.older else None,
        "newer_url": page_url(endpoint, values, found.newer, opened) if found.newer is not None else None,
        "canonical_url": url_for(endpoint, **values),
    }


def page_url(endpoint: str, values: dict[str, Any], after: str | None, opened: bool = False) -> str:
    """The address of the page that begins after this cursor; of the first page for "" or None."""
    return url_for(endpoint, **values, after=after or None, open=1 if opened else None)


def moved(endpoint: str, **values: Any) -> Response:
    """To the one address of a page, with the question that was asked of it kept as it stands."""
    question = request.query_string.decode("latin-1")
    return redirect(url_for(endpoint, **values) + (f"?{question}" if question else ""), 301)  # type: ignore[return-value]


def filters(selection: Selection) -> dict[str, Any]:
    """The filters as arguments of url_for."""
    found: dict[str, Any] = {}
    for name, value in selection.as_query():
        found.setdefault(name, []).append(value)
    return found
