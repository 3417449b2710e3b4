"""Rows of stories as several kinds of page show them: entries, the pages beside them, and a limit on searching."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Response, current_app, redirect, render_template, request, url_for

from storyhub.extensions import db
from storyhub.feed import queries
from storyhub.feed.cards import entries_at
from storyhub.feed.entries import Entry
from storyhub.feed.routes.shaping import page_in_shape
from storyhub.models.selection import Selection, cursor
from storyhub.protection import limits
from storyhub.protection.sanitising import Shown


def asked_for() -> Selection:
    """The selection of the address. Raises Malformed; searching counts against the network's limit."""
    selection = Selection.asked_for(request.args)
    if selection.words:
        limits.refuse_over(limits.table.SEARCH)
    return selection


def page(
    template: str,
    selection: Selection,
    endpoint: str,
    values: dict[str, Any],
    *,
    label: str,
    level: int = 2,
    context: Callable[[list[Entry]], dict[str, Any]],
) -> str:
    """A page with a row of stories. `label` is said of the row, whose stories have headings of `level`.

    `context(entries)` is all else that its template asks for: the same for every page but the first, where it may
    depend on the stories. What somebody looks for is theirs: with words nothing of it is kept, not even its shape.
    """
    row = _row(selection, endpoint, values)
    found, is_first = row["entries"], row["is_first_page"]
    row["printed"] = printed(found, label, level, row["opened"], row["open_url"]) if found else None
    if is_first or selection.words or not found:
        return render_template(template, **context(found), **row)
    urls = {name: row[name] for name in ("older_url", "newer_url", "open_url") if row[name] is not None}
    decides = (selection, label, tuple(urls), *(row[name] for name in ("ended_early", "opened")))
    fixed = {**row, "entries": True, "printed": None}
    return page_in_shape(template, decides, lambda: context([]) | fixed, printed=row["printed"], **urls)


def printed(found: list[Entry], label: str, level: int = 2, opened: bool = False, open_url: str | None = None) -> Shown:
    """The row itself, as `feed` of components/story.html prints it."""
    row: Shown = macros("components/story.html").feed(found, label, level, opened, open_url)
    return row


def macros(template: str) -> Any:
    """The macros of a template, to be printed from here."""
    return current_app.jinja_env.get_template(template).module


def _row(selection: Selection, endpoint: str, values: dict[str, Any]) -> dict[str, Any]:
    """The entries of this page, and the addresses of the pages beside it."""
    after = cursor(request.args)
    found = queries.stories(db.session, selection, after)
    opened = "open" in request.args
    return {
        "entries": entries_at(db.session, found.positions),
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


def moved(endpoint: str, *, for_good: bool = True, **values: Any) -> Response:
    """To the one address of a page, with the question that was asked of it kept as it stands.

    Not `for_good` where it may have to be taken back: browsers keep the other kind for ever.
    """
    question = request.query_string.decode("latin-1")
    there = url_for(endpoint, **values) + (f"?{question}" if question else "")
    return redirect(there, 301 if for_good else 302)  # type: ignore[return-value]


def filters(selection: Selection) -> dict[str, Any]:
    """The filters as arguments of url_for."""
    found: dict[str, Any] = {}
    for name, value in selection.as_query():
        found.setdefault(name, []).append(value)
    return found
