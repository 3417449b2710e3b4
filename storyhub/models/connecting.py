"""How the nearest of public stories are found: first what each tells, as a vector; then which vectors are near.

What takes long is read and worked out while nothing is held. Then it is kept in a short transaction, under the lock of
the site's row, and looked at again there: what was taken back or changed meanwhile is left out. So it may be stopped
anywhere, done twice, and done by two at once. A story is compared with those in the cells around its own alone: an
inverted file (Jégou, Douze, Schmid: Product quantization for nearest neighbor search, IEEE TPAMI 33, 2011, IV).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

import numpy as np
import numpy.typing as npt
import sqlalchemy as sa
from sqlalchemy.orm import Session

from storyhub.models import publication
from storyhub.models.cells import COMPARED, Index, Told, Vectors, told
from storyhub.models.nearness import (
    LEAST,
    NEAREST,
    THE_SAME,
    NearestStory,
    NearnessDue,
    NearnessModel,
    StoryVector,
    ask_for,
    forget,
    insert_into,
)
from storyhub.models.publication import Publication
from storyhub.models.site import the_site
from storyhub.text import nearness as making

AT_ONCE = 100  # stories in one transaction: others who write wait no longer than it takes
ALIKE = NEAREST + 5  # others that are looked at for each: some of them turn out to be the same text again
THOUSANDTHS = 1000 / 127**2  # the dot product of a vector with itself is 127²
NAMED_AT_ONCE = 500  # parameters of a statement

DUE, LINES, VECTORS = (cast(sa.Table, noun.__table__) for noun in (NearnessDue, NearestStory, StoryVector))

Pair = tuple[int, int]


class MadeAnew(Exception):
    """The index was made anew meanwhile: what was worked out by the old one is worth nothing."""


# What is to be done next.


def lacking(session: Session, index: Index, most: int, below: int | None = None) -> tuple[list[int], int | None]:
    """Of the `most` newest due stories under a position: those without a vector of this making, and where they end."""
    query = (
        sa.select(NearnessDue.position, StoryVector.cell)
        .outerjoin(StoryVector, StoryVector.position == NearnessDue.position)
        .order_by(NearnessDue.position.desc())
        .limit(most)
    )
    if below is not None:
        query = query.where(NearnessDue.position < below)
    rows = session.execute(query).all()
    without = [row.position for row in rows if row.cell is None or not index.first <= row.cell < index.aside]
    return without, rows[-1].position if rows else None


def due_together(session: Session, index: Index, most: int) -> tuple[int, list[int]] | None:
    """The cell of the newest due story that has a vector, and the due ones in it: they are compared with the same."""
    due = (
        sa.select(StoryVector.cell, NearnessDue.position)
        .join(NearnessDue, NearnessDue.position == StoryVector.position)
        .where(StoryVector.cell >= index.first, StoryVector.cell < index.aside)
    )
    newest = session.execute(due.order_by(NearnessDue.position.desc()).limit(1)).first()
    if newest is None:
        return None
    there = due.where(StoryVector.cell == newest.cell).order_by(StoryVector.position.desc()).limit(most)
    return newest.cell, [row.position for row in session.execute(there)]


# Vectors.


@dataclass(frozen=True)
class Worked:
    """Vectors that are worked out and not kept yet."""

    told: Told
    cells: list[int]
    vectors: Vectors


def work_out(session: Session, index: Index, positions: Sequence[int]) -> Worked:
    """The vectors of these stories' public words. Writes nothing."""
    of = told(session, positions)
    session.rollback()  # to work them out takes longer than anything should be held
    vectors = index.method.vectors(of.texts, of.facts) if of.positions else np.zeros((0, making.DIMENSIONS), np.int8)
    return Worked(of, index.cells_of(vectors) if of.positions else [], vectors)


def keep_vectors(session: Session, index: Index, worked: Worked) -> int:
    """Keep them, of the stories whose public words are still the same, and ask for their nearest. Doesn't commit."""
    _begin(session, index)
    query = sa.select(Publication.position, Publication.version_id)
    public = {row[0]: row[1] for row in session.execute(query.where(Publication.position.in_(worked.told.positions)))}
    rows = [
        {"position": position, "cell": cell, "vector": vector.tobytes(), "least": 0}
        for position, version, cell, vector in zip(
            worked.told.positions, worked.told.versions, worked.cells, worked.vectors, strict=True
        )
        if public.get(position) == version
    ]
    if rows:
        adding = insert_into(session, StoryVector)
        new = {name: adding.excluded[name] for name in ("cell", "vector", "least")}
        session.execute(adding.on_conflict_do_update(index_elements=["position"], set_=new), rows)
        ask_for(session, [row["position"] for row in rows])
    return len(rows)


def _begin(session: Session, index: Index) -> None:
    """Keep everybody else from publishing, taking back and connecting. Raises MadeAnew."""
    the_site(session, lock=True)
    if session.scalar(sa.select(NearnessModel.id)) != index.id:
        raise MadeAnew


# Nearest.


@dataclass(frozen=True)
class Others:
    """What stories are compared with, the older first: (n,), (n, DIMENSIONS), (n,), (n,)."""

    positions: npt.NDArray[np.int64]
    vectors: npt.NDArray[np.float32]
    least: npt.NDArray[np.int32]
    due: npt.NDArray[np.bool_]


@dataclass
class Found:
    """Which pairs of stories may be near, and which are the same: to be looked at once more when they are kept."""

    positions: list[int]
    pairs: dict[int, set[int]] = field(default_factory=lambda: defaultdict(set))
    same: set[Pair] = field(default_factory=set)  # the newer first


def others_around(session: Session, index: Index, cell: int, positions: Sequence[int]) -> Others:
    """COMPARED stories of the cells around this one, of the last cell the newest; and these, which stand in it."""
    query = sa.select(VECTORS.c.position, VECTORS.c.vector, VECTORS.c.least, DUE.c.position).select_from(
        VECTORS.outerjoin(DUE, DUE.c.position == VECTORS.c.position)
    )
    found: dict[int, Any] = {}
    for other in index.cells_around(cell):
        there = query.where(VECTORS.c.cell == other).order_by(VECTORS.c.position.desc())
        found |= {row[0]: row for row in session.execute(there.limit(COMPARED - len(found)))}
        if len(found) >= COMPARED:
            break
    for some in _some(position for position in positions if position not in found):
        found |= {row[0]: row for row in session.execute(query.where(VECTORS.c.position.in_(some)))}
    rows = [found[position] for position in sorted(found)]
    joined = np.frombuffer(b"".join(row[1] for row in rows), np.int8)
    return Others(
        positions=np.array([row[0] for row in rows], np.int64),
        vectors=joined.reshape(len(rows), making.DIMENSIONS).astype(np.float32),
        least=np.array([max(row[2], LEAST) for row in rows], np.int32),
        due=np.array([row[3] is not None for row in rows], np.bool_),
    )


def find(positions: Sequence[int], others: Others) -> Found:
    """Which of the others are near these stories, which are among them themselves. Nothing is read."""
    places = np.searchsorted(others.positions, positions)
    is_there = places < len(others.positions)
    places = places[is_there]
    places = places[others.positions[places] == np.asarray(positions, np.int64)[is_there]]
    found = Found([int(position) for position in others.positions[places]])
    if not found.positions:
        return found
    near = np.rint(others.vectors[places] @ others.vectors.T * THOUSANDTHS).astype(np.int32).clip(max=1000)
    near[np.arange(len(places)), places] = -1
    _find_same(near, places, others, found)
    near[near >= THE_SAME] = -1
    _find_nearest(near, places, others, found)
    _find_gladder(near, places, others, found)
    return found


def _find_same(near: npt.NDArray[np.int32], places: npt.NDArray[np.int64], others: Others, found: Found) -> None:
    """Of the same texts the oldest stays; each of the newer leads to it. Newer ones that are due find it themselves."""
    is_same = near >= THE_SAME
    for row in np.flatnonzero(is_same.any(axis=1)):
        one, columns = int(others.positions[places[row]]), np.flatnonzero(is_same[row])
        oldest = int(others.positions[columns[0]])
        if oldest < one:
            found.same.add((one, oldest))
        known = others.positions[columns[~others.due[columns]]]
        found.same.update((int(other), one) for other in known if other > one)


def _find_nearest(near: npt.NDArray[np.int32], places: npt.NDArray[np.int64], others: Others, found: Found) -> None:
    """The nearest of each, the newer of two that are as near."""
    count = near.shape[1]
    most = min(ALIKE, count)
    ordered = near * count + np.arange(count, dtype=np.int32)  # at most 1,000 times COMPARED
    chosen = np.argpartition(ordered, count - most, axis=1)[:, count - most :]
    for row, columns in enumerate(chosen):
        good = columns[near[row, columns] >= LEAST]
        found.pairs[int(others.positions[places[row]])].update(others.positions[good].tolist())


def _find_gladder(near: npt.NDArray[np.int32], places: npt.NDArray[np.int64], others: Others, found: Found) -> None:
    """Of whom these are nearer than the last that they know. Those that are due themselves look for themselves."""
    is_nearer = (near >= others.least) & ~others.due
    for column in np.flatnonzero(is_nearer.any(axis=0)):
        rows = np.flatnonzero(is_nearer[:, column])
        best = rows[np.argsort(near[rows, column], kind="stable")][-NEAREST:]
        for place in places[best]:
            found.pairs[int(others.positions[place])].add(int(others.positions[column]))


def keep_nearest(session: Session, index: Index, found: Found) -> int:
    """Keep what was found, as far as it is still true. Returns of how many stories. Doesn't commit."""
    _begin(session, index)
    keeping = _Keeping(session, index, found)
    keeping.set_aside_the_same()
    keeping.keep_own()
    return keeping.write()


class _Keeping:
    """One transaction's work: lines as they stand, as they should, and what that means for the tables."""

    def __init__(self, session: Session, index: Index, found: Found) -> None:
        self._session, self._index, self._found = session, index, found
        due = _due(session, found.positions)
        self._before = _lines(session, due)
        involved = {*due, *(position for pair in found.same for position in pair)}
        involved.update(other for position in due for other in found.pairs.get(position, ()))
        involved.update(other for known in self._before.values() for other in known)
        self._standing = _standing(session, index, involved)
        self._due = [position for position in sorted(due) if position in self._standing]
        self._aside: dict[int, int] = {}
        self._after: dict[int, dict[int, int]] = {}
        self._still_due: set[int] = set()

    def set_aside_the_same(self) -> None:
        """Of the same texts the newer lead to the first; nobody is led to them."""
        for newer, older in sorted(self._found.same):
            are_there = newer in self._standing and older in self._standing and older not in self._aside
            if are_there and self._standing.near(newer, [older])[0] >= THE_SAME:
                self._aside.setdefault(newer, older)

    def keep_own(self) -> None:
        """What each of the due stories knows from now on; and whom it might be glad to be known by."""
        glad: dict[int, dict[int, int]] = defaultdict(dict)
        for position in self._due:
            if position in self._aside:
                continue
            others = {*self._found.pairs.get(position, ()), *self._before.get(position, ())}
            near = self._near(position, others - self._aside.keys())
            self._after[position] = _best(near)
            if others & self._aside.keys() and len(self._after[position]) < NEAREST:
                self._still_due.add(position)  # what was told again and again stood before others
            for other, value in near.items():
                if value >= self._standing.least(other):
                    glad[other][position] = value
        self._keep_of_others(glad)

    def _keep_of_others(self, glad: dict[int, dict[int, int]]) -> None:
        """These are nearer to others than the last that those know. Who is due looks for themself."""
        others = glad.keys() - self._after.keys()
        others -= _due(self._session, others)
        self._before |= _lines(self._session, others)
        for other in others:
            known = {one: near for one, near in self._before.get(other, {}).items() if one not in self._aside}
            self._after[other] = _best(known | glad[other])

    def _near(self, position: int, others: Iterable[int]) -> dict[int, int]:
        there = [other for other in others if other in self._standing and other != position]
        near = self._standing.near(position, there)
        return {other: value for other, value in zip(there, near, strict=True) if LEAST <= value < THE_SAME}

    def write(self) -> int:
        """Returns of how many due stories all is done."""
        session = self._session
        gone: list[Pair] = []
        new: list[tuple[int, int, int]] = []
        for position, lines in self._after.items():
            before = self._before.get(position, {})
            gone += [(position, other) for other in before if lines.get(other) != before[other]]
            new += [(position, other, near) for other, near in lines.items() if before.get(other) != near]
        for newer in self._aside:
            _set_aside(session, newer, self._index.aside)
        # Those that are set aside know the first of their kind, and nothing else.
        new += [(newer, older, self._standing.near(newer, [older])[0]) for newer, older in self._aside.items()]
        _write_lines(session, gone, new)
        _write_least(session, self._after)
        done = {*self._due, *self._aside} - self._still_due
        for some in _some(sorted(done)):
            session.execute(sa.delete(NearnessDue).where(NearnessDue.position.in_(some)))
        if gone or new:
            publication.new_edition(session)
        return len(done)


def _best(near: dict[int, int]) -> dict[int, int]:
    """The nearest of these, with how near they are; the newer of two that are as near."""
    ordered = sorted(near.items(), key=lambda one: (one[1], one[0]), reverse=True)
    return dict(ordered[:NEAREST])


def _set_aside(session: Session, position: int, cell: int) -> None:
    """Let nobody be led to this story any more; those who were look for another."""
    vector = session.scalar(sa.select(StoryVector.vector).filter_by(position=position))
    forget(session, position)
    adding = sa.insert(StoryVector)
    session.execute(adding, {"position": position, "cell": cell, "vector": vector, "least": 0})


def _write_lines(session: Session, gone: Sequence[Pair], new: Sequence[tuple[int, int, int]]) -> None:
    table = LINES
    if gone:
        leaving = sa.and_(table.c.position == sa.bindparam("one"), table.c.other_position == sa.bindparam("other"))
        session.connection().execute(sa.delete(table).where(leaving), [{"one": a, "other": b} for a, b in gone])
    if new:
        rows = [{"position": a, "other_position": b, "nearness": near} for a, b, near in new]
        session.connection().execute(sa.insert(table), rows)


def _write_least(session: Session, lines: dict[int, dict[int, int]]) -> None:
    table = VECTORS
    rows = [
        {"one": position, "last": min(known.values()) if len(known) == NEAREST else 0}
        for position, known in lines.items()
    ]
    if rows:
        changing = sa.update(table).where(table.c.position == sa.bindparam("one"))
        session.connection().execute(changing.values(least=sa.bindparam("last")), rows)


# What stands in the tables.


class _Standing:
    """Vectors as they stand now, and how near the last is that each knows."""

    def __init__(self, rows: Sequence[Any]) -> None:
        self._places = {row[0]: place for place, row in enumerate(rows)}
        joined = np.frombuffer(b"".join(row[1] for row in rows), np.int8)
        self._vectors = joined.reshape(len(rows), making.DIMENSIONS).astype(np.float32)
        self._least = [row[2] for row in rows]

    def __contains__(self, position: int) -> bool:
        return position in self._places

    def least(self, position: int) -> int:
        return max(int(self._least[self._places[position]]), LEAST)

    def near(self, one: int, others: Sequence[int]) -> list[int]:
        """How near these are to one, in thousandths."""
        places = [self._places[other] for other in others]
        products = self._vectors[places] @ self._vectors[self._places[one]]
        near: list[int] = np.rint(products * THOUSANDTHS).astype(int).clip(max=1000).tolist()
        return near


def _some(positions: Iterable[int]) -> Iterator[list[int]]:
    ordered = sorted(positions)
    for start in range(0, len(ordered), NAMED_AT_ONCE):
        yield ordered[start : start + NAMED_AT_ONCE]


SOME: sa.BindParameter[Any] = sa.bindparam("some", expanding=True)
DUE_OF_SOME = sa.select(DUE.c.position).where(DUE.c.position.in_(SOME))
LINES_OF_SOME = sa.select(LINES.c.position, LINES.c.other_position, LINES.c.nearness).where(LINES.c.position.in_(SOME))
# Of one making, but for those that are set aside.
STANDING_OF_SOME = sa.select(VECTORS.c.position, VECTORS.c.vector, VECTORS.c.least).where(
    VECTORS.c.position.in_(SOME), VECTORS.c.cell >= sa.bindparam("first"), VECTORS.c.cell < sa.bindparam("aside")
)


def _due(session: Session, positions: Iterable[int]) -> set[int]:
    return {row[0] for some in _some(positions) for row in session.execute(DUE_OF_SOME, {"some": some})}


def _lines(session: Session, positions: Iterable[int]) -> dict[int, dict[int, int]]:
    """The others that each of these knows, with how near they are."""
    found: dict[int, dict[int, int]] = {}
    for some in _some(positions):
        for position, other, near in session.execute(LINES_OF_SOME, {"some": some}):
            found.setdefault(position, {})[other] = near
    return found


def _standing(session: Session, index: Index, positions: Iterable[int]) -> _Standing:
    of_now = {"first": index.first, "aside": index.aside}
    rows = [row for some in _some(positions) for row in session.execute(STANDING_OF_SOME, {"some": some} | of_now)]
    return _Standing(rows)
