"""What was asked and not answered: by night it goes on as the desk said it would."""

from __future__ import annotations

import datetime as dt

import pytest
import sqlalchemy as sa

from storyhub import clock
from storyhub.extensions import db
from storyhub.models.decision import Act, Decision, breaks
from storyhub.models.question import Otherwise, ask, propose_redaction
from storyhub.models.queue import Kind
from storyhub.models.story import State
from storyhub.operations import working
from storyhub.operations.upkeep import lapse_all_unanswered

WORDS = "Anna said it at the harbour, and nobody else was there."


@pytest.fixture
def the_night(app):
    """Spend a night, and the minute after it."""

    def spend():
        with app.app_context():
            working.spend_the_night()
            working.do_what_is_due()

    return spend


def proposed(make, session, otherwise, days=14):
    story, by = make.story(WORDS), make.moderator()
    story.redact([(0, 4)], by=by, mark="[a name]")
    answer_by = clock.today() + dt.timedelta(days=days)
    propose_redaction(story, None, by=by, answer_by=answer_by, otherwise=otherwise, session=session)
    session.commit()
    return story


def test_hidden_words_that_nobody_spoke_about_go_out_as_it_was_said(make, session, held_clock, the_night):
    story = proposed(make, session, Otherwise.PUBLISH)
    held_clock.forward(days=14)
    the_night()
    session.expire_all()
    assert story.state is State.WAITING, "its last day is still a day to answer"
    held_clock.forward(days=1)
    the_night()
    session.expire_all()
    assert story.state is State.PUBLISHED and story.public.version.text.startswith("[a name]")
    last = session.scalars(sa.select(Decision).order_by(Decision.number.desc())).first()
    assert (last.act, last.facts) == (Act.PUBLISH, {"redaction": "no-answer"})
    assert not list(breaks(session))


def test_other_questions_go_back_to_the_desk_and_keep_their_place(make, session, held_clock, the_night):
    story, since = proposed(make, session, Otherwise.WAIT), clock.today()
    other = make.story(WORDS)
    ask(other, "When?", by=make.anybody(), answer_by=clock.today(), session=session)
    session.commit()
    held_clock.forward(days=15)
    the_night()
    session.expire_all()
    for one in (story, other):
        assert one.state is State.WAITING and one.open_question is None
        assert (one.open_item.kind, one.open_item.waits_since) == (Kind.ANSWER, since)


def test_with_release_windows_it_goes_out_in_the_next_one(app, settings, make, session, held_clock):
    story = proposed(make, session, Otherwise.PUBLISH)
    held_clock.forward(days=15)
    object.__setattr__(settings, "release_minutes", 60)
    with app.app_context():
        assert lapse_all_unanswered(db.session, settings) == 1
        assert lapse_all_unanswered(db.session, settings) == 0
    session.expire_all()
    assert story.state is State.WAITING and story.outcome_window == clock.next_window(60)
