"""Who may decide what waits, told of one item and asked of all; two readers; set aside and put back."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from storyhub import clock
from storyhub.models.decision import Act, Decision, Reason, append_decision, breaks
from storyhub.models.people import Role
from storyhub.models.queue import Kind, QueueItem, for_person
from storyhub.models.states import NotPossible
from storyhub.models.story import State, purge_due
from tests.makers import Maker


def test_what_is_said_of_one_item_is_what_the_database_is_asked(make: Maker, session: Session) -> None:
    """Every mix of roles, and every mix of what an item may be: the method and the condition never differ."""
    people = [make.person(None, *roles) for roles in (
        (Role.MODERATOR,), (Role.SAFEGUARDING_LEAD,), (Role.STEWARD,), (Role.OUTSIDE_READER,), (Role.ORGANISER,),
        (Role.STEWARD, Role.OUTSIDE_READER), (Role.MODERATOR, Role.STEWARD),
    )]  # fmt: skip
    for only_for in (None, Role.SAFEGUARDING_LEAD, Role.STEWARD):
        for first in (None, 1):
            for kind in (Kind.STORY, Kind.APPEAL):
                for not_for in (None, people[0].id, people[3].id):
                    for found_by in (None, people[0].id, people[3].id):  # sexual detail about a child
                        item = make.story().items[0]
                        item.only_for, item.first_number, item.kind, item.not_for_id = only_for, first, kind, not_for
                        if found_by is not None:
                            why = Reason.UNDER_18_DETAIL
                            append_decision(session, Act.DECLINE, by=found_by, story_id=item.story_id, reason=why)
    session.commit()
    items = session.scalars(sa.select(QueueItem)).all()
    for person in people:
        asked = set(session.scalars(sa.select(QueueItem.id).where(for_person(person))))
        assert asked == {item.id for item in items if item.is_for(person)}, sorted(person.holds())
        seen = {item.id for item in items if item.is_shown_to(person)}
        unseen = {item.id for item in items if item.only_for is Role.STEWARD}
        assert Role.STEWARD in person.holds() or not seen & unseen


def test_an_outside_reader_is_handed_appeals_and_second_readings_alone(make: Maker, session: Session) -> None:
    outside, mina = make.person("Olu", Role.OUTSIDE_READER), make.moderator("Mina")
    plain, second = make.story(), make.story()
    second.first_read(Act.PUBLISH, by=mina)
    assert not plain.items[0].is_for(outside)
    assert second.items[0].is_for(outside)
    assert not second.items[0].is_for(mina)


def test_the_first_reader_may_think_again_until_the_second_has_decided(make: Maker, session: Session) -> None:
    mina, noor = make.moderator("Mina"), make.moderator("Noor")
    story = make.story()
    story.first_read(Act.DECLINE, by=mina, reason=Reason.ABUSE)
    with pytest.raises(NotPossible):
        story.take_back_first_reading(by=noor)
    story.take_back_first_reading(by=mina)
    assert (story.items[0].first_number, story.items[0].not_for_id) == (None, None)
    story.first_read(Act.PUBLISH, by=mina)
    story.publish(by=noor, window=clock.window(0))
    with pytest.raises(NotPossible):
        story.take_back_first_reading(by=mina)
    acts = [decision.act for decision in session.scalars(sa.select(Decision).order_by(Decision.number))]
    assert acts == [Act.FIRST_READ, Act.UNDO, Act.FIRST_READ, Act.PUBLISH]
    assert list(breaks(session)) == []


def test_what_was_set_aside_is_put_back_and_that_can_be_undone_before_its_window(make: Maker, session: Session) -> None:
    mina = make.moderator("Mina")
    story = make.story(state="set-aside", by=mina)
    window = clock.window(60) + 60
    decided_on = story.decided_on
    story.restore(by=mina, window=window)
    assert (story.state, story.outcome) == (State.SET_ASIDE, State.PUBLISHED)
    story.undo(by=mina)
    assert (story.state, story.outcome) == (State.SET_ASIDE, None)
    story.restore(by=mina, window=clock.window(0))
    make.release()
    assert story.state is State.PUBLISHED
    assert story.public is not None
    assert story.decided_on == decided_on


def test_a_legal_duty_pauses_erasing_and_a_withdrawal_erases_all_the_same(make: Maker, session: Session) -> None:
    sara = make.steward("Sara")
    kept, taken_back = make.story(state="declined"), make.story(state="declined")
    for story in (kept, taken_back):
        story.pause_purge(by=sara, note="An order of a court.")
        with pytest.raises(NotPossible):
            story.pause_purge(by=sara)
    far = clock.today().replace(year=clock.today().year + 2)
    purge_due(session, far)
    assert kept.versions[0].text is not None
    taken_back.withdraw()
    assert taken_back.versions[0].text is None
    assert not taken_back.purge_paused
    kept.resume_purge(by=sara)
    purge_due(session, far)
    assert kept.versions[0].text is None
