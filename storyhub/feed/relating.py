"""Which stories a story leads to: those that are most like it, as the worker found them, and those of its themes."""

from __future__ import annotations

from collections.abc import Collection

import sqlalchemy as sa
from sqlalchemy.orm import Session

from storyhub.models.nearness import NEAREST, THE_SAME, NearestStory
from storyhub.models.publication import Publication, PublishedTheme

# Whoever reads a story can read its language: of two that are about as near, the one in that language comes first.
# The others stay in the row, for whoever reads theirs too.
SAME_LANGUAGE = 50  # thousandths
SHARING = 10
LOOKED_AT_BY_THEME = 50  # stories of each theme, for those that share most


def nearest(session: Session, position: int) -> list[int]:
    """The positions of the stories most like this one, the nearest first; at most NEAREST.

    A story that is the same text again has those of the first of its kind. One walk down a key, whatever the site's
    size; empty while they are being looked for.
    """
    known, first, one = NearestStory, sa.orm.aliased(NearestStory), sa.orm.aliased(Publication)
    of_the_first = (
        sa.select(first.other_position).where(first.position == position, first.nearness >= THE_SAME).limit(1)
    )
    rows = session.execute(
        sa.select(known.other_position, known.nearness, Publication.language == one.language)
        .join(Publication, Publication.position == known.other_position)
        .join(one, one.position == position)
        .where(
            known.position.in_(sa.union_all(sa.select(sa.literal(position)), of_the_first.subquery().select())),
            known.nearness < THE_SAME,
        )
    ).all()
    ordered = sorted(rows, key=lambda row: (row[1] + SAME_LANGUAGE * bool(row[2]), row[0]), reverse=True)
    return [row[0] for row in ordered[:NEAREST]]


def sharing(session: Session, position: int, most: int = SHARING, without: Collection[int] = ()) -> list[int]:
    """The newest other stories that share most of this one's themes, of the newest fifty of each theme."""
    themes = session.scalars(sa.select(PublishedTheme.theme_id).where(PublishedTheme.position == position)).all()
    newest = [
        sa.select(
            sa.select(PublishedTheme.position)
            .where(PublishedTheme.theme_id == theme_id)
            .order_by(PublishedTheme.position.desc())
            .limit(LOOKED_AT_BY_THEME)
            .subquery()
            .c.position
        )
        for theme_id in themes
    ]
    if not newest:
        return []
    found = sa.union_all(*newest).subquery()
    return list(
        session.scalars(
            sa.select(found.c.position)
            .where(found.c.position.not_in({position, *without}))
            .group_by(found.c.position)
            .order_by(sa.func.count().desc(), found.c.position.desc())
            .limit(most)
        )
    )
