"""Whatever is done to stories in whatever order: what is public, what is recorded and what is forgotten agree."""

from __future__ import annotations

import datetime as dt

import pytest
import sqlalchemy as sa
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy.orm import Session

from storyhub import clock
from storyhub.models import walking
from storyhub.models.decision import Act, Decision, Reason, breaks, head_of_record
from storyhub.models.people import Person
from storyhub.models.publication import Publication
from storyhub.models.search import SearchText
from storyhub.models.selection import Selection
from storyhub.models.site import the_site
from storyhub.models.story import NotPossible, State, Story, Wish, purge_due
from tests.conftest import HeldClock
from tests.makers import Maker

ORIGINALS_DAYS = 30
WINDOW = 60


class Told:
    """What should be true of one story, kept apart from the story itself."""

    def __init__(self, story: Story, word: str) -> None:
        self.story, self.word = story, word
        self.state, self.outcome = State.WAITING, None
        self.due = 0
        self.decisions = 0


class Desk(RuleBasedStateMachine):
    """Three stories, and everything that a moderator, a contributor and the clock can do to them."""

    make: Maker
    session: Session
    by: Person
    clock: HeldClock

    @initialize(wishes=st.lists(st.sampled_from(Wish), min_size=3, max_size=3))
    def three_stories(self, wishes: list[Wish]) -> None:
        for left in self.session.scalars(sa.select(Story).where(Story.outcome.is_not(None))):
            left.withdraw()  # what an earlier run left waiting must not be released in this one
        self.session.commit()
        self.told = []
        for wish in wishes:
            word = f"zebra{next(self.make._numbers)}x"
            self.told.append(Told(self.make.story(f"Ben Miller and the {word}.", wish=wish), word))
        self.edition = the_site(self.session).edition

    def attempt(self, told: Told, verb: Act, allowed: bool) -> bool:
        """Do it, and expect NotPossible exactly where it isn't allowed."""
        window = clock.next_window(WINDOW)
        do = {
            Act.PUBLISH: lambda: told.story.publish(by=self.by, window=window),
            Act.DECLINE: lambda: told.story.decline(by=self.by, window=window, reason=Reason.OTHER, letter="Dear you"),
            Act.REDACT: lambda: told.story.redact([(0, 10)], by=self.by, mark="[name]", note="a name"),
            Act.SET_ASIDE: lambda: told.story.set_aside(by=self.by, reason=Reason.NAMES_A_PERSON),
            Act.RESTORE: lambda: told.story.restore(by=self.by, window=window),
            Act.UNDO: lambda: told.story.undo(by=self.by),
        }[verb]
        if not allowed:
            with pytest.raises(NotPossible):
                do()
            self.session.rollback()
            return False
        do()
        self.session.commit()
        told.decisions += 1
        return True

    @rule(number=st.integers(0, 2), decline=st.booleans())
    def decide(self, number: int, decline: bool) -> None:
        told = self.told[number]
        allowed = told.state is State.WAITING and told.outcome is None
        if self.attempt(told, Act.DECLINE if decline else Act.PUBLISH, allowed):
            told.outcome = State.DECLINED if decline else State.PUBLISHED
            if not decline and told.story.wish is Wish.COUNT:
                told.outcome = State.COUNTED
            told.due = told.story.outcome_window or 0
            assert told.due >= clock.next_window(WINDOW)

    @rule(number=st.integers(0, 2))
    def redact(self, number: int) -> None:
        told = self.told[number]
        self.attempt(told, Act.REDACT, told.state is State.WAITING and told.outcome is None)

    @rule(number=st.integers(0, 2))
    def set_aside(self, number: int) -> None:
        told = self.told[number]
        if self.attempt(told, Act.SET_ASIDE, told.state is State.PUBLISHED):
            told.state = State.SET_ASIDE

    @rule(number=st.integers(0, 2))
    def put_back(self, number: int) -> None:
        told = self.told[number]
        if self.attempt(told, Act.RESTORE, told.state is State.SET_ASIDE and told.outcome is None):
            told.outcome, told.due = State.PUBLISHED, told.story.outcome_window or 0

    @rule(number=st.integers(0, 2))
    def undo(self, number: int) -> None:
        told = self.told[number]
        was_put_back = told.state is State.SET_ASIDE and told.outcome is not None
        decided = told.state in (State.PUBLISHED, State.DECLINED, State.COUNTED, State.SET_ASIDE)
        has_words = told.story.newest.text is not None
        if self.attempt(told, Act.UNDO, (decided or told.outcome is not None) and has_words):
            told.state, told.outcome = State.SET_ASIDE if was_put_back else State.WAITING, None

    @rule(number=st.integers(0, 2))
    def withdraw(self, number: int) -> None:
        told = self.told[number]
        if told.state is State.WITHDRAWN:
            with pytest.raises(NotPossible):
                told.story.withdraw()
            self.session.rollback()
            return
        told.story.withdraw()
        self.session.commit()
        told.state, told.outcome = State.WITHDRAWN, None

    @rule(hours=st.sampled_from([1, 5, 24, 24 * 8, 24 * 31]))
    def time_passes(self, hours: int) -> None:
        self.clock.forward(hours=hours)

    @rule()
    def release(self) -> None:
        due = [told for told in self.told if told.outcome is not None and told.due <= clock.window(0)]
        assert self.make.release(ORIGINALS_DAYS) == len(due)
        for told in due:
            told.state, told.outcome = told.outcome or told.state, None

    @rule()
    def purge(self) -> None:
        purge_due(self.session, clock.today())
        self.session.commit()

    @precondition(lambda self: hasattr(self, "told"))
    @invariant()
    def what_is_public_is_what_was_published(self) -> None:
        for told in self.told:
            assert (told.story.state, told.story.outcome) == (told.state, told.outcome)
            is_public = told.state is State.PUBLISHED
            publication = self.session.scalar(sa.select(Publication).filter_by(story_id=told.story.id))
            assert (publication is not None) == is_public
            found = walking.newest(self.session, Selection(words=told.word), None, 20).positions
            assert found == ([publication.position] if publication else [])
            if publication is not None:
                assert self.session.get(SearchText, publication.position) is not None
                assert told.word in (publication.version.text or "")
                assert publication.version.purge_on is None, "what is public must not be purged"
        self.session.commit()

    @precondition(lambda self: hasattr(self, "told"))
    @invariant()
    def every_decision_is_recorded(self) -> None:
        assert list(breaks(self.session)) == []
        for told in self.told:
            counted = sa.select(sa.func.count()).select_from(Decision).filter_by(story_id=told.story.id)
            assert self.session.scalar(counted) == told.decisions
        self.session.commit()

    @precondition(lambda self: hasattr(self, "told"))
    @invariant()
    def what_waits_has_an_open_item_and_nothing_else_has(self) -> None:
        for told in self.told:
            waits = told.state is State.WAITING and told.outcome is None
            assert (told.story.open_item is not None) == waits

    @precondition(lambda self: hasattr(self, "told"))
    @invariant()
    def a_withdrawn_story_has_no_words(self) -> None:
        for told in self.told:
            if told.state is State.WITHDRAWN:
                for version in told.story.versions:
                    assert (version.text, version.title, version.name, version.place) == (None,) * 4
                    assert (version.country, version.happened, version.setting) == (None,) * 3
                assert told.story.consent == ()

    @precondition(lambda self: hasattr(self, "told"))
    @invariant()
    def the_edition_never_falls(self) -> None:
        edition = the_site(self.session).edition
        assert edition >= self.edition
        self.edition = edition


def test_no_order_of_acts_breaks_the_house(make: Maker, session: Session, held_clock: HeldClock) -> None:
    moderator = make.moderator()

    class ThisDesk(Desk):
        pass

    ThisDesk.make, ThisDesk.session, ThisDesk.by, ThisDesk.clock = make, session, moderator, held_clock
    run_state_machine_as_test(ThisDesk, settings=settings(max_examples=12, stateful_step_count=15))


def test_a_story_goes_out_when_its_window_opens_and_not_before(make: Maker, held_clock: HeldClock) -> None:
    story = make.story("The driver closed the door on me.")
    story.publish(by=make.anybody(), window=clock.next_window(60))
    held_clock.forward(minutes=29)
    assert make.release() == 0
    assert story.state is State.WAITING
    held_clock.forward(minutes=1)
    assert make.release() == 1
    assert story.state is State.PUBLISHED


@pytest.mark.parametrize(("wish", "days"), [(Wish.WEEK, 7), (Wish.MONTH, 30)])
def test_a_wish_for_later_is_kept(make: Maker, held_clock: HeldClock, wish: Wish, days: int) -> None:
    """So that who watches the feed can't tell when somebody typed (promise 4)."""
    story = make.story("At the clinic nobody listened.", wish=wish)
    story.publish(by=make.anybody(), window=clock.next_window(0))
    held_clock.to(dt.datetime(2026, 3, 5, tzinfo=dt.UTC) + dt.timedelta(days=days, minutes=-1))
    assert make.release() == 0
    held_clock.forward(minutes=1)
    assert make.release() == 1


def test_a_story_that_was_read_late_is_not_delayed_once_more(make: Maker, held_clock: HeldClock) -> None:
    story = make.story("At the clinic nobody listened.", wish=Wish.WEEK)
    held_clock.forward(days=20)
    story.publish(by=make.anybody(), window=clock.next_window(60))
    held_clock.forward(minutes=60)
    assert make.release() == 1


def test_a_story_that_is_only_to_be_counted_is_never_public(make: Maker, session: Session) -> None:
    story = make.story("Count me, no more.", wish=Wish.COUNT)
    make.publish(story)
    assert story.state is State.COUNTED
    assert session.scalar(sa.select(sa.func.count()).select_from(Publication)) == 0


def test_publishing_shows_what_was_redacted_and_not_what_was_typed(make: Maker, session: Session) -> None:
    story = make.story("Ben Miller of Mill Lane shouted, and Ben laughed.", themes=["buses"])
    story.redact([(0, 10), (14, 23), (37, 40)], by=make.anybody(), mark="[…]")
    make.publish(story)
    assert story.public and story.public.version.text == "[…] of […] shouted, and […] laughed."
    assert [theme.slug for theme in story.public.themes] == ["buses"]
    for name in ("Miller", "Ben", "lane"):
        assert not walking.newest(session, Selection(words=name), None, 20).positions


@pytest.mark.parametrize("spans", [[(5, 5)], [(-1, 3)], [(0, 99)], [(3, 1)]])
def test_a_redaction_outside_the_words_is_refused_whole(
    make: Maker, session: Session, spans: list[tuple[int, int]]
) -> None:
    story = make.story("Ten letters")
    with pytest.raises(ValueError, match="span"):
        story.redact(spans, by=make.anybody(), mark="[…]")
    session.rollback()
    assert [version.text for version in story.versions] == ["Ten letters"]
    assert head_of_record(session)[0] == 0


def test_spans_that_touch_or_overlap_become_one_mark_in_code_points(make: Maker) -> None:
    story = make.story("👩‍🚒 Ана and Ben")  # the emoji is three code points
    story.redact([(4, 6), (5, 7), (7, 8), (12, 15)], by=make.anybody(), mark="[…]")
    assert story.newest.text == "👩‍🚒 […]and […]"


def test_who_may_use_the_words_is_kept_use_by_use(make: Maker) -> None:
    story = make.story("On the night bus.", consent=["quote", "research"])
    assert story.consent == ("quote", "research")
    story.allow(["press"])
    assert story.consent == ("press",)
