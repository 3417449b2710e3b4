"""What stands on the two pages of a brief, in its own language, ready for the templates."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from sqlalchemy.orm import Session

from storyhub import clock, languages
from storyhub.drawing import map as maps
from storyhub.drawing.joining import shortened
from storyhub.drawing.link import Link
from storyhub.drawing.years import Years, year_bars
from storyhub.exports.brief_figures import CAMPAIGN, COUNTRY, THEME, About, Figures, figures, theme_called
from storyhub.exports.briefs import Quoted, about, quotes_of
from storyhub.languages import gettext as _
from storyhub.models.brief import Brief
from storyhub.models.selection import campaign_id_of
from storyhub.models.site import the_site
from storyhub.models.theme import Campaign, Theme
from storyhub.protection import identifiers
from storyhub.text import countries
from storyhub.text import language as written

PLACES, TOGETHER = 6, 6  # rows of the tables on the pages; all the others are in the data file
LONGEST_NAME = 44  # signs of a name in a table, which has one line for it
SHOWN_OF_ADDRESS = 64


@dataclass(frozen=True)
class Said:
    """A quote and where it is from, as the pages show both."""

    words: str
    language: str | None
    direction: str
    is_other_language: bool
    country: str | None
    year: int | None
    url: str
    address: str


@dataclass(frozen=True)
class Sheet:
    """All that is on the two pages, as of `day`. `url` is the page on the site that counts the same."""

    language: str
    direction: str
    day: dt.date
    organisation: str
    kind: str
    subject: str
    title: str
    note: list[str]
    purpose: str
    about: About
    figures: Figures
    years: Years | None
    places: list[Link]
    more_places: int
    world: maps.World
    dots: list[tuple[int, str]]
    around: maps.Around | None
    together: list[Link]
    more_together: int
    quotes: list[Said]
    url: str
    address: str
    least: int

    @property
    def most_together(self) -> int:
        return max((link.count or 0 for link in self.together), default=0)


def sheet_of(session: Session, brief: Brief, site_url: str, least: int) -> Sheet:
    """A brief as it would be taken out now; `least` is the smallest count that leaves of what is not public.

    Raises Unknown, where what it is about is no longer there.
    """
    language, of = brief.language, about(brief)
    prefix = site_url + ("" if language == languages.DEFAULT else f"/{language}")
    counted, (subject, path) = figures(session, of), named(session, of, language)
    places = _most(
        (countries.name(code, language) or code, f"{prefix}/places/{code}", count)
        for code, count in counted.countries.items()
    )
    themes = {theme.id: theme for theme in session.query(Theme).where(Theme.id.in_(counted.together))}
    together = _most(
        (themes[theme_id].name_in(language), f"{prefix}/themes/{themes[theme_id].slug}", count)
        for theme_id, count in counted.together.items()
        if theme_id in themes
    )
    return Sheet(
        language=language,
        direction=languages.direction(language),
        day=clock.today(),
        organisation=the_site(session).name,
        kind=of.kind,
        subject=subject,
        title=brief.title or subject,
        note=[line.strip() for line in brief.note.split("\n") if line.strip()],
        purpose=brief.purpose,
        about=of,
        figures=counted,
        years=year_bars(counted.years),
        places=places[:PLACES],
        more_places=len(places[PLACES:]),
        world=maps.world(),
        dots=maps.dots(counted.countries),
        around=maps.around(of.value) if of.kind == COUNTRY else None,
        together=together[:TOGETHER],
        more_together=len(together[TOGETHER:]),
        quotes=[said(quote, language, prefix) for quote in quotes_of(session, brief).standing],
        url=prefix + path,
        address=_shown_address(prefix + path),
        least=least,
    )


def named(session: Session, of: About, language: str) -> tuple[str, str]:
    """What a brief is about by its name, and the path of its public page. Raises Unknown."""
    if of.kind == THEME:
        theme = theme_called(session, of.value)
        return theme.name_in(language), f"/themes/{theme.slug}"
    if of.kind == CAMPAIGN:
        campaign = session.get_one(Campaign, campaign_id_of(session, of.value))
        return campaign.name_in(language), f"/campaigns/{campaign.slug}"
    return countries.name(of.value, language) or of.value, f"/places/{of.value}"


def said(quote: Quoted, language: str, prefix: str) -> Said:
    public = quote.of
    url = f"{prefix}/stories/{identifiers.shown(public.story_id)}"
    words = " ".join(quote.words.split())  # a line end within a passage is a space here
    return Said(
        words=words,
        language=public.language,
        direction=written.direction(public.language) if public.language else written.direction_of(words),
        is_other_language=bool(public.language) and str(public.language).split("-")[0] != language.split("-")[0],
        country=countries.name(public.country, language),
        year=public.year,
        url=url,
        address=_shown_address(url),
    )


def _most(rows: Iterable[tuple[str, str, int]]) -> list[Link]:
    """The greatest counts first, of equals by name. In a table that has no room for all, those that stand for most."""
    ordered = sorted(rows, key=lambda row: (-row[2], row[0].casefold()))
    return [Link(shortened(name, LONGEST_NAME), url, count) for name, url, count in ordered]


def _shown_address(url: str) -> str:
    parts = urlsplit(url)
    whole = parts.netloc + parts.path
    return whole if len(whole) <= SHOWN_OF_ADDRESS else f"{parts.netloc[:24]}…{parts.path[-32:]}"


def speaking(code: str) -> Callable[[Callable[[], str]], str]:
    """For {% call %} in a template: what stands in it is said in this language."""

    def say(caller: Callable[[], str]) -> str:
        with languages.force_locale(code):
            return caller()

    return say


def period(of: About) -> str:
    """The years of a brief, in words."""
    if of.since is not None and of.until is not None:
        if of.since == of.until:
            return str(of.since)
        return _("%(first)s to %(last)s", first=of.since, last=of.until)
    if of.since is not None:
        return _("%(first)s and later", first=of.since)
    if of.until is not None:
        return _("until %(last)s", last=of.until)
    return _("all years")
