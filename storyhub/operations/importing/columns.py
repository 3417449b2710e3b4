"""Which column of a file is which fact of a story, and what its cells mean. A bad fact is dropped and noted."""

from __future__ import annotations

import datetime as dt
import email.utils
import hashlib
import re
import tomllib
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from babel import Locale
from flask_babel import gettext as _

from storyhub import clock
from storyhub.models.labels import NOTES
from storyhub.models.story import Setting, Told, Use
from storyhub.models.theme import SLUG
from storyhub.text import countries
from storyhub.text.incoming import NotText, clean, is_empty

LONGEST = 200_000  # characters of a story, after cleaning
LONGEST_TITLE = 300
LONGEST_NAME = 80
FIRST_YEAR = 1900

_NAMES: dict[str, list[str]] = tomllib.loads(Path(__file__).with_name("names.toml").read_text("utf-8"))
NO_FACT = set(_NAMES.pop("no_fact"))
NAMES = {name: fact for fact, names in _NAMES.items() for name in names}
RANK = {name: number for number, name in enumerate(NAMES)}
FIELDS = sorted({*_NAMES, "theme"})
YES, NO = {"1", "1.0", "true"}, {"0", "0.0", "false"}
COUNTRIES_BY_OTHER_NAMES = {"uk": "GB", "u.k.": "GB", "usa": "US", "u.s.": "US", "u.s.a.": "US", "uae": "AE"}


class Refused(Exception):
    """A row that can't be a story; its text is the reason."""


@dataclass(frozen=True)
class Understood:
    """A row's facts: what is told, and what of it had to be left out."""

    told: Told
    themes: tuple[tuple[str, str], ...]  # (slug, name)
    not_themes: tuple[str, ...]  # slugs of those to which the row says no
    content_notes: tuple[str, ...]
    consent: tuple[Use, ...] | None  # None when no column speaks of it
    campaign: str | None
    notes: tuple[str, ...]


@dataclass
class Columns:
    """Which column is which. `fields` by column; those of no known name are watched: 0 and 1 alone make a theme."""

    given: Mapping[str, str | None] = field(default_factory=dict)
    fields: dict[str, str] = field(default_factory=dict)
    left_out: set[str] = field(default_factory=set)
    _met: set[str] = field(default_factory=set)
    _by_fact: dict[str, str] = field(default_factory=dict)
    _unknown: dict[str, set[str]] = field(default_factory=dict)

    def meet(self, names: Iterable[str]) -> None:
        """Learn of columns; each is looked at once. Of two for one fact the better known name is taken."""
        new = [name for name in names if name not in self._met]
        self._met.update(new)
        for name in sorted(new, key=lambda name: (name not in self.given, RANK.get(_plain(name), len(RANK)))):
            wanted = self.given[name] if name in self.given else NAMES.get(_plain(name))
            if name in self.given and not wanted:
                self.left_out.add(name)
            elif wanted == "theme" or (wanted and wanted not in self._by_fact):
                self.fields[name] = wanted
                self._by_fact[wanted] = name
            elif name not in self.given and not wanted and _plain(name) not in NO_FACT:
                self._unknown[name] = set()
            else:
                self.left_out.add(name)

    def watch(self, cells: Mapping[str, Any]) -> None:
        """See whether columns of unknown names hold anything but 0 and 1."""
        for name in list(self._unknown):
            value = _flag(cells.get(name))
            if value is None:
                del self._unknown[name]
                self.left_out.add(name)
            elif value:
                self._unknown[name].add(value)

    def settle(self) -> None:
        """After the last row: columns that held nothing but 0 and 1, and a 1 at least once, are themes."""
        for name, values in self._unknown.items():
            if "1" in values:
                self.fields[name] = "theme"
            else:
                self.left_out.add(name)
        self._unknown = {}

    def column(self, wanted: str) -> str | None:
        """The column that holds a fact, if there is one."""
        return self._by_fact.get(wanted)

    def theme_columns(self) -> list[tuple[str, str]]:
        """(column, slug) of those that became themes."""
        return [(name, slug_of(name)) for name, found in self.fields.items() if found == "theme"]


def _plain(name: str) -> str:
    return re.sub(r"[\s_\-]+", "_", unicodedata.normalize("NFC", name).strip().casefold())


def _flag(value: Any) -> str | None:
    """'1', '0' or '' for a cell that says yes, no or nothing; None for any other."""
    text = "" if value is None else str(value).strip().lower()
    return "1" if text in YES else "0" if text in NO else "" if not text else None


@lru_cache(4096)
def slug_of(name: str) -> str:
    """An address for a theme's name; of a script that has no Latin letters, a short digest of it.

    >>> slug_of("Touching /Groping")
    'touching-groping'
    """
    latin = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    slug = "-".join(re.findall(r"[a-z0-9]+", latin))[:80].strip("-")
    return slug if len(slug) > 1 else f"theme-{_digest(name)}"


def _digest(name: str) -> str:
    return hashlib.sha256(unicodedata.normalize("NFC", name).encode()).hexdigest()[:10]


def understand(cells: Mapping[str, Any], columns: Columns) -> Understood:
    """The facts of one row. Raises Refused when there are no words that can be kept."""
    notes: list[str] = []

    def fact(wanted: str, read: Callable[[str], Any]) -> Any:
        value = _cell(cells, columns.column(wanted))
        if not value:
            return None
        try:
            return read(value)
        except ValueError:
            notes.append(_("%(fact)s left out: %(value)s", fact=wanted, value=value[:80]))
            return None

    setting = fact("setting", lambda value: Setting(value.casefold()))
    told = Told(
        text=_words(cells, columns),
        title=fact("title", lambda value: _short(value, LONGEST_TITLE)) or "",
        name=fact("name", lambda value: _short(value, LONGEST_NAME)) or "",
        language=fact("language", language_of),
        country=fact("country", country_of),
        place=fact("place", lambda value: _short(value, LONGEST_TITLE)) or "",
        setting=setting,
        happened=fact("happened", happened_of),
        # Whoever imports vouches for the file: its settings are shown. Names and months stay with us.
        show=("setting",) if setting else (),
    )
    themes, odd = _themes(cells, columns)
    notes += odd
    return Understood(
        told=told,
        themes=themes,
        not_themes=tuple(slug for name, slug in columns.theme_columns() if _flag(cells.get(name)) == "0"),
        content_notes=fact("content_notes", lambda value: _several(value, NOTES)) or (),
        consent=_consent(cells, columns, fact),
        campaign=fact("campaign", _slug),
        notes=tuple(notes),
    )


def _words(cells: Mapping[str, Any], columns: Columns) -> str:
    column = columns.column("text")
    value = cells.get(column) if column is not None else None
    if value is None:
        raise Refused(_("empty"))
    if not isinstance(value, str):
        raise Refused(_("not text"))
    try:
        text = clean(value)
    except NotText as error:
        raise Refused(_("not text (%(why)s)", why=error)) from error
    if is_empty(text):
        raise Refused(_("empty"))
    if len(text) > LONGEST:
        raise Refused(_("too long: %(length)s characters, of %(most)s", length=len(text), most=LONGEST))
    return text


def _cell(cells: Mapping[str, Any], column: str | None) -> str:
    """A cell as text without white space around it; a list as its parts, one a line."""
    value = cells.get(column) if column is not None else None
    if value is None or isinstance(value, dict):
        return ""
    if isinstance(value, list):
        return "\n".join(str(part) for part in value if isinstance(part, str))
    try:
        return clean(str(value)).strip()
    except NotText:
        return ""


def _short(value: str, most: int) -> str:
    if len(value) > most:
        raise ValueError("too long")
    return value


def _slug(value: str) -> str:
    if not re.fullmatch(SLUG, value):
        raise ValueError("not a slug")
    return value


def _several(value: str, known: Iterable[str]) -> tuple[str, ...]:
    found = tuple(dict.fromkeys(_parts(value)))
    if not set(found) <= set(known):
        raise ValueError("unknown")
    return found


def _parts(value: str) -> list[str]:
    """The parts of a list in one cell. A comma divides only where nothing clearer does: names may hold commas."""
    divider = r"[;|\n]" if re.search(r"[;|\n]", value) else ","
    return [part for part in (" ".join(piece.split()) for piece in re.split(divider, value)) if part]


def _consent(cells: Mapping[str, Any], columns: Columns, fact: Callable[..., Any]) -> tuple[Use, ...] | None:
    """What a row allows. An empty cell allows nothing; so does one that isn't understood."""
    if (column := columns.column("consent")) is None or column not in cells:
        return None
    return tuple(Use(use) for use in fact("consent", lambda value: _several(value, list(Use))) or ())


def _themes(cells: Mapping[str, Any], columns: Columns) -> tuple[tuple[tuple[str, str], ...], list[str]]:
    """(slug, name) of a row's themes, and notes on those that can't be one."""
    found: dict[str, str] = {}
    notes = []
    column = columns.column("themes")
    value = cells.get(column) if column is not None else None
    if isinstance(value, list) and value and isinstance(value[0], tuple):
        named = [(name, slug if re.fullmatch(SLUG, slug) else slug_of(name)) for name, slug in value]
    else:
        named = [(name, slug_of(name)) for name in _parts(_cell(cells, column))]
    named += [(name, slug) for name, slug in columns.theme_columns() if _flag(cells.get(name)) == "1"]
    for name, slug in named:
        if len(name) > LONGEST_NAME or len(slug) > LONGEST_NAME:
            notes.append(_("%(fact)s left out: %(value)s", fact="themes", value=name[:80]))
        elif name:
            found.setdefault(slug, " ".join(name.split()))
    return tuple(found.items()), notes


def country_of(value: str) -> str:
    """A country's code, from the code or from its name in one of several languages. Raises ValueError."""
    code = value.upper()
    if countries.is_country(code):
        return code
    return _countries_by_name().get(value.casefold()) or _unknown(value)


def _unknown(value: str) -> str:
    raise ValueError(f"unknown: {value}")


@cache
def _countries_by_name() -> dict[str, str]:
    found = {}
    for language in ("zh", "hi", "pt", "fr", "es", "ar", "en"):
        found.update({name.casefold(): code for code, name in countries.names(language).items()})
    return found | COUNTRIES_BY_OTHER_NAMES


def language_of(value: str) -> str:
    """A BCP 47 tag, from the tag or from the language's English name or its own. Raises ValueError."""
    tag = value.replace("_", "-")
    known = _languages_by_name()
    if value.casefold() in known:
        return known[value.casefold()]
    if not re.fullmatch(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{1,8}){0,3}", tag) or len(tag) > 35:
        return _unknown(value)
    if tag.split("-")[0].lower() not in Locale("en").languages:
        return _unknown(value)
    first, *rest = tag.split("-")
    return "-".join([first.lower(), *(part.upper() if len(part) == 2 else part.title() for part in rest)])


@cache
def _languages_by_name() -> dict[str, str]:
    english = {name.casefold(): code.replace("_", "-") for code, name in Locale("en").languages.items()}
    own = {}
    for code in ("ar", "bn", "de", "es", "fa", "fr", "hi", "id", "it", "ja", "ko", "pt", "ru", "sw", "tr", "ur", "zh"):
        own[(Locale(code).get_display_name(code) or code).casefold()] = code
    return english | own


def happened_of(value: str) -> str:
    """YYYY or YYYY-MM from a date as people and programs write them; a day is left behind. Raises ValueError.

    Where day and month can't be told apart (03/04/2015), only the year is taken.
    """
    if found := re.fullmatch(r"([0-9]{4})[-/.]([0-9]{1,2})(?:[-/.][0-9]{1,2}(?:[T ].*)?)?", value):
        return _year_and_month(int(found[1]), int(found[2]))
    if found := re.fullmatch(r"(?:[0-9]{1,2}[-/. ]){1,2}([0-9]{4})(?:[ ,].*)?", value):
        return _year_and_month(int(found[1]), None)
    if found := re.fullmatch(r"([0-9]{4})(?:\.0)?", value):
        return _year_and_month(int(found[1]), None)
    if (moment := email.utils.parsedate(value)) is not None:
        return _year_and_month(moment[0], None)
    return _unknown(value)


def _year_and_month(year: int, month: int | None) -> str:
    today = clock.today()
    first = dt.date(year, month or 1, 1)  # ValueError for a thirteenth month
    if year < FIRST_YEAR or first > today:
        raise ValueError("not a year in which this can have happened")
    return f"{year}-{month:02d}" if month else str(year)
