"""Where the stewards want it, two people decide: the first says what they would do, the second does it or does not."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from storyhub.models.decision import Act, Decision, Reason, breaks
from storyhub.models.people import Role
from storyhub.models.site import the_site
from storyhub.models.story import State, Story, Told
from storyhub.telling.holding import everything_held
from tests.makers import Maker
from tests.moderation.conftest import SignIn, path_of
from tests.pages import PagesClient

NAMED = "It was Ben Miller who followed me home."
PLAIN = "Somebody followed me home."


def want(session: Session, *codes: str) -> None:
    the_site(session).second_eyes = list(codes)
    session.commit()


def acts(session: Session) -> list[str]:
    return [str(act) for act in session.scalars(sa.select(Decision.act).order_by(Decision.number))]


@pytest.mark.parametrize(
    ("codes", "text", "notes", "for_two"),
    [
        ((), NAMED, ["death"], False),
        (("named",), NAMED, [], True),
        (("named",), PLAIN, ["death"], False),
        (("heavy",), PLAIN, ["death"], True),
        (("heavy",), NAMED, ["threats"], False),
        (("decline",), NAMED, ["death"], False),
        (("named", "heavy", "decline"), PLAIN, [], False),
    ],
)
def test_who_publishes_alone_and_who_does_not(
    mina: PagesClient, make: Maker, session: Session, codes: tuple[str, ...], text: str, notes: list[str], for_two: bool
) -> None:
    want(session, *codes)
    story = make.story(text, notes=notes)
    page = mina.open_page(path_of(story))
    beside_the_button = page.html.css_first('form[action$="/publication"]').text()
    assert ("A second person decides" in beside_the_button) == for_two
    page.form("/publication").send()
    session.expire_all()
    assert story.state is (State.WAITING if for_two else State.PUBLISHED)
    assert acts(session) == ["first-read" if for_two else "publish"]


def test_a_second_person_sees_what_the_first_would_do_and_decides(
    mina: PagesClient, noor: PagesClient, make: Maker, session: Session
) -> None:
    want(session, "named")
    story = make.story(NAMED)
    form = (
        mina.open_page(path_of(story)).form("/publication").fill(note="He is in the papers.", content_notes=["threats"])
    )
    page = form.send()
    assert "A second person decides" in page
    assert "Nothing more waits for you" in mina.open_page("/desk/").form("/desk/next").send()
    again = mina.open_page(path_of(story))
    assert "a second person decides" in again
    assert not again.has_form("/publication")
    page = noor.open_page("/desk/").form("/desk/next").send()
    assert page.path == path_of(story)
    assert "Mina would publish it." in page
    assert "He is in the papers." in page
    page.form("/publication").send()
    session.expire_all()
    assert story.state is State.PUBLISHED
    assert story.newest.content_notes == ["threats"]
    first, second = session.scalars(sa.select(Decision).order_by(Decision.number))
    assert (first.act, second.act, second.facts) == (Act.FIRST_READ, Act.PUBLISH, {"second-of": first.number})
    assert not list(breaks(session))


def test_a_name_that_was_hidden_is_for_one_and_an_accusation_for_two_all_the_same(
    mina: PagesClient, make: Maker, session: Session
) -> None:
    want(session, "named")
    hidden, accusing = make.story(NAMED), make.story(NAMED)
    for story in (hidden, accusing):
        form = mina.open_page(path_of(story)).form("/redaction")
        page = form.fill(found=form.options("found")).send()
        assert "A second person decides" not in page
        page.form("/publication").fill(**({"accuses": "y"} if story is accusing else {})).send()
    session.expire_all()
    assert (hidden.state, accusing.state) == (State.PUBLISHED, State.WAITING)


def test_a_drafted_letter_is_the_draft_of_the_second(
    mina: PagesClient, noor: PagesClient, make: Maker, session: Session
) -> None:
    want(session, "decline")
    story = make.story()
    form = mina.open_page(path_of(story)).form("/decline").fill(reason="abuse", letter="Dear you.", note="It hunts.")
    assert "A second person decides" in form.send()
    page = noor.open_page(path_of(story))
    assert "would not publish it." in page and "It is meant to hurt others" in page
    form = page.form("/decline")
    assert (form.value("reason"), form.value("letter")) == ("abuse", "Dear you.")
    form.send()
    session.expire_all()
    assert story.state is State.DECLINED
    last = session.scalars(sa.select(Decision).filter_by(act=Act.DECLINE)).one()
    assert last.words is not None and last.words.letter == "Dear you."


def test_the_first_may_think_again_until_somebody_has_it_in_hand(
    mina: PagesClient, noor: PagesClient, make: Maker, session: Session
) -> None:
    want(session, "decline")
    story = make.story()
    page = mina.open_page(path_of(story)).form("/decline").fill(reason="abuse").send()
    page = page.form("/undo").send()
    assert page.path == path_of(story)
    page.form("/decline").fill(reason="abuse").send()
    noor.open_page(path_of(story))
    assert not mina.open_page(path_of(story)).has_form("/undo")
    assert acts(session) == ["first-read", "undo", "first-read"]


def test_pressing_twice_reads_once(mina: PagesClient, make: Maker, session: Session) -> None:
    want(session, "named", "decline")
    for ending, fields in (("/publication", {}), ("/decline", {"reason": "abuse"})):
        form = mina.open_page(path_of(make.story(NAMED))).form(ending).fill(fields)
        assert form.send().path == form.send().path
    assert acts(session) == ["first-read", "first-read"]


def test_an_outside_reader_is_the_second_person_and_opens_nothing_else(
    mina: PagesClient, app: Flask, make: Maker, session: Session, sign_in: SignIn
) -> None:
    want(session, "named")
    browser = app.test_client()
    assert isinstance(browser, PagesClient)
    olu = sign_in(browser, make.person("Olu", Role.OUTSIDE_READER))
    second, other, public = make.story(NAMED), make.story(PLAIN), make.story(state="published")
    mina.open_page(path_of(second)).form("/publication").send()
    page = olu.open_page(path_of(second))
    for path in (path_of(other), path_of(public)):
        olu.open_page(path, status=404)
    page.form("/publication").send()
    session.expire_all()
    assert second.state is State.PUBLISHED
    assert public.state is State.PUBLISHED


def test_new_words_are_read_by_two_again(mina: PagesClient, make: Maker, session: Session) -> None:
    want(session, "named")
    story = make.story(NAMED)
    mina.open_page(path_of(story)).form("/publication").send()
    session.refresh(story)
    story.edit(Told(NAMED + " Again.", language="en"))
    session.commit()
    mina.open_page(path_of(story)).form("/publication").send()
    assert acts(session) == ["first-read", "first-read"]


def test_what_the_lead_alone_decides_is_for_one(lea: PagesClient, make: Maker, session: Session) -> None:
    want(session, "named", "decline")
    story = make.story(NAMED, lane="urgent")
    story.items[0].only_for = Role.SAFEGUARDING_LEAD
    session.commit()
    lea.open_page(path_of(story)).form("/decline").fill(reason="other").send()
    assert acts(session) == ["decline"]


def test_its_contributor_is_told_of_two_readers_and_not_what_one_would_have_done(
    mina: PagesClient, noor: PagesClient, make: Maker, session: Session
) -> None:
    want(session, "decline")
    story = make.story()
    form = mina.open_page(path_of(story)).form("/decline")
    form.fill(reason="abuse", letter="A hard letter.", note="A note.").send()
    noor.open_page(path_of(story)).form("/publication").send()
    session.expire_all()
    with make.app.test_request_context():
        held = str(everything_held(session, session.get_one(Story, story.id)))
    assert "read by a first person" in held and "A note." in held
    assert "A hard letter." not in held and "hurt others" not in held
    decision = session.scalars(sa.select(Decision).filter_by(act=Act.FIRST_READ)).one()
    assert decision.reason is Reason.ABUSE
    assert not list(breaks(session))
