"""What the desk asked, heard or answered is taken back: things are as before, and both acts stand on the record."""

from __future__ import annotations

import datetime as dt

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from storyhub import clock
from storyhub.models.appeal import make_appeal
from storyhub.models.concern import BEFORE_HANDING_OVER, About, Concern, raise_concern
from storyhub.models.decision import Act, Decision, Reason, breaks
from storyhub.models.question import ask
from storyhub.models.queue import Kind
from storyhub.models.story import NotPossible, State, Story, Told, purge_due
from tests.conftest import HeldClock
from tests.makers import Maker

DAYS = 30


def last(session: Session) -> Decision:
    session.flush()
    assert list(breaks(session)) == []
    return session.scalars(sa.select(Decision).order_by(Decision.number.desc()).limit(1)).one()


class TestAQuestion:
    def test_the_story_waits_where_it_stood(self, make: Maker, session: Session, held_clock: HeldClock) -> None:
        story, by = make.story(), make.moderator()
        since = story.items[0].waits_since
        held_clock.forward(days=2)
        soon = clock.today() + dt.timedelta(days=14)
        ask(story, "Which town?", by=by, answer_by=soon, session=session).take_back(by=by, session=session)
        session.commit()
        assert story.questions == []
        assert (story.open_item.kind, story.open_item.waits_since) == (Kind.STORY, since)
        assert (last(session).act, last(session).facts) == (Act.UNDO, {"undone": "ask"})
        assert story.is_undecided

    def test_not_once_it_was_answered(self, make: Maker, session: Session) -> None:
        story, by = make.story(), make.moderator()
        question = ask(story, "Which town?", by=by, answer_by=clock.today(), session=session)
        question.reply("The small one.")
        with pytest.raises(NotPossible):
            question.take_back(by=by, session=session)


class TestAnAppeal:
    def test_what_was_upheld_is_heard_once_more(self, make: Maker, session: Session, held_clock: HeldClock) -> None:
        story, second = make.story(state=State.DECLINED), make.moderator()
        appeal = make_appeal(session, story, "Please look again.")
        appeal.uphold(by=second, letter="No.", originals_days=DAYS, session=session, note="Two of us looked.")
        appeal.take_back(by=second, session=session)
        session.commit()
        assert (appeal.heard, story.open_item.kind) == (None, Kind.APPEAL)
        assert last(session).facts["undone"] == "uphold"
        held_clock.forward(days=90)
        assert purge_due(session, clock.today()) == 0, "while it waits nothing is purged"
        appeal.overturn(by=second, session=session)
        session.commit()
        assert {version.purge_on for version in story.versions} == {None}

    def test_not_by_who_decided_and_not_once_the_story_went_on(self, make: Maker, session: Session) -> None:
        first, second = make.moderator(), make.moderator()
        story = make.story(state=State.DECLINED, by=first)
        appeal = make_appeal(session, story, "Please look again.")
        appeal.uphold(by=second, letter="No.", originals_days=DAYS, session=session)
        with pytest.raises(NotPossible):
            appeal.take_back(by=first, session=session)
        story.edit(Told("I have told it anew."))
        with pytest.raises(NotPossible):
            appeal.take_back(by=second, session=session)

    def test_words_that_were_set_aside_are_kept_when_that_is_upheld(
        self, make: Maker, session: Session, held_clock: HeldClock
    ) -> None:
        story, by = make.story("Ben Miller did it."), make.moderator()
        story.redact([(0, 10)], by=by, mark="[name removed]")
        make.publish(story)
        story.set_aside(by=by, reason=Reason.OTHER)
        appeal = make_appeal(session, story, "Please look again.")
        held_clock.forward(days=60)
        assert purge_due(session, clock.today()) == 0
        appeal.uphold(by=make.moderator(), letter="No.", originals_days=DAYS, session=session)
        session.commit()
        held_clock.forward(days=60)
        purge_due(session, clock.today())
        assert [version.text for version in story.versions] == [None, "[name removed] did it."]
        assert story.public_number == 2


class TestADeclinedEdit:
    def test_what_is_public_stays_public_when_it_is_undone_after_its_release(
        self, make: Maker, session: Session, held_clock: HeldClock
    ) -> None:
        story = make.story("The first words of it.", state=State.PUBLISHED)
        story.edit(Told("The second words of it."))
        make.decline(story)
        story.undo(by=make.anybody())
        session.commit()
        assert (story.state, story.public.version.text) == (State.PUBLISHED, "The first words of it.")
        assert story.open_item is not None
        held_clock.forward(days=90)
        purge_due(session, clock.today())
        assert story.newest.text == "The second words of it.", "it waits, and is not purged"
        make.publish(story)
        assert story.public.version.text == "The second words of it."


class TestAConcern:
    def raised(self, make: Maker, session: Session) -> tuple[Story, Concern]:
        story = make.story(state=State.PUBLISHED)
        return story, raise_concern(session, story, About.MY_STORY, "I wrote Thursday.", receipt_digest="d" * 64)

    def test_a_refusal_is_thought_over(self, make: Maker, session: Session) -> None:
        _story, concern = self.raised(make, session)
        concern.refuse(by=make.anybody(), letter="No.", originals_days=DAYS, session=session)
        concern.take_back(by=make.anybody(), session=session)
        session.commit()
        assert (concern.answered, concern.purge_on, concern.item.closed) == (None, None, False)
        assert last(session).facts == {"undone": "refuse-concern"}

    def test_what_was_handed_over_stays_so(self, make: Maker, session: Session) -> None:
        _story, concern = self.raised(make, session)
        concern.raised_on -= BEFORE_HANDING_OVER
        concern.hand_over(by=make.anybody(), originals_days=DAYS, session=session)
        with pytest.raises(NotPossible):
            concern.take_back(by=make.anybody(), session=session)
