"""The public report, as it was counted month by month; what others demanded of us; and what was answered."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session, selectinload

from storyhub.accountability.counting import COLUMNS
from storyhub.models import tally
from storyhub.models.codebook import target_of
from storyhub.models.decision import Act, Decision, Reason
from storyhub.models.figures import once_an_edition
from storyhub.models.monthly import Cells, MonthlyReport, first_day, month_after, months_counted
from storyhub.models.response import Response, ResponseVersion
from storyhub.models.selection import Unknown
from storyhub.models.story import State, Story
from storyhub.models.theme import Theme
from storyhub.models.version import StoryVersion
from storyhub.protection.disclosure import roughly

RECORD_IN = 100  # decisions
MOST_WAITING = 10_000  # stories; of more the report says no more than this


@dataclass(frozen=True)
class Sum:
    """What the published months add up to; `whole` when none of them was kept back. Tells no more than they do."""

    count: int
    whole: bool


@dataclass(frozen=True)
class Report:
    """What the public report says. None in a cell is kept back. `before` is the first day that is not in it."""

    before: dt.date
    months: dict[str, Cells]
    in_all: dict[str, Sum]
    declined_for: dict[str, Sum]
    reasons_by_month: dict[str, Cells]
    median_days_waited: float | None
    record: tuple[int, str] | None  # it has so many decisions at least; the fingerprint of its last one
    public_now: int
    waiting_about: int | None


@once_an_edition
def report(session: Session, today: dt.date, least: int) -> Report:
    """The months that were counted, and what is public already or too coarse to tell of anybody."""
    counted = months_counted(session)
    newest = counted[0] if counted else None
    return Report(
        before=month_after(first_day(newest.month)) if newest else today.replace(day=1),
        months={row.month: {name: row.cells.get(name, 0) for name in COLUMNS} for row in counted},
        in_all={name: _sum([row.cells.get(name, 0) for row in counted]) for name in COLUMNS},
        declined_for={
            reason: _sum([row.declined_for.get(reason, 0) for row in counted]) for reason in map(str, Reason)
        },
        reasons_by_month={row.month: dict(row.declined_for) for row in counted},
        median_days_waited=float(newest.median_days) if newest and newest.median_days else None,
        record=_record(counted),
        public_now=tally.total(session, tally.EVERYTHING),
        waiting_about=roughly(_waiting(session), least),
    )


def _sum(cells: list[int | None]) -> Sum:
    """Only of what was published of each month: a true total would give away the one month that was kept back."""
    return Sum(sum(cell or 0 for cell in cells), None not in cells)


def _record(counted: list[MonthlyReport]) -> tuple[int, str] | None:
    """How long the record was, in hundreds, and its fingerprint.

    Exactly it would tell how many decisions a month had, and so, in a quiet month, small counts that were kept back.
    """
    newest = counted[0] if counted else None
    if newest is None or not newest.record_number or not newest.record_hash:
        return None
    return newest.record_number - newest.record_number % RECORD_IN, newest.record_hash


def _waiting(session: Session) -> int:
    """How many wait, counted no further than MOST_WAITING: a flood must not make a public page dear."""
    waiting = sa.select(Story.id).where(Story.state == State.WAITING, Story.outcome.is_(None)).limit(MOST_WAITING)
    return session.scalar(sa.select(sa.func.count()).select_from(waiting.subquery())) or 0


def demands(session: Session, most: int = 200) -> list[Decision]:
    """What others demanded, the newest first."""
    return list(
        session.scalars(sa.select(Decision).filter_by(act=Act.DEMAND).order_by(Decision.number.desc()).limit(most))
    )


@dataclass(frozen=True)
class Paused:
    """A story whose words a legal duty keeps: since when and why, and the day on which they would have been erased."""

    story: Story
    decision: Decision | None
    due_on: dt.date | None


@dataclass(frozen=True)
class AllPaused:
    """The first stories whose words are kept, and how many there are besides."""

    stories: list[Paused]
    more: int


def paused(session: Session, most: int = 200) -> AllPaused:
    """The stories whose words are kept beyond their day, by their ids; never their words. A few queries for any."""
    kept = sa.select(Story).where(Story.purge_paused.is_(True))
    stories = session.scalars(kept.order_by(Story.id).limit(most).options(selectinload(Story.public))).all()
    ids = [story.id for story in stories]
    whole = session.scalar(sa.select(sa.func.count()).select_from(kept.subquery())) or 0
    newest = sa.select(sa.func.max(Decision.number)).where(Decision.story_id.in_(ids), Decision.act == Act.PAUSE_PURGE)
    decisions = session.scalars(
        sa.select(Decision)
        .where(Decision.number.in_(newest.group_by(Decision.story_id)))
        .options(selectinload(Decision.words))
    )
    because = {decision.story_id: decision for decision in decisions}
    due = sa.select(StoryVersion.story_id, sa.func.min(StoryVersion.purge_on)).where(StoryVersion.story_id.in_(ids))
    due_on = {story_id: day for story_id, day in session.execute(due.group_by(StoryVersion.story_id))}  # noqa: C416
    found = [Paused(story, because.get(story.id), due_on.get(story.id)) for story in stories]
    return AllPaused(found, whole - len(found))


@dataclass(frozen=True)
class Written:
    """The newest responses that organisers wrote down, each with what stands or will stand in public; and the rest."""

    responses: list[tuple[Response, ResponseVersion]]
    more: int


def written_responses(session: Session, most: int = 200) -> Written:
    """All responses, drafts too, by the day on which they were given. A few statements for any number of them."""
    other = sa.orm.aliased(ResponseVersion)
    newest = sa.select(sa.func.max(other.number)).where(other.response_id == Response.id)
    chosen = (
        sa.select(Response, ResponseVersion)
        .join(ResponseVersion, ResponseVersion.response_id == Response.id)
        .where(ResponseVersion.number == newest.scalar_subquery())
        .order_by(ResponseVersion.given_on.desc(), Response.id.desc())
        .limit(most)
    )
    found = [(response, version) for response, version in session.execute(chosen)]
    return Written(found, (session.scalar(sa.select(sa.func.count()).select_from(Response)) or 0) - len(found))


def themes_to_answer(session: Session, answered: Collection[int], language: str) -> list[Theme]:
    """The themes that a response can be said to answer, by their names; those that it answers now stay among them."""
    themes = list(session.scalars(sa.select(Theme)))
    now = {target_of(session, theme).id for theme in themes if theme.id in answered}
    offered = [theme for theme in themes if not theme.retired or theme.id in now]
    return sorted(offered, key=lambda theme: theme.name_in(language).casefold())


def theme_answered(session: Session, slug: str) -> Theme:
    """The theme of this slug, or what it was merged into. Raises Unknown."""
    theme = session.scalar(sa.select(Theme).filter_by(slug=slug))
    if theme is None:
        raise Unknown("theme")
    return target_of(session, theme)
