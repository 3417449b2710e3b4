"""Coming back with a receipt, from end to end: what the desk asks, decides and hears, and what its contributor does."""

from __future__ import annotations

import datetime as dt

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from storyhub import clock
from storyhub.models.concern import Concern
from tests.journeys.steps import command, look_up, next_story, state_on, tell
from tests.makers import Maker
from tests.moderation.conftest import SignIn
from tests.pages import Page, PagesClient, receipt_shown

TOLD = "Every morning on the number 9 bus, Ben Miller stood too close, and I said nothing."
CHANGED = "Every morning on the bus a man stood too close, and I said nothing. I say it now."


@pytest.fixture
def ruth(app: Flask, make: Maker, sign_in: SignIn) -> PagesClient:
    return sign_in(app.test_client(), make.moderator("Ruth"))  # type: ignore[arg-type]


@pytest.fixture
def sami(app: Flask, make: Maker, sign_in: SignIn) -> PagesClient:
    return sign_in(app.test_client(), make.person("Sami", "moderator", "safeguarding-lead"))  # type: ignore[arg-type]


def change(page: Page, words: str) -> Page:
    looked = page.form("/receipt/edit").send().form("/receipt/edit").fill(text=words).send("step=look")
    return looked.form("/receipt/edit").send("step=send")


def by_answer(page: Page, field: str, value: str) -> object:
    return next(form for form in page.forms if field in form.names and form.value(field) == value)


def test_hidden_words_are_agreed_to_and_changed_words_take_their_place(
    app: Flask, client: PagesClient, ruth: PagesClient, another_client: PagesClient
) -> None:
    """
    Given a story in whose words a moderator has hidden a name,
    when its contributor is asked and agrees, it is published so;
    when they change it, what is public stays until a moderator has read what changed, and then changes in place.
    """
    receipt = tell(client, TOLD)
    page = next_story(ruth).form("/redaction").fill(words="Ben Miller").send()
    page.form("/proposal").fill(words="So that nobody finds you through him.").send()
    page = look_up(client, receipt)
    assert "Some words would be hidden" in page
    page = page.form("/receipt/redaction").send()
    assert "So that nobody finds you through him." in page
    page = page.form("/receipt/redaction").send("step=agree")
    assert state_on(page) == "published"
    public = another_client.open_page("/").follow("Open this story")
    assert "[name removed]" in public
    assert "Ben Miller" not in public

    assert "What is public stays" in change(page, CHANGED)
    assert "[name removed]" in another_client.open_page(public.path)
    page = next_story(ruth)
    assert page.heading.startswith("A changed story")
    assert "I say it now" in " ".join(node.text() for node in page.html.css(".changes ins"))
    page.form("/publication").send()
    assert "I say it now." in another_client.open_page(public.path)
    assert "Ben Miller" not in another_client.open_page(public.path)
    command(app, "decisions", "verify")


def test_a_question_is_answered_and_its_answer_read_before_it_is_decided(
    client: PagesClient, ruth: PagesClient
) -> None:
    receipt = tell(client, TOLD)
    next_story(ruth).form("/question").fill(words="Was it in this town?", days=7).send()
    assert "Nothing more waits for you" in next_story(ruth)
    page = look_up(client, receipt).form("/receipt/answer").send()
    assert "Was it in this town?" in page
    page.form("/receipt/answer").fill(words="In the next one.").send("step=send")
    page = next_story(ruth)
    assert "In the next one." in page
    page.form("/publication").send()
    assert state_on(look_up(client, receipt)) == "published"


def test_a_decline_is_appealed_and_somebody_else_takes_it_back(
    app: Flask, client: PagesClient, ruth: PagesClient, sami: PagesClient
) -> None:
    """
    Given a story that Ruth did not publish, with a letter that says how to appeal,
    when its contributor asks that somebody else look again,
    then Ruth is never handed it, and Sami hears it, takes the decision back and publishes the story.
    """
    receipt = tell(client, TOLD)
    next_story(ruth).form("/decline").fill(reason="names-a-person").send()
    page = look_up(client, receipt)
    assert state_on(page) == "declined"
    assert "ask with your receipt that somebody else look at it again" in page
    page = page.form("/receipt/appeal").send().form("/receipt/appeal").fill(words="He is dead.").send("step=send")
    assert "Your appeal has arrived" in page
    assert "Nothing more waits for you" in next_story(ruth)
    page = next_story(sami)
    assert "He is dead." in page
    page = by_answer(page, "heard", "overturned").send()  # type: ignore[attr-defined]
    page.form("/publication").send()
    page = look_up(client, receipt)
    assert state_on(page) == "published"
    command(app, "decisions", "verify")


def test_an_appeal_that_changes_nothing_ends_with_a_letter(
    client: PagesClient, ruth: PagesClient, sami: PagesClient
) -> None:
    receipt = tell(client, TOLD)
    next_story(ruth).form("/decline").fill(reason="names-a-person").send()
    look_up(client, receipt).form("/receipt/appeal").send().form("/receipt/appeal").send("step=send")
    by_answer(next_story(sami), "heard", "upheld").send()  # type: ignore[attr-defined]
    page = look_up(client, receipt)
    assert "had not decided about your story before" in page
    assert not page.has_form("/receipt/appeal")
    # What the letter offers is there: the words can be changed, and are read anew.
    change(page, CHANGED)
    next_story(ruth).form("/publication").send()
    assert state_on(look_up(client, receipt)) == "published"


def test_who_lost_the_receipt_tells_what_only_they_can_know_and_gets_the_story_back(
    client: PagesClient, ruth: PagesClient, sami: PagesClient, another_client: PagesClient, session: Session
) -> None:
    receipt = tell(client, TOLD)
    next_story(ruth).form("/redaction").fill(words="Ben Miller").send().form("/publication").send()
    public = another_client.open_page("/").follow("Open this story")
    form = another_client.open_page("/receipt").follow("I lost my receipt").form("/receipt/lost")
    page = form.fill(story=f"http://localhost{public.path}", words="The name was Ben Miller.").send()
    new = receipt_shown(page)
    assert "waiting to be read" in look_up(another_client, new)
    assert "Nothing more waits for you" in next_story(ruth), "a moderator alone is not handed it"
    page = next_story(sami)
    assert "The name was Ben Miller." in page
    assert "It can be handed over from" in page, "its true teller has a week to say that it was not them"
    session.execute(sa.update(Concern).values(raised_on=clock.today() - dt.timedelta(days=7)))
    session.commit()
    page = sami.open_page(page.path)
    by_answer(page, "answer", "accepted").send()  # type: ignore[attr-defined]
    page = look_up(another_client, new)
    assert state_on(page) == "published"
    assert TOLD in page.form("/receipt/words").send()
    client.open_page("/receipt").form("/receipt").fill(receipt=receipt).send(status=404)


def test_a_story_that_is_taken_back_while_the_desk_waits_for_its_answer_is_gone_from_the_desk(
    client: PagesClient, ruth: PagesClient
) -> None:
    receipt = tell(client, TOLD)
    page = next_story(ruth)
    item = page.path
    page.form("/question").fill(words="Was it in this town?").send()
    page = look_up(client, receipt).form("/receipt/withdrawal").send()
    page.form("/receipt/withdrawal").send("step=sure")
    assert "Nothing rests" in ruth.open_page("/desk/resting")
    page = ruth.open_page(item)
    assert "taken back" in page
    assert "Was it in this town?" not in page
    assert not page.has_form("/undo")
