"""Countries by ISO 3166-1 alpha-2, and what they are called in a language (names from CLDR, by Babel)."""

from __future__ import annotations

from functools import cache

from babel import Locale

# CLDR names these too, but ISO 3166-1 has not assigned them, or they are no country.
NOT_ASSIGNED = frozenset(["AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "ZZ"])


@cache
def names(language: str) -> dict[str, str]:
    """Code and name of every country, sorted by name as far as code points sort it."""
    territories = Locale.parse(language, sep="-").territories
    found = {code: name for code, name in territories.items() if len(code) == 2 and code.isalpha()}
    return dict(
        sorted(((c, n) for c, n in found.items() if c not in NOT_ASSIGNED), key=lambda pair: pair[1].casefold())
    )


def name(code: str | None, language: str) -> str | None:
    """A country's name; the bare code where nobody has named it; None for none."""
    return None if not code else names(language).get(code, code)


def is_country(code: str) -> bool:
    return code in names("en")
