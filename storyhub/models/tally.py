"""How many public stories there are of each kind: counted as they come and go, so that no page counts them anew.

A tally is public: it counts nothing but what everybody can read, and moves with the edition (promise 19).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import combinations
from typing import cast

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session, mapped_column

from storyhub.models.columns import WITHOUT_ROWID, Base
from storyhub.protection import identifiers

EVERYTHING = "all"
ALL, COUNTRY, LANGUAGE, SETTING, YEAR, THEME, PAIR = "all", "country", "language", "setting", "year", "theme", "pair"

KEY = ("subject", "facet", "value")
MOST_KNOWN = 4_096  # names of themes and pairs that are remembered

Key = tuple[str, str, str]


class Tally(Base):
    """Of all stories of a subject (everything, a theme, two themes, a country, a campaign), those of one value."""

    __tablename__ = "tallies"
    __table_args__ = WITHOUT_ROWID

    subject: Mapped[str] = mapped_column(sa.String(48), primary_key=True)
    facet: Mapped[str] = mapped_column(sa.String(12), primary_key=True)
    value: Mapped[str] = mapped_column(sa.String(48), primary_key=True)
    count: Mapped[int]


@dataclass(frozen=True)
class Counted:
    """What of one public story is counted."""

    country: str | None
    language: str | None
    setting: str | None
    year: int | None
    campaign_id: int | None
    theme_ids: tuple[int, ...]


@lru_cache(MOST_KNOWN)
def of_themes(*theme_ids: int) -> str:
    """The subject of one theme, or of two together."""
    return " ".join(["theme", *sorted(map(_shown, theme_ids))])


# Of a theme: one of a few, named in the tallies of every story that has it.
_shown = lru_cache(MOST_KNOWN)(identifiers.shown)


def of_country(code: str) -> str:
    return f"country {code}"


def of_campaign(campaign_id: int) -> str:
    return f"campaign {identifiers.shown(campaign_id)}"


def keys(story: Counted) -> Iterator[Key]:
    """Every tally that one story counts in, each once."""
    year = str(story.year) if story.year is not None else None
    names = {theme_id: _shown(theme_id) for theme_id in story.theme_ids}
    pairs = [(one, other) for one, other in combinations(sorted(names), 2)]
    yield EVERYTHING, ALL, ""
    for facet, value in (
        (COUNTRY, story.country),
        (LANGUAGE, story.language),
        (SETTING, story.setting),
        (YEAR, year),
    ):
        if value is not None:
            yield EVERYTHING, facet, value
    for one, other in pairs:
        yield EVERYTHING, PAIR, " ".join(sorted((names[one], names[other])))
    subjects: list[tuple[str, tuple[int, ...]]] = [(of_themes(theme_id), (theme_id,)) for theme_id in names]
    subjects += [(of_themes(*pair), pair) for pair in pairs]
    if story.country is not None:
        subjects.append((of_country(story.country), ()))
    if story.campaign_id is not None:
        subjects.append((of_campaign(story.campaign_id), ()))
    for subject, own in subjects:
        yield subject, ALL, ""
        if year is not None:
            yield subject, YEAR, year
        if story.country is not None:
            yield subject, COUNTRY, story.country
        for theme_id, name in names.items():
            if theme_id not in own:
                yield subject, THEME, name
    for name in names.values():
        yield EVERYTHING, THEME, name


def change(session: Session, changes: Mapping[Key, int]) -> None:
    """Count up or down. Doesn't commit. Whoever calls it holds the site's row, so that no two wait for each other.

    Only the rows of these keys are touched. What falls to nothing is gone: a tally is never negative and never none.
    """
    changed = [(key, by) for key, by in sorted(changes.items()) if by]
    if changed:
        # One statement for all rows, made once and sent for each: to write out their values in one takes far longer.
        rows = [dict(zip(KEY, key, strict=True)) | {"count": by} for key, by in changed]
        session.connection().execute(_adding(session.get_bind().dialect.name), rows)
    if fallen := [key for key, by in changed if by < 0]:  # what is over leaves no trace of having been
        # One by one: for a list of whole keys SQLite would look at every row.
        is_it = [getattr(Tally, name) == sa.bindparam(f"of_{name}") for name in KEY]
        session.connection().execute(
            sa.delete(Tally).where(Tally.count <= 0, *is_it),
            [{f"of_{name}": part for name, part in zip(KEY, key, strict=True)} for key in fallen],
        )


@cache
def _adding(dialect: str) -> sa.Executable:
    table = cast(sa.Table, Tally.__table__)
    insert = sqlite.insert(table) if dialect == "sqlite" else postgresql.insert(table)
    return insert.on_conflict_do_update(index_elements=KEY, set_={"count": table.c.count + insert.excluded.count})


def count_up(session: Session, stories: Iterable[Counted]) -> None:
    change(session, Counter(key for story in stories for key in keys(story)))


def count_down(session: Session, story: Counted) -> None:
    change(session, dict.fromkeys(keys(story), -1))


def of(session: Session, subject: str) -> dict[str, dict[str, int]]:
    """All tallies of a subject: by facet, then by value, both in their order.

    One walk over as many rows as there are values, however many stories there are.
    """
    found: dict[str, dict[str, int]] = {}
    rows = session.execute(sa.select(Tally.facet, Tally.value, Tally.count).where(Tally.subject == subject)).all()
    for facet, value, count in sorted(rows, key=lambda row: (row.facet, row.value)):
        found.setdefault(facet, {})[value] = count
    return found


def total(session: Session, subject: str) -> int:
    """How many public stories a subject has."""
    return session.scalar(sa.select(Tally.count).filter_by(subject=subject, facet=ALL, value="")) or 0
