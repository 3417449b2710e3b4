"""How many public stories there are of each kind: counted as they come and go, so that no page counts them anew.

A tally is public: it counts nothing but what everybody can read, and moves with the edition (promise 19).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session, mapped_column

from storyhub.models.columns import WITHOUT_ROWID, Base
from storyhub.protection import identifiers

EVERYTHING = "all"
ALL, COUNTRY, LANGUAGE, SETTING, YEAR, THEME, PAIR = "all", "country", "language", "setting", "year", "theme", "pair"

KEY = ("subject", "facet", "value")
Key = tuple[str, str, str]
AT_ONCE = 200  # rows in one statement: SQLite has a limit of parameters


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


def of_themes(*theme_ids: int) -> str:
    """The subject of one theme, or of two together."""
    return " ".join(["theme", *sorted(identifiers.shown(theme_id) for theme_id in theme_ids)])


def of_country(code: str) -> str:
    return f"country {code}"


def of_campaign(campaign_id: int) -> str:
    return f"campaign {identifiers.shown(campaign_id)}"


def keys(story: Counted) -> Iterator[Key]:
    """Every tally that one story counts in, each once."""
    year = str(story.year) if story.year is not None else None
    names = {theme_id: identifiers.shown(theme_id) for theme_id in story.theme_ids}
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
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    changed = [(key, by) for key, by in sorted(changes.items()) if by]
    for start in range(0, len(changed), AT_ONCE):
        some = changed[start : start + AT_ONCE]
        adding = insert(Tally).values([dict(zip(KEY, key, strict=True)) | {"count": by} for key, by in some])
        session.execute(
            adding.on_conflict_do_update(index_elements=KEY, set_={"count": Tally.count + adding.excluded.count})
        )
    if fallen := [key for key, by in changed if by < 0]:  # what is over leaves no trace of having been
        # One by one: for a list of whole keys SQLite would look at every row.
        is_it = [getattr(Tally, name) == sa.bindparam(f"of_{name}") for name in KEY]
        session.connection().execute(
            sa.delete(Tally).where(Tally.count <= 0, *is_it),
            [{f"of_{name}": part for name, part in zip(KEY, key, strict=True)} for key in fallen],
        )


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
