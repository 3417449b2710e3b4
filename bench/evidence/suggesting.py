"""Measures suggested themes: on stories that others collected, across languages, and what it costs.

    python -m bench.evidence.suggesting [--write] [--costs]       prints the tables; --write puts them into the document

**In English**: the stories of Safecity (Karlekar and Bansal 2018) with their split: learned from the train part, judged
on the dev part. Everything was chosen by cross-validation within the train part. Near-duplicates: dev stories of
which a train story has the same folded words, or at least half of the shingles (storyhub/text/likeness.py).
**Across languages**: invented stories, each language left out in turn. Figures are cut, never rounded up; seeds are
fixed.
"""

from __future__ import annotations

import argparse
import csv
import resource
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench.evidence import DATA, ROOT
from storyhub.operations.invention import invent
from storyhub.text import folding, likeness
from storyhub.text.nearness import meaning
from storyhub.text.suggesting import SAMPLE, Suggester, Told, learn
from storyhub.text.suggesting.scores import Score, score

DOCUMENT = ROOT / "docs" / "suggesting.md"
LABELS = ("commenting", "staring", "touching")  # in the order of the columns
ALIKE = 0.5  # of the shingles of both: one was made from the other
INVENTED = 3_000
MANY = 100_000
SOME = 5_000  # for what takes too long with MANY, of which MANY are reckoned

Marks = NDArray[np.bool_]
AIMS = {"right": "most right answers", "f1": "as the site uses it"}


@dataclass(frozen=True)
class Part:
    texts: list[str]
    given: Marks

    def told(self) -> list[Told]:
        return [
            Told(text, [LABELS[one] for one in np.flatnonzero(row)], "en")
            for text, row in zip(self.texts, self.given, strict=True)
        ]

    def chosen(self, which: Marks) -> Part:
        return Part([text for text, one in zip(self.texts, which, strict=True) if one], self.given[which])


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.evidence.suggesting")
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--costs", action="store_true")
    wanted = parser.parse_args()
    tables: dict[str, Callable[[], Iterator[str]]] = {"english": english, "within": within, "languages": across}
    if wanted.costs:
        tables["costs"] = costs
    for name, lines in tables.items():
        found = list(lines())
        print(f"\n{name}\n\n" + "\n".join(found), flush=True)
        if wanted.write:
            write(name, found)


def write(name: str, lines: Sequence[str]) -> None:
    """Put a table between its marks in the document."""
    begins, ends = f"<!-- {name} -->\n", f"<!-- end of {name} -->"
    before, _begins, rest = DOCUMENT.read_text("utf-8").partition(begins)
    _old, _ends, after = rest.partition(ends)
    DOCUMENT.write_text(before + begins + "\n" + "\n".join(lines) + "\n\n" + ends + after, "utf-8")


def kinds() -> list[str]:
    return ["words", "sentences"] if meaning.is_installed() else ["words"]


# ---- In English


def read(part: str) -> Part:
    path: Path = DATA / "stories" / f"safecity-{part}.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))[1:]
    return Part([row[0] for row in rows], np.array([[cell == "1" for cell in row[1:4]] for row in rows]))


def are_here() -> bool:
    return (DATA / "stories" / "safecity-train.csv").is_file()


def english() -> Iterator[str]:
    if not are_here():
        yield "The stories that others collected are not here; EVIDENCE_DATA says where they are."
        return
    train, dev = read("train"), read("dev")
    alone = ~near_duplicates(dev.texts, train.texts)
    judged: list[tuple[str, Marks]] = [("TF-IDF of words, logistic regression (ours)", plain(train, dev))]
    for kind in kinds():
        for aim, words in AIMS.items():
            data, _quality = learn(train.told(), wanted=kind, aim=aim)
            judged.append((f"**{Suggester(data).method}**, {words}", suggested(data, dev)))
    for title, which in (
        (f"All {len(dev.texts)} stories of the dev part", np.ones(len(alone), bool)),
        (f"Without near-duplicates of train stories: {np.count_nonzero(alone)} stories", alone),
    ):
        yield f"{title}:"
        yield ""
        yield f"| method | {' | '.join(LABELS)} | exact match | 1 − Hamming loss | micro F1 | macro F1 |"
        yield "|---|" + "--:|" * 7
        if which.all():
            yield "| Karlekar and Bansal 2018, abstract | best single label 86.5 | | | – | 82.5 | – | – |"
            yield "| TF-IDF, logistic regression, as given to us | – | – | – | 63.0 | 83.7 | – | – |"
        for name, marks in judged:
            yield row(name, score(marks[which], dev.given[which]))
        yield ""


def within() -> Iterator[str]:
    """What methods were chosen by: the train part alone, each story judged by what didn't see it."""
    if not are_here():
        yield "The stories that others collected are not here."
        return
    train = read("train").told()
    yield "| method | exact match | 1 − Hamming loss | micro F1 | macro F1 |"
    yield "|---|" + "--:|" * 4
    for kind in kinds():
        for aim, words in AIMS.items():
            data, found = learn(train, wanted=kind, aim=aim)
            figures = (found.exact, found.hamming, found.micro, found.macro)
            yield f"| {Suggester(data).method}, {words} | {' | '.join(map(per_cent, figures))} |"


def plain(train: Part, dev: Part) -> Marks:
    """As scikit-learn comes, nothing tuned."""
    regression = import_module("sklearn.linear_model").LogisticRegression
    weigher = import_module("sklearn.feature_extraction.text").TfidfVectorizer().fit(train.texts)
    seen, unseen = weigher.transform(train.texts), weigher.transform(dev.texts)
    each = [regression().fit(seen, wanted).predict(unseen) for wanted in train.given.T]
    return np.array(each, bool).T


def suggested(data: bytes, part: Part) -> Marks:
    found = Suggester(data).suggest(part.texts, ["en"] * len(part.texts))
    return np.array([[label in dict(one.themes) for label in LABELS] for one in found], bool)


def near_duplicates(texts: Sequence[str], others: Sequence[str]) -> Marks:
    """Which texts have the same folded words as one of the others, or share ALIKE of the shingles of both."""
    key = b"only for this measurement"
    sketches = [likeness.sketch(text, key) for text in others]
    same = {folding.folded(text) for text in others}
    holders: dict[int, list[int]] = defaultdict(list)
    for place, sketch in enumerate(sketches):
        for value in sketch:
            holders[value].append(place)
    found = np.zeros(len(texts), bool)
    for place, text in enumerate(texts):
        sketch = likeness.sketch(text, key)
        near = {other for value in sketch for other in holders.get(value, ())}
        alike = any(likeness.resemblance(sketch, sketches[other]) >= ALIKE for other in near)
        found[place] = alike or folding.folded(text) in same
    return found


def row(name: str, found: Score) -> str:
    labels = [one.accuracy for one in found.themes]
    return f"| {name} | {' | '.join(map(per_cent, (*labels, found.exact, found.hamming, found.micro, found.macro)))} |"


def per_cent(share: float) -> str:
    """With two decimals, cut: 84.999 is not 85."""
    return f"{int(share * 10_000 + 1e-6) / 100:.2f}"


# ---- Across languages


def invented(count: int, seed: int = 4) -> list[Told]:
    stories = (invent(seed, number) for number in range(count))
    return [Told(one.told.text, one.themes, one.told.language or "") for one in stories]


def across() -> Iterator[str]:
    if not meaning.is_installed():
        yield "The extra `multilingual` is not installed."
        return
    _data, found = learn(invented(INVENTED), wanted="sentences")
    if found.abroad is None:
        yield "Too few stories."
        return
    yield "| language left out | stories | of 100 suggestions, right | of 100 themes, found | F1 |"
    yield "|---|" + "--:|" * 4
    for code, facts in found.abroad.languages.items():
        figures = (facts["precision"], facts["recall"], facts["f1"])
        yield f"| {code} | {int(facts['stories'])} | {' | '.join(map(per_cent, figures))} |"


# ---- What it costs


def costs() -> Iterator[str]:
    """Processor time, of one process."""
    yield f"| | {' | '.join(kinds())} |"
    yield "|---|" + "--:|" * len(kinds())
    stories = invented(SAMPLE)
    columns: list[list[str]] = []
    for kind in kinds():
        began = time.process_time()
        data, found = learn(stories, wanted=kind)
        learning = time.process_time() - began
        suggester = Suggester(data)
        count = MANY if kind == "words" else SOME
        suggesting = spent_on(suggester, count) * MANY / count
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        columns.append(
            [minutes(learning), minutes(suggesting), f"{len(data):,}", f"{memory:,} MB", str(len(found.themes))]
        )
    names = (
        f"to learn from {SAMPLE:,} stories and measure it",
        f"to suggest for {MANY:,} (sentences: reckoned from {SOME:,})",
        "bytes of what was learned",
        "memory at the most, up to there",
        "themes",
    )
    for place, name in enumerate(names):
        yield f"| {name} | {' | '.join(column[place] for column in columns)} |"


def spent_on(suggester: Suggester, count: int) -> float:
    numbers, spent = iter(range(count)), 0.0
    while part := [invent(5, number).told for number in islice(numbers, 1_000)]:
        began = time.process_time()
        suggester.suggest([one.text for one in part], [one.language for one in part])
        spent += time.process_time() - began
    return spent


def minutes(seconds: float) -> str:
    return f"{seconds / 60:.1f} min"


if __name__ == "__main__":
    main()
