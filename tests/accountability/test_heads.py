"""The head of each day: public from the next day on, and enough to tell that the record was rewritten (promise 17)."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from storyhub.accountability.heads import publish_heads
from storyhub.models.decision import GENESIS, Decision, PublishedHead, Reason, RecordHead, breaks, head_of_record
from storyhub.models.site import the_site
from storyhub.operations import working
from tests.makers import Maker
from tests.operations.conftest import Flask_, flask, folder
from tests.pages import PagesClient

__all__ = ["flask", "folder"]


@pytest.fixture
def night(app: Flask, held_clock: Any) -> Any:
    """night(): it is the next day, and the night's work is done."""

    def go(days: int = 1) -> None:
        held_clock.forward(days=days)
        working.init_app(app)
        working.each_night.call_local()

    return go


def decide(make: Maker, session: Session, times: int = 2) -> str:
    """Decide something. Returns the head of the record."""
    for _ in range(times):
        make.decline(make.story(), Reason.DUPLICATE)
    return head_of_record(session)[1]


def rewrite(session: Session, number: int = 2) -> None:
    """Change one old decision, and make all that follows fit again: hashes, links, and the head."""
    previous = GENESIS
    for decision in session.scalars(sa.select(Decision).order_by(Decision.number)):
        if decision.number == number:
            decision.reason = Reason.ABUSE
        decision.previous = previous
        decision.hash = previous = decision.computed_hash()
        session.flush()
    session.get_one(RecordHead, 1).hash = previous
    session.commit()


def rewrite_what_was_published(session: Session) -> None:
    """And the heads that the site itself has published, as whoever holds the database can."""
    for head in session.scalars(sa.select(PublishedHead)):
        last = sa.select(Decision.hash).where(Decision.day <= head.day).order_by(Decision.number.desc()).limit(1)
        head.hash = session.scalars(last).one()
    session.commit()


# What the public sees


def test_each_night_the_head_of_the_day_before_is_published(
    client: PagesClient, make: Maker, session: Session, night: Any
) -> None:
    head = decide(make, session)
    assert "No whole day has passed" in client.open_page("/accountability")
    night()
    today = decide(make, session)
    page = client.open_page("/accountability")
    assert "Fingerprint of March 5, 2026 (SHA-256): " + head in page
    assert today not in page
    found = client.get("/api/v1/accountability").get_json()
    assert found["heads"] == [{"day": "2026-03-05", "hash": head}]
    night()
    assert client.get("/api/v1/accountability").get_json()["heads"][0] == {"day": "2026-03-06", "hash": today}


def test_whoever_holds_the_page_is_told_that_there_is_a_new_head(
    client: PagesClient, make: Maker, session: Session, night: Any
) -> None:
    decide(make, session)
    before = client.get("/accountability").headers["ETag"]
    night()
    assert client.get("/accountability", headers={"If-None-Match": before}).status_code == 200


def test_a_day_without_a_decision_repeats_the_head_and_the_page_says_so(
    client: PagesClient, make: Maker, session: Session, night: Any
) -> None:
    head = decide(make, session)
    night(3)
    page = client.open_page("/accountability")
    assert "Fingerprint of March 7, 2026" in page
    assert "A day on which nothing was decided repeats the fingerprint" in page
    assert page.text.count(head) == 3


def test_days_that_were_slept_through_are_made_up_for_and_thirty_are_shown(
    client: PagesClient, make: Maker, session: Session, night: Any, held_clock: Any
) -> None:
    first = decide(make, session)
    held_clock.forward(days=20)
    second = decide(make, session)
    night(380)  # more than are made up for in one step
    heads = session.execute(sa.select(PublishedHead.day, PublishedHead.hash).order_by(PublishedHead.day)).all()
    assert [day for day, _ in heads] == [dt.date(2026, 3, 5) + dt.timedelta(days=passed) for passed in range(400)]
    assert [hash_ for _, hash_ in heads] == [first] * 20 + [second] * 380
    assert len(client.get("/api/v1/accountability").get_json()["heads"]) == 30


def test_the_same_night_twice_publishes_nothing_twice(make: Maker, session: Session, night: Any) -> None:
    decide(make, session)
    night()
    edition = the_site(session).edition
    night(0)
    assert publish_heads(session) == 0
    assert len(session.scalars(sa.select(PublishedHead)).all()) == 1
    assert the_site(session).edition == edition


def test_a_site_on_which_nothing_was_decided_has_no_head(session: Session, night: Any) -> None:
    night(5)
    assert not session.scalars(sa.select(PublishedHead)).all()


def test_no_number_tells_how_many_decisions_a_day_had(
    client: PagesClient, make: Maker, session: Session, night: Any
) -> None:
    decide(make, session, times=7)
    night()
    assert set(client.get("/api/v1/accountability").get_json()["heads"][0]) == {"day", "hash"}
    assert "Decisions until then" not in client.open_page("/accountability")


def test_it_is_the_same_in_arabic(arabic: PagesClient, make: Maker, session: Session, night: Any) -> None:
    decide(make, session)
    night(3)
    arabic.open_page("/accountability")


# Whether somebody rewrote the record


def test_a_record_that_was_rewritten_as_a_whole_is_found_by_a_head_that_somebody_kept(
    flask: Flask_, make: Maker, session: Session, night: Any
) -> None:
    kept = decide(make, session)
    night()
    decide(make, session)
    assert "kept elsewhere, and are in the record: 1" in flask("decisions", "verify", "--head", kept).output
    rewrite(session)
    rewrite_what_was_published(session)
    assert list(breaks(session)) == []
    flask("decisions", "verify")  # nobody could tell from the database alone
    told = flask("decisions", "verify", "--head", kept, code=1).output
    assert f"a head that was kept elsewhere is not in the record: {kept}" in told
    assert "Error: The record was changed after it was written." in told


def test_what_the_site_has_published_itself_is_compared_without_being_asked(
    flask: Flask_, make: Maker, session: Session, night: Any
) -> None:
    kept = decide(make, session)
    night()
    flask("decisions", "verify")
    rewrite(session)
    assert (
        f"the head of 2026-03-05, published here, is not in the record: {kept}"
        in flask("decisions", "verify", code=1).output
    )


@pytest.mark.parametrize("cut", [1, 3])
def test_an_end_that_was_cut_off_cleanly_is_found_too(
    flask: Flask_, make: Maker, session: Session, night: Any, cut: int
) -> None:
    kept = decide(make, session, times=4)
    last = session.get_one(Decision, 4 - cut)
    number, hash_ = last.number, last.hash
    session.execute(sa.delete(Decision).where(Decision.number > number))
    session.execute(sa.update(RecordHead).values(number=number, hash=hash_))
    flask("decisions", "verify")
    flask("decisions", "verify", "--head", kept, code=1)
    flask("decisions", "verify", "--head", hash_)


def test_after_a_rewriting_the_nights_go_on_and_the_old_head_stays_as_evidence(
    flask: Flask_, make: Maker, session: Session, night: Any
) -> None:
    kept = decide(make, session)
    night()
    rewrite(session)
    night()
    heads = session.execute(sa.select(PublishedHead.day, PublishedHead.hash).order_by(PublishedHead.day)).all()
    assert heads[0] == (dt.date(2026, 3, 5), kept)
    flask("decisions", "verify", code=1)


def test_heads_are_read_from_a_file_whatever_stands_around_them(
    flask: Flask_, folder: Path, make: Maker, session: Session
) -> None:
    first, second = decide(make, session), decide(make, session)
    path = folder / "kept"
    path.write_text(f"# seen on the report\n\n5 March {first.upper()} and {'f' * 64}\n{second}  accountability\nabc\n")
    assert "in the record: 2" in flask("decisions", "verify", "--heads", path).output
    path.write_text(f"{first}\n{'f' * 64}\n")
    assert "f" * 64 in flask("decisions", "verify", "--heads", path, code=1).output
    assert "in the record: 1" in flask("decisions", "verify", "--head", GENESIS, code=0).output


def test_what_can_not_be_a_head_proves_nothing_and_is_refused(flask: Flask_, folder: Path) -> None:
    for wrong in ("abc", "f" * 63, "g" * 64, "f" * 65):
        assert "64 digits" in flask("decisions", "verify", "--head", wrong, code=2).output
    (folder / "kept").write_text("nothing of the kind\n")
    assert "no head is in this file" in flask("decisions", "verify", "--heads", folder / "kept", code=2).output
    flask("decisions", "verify", "--heads", folder / "nowhere", code=2)
