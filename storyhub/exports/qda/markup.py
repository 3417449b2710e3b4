"""XML as text, an element at a time, so that a project of any size is never in memory."""

from __future__ import annotations

from collections.abc import Mapping
from xml.sax.saxutils import escape, quoteattr

from storyhub.exports.qda.plain import plain


def element(tag: str, attributes: Mapping[str, str | None], *inside: str) -> str:
    """An element of attributes (None: left out) and of elements that are XML already."""
    return f"{opening(tag, attributes)}{''.join(inside)}</{tag}>" if inside else opening(tag, attributes, "/")


def opening(tag: str, attributes: Mapping[str, str | None], end: str = "") -> str:
    said = "".join(f" {name}={quoteattr(plain(value))}" for name, value in attributes.items() if value is not None)
    return f"<{tag}{said}{end}>"


def words(tag: str, text: str) -> str:
    """An element of words."""
    return f"<{tag}>{escape(plain(text))}</{tag}>"
