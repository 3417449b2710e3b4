"""What the public pages read: pages of stories, stories that share themes, and counts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session, contains_eager, selectinload

from storyhub.models import tally, walking
from storyhub.models.codebook import target_of
from storyhub.models.figures import once_an_edition
from storyhub.models.publication import Publication, PublishedPair
from storyhub.models.selection import Selection, Unknown
from storyhub.models.story import State, Story
from storyhub.models.theme import Campaign, Theme
from storyhub.protection import identifiers

PAGE = 20
NEWEST_LOOKED_AT = 100  # pairs of themes of the newest stories
MOST_PAIRS = 3


@dataclass(frozen=True)
class Stories:
    """One page of a selection, and where the pages beside it begin. `newer` is "" for the first page.

    `ended_early`: so many stories were looked at for this page that the rest is left to the next one.
    """

    positions: list[int]
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
    return Stories(found.positions, older, before, found.ended_early)


def newer(session: Session, selection: Selection, after: int, size: int) -> str:
    """The cursor of the page before the one that begins after this one; "" for the first page."""
    position = walking.page_before(session, selection, after, size)
    return "" if position is None else identifiers.shown(position)


def public_at(session: Session, positions: Sequence[int]) -> list[Publication]:
    """The public stories at these positions, in their order; those that are no longer public are left out."""
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


def public_row(session: Session, story_id: int) -> Publication | None:
    """The same without its words and all that hangs on it."""
    return session.scalar(sa.select(Publication).filter_by(story_id=story_id))


def is_set_aside(session: Session, story_id: int) -> bool:
    """Whether a story stood here. A withdrawn one is as unknown as one that never was: nobody learns of either."""
    return session.scalar(sa.select(Story.state).where(Story.id == story_id)) is State.SET_ASIDE


@once_an_edition
def _everything(session: Session) -> dict[str, dict[str, int]]:
    return tally.of(session, tally.EVERYTHING)


def facets(session: Session) -> Facets:
    found = _everything(session)
    return Facets(
        countries=found.get(tally.COUNTRY, {}),
        languages=found.get(tally.LANGUAGE, {}),
        settings=found.get(tally.SETTING, {}),
        years=dict(reversed(_years(found).items())),
        total=_total(found),
    )


def theme_counts(session: Session) -> dict[int, int]:
    """How many public stories have each theme, by its id."""
    return _themes(_everything(session))


@once_an_edition
def pairs_that_join(session: Session) -> list[tuple[int, int, int]]:
    """Pairs of themes that stand together in the newest stories, by their ids, with in how many of all stories.

    The newest pairs that more than one story has, in the order of their slugs: never those that are told most.
    """
    counts = {(one, other): count for one, other, count in joined_themes(session)}
    newest = session.execute(
        sa.select(PublishedPair.first_id, PublishedPair.second_id)
        .order_by(PublishedPair.position.desc(), PublishedPair.first_id.desc(), PublishedPair.second_id.desc())
        .limit(NEWEST_LOOKED_AT)
    )
    together = dict.fromkeys((one, other) for one, other in newest if counts.get((one, other), 0) > 1)
    chosen = set(list(together)[:MOST_PAIRS])
    return [(*pair, count) for pair, count in counts.items() if pair in chosen]


@once_an_edition
def joined_themes(session: Session) -> list[tuple[int, int, int]]:
    """All pairs of themes that stand together in a story, the lower id first, with in how many; by their slugs."""
    pairs = _everything(session).get(tally.PAIR, {})
    slugs = {theme.id: theme.slug for theme in all_themes(session)}
    found = []
    for pair, count in pairs.items():
        one, other = map(identifiers.read, pair.split(" "))
        found.append((one, other, count))
    return sorted(found, key=lambda pair: sorted((slugs[pair[0]], slugs[pair[1]])))


@once_an_edition
def figures_of_themes(session: Session, theme_ids: tuple[int, ...]) -> Figures:
    """The stories that have this theme, or both of these two, in numbers."""
    return _figures(session, tally.of_themes(*theme_ids))


@once_an_edition
def figures_of_place(session: Session, country: str) -> Figures:
    return _figures(session, tally.of_country(country))


@once_an_edition
def count_of_campaign(session: Session, campaign_id: int) -> int:
    return tally.total(session, tally.of_campaign(campaign_id))


def _figures(session: Session, subject: str) -> Figures:
    found = tally.of(session, subject)
    return Figures(
        total=_total(found),
        years=_years(found),
        countries=found.get(tally.COUNTRY, {}),
        together=_themes(found),
    )


def _total(found: dict[str, dict[str, int]]) -> int:
    return found.get(tally.ALL, {}).get("", 0)


def _years(found: dict[str, dict[str, int]]) -> dict[int, int]:
    return {int(year): count for year, count in found.get(tally.YEAR, {}).items()}


def _themes(found: dict[str, dict[str, int]]) -> dict[int, int]:
    return {identifiers.read(name): count for name, count in found.get(tally.THEME, {}).items()}


def all_themes(session: Session) -> list[Theme]:
    return list(session.scalars(sa.select(Theme).order_by(Theme.slug)))


@once_an_edition
def themes_of_edition(session: Session) -> list[Theme]:
    """The same, read once an edition: they belong to no session, and nothing may be changed on them."""
    themes = all_themes(session)
    for theme in themes:
        session.expunge(theme)
    return themes


def themes_called(session: Session, slugs: Iterable[str]) -> list[Theme]:
    """The themes of these slugs, in their order. Raises Unknown when one isn't there."""
    wanted = list(slugs)
    found = {theme.slug: theme for theme in session.scalars(sa.select(Theme).where(Theme.slug.in_(wanted)))}
    if set(wanted) - found.keys():
        raise Unknown("theme")
    return [found[slug] for slug in wanted]


def without_merged(session: Session, themes: Iterable[Theme]) -> list[str] | None:
    """The slugs under which a page of these themes is found, where one of them was merged; else None."""
    listed = list(themes)
    if not any(theme.merged_into_id for theme in listed):
        return None
    return sorted({target_of(session, theme).slug for theme in listed})


def themes_by_id(session: Session, ids: Iterable[int]) -> dict[int, Theme]:
    return {theme.id: theme for theme in session.scalars(sa.select(Theme).where(Theme.id.in_(list(ids))))}


def campaign_called(session: Session, slug: str) -> Campaign:
    campaign = session.scalar(sa.select(Campaign).filter_by(slug=slug))
    if campaign is None:
        raise Unknown("campaign")
    return campaign
