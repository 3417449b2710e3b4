"""Slowing down whoever guesses receipts, without turning anybody away and without a worker that sleeps.

Where receipts are typed too often, the one that was typed is sealed into a page that asks for one more press some
seconds later. The seal is of this receipt alone, so that every guess costs its own wait; whoever has a receipt waits
once. A mistyped receipt is told by its check digits before any of this, and costs nothing.
"""

from __future__ import annotations

from storyhub import clock
from storyhub.protection import limits
from storyhub.protection.sealing import IDLE_SECONDS, Broken, Sealer
from storyhub.telling.carrying import settings

WAIT_SECONDS = 5


class TooSoon(Exception):
    """A button was pressed before its wait was over."""


def is_needed() -> bool:
    """Count one receipt that was typed, and tell whether its look-up must wait."""
    # Both are counted, whatever the first one says.
    return not all([limits.within(limits.table.LOOK_UP), limits.within(limits.table.LOOK_UP_SITE)])


def sealed(receipt: str) -> str:
    """A receipt that may be looked up after the wait."""
    return _sealer().seal({"receipt": receipt, "from": clock.now().timestamp() + WAIT_SECONDS})


def waited(token: str) -> str | None:
    """The receipt of a page whose wait is over; None when it is no such page's, or too old. Raises TooSoon."""
    try:
        carried = _sealer().open(token, IDLE_SECONDS)
    except Broken:
        return None
    # A clock that was set back must not make anybody wait for longer.
    if 0 < carried["from"] - clock.now().timestamp() <= WAIT_SECONDS:
        raise TooSoon
    return str(carried["receipt"])


def _sealer() -> Sealer:
    return Sealer(settings().secret_key, "receipt that waits")
