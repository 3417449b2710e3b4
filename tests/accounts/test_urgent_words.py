"""A steward reads, tries and changes the words that make a story urgent, and the next story follows them."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from storyhub.models.decision import Act, Decision, breaks
from storyhub.models.queue import Lane, QueueItem, Urgency
from storyhub.models.site import the_site
from storyhub.text import urgency
from tests.conftest import sign_in_as
from tests.makers import Maker
from tests.pages import Page, PagesClient

ADDRESS = "/organise/settings/urgent"
OURS = "\n".join(urgency.defaults()["en"]["danger"])


@pytest.fixture
def steward(client: PagesClient, make: Maker) -> PagesClient:
    return sign_in_as(client, make.steward("Sam"))


def fill(client: PagesClient, press: str = "Save", **fields: object) -> Page:
    return client.open_page(ADDRESS).form(ADDRESS).fill(fields).send(press)


def tell(client: PagesClient, text: str) -> Page:
    return client.open_page("/share").form("/share").fill(text=text).send().form("/share/send").send()


def waiting(session: Session) -> list[tuple[Lane, Urgency | None]]:
    return [tuple(row) for row in session.execute(sa.select(QueueItem.lane, QueueItem.because)).all()]  # type: ignore[misc]


def test_the_settings_lead_to_the_lists_and_the_lists_stand_there(steward: PagesClient) -> None:
    assert steward.open_page("/organise/settings").link("What is urgent") == ADDRESS
    page = steward.open_page(ADDRESS)
    assert page.value_of("danger_en") == OURS
    assert "changed here" not in page


def test_the_next_story_follows_what_a_steward_changed(
    steward: PagesClient, another_client: PagesClient, session: Session
) -> None:
    words = "The lighthouse keeper is back in our street, and all of us know it."
    tell(another_client, words)
    assert waiting(session) == [(Lane.USUAL, None)]
    assert "Saved." in fill(steward, danger_en=f"{OURS}\nlighthouse keeper … street")
    tell(another_client, f"{words} So it is.")
    assert sorted(waiting(session)) == [(Lane.URGENT, Urgency.DANGER), (Lane.USUAL, None)]
    page = steward.open_page(ADDRESS)
    assert page.value_of("danger_en").endswith("\nlighthouse keeper … street")
    assert "changed here" in page


def test_only_what_differs_is_kept_and_it_is_on_the_record_without_its_words(
    steward: PagesClient, session: Session
) -> None:
    fill(steward, child_fr="mon oncle", child_es="")
    assert the_site(session).urgent_words == {"fr": {"child": ["mon oncle"]}, "es": {"child": []}}
    decision = session.scalars(sa.select(Decision).order_by(Decision.number.desc())).first()
    assert decision is not None and decision.act is Act.SETTINGS
    assert decision.facts == {"what": "urgent-words", "languages": "es fr"}
    assert "Nothing was changed." in fill(steward)
    assert list(breaks(session)) == []


def test_where_a_box_is_empty_nothing_is_looked_for(
    steward: PagesClient, another_client: PagesClient, session: Session
) -> None:
    fill(steward, danger_en="", child_en="")
    tell(another_client, "He is outside my door and he will kill me, and I do not know what to do.")
    assert waiting(session) == [(Lane.USUAL, None)]


def test_our_lists_can_be_put_back_and_are_kept_only_when_saved(steward: PagesClient, session: Session) -> None:
    fill(steward, danger_en="only this")
    page = fill(steward, "restore=en", danger_es="y esto")
    assert page.value_of("danger_en") == OURS
    assert page.value_of("danger_es") == "y esto"
    assert "Nothing was saved yet" in page
    assert the_site(session).urgent_words == {"en": {"danger": ["only this"]}}
    page.form(ADDRESS).fill(danger_es="\n".join(urgency.defaults()["es"]["danger"])).send("Save")
    assert the_site(session).urgent_words is None


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("… kill me", "begins and ends with a word"),
        ("kill !never me", "only stand before its first word"),
        ("a/b/ me", "nothing on one side of a /"),
        ("me", "found in nearly every story"),
        ("ki*", "three letters or more"),
        ("?!", "no word in it"),
    ],
)
def test_a_line_that_cannot_be_looked_for_is_named_with_why_and_comes_back(
    steward: PagesClient, session: Session, line: str, why: str
) -> None:
    typed = f"outside my door\n\n{line}\nafraid tonight"
    page = fill(steward, danger_en=typed)
    assert f"Line 3, “{line}”" in page
    assert why in page
    assert page.value_of("danger_en") == typed
    assert the_site(session).urgent_words is None


def test_a_sentence_is_tried_by_the_lists_as_they_stand_in_the_form_and_nothing_is_kept(
    steward: PagesClient, session: Session
) -> None:
    sentence = "My daughter is seven, and the man of the lighthouse is waiting for her."
    page = fill(steward, "try=1", sentence=sentence, danger_en="man of the lighthouse")
    assert "It would wait in the urgent lane: some words suggest present danger" in page
    assert [one.text() for one in page.html.css(".tried q")] == ["My daughter is seven", "man of the lighthouse"]
    assert page.value_of("sentence") == sentence
    assert page.value_of("danger_en") == "man of the lighthouse"
    assert the_site(session).urgent_words is None
    page = fill(steward, "try=1", sentence="He followed me in the market last year, and I ran.")
    assert "It would wait in the usual lane" in page
    assert "being followed or watched" in page
    assert "It would wait" not in fill(steward, "try=1", sentence=" ")


def test_a_language_that_is_read_here_has_its_boxes_too(
    steward: PagesClient, another_client: PagesClient, session: Session
) -> None:
    site = the_site(session)
    site.languages_read = ["en", "pt-BR", "zh-Hant"]
    session.commit()
    assert "danger_zh" not in (the_site(session).urgent_words or {})
    fill(steward, danger_zh="他要杀我")
    tell(another_client, "他每天晚上都来,我很害怕,他说他要杀我,我不知道怎么办。")
    assert waiting(session) == [(Lane.URGENT, Urgency.DANGER)]


def test_nobody_but_a_steward_changes_them(client: PagesClient, make: Maker) -> None:
    sign_in_as(client, make.moderator("Mina"))
    assert client.get(ADDRESS).status_code == 403
