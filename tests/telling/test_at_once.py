"""The contributor and the desk, or two telephones with one receipt, at the same moment: nothing is lost or doubled."""

from __future__ import annotations

import datetime as dt
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from storyhub import clock
from storyhub.extensions import db
from storyhub.models.decision import Act, Decision, Reason, breaks
from storyhub.models.people import Person
from storyhub.models.question import Otherwise, Question, ask, lapse_questions, propose_redaction
from storyhub.models.story import State, Story, StoryVersion

WORDS = "Anna said it at the harbour, and nobody else was there."
NEW = "A woman said it at the harbour, and nobody else was there."


@pytest.fixture
def send_at_once(app):
    """Send forms, each with its button, all together; returns the statuses and pages."""

    def send(*forms):
        start = threading.Barrier(len(forms))

        def one(form_and_step):
            form, step = form_and_step
            browser = FlaskClient(app, app.response_class)
            browser._cookies = dict(form.page.client._cookies)
            fields = [*form.fields.items(multi=True), ("step", step)]
            start.wait(60)
            response = browser.post(form.action, data=dict(fields), base_url=app.extensions["settings"].site_url)
            return response.status_code, response.get_data(as_text=True)

        with ThreadPoolExecutor(len(forms)) as telephones:
            return list(telephones.map(one, forms))

    return send


@pytest.fixture
def while_it_happens(app):
    """Do something in a transaction that stays open while the test goes on."""

    def begin(act):
        has_begun = threading.Event()

        def run():
            with app.app_context():
                act(db.session)
                db.session.flush()
                has_begun.set()
                time.sleep(0.4)
                db.session.commit()

        thread = threading.Thread(target=run)
        thread.start()
        assert has_begun.wait(60)
        return thread

    return begin


def edited(come_back):
    return come_back(to="/receipt/edit").form("/receipt/edit").fill(text=NEW).send("step=look").form("/receipt/edit")


def test_a_change_and_a_decision(come_back, while_it_happens, make, session, receipt):
    story_id, by_id = make.story(WORDS, receipt=receipt).id, make.moderator().id
    form = edited(come_back)

    def decide(own):
        story = own.get_one(Story, story_id)
        story.decline(by=own.get_one(Person, by_id), window=clock.window(0), reason=Reason.OTHER, letter="A letter.")

    desk = while_it_happens(decide)
    assert "Your changes have arrived" in form.send("step=send")
    desk.join()
    session.expire_all()
    story = session.get_one(Story, story_id)
    assert story.is_undecided and story.newest.text == NEW and story.open_item is not None
    assert list(session.scalars(sa.select(Decision.act).order_by(Decision.number))) == [Act.DECLINE, Act.UNDO]
    assert not list(breaks(session))


def test_taking_it_back_and_a_decision(come_back, while_it_happens, make, session, receipt):
    story_id, by_id = make.story(WORDS, receipt=receipt).id, make.moderator().id
    form = come_back(to="/receipt/withdrawal").form("/receipt/withdrawal")

    def decide(own):
        own.get_one(Story, story_id).publish(by=own.get_one(Person, by_id), window=clock.window(0))

    desk = while_it_happens(decide)
    assert "You have taken your story back" in form.send("step=sure")
    desk.join()
    session.expire_all()
    story = session.get_one(Story, story_id)
    assert story.state is State.WITHDRAWN and story.outcome is None and story.newest.text is None
    assert not list(breaks(session))


@pytest.mark.parametrize("attempt", range(3))
def test_the_same_change_from_two_telephones_is_one(come_back, send_at_once, make, session, receipt, attempt):
    del attempt
    make.story(WORDS, receipt=receipt)
    form = edited(come_back)
    answers = send_at_once((form, "send"), (form, "send"))
    assert [status for status, _ in answers] == [200, 200]
    assert all("Your changes have arrived" in page for _, page in answers)
    assert session.scalar(sa.select(sa.func.count()).select_from(StoryVersion)) == 2


@pytest.mark.parametrize("attempt", range(3))
def test_two_answers_at_once_are_one_answer_and_the_other_comes_back(
    come_back, send_at_once, make, session, receipt, attempt
):
    del attempt
    story = make.story(WORDS, receipt=receipt)
    ask(story, "When?", by=make.moderator(), answer_by=clock.today(), session=session)
    session.commit()
    one = come_back(to="/receipt/answer").form("/receipt/answer").fill(words="In spring.")
    other = come_back(to="/receipt/answer").form("/receipt/answer").fill(words="In autumn.")
    answers = send_at_once((one, "send"), (other, "send"))
    assert sorted(status for status, _ in answers) == [200, 409]
    kept = session.scalar(sa.select(Question.answer))
    lost = next(page for status, page in answers if status == 409)
    assert {kept} < {"In spring.", "In autumn."}
    assert ("In autumn." if kept == "In spring." else "In spring.") in lost


@pytest.mark.parametrize("attempt", range(3))
def test_agreeing_and_not_agreeing_at_once_is_one_of_the_two(come_back, send_at_once, make, session, receipt, attempt):
    del attempt
    story, by = make.story(WORDS, receipt=receipt), make.moderator()
    story.redact([(0, 4)], by=by, mark="[a name]")
    propose_redaction(story, None, by=by, answer_by=clock.today(), otherwise=Otherwise.WAIT, session=session)
    session.commit()
    form = come_back(to="/receipt/redaction").form("/receipt/redaction")
    answers = send_at_once((form, "agree"), (form, "disagree"))
    assert sorted(status for status, _ in answers) == [200, 409]
    session.expire_all()
    agreed = story.questions[0].accepted
    assert story.state is (State.PUBLISHED if agreed else State.WAITING)
    assert (story.open_item is None) is agreed
    assert not list(breaks(session))


def test_an_answer_in_the_moment_in_which_the_question_lapses(come_back, while_it_happens, make, session, receipt):
    story = make.story(WORDS, receipt=receipt)
    ask(story, "When?", by=make.moderator(), answer_by=clock.today() - dt.timedelta(days=1), session=session)
    session.commit()
    form = come_back(to="/receipt/answer").form("/receipt/answer").fill(words="In spring.")
    night = while_it_happens(lambda own: lapse_questions(own, window=clock.window(0)))
    page = form.send("step=send", status=409)
    assert "closed now" in page and "In spring." in page.html.css_first("#carried").text()
    night.join()
    session.expire_all()
    assert story.open_item is not None and story.open_question is None


def test_the_night_waits_for_an_answer_that_is_just_being_given(app, while_it_happens, make, session, receipt):
    story = make.story(WORDS, receipt=receipt)
    ask(story, "When?", by=make.moderator(), answer_by=clock.today() - dt.timedelta(days=1), session=session)
    session.commit()
    story_id = story.id

    def answer(own):
        found = own.get_one(Story, story_id)
        found.open_question.reply("In spring.")

    contributor = while_it_happens(answer)
    with app.app_context():
        lapse_questions(db.session, window=clock.window(0))
        db.session.commit()
    contributor.join()
    session.expire_all()
    assert story.questions[0].answer == "In spring." and story.open_item.revision == 3
