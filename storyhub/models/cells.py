"""The index of vectors: how they are made, and the cells in which they stand, so that a story is compared with few.

Vectors of two makings are never compared. Each making numbers its cells on from where the one before it ended, so that
a vector's cell tells of which making it is. An old vector stays until a new one takes its place, and the lines that
pages read stay until they are found anew. The last number of each making is the place aside: there stands what is the
same text again, which no search looks at.
"""

from __future__ import annotations

import datetime as dt
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import sqlalchemy as sa
from sqlalchemy.orm import Session

from storyhub import clock
from storyhub.models.nearness import NearnessModel, StoryVector
from storyhub.models.publication import Publication, PublishedTheme
from storyhub.models.site import the_site
from storyhub.models.theme import Theme
from storyhub.models.version import StoryVersion
from storyhub.protection.identifiers import new_id
from storyhub.text import nearness as making

COMPARED = 20_000  # stories that one is compared with at most
TO_A_CELL = 1_000  # stories, on average, when the cells are made
LEARNED_FROM = making.SAMPLE  # stories at most
GROWN = 4  # times as many stories: the index is made anew
DAYS = 30  # after which it is made anew: what it learned may hold traces of stories that were taken back
FEWEST = 5  # stories of a cell: the middle of fewer would tell what they tell
FIRST_AND_COUNT = struct.Struct("<qq")
ROUNDED = np.dtype("<f2")

Vectors = npt.NDArray[np.int8]
Centres = npt.NDArray[np.float32]

NOWHERE: Centres = np.zeros((1, making.DIMENSIONS), np.float32)  # the middle of a single cell is of no story


@dataclass(frozen=True)
class Index:
    """The making in use: `centres` (cells, DIMENSIONS) are the middles of its cells, numbered from `first` on."""

    id: int
    first: int
    centres: Centres
    method: Any

    @property
    def aside(self) -> int:
        """The number at which the same texts again stand. Those below `first` are of makings before."""
        return self.first + len(self.centres)

    def cells_of(self, vectors: Vectors) -> list[int]:
        """In which cell each vector (n, DIMENSIONS) stands."""
        return [self.first + int(cell) for cell in making.nearest_cells(vectors, self.centres, 1)[:, 0]]

    def cells_around(self, cell: int) -> list[int]:
        """All cells, those whose middles are nearest to this one's first."""
        return [self.first + int(other) for other in self._around[cell - self.first]]

    @cached_property
    def _around(self) -> npt.NDArray[np.int64]:
        near = self.centres @ self.centres.T
        np.fill_diagonal(near, np.inf)
        return np.argsort(-near, axis=1, kind="stable")


@dataclass(frozen=True)
class Told:
    """What of public stories their vectors are made of. `versions` tell later whether it is still what is public."""

    positions: list[int]
    versions: list[int]
    texts: list[str]
    facts: list[tuple[str, ...]]
    themes: list[tuple[str, ...] | None]  # None: nobody said


def told(session: Session, positions: Sequence[int]) -> Told:
    """The public words and facts of these stories, of those that are public. Nothing else is ever looked at."""
    rows = session.execute(
        sa.select(
            Publication.position,
            Publication.version_id,
            StoryVersion.title,
            StoryVersion.text,
            Publication.setting,
        )
        .join(StoryVersion, StoryVersion.id == Publication.version_id)
        .where(Publication.position.in_(positions))
        .order_by(Publication.position)
    ).all()
    themes = _themes(session, positions)
    return Told(
        positions=[row.position for row in rows],
        versions=[row.version_id for row in rows],
        texts=[_words(row.title, row.text) for row in rows],
        # Only what the story shows: likeness must not tell what its contributor keeps to themself.
        facts=[(f"setting:{row.setting}",) if row.setting else () for row in rows],
        themes=[tuple(found) if (found := themes.get(row.position)) else None for row in rows],
    )


def _words(title: str | None, text: str | None) -> str:
    return (f"{title}\n{text or ''}" if title else text or "")[: making.LONGEST]


def _themes(session: Session, positions: Sequence[int]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for position, slug in session.execute(
        sa.select(PublishedTheme.position, Theme.slug)
        .join(Theme, Theme.id == PublishedTheme.theme_id)
        .where(PublishedTheme.position.in_(positions))
        .order_by(PublishedTheme.position, Theme.slug)
    ):
        found.setdefault(position, []).append(slug)
    return found


def the_index(session: Session) -> Index | None:
    """The making that is in use; None before the first, and where what it needs is not installed any more."""
    model = session.scalar(sa.select(NearnessModel))
    if model is None:
        return None
    try:
        method = making.method(_kind(model.method), learned=model.learned)
    except (making.NotInstalled, making.Unlike):
        return None
    first, count = FIRST_AND_COUNT.unpack_from(model.centres)
    kept = np.frombuffer(model.centres, ROUNDED, offset=FIRST_AND_COUNT.size)
    centres = kept.reshape(count, making.DIMENSIONS).astype(np.float32)
    return Index(model.id, first, centres, method) if method.name == model.method else None


def _kind(name: str) -> str:
    """ "words" of "words-1+9f3ab2c1"."""
    return name.partition("-")[0]


@dataclass(frozen=True)
class Made:
    """A making that is worked out and not kept yet. `instead_of`: the id of the one that it takes the place of."""

    method: str
    learned: bytes | None
    centres: Centres
    stories: int
    instead_of: int | None


def is_made_anew(session: Session) -> bool:
    """Whether the index has to be made, or made anew: by another method, of a site that has grown, after a month."""
    model = session.scalar(sa.select(NearnessModel))
    if model is None or model.method.partition("+")[0] != making.method().name:
        return True
    stories = _count(session)
    can_learn_now = model.stories < making.FEWEST <= stories
    is_old = clock.today() - model.made_on >= dt.timedelta(days=DAYS)
    return can_learn_now or is_old or stories >= GROWN * max(model.stories, 1)


def make_index(session: Session) -> Made:
    """Learn from the site's own public stories, and lay the cells out. Writes nothing."""
    stories, before = _count(session), session.scalar(sa.select(NearnessModel.id))
    some = told(session, _some_positions(session, stories))
    session.rollback()  # it takes longer than anything should be held
    learned = making.learn(some.texts, some.themes, some.facts) or None
    method = making.method(learned=learned)
    count = stories // TO_A_CELL if stories > COMPARED else 1
    centres = _lay_out(method.vectors(some.texts, some.facts), count) if count > 1 else NOWHERE
    return Made(method.name, learned, centres, stories, instead_of=before)


def keep_index(session: Session, made: Made, *, anew: bool = False) -> bool:
    """Let it take the place of the one before. False when another worker was faster. Doesn't commit.

    `anew`: all vectors are to be found anew, even if they would be the same.
    """
    the_site(session, lock=True)
    before = session.scalar(sa.select(NearnessModel))
    if (before.id if before else None) != made.instead_of:
        return False
    first = 0
    if before is not None:
        first, count = FIRST_AND_COUNT.unpack_from(before.centres)
        if anew or not (before.method == made.method and count == len(made.centres) == 1):  # else vectors hold
            first += count + 1
        session.delete(before)
        session.flush()
    session.add(
        NearnessModel(
            id=new_id(),
            method=made.method,
            learned=made.learned,
            centres=FIRST_AND_COUNT.pack(first, len(made.centres)) + made.centres.astype(ROUNDED).tobytes(),
            stories=made.stories,
            made_on=clock.today(),
        )
    )
    session.flush()
    return True


def _count(session: Session) -> int:
    return session.scalar(sa.select(sa.func.count()).select_from(Publication)) or 0


def _some_positions(session: Session, stories: int) -> list[int]:
    """All, or as many as are learned from, chosen by chance: ids of versions are nothing else."""
    query = sa.select(Publication.position).order_by(Publication.version_id).limit(LEARNED_FROM)
    if stories > LEARNED_FROM:
        query = query.where(Publication.version_id % (stories // LEARNED_FROM + 1) == 0)
    return list(session.scalars(query))


def _lay_out(vectors: Vectors, count: int) -> Centres:
    """The middles of so many cells, without those that hold too few stories."""
    telling = vectors[vectors.any(axis=1)]
    if len(telling) < count * FEWEST:
        return NOWHERE
    centres = np.asarray(making.cells(telling, count, seed=1), np.float32)
    held = np.bincount(making.nearest_cells(telling, centres, 1)[:, 0], minlength=len(centres))
    centres = centres[held >= FEWEST]
    return centres if len(centres) > 1 else NOWHERE


def stale(session: Session, index: Index, most: int) -> list[int]:
    """Stories whose vectors are of a making before."""
    query = sa.select(StoryVector.position).where(StoryVector.cell < index.first)
    return list(session.scalars(query.order_by(StoryVector.cell, StoryVector.position).limit(most)))
