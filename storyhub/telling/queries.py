"""What telling reads: themes to choose from, one story by its receipt, and what its holder may know."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from storyhub import clock
from storyhub.models.decision import Act, Decision
from storyhub.models.story import State, Story
from storyhub.models.theme import SLUG, Campaign, Theme


def themes_to_choose(session: Session) -> list[Theme]:
    return list(session.scalars(sa.select(Theme).filter_by(retired=False).order_by(Theme.slug)))


def themes_named(session: Session, slugs: list[str]) -> list[Theme]:
    return list(session.scalars(sa.select(Theme).where(Theme.slug.in_(slugs), Theme.retired.is_(False))))


def open_campaign(session: Session, slug: str | None) -> Campaign | None:
    """The campaign that a story is told for, if it is open today."""
    is_slug = slug and re.fullmatch(SLUG, slug)  # anything may stand in a hidden field, and some databases refuse NUL
    campaign = session.scalar(sa.select(Campaign).filter_by(slug=slug)) if is_slug else None
    today = clock.today()
    if campaign is None or (campaign.opens_on and campaign.opens_on > today):
        return None
    return None if campaign.closes_on and campaign.closes_on < today else campaign


def story_with(session: Session, receipt_digest: str) -> Story | None:
    """The story that a receipt belongs to: one equality on a keyed digest."""
    return session.scalar(sa.select(Story).filter_by(receipt_digest=receipt_digest))


@dataclass(frozen=True)
class Standing:
    """What became of a story, as its contributor is told. Moments are in UTC."""

    state: State
    read_by_a_person: bool
    goes_out: dt.datetime | None
    reason: str | None
    letter: str | None
    purge_on: dt.date | None
    words_are_held: bool


def standing(session: Session, story: Story) -> Standing:
    """What the receipt's holder is told. Until a decision's window opens nobody outside sees it, not even here."""
    declined = story.state is State.DECLINED
    decision = session.scalar(
        sa.select(Decision)
        .where(Decision.story_id == story.id, Decision.act == Act.DECLINE)
        .order_by(Decision.number.desc())
        .limit(1)
    )
    words = decision.words if decision and declined else None
    days = [version.purge_on for version in story.versions if version.purge_on is not None]
    return Standing(
        state=story.state,
        read_by_a_person=story.read_by_a_person,
        goes_out=clock.moment(story.outcome_window) if story.outcome_window is not None else None,
        reason=decision.reason if decision and declined else None,
        letter=words.letter if words else None,
        purge_on=min(days, default=None),
        words_are_held=any(version.text is not None for version in story.versions),
    )
