"""Atom (RFC 4287) and JSON Feed 1.1 of stories: an opening and a link, unless full words were allowed (promise 11)."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit
from xml.etree import ElementTree

from flask_babel import gettext as _

from storyhub.feed.entries import Entry
from storyhub.protection.sanitising import shown

ATOM = "http://www.w3.org/2005/Atom"
XML = "http://www.w3.org/XML/1998/namespace"
BEFORE_ALL = dt.date(2020, 1, 1)  # when nothing is public yet
# What XML 1.0 can't hold at all, escaped or not.
NOT_IN_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True)
class Syndicated:
    """Some stories to be syndicated. All addresses are whole, with scheme and host."""

    title: str
    site_name: str
    language: str
    home_url: str
    here_url: str
    older_url: str | None
    entries: list[Entry]
    site_url: str

    @property
    def updated(self) -> str:
        return moment(max((entry.released_on for entry in self.entries), default=BEFORE_ALL))

    def whole(self, url: str) -> str:
        return self.site_url + url

    def tag(self, name: str, day: dt.date = BEFORE_ALL) -> str:
        """A tag: URI (RFC 4151), which stays the same wherever the site's pages move."""
        return f"tag:{urlsplit(self.site_url).hostname},{day.isoformat()}:{name}"


def moment(day: dt.date) -> str:
    """The beginning of a day: nothing finer is known (promise 4)."""
    return f"{day.isoformat()}T00:00:00Z"


def atom(feed: Syndicated) -> bytes:
    ElementTree.register_namespace("", ATOM)
    root = _element(None, "feed", **{f"{{{XML}}}lang": feed.language})
    _element(root, "title", feed.title)
    _element(root, "id", feed.tag(urlsplit(feed.here_url).path))
    _element(root, "updated", feed.updated)
    _element(root, "link", rel="self", type="application/atom+xml", href=feed.here_url)
    _element(root, "link", rel="alternate", type="text/html", href=feed.home_url)
    if feed.older_url:
        _element(root, "link", rel="next", type="application/atom+xml", href=feed.older_url)
    _element(_element(root, "author"), "name", feed.site_name)
    for entry in feed.entries:
        _add_entry(root, entry, feed)
    return ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)


def _add_entry(root: ElementTree.Element, entry: Entry, feed: Syndicated) -> None:
    told = {f"{{{XML}}}lang": entry.language} if entry.language else {}
    element = _element(root, "entry")
    _element(element, "title", entry.title or entry.heading, **(told if entry.title else {}))
    _element(element, "id", feed.tag(f"stories/{entry.id}", entry.released_on))
    _element(element, "published", moment(entry.released_on))
    _element(element, "updated", moment(entry.released_on))
    _element(element, "link", rel="alternate", type="text/html", href=feed.whole(entry.url))
    if entry.name:
        _element(_element(element, "author"), "name", entry.name)
    for theme in entry.themes:
        _element(element, "category", term=theme.name)
    if entry.content_notes:
        _element(element, "category", term=_notes(entry))
    if entry.may_be_full:
        _element(element, "content", as_html(entry), type="html", **told)
    else:
        _element(element, "summary", as_html(entry), type="html", **told)


def as_html(entry: Entry) -> str:
    """The words that may travel, as paragraphs, each with its own direction."""
    words = entry.text if entry.may_be_full else entry.opening + ("…" if entry.is_cut else "")
    return "".join(f'<p dir="auto">{shown(paragraph)}</p>' for paragraph in words.split("\n\n"))


def json_feed(feed: Syndicated) -> dict[str, Any]:
    found: dict[str, Any] = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": feed.title,
        "home_page_url": feed.home_url,
        "feed_url": feed.here_url,
        "language": feed.language,
        "items": [_item(entry, feed) for entry in feed.entries],
    }
    return found | ({"next_url": feed.older_url} if feed.older_url else {})


def _item(entry: Entry, feed: Syndicated) -> dict[str, Any]:
    item: dict[str, Any] = {
        "id": feed.tag(f"stories/{entry.id}", entry.released_on),
        "url": feed.whole(entry.url),
        "title": entry.title or entry.heading,
        "content_html": as_html(entry),
        "date_published": moment(entry.released_on),
        "tags": [theme.name for theme in entry.themes],
    }
    if entry.language:
        item["language"] = entry.language
    if entry.name:
        item["authors"] = [{"name": entry.name}]
    if entry.content_notes:
        item["summary"] = _notes(entry)
    return item


def _notes(entry: Entry) -> str:
    return _("This story speaks of: %(notes)s", notes=_(", ").join(entry.content_notes))


def _element(
    parent: ElementTree.Element | None, name: str, text: str | None = None, **given: str
) -> ElementTree.Element:
    attributes = {key: NOT_IN_XML.sub("", value) for key, value in given.items()}
    made = ElementTree.Element(f"{{{ATOM}}}{name}", attributes)
    made.text = None if text is None else NOT_IN_XML.sub("", text)
    if parent is not None:
        parent.append(made)
    return made
