"""What an export was, in words for a page: what kind of thing left, how much of it, and of which stories."""

from __future__ import annotations

import sqlalchemy as sa
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy.orm import Session

from storyhub import languages
from storyhub.exports import boxes
from storyhub.models.export import Export
from storyhub.models.labels import SETTINGS
from storyhub.models.theme import Campaign, Theme
from storyhub.text import countries

PAGES = {"table": "tables", "brief": "briefs", "round": "rounds"}  # under /organise/, where what left has its own page


def kind_of(export: Export) -> str:
    """What left, by its code in `labels.EXPORTED`."""
    return "sealed" if export.format == boxes.FORMAT else export.what


def how_much(export: Export) -> str:
    """How much was in it, by what was counted."""
    count, kind = export.count, kind_of(export)
    if kind == "table":
        return ngettext("%(num)s cell", "%(num)s cells", count)
    if kind == "brief":
        return ngettext("%(num)s quote", "%(num)s quotes", count)
    if kind == "sealed":
        return ngettext("%(num)s note", "%(num)s notes", count)
    return ngettext("%(num)s story", "%(num)s stories", count)


def page_of(export: Export) -> str | None:
    """The path of the page of the table, brief or sample that left; None for what has no other page than its own."""
    name = export.facts.get(export.what)
    return f"/organise/{PAGES[export.what]}/{name}" if export.what in PAGES and name else None


def asked_for(session: Session, export: Export) -> list[tuple[str, str]]:
    """Which stories were asked for: what each choice is called, and what was chosen.."""
    if export.what == "table":
        return []
    return [
        (_name_of(key), _(", ").join(_value_of(session, key, str(one)) for one in _listed(value)))
        for key, value in export.filters.items()
        if value not in (None, "", [])
    ]


def _listed(value: str | int | list[str] | None) -> list[str | int | None]:
    return [*value] if isinstance(value, list) else [value]


def _name_of(key: str) -> str:
    names = {
        "theme": _("Theme"),
        "themes": _("Which of the themes"),
        "country": _("Country"),
        "setting": _("Where it happened"),
        "year": _("Year"),
        "since_year": _("From this year on"),
        "from": _("From this year on"),
        "until_year": _("Up to this year"),
        "to": _("Up to this year"),
        "language": _("Language"),
        "campaign": _("Campaign"),
    }
    return names.get(key, key)


def _value_of(session: Session, key: str, value: str) -> str:
    language = languages.current()
    if key == "theme" and (theme := session.scalar(sa.select(Theme).filter_by(slug=value))):
        return theme.name_in(language)
    if key == "campaign" and (campaign := session.scalar(sa.select(Campaign).filter_by(slug=value))):
        return campaign.name_in(language)
    if key == "themes":
        return _("stories with any of them")
    if key == "country":
        return countries.name(value, language) or value
    if key == "language":
        return languages.name(value, language)
    return str({str(code): words for code, words in SETTINGS.items()}.get(value, value)) if key == "setting" else value
