"""Sexual detail about anyone under 18 is never published; the safeguarding lead decides what follows."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from storyhub import clock
from storyhub.models.appeal import make_appeal
from storyhub.models.decision import Act, Decision, Reason, breaks
from storyhub.models.people import Person, Role
from storyhub.models.question import Otherwise, lapse_questions, propose_redaction
from storyhub.models.queue import Lane, Urgency
from storyhub.models.states import NotPossible
from storyhub.models.story import NONE_LEFT, State, Story
from storyhub.moderation import actions
from tests.makers import Maker
from tests.moderation.conftest import SignIn, path_of
from tests.pages import PagesClient

TOLD = "I was twelve and he raped me."
UNHEARD_OF = "What no list knows was told here."
BOTH = ["child", "sexual-violence"]


def acts(session: Session) -> list[str]:
    return [str(act) for act in session.scalars(sa.select(Decision.act).order_by(Decision.number))]


@pytest.mark.parametrize(("text", "notes"), [(TOLD, []), ("He hurt me.", BOTH)])
def test_a_word_is_asked_for_and_kept(
    mina: PagesClient, make: Maker, session: Session, text: str, notes: list[str]
) -> None:
    story = make.story(text, notes=notes)
    form = mina.open_page(path_of(story)).form("/publication").fill(note="A note.", content_notes=[*notes, "threats"])
    page = form.send(status=422)
    assert "is never published" in page
    assert page.form("/publication").value("note") == "A note."
    assert acts(session) == []
    page.form("/publication").fill(none_left="y").send()
    session.expire_all()
    assert story.state is State.PUBLISHED
    assert session.scalars(sa.select(Decision.facts)).one() == {"under-18": "none-left"}


def test_notes_that_are_only_ticked_now_ask_as_well(mina: PagesClient, make: Maker, session: Session) -> None:
    story = make.story("He hurt me.")
    page = mina.open_page(path_of(story)).form("/publication").fill(content_notes=BOTH).send(status=422)
    assert set(page.form("/publication").values("content_notes")) == set(BOTH)
    session.expire_all()
    assert story.outcome is None


def test_what_is_only_counted_needs_no_word(mina: PagesClient, make: Maker, session: Session) -> None:
    story = make.story(TOLD, notes=BOTH, wish="count")
    mina.open_page(path_of(story)).form("/publication").send()
    session.expire_all()
    assert story.state is State.COUNTED


def test_no_other_way_leads_around_it(make: Maker, session: Session) -> None:
    """Neither the verb itself, nor a contributor who agrees to hidden words, nor days that pass without an answer."""
    mina, window = make.moderator("Mina"), clock.window(0)
    with pytest.raises(NotPossible):
        make.story(TOLD, notes=BOTH).publish(by=mina, window=window)
    for said, ends in ((None, State.WAITING), (NONE_LEFT, State.PUBLISHED)):
        for agrees in (True, False):
            story = make.story(TOLD, notes=BOTH)
            story.redact([(6, 12)], by=mina, mark="[detail removed]")
            question = propose_redaction(
                story, None, by=mina, answer_by=clock.today(), otherwise=Otherwise.PUBLISH, session=session, facts=said
            )
            if agrees:
                question.accept(window=window, session=session)
            else:
                question.answer_by = clock.today().replace(year=2020)
                lapse_questions(session, window=window)
            make.release()
            assert story.state is ends
            assert (story.open_item is not None) == (said is None)
    assert not list(breaks(session))


def test_what_was_set_aside_is_put_back_only_with_the_word_that_was_given(make: Maker, session: Session) -> None:
    mina, window = make.moderator("Mina"), clock.window(0)
    story = make.story(TOLD)
    story.publish(by=mina, window=window)
    make.release()
    story.newest.content_notes = BOTH
    story.set_aside(by=mina, reason=Reason.OTHER)
    with pytest.raises(NotPossible):
        story.restore(by=mina, window=window)
    story.undo(by=mina)
    story.publish(by=mina, window=window, facts=dict(NONE_LEFT))
    make.release()
    story.set_aside(by=mina, reason=Reason.OTHER)
    story.restore(by=mina, window=window)


def test_passed_on_for_that_it_is_the_leads_alone(
    mina: PagesClient, noor: PagesClient, lea: PagesClient, make: Maker, session: Session
) -> None:
    story = make.story(TOLD)
    page = mina.open_page(path_of(story))
    form = next(one for one in page.forms if one.value("reason") == "under-18-detail")
    assert "safeguarding lead alone" in form.send()
    session.expire_all()
    item = story.items[0]
    assert (item.lane, item.because, item.only_for) == (Lane.URGENT, Urgency.PASSED_ON, Role.SAFEGUARDING_LEAD)
    decision = session.scalars(sa.select(Decision)).one()
    assert (decision.act, decision.reason) == (Act.ESCALATE, Reason.UNDER_18_DETAIL)
    page = noor.open_page(path_of(story))
    assert "For somebody else" in page
    assert not page.has_form("/publication")
    page = lea.open_page(path_of(story))
    assert page.has_form("/decline") and page.has_form("/follow-up")
    page.form("/decline").fill(reason="under-18-detail").send()
    session.expire_all()
    assert story.state is State.DECLINED


def declined_for_it(make: Maker, session: Session, lead: Person, text: str = UNHEARD_OF) -> Story:
    """A story whose words no list knows: passed on, declined by the lead for what they found, and appealed against."""
    story = make.story(text)
    item = story.items[0]
    actions.move(session, item, Lane.URGENT, by=make.anybody(), reason=Reason.UNDER_18_DETAIL)
    make.decline(story, Reason.UNDER_18_DETAIL, by=lead)
    make_appeal(session, story, "Please look again.")
    session.commit()
    return story


def test_what_was_found_once_needs_the_word_after_an_appeal_as_well(
    mina: PagesClient, make: Maker, session: Session
) -> None:
    story = declined_for_it(make, session, make.person("Lea", Role.SAFEGUARDING_LEAD))
    page = mina.open_page(path_of(story))
    next(form for form in page.forms if form.value("heard") == "overturned").send()
    page = mina.open_page(path_of(story)).form("/publication").send(status=422)
    assert "is never published" in page
    session.expire_all()
    assert story.outcome is None
    with pytest.raises(NotPossible):
        story.publish(by=make.anybody(), window=clock.window(0))
    page.form("/publication").fill(none_left="y").send()
    session.expire_all()
    assert story.state is State.PUBLISHED
    assert not list(breaks(session))


def test_an_appeal_about_it_is_never_an_outside_readers_and_anothers_lead_if_there_is_one(
    app: Flask, sign_in: SignIn, make: Maker, session: Session
) -> None:
    lea, mina = make.person("Lea", Role.SAFEGUARDING_LEAD), make.moderator("Mina")
    make.person("Lou", Role.SAFEGUARDING_LEAD, active=False)
    make.person("Lin", Role.SAFEGUARDING_LEAD, second_factor=False)
    outside = make.person("Olu", Role.OUTSIDE_READER)
    story = declined_for_it(make, session, lea)
    assert (story.items[0].only_for, story.items[0].is_for(mina)) == (None, True), "else nobody could hear it"
    browser = app.test_client()
    assert isinstance(browser, PagesClient)
    sign_in(browser, outside).open_page(path_of(story), status=404)
    los = make.person("Los", Role.SAFEGUARDING_LEAD)
    item = declined_for_it(make, session, lea).items[0]
    assert item.only_for is Role.SAFEGUARDING_LEAD
    assert [item.is_for(one) for one in (los, lea, mina, outside)] == [True, False, False, False]
    plain = make.decline(make.story(), by=lea)
    make_appeal(session, plain, "Please look again.")
    assert plain.items[0].only_for is None and plain.items[0].is_for(outside)


def test_a_word_that_was_given_before_it_was_found_puts_nothing_back(make: Maker, session: Session) -> None:
    mina, window = make.moderator("Mina"), clock.window(0)
    story = make.story(UNHEARD_OF)
    story.publish(by=mina, window=window, facts=dict(NONE_LEFT))
    make.release()
    story.set_aside(by=mina, reason=Reason.UNDER_18_DETAIL)
    with pytest.raises(NotPossible):
        story.restore(by=mina, window=window)
    story.undo(by=mina)
    with pytest.raises(NotPossible):
        story.publish(by=mina, window=window)
    story.publish(by=mina, window=window, facts=dict(NONE_LEFT))
    make.release()
    story.set_aside(by=mina, reason=Reason.OTHER)
    story.restore(by=mina, window=window)


@pytest.mark.parametrize("agrees", [True, False])
def test_hidden_words_that_were_agreed_to_go_out_only_with_the_word_where_it_was_found(
    make: Maker, session: Session, agrees: bool
) -> None:
    mina = make.moderator("Mina")
    story = make.story(UNHEARD_OF)
    actions.move(session, story.items[0], Lane.URGENT, by=mina, reason=Reason.UNDER_18_DETAIL)
    story.redact([(0, 4)], by=mina, mark="[detail removed]")
    question = propose_redaction(
        story, None, by=mina, answer_by=clock.today(), otherwise=Otherwise.PUBLISH, session=session
    )
    if agrees:
        question.accept(window=clock.window(0), session=session)
    else:
        question.answer_by = clock.today().replace(year=2020)
        lapse_questions(session, window=clock.window(0))
    make.release()
    assert story.state is State.WAITING and story.open_item is not None


def test_a_title_asks_for_the_word_too(mina: PagesClient, make: Maker) -> None:
    story = make.story("Nobody believed me.", title="He raped me when I was nine years old")
    assert "is never published" in mina.open_page(path_of(story)).form("/publication").send(status=422)


def test_a_lead_says_what_they_did(lea: PagesClient, mina: PagesClient, make: Maker, session: Session) -> None:
    story = make.story("Please help, he will kill me.", lane="urgent")
    story.items[0].because = Urgency.DANGER
    session.commit()
    assert not mina.open_page(path_of(story)).has_form("/follow-up")
    mina.open_page(path_of(story)).form("/skip").send()
    page = lea.open_page(path_of(story))
    assert "Choose what was done" in page.form("/follow-up").without("done").send(status=422)
    form = page.form("/follow-up").fill(done="reported", note="To the office for children.")
    assert "It is on the record" in form.send()
    form.send()
    decision = session.scalars(sa.select(Decision)).one()
    assert (decision.act, decision.facts) == (Act.FOLLOW_UP, {"followed": "reported"})
    assert "what the safeguarding lead did" in lea.open_page(path_of(story))
    usual = make.story()
    assert not lea.open_page(path_of(usual)).has_form("/follow-up")


def test_what_must_be_reported_is_said_beforehand_in_whatever_language_it_was_written(
    client: PagesClient, session: Session
) -> None:
    from storyhub.models.publication import new_edition
    from storyhub.models.site import the_site

    the_site(session).reports_duty = {"ar": "يجب أن نبلّغ."}
    new_edition(session)
    session.commit()
    assert "يجب أن نبلّغ" in client.open_page("/policy")
    assert "يجب أن نبلّغ" in client.open_page("/share")
