"""“This is my story and I lost my receipt”: what only its teller can know goes to the desk."""

from __future__ import annotations

import dataclasses

import pytest
import sqlalchemy as sa

from storyhub.models.concern import BEFORE_HANDING_OVER, Concern
from storyhub.models.decision import Decision
from storyhub.models.queue import Kind, Lane, QueueItem
from storyhub.models.story import State
from storyhub.protection import identifiers, limits
from storyhub.protection import receipts as codes
from tests.pages import receipt_shown

WORDS = "A quiet word about the harbour."
MINE = "I sent it in March, and the town is Pune."


@pytest.fixture
def public(make):
    return make.publish(make.story(WORDS, place="Pune"))


@pytest.fixture
def lost(client):
    """lost(story): the form, filled in."""

    def fill_in(story="", words=MINE):
        typed = story if isinstance(story, str) else f"http://localhost/stories/{identifiers.shown(story.id)}"
        return (
            client.open_page("/receipt")
            .follow("I lost my receipt")
            .form("/receipt/lost")
            .fill(story=typed, words=words)
        )

    return fill_in


def look_up(client, receipt, status=200):
    return client.open_page("/receipt").form("/receipt").fill(receipt=receipt).send(status=status)


def test_what_only_its_teller_knows_goes_to_the_desk_under_a_receipt_of_its_own(client, lost, public, session):
    page = lost(public).send()
    receipt = receipt_shown(page)
    session.expire_all()
    (concern,) = public.concerns
    assert (concern.words, concern.item.kind, concern.item.lane) == (MINE, Kind.CONCERN, Lane.URGENT)
    state = look_up(client, receipt)
    assert "waiting to be read" in state and "Pune" not in state and "harbour" not in state
    assert MINE in state.form("/receipt/words").send()
    assert page.title == state.title == "Receipt"


def test_a_signal_lost_on_a_bus_the_same_form_again_is_the_same_receipt(lost, public, session):
    form = lost(public)
    assert receipt_shown(form.send()) == receipt_shown(form.send())
    assert session.scalar(sa.select(sa.func.count()).select_from(Concern)) == 1
    another = form.fill(words=MINE + " And it rained.")
    assert receipt_shown(another.send()) == receipt_shown(another.send())
    session.expire_all()
    assert sorted(concern.words for concern in public.concerns) == [MINE, MINE + " And it rained."]


def test_after_a_day_the_same_form_shows_it_no_more(lost, public, held_clock):
    form = lost(public)
    receipt = receipt_shown(form.send())
    held_clock.forward(hours=25)
    page = form.send(status=400).form("/receipt/lost").send()
    assert "not shown again" in page and receipt not in page.response.text


@pytest.mark.parametrize(
    "typed", ["{}", "  {} ", "https://tell.example.org/ar/stories/{}/", "/stories/{}?x=1#y", "{upper}"]
)
def test_the_address_may_be_written_in_many_ways(lost, public, typed):
    shown = identifiers.shown(public.id)
    assert receipt_shown(lost(typed.format(shown, upper=shown.upper())).send())


@pytest.mark.parametrize(
    "typed", ["my story", "https://tell.example.org/", "zzzzzzzzzzzzz", "0000000000000", "<script>"]
)
def test_an_address_without_a_public_story_is_told_as_such_and_the_words_come_back(lost, typed, make):
    page = lost(typed).send(status=422)
    assert page.fields_with_errors() == ["story"] and page.value_of("words") == MINE
    assert "If your story is not public" in page


@pytest.mark.parametrize("state", ["waiting", "declined", "counted", "withdrawn"])
def test_a_story_that_is_not_public_looks_like_none(lost, make, state, session):
    page = lost(make.story(WORDS, state=state)).send(status=422)
    assert "No public story stands at this address" in page and "erased 30 days after" in page
    assert session.scalars(sa.select(Concern)).all() == []


def test_nothing_said_is_nothing_sent(lost, public, session):
    assert lost(public, words=" ").send(status=422).fields_with_errors() == ["words"]
    page = lost(public, words="x" * 20_001).send(status=422)
    assert page.value_of("words") == "x" * 20_001
    assert session.scalars(sa.select(Concern)).all() == []


def test_when_it_is_shown_to_be_theirs_the_new_receipt_opens_the_story_and_the_lost_one_nothing(
    client, lost, make, session
):
    old = codes.mint()
    story = make.publish(make.story(WORDS, receipt=old))
    receipt = receipt_shown(lost(story).send())
    session.expire_all()
    story.concerns[0].raised_on -= BEFORE_HANDING_OVER
    story.concerns[0].hand_over(by=make.moderator(), originals_days=30, session=session)
    session.commit()
    page = look_up(client, receipt)
    assert "It is published" in page and page.has_form("/receipt/withdrawal")
    look_up(client, old, status=404)
    page = page.form("/receipt/withdrawal").send().form("/receipt/withdrawal").send("step=sure")
    assert "You have taken your story back" in page
    session.expire_all()
    assert story.state is State.WITHDRAWN


def test_when_it_is_not_shown_the_letter_says_so_and_the_day_of_erasing(
    client, lost, public, make, session, held_clock
):
    receipt = receipt_shown(lost(public).send())
    session.expire_all()
    public.concerns[0].refuse(by=make.moderator(), letter="We are not sure.", originals_days=30, session=session)
    session.commit()
    page = look_up(client, receipt)
    assert "cannot be sure enough" in page and "We are not sure." in page and "April 4, 2026" in page
    for way in ("withdrawal", "edit", "appeal", "consent"):
        assert not page.has_form(f"/receipt/{way}")


def test_a_concerns_receipt_does_nothing_to_the_story(client, lost, public, session):
    page = look_up(client, receipt_shown(lost(public).send()))
    form = page.form("/receipt/words")
    for way in ("withdrawal", "edit", "appeal", "consent", "answer", "redaction"):
        form.action = f"/receipt/{way}"
        assert "waiting to be read" in form.forge(step="sure", words="x").send()
    session.expire_all()
    assert public.state is State.PUBLISHED and len(public.versions) == 1


def test_a_page_left_open_keeps_the_words(client, lost, public, held_clock):
    form = lost(public)
    held_clock.forward(minutes=16)
    page = form.send(status=400)
    assert page.value_of("words") == MINE
    assert receipt_shown(page.form("/receipt/lost").send())


def test_very_many_from_one_network_have_to_wait_and_keep_their_words(client, lost, public, monkeypatch):
    once = dataclasses.replace(limits.table.LOST_RECEIPT, amounts="1/hour")
    monkeypatch.setattr(limits.table, "LOST_RECEIPT", once)
    stranger = {"environ_overrides": {"REMOTE_ADDR": "198.51.100.7"}}
    lost(public).send(**stranger)
    page = lost(public, words="Another one.").send(status=429, **stranger)
    assert "Another one." in page.response.text and page.response.headers["Retry-After"]
    lost(public, words="Another network.").send(environ_overrides={"REMOTE_ADDR": "192.0.2.7"})


def test_it_says_truly_when_to_try_again(lost, public, monkeypatch, held_clock):
    once = dataclasses.replace(limits.table.LOST_RECEIPT, amounts="1/hour")
    monkeypatch.setattr(limits.table, "LOST_RECEIPT", once)
    stranger = {"environ_overrides": {"REMOTE_ADDR": "198.51.100.7"}}
    lost(public).send(**stranger)
    refused = lost(public, words="Another one.").send(status=429, **stranger).response
    held_clock.forward(minutes=int(refused.headers["Retry-After"]) / 60 - 1)
    lost(public, words="Another one.").send(status=429, **stranger)
    held_clock.forward(minutes=2)
    lost(public, words="Another one.").send(**stranger)


def test_through_onion_very_many_are_received_and_do_not_flood_the_lead(lost, public, monkeypatch, session):
    once = dataclasses.replace(limits.table.LOST_RECEIPT, amounts="1/hour")
    monkeypatch.setattr(limits.table, "LOST_RECEIPT", once)
    for number in range(3):
        assert receipt_shown(lost(public, words=f"Number {number}.").send())
    lanes = session.scalars(sa.select(QueueItem.lane).filter_by(kind=Kind.CONCERN)).all()
    assert sorted(lanes) == [Lane.HELD, Lane.HELD, Lane.URGENT]


def test_no_later_page_names_either_receipt(client, lost, public):
    page = lost(public).send()
    receipt = receipt_shown(page)
    state = look_up(client, receipt)
    for answer in (state, state.form("/receipt/words").send()):
        assert receipt not in answer.response.text and receipt[:4] not in answer.title


def test_whoever_holds_the_true_receipt_is_told_at_once_that_somebody_asked(client, lost, make, session):
    receipt = codes.mint()
    story = make.publish(make.story(WORDS, place="Pune", receipt=receipt))
    assert "lost its receipt" not in look_up(client, receipt)
    new = receipt_shown(lost(story).send())
    state = look_up(client, receipt)
    assert "somebody said that this is their story" in state
    assert MINE not in state, "but not what they said"
    session.expire_all()
    page = state.form("/receipt/contradiction").send()
    assert "Nobody else gets your story" in page and "lost its receipt" not in page
    state.form("/receipt/contradiction").send()  # a second press
    assert "lost its receipt" not in look_up(client, receipt)
    session.expire_all()
    assert [decision.by_id for decision in session.scalars(sa.select(Decision).filter_by(act="refuse-concern"))] == [
        None
    ]
    assert "We cannot be sure enough" in look_up(client, new)
