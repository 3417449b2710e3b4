"""The only reader of time, so that times can be coarsened and tests can hold it still."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager

EPOCH = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)

_held: dt.datetime | None = None


def now() -> dt.datetime:
    """This moment in UTC. For limits, claims and release windows; never stored with anything a contributor causes."""
    return _held or dt.datetime.now(dt.UTC)


def today() -> dt.date:
    """The day in UTC: the finest time that is kept at rest about a story (promise 4)."""
    return now().date()


def window(minutes: int) -> int:
    """The release window that is open now, as minutes since 2020-01-01 UTC; of one minute when `minutes` is 0."""
    passed = int((now() - EPOCH).total_seconds()) // 60
    return passed - passed % max(1, minutes)


def next_window(minutes: int) -> int:
    """The window in which a decision made now goes out: the open one when stories are released at once."""
    return window(minutes) + minutes


def moment(of_window: int) -> dt.datetime:
    """The moment at which a window opens, in UTC."""
    return EPOCH + dt.timedelta(minutes=of_window)


@contextmanager
def held(moment: dt.datetime) -> Iterator[None]:
    """Hold time still, for tests and for invented stories of other days."""
    global _held
    before, _held = _held, moment
    try:
        yield
    finally:
        _held = before
