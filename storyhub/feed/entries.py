"""A public story as the pages show it: its words, its line, and where it leads."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache
from typing import NamedTuple

from babel.dates import DateTimePattern, format_skeleton, get_date_format
from flask import url_for

from storyhub import languages
from storyhub.drawing.link import Link
from storyhub.languages import gettext as _
from storyhub.languages import ngettext
from storyhub.models.card import shown_month
from storyhub.models.labels import NOTES, SETTINGS
from storyhub.models.publication import Publication
from storyhub.models.theme import Theme
from storyhub.protection import identifiers
from storyhub.protection.sanitising import Shown, paragraphs, shown
from storyhub.text import countries, excerpt
from storyhub.text import language as written

ELSEWHERE = 280  # of its opening in feeds, the API and lists of finds


class Entry(NamedTuple):
    """What templates/components/story.html asks for. Nothing is here that the contributor did not choose to show."""

    id: str
    url: str
    title: str | None
    name: str | None
    text: str
    opening: str
    is_cut: bool
    language: str | None
    direction: str
    country: str | None
    country_name: str | None
    country_url: str | None
    year: str | None
    setting_name: str | None
    themes: tuple[Link, ...]
    content_notes: tuple[str, ...]
    released_on: dt.date
    heard: int
    me_too: int
    may_be_quoted: bool
    may_be_full: bool
    folds: bool

    # What templates print of it, ready made: so that a shape can be filled with it (feed/shapes).

    @property
    def words(self) -> Shown:
        """The words as a row of stories shows them."""
        return paragraphs(self.opening if self.is_cut else self.text)

    @property
    def whole(self) -> Shown:
        return paragraphs(self.text)

    @property
    def title_shown(self) -> Shown:
        return shown(self.title)

    @property
    def name_shown(self) -> Shown:
        return shown(self.name)

    @property
    def was_answered(self) -> bool:
        """Whether a reader said something to whoever told it."""
        return bool(self.heard or self.me_too)

    @property
    def notes_said(self) -> str:
        return _(", ").join(self.content_notes)

    @property
    def heard_said(self) -> str:
        """At least: of one network each counts once a day."""
        return ngettext("Heard at least %(num)s time.", "Heard at least %(num)s times.", self.heard)

    @property
    def me_too_said(self) -> str:
        return ngettext(
            "At least %(num)s time somebody said that it happened to them too.",
            "At least %(num)s times somebody said that it happened to them too.",
            self.me_too,
        )

    @property
    def me_too_in_short(self) -> str:
        """The same for a row of stories, where many stand below each other."""
        return ngettext("“Me too”, at least %(num)s time.", "“Me too”, at least %(num)s times.", self.me_too)

    @property
    def day(self) -> str:
        return self.released_on.isoformat()

    @property
    def day_said(self) -> str:
        language = languages.current()
        return _long_day(language).apply(self.released_on, language)

    @property
    def heading(self) -> str:
        """What the story is called where it has no title of its own."""
        if self.country_name and self.year:
            return _("A story from %(country)s, %(year)s", country=self.country_name, year=self.year)
        if self.country_name:
            return _("A story from %(country)s", country=self.country_name)
        return _("A story")


def entry_of(public: Publication, *, limit: int) -> Entry:
    """The entry of a public story for other programs, its opening of at most `limit` code points."""
    version, here = public.version, languages.current()
    text = version.text or ""
    opening, is_cut = excerpt.opening(text, limit)
    notes = sorted(note.note for note in public.notes)
    return Entry(
        id=identifiers.shown(public.story_id),
        url=url_for("feed.story", story_id=public.story_id),
        title=version.title or None,
        name=(version.name or None) if "name" in version.show else None,
        text=text,
        opening=opening,
        is_cut=is_cut,
        language=public.language,
        direction=written.direction(public.language) if public.language else written.direction_of(text),
        country=public.country,
        country_name=countries.name(public.country, here),
        country_url=_place_url(public.country),
        year=when(public.year, shown_month(version.happened, version.show)),
        setting_name=str(SETTINGS[public.setting]) if public.setting in SETTINGS else None,
        themes=tuple(theme_link(theme) for theme in public.themes),
        content_notes=tuple(note_name(note) for note in notes),
        released_on=public.released_on,
        heard=public.heard,
        me_too=public.me_too,
        may_be_quoted=public.story.may_quote,
        may_be_full=public.story.may_full,
        folds=False,
    )


def theme_link(theme: Theme, count: int | None = None) -> Link:
    return Link(theme.name_in(languages.current()), url_for("feed.theme", slugs=[theme.slug]), count)


def note_name(code: str) -> str:
    return str(NOTES.get(code, code))


def _place_url(country: str | None) -> str | None:
    return url_for("feed.place", country=country) if country and countries.is_country(country) else None


def when(year: int | None, month: int | None) -> str | None:
    """The year in words; with the month, which is given only where the contributor chose to show it."""
    if year is None or not month:
        return None if year is None else str(year)
    return _month(year, month, languages.current())


@lru_cache(maxsize=100)
def _long_day(language: str) -> DateTimePattern:
    """How a day is written in a language. No day is kept written: that would tell that a story of it was read."""
    return get_date_format("long", locale=language)


def _month(year: int, month: int, language: str) -> str:
    return format_skeleton("yMMMM", dt.date(year, month, 1), locale=language)
