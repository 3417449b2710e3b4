"""Whole pages in shape: what all pages of one kind have in common is printed once an edition."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from flask import render_template, request

from storyhub import clock, languages
from storyhub.extensions import db
from storyhub.feed.entries import Entry
from storyhub.feed.shapes import Marked, variant_of
from storyhub.models.figures import kept_of_edition
from storyhub.protection.sanitising import Shape, Shown, slot


class _Page:
    """What is put into the shape of one page: what differs, and the entry of its story."""

    def __init__(self, entry: Entry | None, differs: dict[str, Any]) -> None:
        self.entry, self.differs = entry, differs

    def __getattr__(self, name: str) -> Any:
        return self.differs[name] if name in self.differs else getattr(self.entry, name)


def page_in_shape(
    template: str,
    decides: tuple[Any, ...],
    context: Callable[[], dict[str, Any]],
    *,
    entry: Entry | None = None,
    **differs: str | Shown,
) -> Shown:
    """A page of which only what `differs` is put in anew: words and addresses, by the names that its template uses.

    All else is printed once an edition, from `context()`, for everything that `decides` how the page looks: it has to
    hold whatever the template asks about, such as whether there is an older page. What `differs` may be printed by the
    template and nothing else: no filter, no comparison. The addresses of the page in other languages differ by
    themselves, and so do the words of `entry`, on the page of one story.
    """
    elsewhere = languages.links(request.path, request.query_string.decode("utf-8", "replace"))
    kept = kept_of_edition(db.session)
    # The day too: a campaign closes without anything being released.
    key = (template, clock.today(), languages.current(), request.script_root, decides, *sorted(differs))
    if entry is not None:
        key += variant_of(entry)
    page = kept.get(key)
    if page is None:
        marks: dict[str, Any] = {name: slot(name) for name in differs}
        if entry is not None:
            marks["entry"] = Marked(variant_of(entry))
        links = [(code, name, slot(f"elsewhere.{place}.url")) for place, (code, name, _) in enumerate(elsewhere)]
        page = kept[key] = Shape(render_template(template, **(context() | marks | {"language_links": links})))
    urls = [SimpleNamespace(url=url) for _code, _name, url in elsewhere]
    return page.filled(_Page(entry, {"elsewhere": urls, **differs}))
