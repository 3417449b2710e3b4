"""What travels through somebody's browser: unreadable there, unchanged when it comes back, and ended in time."""

from __future__ import annotations

import base64

import pytest
from flask import Flask, session
from hypothesis import given
from hypothesis import strategies as st

from storyhub.protection.access import audience
from storyhub.protection.sealing import IDLE_SECONDS, Broken, Sealer, derived_key
from tests.conftest import HeldClock
from tests.pages import PagesClient

SECRET = "an instance's own secret " * 3
HTML = "<!doctype html><html lang=en dir=ltr><title>A page</title><main><h1>Here</h1></main>"
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(), lambda inner: st.lists(inner, max_size=4)
)


@given(values)
def test_what_was_sealed_comes_back_whole(value: object) -> None:
    sealer = Sealer(SECRET, "a test")
    assert sealer.open(sealer.seal(value)) == value


def test_nobody_on_the_way_can_read_it() -> None:
    token = Sealer(SECRET, "a test").seal({"receipt": "12345678901234567890"})
    assert b"1234567890" not in base64.urlsafe_b64decode(token)


@given(st.integers(0, 10_000), st.integers(1, 255))
def test_one_changed_bit_is_noticed(place: int, by: int) -> None:
    raw = bytearray(base64.urlsafe_b64decode(Sealer(SECRET, "a test").seal(["words"])))
    raw[place % len(raw)] ^= by
    with pytest.raises(Broken):
        Sealer(SECRET, "a test").open(base64.urlsafe_b64encode(bytes(raw)).decode())


@pytest.mark.parametrize("token", ["", "x", "é", "=" * 50, "gAAAAA" * 30, "\0"])
def test_what_was_never_sealed_here_is_noticed(token: str) -> None:
    with pytest.raises(Broken):
        Sealer(SECRET, "a test").open(token)


def test_one_purposes_seal_opens_nothing_of_another() -> None:
    with pytest.raises(Broken):
        Sealer(SECRET, "another").open(Sealer(SECRET, "a test").seal("x"))
    assert derived_key(SECRET, "one") != derived_key(SECRET, "two")


def test_a_seal_can_be_too_old(held_clock: HeldClock) -> None:
    sealer = Sealer(SECRET, "a test")
    token = sealer.seal("x")
    held_clock.forward(seconds=60)
    assert sealer.open(token, 60) == "x"
    held_clock.forward(seconds=1)
    with pytest.raises(Broken):
        sealer.open(token, 60)
    assert sealer.open(token) == "x"


@pytest.fixture
def counting(app: Flask, client: PagesClient) -> PagesClient:
    """A site with a page that keeps something in the session, and one that only looks at it."""

    def keep() -> str:
        session["kept"] = "canary-of-a-session"
        return HTML

    app.add_url_rule("/keep", "keep", audience("contributor")(keep))
    app.add_url_rule("/look", "look", audience("contributor")(lambda: HTML.replace("Here", session.get("kept", "no"))))
    app.add_url_rule("/silent", "silent", audience("contributor")(lambda: HTML))
    return client


def test_a_session_is_encrypted_and_no_browser_keeps_it(counting: PagesClient) -> None:
    cookie = counting.get("/keep").headers["Set-Cookie"]
    token = cookie.partition("=")[2].partition(";")[0]
    assert b"canary" not in base64.urlsafe_b64decode(token + "==")
    assert "canary" not in cookie
    assert "Expires" not in cookie
    assert "Max-Age" not in cookie
    assert counting.open_page("/look").heading == "canary-of-a-session"


def test_a_session_ends_after_fifteen_idle_minutes(counting: PagesClient, held_clock: HeldClock) -> None:
    counting.get("/keep")
    held_clock.forward(seconds=IDLE_SECONDS)
    assert counting.open_page("/look").heading == "canary-of-a-session"
    held_clock.forward(seconds=IDLE_SECONDS + 1)
    assert counting.open_page("/look").heading == "no"
    assert IDLE_SECONDS == 15 * 60


def test_every_page_that_uses_it_keeps_it_alive_and_a_page_without_it_sets_nothing(
    counting: PagesClient, held_clock: HeldClock
) -> None:
    counting.get("/keep")
    for _page in range(3):
        held_clock.forward(minutes=14)
        assert "Set-Cookie" in counting.get("/look").headers
    assert "Set-Cookie" not in counting.get("/silent").headers
    assert counting.open_page("/look").heading == "canary-of-a-session"


def test_a_forged_cookie_is_no_session(counting: PagesClient) -> None:
    for forged in (
        "x",
        "eyJrZXB0IjoieCJ9.x.y",
        Sealer("another instance's secret " * 3, "session").seal({"kept": "x"}),
    ):
        counting.set_cookie("storyhub", forged, domain="127.0.0.1")
        assert counting.open_page("/look").heading == "no"
