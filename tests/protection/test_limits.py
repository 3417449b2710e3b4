"""Limits: exact over several processes, blind to who somebody is, and never closing a door on many for one."""

from __future__ import annotations

import datetime as dt
import ipaddress
import itertools
import multiprocessing
from collections.abc import Iterator
from multiprocessing.pool import Pool
from pathlib import Path

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from storyhub import create_app
from storyhub.config import read_settings
from storyhub.protection import limits
from storyhub.protection.limits import SHARED, VolatileStorage, key_of, salt_of_day
from tests.conftest import HeldClock
from tests.machine import Machine

SALT, OTHER_SALT = b"a salt of thirty-two random bytes", b"the next day's salt is random too"


def hit(path: Path, times: int) -> list[int]:
    storage = VolatileStorage(f"volatile://{path}")
    return [storage.incr("LIMITER/one", 60) for _ in range(times)]


@pytest.fixture(scope="module")
def processes() -> Iterator[Pool]:
    with multiprocessing.get_context("spawn").Pool(3) as pool:
        yield pool


@pytest.mark.slow
def test_what_several_processes_count_is_exact(tmp_path: Path, processes: Pool) -> None:
    """memory:// would count in each process alone, and let three times the limit through."""
    counted = processes.starmap(hit, [(tmp_path / "memory" / "limits.sqlite", 20)] * 9)
    assert sorted(itertools.chain.from_iterable(counted)) == list(range(1, 181))


def test_a_limit_begins_anew_when_its_time_is_over(tmp_path: Path, held_clock: HeldClock) -> None:
    storage = VolatileStorage(f"volatile://{tmp_path / 'limits.sqlite'}")
    assert [storage.incr("one", 60) for _ in range(3)] == [1, 2, 3]
    held_clock.forward(seconds=59)
    assert storage.incr("one", 60) == 4
    held_clock.forward(seconds=1)
    assert storage.get("one") == 0
    assert storage.incr("one", 60) == 1


def test_counters_can_be_cleared(tmp_path: Path) -> None:
    storage = VolatileStorage(f"volatile://{tmp_path / 'limits.sqlite'}")
    storage.incr("one", 60)
    storage.incr("two", 60)
    storage.clear("one")
    assert (storage.get("one"), storage.get("two")) == (0, 1)
    assert storage.check()
    storage.reset()
    assert storage.get("two") == 0


def test_only_their_owner_reads_salt_and_counters(tmp_path: Path) -> None:
    VolatileStorage(f"volatile://{tmp_path / 'in' / 'limits.sqlite'}").incr("one", 60)
    salt_of_day(tmp_path / "in")
    for path in (tmp_path / "in").iterdir():
        assert path.stat().st_mode & 0o077 == 0, path
    assert (tmp_path / "in").stat().st_mode & 0o077 == 0


@given(st.ip_addresses(v=4), st.integers(0, 255))
def test_a_network_of_256_addresses_has_one_key(address: ipaddress.IPv4Address, last: int) -> None:
    if not address.is_loopback:
        neighbour = ipaddress.IPv4Address((int(address) & ~255) | last)
        assert key_of(str(address), SALT) == key_of(str(neighbour), SALT)
        assert key_of(str(address), SALT) == key_of(f"::ffff:{address}", SALT)


@given(st.ip_addresses(v=6), st.integers(0, 2**72 - 1))
def test_what_one_household_is_given_has_one_key(address: ipaddress.IPv6Address, host: int) -> None:
    neighbour = ipaddress.IPv6Address((int(address) >> 72 << 72) | host)
    if not {address, neighbour} & {ipaddress.IPv6Address("::1")} and not (address.ipv4_mapped or neighbour.ipv4_mapped):
        assert key_of(str(address), SALT) == key_of(str(neighbour), SALT)


def test_another_network_has_another_key_and_so_has_another_day() -> None:
    assert key_of("203.0.113.9", SALT) != key_of("203.0.114.9", SALT)
    assert key_of("2001:db8:0:100::1", SALT) != key_of("2001:db8:0:200::1", SALT)
    assert key_of("203.0.113.9", SALT) != key_of("203.0.113.9", OTHER_SALT)


def test_nothing_of_an_address_is_in_its_key() -> None:
    for address in ("203.0.113.9", "2001:db8:0:100::1"):
        key = key_of(address, SALT)
        assert len(key) == 32
        assert int(key, 16)
        assert address not in key


@pytest.mark.parametrize("address", ["127.0.0.1", "127.8.9.1", "::1", "::ffff:127.0.0.1", "", "unix:", "abc.onion"])
def test_loopback_and_onion_share_one_bucket(address: str) -> None:
    assert key_of(address, SALT) == SHARED


def test_a_salt_lives_for_a_day_and_is_then_gone(tmp_path: Path, held_clock: HeldClock) -> None:
    first = salt_of_day(tmp_path)
    assert (len(first), salt_of_day(tmp_path)) == (32, first)
    held_clock.to(held_clock.moment.replace(hour=23, minute=59))
    assert salt_of_day(tmp_path) == first
    held_clock.forward(minutes=2)
    second = salt_of_day(tmp_path)
    assert second != first
    assert first not in b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.slow
def test_processes_that_start_at_once_agree_on_the_salt(tmp_path: Path, processes: Pool) -> None:
    for number in range(20):
        salts = processes.map(salt_of_day, [tmp_path / f"memory{number}"] * 3, chunksize=1)
        assert len(set(salts)) == 1


def within(app: Flask, address: str, limit: str, times: int) -> list[bool]:
    """Ask this often from an address; which of them were within the limit."""
    with app.test_request_context("/", environ_overrides={"REMOTE_ADDR": address}):
        return [limits.within(limit, "a test") for _ in range(times)]


def test_a_network_that_asks_too_often_keeps_nobody_else_out(app: Flask) -> None:
    assert within(app, "203.0.113.9", "3/minute", 5) == [True, True, True, False, False]
    assert within(app, "203.0.113.200", "3/minute", 1) == [False], "the same network"
    assert within(app, "198.51.100.1", "3/minute", 1) == [True]


def test_a_bucket_that_many_share_is_fifty_times_as_wide(app: Flask) -> None:
    assert within(app, "127.0.0.1", "1/minute", 51) == [True] * 50 + [False]


def test_several_limits_hold_together(app: Flask) -> None:
    assert within(app, "203.0.113.9", "5/minute;2/hour", 3) == [True, True, False]


def test_the_day_s_end_frees_everybody(app: Flask, held_clock: HeldClock) -> None:
    """Keys of two days are unrelated, so that nobody can be followed over midnight; the counters go with them."""
    held_clock.to(dt.datetime(2026, 3, 5, 23, 59, tzinfo=dt.UTC))
    assert within(app, "203.0.113.9", "1/hour", 2) == [True, False]
    held_clock.forward(minutes=2)
    assert within(app, "203.0.113.9", "1/hour", 1) == [True]


def test_no_address_is_in_the_memory_that_limits_leave(app: Flask, tmp_path: Path) -> None:
    within(app, "203.0.113.9", "3/minute", 3)
    kept = b"".join(path.read_bytes() for path in (tmp_path / "memory").rglob("*") if path.is_file())
    assert kept
    assert b"203.0.113" not in kept
    assert ipaddress.ip_address("203.0.113.9").packed not in kept
    assert ipaddress.ip_address("203.0.113.0").packed not in kept


@pytest.mark.redis
def test_with_redis_the_same_holds(machine: Machine, environment: dict[str, str]) -> None:
    app = create_app(read_settings({**environment, "STORYHUB_REDIS_URL": machine.redis_url()}))
    assert within(app, "203.0.113.9", "3/minute", 5) == [True, True, True, False, False]
    assert within(app, "198.51.100.1", "3/minute", 1) == [True]


def test_without_its_redis_the_site_still_answers(environment: dict[str, str]) -> None:
    """By default a lost Redis would be a 500 on every page."""
    app = create_app(read_settings({**environment, "STORYHUB_REDIS_URL": "redis://127.0.0.1:1/0"}))
    assert within(app, "203.0.113.9", "3/minute", 5)[:3] == [True, True, True]
