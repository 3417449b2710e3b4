"""Limits: exact over several processes, blind to who somebody is, and never closing a door on many for one."""

from __future__ import annotations

import ast
import datetime as dt
import ipaddress
import itertools
import multiprocessing
import re
import socket
import sqlite3
from collections.abc import Callable, Iterator
from multiprocessing.pool import Pool
from pathlib import Path

import pytest
from flask import Flask, current_app
from hypothesis import given
from hypothesis import strategies as st

from storyhub import clock, create_app
from storyhub.config import ROOT, read_settings
from storyhub.protection import limits
from storyhub.protection.limits import SHARED, TABLE, Limit, Over, Per, VolatileStorage, counting, key_of, salt_of_day
from tests.conftest import HeldClock
from tests.machine import Machine

SALT, OTHER_SALT = b"a salt of thirty-two random bytes", b"the next day's salt is random too"
STRANGER, NEIGHBOUR, ANOTHER = "203.0.113.9", "203.0.113.200", "198.51.100.1"


def of(amounts: str, per: Per = Per.NETWORK, over: Over = Over.REFUSES) -> Limit:
    return Limit("a-test", amounts, over, per, "a test")


def hit(path: Path, times: int) -> list[int]:
    storage = VolatileStorage(f"volatile://{path}")
    return [storage.incr("LIMITER/one", 60) for _ in range(times)]


@pytest.fixture(scope="module")
def processes() -> Iterator[Pool]:
    with multiprocessing.get_context("spawn").Pool(3) as pool:
        yield pool


def first_of(path: Path, value: str) -> str:
    return VolatileStorage(f"volatile://{path}").keep_first("surge", value, 600)


@pytest.mark.slow
def test_of_several_processes_that_keep_something_at_once_all_keep_what_the_first_one_did(
    tmp_path: Path, processes: Pool
) -> None:
    for number in range(10):
        path = tmp_path / "memory" / f"limits{number}.sqlite"
        assert len(set(processes.starmap(first_of, [(path, f"{value}") for value in range(9)], chunksize=1))) == 1


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


def test_a_window_ends_with_the_clock_s_and_so_tells_no_moment(tmp_path: Path, held_clock: HeldClock) -> None:
    """A window that began with its first count would say which network was counted at the moment a story was."""
    storage = VolatileStorage(f"volatile://{tmp_path / 'limits.sqlite'}")
    for number in range(5):
        storage.incr(str(number), 3600)
        held_clock.forward(minutes=4, seconds=7)
    rows = sqlite3.connect(tmp_path / "limits.sqlite").execute("SELECT DISTINCT ends FROM counters").fetchall()
    assert rows == [(dt.datetime(2026, 3, 5, 11, tzinfo=dt.UTC).timestamp(),)]


@given(st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from([60, 3600]), st.integers(0, 2000)), max_size=40))
def test_counts_are_those_of_a_tally_kept_by_hand(
    tmp_path_factory: pytest.TempPathFactory, counted: list[tuple[str, int, int]]
) -> None:
    storage = VolatileStorage(f"volatile://{tmp_path_factory.mktemp('memory') / 'limits.sqlite'}")
    tally: dict[tuple[str, int, int], int] = {}
    moment = dt.datetime(2026, 3, 5, 22, 50, tzinfo=dt.UTC)
    for key, seconds, later in counted:
        moment += dt.timedelta(seconds=later)
        window = key, seconds, int(moment.timestamp()) // seconds
        tally[window] = tally.get(window, 0) + 1
        with clock.held(moment):
            assert storage.incr(f"{key}{seconds}", seconds) == tally[window]
            assert storage.get(f"{key}{seconds}") == tally[window]


def test_a_clock_that_was_wrong_locks_nobody_out_once_it_is_set_right(tmp_path: Path, held_clock: HeldClock) -> None:
    storage = VolatileStorage(f"volatile://{tmp_path / 'limits.sqlite'}")
    held_clock.forward(days=400)
    storage.incr("one", 3600, 1000)
    storage.keep_first("flood", "12:00", 600)
    held_clock.forward(days=-400)
    assert storage.incr("one", 3600) == 1
    assert storage.keep_first("flood", "10:00", 600) == "10:00"


def test_a_clock_that_is_a_second_behind_loses_no_count(tmp_path: Path, held_clock: HeldClock) -> None:
    storage = VolatileStorage(f"volatile://{tmp_path / 'limits.sqlite'}")
    storage.incr("one", 60)
    held_clock.forward(seconds=-1)
    assert storage.incr("one", 60) == 2


def test_what_is_kept_first_stays_until_its_time_is_over_and_can_be_kept_for_longer(
    tmp_path: Path, held_clock: HeldClock
) -> None:
    storage = VolatileStorage(f"volatile://{tmp_path / 'limits.sqlite'}")
    assert [storage.keep_first("one", value, 60) for value in "ab"] == ["a", "a"]
    held_clock.forward(seconds=50)
    assert storage.keep_first("one", "c", 60, prolong=True) == "a"
    held_clock.forward(seconds=50)
    assert storage.kept("one") == "a"
    held_clock.forward(seconds=11)
    assert storage.kept("one") is None
    assert storage.keep_first("one", "d", 60) == "d"


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


@pytest.mark.parametrize("address", ["10.1.2.3", "172.17.0.1", "192.168.1.7", "100.64.3.3", "fd00::1", "fe80::1%eth0"])
def test_so_do_addresses_behind_which_a_proxy_or_a_carrier_hides_everybody(address: str) -> None:
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


def test_on_a_site_where_nothing_happens_yesterday_is_forgotten_all_the_same(
    app: Flask, tmp_path: Path, held_clock: HeldClock
) -> None:
    within(app, STRANGER, of("3/hour"), 1)
    salt = next((tmp_path / "memory").glob("salt-*")).read_bytes()
    key = key_of(STRANGER, salt)
    held_clock.forward(days=1)
    with app.app_context():
        limits.forget_other_days()
    kept = b"".join(path.read_bytes() for path in (tmp_path / "memory").iterdir())
    assert salt not in kept and key.encode() not in kept


def within(app: Flask, address: str, limit: Limit, times: int) -> list[bool]:
    """Ask this often from an address; which of them were within the limit."""
    with app.test_request_context("/", environ_overrides={"REMOTE_ADDR": address}):
        return [limits.within(limit) for _ in range(times)]


def refused(app: Flask, address: str, limit: Limit) -> int | None:
    """The seconds after which whoever is refused may try again."""
    with app.test_request_context("/", environ_overrides={"REMOTE_ADDR": address}):
        try:
            limits.refuse_over(limit)
        except limits.OverLimit as error:
            return int(error.retry_after)
    return None


def test_a_network_that_asks_too_often_keeps_nobody_else_out(app: Flask, held_clock: HeldClock) -> None:
    assert within(app, STRANGER, of("3/minute"), 5) == [True, True, True, False, False]
    assert within(app, NEIGHBOUR, of("3/minute"), 1) == [False], "the same network"
    assert within(app, ANOTHER, of("3/minute"), 1) == [True]


def test_a_bucket_that_many_share_is_counted_and_never_refused(app: Flask, held_clock: HeldClock) -> None:
    limit = of("1/minute")
    assert within(app, "127.0.0.1", limit, 3) == [True, False, False]
    assert refused(app, "127.0.0.1", limit) is None
    assert within(app, STRANGER, limit, 1) == [True]
    assert refused(app, STRANGER, limit) == 60


def test_whoever_is_refused_hears_when_the_longest_window_that_is_used_up_ends(
    app: Flask, held_clock: HeldClock
) -> None:
    limit = of("2/minute;3/hour")
    held_clock.forward(seconds=15)
    within(app, STRANGER, limit, 2)
    assert refused(app, STRANGER, limit) == 30 * 60 - 15
    held_clock.to(dt.datetime(2026, 3, 5, 11, 0, 20, tzinfo=dt.UTC))
    within(app, STRANGER, limit, 2)
    limit = of("2/minute;30/hour")
    assert refused(app, STRANGER, limit) == 40


def test_several_limits_hold_together(app: Flask, held_clock: HeldClock) -> None:
    assert within(app, STRANGER, of("5/minute;2/hour"), 3) == [True, True, False]


def test_looking_counts_nothing(app: Flask, held_clock: HeldClock) -> None:
    limit = of("2/hour", Per.PERSON)
    with app.app_context():
        assert not any(limits.spent(limit, "somebody") for _ in range(9))
        assert limits.within(limit, "somebody") and limits.within(limit, "somebody")
        assert limits.spent(limit, "somebody")
        assert not limits.spent(limit, "somebody else")


def test_what_may_be_done_once_may_be_done_once_over_the_border_of_every_window(
    app: Flask, held_clock: HeldClock
) -> None:
    limit = of("1/5 minutes", Per.PERSON)
    held_clock.to(dt.datetime(2026, 3, 5, 10, 34, 59, tzinfo=dt.UTC))
    with app.app_context():
        assert limits.is_first(limit, "123456")
        held_clock.forward(seconds=2)
        assert not limits.is_first(limit, "123456")
        assert limits.was_done(limit, "123456") and not limits.was_done(limit, "654321")
        held_clock.forward(minutes=5)
        assert limits.is_first(limit, "123456")


def test_the_day_s_end_frees_everybody(app: Flask, held_clock: HeldClock) -> None:
    """Keys of two days are unrelated, so that nobody can be followed over midnight; the counters go with them."""
    held_clock.to(dt.datetime(2026, 3, 5, 23, 59, tzinfo=dt.UTC))
    assert within(app, STRANGER, of("1/hour"), 2) == [True, False]
    assert refused(app, STRANGER, of("1/hour")) == 60
    held_clock.forward(minutes=2)
    assert within(app, STRANGER, of("1/hour"), 1) == [True]


def test_no_address_is_in_the_memory_that_limits_leave(app: Flask, tmp_path: Path) -> None:
    within(app, STRANGER, of("3/minute"), 3)
    kept = b"".join(path.read_bytes() for path in (tmp_path / "memory").rglob("*") if path.is_file())
    assert kept
    assert b"203.0.113" not in kept
    assert ipaddress.ip_address(STRANGER).packed not in kept
    assert ipaddress.ip_address("203.0.113.0").packed not in kept


class TestWhenNothingCanBeKept:
    """A full memory, or none, closes no door."""

    @pytest.fixture
    def environment(self, environment: dict[str, str], tmp_path: Path) -> dict[str, str]:
        (tmp_path / "a file").write_bytes(b"")
        return environment | {"STORYHUB_VOLATILE": str(tmp_path / "a file" / "where no folder can be")}

    def test_everything_is_within_its_limit(self, app: Flask) -> None:
        assert within(app, STRANGER, of("1/hour"), 3) == [True] * 3
        assert refused(app, STRANGER, of("1/hour")) is None
        with app.test_request_context("/", environ_overrides={"REMOTE_ADDR": STRANGER}):
            assert limits.note_arrival("words " * 50, "a page") == limits.Arrival()
            assert limits.surge_mark() is None and limits.flood_since() is None
            limits.forget_other_days()

    def test_but_a_code_that_may_be_used_once_is_not_taken_on_trust(self, app: Flask) -> None:
        with app.app_context():
            assert not limits.is_first(of("1/5 minutes", Per.PERSON), "123456")

    def test_the_day_s_salt_is_then_one_of_the_process_and_goes_with_the_day(
        self, app: Flask, held_clock: HeldClock
    ) -> None:
        with app.app_context():
            first = limits.todays_salt()
            assert limits.todays_salt() == first
            held_clock.forward(days=1)
            assert limits.todays_salt() != first


def test_a_memory_that_fills_up_meanwhile_refuses_nobody(app: Flask, held_clock: HeldClock) -> None:
    within(app, STRANGER, of("1/hour"), 1)
    with app.app_context():
        connection = current_app.extensions["limits_everywhere"]._connection()
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {pages}")
    many = [within(app, f"198.51.{number}.7", of("1/hour"), 1)[0] for number in range(200)]
    assert many == [True] * 200
    with app.app_context(), pytest.raises(sqlite3.OperationalError, match="full"):
        current_app.extensions["limits_everywhere"].incr_all([f"{number:040}" for number in range(200)], 3600)


def test_after_a_failure_in_the_middle_of_several_counts_none_of_them_counts(tmp_path: Path) -> None:
    storage = VolatileStorage(f"volatile://{tmp_path / 'limits.sqlite'}")
    with pytest.raises(sqlite3.Error):
        storage.incr_all(["one", object()], 3600)  # type: ignore[list-item]
    assert storage.get("one") == 0
    assert storage.incr_all(["one", "two", "one"], 3600) == [1, 1, 2]


@pytest.fixture
def on_redis(machine: Machine, environment: dict[str, str], tmp_path: Path) -> Callable[[str], Flask]:
    """on_redis("a machine"): the site on a machine with a memory of its own, and with the Redis that all share."""
    url = machine.redis_url()

    def made(name: str) -> Flask:
        own = {"STORYHUB_VOLATILE": str(tmp_path / name), "STORYHUB_REDIS_URL": url}
        app = create_app(read_settings({**environment, **own}))
        with app.app_context():
            current_app.extensions["limits_everywhere"]._redis.flushall()
        return app

    return made


@pytest.mark.redis
def test_with_redis_the_same_holds_over_several_machines(on_redis: Callable[[str], Flask]) -> None:
    one, other = on_redis("one"), on_redis("other")
    assert within(one, STRANGER, of("3/hour"), 2) == [True, True]
    assert within(other, STRANGER, of("3/hour"), 2) == [True, False]
    assert within(other, ANOTHER, of("3/hour"), 1) == [True]
    with one.app_context():
        first, salt = counting.keep_first("surge", "1", 60), limits.todays_salt()
        assert limits.is_first(of("1/5 minutes", Per.PERSON), "123456")
    with other.app_context():
        assert (counting.keep_first("surge", "2", 60), counting.kept("surge")) == (first, "1")
        assert limits.todays_salt() == salt and len(salt) == 32
        assert not limits.is_first(of("1/5 minutes", Per.PERSON), "123456")
        assert counting.count_all(of("3/hour"), ["a", "b", "a"]) == [1, 1, 2]
        assert counting.count_all(of("3/hour"), ["a", "c"], only_look=True) == [2, 0]


@pytest.mark.redis
def test_in_redis_too_all_windows_of_an_hour_end_together_and_the_salt_with_the_day(
    on_redis: Callable[[str], Flask],
) -> None:
    app = on_redis("one")
    within(app, STRANGER, of("3/hour"), 1)
    with app.app_context():
        redis, now = current_app.extensions["limits_everywhere"]._redis, clock.now()
        lasts = {key.decode(): redis.ttl(key) for key in redis.scan_iter()}
    (salt,) = (seconds for key, seconds in lasts.items() if f"salt-{now.date()}" in key)
    (count,) = (seconds for key, seconds in lasts.items() if "a-test" in key)
    assert abs(3600 - now.timestamp() % 3600 - count) <= 2
    assert abs(86400 - now.timestamp() % 86400 - salt) <= 2
    assert not [key for key in lasts if "203.0.113" in key]


def test_without_its_redis_the_site_still_answers(environment: dict[str, str]) -> None:
    """By default a lost Redis would be a 500 on every page."""
    app = create_app(read_settings({**environment, "STORYHUB_REDIS_URL": "redis://127.0.0.1:1/0"}))
    assert within(app, STRANGER, of("3/hour"), 5) == [True, True, True, False, False]


def test_a_redis_that_hangs_is_waited_for_once(environment: dict[str, str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"redis://127.0.0.1:{silent.getsockname()[1]}/0"
        app = create_app(read_settings({**environment, "STORYHUB_REDIS_URL": url}))
        assert within(app, STRANGER, of("3/hour"), 5) == [True, True, True, False, False]
        silent.settimeout(0)
        connections = 0
        while True:
            try:
                silent.accept()[0].close()
            except BlockingIOError:
                break
            connections += 1
    assert connections <= 2, "asked once, with the client's own second try"


CODE = [path for path in (ROOT / "storyhub").rglob("*.py") if path.name != "table.py"]


def named_in(path: Path) -> Iterator[str]:
    """What a module asks the table of limits for."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if (
            isinstance(node, ast.Attribute)
            and node.attr.isupper()
            and ast.unparse(node.value) in ("table", "limits.table")
        ):
            yield node.attr
        elif isinstance(node, ast.ImportFrom) and node.module == "storyhub.protection.limits.table":
            yield from (alias.name for alias in node.names if alias.name.isupper() and alias.name != "TABLE")


def test_every_limit_stands_in_the_table_and_is_used() -> None:
    constants = {name for name, value in vars(limits.table).items() if isinstance(value, Limit)}
    used = {name for path in CODE for name in named_in(path)}
    assert used == constants
    assert {getattr(limits.table, name).name for name in constants} == set(TABLE)
    assert len(TABLE) == len(constants), "two limits of one name would count together"


def test_no_amount_of_anything_stands_elsewhere_in_the_code() -> None:
    amount = re.compile(r"""["']\d+ ?(?:/|per) ?\d* ?(?:second|minute|hour|day)s?["';]""")
    assert not [path for path in CODE if amount.search(path.read_text("utf-8"))]


@pytest.mark.parametrize("limit", TABLE.values(), ids=list(TABLE))
def test_every_window_divides_the_day_so_that_all_end_with_its_salt(limit: Limit) -> None:
    assert [24 * 60 * 60 % item.get_expiry() for item in limit.items] == [0] * len(limit.items)


def test_only_ceilings_and_asking_without_pause_are_refused_and_a_story_never_below_two_thousand_an_hour() -> None:
    refusing = {limit.name: limit for limit in TABLE.values() if limit.over is Over.REFUSES}
    assert {name for name in refusing if name.startswith("telling")} == {"telling-ceiling"}
    assert refusing["telling-ceiling"].amounts == "2000/hour"
    assert not [name for name in TABLE if name.startswith("look-up") and name in refusing]


def test_the_documentation_tells_the_same_amounts() -> None:
    rows = re.findall(
        r"^\| `([\w-]+)` \| ([^|]+) \| (\w+) \| (\w+) \|", (ROOT / "docs/limits.md").read_text("utf-8"), re.M
    )
    told = {name: (amounts.strip(), per, over) for name, amounts, per, over in rows}
    assert told == {limit.name: (limit.amounts, str(limit.per), str(limit.over)) for limit in TABLE.values()}
