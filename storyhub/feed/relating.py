"""Which stories a story leads to: those that are most like it, as the worker found them, and those of its themes."""

from __future__ import annotations

from collections.abc import Collection
from functools import cache

import sqlalchemy as sa
from sqlalchemy.orm import Session

from storyhub.models.columns import BigInt
from storyhub.models.nearness import NEAREST, THE_SAME, NearestStory
from storyhub.models.publication import Publication, PublishedTheme

# Whoever reads a story can read its language: of two that are about as near, the one in that language comes first.
# The others stay in the row, for whoever reads theirs too.
SAME_LANGUAGE = 50  # thousandths
SHARING = 10
LOOKED_AT_BY_THEME = 50  # stories of each theme, for those that share most


def _nearest() -> sa.Select[int, int, bool]:
    known, first, one = NearestStory, sa.orm.aliased(NearestStory), sa.orm.aliased(Publication)
    here = sa.bindparam("position", type_=BigInt)
    of_the_first = sa.select(first.other_position).where(first.position == here, first.nearness >= THE_SAME).limit(1)
    return (
        sa.select(known.other_position, known.nearness, Publication.language == one.language)
        .join(Publication, Publication.position == known.other_position)
        .join(one, one.position == here)
        .where(
            known.position.in_(sa.union_all(sa.select(here), of_the_first.subquery().select())),
            known.nearness < THE_SAME,
        )
    )


@cache
def _sharing(themes: int) -> sa.Select[int]:
    """For a story with so many themes. Made once: to put a statement together takes longer than to ask it."""
    newest = [
        sa.select(
            sa.select(PublishedTheme.position)
            .where(PublishedTheme.theme_id == sa.bindparam(f"theme_{number}", type_=BigInt))
            .order_by(PublishedTheme.position.desc())
            .limit(LOOKED_AT_BY_THEME)
            .subquery()
            .c.position
        )
        for number in range(themes)
    ]
    found = sa.union_all(*newest).subquery()
    return (
        sa.select(found.c.position)
        .where(found.c.position.not_in(sa.bindparam("without", expanding=True)))
        .group_by(found.c.position)
        .order_by(sa.func.count().desc(), found.c.position.desc())
        .limit(sa.bindparam("most"))
    )


_NEAREST = _nearest()
_THEMES = sa.select(PublishedTheme.theme_id).where(PublishedTheme.position == sa.bindparam("position", type_=BigInt))


def nearest(session: Session, position: int) -> list[int]:
    """The positions of the stories most like this one, the nearest first; at most NEAREST.

    A story that is the same text again has those of the first of its kind. One walk down a key, whatever the site's
    size; empty while they are being looked for.
    """
    rows = session.execute(_NEAREST, {"position": position}).all()
    ordered = sorted(rows, key=lambda row: (row[1] + SAME_LANGUAGE * bool(row[2]), row[0]), reverse=True)
    return [row[0] for row in ordered[:NEAREST]]


def sharing(session: Session, position: int, most: int = SHARING, without: Collection[int] = ()) -> list[int]:
    """The newest other stories that share most of this one's themes, of the newest fifty of each theme."""
    themes = session.scalars(_THEMES, {"position": position}).all()
    if not themes:
        return []
    named = {f"theme_{number}": theme_id for number, theme_id in enumerate(themes)}
    return list(session.scalars(_sharing(len(themes)), {**named, "without": [position, *without], "most": most}))
