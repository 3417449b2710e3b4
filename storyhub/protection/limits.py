"""Quiet limits: how much of one thing may come from one network, without anybody being able to say from which.

Keys are keyed hashes of the network under a random salt that lives for at most a day, in memory (promise 2).
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import logging
import os
import secrets
import sqlite3
import threading
from pathlib import Path
from typing import Any

from flask import Flask, current_app, request
from limits import RateLimitItem, parse
from limits.storage import Storage
from limits.strategies import FixedWindowRateLimiter

from storyhub import clock
from storyhub.config import Settings
from storyhub.extensions import limiter

log = logging.getLogger("storyhub")

# One place for every limit. Soft ones only choose a lane; ceilings refuse, kindly. In requests of one network.
SOFT_TELLING = "200/hour"
CEILING_TELLING = "2000/hour"
LOOK_UP = "60/minute"
SIGN_IN = "30/minute;200/hour"
SEARCH = "240/minute"
SECONDS_WITHOUT_REDIS = 30  # till it is asked again
SHARED = "shared"  # loopback and onion: many people behind one address
SHARED_FACTOR = 50


def network_key() -> str:
    """The key of the network that a request comes from; one shared key for loopback and onion addresses."""
    return key_of(request.remote_addr or "", todays_salt())


def key_of(address: str, salt: bytes) -> str:
    """A keyed hash of the network of an address (/24 for IPv4, /56 for IPv6). Nothing leads back to the address."""
    try:
        number = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return SHARED
    if isinstance(number, ipaddress.IPv6Address) and number.ipv4_mapped:
        number = number.ipv4_mapped
    if number.is_loopback:
        return SHARED
    prefix = 24 if number.version == 4 else 56
    network = ipaddress.ip_network(f"{number}/{prefix}", strict=False)
    return hmac.new(salt, network.compressed.encode(), hashlib.sha256).hexdigest()[:32]


def is_shared() -> bool:
    return network_key() == SHARED


def within(limit: str, name: str) -> bool:
    """Count one more `name` from this network and tell whether it is still within the limit."""
    key = network_key()
    return all(_hit(item, name, key) for item in _items(limit, key))


def _hit(item: RateLimitItem, name: str, key: str) -> bool:
    """Count where all machines count; on this machine alone while Redis is away, rather than turn people away."""
    kept, now = current_app.extensions, _now()
    if now >= kept.get("limits_asked_again_at", 0):
        try:
            return limiter.limiter.hit(item, name, key)
        except limiter.storage.base_exceptions as error:
            log.error("the limits' storage did not answer: %s", type(error).__name__)
            kept["limits_asked_again_at"] = now + SECONDS_WITHOUT_REDIS
    try:
        return FixedWindowRateLimiter(kept["limits_here"]).hit(item, name, key)
    except sqlite3.Error:
        return True  # a full disk in memory must close no door either


def _items(limit: str, key: str) -> list[RateLimitItem]:
    items = [parse(part) for part in limit.split(";")]
    if key == SHARED:
        # A bucket that many people share may fill the held lane, but may lock nobody out by another's doing.
        return [type(item)(item.amount * SHARED_FACTOR, item.multiples) for item in items]
    return items


def todays_salt() -> bytes:
    """32 random bytes that live until the day ends. Two processes that start at once agree on one file."""
    settings: Settings = current_app.extensions["settings"]
    return salt_of_day(settings.volatile)


def salt_of_day(folder: Path) -> bytes:
    today = clock.today().isoformat()
    path = folder / f"salt-{today}"
    try:
        return path.read_bytes()
    except FileNotFoundError:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    temporary = folder / f".salt-{secrets.token_hex(8)}"
    descriptor = os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(secrets.token_bytes(32))
    try:
        os.link(temporary, path)  # fails where another process was first: then its salt is the day's
    except FileExistsError:
        pass
    finally:
        temporary.unlink()
    for old in folder.glob("salt-*"):
        if old.name != path.name:
            old.unlink(missing_ok=True)
    return path.read_bytes()


def _now() -> float:
    return clock.now().timestamp()


class VolatileStorage(Storage):
    """Counters of the `limits` library in a SQLite file in memory-backed storage, exact across processes.

    memory:// counts for each process alone: four workers would let four times the limit through.
    """

    STORAGE_SCHEME = ["volatile"]

    def __init__(self, uri: str | None = None, wrap_exceptions: bool = False, **_: Any) -> None:
        super().__init__(uri, wrap_exceptions=wrap_exceptions)
        self._path = Path((uri or "").removeprefix("volatile://"))
        self._local = threading.local()

    @property
    def base_exceptions(self) -> type[Exception]:
        return sqlite3.Error

    def _connection(self) -> sqlite3.Connection:
        if getattr(self._local, "process", None) != os.getpid():
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            connection = sqlite3.connect(self._path, timeout=5, isolation_level=None)
            connection.execute("PRAGMA journal_mode=MEMORY")
            connection.execute("PRAGMA synchronous=OFF")
            connection.execute("PRAGMA secure_delete=ON")
            connection.execute(
                "CREATE TABLE IF NOT EXISTS counters (key TEXT PRIMARY KEY, count INTEGER NOT NULL, ends REAL NOT NULL)"
                " WITHOUT ROWID"
            )
            os.chmod(self._path, 0o600)
            self._local.connection, self._local.process = connection, os.getpid()
        found: sqlite3.Connection = self._local.connection
        return found

    def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        now = _now()
        row = self._connection().execute(
            "INSERT INTO counters VALUES (:key, :amount, :ends) ON CONFLICT (key) DO UPDATE SET"
            " count = CASE WHEN ends <= :now THEN :amount ELSE count + :amount END,"
            " ends = CASE WHEN ends <= :now THEN :ends ELSE ends END RETURNING count",
            {"key": key, "amount": amount, "ends": now + expiry, "now": now},
        )
        count = int(row.fetchone()[0])
        if secrets.randbelow(200) == 0:
            self._connection().execute("DELETE FROM counters WHERE ends <= ?", (now,))
        return count

    def get(self, key: str) -> int:
        row = self._connection().execute("SELECT count FROM counters WHERE key = ? AND ends > ?", (key, _now()))
        found = row.fetchone()
        return int(found[0]) if found else 0

    def get_expiry(self, key: str) -> float:
        found = self._connection().execute("SELECT ends FROM counters WHERE key = ?", (key,)).fetchone()
        return float(found[0]) if found else _now()

    def check(self) -> bool:
        return self._connection().execute("SELECT 1").fetchone() == (1,)

    def reset(self) -> int | None:
        return self._connection().execute("DELETE FROM counters").rowcount

    def clear(self, key: str) -> None:
        self._connection().execute("DELETE FROM counters WHERE key = ?", (key,))


def configure(app: Flask, settings: Settings) -> None:
    """Give Flask-Limiter its storage: Redis where several machines share it, else a file in memory."""
    app.config["RATELIMIT_STORAGE_URI"] = settings.redis_url or f"volatile://{settings.volatile / 'limits.sqlite'}"
    app.config["RATELIMIT_STRATEGY"] = "fixed-window"
    app.config["RATELIMIT_IN_MEMORY_FALLBACK_ENABLED"] = bool(settings.redis_url)
    app.config["RATELIMIT_HEADERS_ENABLED"] = False
    app.extensions["limits_here"] = VolatileStorage(f"volatile://{settings.volatile / 'limits.sqlite'}")
    limiter.init_app(app)
