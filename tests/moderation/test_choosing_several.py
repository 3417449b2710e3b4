"""Several stories are chosen in the queue and declined as one: each is seen, has a letter, and can come back."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from storyhub.extensions import db
from storyhub.models.cluster import Cluster
from storyhub.models.decision import Act, Decision, DecisionWords, breaks
from storyhub.models.queue import Lane, QueueItem
from storyhub.models.site import the_site
from storyhub.models.story import State, Story
from storyhub.moderation.jobs import gather_what_came
from storyhub.protection.identifiers import shown
from tests.makers import Maker
from tests.moderation.conftest import let_time_pass, path_of
from tests.pages import Page, PagesClient


def item_of(story: Story) -> str:
    assert story.item is not None
    return shown(story.item.id)


def choose(somebody: PagesClient, stories: Iterable[Story], status: int = 200) -> Page:
    form = somebody.open_page("/desk/?lane=usual").form("/desk/selection")
    return form.fill(items=[item_of(story) for story in stories]).send(status=status)


@pytest.fixture
def adverts(make: Maker) -> list[Story]:
    """Three that sell something, one of them in Arabic, beside two that tell of something."""
    texts = ("Buy my pills now, they are cheap.", "Buy my pills now, they are good.", "اشتروا حبوبي الآن.")
    made = [make.story(text, language="ar" if text[0] == "ا" else "en") for text in texts]
    make.story()
    make.story()
    return made


def states(session: Session, stories: Iterable[Story]) -> list[State]:
    session.expire_all()
    return [story.state for story in stories]


def test_what_was_chosen_is_shown_and_declined_with_a_letter_in_each_language(
    mina: PagesClient, adverts: list[Story], session: Session
) -> None:
    page = choose(mina, adverts)
    assert "3 stories are in your hand" in page
    assert "Buy my pills now, they are cheap." in page
    page = page.form("/selection/decline").fill(reason="advertising", note="All of one shop.").send()
    assert "3 stories will not be published" in page
    assert "3 stories were chosen at the desk and declined as one" in page
    assert states(session, adverts) == [State.DECLINED] * 3
    letters = session.scalars(sa.select(DecisionWords.letter).join(Decision).filter_by(act=Act.DECLINE)).all()
    assert len(letters) == 3
    assert sum("شكرًا" in (letter or "") for letter in letters) == 1
    assert session.scalars(sa.select(Cluster.chosen)).all() == [True]
    assert not list(breaks(session))


def test_one_that_is_left_out_waits_where_it_stood(
    mina: PagesClient, noor: PagesClient, adverts: list[Story], session: Session
) -> None:
    page = choose(mina, adverts)
    apart = item_of(adverts[1])
    page = page.form("/selection/decline").fill(reason="advertising", apart=[apart]).send()
    assert "1 was left out" in page
    assert states(session, adverts) == [State.DECLINED, State.WAITING, State.DECLINED]
    item = adverts[1].items[0]
    assert (item.lane, item.cluster_id, item.alone) == (Lane.USUAL, None, False)
    assert noor.open_page(path_of(adverts[1])).has_form("/publication")


def test_leaving_out_every_one_decides_nothing(mina: PagesClient, adverts: list[Story], session: Session) -> None:
    page = choose(mina, adverts)
    form = page.form("/selection/decline").fill(reason="advertising", apart=[item_of(story) for story in adverts])
    assert "nothing was decided" in form.send()
    assert not session.scalars(sa.select(Cluster)).all()
    assert states(session, adverts) == [State.WAITING] * 3


def test_what_somebody_else_holds_stays_in_their_hand(
    mina: PagesClient, noor: PagesClient, adverts: list[Story], session: Session
) -> None:
    noor.open_page(path_of(adverts[0]))
    page = choose(mina, adverts)
    assert "1 of those that you chose is in the hands of Noor" in page
    page.form("/selection/decline").fill(reason="advertising").send()
    assert states(session, adverts) == [State.WAITING, State.DECLINED, State.DECLINED]
    assert noor.open_page(path_of(adverts[0])).has_form("/publication")


def test_all_of_it_can_be_taken_back_as_one_and_nothing_is_held_for_it(
    app: Flask, mina: PagesClient, adverts: list[Story], session: Session
) -> None:
    since = [story.items[0].waits_since for story in adverts]
    page = choose(mina, adverts).form("/selection/decline").fill(reason="advertising").send()
    page = page.form("/undo").send()
    assert "Undone. 3 stories wait again." in page
    with app.app_context():
        gather_what_came(db.session)
        db.session.commit()
    assert states(session, adverts) == [State.WAITING] * 3
    assert {story.items[0].lane for story in adverts} == {Lane.USUAL}
    assert [story.items[0].waits_since for story in adverts] == since
    assert not list(breaks(session))
    assert "3 stories are in your hand" in choose(mina, adverts)


def test_one_of_them_can_be_taken_back_by_itself(
    app: Flask, mina: PagesClient, adverts: list[Story], session: Session
) -> None:
    choose(mina, adverts).form("/selection/decline").fill(reason="advertising").send()
    mina.open_page(path_of(adverts[0])).form("/undo").send()
    with app.app_context():
        gather_what_came(db.session)
        db.session.commit()
    assert states(session, adverts) == [State.WAITING, State.DECLINED, State.DECLINED]
    item = adverts[0].items[0]
    assert (item.lane, item.cluster_id) == (Lane.USUAL, None)
    assert path_of(adverts[0]) in str(mina.open_page("/desk/").html.html)


def test_a_page_of_what_has_changed_does_nothing_and_keeps_what_was_written(
    mina: PagesClient, noor: PagesClient, adverts: list[Story], session: Session
) -> None:
    page = choose(mina, adverts)
    let_time_pass(session, adverts[0])
    noor.open_page(path_of(adverts[0])).form("/publication").send()
    form = page.form("/selection/decline").fill(
        reason="advertising", letter="We do not sell.", note="One shop.", apart=[item_of(adverts[1])]
    )
    again = form.send(status=409)
    assert "2 stories are in your hand" in again
    assert "1 that you chose waits no longer" in again
    fields = again.form("/selection/decline").fields
    assert (fields["reason"], fields["letter"], fields["note"]) == ("advertising", "We do not sell.", "One shop.")
    assert fields.getlist("apart") == [item_of(adverts[1])]
    assert states(session, adverts) == [State.PUBLISHED, State.WAITING, State.WAITING]
    again.form("/selection/decline").send()
    assert states(session, adverts) == [State.PUBLISHED, State.WAITING, State.DECLINED]


def test_pressed_twice_it_is_decided_once(mina: PagesClient, adverts: list[Story], session: Session) -> None:
    form = choose(mina, adverts).form("/selection/decline").fill(reason="advertising")
    first, second = form.send(), form.send()
    assert first.path == second.path
    assert len(session.scalars(sa.select(Decision).filter_by(act=Act.DECLINE)).all()) == 3


def test_without_a_reason_nothing_is_done(mina: PagesClient, adverts: list[Story], session: Session) -> None:
    page = choose(mina, adverts).form("/selection/decline").fill(note="A note.").send(status=422)
    assert page.form("/selection/decline").fields["note"] == "A note."
    assert states(session, adverts) == [State.WAITING] * 3


def test_whoever_chose_them_can_leave_them_after_all(
    mina: PagesClient, noor: PagesClient, adverts: list[Story]
) -> None:
    page = choose(mina, adverts).form("/selection/release").send()
    assert "wait where they stood" in page
    assert "3 stories are in your hand" in choose(noor, adverts)


def test_nothing_chosen_is_said_and_what_is_no_story_refused(mina: PagesClient, adverts: list[Story]) -> None:
    assert "Nothing was chosen" in choose(mina, [])
    form = mina.open_page("/desk/").form("/desk/selection")
    form.forge(items=["nothing"]).send(status=400)
    form.forge(items=[f"{number:013}" for number in range(101)]).send(status=400)
    assert "None of these is free" in form.forge(items=["0000000000007"]).send()


def test_what_has_to_be_read_by_itself_can_not_be_chosen(mina: PagesClient, make: Maker, session: Session) -> None:
    stories = [make.story(lane=Lane.URGENT), make.story(), make.story(), make.story(), make.story()]
    stories[1].first_read(Act.DECLINE, by=make.moderator())
    make.story()
    session.commit()
    page = mina.open_page("/desk/?lane=usual")
    offered = {node.attributes["value"] for node in page.html.css("input[name=items]")}
    assert item_of(stories[2]) in offered
    assert item_of(stories[1]) not in offered
    assert not mina.open_page("/desk/?lane=urgent").html.css("input[name=items]")
    page = page.form("/desk/selection").forge(items=[item_of(story) for story in stories[:3]]).send()
    assert "1 story is in your hand" in page
    assert "2 that you chose wait no longer, or have to be read by themselves" in page


def test_the_letter_can_be_appealed_against_like_any_other(
    mina: PagesClient, adverts: list[Story], session: Session
) -> None:
    from storyhub.models.appeal import make_appeal

    choose(mina, adverts).form("/selection/decline").fill(reason="advertising").send()
    session.expire_all()
    make_appeal(session, adverts[0], "It was no advertisement.")
    session.commit()
    item = session.get(QueueItem, adverts[0].items[0].id)
    assert item is not None
    assert (item.closed, item.cluster_id) == (False, None)


def test_where_two_decide_every_decline_each_of_them_waits_for_the_second_person_by_itself(
    mina: PagesClient, noor: PagesClient, adverts: list[Story], session: Session
) -> None:
    the_site(session).second_eyes = ["decline"]
    session.commit()
    page = choose(mina, adverts).form("/selection/decline").fill(reason="advertising").send()
    assert page.path == "/desk/"
    assert f"{len(adverts)} stories wait for a second person" in page
    assert set(states(session, adverts)) == {State.WAITING}
    assert {story.items[0].cluster_id for story in adverts} == {None}
    assert session.scalars(sa.select(Cluster.id)).all() == []
    assert "Mina" in noor.open_page(path_of(adverts[0]))
    noor.open_page(path_of(adverts[0])).form("/decline").fill(reason="advertising").send()
    assert states(session, adverts).count(State.DECLINED) == 1
