"""What telling reads: themes to choose from, one story by its receipt, and what its holder may know."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from math import ceil

import sqlalchemy as sa
from sqlalchemy.orm import Session

from storyhub import clock
from storyhub.models.appeal import Appeal, can_be_appealed
from storyhub.models.concern import Concern
from storyhub.models.decision import Act, Decision
from storyhub.models.export import Export, ExportedStory
from storyhub.models.question import Question
from storyhub.models.site import languages_read_now, the_site
from storyhub.models.story import State, Story
from storyhub.models.theme import SLUG, Campaign, CodedBy, Coding, Theme
from storyhub.protection import identifiers
from storyhub.telling.holding import DECIDING, raised_by_others, told_decisions


@dataclass(frozen=True)
class Reading:
    """What people are told of the reading before they write: in which languages, and how many days it usually takes."""

    languages: list[str]
    usual_days: int | None  # whole days, rounded up: nobody is to look again too early


def reading_now(session: Session) -> Reading:
    usual = the_site(session).usual_days
    return Reading(languages_read_now(session), None if usual is None else ceil(float(usual)))


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


def concern_with(session: Session, receipt_digest: str) -> Concern | None:
    """What somebody said of a story that is theirs; they have a receipt for that."""
    return session.scalar(sa.select(Concern).filter_by(receipt_digest=receipt_digest))


def themes_to_follow(session: Session, story: Story) -> list[Theme]:
    """Where somebody may read what others told of the same: themes that they chose themself, and that are still here.

    Not those that somebody at the desk gave: they would say how a story is read that is not decided yet.
    """
    if story.state is State.WITHDRAWN:
        return []
    return [theme for theme in themes_chosen(session, story) if not theme.retired]


def themes_chosen(session: Session, story: Story) -> list[Theme]:
    """The themes that the contributor gave to the newest version; of them some may no longer be offered."""
    chosen = sa.select(Coding.theme_id).filter_by(version_id=story.newest.id, coded_by=CodedBy.CONTRIBUTOR, start=None)
    return list(session.scalars(sa.select(Theme).where(Theme.id.in_(chosen)).order_by(Theme.slug)))


def public_story(session: Session, typed: str) -> Story | None:
    """The story at an address, or at what somebody typed of one; None when none is public there, or ever was."""
    found = re.findall(f"[{identifiers.ALPHABET}]{{{identifiers.LENGTH}}}", typed.lower().rstrip("/?# "))
    try:
        story = session.get(Story, identifiers.read(found[-1])) if found else None
    except ValueError:
        return None
    return story if story is not None and story.state in (State.PUBLISHED, State.SET_ASIDE) else None


def question_to(story: Story, about: str | None) -> Question | None:
    """The question that a page asked: the one it names, or the open one."""
    named = (question for question in story.questions if identifiers.shown(question.id) == about)
    return next(named, None) if about else story.open_question


@dataclass(frozen=True)
class Standing:
    """What became of a story, as its contributor is told. Moments are in UTC."""

    state: State
    read_by_a_person: bool
    goes_out: dt.datetime | None
    declined: Decision | None  # why it is not published, or set aside
    declined_edit: Decision | None  # why the last change is not
    appeal: Appeal | None
    heard: Decision | None  # what somebody else decided about the appeal
    edit_waits: bool
    can_be_edited: bool
    can_be_appealed: bool
    more_uses_from: dt.datetime | None
    purge_on: dt.date | None
    paused_on: dt.date | None  # since when a legal duty keeps the words
    words_are_held: bool
    put_back_on: dt.date | None  # when what was set aside was put back
    raised: list[Concern]  # by others, as far as it is the teller's to know

    @property
    def is_told_by_letter(self) -> Decision | None:
        return self.declined or self.declined_edit


def standing(session: Session, story: Story) -> Standing:
    """What the receipt's holder is told. Until a decision's window opens nobody outside sees it, not even here."""
    told = told_decisions(session, story)
    days = [version.purge_on for version in story.versions if version.purge_on is not None]
    appeal = max(story.appeals, key=lambda one: one.against, default=None)
    is_over = story.state is State.WITHDRAWN
    return Standing(
        state=story.state,
        read_by_a_person=story.read_by_a_person,
        goes_out=clock.moment(story.outcome_window) if story.outcome_window is not None else None,
        declined=_against(story, told),
        declined_edit=_declined_edit(story, told),
        appeal=appeal,
        heard=_last(told, Act.UPHOLD, Act.OVERTURN) if appeal and appeal.heard else None,
        edit_waits=story.standing_number is not None and story.outcome is None,
        can_be_edited=not is_over and story.open_appeal is None,
        can_be_appealed=not is_over and can_be_appealed(session, story) is not None,
        more_uses_from=clock.moment(story.uses_window) if story.uses_window is not None else None,
        purge_on=min(days, default=None),
        paused_on=_day(_last(told, Act.PAUSE_PURGE)) if story.purge_paused else None,
        put_back_on=_put_back_on(story, told),
        raised=raised_by_others(story) if _last(told, Act.SET_ASIDE) else [],
        words_are_held=any(version.text is not None for version in story.versions),
    )


def _last(decisions: list[Decision], *acts: Act) -> Decision | None:
    return next((decision for decision in reversed(decisions) if decision.act in acts), None)


def _day(decision: Decision | None) -> dt.date | None:
    return decision.day if decision is not None else None


def _put_back_on(story: Story, told: list[Decision]) -> dt.date | None:
    """The day on which it was put back, while nothing newer has made it public or taken it down."""
    last = _last(told, Act.SET_ASIDE, Act.RESTORE, Act.PUBLISH)
    return _day(last) if story.state is State.PUBLISHED and last is not None and last.act is Act.RESTORE else None


def _against(story: Story, told: list[Decision]) -> Decision | None:
    act = {State.DECLINED: Act.DECLINE, State.SET_ASIDE: Act.SET_ASIDE}.get(story.state)
    return _last(told, act) if act else None


def _declined_edit(story: Story, told: list[Decision]) -> Decision | None:
    """The decision that left the public words as they are, unless something newer has come since."""
    if story.standing_number is not None or story.state not in (State.PUBLISHED, State.SET_ASIDE):
        return None
    of_words = [one for one in told if one.act in DECIDING or one.facts.get("undone") in set(State)]
    return of_words[-1] if of_words and of_words[-1].act is Act.DECLINE_EDIT else None


def files_with(session: Session, story: Story) -> list[Export]:
    """The files that were taken out with this story in them, the newest first."""
    held = sa.select(ExportedStory.export_id).filter_by(story_id=story.id)
    return list(session.scalars(sa.select(Export).where(Export.id.in_(held)).order_by(Export.day.desc(), Export.id)))
