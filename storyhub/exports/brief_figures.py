"""What a brief is about, and the counts in it: nothing but public stories, as anybody can count them on the site."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from storyhub.models import tally
from storyhub.models.figures import once_an_edition
from storyhub.models.publication import Publication, PublishedTheme
from storyhub.models.selection import Selection, Unknown, campaign_id_of
from storyhub.models.theme import Theme
from storyhub.protection import identifiers

THEME, CAMPAIGN, COUNTRY = "theme", "campaign", "country"
KINDS = (THEME, CAMPAIGN, COUNTRY)


@dataclass(frozen=True)
class About:
    """One theme or campaign (its slug) or country (its code), and from which year to which."""

    kind: str
    value: str
    since: int | None = None
    until: int | None = None

    @classmethod
    def read(cls, filters: dict[str, Any]) -> About:
        """What `filters` wrote."""
        kind = next(kind for kind in KINDS if kind in filters)
        since, until = (int(filters[name]) if filters.get(name) else None for name in ("from", "to"))
        return cls(kind, str(filters[kind]), since, until)

    def filters(self) -> dict[str, str | int | list[str] | None]:
        found: dict[str, str | int | list[str] | None] = {self.kind: self.value}
        if self.since is not None:
            found["from"] = str(self.since)
        if self.until is not None:
            found["to"] = str(self.until)
        return found

    @property
    def has_years(self) -> bool:
        return self.since is not None or self.until is not None

    def selection(self, **more: Any) -> Selection:
        """The same as the one filter of public stories, without the years: it knows one year at the most."""
        own: dict[str, Any] = {"themes": (self.value,)} if self.kind == THEME else {self.kind: self.value}
        return Selection(**own, **more)


@dataclass(frozen=True)
class Figures:
    """How many public stories; of which years, where, and with which other themes, by their ids."""

    total: int
    years: dict[int, int]
    countries: dict[str, int]
    together: dict[int, int]

    @property
    def without_year(self) -> int:
        return self.total - sum(self.years.values())

    @property
    def without_country(self) -> int:
        return self.total - sum(self.countries.values())


def theme_called(session: Session, slug: str) -> Theme:
    """The theme of this slug, or the one that it was merged into. Raises Unknown."""
    theme = session.scalar(sa.select(Theme).filter_by(slug=slug))
    while theme is not None and theme.merged_into_id is not None:
        theme = session.get(Theme, theme.merged_into_id)
    if theme is None:
        raise Unknown(THEME)
    return theme


@once_an_edition
def figures(session: Session, about: About) -> Figures:
    """Count once an edition: from the tallies, or, of some years, the stories themselves. Raises Unknown."""
    return _counted(session, about) if about.has_years else _of_tallies(session, about)


def _of_tallies(session: Session, about: About) -> Figures:
    found = tally.of(session, _subject(session, about))
    return Figures(
        total=found.get(tally.ALL, {}).get("", 0),
        years={int(year): count for year, count in found.get(tally.YEAR, {}).items()},
        countries=found.get(tally.COUNTRY, {}),
        together={identifiers.read(name): count for name, count in found.get(tally.THEME, {}).items()},
    )


def _subject(session: Session, about: About) -> str:
    if about.kind == THEME:
        return tally.of_themes(theme_called(session, about.value).id)
    if about.kind == CAMPAIGN:
        return tally.of_campaign(campaign_id_of(session, about.value))
    return tally.of_country(about.value)


def _counted(session: Session, about: About) -> Figures:
    """Three counts over the stories of the subject and these years, each answered with as few rows as it has values."""
    years = _count_by(session, about, Publication.year)
    other = aliased(PublishedTheme)
    themes = chosen(session, about, sa.select(other.theme_id, sa.func.count())).join(
        other, other.position == Publication.position
    )
    if about.kind == THEME:
        themes = themes.where(other.theme_id != theme_called(session, about.value).id)
    return Figures(
        total=sum(years.values()),
        years=years,
        countries=_count_by(session, about, Publication.country),
        together=_dict_of(session, themes.group_by(other.theme_id)),
    )


def _count_by(session: Session, about: About, column: Any) -> dict[Any, int]:
    counted = chosen(session, about, sa.select(column, sa.func.count())).where(column.is_not(None))
    return _dict_of(session, counted.group_by(column).order_by(column))


def _dict_of(session: Session, counted: sa.Select[Any, int]) -> dict[Any, int]:
    return {value: count for value, count in session.execute(counted)}  # noqa: C416 - a Result is no mapping


def chosen(session: Session, about: About, wanted: Any) -> Any:
    """What is wanted, of the public stories that a brief is about. Raises Unknown."""
    wanted = wanted.select_from(Publication)
    if about.kind == THEME:
        coded = aliased(PublishedTheme)
        theme_id = theme_called(session, about.value).id
        wanted = wanted.join(coded, sa.and_(coded.position == Publication.position, coded.theme_id == theme_id))
    elif about.kind == CAMPAIGN:
        wanted = wanted.where(Publication.campaign_id == campaign_id_of(session, about.value))
    else:
        wanted = wanted.where(Publication.country == about.value)
    if about.since is not None:
        wanted = wanted.where(Publication.year >= about.since)
    if about.until is not None:
        wanted = wanted.where(Publication.year <= about.until)
    return wanted
