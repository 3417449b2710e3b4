"""How a page of a selection is read: down one index, newest first, looking at no more rows than is stated here.

A page costs the same on a site of any size. The walk goes down the rarest of what was asked for, which the tallies tell
(never statistics of a database, which come and go), or the rarest of the words. When the bound ends it before the page
is full, the page goes out with what was found, and its cursor is where the looking ended: reading on misses nothing.

Everything that a row has to fulfil beside its walk is a scalar subquery: neither database can make another plan of it
than one look-up for each row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from storyhub.models import search, tally
from storyhub.models.publication import Publication, PublishedNote, PublishedPair, PublishedTheme, pairs_of
from storyhub.models.selection import Selection, campaign_id_of, theme_ids_of
from storyhub.models.story import Story
from storyhub.models.tally import Tally
from storyhub.protection import identifiers
from storyhub.text import folding

FIRST_LOOK = 500  # rows of a walk: enough for most pages, and so cheap that nobody waits for it
LOOKED_AT = 5_000  # rows of a walk for one page, at the most
LOOKED_UP = 10_000  # hits of an index that knows no order, before they are sorted
FREQUENT = 40_000  # stories that hold a word, from which on such an index is not asked at all
TOP = 2**63 - 1  # no position is greater
SMALL_SITE = 200_000  # stories, up to which a single character of a script without spaces may be looked up at once

CAMPAIGN = "campaign"
EVERY_STORY: tally.Key = (tally.EVERYTHING, tally.ALL, "")

Key = sa.ColumnElement[int] | InstrumentedAttribute[int]
Where = tuple[sa.ColumnElement[bool], ...]


@dataclass(frozen=True)
class Found:
    """Positions of stories, newest first, and where the next page begins.

    `ended_early`: the bound was reached before the page was full; what is further back was not looked at yet.
    """

    positions: list[int]
    next_after: int | None = None
    ended_early: bool = False


@dataclass(frozen=True)
class Walk:
    """An index in the order of positions. `meets`: what each of its `many` rows fulfils; 0 where nobody counted."""

    key: Key
    where: Where = ()  # of an index of words
    of: tuple[tuple[Key | Any, Any], ...] = ()  # the columns before the position in the index, with their values
    meets: frozenset[str] = frozenset()
    counted: tally.Key = EVERY_STORY
    many: int = 0


@dataclass(frozen=True)
class Look:
    """What one look found, and the last position looked at; None when there was nothing further."""

    positions: list[int]
    end: int | None = None


def newest(session: Session, selection: Selection, after: int | None, size: int, most: int | None = None) -> Found:
    """The newest `size` stories of a selection below `after`, of the `most` rows looked at. Raises Unknown."""
    reading = _Reading.of(session, selection, after, most or LOOKED_AT)
    look = Look([])
    for looking in reading.looks() if reading else ():
        look = looking(size + 1)
        if len(look.positions) > size or look.end is None:
            break
    if len(look.positions) > size:
        return Found(look.positions[:size], look.positions[size - 1])
    return Found(look.positions, look.end, ended_early=look.end is not None)


def page_before(session: Session, selection: Selection, after: int, size: int) -> int | None:
    """The cursor of the page that ends where the page after `after` begins; None for the first page.

    As many rows are looked at upwards as the page itself will look at on its way down, so that the two meet.
    """
    reading = _Reading.of(session, selection, after, LOOKED_AT, upwards=True)
    look = Look([])
    for looking in reading.looks() if reading else ():
        look = looking(size + 1)
        if len(look.positions) > size or look.end is None:
            break
    return look.positions[size] if len(look.positions) > size else look.end


@dataclass(frozen=True)
class _Reading:
    """One page that is being read, downwards from a position or upwards from it."""

    connection: sa.Connection  # one for all: each replica may be at another moment
    selection: Selection
    query: folding.Query
    theme_ids: tuple[int, ...]
    campaign_id: int | None
    start: int | None
    most: int
    upwards: bool

    @classmethod
    def of(
        cls, session: Session, selection: Selection, start: int | None, most: int, upwards: bool = False
    ) -> _Reading | None:
        """None when nothing can be found, since what is looked for holds no word."""
        theme_ids = theme_ids_of(session, selection.themes)
        campaign_id = campaign_id_of(session, selection.campaign) if selection.campaign is not None else None
        query = folding.query(selection.words)
        if selection.words and not query:
            return None
        return cls(session.connection(), selection, query, theme_ids, campaign_id, start, most, upwards)

    def looks(self) -> Iterator[Callable[[int], Look]]:
        """Ways to look, each farther than the one before, to be tried until the page is full or all was seen."""
        if self.query:
            yield from self._looks_for_words()
        else:
            walk, _total = self._rarest_filter()
            yield lambda most: self._look([walk], FIRST_LOOK, most)
            yield lambda most: self._look([walk], self.most, most)

    def _looks_for_words(self) -> Iterator[Callable[[int], Look]]:
        tokens, on_sqlite = self.query.whole_tokens, self._dialect == "sqlite"
        if on_sqlite and tokens:
            words = [self._words(search.has_token(token), is_all=self.query.is_one_token) for token in tokens]
            yield lambda most: self._look(words, FIRST_LOOK, most)  # often enough, and nothing has to be counted for it
            walk, total = self._rarest_filter()
        else:
            walk, total = self._rarest_filter()
            is_small = on_sqlite and total <= SMALL_SITE
            words = [self._words(search.match(self.query, self._dialect), is_all=True)] if is_small else [walk]
            yield lambda most: self._look(words, FIRST_LOOK, most)
        if walk.many <= self.most:
            yield lambda most: self._look([walk], self.most, most)
        elif not on_sqlite and (tokens or total <= SMALL_SITE):
            yield lambda most: self._look_up(total, most)
        yield lambda most: self._look(words, self.most, most)

    def _words(self, condition: sa.ColumnElement[bool], *, is_all: bool) -> Walk:
        return Walk(search.hits.c.rowid, (condition,), meets=frozenset({"words"} if is_all else ()))

    def _look(self, walks: list[Walk], length: int, most: int) -> Look:
        """The first `most` fitting rows of the rarest of the walks, within `length` rows of it."""
        conditions = self._conditions(walks[0].meets, walks[0].key)
        walk, end = walks[0], None
        if conditions or len(walks) > 1:
            walk, end = self._rarest(walks, length)
        chosen = self._down(walk, end).where(*conditions).limit(most)
        return Look([*self.connection.scalars(chosen).all()], end)  # all: row by row takes twice as long

    def _rarest(self, walks: list[Walk], length: int) -> tuple[Walk, int | None]:
        """The walk whose `length` rows reach farthest, and the last of them; None when it has not so many."""
        offset = length if self.upwards else length - 1
        ends = [self._down(walk).offset(offset).limit(1).scalar_subquery() for walk in walks]
        reached: list[int | None] = list(self.connection.execute(sa.select(*ends)).one())
        for walk, end in zip(walks, reached, strict=True):
            if end is None:
                return walk, None
        farthest = max if self.upwards else min
        end = farthest(one for one in reached if one is not None)
        return walks[reached.index(end)], end

    def _look_up(self, total: int, most: int) -> Look:
        """What PostgreSQL's index of words holds, which knows no order: sorted here, if it is not too much for that."""
        farther = Look([], end=self.start or 0)
        if self._are_frequent(total):
            return farther
        hits = search.SearchText.position
        some = sa.select(hits).where(search.might_match(self.query)).limit(LOOKED_UP + 1).cte("some")
        some = some.prefix_with("MATERIALIZED")
        key = some.c.position
        met = frozenset({"words"} if self.query.is_one_token else ())
        fitting = (
            sa.select(key)
            .where(*self._conditions(met, key), *self._between(key))
            .order_by(self._in_order(key))
            .limit(most)
            .subquery("fitting")
        )
        how_many = sa.select(sa.func.count().label("many")).select_from(some).subquery("how_many")
        with search.by_its_index(self.connection):
            rows = self.connection.execute(
                sa.select(how_many.c.many, fitting.c.position)
                .select_from(how_many.outerjoin(fitting, sa.true()))
                .order_by(self._in_order(fitting.c.position))
            ).all()
        if rows[0].many > LOOKED_UP:
            return farther
        return Look([row.position for row in rows if row.position is not None])

    def _are_frequent(self, total: int) -> bool:
        """Whether each of the words stands in so many of the newest stories that the index would hold too much."""
        recent = search.newest_texts(FIRST_LOOK)
        among = sa.select(*(sa.func.count(search.place(recent.c.folded, piece)) for piece in self.query.token_pieces))
        fewest = min(self.connection.execute(among.select_from(recent)).one())
        return fewest * total > FIRST_LOOK * FREQUENT

    def _down(self, walk: Walk, end: int | None = None) -> sa.Select[int]:
        """The positions of a walk from where the page starts, in order, to where the looking ends."""
        if not walk.of or self._dialect == "sqlite":
            fixed = (column == value for column, value in walk.of)
            chosen = sa.select(walk.key).where(*walk.where, *fixed, *self._between(walk.key, end))
            return chosen.order_by(self._in_order(walk.key))
        # PostgreSQL might walk all stories instead, if its statistics say that this value is frequent, however far
        # back it stands. In the order of the whole index, and bounded by rows of it, there is no other way to walk.
        columns = [column for column, _ in walk.of]
        values = [value for _, value in walk.of]
        row = sa.tuple_(*columns, walk.key)
        low, high = (self.start, end) if self.upwards else (end, self.start)
        above = row >= sa.tuple_(*values, 0 if low is None else low)
        below = row <= sa.tuple_(*values, TOP) if high is None else row < sa.tuple_(*values, high)
        return sa.select(walk.key).where(above, below).order_by(*map(self._in_order, [*columns, walk.key]))

    def _between(self, key: Key, end: int | None = None) -> Iterator[sa.ColumnElement[bool]]:
        """From where the page starts to where the looking ends. Downwards the start is not in it and the end is."""
        if self.start is not None:
            yield key >= self.start if self.upwards else key < self.start
        if end is not None:
            yield key < end if self.upwards else key >= end

    def _in_order(self, key: Key) -> sa.ColumnElement[int]:
        return key.asc() if self.upwards else key.desc()

    def _walks(self) -> Iterator[Walk]:
        """Every index that one of the filters has; all stories where there is none."""
        if len(self.theme_ids) == 1:
            (theme_id,) = self.theme_ids
            yield Walk(
                PublishedTheme.position,
                of=((PublishedTheme.theme_id, theme_id),),
                meets=frozenset({f"theme {theme_id}"}),
                counted=(tally.EVERYTHING, tally.THEME, identifiers.shown(theme_id)),
            )
        for pair in pairs_of(self.theme_ids):
            yield Walk(
                PublishedPair.position,
                of=((PublishedPair.first_id, pair[0]), (PublishedPair.second_id, pair[1])),
                meets=frozenset(f"theme {theme_id}" for theme_id in pair),
                counted=(tally.EVERYTHING, tally.PAIR, " ".join(sorted(map(identifiers.shown, pair)))),
            )
        for name, (column, value) in self._facts.items():
            counted = (tally.EVERYTHING, name, str(value))
            if name == CAMPAIGN and self.campaign_id is not None:
                counted = (tally.of_campaign(self.campaign_id), tally.ALL, "")
            yield Walk(Publication.position, of=((column, value),), meets=frozenset({name}), counted=counted)
        if not self.theme_ids and not self._facts:
            yield Walk(Publication.position)

    def _rarest_filter(self) -> tuple[Walk, int]:
        """The walk of the fewest rows, and how many stories there are in all; unasked for a lone walk without words."""
        walks = list(self._walks())
        if len(walks) == 1 and not self.query:
            return walks[0], 0
        wanted = {EVERY_STORY, *(walk.counted for walk in walks)}
        counts: dict[tally.Key, int] = {}
        for subject, facet, value, count in self.connection.execute(
            sa.select(Tally.subject, Tally.facet, Tally.value, Tally.count).where(
                sa.or_(
                    *(
                        sa.and_(Tally.subject == subject, Tally.facet == facet, Tally.value == value)
                        for subject, facet, value in sorted(wanted)
                    )
                )
            )
        ):
            counts[subject, facet, value] = count
        counted = [replace(walk, many=counts.get(walk.counted, 0)) for walk in walks]
        return min(counted, key=lambda walk: walk.many), counts.get(EVERY_STORY, 0)

    @property
    def _facts(self) -> dict[str, tuple[Any, Any]]:
        """The columns of a publication that have to hold a value, by their names."""
        selection = self.selection
        facts = {
            tally.COUNTRY: (Publication.country, selection.country),
            tally.SETTING: (Publication.setting, selection.setting),
            tally.YEAR: (Publication.year, selection.year),
            tally.LANGUAGE: (Publication.language, selection.language),
            CAMPAIGN: (Publication.campaign_id, self.campaign_id),
        }
        return {name: (column, value) for name, (column, value) in facts.items() if value is not None}

    def _conditions(self, met: frozenset[str], key: Key) -> list[sa.ColumnElement[bool]]:
        """What else the story at a position has to fulfil."""
        return [*self._of_facts(met, key), *self._of_themes(met, key), *self._of_notes(key), *self._of_words(met, key)]

    def _of_facts(self, met: frozenset[str], key: Key) -> Iterator[sa.ColumnElement[bool]]:
        public = aliased(Publication)
        facts = [
            getattr(public, column.key) == value for name, (column, value) in self._facts.items() if name not in met
        ]
        if facts:
            yield sa.select(sa.and_(*facts)).where(public.position == key).scalar_subquery()
        if self.selection.consent is not None:
            allowed = sa.select(getattr(Story, f"may_{self.selection.consent}")).join(
                public, public.story_id == Story.id
            )
            yield allowed.where(public.position == key).scalar_subquery()

    def _of_themes(self, met: frozenset[str], key: Key) -> Iterator[sa.ColumnElement[bool]]:
        for theme_id in self.theme_ids:
            if f"theme {theme_id}" not in met:
                coded = aliased(PublishedTheme)
                there = sa.select(coded.theme_id).where(coded.theme_id == theme_id, coded.position == key)
                yield there.scalar_subquery().is_not(None)

    def _of_notes(self, key: Key) -> Iterator[sa.ColumnElement[bool]]:
        if self.selection.without:
            noted = sa.select(sa.func.count()).where(
                PublishedNote.position == key, PublishedNote.note.in_(self.selection.without)
            )
            yield noted.scalar_subquery() == 0

    def _of_words(self, met: frozenset[str], key: Key) -> Iterator[sa.ColumnElement[bool]]:
        if self.query and "words" not in met:
            yield search.holds(self.query, key, self._dialect)

    @property
    def _dialect(self) -> str:
        return self.connection.dialect.name
