"""The public report: true to the record, frozen by month, and without a number that could be somebody."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from sqlalchemy.orm import Session

from storyhub.accountability.counting import count_months, median
from storyhub.accountability.queries import report
from storyhub.models.decision import Reason, head_of_record
from storyhub.models.figures import once_an_edition
from storyhub.models.publication import new_edition
from storyhub.models.site import the_site
from storyhub.models.story import Told, receive
from tests.makers import Maker
from tests.pages import PagesClient

MARCH = "2026-03"


@pytest.fixture
def april(held_clock: Any, session: Session) -> Any:
    """March is told in; moving the clock by a month makes it a whole one, and the night after counts it."""

    def go() -> None:
        held_clock.to(dt.datetime(2026, 4, 2, 9, tzinfo=dt.UTC))
        session.commit()
        count_months(session, least=10)
        session.commit()

    return go


def cells(client: PagesClient) -> dict[str, str]:
    """The row of March, by column."""
    page = client.open_page("/accountability")
    columns = [head.text() for head in page.html.css("thead th")][1:]
    row = page.html.css_first("tbody tr")
    assert row is not None
    return {name: " ".join(cell.text().split()) for name, cell in zip(columns, row.css("td"), strict=False)}


def test_before_a_month_is_over_nothing_is_counted_but_what_is_public(
    client: PagesClient, make: Maker, held_clock: Any
) -> None:
    make.story(state="published")
    make.story()
    page = client.open_page("/accountability")
    assert "The first table will stand here from April 1, 2026" in page
    assert "Stories to read now 1" in page
    assert "Stories waiting to be read by us fewer than 10" in page
    found = client.get("/api/v1/accountability").get_json()
    assert found["months"] == []
    assert found["public_now"] == 1
    assert found["waiting_about"] is None
    assert found["record"] is None


def test_a_month_is_counted_from_the_same_records(
    client: PagesClient, make: Maker, session: Session, april: Any, held_clock: Any
) -> None:
    for _ in range(12):
        make.story(state="published")
    for _ in range(11):
        make.decline(make.story(), Reason.ADVERTISING)
    for _ in range(10):
        make.story(state="withdrawn")
    number, fingerprint = head_of_record(session)
    april()
    make.story(state="published")
    seen = cells(client)
    assert (seen["Told here"], seen["Released and public when counted"]) == ("33", "12")
    assert (seen["Not published"], seen["Taken back"], seen["Set aside"]) == ("11", "10", "0")
    page = client.open_page("/accountability")
    assert "It is advertising 11" in page
    assert fingerprint in page.text
    assert "Half of the people waited no longer than 0 days" in page
    found = client.get("/api/v1/accountability").get_json()
    assert found["record"] == {"number": number - number % 100, "hash": fingerprint}
    assert found["months"][0]["received"] == 33
    assert found["declined_for"]["advertising"] == 11
    assert found["in_all"]["declined"] == 11


def test_small_counts_and_those_that_give_them_away_are_kept_back(client: PagesClient, make: Maker, april: Any) -> None:
    for _ in range(3):
        make.decline(make.story(), Reason.ABUSE)
    for _ in range(11):
        make.decline(make.story(), Reason.ADVERTISING)
    april()
    found = client.get("/api/v1/accountability").get_json()
    assert found["declined_for"]["abuse"] is None
    assert found["declined_for"]["advertising"] is None, "the total would give the other away"
    assert found["declined_for"]["duplicate"] == 0
    assert found["in_all"]["declined"] == 14
    assert "It is meant to hurt others · kept back" in client.open_page("/accountability")


def test_a_total_that_is_small_is_kept_back_in_both_tables(client: PagesClient, make: Maker, april: Any) -> None:
    for _ in range(4):
        make.decline(make.story(), Reason.ABUSE)
    april()
    found = client.get("/api/v1/accountability").get_json()
    assert found["in_all"]["declined"] is None
    assert found["in_all_at_least"]["declined"] == 0
    assert found["declined_for"]["abuse"] is None
    assert found["median_days_waited"] is None, "of four people"


def test_a_month_that_is_over_stays_as_it_was(client: PagesClient, make: Maker, session: Session, april: Any) -> None:
    stories = [make.story() for _ in range(20)]
    april()
    before = client.get("/api/v1/accountability").get_json()
    for story in stories[:10]:
        make.decline(story)
    stories[11].withdraw()
    make.story()
    new_edition(session)
    session.commit()
    after = client.get("/api/v1/accountability").get_json()
    assert (after["months"], after["in_all"], after["record"]) == (before["months"], before["in_all"], before["record"])


def test_the_length_of_the_record_does_not_tell_how_many_decisions_a_quiet_month_had(
    client: PagesClient, make: Maker, session: Session, april: Any
) -> None:
    """Three decisions, of two kinds that are kept back: with its length both would be one or two."""
    for _ in range(2):
        make.decline(make.story())
    make.story(state="counted")
    april()
    found = client.get("/api/v1/accountability").get_json()
    assert (found["months"][0]["declined"], found["months"][0]["counted"]) == (None, None)
    assert found["record"]["number"] == 0 and found["record"]["hash"]
    assert "Decisions until then, at least" in client.open_page("/accountability")


def test_stories_from_a_file_are_counted_apart(make: Maker, session: Session, april: Any) -> None:
    for number in range(10):
        receive(session, Told("Brought in."), import_key=str(number))
    session.commit()
    april()
    found = report(session, dt.date(2026, 4, 2), 10)
    assert (found.months[MARCH]["received"], found.months[MARCH]["brought-in"]) == (0, 10)


@pytest.mark.parametrize(
    ("waits", "middle"),
    [([(3, 1)], 3), ([(1, 1), (2, 1)], 1.5), ([(5, 1), (1, 3)], 1), ([(0, 2), (9, 2)], 4.5), ([(2, 10)], 2)],
)
def test_the_middle_of_what_people_waited(waits: list[tuple[int, int]], middle: float) -> None:
    assert median(waits) == middle


def test_it_is_the_same_in_arabic(arabic: PagesClient, make: Maker, april: Any) -> None:
    for _ in range(12):
        make.story(state="published")
    april()
    arabic.open_page("/accountability")
    arabic.open_page("/policy")


def test_figures_are_counted_once_an_edition(session: Session) -> None:
    asked = []

    @once_an_edition
    def counted(_session: Session, what: str) -> int:
        asked.append(what)
        return len(asked)

    assert [counted(session, "a"), counted(session, "a"), counted(session, "b")] == [1, 1, 2]
    new_edition(session)
    assert the_site(session).edition > 1
    assert counted(session, "a") == 3


def test_the_policy_names_every_reason_and_how_to_disagree(client: PagesClient, session: Session) -> None:
    page = client.open_page("/policy")
    assert len(page.html.css("dl.reasons dt")) == len(Reason)
    assert "If you think we got it wrong" in page
    assert "have not yet written down what the law asks them to report" in page
    the_site(session).policy = {"en": "## Ours\n\nWe publish *stories*."}
    the_site(session).reports_duty = {"en": "We report [fires](https://fire.example/)."}
    new_edition(session)
    session.commit()
    page = client.open_page("/policy")
    assert "We publish stories." in page
    assert "https://fire.example/" in page.links.values()
    assert "have not yet written down" not in page
