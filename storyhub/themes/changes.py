"""The history of the codebook in words: what a change did, and what stood there before and after."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy.orm import Session

from storyhub import languages
from storyhub.models import labels
from storyhub.models.codebook import Change, CodebookChange
from storyhub.models.theme import Theme
from storyhub.text.differences import Pieces, differences
from storyhub.themes.forms import label_of
from storyhub.themes.queries import Told

NOT_TOLD = {"merged_into_id", "children", "stories", "keeps", "undid", "guid", "slug"}


@dataclass(frozen=True)
class Row:
    """One change to be read. `pieces` are the words that changed, by the label of their field."""

    change: CodebookChange
    what: str
    said: str
    by: str | None
    theme: Theme
    pieces: list[tuple[str, str | None, Pieces]] = field(default_factory=list)  # label, language, what changed
    may_undo: bool = False


def as_told(session: Session, told: Told) -> Row:
    change = told.change
    return Row(
        change=change,
        what=str(labels.CHANGES[change.what]),
        said=_said(told),
        by=told.by,
        theme=told.theme,
        pieces=_pieces(session, change),
        may_undo=not change.undone and change.what is not Change.UNDID,
    )


def _said(told: Told) -> str:
    here = languages.current()
    name, other = told.theme.name_in(here), told.other.name_in(here) if told.other else ""
    stories = told.change.after.get("stories")
    many = ngettext("%(num)s story", "%(num)s stories", stories) if isinstance(stories, int) else ""
    what = told.change.what
    if what is Change.UNDID:
        return _("The change %(number)s was taken back.", number=told.change.after.get("undid"))
    if not told.change.finished:
        return _("Stories are being moved between “%(name)s” and “%(other)s”.", name=name, other=other)
    if what is Change.MERGED:
        return _("“%(name)s” was merged into “%(other)s”: %(many)s.", name=name, other=other, many=many)
    if what is Change.SPLIT and told.change.after.get("keeps"):
        return _("“%(other)s” was given beside “%(name)s”: %(many)s.", name=name, other=other, many=many)
    if what is Change.SPLIT:
        return _("“%(other)s” was split off “%(name)s”: %(many)s.", name=name, other=other, many=many)
    return ""


def _pieces(session: Session, change: CodebookChange) -> list[tuple[str, str | None, Pieces]]:
    rows = []
    if change.what in (Change.MERGED, Change.SPLIT):
        return []
    for name in sorted({*change.before, *change.after} - NOT_TOLD, key=_in_order):
        pieces = differences(*(_shown(session, name, there.get(name)) for there in (change.before, change.after)))
        if pieces:
            rows.append((label_of(name), name.partition(":")[2] or None, pieces))
    return rows


def _in_order(name: str) -> tuple[int, str]:
    order = ["names", "definitions", "use_when", "use_not", "examples", "parent_id", "retired"]
    kind, _colon, code = name.partition(":")
    return order.index(kind) if kind in order else len(order), code


def _shown(session: Session, name: str, value: Any) -> str:
    if name == "parent_id":
        above = session.get(Theme, value) if value else None
        return above.name_in(languages.current()) if above else _("no other theme")
    if name == "retired":
        return _("yes") if value else _("no")
    return str(value or "")
