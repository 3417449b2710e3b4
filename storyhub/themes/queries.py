"""What organisers read of the codebook."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from storyhub.models.publication import PublishedTheme
from storyhub.models.story import Story, StoryVersion
from storyhub.models.theme import Coding, Theme


@dataclass(frozen=True)
class Used:
    """A theme, in how many public stories it is, and in how many that wait."""

    theme: Theme
    public: int
    waiting: int


def themes_with_counts(session: Session) -> list[Used]:
    """All themes, each with its counts; retired ones last."""
    public = dict_of(session, sa.select(PublishedTheme.theme_id, sa.func.count()).group_by(PublishedTheme.theme_id))
    waiting = dict_of(
        session,
        sa.select(Coding.theme_id, sa.func.count(sa.distinct(Story.id)))
        .join(StoryVersion, StoryVersion.id == Coding.version_id)
        .join(Story, sa.and_(Story.id == StoryVersion.story_id, Story.state == "waiting"))
        .group_by(Coding.theme_id),
    )
    themes = session.scalars(sa.select(Theme).order_by(Theme.retired, Theme.slug))
    return [Used(theme, public.get(theme.id, 0), waiting.get(theme.id, 0)) for theme in themes]


def dict_of(session: Session, chosen: sa.Select[int, int]) -> dict[int, int]:
    return {key: number for key, number in session.execute(chosen)}  # noqa: C416 - a Result is no mapping


def theme_by_slug(session: Session, slug: str) -> Theme | None:
    return session.scalar(sa.select(Theme).filter_by(slug=slug))


def slugs(session: Session) -> frozenset[str]:
    """All addresses that are taken, those of retired themes too: links to them must not change their meaning."""
    return frozenset(session.scalars(sa.select(Theme.slug)))
