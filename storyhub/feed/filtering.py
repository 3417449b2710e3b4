"""The bar of filters over a row of stories: what can be chosen, what is, how to drop each, and what finds share."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote

from flask import url_for

from storyhub import languages
from storyhub.drawing.link import Link
from storyhub.feed.entries import note_name
from storyhub.feed.finding import Shared
from storyhub.feed.queries import Facets
from storyhub.languages import gettext as _
from storyhub.models.labels import NOTES, SETTINGS
from storyhub.models.selection import Selection
from storyhub.models.theme import Theme
from storyhub.text import countries, folding

ANY = "\0"  # in the place of a value in an address; words with it are refused
ANY_QUOTED = quote(ANY)

Option = tuple[str, str]
Group = tuple[str, list[Link]]


@dataclass(frozen=True)
class Choices:
    """What each field of the bar offers: (value, words), of what the public stories have."""

    themes: list[Option]
    countries: list[Option]
    settings: list[Option]
    years: list[Option]
    languages: list[Option]
    notes: list[Option]


def choices(facets: Facets, themes: list[Theme]) -> Choices:
    here = languages.current()
    return Choices(
        themes=_sorted((theme.slug, theme.name_in(here)) for theme in themes if not theme.retired),
        countries=_sorted((code, countries.name(code, here) or code) for code in facets.countries),
        settings=[(code, str(name)) for code, name in SETTINGS.items() if code in facets.settings],
        years=[(str(year), str(year)) for year in facets.years],
        languages=_sorted((code, languages.name(code, here)) for code in facets.languages),
        notes=[(code, str(name)) for code, name in NOTES.items()],
    )


def _sorted(options: Iterable[Option]) -> list[Option]:
    return sorted(options, key=lambda option: option[1].casefold())


def chosen(selection: Selection, themes: list[Theme], endpoint: str = "feed.front", **kept: str | None) -> list[Link]:
    """Every filter that is on, as words and the address of the same page without it. `kept` stays as it is."""
    here = languages.current()
    names = {theme.slug: theme.name_in(here) for theme in themes}
    on = [
        (names.get(slug, slug), replace(selection, themes=_without(selection.themes, slug)))
        for slug in selection.themes
    ]
    if selection.country:
        on.append((countries.name(selection.country, here) or "", replace(selection, country=None)))
    if selection.setting:
        on.append((str(SETTINGS[selection.setting]), replace(selection, setting=None)))
    if selection.year:
        on.append((str(selection.year), replace(selection, year=None)))
    if selection.language:
        on.append((languages.name(selection.language, here), replace(selection, language=None)))
    if selection.campaign:
        on.append((selection.campaign, replace(selection, campaign=None)))
    if selection.words:
        quoted = folding.QUOTES.search(selection.words)
        words = selection.words if quoted else _("“%(words)s”", words=selection.words)
        on.append((words, replace(selection, words="")))
    on += [
        (_("without %(note)s", note=note_name(note)), replace(selection, without=_without(selection.without, note)))
        for note in selection.without
    ]
    return [Link(name, address(endpoint, rest, **kept)) for name, rest in on]


def sharing(selection: Selection, shared: Shared, themes: list[Theme], **kept: str | None) -> list[Group]:
    """What the finds share, as links that choose it as well: by name, so that nothing is ranked by how often it is."""
    here = languages.current()
    known = [theme for theme in themes if theme.id in shared.themes and theme.slug not in selection.themes]
    names = {theme.slug: theme.name_in(here) for theme in known}
    counts = {theme.slug: shared.themes[theme.id] for theme in known}
    narrowed = replace(selection, themes=(*selection.themes, ANY))
    groups = [(_("Theme"), _links(narrowed, counts, names.__getitem__, kept))]
    facts: tuple[tuple[str, str, Mapping[Any, int], Callable[[Any], str]], ...] = (
        (_("Country"), "country", shared.countries, lambda code: countries.name(code, here) or code),
        (_("Where it happened"), "setting", shared.settings, lambda code: str(SETTINGS.get(code, code))),
        (_("Year"), "year", shared.years, str),
        (_("Language"), "language", shared.languages, lambda code: languages.name(code, here)),
    )
    for label, fact, values, name in facts:
        if getattr(selection, fact) is None:
            narrowed = replace(selection, **{fact: ANY})  # type: ignore[arg-type]
            groups.append((label, _links(narrowed, values, name, kept)))
    return [group for group in groups if group[1]]


def _links(
    narrowed: Selection, counts: Mapping[Any, int], name: Callable[[Any], str], kept: Mapping[str, str | None]
) -> list[Link]:
    """Links by name, one for each value in the place of ANY. One address for all: to ask for each takes far longer."""
    before, after = address("feed.search", narrowed, **kept).split(ANY_QUOTED)
    links = [Link(name(value), f"{before}{quote(str(value))}{after}", count) for value, count in counts.items()]
    return sorted(links, key=lambda link: link.name.casefold())


def address(endpoint: str, selection: Selection, **kept: str | None) -> str:
    """The address of a page under these filters."""
    found: dict[str, list[str]] = {}
    for name, value in selection.as_query():
        found.setdefault(name, []).append(value)
    return url_for(endpoint, **found, **kept)  # type: ignore[arg-type]


def _without(values: tuple[str, ...], gone: str) -> tuple[str, ...]:
    return tuple(value for value in values if value != gone)
