"""How far people who coded the same stories agree, beyond what chance alone would give.

For each theme every story is one decision, given (1) or not given (0). Cohen's kappa (1960) is of two people; of more
it is the mean over all pairs (Light 1971). Krippendorff's alpha (2011, "Computing Krippendorff's Alpha-Reliability",
nominal) takes any number of people, and stories that some of them did not code. Both are 1 where all agree, 0 where
they agree as often as by chance, below 0 where they agree less often than that.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations, pairwise

Span = tuple[int, int]
Value = int | None  # 1 given, 0 not given, None: not coded
Coded = Mapping[str, Collection[str]]  # the themes that one person gave, by story; a story without themes was coded too

# Krippendorff (2004), "Reliability in Content Analysis": rely on what is above .8; above .667 conclude with caution.
FIRM, TENTATIVE = 0.8, 0.667


@dataclass(frozen=True)
class Agreement:
    """Of one theme, or of all (`theme` None). Values are None where they are not defined: `why` says the reason.

    `n`: decisions that two or more people made. `alike`: the share of pairs of decisions that are the same, 0 to 1.
    `given`: to how many stories each person gave it. `why`: "nothing-shared" or "all-the-same".
    """

    theme: str | None
    n: int
    alike: float | None
    kappa: float | None
    alpha: float | None
    given: tuple[int, ...] = ()
    why: str | None = None


@dataclass(frozen=True)
class Comparison:
    """What people coded, beside one another. `shared`: the stories that two or more coded, in order."""

    people: tuple[str, ...]
    themes: list[Agreement]
    all: Agreement
    shared: list[str] = field(default_factory=list)
    alone: int = 0  # stories that only one of them coded
    same_sets: int = 0  # shared stories to which everybody who coded them gave exactly the same themes
    differing: list[str] = field(default_factory=list)  # all other shared stories


def compare(coded: Mapping[str, Coded], themes: Iterable[str] | None = None) -> Comparison:
    """Compare people's work, by their names. `themes`: those that could be given; without it, those that were."""
    people = tuple(coded)
    if len(people) < 2:
        raise ValueError("there is nobody to compare with")
    if themes is None:
        themes = sorted({theme for one in coded.values() for given in one.values() for theme in given})
    chosen = list(themes)
    stories = list(dict.fromkeys(story for one in coded.values() for story in one))
    shared = [story for story in stories if sum(story in one for one in coded.values()) > 1]
    rows = {theme: [[_value(one, story, theme) for story in shared] for one in coded.values()] for theme in chosen}
    pooled = [[value for theme in chosen for value in rows[theme][place]] for place in range(len(people))]
    differing = [story for story in shared if not _is_same(coded.values(), story, set(chosen))]
    return Comparison(
        people,
        [agreement(rows[theme], theme) for theme in chosen],
        agreement(pooled),
        shared,
        alone=len(stories) - len(shared),
        same_sets=len(shared) - len(differing),
        differing=differing,
    )


def agreement(values: Sequence[Sequence[Value]], theme: str | None = None) -> Agreement:
    """Of decisions: a row for each person, in each row the same decisions in the same order."""
    given = tuple(sum(value or 0 for value in row) for row in values)
    units = [unit for unit in zip(*values, strict=True) if sum(value is not None for value in unit) > 1]
    if not units:
        return Agreement(theme, 0, None, None, None, given, "nothing-shared")
    pairs = [(one, other) for unit in units for one, other in combinations(_made(unit), 2)]
    alike = sum(one == other for one, other in pairs) / len(pairs)
    if len({value for unit in units for value in _made(unit)}) == 1:
        # Nobody could have agreed or differed by chance: there is nothing to measure agreement against.
        return Agreement(theme, len(units), alike, None, None, given, "all-the-same")
    return Agreement(theme, len(units), alike, _kappa(units), _alpha(units), given)


def kappa(one: Sequence[object], other: Sequence[object]) -> float | None:
    """Cohen's kappa of two people's decisions, of any kind; None where both made one and the same throughout."""
    # It loads for a second: only where something is compared.
    from sklearn.metrics import cohen_kappa_score

    if len(set(one) | set(other)) < 2:
        return None
    names = {value: number for number, value in enumerate(dict.fromkeys([*one, *other]))}
    return float(cohen_kappa_score([names[value] for value in one], [names[value] for value in other]))


def alpha(values: Sequence[Sequence[float | None]]) -> float | None:
    """Krippendorff's alpha (nominal) of decisions, a row for each person; None where it is not defined."""
    import krippendorff
    import numpy as np

    units = [unit for unit in zip(*values, strict=True) if sum(value is not None for value in unit) > 1]
    if len({value for unit in units for value in unit if value is not None}) < 2:
        return None
    table = np.array([[np.nan if value is None else value for value in unit] for unit in units], dtype=float).T
    return float(krippendorff.alpha(table, level_of_measurement="nominal"))


def strength(value: float | None) -> str | None:
    """In which of the plain words a value is told: "less-than-chance", "weak", "tentative" or "firm"."""
    if value is None:
        return None
    if value < 0:
        return "less-than-chance"
    return "firm" if value >= FIRM else "tentative" if value >= TENTATIVE else "weak"


def overlap(pairs: Iterable[tuple[Iterable[Span], Iterable[Span]]]) -> float | None:
    """Of the characters that either of two people marked, the share that both did (Jaccard); None where none are.

    `pairs`: for each story the spans of the one and of the other.

    >>> overlap([([(0, 10)], [(5, 10)]), ([(0, 5), (3, 10)], [(0, 10)])])
    0.75
    """
    both = either = 0
    for one, other in pairs:
        first, second = _joined(one), _joined(other)
        common = sum(max(0, min(a[1], b[1]) - max(a[0], b[0])) for a in first for b in second)
        both += common
        either += _length(first) + _length(second) - common
    return both / either if either else None


def _value(coded: Coded, story: str, theme: str) -> Value:
    given = coded.get(story)
    return None if given is None else int(theme in given)


def _is_same(coded: Iterable[Coded], story: str, themes: set[str]) -> bool:
    sets = [set(one[story]) & themes for one in coded if story in one]
    return all(one == other for one, other in pairwise(sets))


def _made(unit: Iterable[Value]) -> list[int]:
    return [value for value in unit if value is not None]


def _kappa(units: Sequence[Sequence[Value]]) -> float | None:
    """The mean over the pairs of people; those of whom it is not defined, or who share nothing, are left out."""
    found = []
    for one, other in combinations(range(len(units[0])), 2):
        both = [(unit[one], unit[other]) for unit in units if unit[one] is not None and unit[other] is not None]
        value = kappa([first for first, _ in both], [second for _, second in both])
        if value is not None:
            found.append(value)
    return sum(found) / len(found) if found else None


def _alpha(units: Sequence[Sequence[Value]]) -> float | None:
    return alpha(list(zip(*units, strict=True)))


def _joined(spans: Iterable[Span]) -> list[Span]:
    parts: list[Span] = []
    for start, end in sorted(spans):
        if parts and start <= parts[-1][1]:
            parts[-1] = (parts[-1][0], max(end, parts[-1][1]))
        else:
            parts.append((start, end))
    return parts


def _length(spans: Iterable[Span]) -> int:
    return sum(end - start for start, end in spans)
