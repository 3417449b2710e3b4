"""Learning which themes a story has from those that people coded, and measuring how well on stories not learned from.

Methods: for each theme a logistic regression on hashed words and pieces, one on the same weighed by how differently
themes use them (log-count ratios; Wang and Manning, "Baselines and bigrams", 2012), a linear support vector machine
(Cortes and Vapnik, "Support-vector networks", 1995) and, where the sentence encoder is installed, a regression on what
is meant. Each story is judged by those that didn't see it (cross-validation), and from these
judgements it is learned how far to trust each (stacking; Wolpert, "Stacked generalization", 1992), which is Platt's
calibration too ("Probabilistic outputs for support vector machines", 1999). Where few sets of themes cover nearly all
stories, a regression for each set is one more judge of the themes in it (together.py). All regressions are linear, so
that what is kept is one weight for each bucket and theme or set.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Generator, Iterable, Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property
from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import NDArray

from storyhub.text import folding
from storyhub.text.nearness import meaning
from storyhub.text.suggesting import features, together
from storyhub.text.suggesting.learned import Learned, packed
from storyhub.text.suggesting.scores import score, tally

__all__ = [
    "FEWEST",
    "FEWEST_IN_LANGUAGE",
    "FEWEST_OF_THEME",
    "LEAST_PRECISION",
    "MOST_THEMES",
    "SAMPLE",
    "Abroad",
    "OfTheme",
    "Quality",
    "Told",
    "TooFew",
    "learn",
    "learn_in_steps",
]

Floats = NDArray[np.float32]
Marks = NDArray[np.bool_]
Progress = tuple[int, int]

SAMPLE = 20_000  # stories that are learned from: within 1 GB of memory, whatever their length
FEWEST = 50  # stories that people looked at, or nothing is learned
FEWEST_OF_THEME = 20  # stories that have the theme, and that don't, or there is nothing to tell it by
FEWEST_IN_LANGUAGE = 10  # stories of one language with the theme, or it isn't suggested by words there
FEWEST_TO_CROSS = 50  # coded stories of one language, for it to be left out and judged from the others
SAMPLE_TO_CROSS = 5_000
MOST_THEMES = 64  # the ones given most often
LEAST_PRECISION = 0.5  # a theme of whose suggestions fewer are right isn't suggested: it would waste people's time
FOLDS, FOLDS_OF_MANY, MANY = 5, 3, 5_000
AT_ONCE = 500
FAITH = {
    "words": 3.0,
    "ratios": 4.0,
    "margin": 0.2,
    "meant": 0.5,
    "sets": 2.0,
}  # how closely each follows its stories (C); docs/suggesting.md
LOUD = 3.0  # what is meant has length 1; this brings it into the range in which its FAITH was found
STEPS_OF_CUT = np.round(np.arange(0.1, 0.91, 0.01), 2)


class TooFew(ValueError):
    """There are too few stories that people coded, or no theme was given to enough of them."""


@dataclass(frozen=True)
class Told:
    """One story to learn from: its words, its themes, its language ("" if unknown).

    `unsaid`: themes of which this story says neither yes nor no.
    """

    text: str
    themes: Collection[str]
    language: str = ""
    unsaid: Collection[str] = ()


@dataclass(frozen=True)
class OfTheme:
    """How well one theme is told. `cut` is None where it is not suggested, because it would be wrong too often."""

    theme: str
    given: int
    precision: float
    recall: float
    f1: float
    accuracy: float
    cut: float | None


@dataclass(frozen=True)
class Abroad:
    """How well themes are told in a language that was left out of learning, by what is meant alone."""

    languages: dict[str, dict[str, float]]  # stories, precision, recall, f1
    themes: dict[str, float]  # precision over all these languages
    precision: float
    recall: float


@dataclass(frozen=True)
class Quality:
    """Measured on stories not learned from, calibration and cuts too. `missing`: how many more each theme needs."""

    stories: int
    folds: int
    hamming: float
    exact: float
    micro: float
    macro: float
    themes: list[OfTheme]
    missing: dict[str, int]
    languages: dict[str, int]
    abroad: Abroad | None = None

    def as_facts(self) -> dict[str, Any]:
        """As JSON keeps it."""
        return asdict(self)


def learn(stories: Sequence[Told], **named: Any) -> tuple[bytes, Quality]:
    """All of `learn_in_steps` at once."""
    course = learn_in_steps(stories, **named)
    while True:
        try:
            next(course)
        except StopIteration as done:
            found: tuple[bytes, Quality] = done.value
            return found


def learn_in_steps(
    stories: Sequence[Told], *, wanted: str | None = None, seed: int = 0
) -> Generator[Progress, None, tuple[bytes, Quality]]:
    """Learn step by step, each telling (done, total); returns the bytes for `Suggester` and how good it is.

    `wanted`: "words", "sentences" (with the encoder), None for the best that is installed. Raises TooFew, and
    NotInstalled.
    """
    course = _Course(stories, wanted=wanted, seed=seed)
    yield from course.read()
    yield from course.judge_unseen()
    learned = yield from course.conclude()
    return packed(learned), course.quality


@dataclass
class _Fitted:
    """One theme by one member: odds are `rows @ weights + bias`."""

    weights: NDArray[np.float64]
    bias: float

    def odds(self, rows: Any) -> NDArray[np.float64]:
        found: NDArray[np.float64] = np.asarray(rows @ self.weights).ravel() + self.bias
        return found


@dataclass
class _Course:
    """One learning, from stories to what is kept of them."""

    stories: Sequence[Told]
    wanted: str | None
    seed: int
    done: int = 0
    rows: Any = None
    meant: Floats = field(default_factory=lambda: np.empty((0, 0), np.float32))
    abroad: Abroad | None = None

    def __post_init__(self) -> None:
        self.with_meaning = meaning.is_wanted(self.wanted)
        self.stories = [one for one in self.stories[:SAMPLE] if folding.tokens(one.text[: features.LONGEST])]
        counts = Counter(theme for one in self.stories for theme in set(one.themes) - set(one.unsaid))
        unsaid = Counter(theme for one in self.stories for theme in set(one.unsaid))
        most = {theme: len(self.stories) - unsaid[theme] - FEWEST_OF_THEME for theme in counts}
        often = sorted(counts, key=lambda theme: (-counts[theme], theme))
        self.themes = [theme for theme in often if FEWEST_OF_THEME <= counts[theme] <= most[theme]][:MOST_THEMES]
        self.missing = {theme: FEWEST_OF_THEME - counts[theme] for theme in often if counts[theme] < FEWEST_OF_THEME}
        if len(self.stories) < FEWEST or not self.themes:
            raise TooFew("too few stories are coded")
        self.given = np.array([[theme in one.themes for theme in self.themes] for one in self.stories], bool)
        self.known = np.array([[theme not in one.unsaid for theme in self.themes] for one in self.stories], bool)
        self.given &= self.known
        self.languages = [one.language for one in self.stories]
        self.members = ["words", "ratios", "margin", *(["meant"] if self.with_meaning else [])]
        self.folds = FOLDS if len(self.stories) <= MANY else FOLDS_OF_MANY
        self.sets = together.common_sets(self.given, self.known)
        self.has_set = together.places_of(self.given, self.sets) if len(self.sets) else np.zeros(0, np.int64)

    @property
    def crossing(self) -> list[str]:
        """Languages with enough stories to be left out in turn; none where there is just one, or no encoder."""
        counts = Counter(self.languages)
        found = sorted(code for code, count in counts.items() if code and count >= FEWEST_TO_CROSS)
        return found if self.with_meaning and len(found) > 1 else []

    @cached_property
    def total(self) -> int:
        reading = -(-len(self.stories) // AT_ONCE) * (2 if self.with_meaning else 1)
        fitting = (self.folds + 1) * (len(self.themes) + len(self.sets))
        return reading + fitting + len(self.crossing) * len(self.themes)

    def step(self) -> Progress:
        self.done += 1
        return min(self.done, self.total), self.total

    # ---- Reading

    def read(self) -> Generator[Progress]:
        rows, meant = [], []
        for start in range(0, len(self.stories), AT_ONCE):
            texts = [one.text[: features.LONGEST] for one in self.stories[start : start + AT_ONCE]]
            rows.append(features.counted(texts))
            yield self.step()
            if self.with_meaning:
                meant.append(meaning.vectors(texts))
                yield self.step()
        self.rows = import_module("scipy.sparse").vstack(rows, format="csr")
        if meant:
            self.meant = np.vstack(meant)

    # ---- Judging each story by what didn't see it

    def judge_unseen(self) -> Generator[Progress]:
        self.fold = folds([one.text for one in self.stories], self.folds, self.seed)
        self.odds = np.zeros((*self.given.shape, len(self.members) + bool(len(self.sets))))
        of_sets = np.zeros((len(self.stories), len(self.sets)))
        for number in range(self.folds):
            unseen = self.fold == number
            rare = features.rarity(self.rows[~unseen])
            seen_rows, unseen_rows = (_as_doubles(features.weighed(self.rows[one], rare)) for one in (~unseen, unseen))
            for place in range(len(self.themes)):
                for member, one in enumerate(self._fit(place, seen_rows, ~unseen)):
                    rows = self._loud(unseen) if self.members[member] == "meant" else unseen_rows
                    self.odds[unseen, place, member] = one.odds(rows)
                yield self.step()
            for place in range(len(self.sets)):
                of_sets[unseen, place] = self._fit_set(place, seen_rows, ~unseen).odds(unseen_rows)
                yield self.step()
        if len(self.sets):
            self.odds[:, :, -1] = together.odds_of_themes(of_sets, self.sets)
        self._measure()

    def _fit(self, place: int, rows: Any, chosen: Marks) -> list[_Fitted]:
        """Every member for a theme, learned from the chosen stories, whose weighed rows are `rows`."""
        known = self.known[chosen, place]
        wanted = self.given[chosen, place][known]
        if not known.all():
            rows = rows[known]
        ratios = _ratios(rows, wanted)
        by_ratio = _fitted(_times(rows, ratios), wanted, FAITH["ratios"], self.seed)
        found = [
            _fitted(rows, wanted, FAITH["words"], self.seed),
            _Fitted(by_ratio.weights * ratios, by_ratio.bias),
            _fitted(rows, wanted, FAITH["margin"], self.seed, margin=True),
        ]
        if self.with_meaning:
            found.append(_fitted(self._loud(chosen)[known], wanted, FAITH["meant"], self.seed, dense=True))
        return found

    def _fit_set(self, place: int, rows: Any, chosen: Marks) -> _Fitted:
        """One of the sets against all others, learned from the chosen stories of which every theme is known."""
        whole = self.known[chosen].all(axis=1)
        wanted = (self.has_set[chosen] == place)[whole]
        return _fitted(rows if whole.all() else rows[whole], wanted, FAITH["sets"], self.seed)

    def _loud(self, chosen: Marks) -> NDArray[np.float64]:
        return self.meant[chosen].astype(np.float64) * LOUD

    def _measure(self) -> None:
        """Calibration and cuts of each fold are found on the other folds, and then counted on this one."""
        suggested = np.zeros_like(self.given)
        for number in range(self.folds):
            unseen = self.fold == number
            for place in range(len(self.themes)):
                trusted, cut = self._trusted_and_cut(place, ~unseen)
                if cut is not None:
                    suggested[unseen, place] = _sure(trusted.odds(self.odds[unseen, place])) >= cut
        self.scores = score(suggested, self.given, self.known)

    def _trusted_and_cut(self, place: int, among: Marks) -> tuple[_Fitted, float | None]:
        chosen = among & self.known[:, place]
        wanted = self.given[chosen, place]
        trusted = _trusted(self.odds[chosen, place], wanted)
        return trusted, best_cut(_sure(trusted.odds(self.odds[chosen, place])), wanted)

    # ---- What is kept

    def conclude(self) -> Generator[Progress, None, Learned]:
        everything = np.ones(len(self.stories), bool)
        rare = features.rarity(self.rows)
        rows = _as_doubles(features.weighed(self.rows, rare))
        size = len(self.themes)
        weights = np.zeros((features.BUCKETS, size), np.float32)
        meant = np.zeros((self.meant.shape[1], size), np.float32)
        bias, cuts = np.zeros(size, np.float32), np.full(size, 2, np.float32)
        set_trust = np.zeros(size, np.float32)
        for place in range(size):
            trusted, cut = self._trusted_and_cut(place, everything)
            members = self._fit(place, rows, everything)
            bias[place] = trusted.bias
            for trust, name, one in zip(trusted.weights, self.members, members, strict=False):  # sets come last
                bias[place] += trust * one.bias
                if name == "meant":
                    meant[:, place] += trust * one.weights * LOUD
                else:
                    weights[:, place] += trust * one.weights
            if len(self.sets):
                set_trust[place] = trusted.weights[-1]
            if cut is not None and self._is_good_enough(place):
                cuts[place] = cut
            yield self.step()
        self.cuts = cuts
        set_weights = np.zeros((features.BUCKETS if len(self.sets) else 0, len(self.sets)), np.float32)
        set_bias = np.zeros(len(self.sets), np.float32)
        for place in range(len(self.sets)):
            one = self._fit_set(place, rows, everything)
            set_weights[:, place], set_bias[place] = one.weights, one.bias
            yield self.step()
        abroad, abroad_bias, crosses, kept_out = yield from self._cross()
        spoken = sorted(set(self.languages))
        return Learned(
            themes=np.array(self.themes, np.str_),
            languages=np.array(spoken, np.str_),
            spoken=np.array([self._given_in(code) >= FEWEST_IN_LANGUAGE for code in spoken], bool),
            rare=rare,
            weights=weights,
            meant=meant,
            bias=bias,
            cuts=cuts,
            sets=self.sets,
            set_weights=set_weights,
            set_bias=set_bias,
            set_trust=set_trust,
            abroad=abroad,
            abroad_bias=abroad_bias,
            crosses=crosses,
            kept_out=np.array(kept_out, np.str_),
        )

    def _is_good_enough(self, place: int) -> bool:
        return self.scores.themes[place].precision >= LEAST_PRECISION

    def _given_in(self, language: str) -> NDArray[np.int64]:
        return self.given[np.array(self.languages) == language].sum(axis=0)

    # ---- From one language to another

    def _cross(self) -> Generator[Progress, None, tuple[Floats, Floats, Marks, list[str]]]:
        """Learn each language's themes from all other languages, and count; then learn from all of them."""
        size = len(self.themes)
        abroad, bias = np.zeros((self.meant.shape[1], size), np.float32), np.zeros(size, np.float32)
        crosses, kept_out = np.zeros(size, bool), list[str]()
        if not self.crossing:
            return abroad, bias, crosses, kept_out
        readable = np.any(self.meant, axis=1)
        chance = np.random.RandomState(self.seed)
        spoken = np.array(self.languages)
        suggested = np.zeros_like(self.given)
        for code in self.crossing:
            there = (spoken == code) & readable
            others = _some(np.flatnonzero((spoken != code) & readable), SAMPLE_TO_CROSS, chance)
            for place in range(size):
                one = self._fit_meaning(place, others)
                if one is not None:
                    suggested[there, place] = _sure(one.odds(self._loud(there))) >= 0.5
                yield self.step()
        judged = np.isin(spoken, self.crossing) & readable
        self.abroad = self._counted_abroad(suggested, judged, spoken)
        kept_out = [code for code, facts in self.abroad.languages.items() if facts["precision"] < LEAST_PRECISION]
        everything = _some(np.flatnonzero(readable), SAMPLE_TO_CROSS, chance)
        for place, theme in enumerate(self.themes):
            one = self._fit_meaning(place, everything)
            if one is not None:
                abroad[:, place], bias[place] = one.weights * LOUD, one.bias
                crosses[place] = self.abroad.themes[theme] >= LEAST_PRECISION
        return abroad, bias, crosses, kept_out

    def _fit_meaning(self, place: int, chosen: NDArray[np.int64]) -> _Fitted | None:
        chosen = chosen[self.known[chosen, place]]
        wanted = self.given[chosen, place]
        if not 0 < wanted.sum() < len(wanted):
            return None
        return _fitted(self.meant[chosen].astype(np.float64) * LOUD, wanted, FAITH["meant"], self.seed, dense=True)

    def _counted_abroad(self, suggested: Marks, judged: Marks, spoken: NDArray[np.str_]) -> Abroad:
        counted = {
            code: score_of(suggested, self.given, self.known, judged & (spoken == code)) for code in self.crossing
        }
        whole = score_of(suggested, self.given, self.known, judged)
        by_theme = {
            theme: tally(suggested[judged, place], self.given[judged, place], self.known[judged, place]).precision
            for place, theme in enumerate(self.themes)
        }
        return Abroad(counted, by_theme, whole["precision"], whole["recall"])

    @property
    def quality(self) -> Quality:
        counts = self.given.sum(axis=0)
        return Quality(
            stories=len(self.stories),
            folds=self.folds,
            hamming=self.scores.hamming,
            exact=self.scores.exact,
            micro=self.scores.micro,
            macro=self.scores.macro,
            themes=[
                OfTheme(
                    theme,
                    int(counts[place]),
                    one.precision,
                    one.recall,
                    one.f1,
                    one.accuracy,
                    round(float(self.cuts[place]), 2) if self.cuts[place] <= 1 else None,
                )
                for place, (theme, one) in enumerate(zip(self.themes, self.scores.themes, strict=True))
            ],
            missing=self.missing,
            languages=dict(sorted(Counter(self.languages).items())),
            abroad=self.abroad,
        )


# ---- The parts


def folds(texts: Iterable[str], count: int, seed: int) -> NDArray[np.int64]:
    """Which part each story is in, by chance; stories of the same words are in the same, or they'd tell on another."""
    groups: dict[tuple[str, ...], int] = {}
    of = [groups.setdefault(tuple(sorted(set(folding.tokens(text)))), len(groups)) for text in texts]
    order = np.random.RandomState(seed).permutation(len(groups))
    found: NDArray[np.int64] = order[np.array(of)] % count
    return found


def best_cut(sure: NDArray[np.float64], wanted: Marks) -> float | None:
    """The cut with the best F1 of those with LEAST_PRECISION; None where there is none."""
    best, found = -1.0, None
    for cut in STEPS_OF_CUT:
        counted = tally(sure >= cut, wanted)
        reached = counted.f1 * (counted.precision >= LEAST_PRECISION)
        # Of equals the one nearest to a half: it is the least learned by heart.
        if reached > best or (reached == best and found is not None and abs(cut - 0.5) < abs(found - 0.5)):
            best, found = reached, float(cut)
    return found if best > 0 else None


def score_of(suggested: Marks, given: Marks, known: Marks, chosen: Marks) -> dict[str, float]:
    """Over all themes and the chosen stories at once."""
    whole = tally(suggested[chosen].ravel(), given[chosen].ravel(), known[chosen].ravel())
    return {
        "stories": int(np.count_nonzero(chosen)),
        "precision": whole.precision,
        "recall": whole.recall,
        "f1": whole.f1,
    }


def _fitted(rows: Any, wanted: Marks, faith: float, seed: int, *, dense: bool = False, margin: bool = False) -> _Fitted:
    """A logistic regression by coordinate descent (Fan et al., "LIBLINEAR", 2008), the same for the same seed.

    With `margin` a support vector machine: its distances are no odds, and become some by how far it is trusted.
    """
    if wanted.all() or not wanted.any():  # a fold may have lost all of a rare theme
        share = (wanted.sum() + 0.5) / (len(wanted) + 1)
        return _Fitted(np.zeros(rows.shape[1]), float(np.log(share / (1 - share))))
    if margin:
        model = import_module("sklearn.svm").LinearSVC(C=faith, random_state=seed)
    else:
        regression = import_module("sklearn.linear_model").LogisticRegression
        # The dual problem is the faster one to solve for rows that are long and thin. 1e-3 is near enough.
        model = regression(C=faith, solver="liblinear", dual=not dense, tol=1e-3, max_iter=1_000, random_state=seed)
    model.fit(rows, wanted)
    return _Fitted(model.coef_[0], float(np.ravel(model.intercept_)[0]))


def _trusted(odds: NDArray[np.float64], wanted: Marks) -> _Fitted:
    """How far each member is to be trusted."""
    if wanted.all() or not wanted.any():
        return _fitted(odds, wanted, 1.0, 0)
    regression = import_module("sklearn.linear_model").LogisticRegression
    model = regression(C=1.0, solver="newton-cholesky").fit(odds, wanted)  # exact, and quick for a few numbers each
    return _Fitted(model.coef_[0], float(model.intercept_[0]))


def _ratios(rows: Any, wanted: Marks) -> NDArray[np.float64]:
    """For each bucket: by how much likelier stories with the theme hold it than others, as a logarithm."""
    with_it, without = (np.bincount(rows[chosen].indices, minlength=rows.shape[1]) for chosen in (wanted, ~wanted))
    found: NDArray[np.float64] = np.log((1 + with_it) / (1 + wanted.sum()))
    return found - np.log((1 + without) / (1 + np.count_nonzero(~wanted)))


def _times(rows: Any, each: NDArray[np.float64]) -> Any:
    found = rows.copy()
    found.data *= each[found.indices]
    return found


def _as_doubles(rows: Any) -> Any:
    return rows.astype(np.float64)  # once, or every regression would do it again


def _sure(odds: NDArray[np.float64]) -> NDArray[np.float64]:
    return 1 / (1 + np.exp(-np.clip(odds, -30, 30)))


def _some(places: NDArray[np.int64], most: int, chance: np.random.RandomState) -> NDArray[np.int64]:
    return places if len(places) <= most else np.sort(chance.choice(places, most, replace=False))
