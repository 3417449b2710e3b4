"""Small counts: what is kept back of a table, so that nobody can be found in it (promise 19).

Method: primary suppression of counts from 1 to least - 1, then complementary suppression until no count that is kept
back follows from the total (Hundepool et al., Statistical Disclosure Control, 2012, chapter 4, for one dimension).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from storyhub.config import LEAST_SMALL_CELL

KEPT_BACK = None
ROUNDED_TO = 10


@dataclass(frozen=True)
class Table:
    """Counts and their total as they may be published; None is kept back."""

    parts: tuple[int | None, ...]
    total: int | None


def shown_counts(parts: Sequence[int], least: int, *, without_total: bool = False) -> Table:
    """What may be shown of counts that add up to their total. ValueError for a threshold that protects nobody.

    Which counts are kept back depends on their values alone and not on their order: so the counts kept back can trade
    places and give the same table. That is why each of them has at least two possible values, even for somebody who
    knows this rule. `without_total` when the total must not be shown, because another table keeps it back.
    """
    if least < LEAST_SMALL_CELL:
        raise ValueError(f"a threshold under {LEAST_SMALL_CELL} protects nobody")
    small = {place for place, count in enumerate(parts) if 0 < count < least}
    hides_total = without_total or 0 < sum(parts) < least
    if small and not hides_total and _follows_from_total(parts, small, least):
        larger = [count for place, count in enumerate(parts) if count and place not in small]
        if larger:
            # All of the smallest others, not one of them: a choice among equals would tell which was chosen.
            small |= {place for place, count in enumerate(parts) if count == min(larger)}
        else:
            hides_total = True
    shown = tuple(KEPT_BACK if place in small else count for place, count in enumerate(parts))
    return Table(shown, KEPT_BACK if hides_total else sum(parts))


def _follows_from_total(parts: Sequence[int], small: set[int], least: int) -> bool:
    """Whether the total gives a small count away: it is alone, or all are as small or as large as can be."""
    together = sum(parts[place] for place in small)
    return len(small) == 1 or together == len(small) or together == len(small) * (least - 1)


def shown_if_large(count: int, least: int) -> int | None:
    """A count that stands alone and is never published again in another way: none, or large enough, or kept back."""
    return KEPT_BACK if 0 < count < least else count


def roughly(count: int, least: int) -> int | None:
    """A count that changes every day, too coarse to be compared with itself the day after; None when it is small."""
    return KEPT_BACK if count < least else count - count % ROUNDED_TO
