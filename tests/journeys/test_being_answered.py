"""An institution answers what people told of its buses, and whoever reads of that finds the answer beside it."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Session

from storyhub.models.decision import Act, Decision, breaks
from tests.conftest import HeldClock, sign_in_as
from tests.makers import Maker
from tests.pages import PagesClient

LETTER = "We have read what was told of our buses.\n\nFrom May on, drivers will stop <at once> when somebody asks."
BETTER = LETTER.replace("May", "June")


def test_an_answer_stands_beside_the_stories_that_it_answers(
    client: PagesClient, another_client: PagesClient, make: Maker, session: Session, held_clock: HeldClock
) -> None:
    """Given stories of buses and a letter of the transport authority, when an organiser writes it down and publishes
    it, then whoever reads of buses finds it; and what is changed in it or taken back later leaves a line."""
    for _ in range(10):
        make.story(state="published", themes=["buses"], country="KE")
    mo = make.organiser()
    reader, organiser = another_client, sign_in_as(client, mo)
    assert "Nobody has answered these stories here yet." in reader.open_page("/themes/buses")

    # They write it down, and look at it before it is public.
    page = organiser.open_page("/organise/responses")
    assert "Nothing is written down yet" in page
    form = page.follow("Write down a response").form("/organise/responses")
    form.fill(who="institution", institution="Harbour Transport", kind="commitment", wording="theirs", text=LETTER)
    form.fill(given_on="2026-03-01", until="2026-06-30", themes=["buses"], country="KE")
    checked = form.fill(source="https://transport.example/letters/7").send()
    assert "Check before it is public" in checked
    assert checked.words_told == [LETTER]
    assert "Harbour Transport" not in reader.open_page("/themes/buses"), "a draft is nobody's but the organisers'"

    # They publish it: the theme's page and the country's have it from that moment on.
    before = reader.get("/themes/buses").headers["ETag"]
    assert "It is public" in checked.form("/publication").send()
    assert reader.get("/themes/buses").headers["ETag"] != before
    for path in ("/themes/buses", "/places/KE", "/accountability", "/responses", "/responses?theme=buses&country=KE"):
        page = reader.open_page(path)
        assert "Harbour Transport" in page, path
        assert "A promise, until June 30, 2026" in page, path
    page = reader.open_page("/themes/buses")
    assert "Nobody has answered these stories here yet." not in page
    alone = page.follow("Harbour Transport")
    assert alone.path.startswith("/responses/")
    assert alone.words_told == [LETTER]
    assert alone.link("transport.example") == "https://transport.example/letters/7"
    assert alone.link("Buses") == "/themes/buses"

    # A word in it was wrong. What stood there before stays to be read.
    held_clock.forward(days=4)
    sign_in_as(organiser, mo)
    form = organiser.open_page("/organise/responses").follow("Harbour Transport").follow("Change it").form("/words")
    checked = form.fill(text=BETTER).send()
    assert reader.open_page(alone.path).words_told == [LETTER]
    checked.form("/publication").send()
    changed = reader.open_page(alone.path)
    assert "Changed on March 9, 2026" in changed
    assert changed.words_told == [BETTER, LETTER]
    assert "Changed on March 9, 2026" in reader.open_page("/themes/buses")

    # It turns out that the letter was not theirs. A line stays, with the reason and without the words.
    held_clock.forward(days=1)
    sign_in_as(organiser, mo)
    page = organiser.open_page("/organise/responses").follow("Harbour Transport")
    page.form("/taking-back").fill(because="It did not come from them.").send()
    for path in (alone.path, "/responses", "/themes/buses"):
        page = reader.open_page(path)
        assert "A response was taken back on March 10, 2026, because: It did not come from them." in page, path
        assert "Harbour" not in page and "drivers" not in page, path

    # And then that it was theirs after all.
    page = organiser.open_page("/organise/responses").follow("Harbour Transport")
    page.form("/return").send()
    assert reader.open_page(alone.path).words_told == [BETTER, LETTER]

    acts = session.scalars(sa.select(Decision).filter_by(act=Act.RESPOND).order_by(Decision.number)).all()
    assert [one.facts["what"] for one in acts] == ["published", "changed", "taken-back", "returned"]
    assert acts[0].day == dt.date(2026, 3, 5)
    assert not list(breaks(session))
