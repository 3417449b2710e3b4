"""Which of many texts were made from one another: groups that share whole passages, and nobody who only resembles them.

A copier changes words; what the copies still share is a group's core, the shingles that a good part of its members
have. A text belongs to a group by how much of it stands in the core, which tells a copy with a third of its words
changed from a story about the same street, where two texts held against each other would not.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Hashable, Iterable, Mapping
from dataclasses import dataclass
from statistics import median
from typing import Generic, TypeVar

from storyhub.text.likeness import ENOUGH, Sketch

__all__ = ["FEWEST", "FEWEST_SHORT", "Group", "belongs", "groups", "share_in"]

Name = TypeVar("Name", bound=Hashable)

FEWEST = 5  # texts: two or three that are equal are one person's two or three presses
FEWEST_SHORT = 50  # of a few words, which many people write without knowing of each other; only equal ones
# Measured on real testimonies and invented floods: docs/floods.md.
TO_BEGIN = 4  # shingles that two texts share, for one to be looked at because of the other
IN_CORE = 0.25  # share of the members that have a shingle of the core,
IN_CORE_FEWEST = 3  # and how many at least
CORE = 8  # shingles: a core is more than a turn of phrase
SHARE = 0.2  # share of a text that stands in the core
SHARED = 6  # shingles of it that do
FEW = 20  # members; a smaller group must be more alike: people who live in one city tell of the same bus stop
ALIKE_FEW = 0.5  # share in the core of its middle member
ROUNDS = 4


@dataclass(frozen=True)
class Group(Generic[Name]):
    """Texts made from one another, by name, and the shingles by which others would be known to belong."""

    members: frozenset[Name]
    core: Sketch


def share_in(core: Sketch, text: Sketch) -> float:
    """How much of a text stands in a core, from 0 to 1."""
    return len(core & text) / len(text) if text else 0.0


def belongs(text: Sketch, core: Sketch) -> bool:
    """Whether a text was made from what a group has in common."""
    if len(text) < ENOUGH or len(core) < CORE:
        return bool(text) and text == core
    return len(text & core) >= SHARED and share_in(core, text) >= SHARE


def groups(texts: Mapping[Name, Sketch], fewest: int = FEWEST) -> list[Group[Name]]:
    """The groups of at least `fewest` texts, largest first. Each text is in one group or, as most are, in none."""
    long = {name: sketch for name, sketch in texts.items() if len(sketch) >= ENOUGH}
    short = {name: sketch for name, sketch in texts.items() if 0 < len(sketch) < ENOUGH}
    found = [*_made_from_one_another(long, fewest), *_equal(short, max(fewest, FEWEST_SHORT))]
    return sorted(found, key=lambda group: (-len(group.members), min(group.core)))


def _equal(texts: Mapping[Name, Sketch], fewest: int) -> Iterable[Group[Name]]:
    same: defaultdict[Sketch, set[Name]] = defaultdict(set)
    for name, sketch in texts.items():
        same[sketch].add(name)
    return (Group(frozenset(names), sketch) for sketch, names in same.items() if len(names) >= fewest)


def _made_from_one_another(texts: Mapping[Name, Sketch], fewest: int) -> Iterable[Group[Name]]:
    pool = _Pool(texts, fewest)
    for name in pool.hottest_first():
        if name in pool.left and (group := pool.group_around(name)):
            pool.left -= group.members
            yield group


class _Pool(Generic[Name]):
    """Texts that belong to no group yet, and which of them have a shingle."""

    def __init__(self, texts: Mapping[Name, Sketch], fewest: int) -> None:
        self.texts, self.fewest = texts, fewest
        having: defaultdict[int, list[Name]] = defaultdict(list)
        for name, sketch in texts.items():
            for value in sketch:
                having[value].append(name)
        # What fewer texts have than make a core tells nothing: nearly all of what people tell is left out here.
        self.having = {value: names for value, names in having.items() if len(names) >= IN_CORE_FEWEST}
        self.common = {name: [value for value in sketch if value in self.having] for name, sketch in texts.items()}
        self.left = {name for name, values in self.common.items() if len(values) >= SHARED}

    def hottest_first(self) -> list[Name]:
        return sorted(self.left, key=lambda name: (-len(self.common[name]), min(self.texts[name]), str(name)))

    def group_around(self, name: Name) -> Group[Name] | None:
        """The group that a text is in: begin with what shares a few shingles, and let the core find its members."""
        members: set[Name] = {*self._sharing(self.common[name], TO_BEGIN), name}
        for _ in range(ROUNDS):
            if len(members) < self.fewest:
                return None
            core = self._core(members)
            before, members = members, {other for other in self._sharing(core, SHARED) if self._belongs(other, core)}
            if len(core) < CORE or members == before:
                break
        return Group(frozenset(members), core) if self._is_one(members, core) else None

    def _is_one(self, members: Collection[Name], core: Sketch) -> bool:
        if len(core) < CORE or len(members) < self.fewest:
            return False
        middle = median(share_in(core, self.texts[name]) for name in members)
        return len(members) >= FEW or middle >= ALIKE_FEW

    def _belongs(self, name: Name, core: Sketch) -> bool:
        return belongs(self.texts[name], core)

    def _core(self, members: Collection[Name]) -> Sketch:
        counted = Counter(value for name in members for value in self.common[name])
        least = max(IN_CORE_FEWEST, IN_CORE * len(members))
        return frozenset(value for value, number in counted.items() if number >= least)

    def _sharing(self, values: Iterable[int], least: int) -> set[Name]:
        counted = Counter(name for value in values for name in self.having[value] if name in self.left)
        return {name for name, number in counted.items() if number >= least}
