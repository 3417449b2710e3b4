"""Whole pages in shape: what all pages of one kind have in common is printed once an edition."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from flask import render_template, request

from storyhub import clock, languages
from storyhub.extensions import db
from storyhub.models.figures import kept_of_edition
from storyhub.protection.sanitising import Mark, Shape, Shown, slot


def page_in_shape(
    template: str,
    decides: tuple[Any, ...],
    context: Callable[[], dict[str, Any]],
    **differs: Any,
) -> Shown:
    """A page of which only what `differs` is put in anew: words and addresses, by the names that its template uses.

    All else is printed once an edition, from `context()`, for everything that `decides` how the page looks: it has to
    hold whatever the template asks about, such as whether there is an older page. What `differs` may be printed by the
    template and nothing else: no filter, no comparison. Of anything but words it asks by `when` and `each`, and may
    print what that holds. The addresses of the page in other languages differ by themselves.

    The first page of a shape takes longer than the next. So what `decides` holds nothing that few stories have.
    """
    elsewhere = languages.links(request.path, request.query_string.decode("utf-8", "replace"))
    kept = kept_of_edition(db.session)
    # The day too: a campaign closes without anything being released.
    key = (template, clock.today(), languages.current(), request.script_root, decides, *sorted(differs))
    page = kept.get(key)
    if page is None:
        marks: dict[str, Any] = {
            name: slot(name) if isinstance(value, str) else Mark(name) for name, value in differs.items()
        }
        links = [(code, name, slot(f"elsewhere.{place}.url")) for place, (code, name, _) in enumerate(elsewhere)]
        page = kept[key] = Shape(render_template(template, **(context() | marks | {"language_links": links})))
    urls = [SimpleNamespace(url=url) for _code, _name, url in elsewhere]
    return page.filled(SimpleNamespace(elsewhere=urls, **differs))
