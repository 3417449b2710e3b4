"""Which stories a story leads to: those that are most like it, as the worker found them, and those of its themes."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from storyhub.feed.cards import NOWHERE, OF_WHOLE, on_cards
from storyhub.models.columns import BigInt
from storyhub.models.nearness import NEAREST, THE_SAME, NearestStory
from storyhub.models.prepared import Prepared, Row
from storyhub.models.publication import Publication, PublishedTheme
from storyhub.models.story import Story
from storyhub.models.version import StoryVersion

# Whoever reads a story can read its language: of two that are about as near, the one in that language comes first.
# The others stay in the row, for whoever reads theirs too.
SAME_LANGUAGE = 50  # thousandths
SHARING = 10
MOST_THEMES = 16  # of a story: one statement for however many it has
LOOKED_AT_BY_THEME = 50  # stories of each theme, for those that share most
ITSELF = 10_000  # the weight of the story that is read: no other has as much
MOST_WITHOUT = 1 + NEAREST  # the story itself and those that are shown already


def _here() -> sa.Select[int]:
    """The position of the story that is read."""
    return sa.select(Publication.position).where(Publication.story_id == sa.bindparam("story", type_=BigInt))


def _nearest() -> sa.Select[int, int]:
    """The `position` and `weight` of the stories most like it, at most `most` of them."""
    known, first, one = NearestStory, sa.orm.aliased(NearestStory), sa.orm.aliased(Publication)
    of_the_first = (
        sa.select(first.other_position)
        .where(first.position == _here().scalar_subquery(), first.nearness >= THE_SAME)
        .limit(1)
    )
    weight = known.nearness + sa.case((Publication.language == one.language, SAME_LANGUAGE), else_=0)
    return (
        sa.select(known.other_position.label("position"), weight.label("weight"))
        .join(Publication, Publication.position == known.other_position)
        .join(one, one.position == _here().scalar_subquery())
        .where(
            known.position.in_(sa.union_all(_here(), of_the_first.subquery().select())),
            known.nearness < THE_SAME,
        )
        .order_by(sa.desc("weight"), sa.desc("position"))
        .limit(sa.bindparam("most"))
    )


def _with_nearest() -> Prepared:
    """The card and the words of a story, and the cards of those most like it."""
    itself = sa.select(Publication.position, sa.literal(ITSELF).label("weight")).where(
        Publication.story_id == sa.bindparam("story", type_=BigInt)
    )
    found = sa.union_all(itself, _nearest().subquery().select()).subquery()
    return Prepared(
        on_cards(found, *OF_WHOLE)
        .outerjoin(StoryVersion, sa.and_(StoryVersion.id == Publication.version_id, found.c.weight == ITSELF))
        .outerjoin(Story, sa.and_(Story.id == Publication.story_id, found.c.weight == ITSELF))
    )


def _sharing() -> sa.Subquery:
    """The same of the newest stories that share most of `theme_…`, and are none of `without_…`."""
    newest = [
        sa.select(
            sa.select(PublishedTheme.position)
            .where(PublishedTheme.theme_id == sa.bindparam(f"theme_{number}", type_=BigInt))
            .order_by(PublishedTheme.position.desc())
            .limit(LOOKED_AT_BY_THEME)
            .subquery()
            .c.position
        )
        for number in range(MOST_THEMES)
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


# Both are put together for the first story that is read, whatever it has: else how long a page takes would tell that
# nobody has read one of its kind, such as one with as many themes.
_WITH_NEAREST, _SHARING = _with_nearest(), Prepared(on_cards(_sharing()))


def story_with_nearest(session: Session, story_id: int, most: int = NEAREST) -> tuple[Row, Sequence[Row]] | None:
    """A public story, and the cards of those most like it, the nearest first; each begins with its position.

    A story that is the same text again has those of the first of its kind. One walk down a key, whatever the site's
    size; none while they are being looked for.
    """
    _SHARING.put_together(session)
    rows = _WITH_NEAREST.rows(session, story=story_id, most=most)
    return (rows[0], rows[1:]) if rows else None


def sharing(
    session: Session, position: int, themes: Sequence[int], most: int = SHARING, without: Sequence[Row] = ()
) -> Sequence[Row]:
    """The cards of the newest others that share most of the themes of a story, of the newest fifty of each theme.

    `themes`: their ids, of which MOST_THEMES are looked at; `without`: cards that are shown already, NEAREST at most.
    """
    if not themes:
        return []
    looked_at = [*themes, *[NOWHERE] * MOST_THEMES][:MOST_THEMES]
    values = {f"theme_{number}": theme_id for number, theme_id in enumerate(looked_at)}
    left_out = [position, *(row[0] for row in without), *[NOWHERE] * MOST_WITHOUT][:MOST_WITHOUT]
    values |= {f"without_{number}": one for number, one in enumerate(left_out)}
    return _SHARING.rows(session, most=most, **values)
