"""What people are told of the reading before they write: in which languages, and how many days it usually takes."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy.orm import Session

from storyhub.accountability.waits import count_usual_days
from storyhub.models.people import Role
from storyhub.models.site import languages_read_now, missing_before_telling, the_site
from storyhub.models.story import Told, receive
from tests.makers import Maker
from tests.pages import PagesClient


@pytest.fixture
def usual(session: Session) -> Any:
    """usual(): what the night counts."""

    def count(least: int = 5) -> str | None:
        counted = count_usual_days(session, least=least)
        session.commit()
        return counted

    return count


def wait_and_decide(make: Maker, held_clock: Any, *days: int) -> None:
    """Stories that waited for so many days each, and are decided today."""
    for waited in days:
        held_clock.forward(days=-waited)
        story = make.story()
        held_clock.forward(days=waited)
        make.decline(story)


# Languages


def test_the_page_names_the_languages_that_moderators_say_they_read(client: PagesClient, make: Maker) -> None:
    make.moderator("A", languages=["en", "sw"])
    make.person("B", Role.SAFEGUARDING_LEAD, languages=["ar", "en"])
    assert "At present we can read: Arabic, English, Swahili." in client.open_page("/share")


def test_only_who_can_open_the_desk_today_is_counted_in(make: Maker, session: Session, held_clock: Any) -> None:
    make.moderator("A", languages=["en"])
    make.moderator("B", languages=["fr"], active=False)
    make.moderator("C", languages=["de"], second_factor=False)
    make.moderator("D", languages=["sw"], until=held_clock.moment.date())
    make.organiser("E", languages=["pt"])
    make.person("F", Role.OUTSIDE_READER, languages=["es"])
    assert languages_read_now(session) == ["en", "sw"]
    held_clock.forward(days=1)
    assert languages_read_now(session) == ["en"]


def test_while_nobody_says_so_it_is_what_the_stewards_wrote_down(
    client: PagesClient, make: Maker, session: Session
) -> None:
    make.moderator("A")
    assert "At present we can read" not in client.open_page("/share")
    assert "languages" in missing_before_telling(session)
    the_site(session).languages_read = ["hi"]
    session.commit()
    assert "At present we can read: Hindi." in client.open_page("/share")
    assert "languages" not in missing_before_telling(session)


def test_what_moderators_say_is_enough_for_the_checklist(make: Maker, session: Session) -> None:
    make.moderator("A", languages=["en"])
    assert "languages" not in missing_before_telling(session)


# Days


def test_half_of_the_stories_of_late_were_read_within_so_many_days(
    client: PagesClient, make: Maker, held_clock: Any, usual: Any
) -> None:
    wait_and_decide(make, held_clock, 0, 1, 1, 1, 2, 3, 3, 9, 30, 80)
    make.moderator("A", languages=["sw"])
    assert usual() == "2.5"
    assert "At present we can read: Swahili. Reading has usually taken 3 days." in client.open_page("/share")


@pytest.mark.parametrize(("waited", "said"), [(0, "less than a day."), (1, "1 day."), (2, "2 days.")])
def test_it_is_said_in_whole_days(
    client: PagesClient, make: Maker, held_clock: Any, usual: Any, waited: int, said: str
) -> None:
    wait_and_decide(make, held_clock, *[waited] * 10)
    usual()
    assert f"Reading has usually taken {said}" in client.open_page("/share")


def test_of_too_few_nothing_is_said(client: PagesClient, make: Maker, held_clock: Any, usual: Any) -> None:
    wait_and_decide(make, held_clock, *[1] * 9)
    assert usual() is None
    assert "usually taken" not in client.open_page("/share")
    wait_and_decide(make, held_clock, 1)
    assert usual(least=11) is None, "a site that shows no count under 11"
    assert usual(least=5) == "1"


def test_only_what_was_told_here_and_decided_of_late_counts(
    make: Maker, session: Session, held_clock: Any, usual: Any
) -> None:
    wait_and_decide(make, held_clock, *[50] * 10)
    held_clock.forward(days=91)
    assert usual() is None, "three months ago"
    for number in range(10):
        make.decline(receive(session, Told("Brought in."), import_key=str(number)))
    make.story()
    assert usual() is None, "from a file, or waiting"
    wait_and_decide(make, held_clock, *[4] * 10)
    assert usual() == "4"


def test_in_arabic_too(arabic: PagesClient, make: Maker, held_clock: Any, usual: Any) -> None:
    make.moderator("A", languages=["ar"])
    wait_and_decide(make, held_clock, *[3] * 10)
    usual()
    arabic.open_page("/share")
