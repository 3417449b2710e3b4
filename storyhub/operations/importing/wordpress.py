"""WordPress's export (WXR): its published posts are stories; all else is counted and reported, and never half-read.

Parsed with Expat itself, item by item. A file with a document type is refused: that is where XML hides its traps
(entities that grow without end, or that read other files), and WordPress writes none. See docs/decisions/.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote
from xml.parsers import expat

from flask_babel import gettext as _

from storyhub.operations.importing.files import Row, Unreadable
from storyhub.protection.sanitising import text_of_html

CHUNK = 64 * 1024
CONTENT = "http://purl.org/rss/1.0/modules/content/ encoded"
WORDPRESS = re.compile(r"https?://wordpress\.org/export/[0-9.]+/ ")
# What plugins of WordPress itself put between square brackets; anybody else's brackets are words.
SHORTCODE = re.compile(r"(?<!\[)\[/?(?:caption|wp_caption|gallery|playlist|audio|video|embed)\b[^\[\]]*\](?!\])")
NO_THEME = {"uncategorized"}


@dataclass
class _Item:
    line: int
    values: dict[str, str] = field(default_factory=dict)
    themes: list[tuple[str, str]] = field(default_factory=list)  # (name, slug)
    comments: int = 0


class WordPressFile:
    """The items of an export as rows whose columns have our own names."""

    columns: list[str] | None = ["text", "title", "language", "happened", "themes"]

    def __init__(self, path: Path) -> None:
        self.path = path
        self.comments = 0

    def rows(self, progress: Callable[[int], object]) -> Iterator[Row]:
        """Every item. `progress` is told how many bytes were read. Raises Unreadable."""
        reader = _Reader()
        self.comments = 0
        with self.path.open("rb") as raw:
            while True:
                data = raw.read(CHUNK)
                reader.feed(data)
                for item in reader.taken():
                    self.comments += item.comments
                    yield _row_of(item, reader.language)
                progress(raw.tell())
                if not data:
                    break
        if not reader.is_wordpress:
            raise Unreadable(_("This XML file is not an export of WordPress."))


def _row_of(item: _Item, language: str) -> Row:
    kind, status = item.values.get("post_type", "?"), item.values.get("status", "?")
    raw = {"title": item.values.get("title", ""), "type": kind, "status": status, "text": item.values.get("text", "")}
    if kind != "post":
        return Row(item.line, raw=raw, problem=_("no story: %(kind)s", kind=kind), is_skipped=True)
    if status != "publish" or item.values.get("post_password"):
        why = _("not public there: %(status)s", status=status if status != "publish" else _("behind a password"))
        return Row(item.line, raw=raw, problem=why, is_skipped=True)
    cells = {
        "text": text_of_html(SHORTCODE.sub("", item.values.get("text", ""))),
        "title": text_of_html(item.values.get("title", "")),
        "language": "",  # told from the words; the site's own language where they are too few
        "site_language": language,
        "happened": item.values.get("pubDate", ""),
        "themes": [(name, slug) for name, slug in item.themes if slug not in NO_THEME],
    }
    return Row(item.line, cells=cells, raw=raw)


class _Reader:
    """Expat's events, gathered into items. Only direct children of an item count: comments have fields like posts."""

    WANTED = {"title": "title", "pubDate": "pubDate", CONTENT: "text"}
    WANTED_OF_WORDPRESS = {"post_type", "status", "post_password"}

    def __init__(self) -> None:
        self._parser = expat.ParserCreate(namespace_separator=" ")
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._characters
        self._parser.StartDoctypeDeclHandler = self._refuse
        self._parser.EntityDeclHandler = self._refuse
        self._path: list[str] = []
        self._words: list[str] | None = None
        self._category: tuple[str, str] | None = None
        self._item: _Item | None = None
        self._done: list[_Item] = []
        self.language = ""
        self.is_wordpress = False

    def feed(self, data: bytes) -> None:
        try:
            self._parser.Parse(data, not data)
        except expat.ExpatError as error:
            raise Unreadable(
                _("The file is not well-formed XML: line %(line)s, %(why)s.", line=error.lineno, why=error)
            ) from error

    def taken(self) -> list[_Item]:
        """The items that are complete, each once."""
        done, self._done = self._done, []
        return done

    def _refuse(self, *_declaration: object) -> None:
        raise Unreadable(_("The file has a document type with declarations of its own, which is not read."))

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._path.append(name)
        if WORDPRESS.match(name):
            self.is_wordpress = True
        if name == "item":
            self._item = _Item(self._parser.CurrentLineNumber)
        elif self._is_in("item"):
            if name == "category":
                self._category = (attributes.get("domain", ""), unquote(attributes.get("nicename", "")))
            self._words = []
        elif self._is_in("channel") and name == "language":
            self._words = []
        if self._item is not None and WORDPRESS.sub("", name) == "comment":
            self._item.comments += 1

    def _is_in(self, parent: str) -> bool:
        return len(self._path) > 1 and self._path[-2] == parent

    def _characters(self, words: str) -> None:
        if self._words is not None:
            self._words.append(words)

    def _end(self, name: str) -> None:
        words = "".join(self._words or ())
        if name == "item" and self._item is not None:
            self._done.append(self._item)
            self._item = None
        elif self._item is not None and self._is_in("item") and self._words is not None:
            self._keep(self._item, name, words)
        elif name == "language" and self._is_in("channel"):
            self.language = words.strip()
        self._words, self._category = None, None
        self._path.pop()

    def _keep(self, item: _Item, name: str, words: str) -> None:
        own = WORDPRESS.sub("", name)
        if self._category and self._category[0] in ("category", "post_tag"):
            item.themes.append((words.strip(), self._category[1]))
        elif name in self.WANTED:
            item.values[self.WANTED[name]] = words
        elif own != name and own in self.WANTED_OF_WORDPRESS:
            item.values[own] = words.strip()
