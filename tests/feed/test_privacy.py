"""What the privacy page says is read from the running site and from the visit: change either, and the page changes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from redis import Redis

from storyhub.protection import keeping
from tests.machine import Machine
from tests.pages import Page, PagesClient

SOMEWHERE, ELSEWHERE = "203.0.113.77", "198.51.100.4"
NOWHERE = "redis://127.0.0.1:1/0"


def changed(app: Flask, **settings: Any) -> None:
    app.extensions["settings"] = replace(app.extensions["settings"], **settings)


def read(client: PagesClient, **how: Any) -> Page:
    return client._page(client.get("/privacy", **how), 200)


@pytest.mark.parametrize(
    ("change", "now", "before"),
    [
        ({"release_minutes": 45}, "goes public in steps of 45 minutes", "goes public at once"),
        ({"originals_days": 7}, "erased 7 days after the decision", "erased 30 days after"),
        ({"originals_days": 0}, "erased on the day of the decision", "erased 30 days after"),
        ({"small_cell": 20}, "are shown from 20 on", "are shown from 10 on"),
        ({"trusted_proxies": 1}, "passed through 1 machine that belongs", "stands no other machine"),
        ({"trusted_proxies": 3}, "passed through 3 machines that belong", "stands no other machine"),
        ({"host": "192.0.2.1"}, "can read along", "did not leave this machine"),
        ({"volatile": Path("/proc")}, "in a folder on a disk, which they should not", "and on no disk"),
        ({"redis_url": NOWHERE}, "does not tell us just now whether it writes", "this machine's memory"),
        ({"database_url": "postgresql+psycopg://x/y"}, "In a database program (PostgreSQL)", "In one file"),
        ({"database_url": "postgresql+psycopg://x/y"}, "rows in the order in which they were written", "In one file"),
        ({"replica_urls": ("one", "two")}, "2 more copies are kept", "more copy"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_each_claim_follows_its_setting(
    app: Flask, client: PagesClient, change: dict[str, Any], now: str, before: str
) -> None:
    usual = {"volatile": Path("/dev/shm"), "database_url": "sqlite://", "release_minutes": 0, "redis_url": None}
    changed(app, **usual)
    page = read(client)
    assert now not in page
    assert before in page or change.keys() == {"replica_urls"}
    changed(app, **change)
    page = read(client)
    assert now in page
    assert before not in page


def test_what_a_real_redis_does_with_its_disk_is_asked_of_it(
    held_clock: Any, app: Flask, client: PagesClient, machine: Machine
) -> None:
    url = machine.redis_url()
    changed(app, redis_url=url)
    keeping._redis_writes.cache_clear()
    assert "It writes nothing to its disk." in read(client)
    with Redis.from_url(url) as redis:
        redis.config_set("save", "3600 1")
        try:
            assert "It writes nothing to its disk." in read(client), "it is asked once in a minute, not by everybody"
            held_clock.forward(minutes=1)
            assert "It is set to write to its disk" in read(client)
        finally:
            redis.config_set("save", "")
            keeping._redis_writes.cache_clear()


def test_it_says_whether_this_browser_holds_our_cookie(client: PagesClient, another_client: PagesClient) -> None:
    assert "Your browser sent us no cookie" in read(client)
    client.open_page("/share")
    assert "Your browser holds the one cookie" in read(client)
    assert "Your browser sent us no cookie" in read(another_client)
    client.get("/leave")
    assert "Your browser sent us no cookie" in read(client)


def test_it_says_whether_the_page_came_encrypted(client: PagesClient) -> None:
    assert "It did not leave this machine." in read(client)
    page = read(client, base_url="https://127.0.0.1:8000")
    assert "came to you encrypted" in page
    assert "without encryption" not in page


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("127.0.0.1", "very many people share"),
        (SOMEWHERE, "in memory for as long as"),
        ("2001:db8::7", "in memory for"),
    ],
)
def test_it_says_how_we_saw_the_network_and_never_which_it_is(client: PagesClient, address: str, says: str) -> None:
    page = read(client, environ_overrides={"REMOTE_ADDR": address})
    assert says in page
    assert address not in page.response.text


def test_nobody_learns_that_somebody_told_a_story_from_the_same_network(
    client: PagesClient, another_client: PagesClient
) -> None:
    """Whoever sits in the same home has the same network: a count on this page would tell on the person beside them."""
    client.environ_base["REMOTE_ADDR"] = SOMEWHERE
    checked = client.open_page("/share").form("/share").fill(text="He shouted at me in the kitchen again.").send()
    checked.form("/share/send").send()
    client.open_page("/search?q=help")
    same, other = (read(another_client, environ_overrides={"REMOTE_ADDR": one}) for one in (SOMEWHERE, ELSEWHERE))
    assert same.response.data == other.response.data


def test_it_knows_of_no_list_of_visits_only_where_our_own_server_runs(app: Flask, client: PagesClient) -> None:
    assert "inside a server program that it does not know" in read(client)
    app.config["KEEPS_NO_LIST_OF_VISITS"] = True
    page = read(client)
    assert "This program keeps no list of visits." in page
    assert "does not know" not in page


def test_no_cache_keeps_it_for_somebody_else_and_a_browser_asks_whether_it_still_holds(
    app: Flask, client: PagesClient, arabic: PagesClient
) -> None:
    answer = client.get("/privacy")
    assert answer.headers["Cache-Control"] == "private, no-cache"
    tag = answer.headers["ETag"]
    again = client.get("/privacy", headers={"If-None-Match": tag})
    assert (again.status_code, again.data) == (304, b"")
    changed(app, originals_days=3)
    assert client.get("/privacy", headers={"If-None-Match": tag}).status_code == 200
    assert arabic.get("/privacy", headers={"If-None-Match": tag}).status_code == 200


def test_it_says_what_leaving_cannot_do(client: PagesClient) -> None:
    page = client.open_page("/privacy")
    assert "It does not clear your history." in page
    assert "There are no cookies on the pages that you read" in page
