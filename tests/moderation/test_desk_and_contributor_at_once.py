"""A moderator and the contributor press at the same moment: either the one happens or the other, and both are told."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from storyhub import clock
from storyhub.extensions import db
from storyhub.models.appeal import Appeal, make_appeal
from storyhub.models.concern import BEFORE_HANDING_OVER
from storyhub.models.decision import Decision, breaks
from storyhub.models.people import Person
from storyhub.models.question import Question, ask, lapse_questions
from storyhub.models.story import State, Story
from storyhub.protection import receipts
from storyhub.protection.identifiers import shown
from storyhub.telling.actions import hold
from tests.makers import Maker
from tests.moderation.conftest import path_of
from tests.pages import Form, Page, PagesClient

WORDS = "He waited at the gate and called my name."
NEW = "Somebody waited at the gate and called my name twice."
SendAtOnce = Callable[..., list[int]]


@pytest.fixture
def at_once(app: Flask) -> SendAtOnce:
    """Send forms, with what the pressed button says, all together; the statuses in order."""

    def send(*forms: tuple[Form, str]) -> list[int]:
        start = threading.Barrier(len(forms))

        def one(form_and_button: tuple[Form, str]) -> int:
            form, button = form_and_button
            browser = FlaskClient(app, app.response_class)
            browser._cookies = dict(form.page.client._cookies)
            browser.environ_base = dict(form.page.client.environ_base)
            fields = dict(form.fields.items(multi=True)) | ({"step": button} if button else {})
            start.wait(60)
            return browser.post(form.action, data=fields, base_url=app.extensions["settings"].site_url).status_code

        with ThreadPoolExecutor(len(forms)) as both:
            return list(both.map(one, forms))

    return send


@pytest.fixture
def receipt() -> str:
    return receipts.mint()


def come_back(browser: PagesClient, receipt: str) -> Page:
    return browser.open_page("/receipt").form("/receipt").fill(receipt=receipt).send()


def acts(session: Session) -> list[str]:
    session.expire_all()
    assert list(breaks(session)) == []
    return [str(act) for act in session.scalars(sa.select(Decision.act).order_by(Decision.number))]


@pytest.mark.parametrize("attempt", range(3))
def test_an_edit_and_a_publication(
    mina: PagesClient, another_client: PagesClient, at_once: SendAtOnce, make: Maker, session: Session, receipt: str,
    attempt: int,
) -> None:  # fmt: skip
    del attempt
    story = make.story(WORDS, receipt=receipt)
    publishing = mina.open_page(path_of(story)).form("/publication")
    page = come_back(another_client, receipt).form("/receipt/edit").send()
    editing = page.form("/receipt/edit").fill(text=NEW).send("step=look").form("/receipt/edit")
    published, edited = at_once((publishing, ""), (editing, "send"))
    assert edited == 200, "words that a contributor sends are never refused because a moderator was quicker"
    done = acts(session)
    assert (story.newest.text, story.item.closed) == (NEW, False)  # type: ignore[union-attr]
    if published == 303:  # then the first words are public, and the new ones wait
        assert (done, story.state, story.standing_number) == (["publish"], State.PUBLISHED, 1)
        assert story.public is not None
        assert story.public.version.text == WORDS
    else:
        assert (published, done, story.state) == (409, [], State.WAITING)
    # Whichever was first: nothing that no moderator has seen is public.
    mina.open_page(path_of(story)).form("/publication").send()
    session.expire_all()
    assert story.public is not None
    assert story.public.version.text == NEW


def test_an_answer_and_taking_the_question_back(
    mina: PagesClient, another_client: PagesClient, at_once: SendAtOnce, make: Maker, session: Session, receipt: str
) -> None:
    story = make.story(WORDS, receipt=receipt)
    mina.open_page(path_of(story)).form("/question").fill(words="Which town?").send()
    taking_back = mina.open_page(path_of(story)).form("/undo")
    page = come_back(another_client, receipt).form("/receipt/answer").send()
    answering = page.form("/receipt/answer").fill(words="The small one.")
    taken_back, answered = at_once((taking_back, ""), (answering, "send"))
    done = acts(session)
    assert (taken_back, answered) in ((303, 409), (409, 200)), (taken_back, answered)
    assert done == (["ask", "undo"] if taken_back == 303 else ["ask"])
    assert session.scalars(sa.select(Question.answer)).all() == ([] if taken_back == 303 else ["The small one."])
    assert not story.items[0].closed


def test_a_withdrawal_and_an_answer_of_the_desk_to_an_appeal(
    mina: PagesClient, another_client: PagesClient, at_once: SendAtOnce, make: Maker, session: Session, receipt: str
) -> None:
    story = make.story(WORDS, receipt=receipt, state="declined", by=make.moderator())
    come_back(another_client, receipt).form("/receipt/appeal").send().form("/receipt/appeal").send("step=send")
    upholding = next(form for form in mina.open_page(path_of(story)).forms if form.value("heard") == "upheld")
    withdrawing = come_back(another_client, receipt).form("/receipt/withdrawal").send().form("/receipt/withdrawal")
    upheld, withdrawn = at_once((upholding, ""), (withdrawing, "sure"))
    assert withdrawn == 200
    done = acts(session)
    assert story.state is State.WITHDRAWN
    assert (upheld == 303) == (done == ["decline", "uphold"])
    assert session.scalars(sa.select(Appeal.words)).all() == [None]
    assert {version.text for version in story.versions} == {None}
    assert story.items[0].closed


def test_a_withdrawal_and_the_handing_over_of_the_story(
    lea: PagesClient, another_client: PagesClient, at_once: SendAtOnce, make: Maker, session: Session, receipt: str
) -> None:
    story = make.story(WORDS, receipt=receipt, state="published")
    lost = another_client.open_page("/receipt").follow("I lost my receipt").form("/receipt/lost")
    lost.fill(story=f"http://localhost/stories/{shown(story.id)}", words="I wrote it in spring.").send()
    session.expire_all()
    item = story.concerns[0].item
    assert item is not None
    story.concerns[0].raised_on -= BEFORE_HANDING_OVER
    session.commit()
    page = lea.open_page(f"/desk/items/{shown(item.id)}")
    handing = next(form for form in page.forms if form.value("answer") == "accepted")
    withdrawing = come_back(another_client, receipt).form("/receipt/withdrawal").send().form("/receipt/withdrawal")
    handed, withdrawn = at_once((handing, ""), (withdrawing, "sure"))
    done = acts(session)
    # The holder of the old receipt had it when they pressed; either way exactly one receipt opens it afterwards.
    assert (story.state is State.WITHDRAWN) == (withdrawn == 200)
    assert ("hand-over" in done) == (handed == 303)
    assert story.receipt_digest is not None


@pytest.mark.parametrize("attempt", range(3))
def test_one_appeal_is_heard_one_way(
    mina: PagesClient, at_once: SendAtOnce, make: Maker, session: Session, attempt: int
) -> None:
    del attempt
    story = make.story(WORDS, state="declined", by=make.moderator())
    make_appeal(session, story, "Please look again.")
    session.commit()
    first = next(form for form in mina.open_page(path_of(story)).forms if form.value("heard") == "upheld")
    second = next(form for form in mina.open_page(path_of(story)).forms if form.value("heard") == "overturned")
    statuses = at_once((first, ""), (second, ""))
    assert sorted(statuses) == [303, 409], statuses
    assert len(acts(session)) == 2


def test_many_questions_lapse_while_they_are_answered(
    app: Flask, mina: PagesClient, make: Maker, session: Session
) -> None:
    """The nightly job and answers meet: whatever wins, each story is at the desk once and its words are whole."""
    by = session.scalars(sa.select(Person)).first()
    assert by is not None
    ids = []
    for _ in range(6):
        story = make.story()
        ask(story, "Which town?", by=by, answer_by=clock.today() - dt.timedelta(days=1), session=session)
        ids.append(story.id)
    session.commit()
    start = threading.Barrier(2)

    def lapse() -> None:
        with app.app_context():
            start.wait(60)
            try:
                lapse_questions(db.session(), window=clock.window(0))
                db.session.commit()
            except sa.exc.SQLAlchemyError:
                db.session.rollback()  # the worker tries again

    def answer() -> None:
        with app.app_context():
            start.wait(60)
            for story_id in ids[:3]:
                story = db.session.get_one(Story, story_id)
                hold(db.session(), story)
                if story.open_question is not None:
                    story.open_question.reply("The small one.")
                db.session.commit()

    with ThreadPoolExecutor(2) as both:
        for done in [both.submit(lapse), both.submit(answer)]:
            done.result(120)
    session.expire_all()
    with app.app_context():
        lapse_questions(db.session(), window=clock.window(0))
        db.session.commit()
    for story_id in ids:
        story = session.get_one(Story, story_id)
        assert [item.closed for item in story.items] == [False]
        assert story.open_question is None
    mina.open_page("/desk/")
