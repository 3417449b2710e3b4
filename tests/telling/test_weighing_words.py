"""What a story's words suggest chooses its lane and says why; nothing is refused for it, and a flood keeps its mark."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from storyhub.models.queue import Lane, QueueItem, Urgency
from storyhub.models.site import the_site
from tests.pages import Page, PagesClient, receipt_shown

DANGER = "Please read this soon. My husband beats me, and he is coming back tonight with his brother."
CHILD = "My daughter is seven and the coach of her team still drives her home alone."
PAST = "He tried to kill me ten years ago, when I was 17 years old. I have a good life now."


def tell(client: PagesClient, **fields: str) -> Page:
    return client.open_page("/share").form("/share").fill(fields).send().form("/share/send").send()


def item(session: Session) -> QueueItem:
    return session.scalars(sa.select(QueueItem)).one()


@pytest.mark.parametrize(
    ("text", "lane", "because", "topics"),
    [
        (DANGER, Lane.URGENT, Urgency.DANGER, " domestic-violence violence "),
        (CHILD, Lane.URGENT, Urgency.CHILD, ""),
        (PAST, Lane.USUAL, None, " child "),
        ("حبسني زوجي في البيت، هو واقف أمام الباب وسيقتلني الليلة", Lane.URGENT, Urgency.DANGER, " threats "),
    ],
)
def test_a_story_that_is_told_waits_where_its_words_say(
    client: PagesClient, session: Session, text: str, lane: Lane, because: Urgency | None, topics: str
) -> None:
    tell(client, text=text)
    assert (item(session).lane, item(session).because, item(session).topics) == (lane, because, topics)


def test_its_title_is_read_too(client: PagesClient, session: Session) -> None:
    page = client.open_page("/share").form("/share").fill(text="It is as I say above, and I am tired.").send()
    page.form("/share/send").fill(title="He will kill me").send()
    assert item(session).because is Urgency.DANGER


def test_whoever_tells_it_is_told_nothing_of_it_and_finds_it_where_all_is_held(client: PagesClient) -> None:
    """A mark that is wrong must frighten nobody; what is held of a story its holder may see (promise 9)."""
    page = tell(client, text=DANGER)
    assert "urgent" not in page
    kept = client.open_page("/receipt").form("/receipt").fill(receipt=receipt_shown(page)).send()
    assert "some words suggest present danger" in kept.form("/receipt/words").send()


def test_what_arrives_oddly_stays_held_and_keeps_why_it_is_urgent(client: PagesClient, session: Session) -> None:
    page = client.open_page("/share").form("/share").fill(text=DANGER).send()
    page.form("/share/send").fill(website="https://example.org").send()
    assert (item(session).lane, item(session).because) == (Lane.HELD, Urgency.DANGER)


def test_a_flood_of_one_urgent_text_is_held_from_the_eleventh_on_and_every_one_says_why(
    client: PagesClient, session: Session
) -> None:
    text = (
        f"{DANGER} I have written down each of the times at which it was so, and where the door stood, and who saw it."
    )
    for number in range(12):
        client.environ_base["REMOTE_ADDR"] = f"198.51.{number}.7"
        tell(client, text=text)
    items = session.scalars(sa.select(QueueItem)).all()
    assert sorted(one.lane for one in items) == [Lane.HELD] * 2 + [Lane.URGENT] * 10
    assert {one.because for one in items} == {Urgency.DANGER}


def test_stories_from_a_file_wait_where_their_words_say_by_the_sites_own_lists(
    app: Flask, session: Session, tmp_path: Path
) -> None:
    the_site(session).urgent_words = {"en": {"danger": ["the lighthouse"]}}
    session.commit()
    path = tmp_path / "told.csv"
    path.write_text("text,language\nHe followed me to the lighthouse,en\nHe will kill me,en\nJ'ai 12 ans,fr\n", "utf-8")
    brought = app.test_cli_runner().invoke(args=["stories", "import", str(path), "--format", "csv"])
    assert brought.exit_code == 0, brought.output
    found = {(one.language, one.lane, one.because, one.topics) for one in session.scalars(sa.select(QueueItem))}
    assert found == {
        ("en", Lane.URGENT, Urgency.DANGER, " stalking "),
        ("en", Lane.USUAL, None, " threats "),
        ("fr", Lane.URGENT, Urgency.CHILD, ""),
    }
