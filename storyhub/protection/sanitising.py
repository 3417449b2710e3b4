"""The only place where words become HTML. Everything that templates print as HTML comes from here, as `Shown`.

Anonymous words are plain text: escaped first, then passed through bleach with no tags allowed, so that safety comes
from escaping and bleach stands behind it. Words of people with accounts may be Markdown, and imported ones HTML:
they go through bleach's allowlist and then through nh3, which shares no code with it.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Iterable, Iterator
from html import escape
from html.parser import HTMLParser
from operator import attrgetter
from typing import Any

import bleach
import nh3
from markdown_it import MarkdownIt
from markupsafe import Markup
from markupsafe import escape as escape_markup

# bleach is quadratic on input such as "<a <a <a …": nothing longer than this reaches it in one piece.
LONGEST_PIECE = 4_000
LONGEST_STAFF_TEXT = 50_000
MARKUP = re.compile("[<>&]")
ESCAPED = re.compile("[<>&'\"]")
TAGS = frozenset({"p", "br", "h2", "h3", "ul", "ol", "li", "strong", "em", "blockquote", "a", "hr"})
ATTRIBUTES = {"a": ["href"]}
PROTOCOLS = frozenset({"https", "http", "mailto", "tel"})

_markdown = MarkdownIt("commonmark", {"html": False, "typographer": False}).disable(
    ["image", "html_inline", "html_block"]
)


class Shown(Markup):
    """HTML that may be printed as it is. Nothing else makes one."""

    __slots__ = ()


def shown(text: str | Mark | None) -> Shown:
    """Plain words as HTML: what a browser shows is what was typed, character for character; line ends become breaks.

    Whoever prints it isolates it (dir="auto" on a paragraph, <bdi> within a line), so that direction controls and
    mixed scripts can't turn the rest of the page around.
    """
    if isinstance(text, Mark):
        return slot(f"{text.__path__}_shown")
    return Shown("<br>\n".join(map(_escaped_and_bleached, (text or "").split("\n"))))


def paragraphs(text: str | None) -> Shown:
    """Plain words as paragraphs, each isolated, so that no direction leaks from one into the next."""
    return Shown("".join([f'<p dir="auto">{shown(paragraph)}</p>\n' for paragraph in (text or "").split("\n\n")]))


# Two characters that Unicode keeps for a program's own use, and what nobody can guess: a shape also
# holds names that somebody chose, of the site and of themes, and none of them may be taken for a mark.
OPENS, CLOSES = f"\ufdd0{secrets.token_hex(8)}:", "\ufdd1"
MARK = re.compile(f"{OPENS}([?:*/]?)([a-z_.0-9=]*){CLOSES}")


def slot(path: str) -> Shown:
    """A mark in a shape: here goes what stands under this path (`title`, `themes.0.name`)."""
    return Shown(f"{OPENS}{path}{CLOSES}")


class Mark:
    """Stands in a shape for something that differs: printed, it is the slot where that is put in.

    Whether it is there is not known while the shape is made, so a template that asks with `if` is told so by an error:
    it asks with `when`, and goes through many with `each` (protection/tags.py).
    """

    __slots__ = ("__path__",)

    def __init__(self, path: str) -> None:
        self.__path__ = path

    def __html__(self) -> str:
        return slot(self.__path__)

    __str__ = __html__

    def __getattr__(self, name: str) -> Mark:
        if name.startswith("_"):
            raise AttributeError(name)
        return Mark(f"{self.__path__}.{name}")

    def _cannot_tell(self, *_: object) -> Any:
        raise TypeError(f"what {self.__path__} is differs: a template asks by `when` and `each`")

    __bool__ = __iter__ = __len__ = __eq__ = _cannot_tell
    __hash__ = None  # type: ignore[assignment]


Get = Callable[[Any], Any]
Put = Callable[[Any, list[str]], None]


class Shape:
    """HTML with slots. It is made of templates, of names, and of slots: a story's words are only ever put in."""

    __slots__ = ("_parts",)

    def __init__(self, html: str) -> None:
        pieces = MARK.split(html)
        self._parts = _parts(iter(zip(pieces[::3], [*pieces[1::3], ""], [*pieces[2::3], ""], strict=True)))

    def filled(self, thing: object) -> Shown:
        """The HTML with what the thing has under each path; all but `Shown` is escaped on the way.

        What is gone through by `each` is set on the thing, by its name, one after another.
        """
        made: list[str] = []
        for part in self._parts:
            part(thing, made)
        return Shown("".join(made))


def _parts(marks: Iterator[tuple[str, str, str]]) -> list[Put]:
    """What is to be done up to the end, or to the mark that ends this part: each adds its piece to what is made.

    `marks`: HTML, the kind of the mark after it, and of what it speaks.
    """
    parts: list[Put] = []
    slots: list[tuple[str, Get]] = []
    for html, kind, path in marks:
        if path and not kind:
            slots.append((html, _getter(path)))
            continue
        if html or slots:
            parts.append(_put_in(tuple(slots), html))
            slots = []
        if kind == "?":
            parts.append(_when(_getter(path), _parts(marks), _parts(marks)))
        elif kind == "*":
            name, _, things = path.partition("=")
            parts.append(_each(_getter(things), name, _parts(marks)))
        else:
            break
    return parts


def _put_in(slots: tuple[tuple[str, Get], ...], last: str) -> Put:
    """HTML with slots that are always filled: pieces, each with what goes in after it, and the last piece."""

    def put(thing: Any, made: list[str]) -> None:
        for html, get in slots:
            value = get(thing)
            is_plain = type(value) is Shown or (type(value) is str and not ESCAPED.search(value))
            made += (html, value if is_plain else escape_markup(value))
        made.append(last)

    return put


def _when(get: Get, there: list[Put], missing: list[Put]) -> Put:
    def put(thing: Any, made: list[str]) -> None:
        for part in there if get(thing) else missing:
            part(thing, made)

    return put


def _each(get: Get, name: str, parts: list[Put]) -> Put:
    def put(thing: Any, made: list[str]) -> None:
        for one in get(thing):
            setattr(thing, name, one)
            for part in parts:
                part(thing, made)

    return put


def _getter(path: str) -> Get:
    first, _, rest = path.partition(".")
    number, _, last = rest.partition(".")
    if not number.isdecimal():
        return attrgetter(path)
    place, read_first, read_last = int(number), attrgetter(first), attrgetter(last)
    return lambda thing: read_last(read_first(thing)[place])


def shown_with_marks(text: str, spans: Iterable[tuple[int, int]]) -> Shown:
    """Plain words as `shown`, with <mark> around spans of code points (end excluded; in order and apart)."""
    pieces, place = [], 0
    for start, end in spans:
        if not place <= start < end <= len(text):
            raise ValueError(f"the span {start}–{end} is not in its place")
        pieces += [shown(text[place:start]), "<mark>", shown(text[start:end]), "</mark>"]
        place = end
    return Shown("".join([*pieces, shown(text[place:])]))


def staff_html(markdown: str) -> Shown:
    """Markdown of a person with an account as HTML of a few harmless tags. ValueError when it is too long."""
    if len(markdown) > LONGEST_STAFF_TEXT:
        raise ValueError("too long")
    return _allowed(_markdown.render(markdown))


def _allowed(html: str) -> Shown:
    once = bleach.clean(html, tags=TAGS, attributes=ATTRIBUTES, protocols=PROTOCOLS, strip=True)
    again = nh3.clean(
        once,
        tags=set(TAGS),
        attributes={"a": {"href"}},
        url_schemes=set(PROTOCOLS),
        link_rel="noopener noreferrer nofollow",
    )
    return Shown(again)


def text_of_html(html: str) -> str:
    """The words of imported HTML, without its markup: paragraphs and breaks become line ends. Scripts leave nothing."""
    reader = _Words()
    reader.feed(html)
    reader.close()
    lines = [re.sub(r"[ \t\r\f\v]+", " ", line).strip() for line in "".join(reader.pieces).split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


class _Words(HTMLParser):
    BREAKS = {
        "br": "\n",
        "p": "\n\n",
        "div": "\n",
        "li": "\n",
        "blockquote": "\n\n",
        "h1": "\n\n",
        "h2": "\n\n",
        "h3": "\n\n",
    }
    SILENT = frozenset({"script", "style", "head", "title", "template", "noscript", "iframe", "object"})

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self.silent = 0

    def handle_starttag(self, tag: str, attrs: object) -> None:  # noqa: ARG002
        if tag in self.SILENT:
            self.silent += 1
        self.pieces.append(self.BREAKS.get(tag, ""))

    def handle_endtag(self, tag: str) -> None:
        if tag in self.SILENT and self.silent:
            self.silent -= 1
        self.pieces.append(self.BREAKS.get(tag, "") if tag != "br" else "")

    def handle_data(self, data: str) -> None:
        if not self.silent:
            self.pieces.append(data)


def _escaped_and_bleached(line: str) -> str:
    """One line of plain words, escaped, and then asked of bleach, which must find nothing left to remove.

    A line without <, > and & has nothing that HTML could take for its own; asking bleach about each of them was two
    fifths of what a page of stories cost.
    """
    escaped = escape(line, quote=True)
    return _bleached(escaped) if MARKUP.search(line) else escaped


def _bleached(escaped: str) -> str:
    """Escaped text through bleach in pieces that end between entities. There is nothing left in it to remove."""
    pieces = []
    while escaped:
        end = LONGEST_PIECE
        if len(escaped) > end and "&" in escaped[end - 10 : end]:
            end = escaped.rindex("&", end - 10, end)
        pieces.append(bleach.clean(escaped[:end], tags=(), attributes={}, strip=False, strip_comments=False))
        escaped = escaped[end:]
    return "".join(pieces)
