"""Answering the desk with a receipt: a question, hidden words, an appeal to somebody else."""

from __future__ import annotations

import datetime as dt

import pytest
import sqlalchemy as sa

from storyhub import clock
from storyhub.models.appeal import Appeal, Heard
from storyhub.models.decision import Act, Decision, Reason, breaks
from storyhub.models.question import Otherwise, Question, ask, lapse_questions, propose_redaction
from storyhub.models.queue import Kind
from storyhub.models.story import State
from storyhub.telling import comparing

WORDS = "A quiet word about the harbour, said by Anna Berg at night."
ASKED = "Was it in spring, or later?"


def in_days(days):
    return clock.today() + dt.timedelta(days=days)


@pytest.fixture
def asked(make, session, receipt):
    story = make.story(WORDS, receipt=receipt)
    ask(story, ASKED, by=make.moderator(), answer_by=in_days(14), session=session)
    session.commit()
    return story


@pytest.fixture
def proposed(make, session, receipt):
    def propose(otherwise=Otherwise.WAIT, words=None):
        story = make.story(WORDS, receipt=receipt, title="At night with Anna")
        by = make.moderator()
        start = WORDS.index("Anna")
        story.redact([(start, start + len("Anna Berg"))], by=by, mark="[a name]", title="At night")
        propose_redaction(story, words, by=by, answer_by=in_days(14), otherwise=otherwise, session=session)
        session.commit()
        return story

    return propose


def test_a_question_is_told_on_the_first_page_and_read_only_after_one_more_step(come_back, asked):
    page = come_back()
    assert "asks you something" in page and "Please answer by" in page
    assert ASKED not in page and "harbour" not in page
    page = page.form("/receipt/answer").send()
    assert ASKED in page and "harbour" not in page and "somebody looks at it again" in page


def test_an_answer_goes_to_the_desk_at_the_storys_old_place(come_back, asked, session):
    since = asked.item.waits_since
    form = come_back(to="/receipt/answer").form("/receipt/answer").fill(words="It was in spring.\n\n<3")
    page = form.send("step=send")
    assert "Your answer has arrived" in page and "It was in spring" not in page
    session.expire_all()
    assert asked.questions[0].answer == "It was in spring.\n\n<3"
    assert (asked.open_item.kind, asked.open_item.waits_since) == (Kind.ANSWER, since)
    assert "Your answer has arrived" in form.send("step=send"), "a second click is the first one again"
    assert "closed now" in form.fill(words="Or in autumn").send("step=send", status=409)
    assert session.scalar(sa.select(Question.answer)) == "It was in spring.\n\n<3"


def test_an_answer_of_nothing_is_not_sent_and_one_that_is_too_long_comes_back_whole(come_back, asked, session):
    form = come_back(to="/receipt/answer").form("/receipt/answer")
    assert "nothing here yet" in form.fill(words="  ").send("step=send", status=422)
    page = form.fill(words="long " * 5000).send("step=send", status=422)
    assert page.value_of("words") == "long " * 5000
    session.expire_all()
    assert asked.open_question is not None


def test_an_answer_that_comes_too_late_is_given_back(come_back, asked, session):
    form = come_back(to="/receipt/answer").form("/receipt/answer").fill(words="It was in spring.")
    asked.open_question.closed = True
    asked.reopen(Kind.ANSWER)
    session.commit()
    page = form.send("step=send", status=409)
    assert "closed now" in page and "It was in spring." in page.html.css_first("#carried").text()


def test_an_answer_is_not_given_to_another_question_than_was_read(come_back, asked, make, session):
    form = come_back(to="/receipt/answer").form("/receipt/answer").fill(words="Yes.")
    asked.open_question.reply("No.")
    ask(asked, "May we publish it?", by=make.anybody(), answer_by=in_days(14), session=session)
    session.commit()
    assert "closed now" in form.send("step=send", status=409)
    session.expire_all()
    assert asked.open_question.answer is None


def test_an_answer_on_a_page_left_open_is_kept_until_the_receipt_is_typed_again(
    client, come_back, asked, session, receipt, held_clock
):
    form = come_back(to="/receipt/answer").form("/receipt/answer").fill(words="It was in spring.")
    held_clock.forward(minutes=20)
    page = form.send("step=send", status=400)
    assert "type your receipt again" in page and page.value_of("words") == "It was in spring."
    wrong = page.form("/receipt/answer").fill(receipt="1234").send("step=send", status=422)
    assert wrong.value_of("words") == "It was in spring."
    assert "Your answer has arrived" in wrong.form("/receipt/answer").fill(receipt=receipt).send("step=send")
    session.expire_all()
    assert asked.questions[0].answer == "It was in spring."


def test_hidden_words_are_shown_side_by_side_with_what_they_hide(come_back, proposed):
    proposed(words="We would hide a name.")
    page = come_back()
    assert "Some words would be hidden" in page and "Anna" not in page
    page = page.form("/receipt/redaction").send()
    hidden = [node.text() for node in page.html.css("del bdi, .told del")]
    assert hidden == ["At night with Anna", "hidden: Anna Berg"]
    assert "[a name]" in page and "We would hide a name." in page
    assert "Without an answer somebody looks at it again" in page


def test_what_happens_without_an_answer_is_said_as_it_is(come_back, proposed):
    proposed(Otherwise.PUBLISH)
    assert "Without an answer it is published with these words hidden" in come_back()
    assert "Without an answer it is published with these words hidden" in come_back(to="/receipt/redaction")


def test_agreeing_publishes_as_the_moderator_decided_and_twice_is_once(client, come_back, proposed, session):
    story = proposed()
    form = come_back(to="/receipt/redaction").form("/receipt/redaction")
    page = form.send("step=agree")
    assert "You agreed" in page and "It is published" in page
    assert "[a name]" in page.follow("Read it as others do")
    assert "You agreed" in form.send("step=agree")
    session.expire_all()
    assert story.state is State.PUBLISHED
    acts = list(session.scalars(sa.select(Decision.act).order_by(Decision.number)))
    assert acts == [Act.REDACT, Act.PROPOSE, Act.PUBLISH]
    assert not list(breaks(session))


def test_not_agreeing_sends_it_back_to_the_desk_with_or_without_a_reason(come_back, proposed, session):
    story = proposed(Otherwise.PUBLISH)
    form = come_back(to="/receipt/redaction").form("/receipt/redaction").fill(words="She may be named.")
    assert "You did not agree" in form.send("step=disagree")
    session.expire_all()
    assert (story.questions[0].accepted, story.questions[0].answer) == (False, "She may be named.")
    assert story.open_item.kind is Kind.ANSWER and story.state is State.WAITING
    assert "closed now" in form.send("step=agree", status=409), "first one, then the other"
    session.expire_all()
    assert story.state is State.WAITING


def test_neither_button_is_pressed_by_opening_the_page(come_back, proposed, session):
    story = proposed()
    come_back(to="/receipt/redaction")
    session.expire_all()
    assert story.open_question is not None


def test_hiding_that_was_made_in_several_goes_is_shown_in_the_contributors_own_words(make, session, app):
    story, by = make.story("Anna met Berta and Carla. Then Anna left."), make.anybody()
    for name in ("Berta", "Anna met [x]", "Carla"):
        start = story.newest.text.index(name)
        story.redact([(start, start + len(name))], by=by, mark="[x]")
    session.commit()
    assert story.newest.text == "[x] and [x]. Then Anna left."
    seen = comparing.before_and_after(session, story)
    assert seen.before.number == 1
    assert seen.paragraphs == [
        [("Anna met Berta", True), (" and ", False), ("Carla", True), (". Then Anna left.", False)]
    ]


def test_marks_of_several_lengths_never_show_other_words_as_hidden(make, session):
    """Names, places and other words have marks of their own: whoever agrees must see what is really hidden."""
    text = "Anna Berg of Pune came with Ben, and Carla saw it."
    story, by = make.story(text), make.moderator()

    def hide(*words, marks):
        said = story.newest.text
        at = {said.index(word): word for word in words}
        story.redact(
            [(start, start + len(word)) for start, word in at.items()],
            by=by,
            mark="[detail removed]",
            marks={said.index(word): mark for word, mark in marks.items()},
        )
        session.flush()

    hide("Anna Berg", "Pune", marks={"Anna Berg": "[name removed]", "Pune": "[place removed]"})
    hide("Ben", marks={})
    hide("[place removed] came", "Carla", marks={"Carla": "…"})
    seen = comparing.before_and_after(session, story)
    assert [words for part in seen.paragraphs for words, is_hidden in part if is_hidden] == [
        "Anna Berg", "Pune came", "Ben", "Carla",
    ]  # fmt: skip


@pytest.mark.parametrize("words", ["I did not say that.", ""])
def test_an_appeal_goes_to_somebody_else_and_stops_the_erasing(come_back, make, session, receipt, words):
    by = make.moderator()
    story = make.decline(make.story(WORDS, receipt=receipt), Reason.OTHER, "We read it.", by=by)
    assert "are erased here on" in come_back()
    page = come_back(to="/receipt/appeal")
    assert "somebody other than the person who decided" in page
    form = page.form("/receipt/appeal").fill(words=words)
    page = form.send("step=send")
    assert "Your appeal has arrived" in page and "none of its words are erased" in page
    assert not page.has_form("/receipt/appeal") and not page.has_form("/receipt/edit")
    assert "Your appeal has arrived" in form.send("step=send"), "a second click is the first one again"
    session.expire_all()
    assert (story.open_appeal.words or "") == words
    assert story.open_item.not_for_id == by.id
    assert session.scalar(sa.select(sa.func.count()).select_from(Appeal)) == 1


def test_what_came_of_an_appeal_is_told_with_its_letter(come_back, make, session, receipt):
    by, another = make.moderator(), make.moderator()
    story = make.decline(make.story(WORDS, receipt=receipt), Reason.OTHER, "We read it.", by=by)
    come_back(to="/receipt/appeal").form("/receipt/appeal").send("step=send")
    session.expire_all()
    story.open_appeal.uphold(by=another, letter="We looked again.", originals_days=30, session=session)
    session.commit()
    page = come_back()
    assert "The decision stays as it was" in page and "We looked again." in page and "We read it." in page
    assert not page.has_form("/receipt/appeal"), "once about each decision"
    assert "are erased here on" in page


def test_a_decision_that_was_taken_back_is_waited_for_anew(come_back, make, session, receipt):
    story = make.decline(make.story(WORDS, receipt=receipt), Reason.OTHER, "We read it.", by=make.moderator())
    come_back(to="/receipt/appeal").form("/receipt/appeal").send("step=send")
    session.expire_all()
    story.open_appeal.overturn(by=make.moderator(), session=session)
    session.commit()
    page = come_back()
    assert "took the decision back" in page and "waiting for a decision" in page
    assert story.appeals[0].heard is Heard.OVERTURNED


def test_nothing_can_be_appealed_before_a_decision_is_told(come_back, make, session, receipt, client):
    story = make.story(WORDS, receipt=receipt)
    page = come_back()
    assert not page.has_form("/receipt/appeal")
    story.decline(by=make.moderator(), window=10**7, reason=Reason.OTHER, letter="A letter.")
    session.commit()
    assert not come_back().has_form("/receipt/appeal")
    form = come_back().form("/receipt/withdrawal")
    form.action = "/receipt/appeal"
    assert "nothing to appeal against" in form.send(status=409)
    session.expire_all()
    assert story.appeals == []


def test_a_lapsed_question_is_no_longer_asked(come_back, asked, session, held_clock):
    asked.open_question.answer_by = clock.today() - dt.timedelta(days=1)
    session.commit()
    form = come_back(to="/receipt/answer").form("/receipt/answer").fill(words="Late.")
    assert lapse_questions(session, window=clock.window(0)) == 1
    session.commit()
    assert "closed now" in form.send("step=send", status=409)
    assert not come_back().has_form("/receipt/answer")


def test_whoever_took_it_back_meanwhile_is_told_so_and_gets_the_typed_words(come_back, asked, session):
    form = come_back(to="/receipt/answer").form("/receipt/answer").fill(words="It was in spring.")
    come_back(to="/receipt/withdrawal").form("/receipt/withdrawal").send("step=sure")
    page = form.send("step=send", status=409)
    assert "You took this story back" in page and "It was in spring." in page.html.css_first("#carried").text()
