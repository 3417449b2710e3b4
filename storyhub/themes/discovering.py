"""What organisers read of discoveries, and what they make of a group: a theme, more of a theme, or nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from storyhub import languages
from storyhub.models.codebook import make_theme, retire_theme
from storyhub.models.discovered import (
    DiscoveredGroup,
    Discovery,
    GroupState,
    GroupStory,
    words_left,
)
from storyhub.models.publication import Publication
from storyhub.models.story import StoryVersion
from storyhub.models.theme import Coding, Theme
from storyhub.protection import identifiers
from storyhub.text import excerpt
from storyhub.text import language as written
from storyhub.text.codebook.entries import slug_of

WITHOUT, WITHIN, ALL = "without", "theme", "all"
EXAMPLES = 3
OPENING = 300  # characters
ON_PAGE = 50  # stories of a group
AT_ONCE = 500


# What is looked at.


def looked_at(look: str, theme_id: int | None = None) -> sa.Select[int]:
    """The public versions that a search is about: of stories without a theme, within one theme, or all."""
    chosen = sa.select(Publication.version_id)
    if look == ALL:
        return chosen
    coded = sa.exists().where(Coding.version_id == Publication.version_id)
    if look == WITHIN:
        return chosen.where(coded.where(Coding.theme_id == theme_id))
    return chosen.where(~coded)


def how_many(session: Session, look: str, theme_id: int | None = None) -> int:
    return session.scalar(sa.select(sa.func.count()).select_from(looked_at(look, theme_id).subquery())) or 0


# What was found.


@dataclass(frozen=True)
class Opening:
    """The beginning of one public story, and where it stands."""

    version_id: int
    story_id: int
    text: str
    is_cut: bool
    language: str | None
    direction: str
    country: str | None
    year: int | None
    notes: tuple[str, ...]
    themes: tuple[int, ...]
    given: bool = False


@dataclass
class Standing:
    """A group as it stands today: only of stories that are still public, only words that enough of them hold."""

    group: DiscoveredGroup
    place: int
    count: int = 0
    words: list[str] = field(default_factory=list)
    languages: list[tuple[str, int]] = field(default_factory=list)
    countries: dict[str, int] = field(default_factory=dict)
    years: dict[int, int] = field(default_factory=dict)
    given: int = 0
    typical: list[int] = field(default_factory=list)  # version ids
    openings: list[Opening] = field(default_factory=list)

    @property
    def is_open(self) -> bool:
        return self.group.state is GroupState.OPEN


def discoveries(session: Session, most: int = 50) -> list[tuple[Discovery, int, int]]:
    """The last ones, each with how many groups it found and how many are open still."""
    counted = {
        row[0]: (row[1], row[2])
        for row in session.execute(
            sa.select(
                DiscoveredGroup.discovery_id,
                sa.func.count(),
                sa.func.sum(sa.case((DiscoveredGroup.state == GroupState.OPEN, 1), else_=0)),
            ).group_by(DiscoveredGroup.discovery_id)
        )
    }
    chosen = sa.select(Discovery).order_by(Discovery.day.desc(), Discovery.id).limit(most)
    return [(one, *counted.get(one.id, (0, 0))) for one in session.scalars(chosen)]


def groups_of(session: Session, discovery: Discovery) -> list[Standing]:
    """All groups of a discovery as they stand today, the largest first as they were found."""
    chosen = sa.select(DiscoveredGroup).filter_by(discovery_id=discovery.id).order_by(DiscoveredGroup.place)
    return with_facts(session, session.scalars(chosen).all())


def with_facts(session: Session, groups: Sequence[DiscoveredGroup]) -> list[Standing]:
    found = {group.id: Standing(group, group.place) for group in groups}
    holds: dict[int, list[int]] = {group_id: [] for group_id in found}
    spoken: dict[int, Counter[str]] = {group_id: Counter() for group_id in found}
    for row in session.execute(_public_of(found)):
        shown = found[row.group_id]
        shown.count += 1
        shown.given += row.given
        holds[row.group_id].append(row.holds)
        spoken[row.group_id][row.language or ""] += 1
        if len(shown.typical) < EXAMPLES:
            shown.typical.append(row.version_id)
        if row.country:
            shown.countries[row.country] = shown.countries.get(row.country, 0) + 1
        if row.year:
            shown.years[row.year] = shown.years.get(row.year, 0) + 1
    for group_id, shown in found.items():
        shown.words = words_left(shown.group.words, holds[group_id])
        shown.languages = spoken[group_id].most_common()
    wanted = [version_id for shown in found.values() for version_id in shown.typical]
    opened = {one.version_id: one for one in openings(session, wanted)}
    for shown in found.values():
        shown.openings = [opened[version_id] for version_id in shown.typical if version_id in opened]
    return list(found.values())


def _public_of(group_ids: Iterable[int]) -> Any:
    return (
        sa.select(
            GroupStory.group_id,
            GroupStory.version_id,
            GroupStory.holds,
            GroupStory.given,
            Publication.language,
            Publication.country,
            Publication.year,
        )
        .join(Publication, Publication.version_id == GroupStory.version_id)
        .where(GroupStory.group_id.in_(list(group_ids)))
        .order_by(GroupStory.group_id, GroupStory.typical.desc(), GroupStory.version_id)
    )


def stories_of(session: Session, group: DiscoveredGroup, page: int) -> tuple[list[Opening], bool]:
    """One page of a group's public stories, the most typical first, and whether there are more."""
    chosen = (
        sa.select(GroupStory.version_id, GroupStory.given)
        .join(Publication, Publication.version_id == GroupStory.version_id)
        .where(GroupStory.group_id == group.id)
        .order_by(GroupStory.typical.desc(), GroupStory.version_id)
        .limit(ON_PAGE + 1)
        .offset((page - 1) * ON_PAGE)
    )
    rows = session.execute(chosen).all()
    given = {row.version_id: row.given for row in rows[:ON_PAGE]}
    return openings(session, list(given), given), len(rows) > ON_PAGE


def openings(session: Session, version_ids: Sequence[int], given: dict[int, bool] | None = None) -> list[Opening]:
    """The beginnings of these versions, of those that are public, in the order in which they are asked for."""
    found: dict[int, Opening] = {}
    for start in range(0, len(version_ids), AT_ONCE):
        some = list(version_ids[start : start + AT_ONCE])
        themes: dict[int, list[int]] = {}
        chosen = sa.select(Coding.version_id, Coding.theme_id).where(Coding.version_id.in_(some)).distinct()
        for version_id, theme_id in session.execute(chosen):
            themes.setdefault(version_id, []).append(theme_id)
        public = sa.select(Publication, StoryVersion).join(StoryVersion, StoryVersion.id == Publication.version_id)
        for one, version in session.execute(public.where(Publication.version_id.in_(some))):
            text, is_cut = excerpt.opening(version.text or "", OPENING)
            found[version.id] = Opening(
                version_id=version.id,
                story_id=one.story_id,
                text=text,
                is_cut=is_cut,
                language=one.language,
                direction=written.direction(one.language) if one.language else written.direction_of(text),
                country=one.country,
                year=one.year,
                notes=tuple(version.content_notes),
                themes=tuple(sorted(themes.get(version.id, ()))),
                given=bool(given and given.get(version.id)),
            )
    return [found[version_id] for version_id in version_ids if version_id in found]


# What is made of it.


def public_among(session: Session, group: DiscoveredGroup, version_ids: Iterable[int]) -> list[int]:
    """Those of these versions that are of the group and public now: nothing else can be chosen on its page."""
    wanted = list(set(version_ids))
    chosen = (
        sa.select(GroupStory.version_id)
        .join(Publication, Publication.version_id == GroupStory.version_id)
        .where(GroupStory.group_id == group.id, GroupStory.version_id.in_(wanted))
    )
    return sorted(session.scalars(chosen))


def all_themes(session: Session) -> list[Theme]:
    """Retired ones too: stories have them still."""
    return list(session.scalars(sa.select(Theme)))


def themes_to_choose(session: Session) -> list[Theme]:
    chosen = sa.select(Theme).where(Theme.retired.is_(False), Theme.merged_into_id.is_(None))
    return list(session.scalars(chosen.order_by(Theme.slug)))


def name_group(
    session: Session, group: DiscoveredGroup, names: dict[str, str], definitions: dict[str, str],
    version_ids: Sequence[int], *, by: int,
) -> tuple[Theme, list[int]]:  # fmt: skip
    """Make a theme of a group, and give it to these stories. Returns the theme and the versions that changed."""
    words = {"names": names, "definitions": definitions}
    theme = make_theme(session, free_slug(session, names), words, by=by)
    return theme, group.name(theme, version_ids, by=by)


def undo_group(session: Session, group: DiscoveredGroup, *, by: int) -> list[int]:
    """Open again; the theme that was made of it goes out of the lists. Returns the versions that changed."""
    theme = session.get(Theme, group.theme_id) if group.state is GroupState.NAMED and group.theme_id else None
    changed = group.undo()
    if theme is not None and not _is_given(session, theme):
        retire_theme(session, theme, by=by)
    return changed


def _is_given(session: Session, theme: Theme) -> bool:
    """Whether somebody gave it to other stories meanwhile: then it is theirs, and stays."""
    return session.scalar(sa.select(Coding.id).filter_by(theme_id=theme.id).limit(1)) is not None


def free_slug(session: Session, names: dict[str, str]) -> str:
    """An address that no theme has, from the name in the default language; by chance where it has no Latin letters."""
    wanted = slug_of(names.get(languages.DEFAULT, "")) or f"theme-{identifiers.shown(identifiers.new_id())[-6:]}"
    taken = set(session.scalars(sa.select(Theme.slug).where(Theme.slug.startswith(wanted[:60]))))
    if wanted not in taken:
        return wanted
    return next(slug for number in range(2, 10_000) if (slug := f"{wanted[:70]}-{number}") not in taken)
