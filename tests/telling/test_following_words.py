"""What somebody comes back with is looked through like a story that comes in: danger is read soon, whoever tells it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from sqlalchemy.orm import Session

from storyhub import clock
from storyhub.models.question import Otherwise, ask, propose_redaction
from storyhub.models.queue import Lane, QueueItem, Urgency
from storyhub.models.site import the_site
from storyhub.models.story import Story, Told
from storyhub.telling import actions
from tests.makers import Maker

DANGER = "He says he will kill me tonight and I am not safe."
CALM = "Somebody shouted at me on the bus."


def place(story: Story) -> QueueItem:
    assert story.open_item is not None
    return story.open_item


def edit(session: Session, story: Story, text: str, **facts: str) -> None:
    assert actions.edit(session, story, Told(text, language=facts.pop("language", "en"), **facts), [], None)  # type: ignore[arg-type]


def reply(make: Maker, session: Session, words: str) -> Story:
    story = make.story(CALM)
    question = ask(story, "Where was it?", by=make.anybody(), answer_by=soon(), session=session)
    actions.reply(question, words)
    return story


def disagree(make: Maker, session: Session, words: str) -> Story:
    story = make.story(CALM)
    story.redact([(0, 8)], by=make.anybody(), mark="[…]")
    by = make.anybody()
    question = propose_redaction(story, None, by=by, answer_by=soon(), otherwise=Otherwise.WAIT, session=session)
    actions.disagree(question, words)
    return story


def appeal(make: Maker, session: Session, words: str) -> Story:
    story = make.story(CALM, state="declined")
    actions.appeal(session, story, words)
    return story


def soon() -> dt.date:
    return clock.today() + dt.timedelta(days=14)


@pytest.mark.parametrize("come_back_with", [reply, disagree, appeal])
def test_danger_that_somebody_tells_beside_the_story_is_read_soon(
    make: Maker, session: Session, come_back_with: Callable[[Maker, Session, str], Story]
) -> None:
    item = place(come_back_with(make, session, DANGER))
    assert (item.lane, item.because, item.language) == (Lane.URGENT, Urgency.DANGER, "en")
    item = place(come_back_with(make, session, "At the harbour."))
    assert (item.lane, item.because) == (Lane.USUAL, None)


@pytest.mark.parametrize("state", ["waiting", "published", "declined"])
def test_changed_words_are_looked_through_anew(make: Maker, session: Session, state: str) -> None:
    story = make.story(CALM, state=state, notes=["threats"])
    edit(session, story, "Él me violó. Dice que me va a matar esta noche.", language="es")
    item = place(story)
    assert (item.lane, item.because, item.language) == (Lane.URGENT, Urgency.DANGER, "es")
    assert " sexual-violence " in item.topics and " threats " in item.topics, "what a person gave stays"


def test_danger_in_a_new_title_counts_too(make: Maker, session: Session) -> None:
    story = make.story(CALM)
    edit(session, story, CALM, title=DANGER)
    assert place(story).lane is Lane.URGENT


def test_topics_that_the_new_words_do_not_speak_of_any_more_are_gone(make: Maker, session: Session) -> None:
    story = make.story(CALM)
    place(story).topics = " sexual-violence "
    edit(session, story, "Somebody was rude to me on the bus.")
    assert place(story).topics == ""


@pytest.mark.parametrize(
    ("lane", "because", "then"),
    [
        (Lane.HELD, None, (Lane.HELD, Urgency.DANGER)),
        (Lane.USUAL, None, (Lane.URGENT, Urgency.DANGER)),
        (Lane.URGENT, Urgency.CHILD, (Lane.URGENT, Urgency.DANGER)),
        (Lane.URGENT, Urgency.PASSED_ON, (Lane.URGENT, Urgency.PASSED_ON)),
    ],
)
def test_what_is_held_stays_held_and_a_persons_reason_stays(
    make: Maker, session: Session, lane: Lane, because: Urgency | None, then: tuple[Lane, Urgency]
) -> None:
    story = make.story(CALM, lane=lane)
    place(story).because = because
    edit(session, story, DANGER)
    assert (place(story).lane, place(story).because) == then
    edit(session, story, CALM)
    assert (place(story).lane, place(story).because) == then, "what was urgent stays so"


def test_the_sites_own_words_are_looked_for(make: Maker, session: Session) -> None:
    the_site(session).urgent_words = {"en": {"danger": ["the grey van"], "child": []}}
    session.commit()
    story = make.story(CALM)
    edit(session, story, "The grey van is here.")
    assert place(story).because is Urgency.DANGER
    assert place(reply(make, session, "I saw the grey van.")).lane is Lane.URGENT
