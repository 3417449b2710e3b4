"""Which stories a story leads to: those that are most like it, as the worker found them, and those of its themes."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import cache

import sqlalchemy as sa
from sqlalchemy.orm import Session

from storyhub.feed.cards import NOWHERE, on_cards
from storyhub.models.columns import BigInt
from storyhub.models.nearness import NEAREST, THE_SAME, NearestStory
from storyhub.models.prepared import Prepared, Row
from storyhub.models.publication import Publication, PublishedTheme

# Whoever reads a story can read its language: of two that are about as near, the one in that language comes first.
# The others stay in the row, for whoever reads theirs too.
SAME_LANGUAGE = 50  # thousandths
SHARING = 10
LOOKED_AT_BY_THEME = 50  # stories of each theme, for those that share most
MOST_WITHOUT = 1 + NEAREST  # the story itself and those that are shown already


def _nearest() -> sa.Subquery:
    """The `position` and `weight` of the stories most like one, at most `most` of them."""
    known, first, one = NearestStory, sa.orm.aliased(NearestStory), sa.orm.aliased(Publication)
    here = sa.bindparam("position", type_=BigInt)
    of_the_first = sa.select(first.other_position).where(first.position == here, first.nearness >= THE_SAME).limit(1)
    weight = known.nearness + sa.case((Publication.language == one.language, SAME_LANGUAGE), else_=0)
    return (
        sa.select(known.other_position.label("position"), weight.label("weight"))
        .join(Publication, Publication.position == known.other_position)
        .join(one, one.position == here)
        .where(
            known.position.in_(sa.union_all(sa.select(here), of_the_first.subquery().select())),
            known.nearness < THE_SAME,
        )
        .order_by(sa.desc("weight"), sa.desc("position"))
        .limit(sa.bindparam("most"))
        .subquery()
    )


def _sharing(themes: int) -> sa.Subquery:
    """The same of the newest stories that share most of so many themes, and are none of `without_…`."""
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
    without = [sa.bindparam(f"without_{number}", type_=BigInt) for number in range(MOST_WITHOUT)]
    return (
        sa.select(found.c.position, sa.func.count().label("weight"))
        .where(found.c.position.not_in(without))
        .group_by(found.c.position)
        .order_by(sa.desc("weight"), sa.desc("position"))
        .limit(sa.bindparam("most"))
        .subquery()
    )


_NEAREST = on_cards(_nearest())
_THEMES = Prepared(
    sa.select(PublishedTheme.theme_id).where(PublishedTheme.position == sa.bindparam("position", type_=BigInt))
)
_sharing_on_cards = cache(lambda themes: on_cards(_sharing(themes)))


def nearest(session: Session, position: int, most: int = NEAREST) -> Sequence[Row]:
    """The cards of the stories most like this one, the nearest first; each begins with its position.

    A story that is the same text again has those of the first of its kind. One walk down a key, whatever the site's
    size; empty while they are being looked for.
    """
    return _NEAREST.rows(session, position=position, most=most)


def sharing(session: Session, position: int, most: int = SHARING, without: Collection[int] = ()) -> Sequence[Row]:
    """The cards of the newest others that share most of this one's themes, of the newest fifty of each theme.

    `without`: positions, at most NEAREST of them.
    """
    themes = [theme_id for (theme_id,) in _THEMES.rows(session, position=position)]
    if not themes:
        return []
    values = {f"theme_{number}": theme_id for number, theme_id in enumerate(themes)}
    left_out = [position, *without, *[NOWHERE] * MOST_WITHOUT][:MOST_WITHOUT]
    values |= {f"without_{number}": one for number, one in enumerate(left_out)}
    return _sharing_on_cards(len(themes)).rows(session, most=most, **values)
