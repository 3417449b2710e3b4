"""Bringing what is public of a story in step with the themes that organisers gave it since it was released.

Codings change at once for those who code; readers see them at the next release window, as everything else, so that
the site's edition does not change with every theme that somebody gives.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from storyhub import clock
from storyhub.models import tally
from storyhub.models.card import Card
from storyhub.models.columns import Base, BigInt
from storyhub.models.nearness import insert_into
from storyhub.models.publication import (
    Publication,
    PublishedPair,
    PublishedTheme,
    counted_of,
    new_edition,
    pairs_of,
)
from storyhub.models.site import the_site
from storyhub.models.theme import Coding, Theme

AT_ONCE = 500  # stories of one statement
SHOWN_AT_ONCE = 100  # of one transaction: all that is public of each is written anew, while nobody else can on SQLite


class ThemesDue(Base):
    """A public story whose themes changed, and the window from which on readers may see it."""

    __tablename__ = "themes_due"

    position: Mapped[int] = mapped_column(
        BigInt, sa.ForeignKey("publications.position", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    window: Mapped[int] = mapped_column(index=True)


def show_themes_later(session: Session, version_ids: Collection[int], *, window: int) -> None:
    """Note that these versions' codings changed: what is public of them follows at `window`. Doesn't commit.

    Versions that are not public are left alone: their themes go out with them.
    """
    ids = list(version_ids)
    for start in range(0, len(ids), AT_ONCE):
        public = sa.select(Publication.position).where(Publication.version_id.in_(ids[start : start + AT_ONCE]))
        # In one order, so that two who do it at once wait for each other and never in a ring.
        rows = [{"position": position, "window": window} for position in session.scalars(public.order_by("position"))]
        if rows:
            adding = insert_into(session, ThemesDue)
            later = {"window": adding.excluded.window}
            session.execute(adding.on_conflict_do_update(index_elements=["position"], set_=later), rows)


def follow(session: Session, version_ids: Collection[int], *, minutes: int) -> None:
    """What codings changed is seen by readers at the next window; at once where the site has no windows (0 minutes)."""
    show_themes_later(session, version_ids, window=clock.next_window(minutes))
    if minutes == 0:
        while show_themes_due(session, window=clock.window(0)):
            pass


def show_themes_due(session: Session, *, window: int, most: int = SHOWN_AT_ONCE) -> int:
    """Bring some of what is due by then in step. Returns of how many stories. Doesn't commit.

    Makes a new edition when anything that readers see has changed.
    """
    due = sa.select(ThemesDue.position).where(ThemesDue.window <= window).order_by(ThemesDue.position).limit(most)
    positions = session.scalars(due).all()
    if not positions:
        return 0
    the_site(session, lock=True)  # the tallies change in one transaction at a time
    chosen = sa.select(Publication).where(Publication.position.in_(positions))
    public = session.scalars(chosen.execution_options(populate_existing=True)).all()
    if _bring_in_step(session, public):
        new_edition(session)
    # What somebody changed while this was read waits for the next window: `show_themes_later` has moved it there.
    done = ThemesDue.position.in_(positions), ThemesDue.window <= window
    session.execute(sa.delete(ThemesDue).where(*done).execution_options(synchronize_session=False))
    return len(positions)


def _bring_in_step(session: Session, public: Iterable[Publication]) -> bool:
    """Whether anything changed."""
    by_version = {one.version_id: one for one in public}
    wanted = _theme_ids(session, sa.select(Coding.version_id, Coding.theme_id).where(Coding.version_id.in_(by_version)))
    positions = {one.position for one in by_version.values()}
    held = _theme_ids(
        session,
        sa.select(PublishedTheme.position, PublishedTheme.theme_id).where(PublishedTheme.position.in_(positions)),
    )
    slugs = {theme_id: slug for theme_id, slug in session.execute(sa.select(Theme.id, Theme.slug))}  # noqa: C416
    changes: Counter[tally.Key] = Counter()
    for version_id, one in by_version.items():
        before, after = held.get(one.position, set()), wanted.get(version_id, set())
        if before == after:
            continue
        for theme_ids, by in ((before, -1), (after, 1)):
            for key in tally.keys(counted_of(one, theme_ids)):
                changes[key] += by
        _replace(session, one.position, after, slugs)
    tally.change(session, changes)
    return bool(changes)


def _replace(session: Session, position: int, theme_ids: Collection[int], slugs: dict[int, str]) -> None:
    for noun in (PublishedTheme, PublishedPair):
        session.execute(sa.delete(noun).filter_by(position=position))
    session.add_all(PublishedTheme(theme_id=theme_id, position=position) for theme_id in theme_ids)
    session.add_all(PublishedPair(first_id=one, second_id=two, position=position) for one, two in pairs_of(theme_ids))
    shown = " ".join(sorted(slugs[theme_id] for theme_id in theme_ids))
    session.execute(sa.update(Card).where(Card.position == position).values(themes=shown))


def _theme_ids(session: Session, chosen: sa.Select[int, int]) -> dict[int, set[int]]:
    found: dict[int, set[int]] = {}
    for key, theme_id in session.execute(chosen):
        found.setdefault(key, set()).add(theme_id)
    return found
