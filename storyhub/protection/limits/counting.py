"""Counting, whatever is broken: on this machine alone while Redis is away, and not at all rather than turn people away.

No key that is counted leads to anybody: a network's is a keyed hash under the day's salt.
"""

from __future__ import annotations

import logging
import math
import secrets
from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, current_app, g, request
from limits import RateLimitItem
from limits.strategies import FixedWindowRateLimiter
from werkzeug.exceptions import TooManyRequests

from storyhub import clock
from storyhub.config import Settings
from storyhub.extensions import limiter
from storyhub.protection.limits import networks
from storyhub.protection.limits.stores import SharedStorage, VolatileStorage, window_end
from storyhub.protection.limits.table import Limit, Per

log = logging.getLogger("storyhub")
T = TypeVar("T")
Store = VolatileStorage | SharedStorage

SECONDS_WITHOUT_REDIS = 30  # till it is asked again
DAY = 24 * 60 * 60


class OverLimit(TooManyRequests):
    """Too much of one thing from one network: a kind page that says when to try again."""

    def __init__(self, limit: Limit) -> None:
        seconds = seconds_left(limit)
        super().__init__(retry_after=seconds)
        self.says = limit.says


def within(limit: Limit, of: str | None = None) -> bool:
    """Count one more and tell whether it is still within the limit; of this network, unless said of whom."""
    whose = _whose(limit, of)
    # Each amount is counted, so that what a minute refuses the hour knows of too.
    return False not in [_hit(item, limit, whose) for item in limit.items]


def spent(limit: Limit, of: str | None = None) -> bool:
    """Whether nothing more is within the limit now; counts nothing."""
    whose = _whose(limit, of)
    return not all(_has_room(item, limit, whose) for item in limit.items)


def refuse_over(limit: Limit) -> None:
    """Count one more, and answer whoever is over the limit with a kind page. A bucket that many share never is."""
    if not within(limit) and not is_shared():
        raise OverLimit(limit)


def is_first(limit: Limit, of: str) -> bool:
    """Whether this is done for the first time within the limit's time, which runs from now on. Not, in doubt."""
    mine = secrets.token_hex(8)
    return _ask(lambda store: store.keep_first(f"{limit.name}/{of}", mine, limit.seconds), "") == mine


def was_done(limit: Limit, of: str) -> bool:
    """Whether is_first was asked about it within the limit's time."""
    return _ask(lambda store: store.kept(f"{limit.name}/{of}"), None) is not None


def count_all(limit: Limit, of: list[str], *, only_look: bool = False) -> list[int]:
    """Count one more of each, and how many each of them then is; none when nothing can be counted."""
    keys = [limit.items[0].key_for(limit.name, one) for one in of]
    if only_look:
        return _ask(lambda store: store.get_all(keys), [])
    return _ask(lambda store: store.incr_all(keys, limit.seconds), [])


def keep_first(key: str, value: str, seconds: float, *, prolong: bool = False) -> str | None:
    """Keep a value in memory unless one is kept already, and return that which is; None when nothing can be kept."""
    return _ask(lambda store: store.keep_first(key, value, seconds, prolong=prolong), None)


def kept(key: str) -> str | None:
    return _ask(lambda store: store.kept(key), None)


def seconds_left(limit: Limit, of: str | None = None) -> int:
    """Until one may try again: when the longest window that is used up ends, which is no later than the day."""
    whose = _whose(limit, of)
    used_up = [item for item in limit.items if not _has_room(item, limit, whose)]
    seconds = max((item.get_expiry() for item in used_up), default=limit.seconds)
    return max(1, math.ceil(window_end(seconds) - clock.now().timestamp()))


def network_key() -> str:
    """The key of the network that a request comes from; one shared key for loopback and onion addresses."""
    if "network_key" not in g:  # once in a request, which then stays the same over midnight
        g.network_key = networks.key_of(request.remote_addr or "", todays_salt())
    found: str = g.network_key
    return found


def is_shared() -> bool:
    """Whether a request comes from where very many people come from: counted, held, but never turned away."""
    return network_key() == networks.SHARED


def todays_salt() -> bytes:
    """32 random bytes that live until the day ends; one salt for all machines that share a Redis."""
    folder = _settings().volatile
    if not _settings().redis_url:
        return networks.salt_of_day(folder)
    left = window_end(DAY) - clock.now().timestamp()
    made = secrets.token_hex(32)
    salt = _ask(lambda store: _shared_salt(store, made, left), None)
    return bytes.fromhex(salt) if salt else networks.salt_of_day(folder)


def forget_other_days() -> None:
    """Forget yesterday's salt and counters, also on a site on which nothing happened since midnight."""
    try:
        networks.forget_other_days(_settings().volatile)
        here: VolatileStorage = current_app.extensions["limits_here"]
        here.forget_ended()
    except here_exceptions() as error:
        log.error("the limits' memory did not answer: %s", type(error).__name__)


def here_exceptions() -> tuple[type[Exception], ...]:
    here: VolatileStorage = current_app.extensions["limits_here"]
    return here.base_exceptions


def configure(app: Flask, settings: Settings) -> None:
    """Give Flask-Limiter its storage: Redis where several machines share it, else a file in memory."""
    here = f"volatile://{settings.volatile / 'limits.sqlite'}"
    app.config["RATELIMIT_STORAGE_URI"] = "shared://" if settings.redis_url else here
    app.config["RATELIMIT_STORAGE_OPTIONS"] = {"url": settings.redis_url} if settings.redis_url else {}
    app.config["RATELIMIT_STRATEGY"] = "fixed-window"
    app.config["RATELIMIT_HEADERS_ENABLED"] = False
    app.extensions["limits_here"] = VolatileStorage(here)
    # Known already, so it hangs nothing on every request: limits are counted where they are stated, and nowhere else.
    app.extensions.setdefault("limiter", set()).add(limiter)
    limiter.init_app(app)
    app.extensions["limits_everywhere"] = limiter.storage


def _settings() -> Settings:
    found: Settings = current_app.extensions["settings"]
    return found


def _whose(limit: Limit, of: str | None) -> str:
    if of is not None:
        return of
    return network_key() if limit.per is Per.NETWORK else limit.per


def _hit(item: RateLimitItem, limit: Limit, whose: str) -> bool:
    return _ask(lambda store: FixedWindowRateLimiter(store).hit(item, limit.name, whose), True)


def _has_room(item: RateLimitItem, limit: Limit, whose: str) -> bool:
    return _ask(lambda store: FixedWindowRateLimiter(store).test(item, limit.name, whose), True)


def _shared_salt(store: Store, made: str, seconds: float) -> str | None:
    """Only from Redis: what stands in this machine's own file has its salt beside it."""
    return store.keep_first(f"salt-{clock.today()}", made, seconds) if isinstance(store, SharedStorage) else None


def _ask(question: Callable[[Store], T], without: T) -> T:
    """Ask where all machines count, else this machine alone; `without` when neither answers, which closes no door."""
    extensions, now = current_app.extensions, clock.now().timestamp()
    # Not for longer than that, should the clock be set back meanwhile.
    if not 0 < extensions.get("limits_asked_again_at", 0) - now <= SECONDS_WITHOUT_REDIS:
        store: Any = extensions["limits_everywhere"]
        try:
            return question(store)
        except store.base_exceptions as error:
            log.error("the limits' storage did not answer: %s", type(error).__name__)
            if isinstance(store, SharedStorage):
                extensions["limits_asked_again_at"] = now + SECONDS_WITHOUT_REDIS
    here: VolatileStorage = extensions["limits_here"]
    try:
        return question(here)
    except here.base_exceptions:
        return without
