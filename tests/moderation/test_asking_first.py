"""Sites that ask before words are hidden, and what a contributor sees where nobody asked."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from storyhub import clock
from storyhub.models.decision import Decision
from storyhub.models.question import Otherwise, lapse_questions
from storyhub.models.site import the_site
from storyhub.models.story import State, Story
from storyhub.protection import receipts
from tests.makers import Maker
from tests.moderation.conftest import path_of
from tests.pages import Page, PagesClient

TOLD = "It was Kwame, in Mill Lane."


@pytest.fixture(autouse=True)
def asks(session: Session) -> None:
    site = the_site(session)
    site.asks_before_hiding, site.days_to_answer, site.without_answer = True, 9, "publish"
    session.commit()


def hide(client: PagesClient, story: Story) -> Page:
    return client.open_page(path_of(story)).form("/redaction").fill(words="Kwame").send()


def acts(session: Session) -> list[str]:
    return [str(act) for act in session.scalars(sa.select(Decision.act).order_by(Decision.number))]


def test_publishing_hidden_words_asks_first_and_says_so_before(
    mina: PagesClient, make: Maker, session: Session
) -> None:
    story = make.story(TOLD)
    page = hide(mina, story)
    assert "asked first, and has 9 days to answer" in page
    page = page.form("/publication").fill(content_notes=["threats"]).send()
    assert "whoever told it is asked first" in page
    session.expire_all()
    question = story.open_question
    assert question is not None
    assert ((question.answer_by - clock.today()).days, question.otherwise) == (9, Otherwise.PUBLISH)
    question.accept(window=clock.window(0), session=session)
    make.release()
    assert story.state is State.PUBLISHED
    assert story.newest.content_notes == ["threats"]


def test_words_that_nobody_hid_and_stories_without_a_receipt_go_out(
    mina: PagesClient, make: Maker, session: Session
) -> None:
    plain, from_file = make.story(TOLD), make.story(TOLD)
    from_file.receipt_digest = None
    session.commit()
    mina.open_page(path_of(plain)).form("/publication").send()
    hide(mina, from_file).form("/publication").send()
    session.expire_all()
    assert (plain.state, from_file.state) == (State.PUBLISHED, State.PUBLISHED)


def test_who_let_the_days_pass_is_not_asked_for_ever_and_who_refused_is_not_overruled(
    mina: PagesClient, make: Maker, session: Session
) -> None:
    the_site(session).without_answer = "wait"
    session.commit()
    silent, refusing = make.story(TOLD), make.story(TOLD)
    for story in (silent, refusing):
        hide(mina, story).form("/publication").send()
        session.expire_all()
    assert silent.open_question is not None and refusing.open_question is not None
    silent.open_question.answer_by = clock.today().replace(year=2020)
    refusing.open_question.refuse("No.")
    lapse_questions(session, window=clock.window(0))
    session.commit()
    mina.open_page(path_of(silent)).form("/publication").send()
    page = mina.open_page(path_of(refusing)).form("/publication").fill(note="Hm.").send(status=422)
    assert "did not agree to these hidden words" in page
    assert page.form("/publication").value("note") == "Hm."
    session.expire_all()
    assert (silent.state, refusing.state) == (State.PUBLISHED, State.WAITING)


def test_both_forms_begin_with_the_sites_days(mina: PagesClient, make: Maker) -> None:
    page = hide(mina, make.story(TOLD))
    assert page.form("/question").value("days") == "9"
    proposal = page.form("/proposal")
    assert (proposal.value("days"), proposal.value("otherwise")) == ("9", "publish")


def test_where_nobody_asked_the_receipt_shows_what_is_hidden_while_the_words_are_held(
    mina: PagesClient, another_client: PagesClient, make: Maker, session: Session
) -> None:
    the_site(session).asks_before_hiding = False
    session.commit()
    receipt = receipts.mint()
    story = make.story(TOLD, receipt=receipt, title="What Kwame did")
    hide(mina, story).form("/publication").send()
    page = another_client.open_page("/receipt").form("/receipt").fill(receipt=receipt).send()
    assert "Some of your words are hidden" in page
    assert "Kwame" not in page
    page = page.form("/receipt/words").send()
    assert [node.text() for node in page.html.css(".side-by-side del")][-1].endswith("Kwame")
    session.expire_all()
    story.versions[0].erase()
    session.commit()
    page = another_client.open_page("/receipt").form("/receipt").fill(receipt=receipt).send()
    assert "Some of your words are hidden" not in page
