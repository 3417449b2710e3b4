"""What organisers read of the codebook."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Session, contains_eager

from storyhub.models import search
from storyhub.models.codebook import CodebookChange
from storyhub.models.people import Person
from storyhub.models.publication import Publication, PublishedTheme
from storyhub.models.story import Story, StoryVersion
from storyhub.models.theme import Coding, Theme
from storyhub.text import folding

T = TypeVar("T")

PAGE = 20
CHANGES = 50


@dataclass(frozen=True)
class Used:
    """A theme, in how many public stories it is, in how many that wait, and how deep it stands in the tree."""

    theme: Theme
    public: int
    waiting: int
    depth: int = 0


@dataclass(frozen=True)
class Book:
    """The codebook as its page shows it: what can be chosen as a tree, then what is retired, then what was merged."""

    tree: list[Used] = field(default_factory=list)
    retired: list[Used] = field(default_factory=list)
    merged: list[tuple[Theme, Theme]] = field(default_factory=list)  # with what each was merged into

    @property
    def is_empty(self) -> bool:
        return not (self.tree or self.retired or self.merged)


@dataclass(frozen=True)
class Told:
    """One change with the names that its ids stand for."""

    change: CodebookChange
    theme: Theme
    other: Theme | None
    by: str | None


def whole_codebook(session: Session, language: str) -> Book:
    """All themes with their counts, by their names in this language; each after the one that it stands under."""
    public = dict_of(session, sa.select(PublishedTheme.theme_id, sa.func.count()).group_by(PublishedTheme.theme_id))
    waiting = dict_of(
        session,
        sa.select(Coding.theme_id, sa.func.count(sa.distinct(Story.id)))
        .join(StoryVersion, StoryVersion.id == Coding.version_id)
        .join(Story, sa.and_(Story.id == StoryVersion.story_id, Story.state == "waiting"))
        .group_by(Coding.theme_id),
    )
    themes = all_themes(session)
    by_id = {theme.id: theme for theme in themes}
    book = Book()
    for theme, depth in tree_of((theme for theme in themes if not theme.retired), by_id, language):
        book.tree.append(Used(theme, public.get(theme.id, 0), waiting.get(theme.id, 0), depth))
    for theme in sorted((theme for theme in themes if theme.retired), key=lambda theme: theme.slug):
        if theme.merged_into_id:
            book.merged.append((theme, by_id[theme.merged_into_id]))
        else:
            book.retired.append(Used(theme, public.get(theme.id, 0), waiting.get(theme.id, 0)))
    return book


def tree_of(themes: Iterable[Theme], by_id: dict[int, Theme], language: str) -> Iterator[tuple[Theme, int]]:
    """Each theme with its depth, parents first. What stands under a theme that is not among them stands higher up."""
    chosen = {theme.id: theme for theme in themes}
    under: dict[int | None, list[Theme]] = {}
    for theme in chosen.values():
        above = theme.parent_id
        while above is not None and above not in chosen:
            above = by_id[above].parent_id
        under.setdefault(above, []).append(theme)

    def walk(above: int | None, depth: int) -> Iterator[tuple[Theme, int]]:
        for theme in sorted(under.get(above, []), key=lambda one: (one.name_in(language).casefold(), one.slug)):
            yield theme, depth
            yield from walk(theme.id, depth + 1)

    return walk(None, 0)


def all_themes(session: Session) -> list[Theme]:
    return list(session.scalars(sa.select(Theme).order_by(Theme.slug)))


def dict_of(session: Session, chosen: sa.Select[int, int]) -> dict[int, int]:
    return {key: number for key, number in session.execute(chosen)}  # noqa: C416 - a Result is no mapping


def theme_by_slug(session: Session, slug: str) -> Theme | None:
    return session.scalar(sa.select(Theme).filter_by(slug=slug))


def slugs(session: Session) -> frozenset[str]:
    """All addresses that are taken, those of retired themes too: links to them must not change their meaning."""
    return frozenset(session.scalars(sa.select(Theme.slug)))


def can_be_parent(session: Session, theme: Theme | None, language: str) -> list[tuple[Theme, int]]:
    """Under what a theme can stand, with the depth of each: not itself, nor what stands under it."""
    themes = all_themes(session)
    by_id = {one.id: one for one in themes}
    not_these: set[int] = set()
    if theme is not None:
        not_these = {theme.id}
        not_these |= {one.id for one in themes if any(above.id == theme.id for above in _above(one, by_id))}
    kept = theme.parent_id if theme is not None else None
    offered = [
        one
        for one in themes
        if one.id not in not_these and not one.merged_into_id and (not one.retired or one.id == kept)
    ]
    return list(tree_of(offered, by_id, language))


def _above(theme: Theme, by_id: dict[int, Theme]) -> Iterator[Theme]:
    while theme.parent_id is not None:
        theme = by_id[theme.parent_id]
        yield theme


def counts_of(session: Session, theme: Theme) -> Used:
    """One theme's counts: of public stories as they are coded now, and of those that wait."""
    of_theme = sa.select(Coding.version_id).where(Coding.theme_id == theme.id)
    public = sa.select(sa.func.count()).select_from(Publication).where(Publication.version_id.in_(of_theme))
    waiting = (
        sa.select(sa.func.count(sa.distinct(Story.id)))
        .join(StoryVersion, StoryVersion.story_id == Story.id)
        .where(Story.state == "waiting", StoryVersion.id.in_(of_theme))
    )
    return Used(theme, session.scalar(public) or 0, session.scalar(waiting) or 0)


def stories_with(
    session: Session, theme_id: int, words: str, after: int | None, most: int = PAGE
) -> tuple[list[Publication], int | None]:
    """Public stories that have a theme now and hold these words, newest first, and after what the next page begins."""
    chosen = _with_words(session, sa.select(Publication), words).join(Publication.version)
    coded = sa.select(Coding.version_id).where(Coding.theme_id == theme_id)
    chosen = chosen.where(Publication.version_id.in_(coded)).options(contains_eager(Publication.version))
    if after is not None:
        chosen = chosen.where(Publication.position < after)
    found = list(session.scalars(chosen.order_by(Publication.position.desc()).limit(most + 1)))
    return found[:most], found[most - 1].position if len(found) > most else None


def ids_of_stories_with(session: Session, theme_id: int, words: str) -> sa.Select[int]:
    """What chooses all public stories that have a theme and hold these words."""
    coded = sa.select(Coding.version_id).where(Coding.theme_id == theme_id)
    chosen = _with_words(session, sa.select(Publication.story_id), words)
    return chosen.where(Publication.version_id.in_(coded))


def count_with(session: Session, theme_id: int, words: str) -> int:
    found = ids_of_stories_with(session, theme_id, words).subquery()
    return session.scalar(sa.select(sa.func.count()).select_from(found)) or 0


def _with_words(session: Session, chosen: sa.Select[T], words: str) -> sa.Select[T]:
    """Only what holds these words, as the public search finds them; everything where there are none."""
    if not words.strip():
        return chosen
    query = folding.query(words)
    if not query:
        return chosen.where(sa.false())
    dialect = session.get_bind().dialect.name
    if dialect == "sqlite":
        found = sa.select(search.hits.c.rowid).where(search.match(query, dialect))
    else:
        found = sa.select(search.SearchText.position).where(search.match(query, dialect))
    return chosen.where(Publication.position.in_(found))


def history(session: Session, *, theme: Theme | None = None, before: int | None = None) -> list[Told]:
    """Changes of one theme or of all, newest first, at most CHANGES + 1 of them; those before this number."""
    chosen = sa.select(CodebookChange).order_by(CodebookChange.number.desc()).limit(CHANGES + 1)
    if theme is not None:
        chosen = chosen.where(sa.or_(CodebookChange.theme_id == theme.id, CodebookChange.other_id == theme.id))
    if before is not None:
        chosen = chosen.where(CodebookChange.number < before)
    changes = session.scalars(chosen).all()
    themes = themes_by_id(session, {id_ for change in changes for id_ in change.theme_ids})
    people = {change.by_id for change in changes if change.by_id}
    names = {one.id: one.username for one in session.scalars(sa.select(Person).where(Person.id.in_(people)))}
    return [
        Told(change, themes[change.theme_id], themes.get(change.other_id or 0), names.get(change.by_id or 0))
        for change in changes
    ]


def themes_by_id(session: Session, ids: Collection[int]) -> dict[int, Theme]:
    return {theme.id: theme for theme in session.scalars(sa.select(Theme).where(Theme.id.in_(ids)))}
