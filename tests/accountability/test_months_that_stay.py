"""A month is counted once: nothing that happens later, and no other threshold, shows what one person did."""

from __future__ import annotations

import datetime as dt
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from storyhub.accountability.counting import count_months, months_to_count
from storyhub.accountability.queries import Sum, _sum
from storyhub.models.appeal import make_appeal
from storyhub.models.decision import Act, Decision, Reason, breaks
from storyhub.models.monthly import MonthlyReport, months_counted
from storyhub.models.story import Told
from storyhub.protection.disclosure import shown_counts, shown_if_large
from tests.conftest import HeldClock
from tests.makers import Maker
from tests.pages import PagesClient

K = 5


def counted(session: Session, least: int = K) -> list[MonthlyReport]:
    session.commit()
    count_months(session, least=least)
    session.commit()
    return months_counted(session)


def test_every_month_from_the_first_is_counted_and_only_when_it_is_over(
    make: Maker, session: Session, held_clock: HeldClock
) -> None:
    make.story()
    assert counted(session) == []
    held_clock.to(dt.datetime(2026, 6, 1, 0, 1, tzinfo=dt.UTC))
    assert months_to_count(session) == ["2026-03", "2026-04", "2026-05"]
    assert [row.month for row in counted(session)] == ["2026-05", "2026-04", "2026-03"]
    assert counted(session)[0].cells["received"] == 0
    assert months_to_count(session) == []


def test_a_site_without_a_story_counts_nothing(session: Session, held_clock: HeldClock) -> None:
    assert counted(session) == []


def test_what_happens_later_never_changes_a_month(make: Maker, session: Session, held_clock: HeldClock) -> None:
    stories = [make.story(state="published") for _ in range(12)]
    for _ in range(12):
        make.story(state="declined")
    held_clock.to(dt.datetime(2026, 4, 1, 4, tzinfo=dt.UTC))
    before = counted(session)[0]
    cells, reasons, record = dict(before.cells), dict(before.declined_for), before.record_hash
    stories[0].withdraw()
    stories[1].undo(by=make.anybody())
    make.story(state="declined")
    held_clock.to(dt.datetime(2026, 5, 1, 4, tzinfo=dt.UTC))
    april, march = counted(session)
    assert (march.cells, march.declined_for, march.record_hash) == (cells, reasons, record)
    assert march.cells["published"] == 12
    assert (april.cells["withdrawn"], april.cells["declined"]) == (None, None), "one of each is kept back"


def test_another_threshold_later_shows_nothing_more_of_what_was_kept_back(
    client: PagesClient, make: Maker, session: Session, held_clock: HeldClock
) -> None:
    for _ in range(7):
        make.story()
    held_clock.to(dt.datetime(2026, 4, 1, 4, tzinfo=dt.UTC))
    assert counted(session, least=10)[0].cells["received"] is None
    assert counted(session, least=5)[0].cells["received"] is None
    assert client.get("/api/v1/accountability").get_json()["months"][0]["received"] is None


def test_appeals_and_edits_are_counted_as_what_they_are(make: Maker, session: Session, held_clock: HeldClock) -> None:
    heard = []
    for number in range(12):
        story = make.story(state="declined")
        appeal = make_appeal(session, story, "Please look again.")
        if number < 6:
            appeal.uphold(by=make.moderator(), letter=None, originals_days=30, session=session)
        else:
            appeal.overturn(by=make.moderator(), session=session)
            heard.append(story)
    for _ in range(6):
        story = make.story(state="published")
        story.edit(Told("I say it in other words."))
        story.decline(by=make.anybody(), window=1, reason=Reason.OTHER)
        waits = make.story()
        waits.publish(by=make.anybody(), window=10**9)
        waits.edit(Told("Before anybody has seen it."))
    held_clock.to(dt.datetime(2026, 4, 1, 4, tzinfo=dt.UTC))
    cells = counted(session)[0].cells
    assert (cells["appealed"], cells["upheld"], cells["overturned"]) == (12, 6, 6)
    assert cells["declined"] == 12, "the new words of a public story were declined, not the story"
    assert cells["undone"] == 0, "an edit that overtook a decision is no change of mind of ours"


def test_a_sum_tells_no_more_than_the_months_do() -> None:
    assert _sum([12, 7, 0]) == Sum(19, whole=True)
    assert _sum([12, None, 0]) == Sum(12, whole=False)


cells = st.integers(0, 12)


@settings(max_examples=60, deadline=None)
@given(months=st.lists(st.lists(cells, min_size=3, max_size=3), min_size=1, max_size=2))
def test_nobody_who_keeps_every_report_can_work_out_a_number_that_was_kept_back(months: list[list[int]]) -> None:
    """All months, their reasons, their sums: each hidden number has two values at least that fit everything shown."""

    def published(truth: list[list[int]]) -> tuple[Any, ...]:
        """All that is ever shown of the declined: by month and reason, with every sum after each month."""
        shown = []
        for reasons in truth:
            total = shown_if_large(sum(reasons), K)
            shown.append((total, shown_counts(reasons, K, without_total=total is None).parts))
        totals = [total for total, _ in shown]
        return (tuple(shown), tuple(_sum(totals[:number]) for number in range(1, len(totals) + 1)))

    # Months are counted apart, so what fits one month's table does not depend on another's.
    for place, reasons in enumerate(months):
        seen = published(months)[0][place]
        fits = [
            guess
            for guess in product(range(16), repeat=3)
            if published([list(guess)])[0][0] == seen
        ]  # fmt: skip
        for column, shown in enumerate(seen[1]):
            possible = {guess[column] for guess in fits}
            assert (possible == {shown}) if shown is not None else len(possible) > 1, (reasons, seen)


class TestDemands:
    FIELDS = {"who": "court", "what": "identify", "done": "nothing-to-give"}

    @pytest.fixture
    def steward(self, client: PagesClient, make: Maker, sign_in: Any, held_clock: HeldClock) -> PagesClient:
        sign_in(client, make.steward())
        return client

    def test_a_demand_is_recorded_with_a_note_and_counted_as_it_is(
        self, steward: PagesClient, make: Maker, session: Session, held_clock: HeldClock
    ) -> None:
        make.story()
        page = steward.open_page("/organise/demands")
        assert "Nobody has demanded anything yet" in page
        page = page.form("/organise/demands").fill(**self.FIELDS, note="By letter.").send()
        assert "It is on the record" in page
        assert "a court to say who told it we had nothing to give By letter." in page
        session.commit()
        decision = session.query(Decision).filter_by(act=Act.DEMAND).one()
        assert decision.facts == {"from": "court", "asked": "identify", "done": "nothing-to-give"}
        assert list(breaks(session)) == []
        held_clock.to(dt.datetime(2026, 4, 1, 4, tzinfo=dt.UTC))
        assert counted(session, least=10)[0].cells["demanded"] == 1

    def test_it_can_name_a_story_by_its_address(
        self, steward: PagesClient, make: Maker, session: Session, held_clock: HeldClock
    ) -> None:
        from storyhub.protection.identifiers import shown

        story = make.story(state="published")
        form = steward.open_page("/organise/demands").form("/organise/demands")
        form.fill(**self.FIELDS, story=f"https://stories.example/ar/stories/{shown(story.id)}/").send()
        session.commit()
        assert session.query(Decision).filter_by(act=Act.DEMAND).one().story_id == story.id

    @pytest.mark.parametrize(
        ("changed", "said"),
        [
            ({"story": "not-an-address"}, "This is not the address of a story."),
            ({"story": "/stories/0000000000001"}, "We hold no story at this address."),
            ({"done": ""}, "Please choose one of these."),  # none of them was ticked
            ({"note": "x" * 2_001}, "Please keep this under 2000 characters."),
        ],
    )
    def test_what_cannot_be_so_is_said_and_the_note_comes_back(
        self, steward: PagesClient, session: Session, changed: dict[str, str], said: str, held_clock: HeldClock
    ) -> None:
        form = steward.open_page("/organise/demands").form("/organise/demands")
        fields = {**self.FIELDS, "note": "By letter.", **changed}
        page = form.fill(**{name: value for name, value in fields.items() if value}).send(status=422)
        assert said in page
        assert changed.get("note", "By letter.") in page.html.css_first("textarea[name=note]").text()
        session.commit()
        assert session.query(Decision).filter_by(act=Act.DEMAND).count() == 0

    def test_only_stewards_see_it(self, client: PagesClient, make: Maker, sign_in: Any) -> None:
        sign_in(client, make.moderator())
        assert client.get("/organise/demands").status_code == 403
