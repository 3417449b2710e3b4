"""What was set aside stays so until a person decides, danger waits for no window, and everything can be put back."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from storyhub import clock
from storyhub.models.decision import Act, Decision, Reason, breaks
from storyhub.models.publication import Publication
from storyhub.models.question import Otherwise, lapse_questions, propose_redaction
from storyhub.models.queue import Kind
from storyhub.models.story import State, Story, Told
from tests.conftest import HeldClock
from tests.makers import Maker


def is_public(session: Session) -> bool:
    return session.scalar(sa.select(Publication.position)) is not None


def acts(session: Session, story: Story) -> list[Act]:
    told = sa.select(Decision.act).filter_by(story_id=story.id).order_by(Decision.number)
    return list(session.scalars(told))


def edited(make: Maker) -> Story:
    story = make.story("A quiet word.", state="published")
    story.edit(Told("Ben Miller said a quiet word."))
    return story


@pytest.mark.parametrize("agrees", [True, False])
def test_no_agreement_and_no_silence_makes_public_again_what_was_set_aside_meanwhile(
    make: Maker, session: Session, held_clock: HeldClock, agrees: bool
) -> None:
    mina, story = make.moderator("Mina"), edited(make)
    story.redact([(0, 10)], by=mina, mark="[a name]")
    question = propose_redaction(
        story, None, by=mina, answer_by=clock.today(), otherwise=Otherwise.PUBLISH, session=session
    )
    story.set_aside(by=mina, reason=Reason.OTHER)
    session.commit()
    if agrees:
        assert question.accept(window=clock.window(0), session=session) is None
    else:
        held_clock.forward(days=1)
        assert lapse_questions(session, window=clock.window(0)) == 1
    make.release()
    assert (story.state, story.outcome) == (State.SET_ASIDE, None)
    assert not is_public(session)
    assert story.open_item is not None and story.open_item.kind is Kind.ANSWER


@pytest.mark.parametrize("declined", [True, False])
def test_danger_waits_for_no_window_while_an_edit_is_decided(make: Maker, session: Session, declined: bool) -> None:
    mina, story = make.moderator("Mina"), edited(make)
    later = clock.window(60) + 60
    if declined:
        story.decline(by=mina, window=later, reason=Reason.ABUSE)
    else:
        story.publish(by=mina, window=later)
    story.set_aside(by=mina, reason=Reason.OTHER)
    session.commit()
    assert (story.state, story.outcome, story.standing_number) == (State.SET_ASIDE, None, 1)
    assert not is_public(session)
    assert acts(session, story)[-2:] == [Act.UNDO, Act.SET_ASIDE]
    assert story.open_item is not None, "the edit is decided anew"
    story.decline(by=mina, window=clock.window(0), reason=Reason.ABUSE)
    make.release()
    assert story.state is State.SET_ASIDE
    story.restore(by=mina, window=clock.window(0))
    make.release()
    assert story.public is not None and story.public.version.number == 1
    assert list(breaks(session)) == []


def test_what_was_never_in_the_queue_can_be_put_back_from_a_page_of_its_own(make: Maker, session: Session) -> None:
    """As a story from a file that was public there."""
    mina, story = make.moderator("Mina"), make.story(state="published")
    story.items.clear()
    session.commit()
    story.set_aside(by=mina, reason=Reason.OTHER)
    session.commit()
    assert story.item is not None and story.item.closed and story.item.is_for(mina)
    story.restore(by=mina, window=clock.window(0))
    make.release()
    assert story.public is not None
    story.set_aside(by=mina, reason=Reason.OTHER)
    assert len(story.items) == 1
