"""Stories as HTML, put together from shapes: what all of one shape have in common is made once.

A template's macro is asked once for each shape that an entry can have (with a title or without, cut or whole, with so
many themes), with marks in the place of what differs. Then only that is put in, in a small part of the time. That
nobody can tell the two apart is held by tests/feed/test_shapes.py.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from storyhub import languages
from storyhub.drawing.link import Link
from storyhub.feed.entries import Entry
from storyhub.protection.sanitising import Shape, Shown, slot

MOST_SHAPES = 5_000
PRESENT = ("title", "name", "language", "country_name", "country_url", "year", "setting_name", "heard", "me_too")
FLAGS = ("is_cut", "folds", "may_be_quoted", "may_be_full")
FILLED = (
    "id",
    "url",
    "direction",
    "heading",
    "words",
    "whole",
    "opening",
    "notes_said",
    "heard_said",
    "me_too_said",
    "me_too_in_short",
    "day",
    "day_said",
)

Variant = tuple[Any, ...]

_shapes: dict[tuple[Any, ...], Shape] = {}


def in_shape(macro: Callable[..., Shown], entry: Any, *arguments: Any, **differs: Shown) -> Shown:
    """What `macro(entry, *arguments, **differs)` prints. Anything but an Entry is printed by the macro itself.

    What `differs` from one entry of a shape to another is printed as it is by the macro, which may only ask whether it
    is there.
    """
    if type(entry) is not Entry:
        return macro(entry, *arguments, **differs)
    variant = variant_of(entry)
    key = (macro.name, arguments, languages.current(), variant, *differs)  # type: ignore[attr-defined]
    shape = _shapes.get(key)
    if shape is None:
        if len(_shapes) >= MOST_SHAPES:
            _shapes.clear()
        marks = {name: slot(name) for name in differs}
        shape = _shapes[key] = Shape(macro(Marked(variant), *arguments, **marks))
    return shape.filled(_With(entry, differs) if differs else entry)


class _With:
    """An entry with what else is put in beside it."""

    def __init__(self, entry: Entry, differs: dict[str, Shown]) -> None:
        self.__dict__.update(differs)
        self._entry = entry

    def __getattr__(self, name: str) -> Any:
        return getattr(self._entry, name)


def variant_of(entry: Entry) -> Variant:
    """What decides how an entry is printed, apart from the words that are put in."""
    return (
        bool(entry.title),
        bool(entry.name),
        bool(entry.language),
        bool(entry.country_name),
        bool(entry.country_url),
        bool(entry.year),
        bool(entry.setting_name),
        bool(entry.heard),
        bool(entry.me_too),
        entry.is_cut,
        entry.folds,
        entry.may_be_quoted,
        entry.may_be_full,
        bool(entry.content_notes),
        len(entry.themes),
    )


class Marked:
    """Stands for every entry of a variant: where such an entry says something, it holds the mark to put that in."""

    title: Any
    name: Any

    def __init__(self, variant: Variant) -> None:
        *known, has_notes, themes = variant
        for name, is_there in zip((*PRESENT, *FLAGS), known, strict=True):
            setattr(self, name, is_there and (True if name in FLAGS else slot(name)))
        for name in FILLED:
            setattr(self, name, slot(name))
        # Words of whoever told it, which macros print by `shown`: their line ends become breaks.
        self.title, self.name = self.title and slot("title_shown"), self.name and slot("name_shown")
        self.content_notes = [slot("notes_said")] if has_notes else []
        self.themes = [Link(slot(f"themes.{number}.name"), slot(f"themes.{number}.url")) for number in range(themes)]
