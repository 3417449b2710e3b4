"""Who may decide what waits, told of one item and asked of all; two readers; set aside and put back."""

from __future__ import annotations

import datetime as dt

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from storyhub import clock
from storyhub.models.appeal import make_appeal
from storyhub.models.decision import Act, Decision, Reason, append_decision, breaks
from storyhub.models.people import Person, Role
from storyhub.models.question import Otherwise, ask, lapse_questions, propose_redaction
from storyhub.models.queue import Kind, Lane, QueueItem, for_person
from storyhub.models.states import NotPossible
from storyhub.models.story import State, Story, Told, purge_due
from storyhub.moderation.actions import move
from tests.conftest import HeldClock
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
    for first_reader in people:
        for only_for in (None, Role.SAFEGUARDING_LEAD):
            appealed = declined_by_two(make, first_reader, people[0])
            make_appeal(session, appealed, "Please look again.")
            appealed.items[0].only_for = only_for
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


def declined_by_two(make: Maker, first: Person, second: Person) -> Story:
    story = make.story("They laughed at me.")
    number = story.first_read(Act.DECLINE, by=first, reason=Reason.ABUSE).number
    story.decline(by=second, window=clock.window(0), reason=Reason.ABUSE, facts={"second-of": number})
    make.release()
    return story


def may_decide(session: Session, item: QueueItem, *people: Person) -> list[bool]:
    """Of each person; what the one item says is what the database is asked."""
    session.commit()
    said = [item.is_for(person) for person in people]
    asked = [session.scalar(sa.select(QueueItem.id).where(QueueItem.id == item.id, for_person(one))) for one in people]
    assert said == [one is not None for one in asked]
    return said


def test_an_appeal_is_heard_by_neither_of_the_two_who_declined(make: Maker, session: Session) -> None:
    mina, noor, olu = make.moderator("Mina"), make.moderator("Noor"), make.person("Olu", Role.OUTSIDE_READER)
    story = declined_by_two(make, mina, noor)
    appeal = make_appeal(session, story, "Please look again.")
    item = story.items[0]
    assert may_decide(session, item, mina, noor, olu) == [False, False, True]
    for nobody_new in (mina, noor):
        with pytest.raises(NotPossible):
            appeal.overturn(by=nobody_new, session=session)
    appeal.uphold(by=olu, letter="It stands.", originals_days=30, session=session)
    with pytest.raises(NotPossible):
        appeal.take_back(by=mina, session=session)


@pytest.mark.parametrize("gone", ["shut", "ended", "without-second-factor"])
def test_where_nobody_new_could_hear_it_the_first_of_the_two_does(make: Maker, session: Session, gone: str) -> None:
    mina, noor, olu = make.moderator("Mina"), make.moderator("Noor"), make.moderator("Olu")
    story = declined_by_two(make, mina, noor)
    appeal = make_appeal(session, story, "Please look again.")
    if gone == "ended":
        olu.memberships[0].until = clock.today() - dt.timedelta(days=1)
    else:
        olu.active, olu.second_factor_confirmed = gone != "shut", gone != "without-second-factor"
    make.steward("Sara")
    assert may_decide(session, story.items[0], mina, noor) == [True, False]
    appeal.uphold(by=mina, letter="It stands.", originals_days=30, session=session)


def test_who_read_an_earlier_telling_first_may_hear_an_appeal_of_what_another_declined(
    make: Maker, session: Session
) -> None:
    mina, noor = make.moderator("Mina"), make.moderator("Noor")
    make.moderator("Olu")
    story = make.story()
    story.first_read(Act.PUBLISH, by=mina)
    story.take_back_first_reading(by=mina)
    make.decline(story, by=noor)
    make_appeal(session, story, "Please look again.")
    assert may_decide(session, story.items[0], mina, noor) == [True, False]


@pytest.mark.parametrize("how", ["reply", "refuse", "lapse", "first-reading", "edit"])
def test_what_an_appeal_overturned_is_not_decided_by_the_same_person_alone(
    make: Maker, session: Session, held_clock: HeldClock, how: str
) -> None:
    mina, noor = make.moderator("Mina"), make.moderator("Noor")
    story = make.decline(make.story("Ben Miller laughed at me."), by=mina)
    make_appeal(session, story, "Please look again.").overturn(by=noor, session=session)
    asked = {"by": noor, "answer_by": clock.today(), "session": session}
    if how == "refuse":
        story.redact([(0, 10)], by=noor, mark="[a name]")
        propose_redaction(story, None, otherwise=Otherwise.WAIT, **asked).refuse()  # type: ignore[arg-type]
    elif how in ("first-reading", "edit"):
        story.first_read(Act.DECLINE, by=noor)
        assert may_decide(session, story.items[0], noor) == [False]
        story.edit(Told("He laughed at me.")) if how == "edit" else story.take_back_first_reading(by=noor)
    else:
        question = ask(story, "Where was it?", **asked)  # type: ignore[arg-type]
        if how == "reply":
            question.reply("At the harbour.")
        else:
            held_clock.forward(days=1)
            lapse_questions(session, window=clock.window(0))
    assert not story.items[0].closed
    assert may_decide(session, story.items[0], mina, noor) == [False, True]
    make.decline(story, by=noor)
    story.edit(Told("They laughed at me again."))
    assert may_decide(session, story.items[0], mina, noor) == [True, True], "new words are a new decision"


class TestPassedOnForTheLeadAlone:
    def test_the_only_lead_who_read_it_first_decides_it_once_more(self, make: Maker, session: Session) -> None:
        mina, lea = make.moderator("Mina"), make.person("Lea", Role.SAFEGUARDING_LEAD)
        story = make.story()
        item = story.items[0]
        story.first_read(Act.PUBLISH, by=lea)
        move(session, item, Lane.URGENT, by=mina, reason=Reason.UNDER_18_DETAIL)
        assert (item.only_for, item.first_number) == (Role.SAFEGUARDING_LEAD, None)
        assert may_decide(session, item, lea, mina) == [True, False]

    def test_where_there_is_another_lead_that_one_is_the_second(self, make: Maker, session: Session) -> None:
        lea, tom = make.person("Lea", Role.SAFEGUARDING_LEAD), make.person("Tom", Role.SAFEGUARDING_LEAD)
        story = make.story()
        story.first_read(Act.PUBLISH, by=lea)
        move(session, story.items[0], Lane.URGENT, by=tom, reason=Reason.UNDER_18_DETAIL)
        assert may_decide(session, story.items[0], lea, tom) == [False, True]

    def test_an_appeal_against_the_only_lead_is_still_heard_by_somebody_else(
        self, make: Maker, session: Session
    ) -> None:
        mina, lea = make.moderator("Mina"), make.person("Lea", Role.SAFEGUARDING_LEAD)
        story = make.decline(make.story(), by=lea)
        appeal = make_appeal(session, story, "Please look again.")
        move(session, story.items[0], Lane.URGENT, by=mina, reason=Reason.UNDER_18_DETAIL)
        assert may_decide(session, story.items[0], lea, mina) == [False, True]
        appeal.overturn(by=mina, session=session)

    def test_what_was_overturned_and_kept_for_the_only_lead_never_waits_for_nobody(
        self, make: Maker, session: Session
    ) -> None:
        mina, lea = make.moderator("Mina"), make.person("Lea", Role.SAFEGUARDING_LEAD)
        story = make.decline(make.story(), by=lea)
        make_appeal(session, story, "Please look again.").overturn(by=mina, session=session)
        move(session, story.items[0], Lane.URGENT, by=mina, reason=Reason.UNDER_18_DETAIL)
        assert may_decide(session, story.items[0], lea, mina) == [True, False]
        ask(story, "Where was it?", by=lea, answer_by=clock.today(), session=session).reply("At the harbour.")
        assert may_decide(session, story.items[0], lea, mina) == [True, False]
