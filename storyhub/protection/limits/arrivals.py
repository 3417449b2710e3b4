"""What the arrival of a story tells: whether it is one of very many that say the same, and whether a flood is on.

Likeness is counted by passages, for the whole site: each value of a text's keyed sample counts up for the hour. A text
of whose passages very many have been seen often is one of a brigade, whatever networks it comes from. So no
text is kept, not even its sample as one, and nothing that is counted ties a text to a network. The samples' key comes
of the day's salt and goes with it.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass

from storyhub import clock
from storyhub.protection.limits import counting, table
from storyhub.text import likeness

LONG = 20  # passages and more: half of them seen often tells enough; of shorter ones two thirds
SHARE_OF_LONG, SHARE_OF_OTHERS = 1 / 2, 2 / 3
QUIET = 20 * 60  # seconds after which a surge or a flood is over


@dataclass(frozen=True)
class Arrival:
    """What is odd about a story's arrival; nothing of it is stored but the surge's random number."""

    alike: bool = False
    page_worn: bool = False
    in_flood: bool = False
    surge: int | None = None


def note_arrival(text: str, page: str | None) -> Arrival:
    """Count a story that is about to be received. `page`: the random number of the form that it was written in.

    Those that come from no form of ours share one number: a program must gain nothing by leaving the form's seal out.
    """
    over_volume = not counting.within(table.TELLING_VOLUME)
    alike = _is_alike(text, over_volume)
    return Arrival(
        alike=alike,
        page_worn=not counting.within(table.TELLING_PAGE, page or "none"),
        in_flood=_is_in_flood(alike),
        surge=_surge_on_arrival(),
    )


def surge_mark() -> int | None:
    """The random number of the surge that is on now, below 2**63; None while there is none."""
    mark = counting.kept(_surge_name())
    return int(mark) if mark else None


def flood_since(limit: table.Limit = table.FLOOD) -> str | None:
    """The hour (UTC, such as 14:00) since when stories flood in from all over, or None. For the desk."""
    return counting.kept(limit.name)


def _is_alike(text: str, over_volume: bool) -> bool:
    whole = likeness.sketch(text, _sample_key())
    passages = [format(value, "x") for value in whole]
    if not passages:
        return False
    may_sample = counting.within(table.TELLING_SAMPLED)
    counts = counting.count_all(table.TELLING_ALIKE, passages, only_look=not may_sample)
    if not likeness.says_enough(whole):
        # "I was harassed on the bus": a class that was asked will write it thirty times, and each of them is true.
        return over_volume and bool(counts) and min(counts) > table.TELLING_ALIKE_SHORT.amount
    often = sum(count > table.TELLING_ALIKE.amount for count in counts)
    return often >= len(passages) * (SHARE_OF_LONG if len(whole) >= LONG else SHARE_OF_OTHERS)


def _is_in_flood(alike: bool) -> bool:
    """Whether stories flood in from where this one came: from all over, or by addresses that many people share.

    What is held for its likeness counts for nothing, nor does the excess of one network: neither a brigade nor one
    machine can move everybody else to the held lane. Behind a shared address one cannot be told from many, so what
    comes by those is counted by itself, and holds nobody else.
    """
    limit = table.FLOOD_SHARED if counting.is_shared() else table.FLOOD
    counts = not alike and (limit is table.FLOOD_SHARED or counting.within(table.FLOOD_SHARE))
    if counts and not counting.within(limit):
        counting.keep_first(limit.name, f"{clock.now():%H}:00", QUIET, prolong=True)
        return True
    return flood_since(limit) is not None


def _surge_on_arrival() -> int | None:
    if counting.within(table.SURGE):
        return surge_mark()
    mark = counting.keep_first(_surge_name(), str(secrets.randbits(63)), QUIET, prolong=True)
    return int(mark) if mark else None


def _surge_name() -> str:
    """Of this day: one mark on both sides of midnight would say which stories of two days were told close together."""
    return f"surge-{clock.today()}"


def _sample_key() -> bytes:
    return hmac.new(counting.todays_salt(), b"likeness", hashlib.sha256).digest()
