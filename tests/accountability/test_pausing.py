"""A legal duty keeps one story's words beyond their day: on the record, on its receipt, not over its teller's no."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from storyhub.accountability.counting import count_months
from storyhub.models.concern import About, Concern, Did, raise_concern
from storyhub.models.decision import Act, Decision, Reason, breaks
from storyhub.models.monthly import MonthlyReport
from storyhub.models.people import Person
from storyhub.models.story import State, Story
from storyhub.operations.upkeep import purge_words
from storyhub.protection import receipts
from storyhub.protection.identifiers import shown
from tests.journeys.steps import command, look_up
from tests.makers import Maker
from tests.pages import PagesClient

WORDS = "They followed me from the harbour to the market."


@pytest.fixture
def sara(
    client: PagesClient, make: Maker, sign_in: Callable[[PagesClient, Person], PagesClient], held_clock: Any
) -> PagesClient:
    return sign_in(client, make.steward("Sara"))


@pytest.fixture
def receipt() -> str:
    return receipts.mint()


@pytest.fixture
def story(make: Maker, receipt: str, held_clock: Any) -> Story:
    return make.decline(make.story(WORDS, receipt=receipt))


def pause(sara: PagesClient, story: Story, note: str = "Order 12 of the court.") -> Any:
    forms = sara.open_page("/organise/demands").forms
    form = next(one for one in forms if one.action.endswith("/pauses"))
    return form.fill(story=f"http://localhost/stories/{shown(story.id)}", note=note).send()


def text_of(session: Session, story: Story) -> str | None:
    session.expire_all()
    return story.versions[0].text


def test_its_words_stay_beyond_their_day_and_its_receipt_says_so(
    app: Flask, sara: PagesClient, another_client: PagesClient, story: Story, receipt: str, session: Session,
    held_clock: Any, sign_in: Callable[[PagesClient, Person], PagesClient],
) -> None:  # fmt: skip
    page = pause(sara, story)
    assert "Its receipt says so" in page and "Order 12 of the court." in page and "Apr 4, 2026" in page
    assert WORDS not in page
    state = look_up(another_client, receipt)
    assert "We are obliged by law to keep your words for now, beyond their day. Nobody publishes them." in state
    assert "since March 5, 2026" in state and "Without it they are erased on April 4, 2026" in state
    assert "Order 12 of the court." in state.form("/receipt/words").send()
    held_clock.forward(days=60)
    assert command(app, "retention", "purge", "--dry-run").startswith("0 versions")
    assert purge_words(session) == 0
    assert text_of(session, story) == WORDS
    sign_in(sara, session.scalars(sa.select(Person).filter_by(username="Sara")).one())
    page = sara.open_page("/organise/demands").form(f"{shown(story.id)}/end").send()
    assert not page.has_form("/end")
    assert "obliged by law" not in look_up(another_client, receipt)
    assert command(app, "retention", "purge", "--dry-run").startswith("1 versions")
    assert purge_words(session) == 1
    assert text_of(session, story) is None
    assert [d.act for d in session.scalars(sa.select(Decision).order_by(Decision.number))] == [
        Act.DECLINE, Act.PAUSE_PURGE, Act.RESUME_PURGE,
    ]  # fmt: skip
    assert not list(breaks(session))


def test_taking_it_back_erases_the_words_all_the_same(
    sara: PagesClient, another_client: PagesClient, story: Story, receipt: str, session: Session
) -> None:
    pause(sara, story)
    page = look_up(another_client, receipt)
    assert "If you take your story back they are erased all the same" in page
    page = page.form("/receipt/withdrawal").send().form("/receipt/withdrawal").send("step=sure")
    assert "obliged by law" not in page
    assert text_of(session, story) is None
    assert not sara.open_page("/organise/demands").has_form("/end"), "nothing is kept any more"


def test_of_a_public_story_it_says_what_is_kept(
    sara: PagesClient, another_client: PagesClient, make: Maker, receipt: str
) -> None:
    pause(sara, make.publish(make.story(WORDS, receipt=receipt)))
    assert "Nobody publishes what is not public already." in look_up(another_client, receipt)


def test_twice_is_the_same_as_once(sara: PagesClient, story: Story, session: Session) -> None:
    pause(sara, story)
    page = pause(sara, story)
    form = page.form("/end")
    form.send()
    form.send()
    acts = [decision.act for decision in session.scalars(sa.select(Decision).order_by(Decision.number))]
    assert acts[1:] == [Act.PAUSE_PURGE, Act.RESUME_PURGE]


@pytest.mark.parametrize("typed", ["", "my story", "/stories/0000000000001"])
def test_an_address_of_no_story_is_told_and_the_note_stays(sara: PagesClient, typed: str) -> None:
    form = sara.open_page("/organise/demands").form("/demands/pauses")
    page = form.fill(story=typed, note="Order 12.").send(status=422)
    assert page.form("/demands/pauses").value("note") == "Order 12."
    assert page.fields_with_errors() == ["story"]


def test_a_story_that_was_taken_back_has_nothing_to_keep(sara: PagesClient, make: Maker) -> None:
    story = make.story(state="withdrawn")
    form = sara.open_page("/organise/demands").form("/demands/pauses")
    form.fill(story=shown(story.id)).send(status=422)


def test_only_a_steward_does_that(
    another_client: PagesClient, make: Maker, sign_in: Callable[[PagesClient, Person], PagesClient], story: Story
) -> None:
    mina = sign_in(another_client, make.moderator("Mina"))
    for path in ("/organise/demands/pauses", f"/organise/demands/pauses/{shown(story.id)}/end"):
        token = mina.open_page("/desk/").form("/desk/next").value("csrf_token")
        assert mina.send_form(path, [("csrf_token", token), ("story", shown(story.id))]).status_code == 403
    assert not story.purge_paused


class TestCountedInPublic:
    def test_what_was_raised_and_what_came_of_it(
        self, client: PagesClient, make: Maker, session: Session, held_clock: Any
    ) -> None:
        by = make.moderator()
        for number in range(12):
            story = make.publish(make.story())
            told = {"originals_days": 30, "session": session}
            one = raise_concern(session, story, About.NAMES_ME, "Me.", receipt_digest=f"{number:064}")
            raise_concern(session, story, About.MY_STORY, "Mine.", receipt_digest=f"m{number:063}")
            story.set_aside(by=by, reason=Reason.OTHER)
            if number < 11:
                one.accept(Did.SET_ASIDE, by=by, letter=None, **told)  # type: ignore[arg-type]
            else:
                one.refuse(by=by, letter=None, **told)  # type: ignore[arg-type]
            if number < 3:
                story.restore(by=by, window=0)
        session.commit()
        held_clock.forward(days=31)
        session.commit()
        count_months(session, least=10)
        session.commit()
        page = client.open_page("/accountability")
        for words in ("Concerns raised", "Concerns after which something was done", "Put back", "Set aside"):
            assert words in page
        (month,) = client.get("/api/v1/accountability").get_json()["months"]
        assert (month["raised"], month["acted-on"], month["set-aside"]) == (12, 11, 12)
        assert month["put-back"] is None, "three are few enough to be somebody"

    def test_a_concern_that_was_taken_back_or_whose_story_was_is_still_counted(
        self, client: PagesClient, make: Maker, session: Session, held_clock: Any
    ) -> None:
        for number in range(10):
            story = make.publish(make.story())
            one = raise_concern(session, story, About.DANGER, "Now.", receipt_digest=f"{number:064}")
            if number % 2:
                one.retract()
            else:
                story.withdraw()
        session.commit()
        held_clock.forward(days=31)
        count_months(session, least=10)
        session.commit()
        assert client.get("/api/v1/accountability").get_json()["months"][0]["raised"] == 10
        assert session.scalars(sa.select(Concern.words)).all() == [None] * 10
        assert session.scalar(sa.select(sa.func.count()).where(Story.state == State.WITHDRAWN)) == 5

    def test_months_that_were_counted_before_stay_as_they_were_and_say_nought(
        self, client: PagesClient, make: Maker, session: Session, held_clock: Any
    ) -> None:
        make.story()
        held_clock.forward(days=31)
        session.commit()
        count_months(session, least=10)
        row = session.scalars(sa.select(MonthlyReport)).one()
        row.cells = {name: count for name, count in row.cells.items() if name not in ("raised", "acted-on", "put-back")}
        session.commit()
        found = client.get("/api/v1/accountability").get_json()["months"][0]
        assert (found["raised"], found["acted-on"], found["put-back"]) == (0, 0, 0)
