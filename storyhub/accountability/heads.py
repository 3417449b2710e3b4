"""The head of the record, day by day: whoever kept one can tell that nobody rewrote what came before (promise 17)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator

import sqlalchemy as sa
from sqlalchemy.orm import Session

from storyhub import clock
from storyhub.models.decision import GENESIS, Decision, PublishedHead
from storyhub.models.figures import once_an_edition
from storyhub.models.publication import new_edition
from storyhub.models.site import the_site

A_DAY = dt.timedelta(days=1)
MOST_AT_ONCE = 366  # days that are made up for in one step
LOOKED_UP_AT_ONCE = 500  # hashes


def publish_heads(session: Session) -> int:
    """Keep the head of each day that is over and has none yet, from the first decision on. Returns of how many days.

    A day without a decision repeats the head before it, so that there is one for every day. Doesn't commit.
    """
    the_site(session, lock=True)  # of two workers at once the second finds it done
    newest = session.scalar(sa.select(PublishedHead).order_by(PublishedHead.day.desc()).limit(1))
    last_of = _last_of_each_day(session, newest)
    if newest is None and not last_of:
        return 0
    day, head = (newest.day + A_DAY, newest.hash) if newest else (min(last_of), GENESIS)
    heads: list[PublishedHead] = []
    while day < clock.today() and len(heads) < MOST_AT_ONCE:
        head = last_of.get(day, head)
        heads.append(PublishedHead(day=day, hash=head))
        day += A_DAY
    session.add_all(heads)
    if heads:
        new_edition(session)
    return len(heads)


def _last_of_each_day(session: Session, newest: PublishedHead | None) -> dict[dt.date, str]:
    """The hash of the last decision of every day that is over, for those after the newest head that is kept."""
    after = session.scalar(sa.select(Decision.number).filter_by(hash=newest.hash)) if newest else None
    last = (
        sa.select(sa.func.max(Decision.number))
        .where(Decision.number > (after or 0), Decision.day < clock.today())
        .group_by(Decision.day)
    )
    rows = session.execute(sa.select(Decision.day, Decision.hash).where(Decision.number.in_(last)))
    return {day: hash_ for day, hash_ in rows}  # noqa: C416 - rows are no plain tuples


@once_an_edition
def latest_heads(session: Session, most: int = 30) -> tuple[tuple[dt.date, str], ...]:
    """(day, hash) of the newest days, the newest first."""
    newest = sa.select(PublishedHead.day, PublishedHead.hash).order_by(PublishedHead.day.desc()).limit(most)
    return tuple((day, hash_) for day, hash_ in session.execute(newest))


def heads_gone(session: Session) -> Iterator[tuple[dt.date, str]]:
    """(day, hash) of the heads that this site itself has published, and that its record no longer holds."""
    kept = sa.select(PublishedHead.day, PublishedHead.hash).outerjoin(Decision, Decision.hash == PublishedHead.hash)
    rows = session.execute(kept.where(Decision.number.is_(None)).order_by(PublishedHead.day))
    yield from ((day, hash_) for day, hash_ in rows)


def hashes_gone(session: Session, hashes: Iterable[str]) -> list[str]:
    """Those of these hashes that no decision in the record has. Before the first decision stands GENESIS."""
    wanted = list(dict.fromkeys(hash_ for hash_ in hashes if hash_ != GENESIS))
    found: set[str] = set()
    for start in range(0, len(wanted), LOOKED_UP_AT_ONCE):
        some = wanted[start : start + LOOKED_UP_AT_ONCE]
        found.update(session.scalars(sa.select(Decision.hash).where(Decision.hash.in_(some))))
    return [hash_ for hash_ in wanted if hash_ not in found]
