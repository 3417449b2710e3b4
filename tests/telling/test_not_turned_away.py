"""Nobody is turned away: what is odd about a story's arrival chooses its lane, and volume alone chooses nothing."""

from __future__ import annotations

import datetime as dt
import random
import secrets
import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from storyhub.models.queue import Lane, QueueItem
from storyhub.models.story import Story, StoryVersion
from storyhub.operations.invention import invent
from storyhub.protection import limits
from storyhub.telling import pacing, weighing
from tests.conftest import HeldClock, sign_in_as
from tests.makers import Maker
from tests.pages import Page, PagesClient

WORDS = "On the bus a man stood too close, every morning."
LONGER = (
    "Every evening when I close the shop the owner's brother waits behind the counter and says that he will walk me to "
    "the bus. I tell him no each time and he laughs and follows me all the same, so close that I can smell his coat. "
    "Last week he put his hand on my neck in front of two customers, and nobody said a word."
)
HONEST = (
    "My grandmother's nurse took her ring and told her that she had dreamt it. I work nights, so I heard of it only "
    "when the second ring was gone. The agency says that it has no record of who came on which day."
)
STRANGER = "203.0.113.9"


@pytest.fixture(autouse=True)
def time(held_clock: HeldClock, tmp_path: Path) -> HeldClock:
    """Time stands still, so that an hour is an hour however slow the machine; the day's salt is no matter of chance."""
    (tmp_path / "memory").mkdir(mode=0o700)
    (tmp_path / "memory" / "salt-2026-03-05").write_bytes(b"for tests alone " * 2)
    return held_clock


def networks() -> Iterator[str]:
    """Address after address, each in a network of its own."""
    return (f"198.{18 + number // 250}.{number % 250}.7" for number in range(10_000))


def arrive(app: Flask, texts: Iterable[str], addresses: Iterable[str]) -> list[limits.Arrival]:
    """Stories as the limits see them arrive, each from a form of its own."""
    found = []
    for text, address in zip(texts, addresses, strict=False):
        with app.test_request_context("/", environ_overrides={"REMOTE_ADDR": address}):
            found.append(limits.note_arrival(text, page=secrets.token_hex(8)))
    return found


def is_held(arrival: limits.Arrival) -> bool:
    return arrival.alike or arrival.page_worn or arrival.in_flood


def different(count: int, first: int = 0) -> list[str]:
    return [invent(7, number).told.text for number in range(first, first + count)]


def edited(text: str, share: float, seed: int) -> str:
    """The text with this share of its words replaced by others."""
    chance, others = random.Random(seed), HONEST.split()
    return " ".join(chance.choice(others) if chance.random() < share else word for word in text.split())


def checked(client: PagesClient, text: str, address: str = STRANGER) -> Page:
    """Where a story stands that was written and looked over, a while after its page was opened."""
    client.environ_base["REMOTE_ADDR"] = address
    return client.open_page("/share").form("/share").fill(text=text).send()


def tell(client: PagesClient, text: str, address: str = STRANGER) -> Page:
    return checked(client, text, address).form("/share/send").send()


def lanes(session: Session) -> list[Lane]:
    return list(session.scalars(sa.select(QueueItem.lane)))


# Volume, and likeness


def test_two_hundred_different_stories_an_hour_from_one_network_reach_the_usual_lane(app: Flask) -> None:
    arrived = arrive(app, different(200), [STRANGER] * 200)
    assert not any(map(is_held, arrived))


def test_and_so_do_those_after_them_up_to_the_ceiling(app: Flask, time: HeldClock) -> None:
    chance = random.Random(3)
    words = [f"{first}{second}{third}" for first in "bdfgkm" for second in ("ala", "oro", "un") for third in "stprn"]
    texts = [" ".join(chance.choices(words, k=40)) for _ in range(600)]
    arrived = []
    for start in range(0, 600, 50):
        arrived += arrive(app, texts[start : start + 50], [STRANGER] * 50)
        time.forward(minutes=2)
    assert not any(map(is_held, arrived))


@pytest.mark.parametrize(("share", "held_of_200"), [(0.0, 190), (0.05, 185), (0.1, 165)])
def test_near_copies_of_one_text_are_received_and_held_from_the_eleventh_on(
    app: Flask, share: float, held_of_200: int
) -> None:
    copies = [edited(LONGER, share, number) for number in range(200)]
    arrived = arrive(app, copies, [STRANGER] * 200)
    assert not any(map(is_held, arrived[:10]))
    assert sum(map(is_held, arrived)) >= held_of_200


def test_copies_are_known_whatever_networks_they_come_from(app: Flask) -> None:
    arrived = arrive(app, [LONGER] * 40, networks())
    assert [arrival.alike for arrival in arrived] == [False] * 10 + [True] * 30


@pytest.mark.parametrize(
    "disguise",
    [
        lambda text, number: text.upper() if number % 2 else text,
        lambda text, number: f"{text} {number}",
        lambda text, number: text.replace(".", "!" * (number % 5 + 1)),
        lambda text, number: text.replace("o", "о").replace("a", "а") if number % 2 else text,  # Cyrillic
        lambda text, number: "\u200b".join(text) if number % 2 else text,
        lambda text, number: f"{'  ' * number}\n{text}",
    ],
    ids=["case", "a number", "punctuation", "letters that look alike", "zero width", "spaces"],
)
def test_a_disguise_makes_no_other_text_of_it(app: Flask, disguise: object) -> None:
    texts = [disguise(LONGER, number) for number in range(30)]  # type: ignore[operator]
    assert sum(arrival.alike for arrival in arrive(app, texts, networks())) == 20


def test_a_story_told_in_the_middle_of_a_brigade_reaches_the_usual_lane(app: Flask) -> None:
    texts = [LONGER] * 50 + [HONEST] + [LONGER] * 50
    arrived = arrive(app, texts, [STRANGER] * len(texts))
    assert not is_held(arrived[50])
    assert sum(map(is_held, arrived)) == 90


def test_a_class_that_writes_the_same_short_line_is_no_flood(app: Flask) -> None:
    lines = [
        "I was harassed on the bus",
        "Someone touched me on the bus.",
        "he followed me home",
        "It happened to me too",
    ]
    arrived = arrive(app, [lines[number % 4] for number in range(120)], [STRANGER] * 120)
    assert not any(map(is_held, arrived))


def test_short_lines_are_held_where_likeness_and_volume_meet(app: Flask) -> None:
    arrive(app, different(limits.table.TELLING_VOLUME.amount), [STRANGER] * limits.table.TELLING_VOLUME.amount)
    arrived = arrive(app, ["I was harassed on the bus"] * 60, [STRANGER] * 60)
    assert [arrival.alike for arrival in arrived] == [False] * 20 + [True] * 40
    assert not any(map(is_held, arrive(app, ["I was harassed on the bus"], ["198.51.100.7"]))), "from elsewhere"


def test_two_or_three_who_send_the_same_hold_nobody(app: Flask) -> None:
    assert not any(map(is_held, arrive(app, [LONGER] * 3, [STRANGER] * 3)))


@pytest.mark.parametrize("text", ["", "   ", "…!?", "😢😢😢", "\u200b", "1"])
def test_texts_without_words_are_alike_to_nothing(app: Flask, text: str) -> None:
    assert not any(arrival.alike for arrival in arrive(app, [text] * 40, [STRANGER] * 40))


def test_an_hour_later_and_the_next_day_all_begins_anew(app: Flask, time: HeldClock) -> None:
    assert arrive(app, [LONGER] * 11, networks())[-1].alike
    time.forward(minutes=31)
    assert not arrive(app, [LONGER], networks())[0].alike
    time.to(dt.datetime(2026, 3, 5, 23, 59, tzinfo=dt.UTC))
    assert arrive(app, [LONGER] * 11, networks())[-1].alike
    time.forward(minutes=1)
    assert not arrive(app, [LONGER], networks())[0].alike


def test_above_what_may_be_sampled_nothing_more_is_kept_and_what_was_seen_often_is_still_known(
    app: Flask, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setitem(vars(limits.table.TELLING_SAMPLED), "amounts", "11/hour")
    arrive(app, [LONGER] * 11, networks())
    memory = sqlite3.connect(tmp_path / "memory" / "limits.sqlite")

    def rows() -> int:
        return int(memory.execute("SELECT count(*) FROM counters WHERE key LIKE '%telling-alike%'").fetchone()[0])

    before = rows()
    assert arrive(app, [LONGER], networks())[0].alike
    assert not any(arrival.alike for arrival in arrive(app, [HONEST] * 20, networks()))
    assert rows() == before


def test_nothing_that_is_counted_ties_a_text_to_a_network_or_tells_a_moment(
    app: Flask, time: HeldClock, tmp_path: Path
) -> None:
    for number, text in enumerate(different(4)):
        arrive(app, [text], [f"203.0.{number}.9"])
        time.forward(minutes=3, seconds=11)
    memory = sqlite3.connect(tmp_path / "memory" / "limits.sqlite")
    with app.app_context():
        keys = {limits.key_of(f"203.0.{number}.9", limits.todays_salt()) for number in range(4)}
    rows = memory.execute("SELECT key, ends FROM counters WHERE key NOT LIKE '%/minute'").fetchall()
    of_networks = [key for key, _ends in rows if any(network in key for network in keys)]
    assert of_networks and not [key for key in of_networks if "alike" in key]
    assert {ends for key, ends in rows if key.endswith("/1/hour")} == {
        dt.datetime(2026, 3, 5, 11, tzinfo=dt.UTC).timestamp()
    }
    kept = b"".join(path.read_bytes() for path in (tmp_path / "memory").iterdir())
    assert not [word for text in different(4) for word in text.split() if len(word) > 6 and word.encode() in kept]


# The ceiling


def test_over_the_ceiling_the_whole_form_comes_back_with_a_time_and_one_press_sends_it_later(
    client: PagesClient, session: Session, make: Maker, monkeypatch: pytest.MonkeyPatch, time: HeldClock
) -> None:
    make.theme("buses", "Buses")
    monkeypatch.setitem(vars(limits.table.TELLING_CEILING), "amounts", "1/hour")
    tell(client, f"{WORDS} first")
    facts = {
        "title": "Every morning", "name": "Asha", "country": "IN", "place": "Pune", "setting": "transport",
        "happened": "2019-05", "themes": ["buses"], "wish": "week", "consent": ["quote", "press"], "show": ["name"],
        "language": "hi",
    }  # fmt: skip
    form = checked(client, f"{WORDS}\n\nI said <stop it>.").form("/share/send").fill(facts)
    page = form.send(status=429)
    assert page.response.headers["Retry-After"] == str(30 * 60)
    assert "in 30 minutes" in page and "may not be about you" in page
    again = page.form("/share/send")
    assert again.fields.to_dict(flat=False) | {"csrf_token": 0} == form.fields.to_dict(flat=False) | {"csrf_token": 0}
    assert session.scalar(sa.select(sa.func.count(Story.id))) == 1
    time.forward(minutes=14)
    again = again.send(status=429).form("/share/send")
    time.forward(minutes=16)  # by then the form has waited too long as well
    sent = again.send(status=400).form("/share/send").send()
    assert "has arrived" in sent.heading
    version = session.scalars(sa.select(StoryVersion).filter_by(title="Every morning")).one()
    assert (version.text, version.place) == (f"{WORDS}\n\nI said <stop it>.", "Pune")
    assert [theme.slug for theme in version.story.themes()] == ["buses"]


def test_loopback_and_onion_are_never_refused_and_no_other_network_is_for_one(
    client: PagesClient, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(vars(limits.table.TELLING_CEILING), "amounts", "1/hour")
    for number, address in enumerate(["127.0.0.1", "127.0.0.1", "10.0.0.8", STRANGER, "198.51.100.7"]):
        assert "has arrived" in tell(client, f"{WORDS} {number}", address).heading
    checked(client, f"{WORDS} again").form("/share/send").send(status=429)
    assert lanes(session) == [Lane.USUAL] * 5


def test_sending_the_same_form_again_costs_nothing_and_is_never_refused(
    client: PagesClient, session: Session, monkeypatch: pytest.MonkeyPatch, receipt_of
) -> None:
    monkeypatch.setitem(vars(limits.table.TELLING_CEILING), "amounts", "1/hour")
    form = checked(client, WORDS).form("/share/send")
    assert len({receipt_of(form.send()) for _ in range(3)}) == 1


# The trap, haste, and pages that are used again and again


def test_the_trap_only_chooses_the_held_lane(client: PagesClient, session: Session) -> None:
    page = checked(client, WORDS).form("/share/send").forge(website="https://buy.example").send()
    assert "has arrived" in page.heading
    assert lanes(session) == [Lane.HELD]


@pytest.mark.parametrize(
    ("text", "seconds", "lane"),
    [
        (LONGER, 0, Lane.HELD),
        (LONGER, 2.9, Lane.HELD),
        (LONGER, 3, Lane.USUAL),  # pasted, on a quick telephone
        (WORDS, 0, Lane.USUAL),  # a few words, on any
        (LONGER, -60, Lane.USUAL),  # the clock was set right meanwhile
        (LONGER, 14 * 60, Lane.USUAL),
    ],
)
def test_what_is_sent_faster_than_anybody_could_read_it_waits_in_the_held_lane(
    client: PagesClient, session: Session, time: HeldClock, text: str, seconds: float, lane: Lane
) -> None:
    form = checked(client, text).form("/share/send")
    time.forward(seconds=seconds)
    assert "has arrived" in form.send().heading
    assert lanes(session) == [lane]


def test_the_time_runs_from_the_first_page_and_not_from_the_last_look(
    client: PagesClient, session: Session, time: HeldClock
) -> None:
    page = client.open_page("/share")
    time.forward(minutes=10)
    page = page.form("/share").fill(text=LONGER).send().form("/share/send").fill(text=LONGER + " Again.").send()
    page.form("/share/send").send()
    assert lanes(session) == [Lane.USUAL]


@pytest.mark.parametrize("opened", ["", "gAAAAABforged", "€"])
def test_whoever_takes_out_the_moment_of_opening_is_given_a_new_one_at_the_look(
    client: PagesClient, session: Session, time: HeldClock, opened: str
) -> None:
    first = client.open_page("/share").form("/share").fill(text=LONGER).forge(opened=opened)
    time.forward(minutes=10)
    first.send().form("/share/send").send()
    assert lanes(session) == [Lane.HELD]
    form = first.fill(text=HONEST * 2).send().form("/share/send")
    time.forward(seconds=weighing.HASTE_SECONDS)
    form.send()
    assert sorted(lanes(session)) == [Lane.HELD, Lane.USUAL]


def test_one_opened_page_is_good_for_ten_stories_and_what_follows_is_held(
    client: PagesClient, session: Session, time: HeldClock
) -> None:
    first = client.open_page("/share").form("/share")
    time.forward(minutes=1)
    for text in different(14):
        first.fill(text=text[:199]).send().form("/share/send").send()
    assert sorted(lanes(session)) == [Lane.HELD] * 4 + [Lane.USUAL] * 10


def test_stories_that_come_from_no_page_of_ours_share_the_ten(
    client: PagesClient, session: Session, time: HeldClock
) -> None:
    """Each from a network of its own, and with the seal taken out of the last form: that must gain nothing."""
    time.forward(minutes=1)
    for text, address in zip(different(14), networks(), strict=False):
        checked(client, text[:199], address).form("/share/send").forge(opened="").send()
    assert sorted(lanes(session)) == [Lane.HELD] * 4 + [Lane.USUAL] * 10
    tell(client, HONEST[:199], "192.0.2.77")
    assert sorted(lanes(session)) == [Lane.HELD] * 4 + [Lane.USUAL] * 11


def test_the_moment_of_opening_is_nowhere_at_rest(
    app: Flask, client: PagesClient, session: Session, time: HeldClock, tmp_path: Path
) -> None:
    if not app.extensions["settings"].on_sqlite:
        pytest.skip("there is one file to look at on SQLite alone")
    moment = str(int(time.moment.timestamp()))
    sealed = client.open_page("/share").form("/share").value("opened")
    tell(client, WORDS)
    assert moment not in sealed
    for folder in ("instance", "memory"):
        for path in (tmp_path / folder).rglob("*"):
            assert not path.is_file() or moment.encode() not in path.read_bytes(), path


# A flood from all over


def test_a_flood_from_all_over_closes_no_door_holds_what_strangers_tell_and_the_desk_is_told(
    app: Flask, client: PagesClient, another_client: PagesClient, session: Session, make: Maker, time: HeldClock
) -> None:
    desk = sign_in_as(another_client, make.moderator())
    assert "arriving at once" not in desk.open_page("/desk/")
    arrived = arrive(app, different(150), networks())
    assert [arrival.in_flood for arrival in arrived] == [False] * 100 + [True] * 50
    assert "has arrived" in tell(client, HONEST, "192.0.2.77").heading
    assert lanes(session) == [Lane.HELD]
    page = desk.open_page("/desk/")
    assert "Since 10:00 (UTC) very many stories have been arriving at once" in page
    assert "1 does now" in page
    time.forward(minutes=19)
    assert arrive(app, [HONEST], networks())[0].in_flood, "till it has been quiet for a while"
    time.forward(minutes=2)
    assert not arrive(app, [HONEST], networks())[0].in_flood
    assert "arriving at once" not in desk.open_page("/desk/")


def test_one_network_alone_never_makes_a_flood_of_the_site(app: Flask) -> None:
    assert not any(arrival.in_flood for arrival in arrive(app, different(190), [STRANGER] * 190))
    assert not is_held(arrive(app, [HONEST], ["192.0.2.77"])[0])


def test_nor_does_a_brigade_that_is_held_for_its_likeness(app: Flask) -> None:
    arrive(app, [LONGER] * 300, networks())
    assert not is_held(arrive(app, [HONEST], ["192.0.2.77"])[0])


def test_through_onion_a_flood_is_seen_as_one_only_held_and_holds_nobody_else(
    app: Flask, another_client: PagesClient, make: Maker, time: HeldClock
) -> None:
    arrived = arrive(app, different(150), ["127.0.0.1"] * 150)
    assert [arrival.in_flood for arrival in arrived] == [False] * 100 + [True] * 50
    assert not is_held(arrive(app, [HONEST], ["192.0.2.77"])[0]), "by an address of its own"
    assert is_held(arrive(app, [HONEST], ["127.0.0.1"])[0])
    page = sign_in_as(another_client, make.moderator()).open_page("/desk/")
    assert "by addresses that many people share" in page
    assert "so every new one waits" not in page
    time.forward(minutes=21)
    assert not is_held(arrive(app, [HONEST], ["127.0.0.1"])[0])


# Surges


def test_what_arrives_in_one_burst_carries_one_random_number_and_what_comes_later_none(
    app: Flask, session: Session, client: PagesClient, time: HeldClock
) -> None:
    usual = limits.table.SURGE.amount
    marks = [arrival.surge for arrival in arrive(app, different(usual + 20), networks())]
    assert marks[:usual] == [None] * usual
    assert len(set(marks[usual:])) == 1 and isinstance(marks[-1], int) and 0 <= marks[-1] < 2**63
    with app.app_context():
        assert limits.surge_mark() == marks[-1]
    tell(client, HONEST, "192.0.2.77")
    assert session.scalars(sa.select(QueueItem.surge)).one() == marks[-1]
    assert lanes(session) == [Lane.HELD] or session.scalars(sa.select(QueueItem.lane)).one() is Lane.HELD
    time.forward(minutes=21)
    assert arrive(app, [HONEST], networks())[0].surge is None
    again = arrive(app, different(usual + 1, first=500), networks())[-1].surge
    assert again is not None and again != marks[-1]


def test_no_surge_runs_over_midnight(app: Flask, time: HeldClock) -> None:
    """One number on both sides of it would say which stories of two days were told close together."""
    time.to(dt.datetime(2026, 3, 5, 23, 59, 50, tzinfo=dt.UTC))
    before = arrive(app, different(40), networks())[-1].surge
    time.forward(seconds=20)
    after = arrive(app, different(40), networks())[-1].surge
    assert before and after and before != after


# Looking up


@pytest.fixture
def receipt() -> str:
    from storyhub.protection import receipts

    return receipts.mint()


def look_up(client: PagesClient, receipt: str, status: int = 200, address: str = STRANGER) -> Page:
    client.environ_base["REMOTE_ADDR"] = address
    return client.open_page("/receipt").form("/receipt").fill(receipt=receipt).send(status=status)


@pytest.mark.parametrize("address", [STRANGER, "127.0.0.1"])
def test_where_receipts_are_guessed_each_look_up_waits_a_moment_and_nobody_is_locked_out(
    client: PagesClient, make: Maker, receipt: str, monkeypatch: pytest.MonkeyPatch, time: HeldClock, address: str
) -> None:
    monkeypatch.setitem(vars(limits.table.LOOK_UP), "amounts", "2/minute")
    make.story(WORDS, receipt=receipt)
    for _ in range(2):
        look_up(client, receipt, address=address)
    page = look_up(client, receipt, 429, address)
    assert page.response.headers["Retry-After"] == "5"
    assert "One moment" in page.heading and receipt not in str(page.html.html)
    page = page.form("/receipt").send(status=429)
    time.forward(seconds=pacing.WAIT_SECONDS)
    state = page.form("/receipt").send()
    assert state.html.css_first("[data-state]") is not None
    look_up(client, receipt, address="198.51.100.7")


def test_what_is_mistyped_is_told_before_it_counts_and_what_a_page_carries_is_no_guess(
    client: PagesClient, make: Maker, receipt: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(vars(limits.table.LOOK_UP), "amounts", "1/minute")
    make.story(WORDS, receipt=receipt)
    for _ in range(5):
        look_up(client, receipt[:-1] + str((int(receipt[-1]) + 1) % 10), 422)
    carried = look_up(client, receipt).form("/receipt/words")
    for _ in range(5):
        carried.send()


def test_a_wait_is_good_for_the_receipt_that_was_typed_and_for_a_quarter_of_an_hour(
    client: PagesClient, make: Maker, receipt: str, monkeypatch: pytest.MonkeyPatch, time: HeldClock
) -> None:
    from storyhub.protection import receipts

    monkeypatch.setitem(vars(limits.table.LOOK_UP_SITE), "amounts", "0/minute")
    make.story(WORDS, receipt=receipt)
    form = look_up(client, receipts.mint(), 429).form("/receipt")
    time.forward(seconds=6)
    assert "hold no story" in form.send(status=404)
    guess = look_up(client, receipts.mint(), 429).form("/receipt")
    time.forward(seconds=6)
    guess.forge(receipt=receipt).send(status=429)
    time.forward(minutes=16)
    form.send(status=400)


def test_a_wait_keeps_whatever_else_was_typed(
    client: PagesClient, make: Maker, receipt: str, monkeypatch: pytest.MonkeyPatch, time: HeldClock
) -> None:
    story = make.story(WORDS, receipt=receipt)
    assert story.receipt_digest
    monkeypatch.setitem(vars(limits.table.LOOK_UP), "amounts", "0/minute")
    client.environ_base["REMOTE_ADDR"] = STRANGER
    form = client.open_page("/receipt").form("/receipt").fill(receipt=receipt).forge(words='Two\r\nlines, and "quotes"')
    assert form.send(status=429).form("/receipt").value("words") == 'Two\nlines, and "quotes"'


# The API and search


def test_a_program_that_asks_without_pause_is_told_when_to_go_on_and_what_has_not_changed_costs_nothing(
    client: PagesClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(vars(limits.table.API), "amounts", "2/minute")
    client.environ_base["REMOTE_ADDR"] = STRANGER
    first = client.get("/api/v1/themes")
    for _ in range(5):
        unchanged = client.get("/api/v1/themes", headers={"If-None-Match": first.headers["ETag"]})
        assert unchanged.status_code == 304
    assert client.get("/api/v1/places").status_code == 200
    refused = client.get("/api/v1/stories")
    assert (refused.status_code, refused.content_type) == (429, "application/problem+json")
    assert refused.headers["Retry-After"] == "60"
    assert client.get("/").status_code == 200, "people can still read"
    client.environ_base["REMOTE_ADDR"] = "127.0.0.1"
    assert {client.get(f"/api/v1/places?{number}").status_code for number in range(5)} == {200}
