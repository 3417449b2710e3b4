"""What the public pages read: pages of stories, stories that share themes, and counts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session, contains_eager, selectinload

from storyhub.models import walking
from storyhub.models.figures import once_an_edition
from storyhub.models.publication import Publication, PublishedTheme
from storyhub.models.selection import Selection, Unknown
from storyhub.models.story import State, Story
from storyhub.models.theme import Campaign, Theme
from storyhub.protection import identifiers

PAGE = 20
NEWEST_LOOKED_AT = 2_000  # stories, for which themes belong together
LOOKED_AT_BY_THEME = 200  # stories of each theme, for those that share most
MOST_TOGETHER = 8
MOST_PAIRS = 3


@dataclass(frozen=True)
class Stories:
    """One page of a selection, and where the pages beside it begin. `newer` is "" for the first page.

    `ended_early`: so many stories were looked at for this page that the rest is left to the next one.
    """

    publications: list[Publication]
    older: str | None
    newer: str | None
    ended_early: bool = False


@dataclass(frozen=True)
class Facets:
    """Which values the public stories have, each with how many."""

    countries: dict[str, int]
    languages: dict[str, int]
    settings: dict[str, int]
    years: dict[int, int]
    total: int


@dataclass(frozen=True)
class Figures:
    """A theme, two themes or a place in numbers; `together` holds the ids of themes with how many stories."""

    total: int
    years: dict[int, int]
    countries: dict[str, int]
    together: dict[int, int]


def stories(session: Session, selection: Selection, after: int | None, size: int = PAGE) -> Stories:
    """One page, newest first. Raises Unknown for a theme or a campaign that isn't there."""
    found = walking.newest(session, selection, after, size)
    before = newer(session, selection, after, size) if after is not None else None
    older = identifiers.shown(found.next_after) if found.next_after is not None else None
    return Stories(public_at(session, found.positions), older, before, found.ended_early)


def newer(session: Session, selection: Selection, after: int, size: int) -> str:
    """The cursor of the page before the one that begins after this one; "" for the first page."""
    position = walking.page_before(session, selection, after, size)
    return "" if position is None else identifiers.shown(position)


def public_at(session: Session, positions: list[int]) -> list[Publication]:
    """The public stories at these positions, in their order."""
    if not positions:
        return []
    found = session.scalars(_with_all_that_is_shown().where(Publication.position.in_(positions)))
    return sorted(found, key=lambda public: positions.index(public.position))


def _with_all_that_is_shown() -> sa.Select[Publication]:
    """Public stories with their words, themes and notes, so that showing them asks for nothing more."""
    return (
        sa.select(Publication)
        .join(Publication.version)
        .join(Publication.story)
        .options(
            contains_eager(Publication.version),
            contains_eager(Publication.story),
            selectinload(Publication.themes),
            selectinload(Publication.notes),
        )
    )


def public_story(session: Session, story_id: int) -> Publication | None:
    return session.scalar(_with_all_that_is_shown().where(Publication.story_id == story_id))


def is_set_aside(session: Session, story_id: int) -> bool:
    """Whether a story stood here. A withdrawn one is as unknown as one that never was: nobody learns of either."""
    return session.scalar(sa.select(Story.state).where(Story.id == story_id)) is State.SET_ASIDE


def related(session: Session, public: Publication, most: int = PAGE) -> list[Publication]:
    """Newest other stories that share most of this one's themes, of the newest few hundred of each theme."""
    newest = [
        sa.select(
            sa.select(PublishedTheme.position)
            .where(PublishedTheme.theme_id == theme.id, PublishedTheme.position != public.position)
            .order_by(PublishedTheme.position.desc())
            .limit(LOOKED_AT_BY_THEME)
            .subquery()
            .c.position
        )
        for theme in public.themes
    ]
    if not newest:
        return []
    sharing = sa.union_all(*newest).subquery()
    chosen = (
        sa.select(sharing.c.position)
        .group_by(sharing.c.position)
        .order_by(sa.func.count().desc(), sharing.c.position.desc())
        .limit(most)
    )
    positions = list(session.scalars(chosen))
    found = session.scalars(_with_all_that_is_shown().where(Publication.position.in_(positions)))
    return sorted(found, key=lambda other: positions.index(other.position))


@once_an_edition
def count_sharing(session: Session, theme_ids: tuple[int, ...]) -> int:
    """How many stories have at least one of these themes."""
    chosen = sa.select(sa.func.count(PublishedTheme.position.distinct())).where(PublishedTheme.theme_id.in_(theme_ids))
    return session.scalar(chosen) or 0


@once_an_edition
def facets(session: Session) -> Facets:
    facts = {
        "country": Publication.country,
        "language": Publication.language,
        "setting": Publication.setting,
        "year": Publication.year,
    }
    rows = session.execute(
        sa.union_all(
            *(
                sa.select(
                    sa.literal(name).label("fact"), sa.cast(column, sa.Text).label("value"), sa.func.count()
                ).group_by(column)
                for name, column in facts.items()
            )
        )
    ).all()
    found: dict[str, dict[str | None, int]] = {name: {} for name in facts}
    for fact, value, count in rows:
        found[fact][value] = count
    told = {name: {value: count for value, count in values.items() if value} for name, values in found.items()}
    return Facets(
        countries=told["country"],
        languages=told["language"],
        settings=told["setting"],
        years={int(year): count for year, count in sorted(told["year"].items(), reverse=True)},
        total=sum(found["country"].values()),
    )


@once_an_edition
def theme_counts(session: Session) -> dict[int, int]:
    """How many public stories have each theme, by its id."""
    rows = session.execute(sa.select(PublishedTheme.theme_id, sa.func.count()).group_by(PublishedTheme.theme_id))
    return {theme_id: count for theme_id, count in rows}  # noqa: C416 - rows are no plain tuples


@once_an_edition
def pairs_that_join(session: Session) -> list[tuple[int, int, int]]:
    """Pairs of themes that stand together in several of the newest stories, by their ids, with in how many."""
    newest = (
        sa.select(Publication.position).order_by(Publication.position.desc()).limit(NEWEST_LOOKED_AT).subquery("newest")
    )
    one, other = sa.orm.aliased(PublishedTheme), sa.orm.aliased(PublishedTheme)
    rows = session.execute(
        sa.select(one.theme_id, other.theme_id, sa.func.count())
        .select_from(newest)
        .join(one, one.position == newest.c.position)
        .join(other, sa.and_(other.position == one.position, other.theme_id > one.theme_id))
        .group_by(one.theme_id, other.theme_id)
        .having(sa.func.count() > 1)
        .order_by(sa.func.count().desc(), one.theme_id, other.theme_id)
        .limit(MOST_PAIRS)
    )
    return [(first, second, count) for first, second, count in rows]


@once_an_edition
def figures_of_themes(session: Session, theme_ids: tuple[int, ...]) -> Figures:
    """The stories that have all of these themes, in numbers."""
    first, *others = theme_ids
    coded = sa.select(PublishedTheme.position).where(PublishedTheme.theme_id == first)
    for theme_id in others:
        coded = coded.where(
            PublishedTheme.position.in_(
                sa.select(PublishedTheme.position).where(PublishedTheme.theme_id == theme_id).scalar_subquery()
            )
        )
    return _figures(session, coded.subquery("coded"), theme_ids)


@once_an_edition
def figures_of_place(session: Session, country: str) -> Figures:
    there = sa.select(Publication.position).where(Publication.country == country)
    return _figures(session, there.subquery("coded"), ())


@once_an_edition
def count_of_campaign(session: Session, campaign_id: int) -> int:
    chosen = sa.select(sa.func.count()).select_from(Publication).where(Publication.campaign_id == campaign_id)
    return session.scalar(chosen) or 0


def _figures(session: Session, coded: sa.Subquery, theme_ids: tuple[int, ...]) -> Figures:
    rows = session.execute(
        sa.select(Publication.year, Publication.country, sa.func.count())
        .join(coded, coded.c.position == Publication.position)
        .group_by(Publication.year, Publication.country)
    ).all()
    years: dict[int, int] = {}
    places: dict[str, int] = {}
    for year, country, count in rows:
        if year is not None:
            years[year] = years.get(year, 0) + count
        if country is not None:
            places[country] = places.get(country, 0) + count
    together = session.execute(
        sa.select(PublishedTheme.theme_id, sa.func.count())
        .join(coded, coded.c.position == PublishedTheme.position)
        .where(PublishedTheme.theme_id.not_in(theme_ids))
        .group_by(PublishedTheme.theme_id)
        .order_by(sa.func.count().desc(), PublishedTheme.theme_id)
        .limit(MOST_TOGETHER)
    )
    return Figures(
        total=sum(count for _, _, count in rows),
        years=dict(sorted(years.items())),
        countries=places,
        together={theme_id: count for theme_id, count in together},  # noqa: C416
    )


def all_themes(session: Session) -> list[Theme]:
    return list(session.scalars(sa.select(Theme).order_by(Theme.slug)))


def themes_called(session: Session, slugs: Iterable[str]) -> list[Theme]:
    """The themes of these slugs, in their order. Raises Unknown when one isn't there."""
    wanted = list(slugs)
    found = {theme.slug: theme for theme in session.scalars(sa.select(Theme).where(Theme.slug.in_(wanted)))}
    if set(wanted) - found.keys():
        raise Unknown("theme")
    return [found[slug] for slug in wanted]


def themes_by_id(session: Session, ids: Iterable[int]) -> dict[int, Theme]:
    return {theme.id: theme for theme in session.scalars(sa.select(Theme).where(Theme.id.in_(list(ids))))}


def campaign_called(session: Session, slug: str) -> Campaign:
    campaign = session.scalar(sa.select(Campaign).filter_by(slug=slug))
    if campaign is None:
        raise Unknown("campaign")
    return campaign
