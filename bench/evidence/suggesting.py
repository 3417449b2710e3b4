"""Measures suggested themes: on stories that others collected, across languages, and what it costs.

    python -m bench.evidence.suggesting [--write] [--costs]       prints the tables; --write puts them into the document
    python -m bench.evidence.suggesting --only languages          one of them alone

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
import tomllib
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from importlib import import_module
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench.evidence import DATA, ROOT
from storyhub.operations.invention import invent
from storyhub.text import folding, likeness
from storyhub.text.nearness import meaning
from storyhub.text.suggesting import SAMPLE, Suggester, Told, learn
from storyhub.text.suggesting.scores import Score, Tally, score, tally

DOCUMENT = ROOT / "docs" / "suggesting.md"
LABELS = ("commenting", "staring", "touching")  # in the order of the columns
ALIKE = 0.5  # of the shingles of both: one was made from the other
INVENTED = 3_000
MANY = 100_000
SOME = 5_000  # for what takes too long with MANY, of which MANY are reckoned

FOLDS, SEED = 5, 11  # another chance than the one by which methods were chosen
PARTS = 6
# What likeness.toml tells of, as themes that have enough stories each.
THEMES_OF_KINDS = {
    "street": ("called-at-in-the-street", "followed"),
    "work": ("remarks-at-work", "punished-at-work"),
    "online": ("messages-online", "pictures-online"),
    "crowds": ("touched-in-transport", "in-shops"),
    "learning": ("at-school", "in-sport"),
    "private": ("at-home", "at-parties"),
    "offices": ("doctors", "officials", "not-believed"),
}

Marks = NDArray[np.bool_]
KINDS = {"words": "by words alone (withheld)", "sentences": "with the encoder"}
AIMS = {"likely": "most right answers", "themes": "as the site uses it"}


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
    parser.add_argument("--only", choices=TABLES)
    wanted = parser.parse_args()
    for name, lines in TABLES.items():
        if name != (wanted.only or name) or (name == "costs" and not (wanted.costs or wanted.only)):
            continue
        print(f"\n{name}\n")
        found = []
        for line in lines():
            found.append(line)
            print(line, flush=True)
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
        suggester = Suggester(learn(train.told(), wanted=kind)[0])
        judged += [(f"**{suggester.method}**, {words}", suggested(suggester, dev, aim)) for aim, words in AIMS.items()]
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
    """The train part alone, in five parts by chance: the whole of learning, seen from outside, beside the plain way."""
    if not are_here():
        yield "The stories that others collected are not here."
        return
    train = read("train")
    part = np.random.RandomState(SEED).permutation(len(train.texts)) % FOLDS
    simple = in_turn(train, part, plain)
    yield "| method | exact match | 1 − Hamming loss | micro F1 | macro F1 | more than plain: exact | 1 − Hamming |"
    yield "|---|" + "--:|" * 6
    yield f"| TF-IDF of words, logistic regression | {whole(score(simple, train.given))} | | |"
    for kind in kinds():
        marks = in_turn(train, part, partial(by_learning, kind=kind))
        exact = beyond(*((one == train.given).all(axis=1) for one in (marks, simple)))
        hamming = beyond(*((one == train.given).mean(axis=1) for one in (marks, simple)))
        yield f"| {kind}, most right answers | {whole(score(marks, train.given))} | {exact} | {hamming} |"


def in_turn(stories: Part, part: NDArray[np.int64], judge: Callable[[Part, Part], Marks]) -> Marks:
    """Every part judged by what learned from the others."""
    found = np.zeros_like(stories.given)
    for number in range(FOLDS):
        found[part == number] = judge(stories.chosen(part != number), stories.chosen(part == number))
    return found


def by_learning(seen: Part, unseen: Part, kind: str) -> Marks:
    return suggested(Suggester(learn(seen.told(), wanted=kind)[0]), unseen, "likely")


def whole(found: Score) -> str:
    return " | ".join(map(per_cent, (found.exact, found.hamming, found.micro, found.macro)))


def beyond(ours: NDArray[Any], plain: NDArray[Any]) -> str:
    """How much more, story by story, in points of a hundred, with the standard error."""
    more = 100 * (ours.astype(float) - plain)
    return f"{more.mean():+.2f} ± {more.std(ddof=1) / len(more) ** 0.5:.2f}"


def plain(train: Part, dev: Part) -> Marks:
    """As scikit-learn comes, nothing tuned."""
    regression = import_module("sklearn.linear_model").LogisticRegression
    weigher = import_module("sklearn.feature_extraction.text").TfidfVectorizer().fit(train.texts)
    seen, unseen = weigher.transform(train.texts), weigher.transform(dev.texts)
    each = [regression().fit(seen, wanted).predict(unseen) for wanted in train.given.T]
    return np.array(each, bool).T


def suggested(suggester: Suggester, part: Part, aim: str) -> Marks:
    found = suggester.suggest(part.texts, ["en"] * len(part.texts))
    said = [one.likely if aim == "likely" else dict(one.themes) for one in found]
    return np.array([[label in one for label in LABELS] for one in said], bool)


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


def across() -> Iterator[str]:
    """Each language left out in turn: by those who told other things, then by those who told the same."""
    yield f"Sixty parallel stories in seven languages, {len(THEMES_OF_KINDS)} themes, one for each story:"
    yield ""
    yield "| language left out | stories | method | of 100 suggestions, right | of 100 themes, found | F1 |"
    yield "|---|--:|---|" + "--:|" * 3
    parallel = parallel_stories()
    for code in parallel:
        for kind in kinds():
            one = foreign(parallel, code, kind)
            figures = (one.precision, one.recall, one.f1)
            yield f"| {code} | {len(parallel[code])} | {KINDS[kind]} | {' | '.join(map(per_cent, figures))} |"
    if not meaning.is_installed():
        return
    yield ""
    yield f"{INVENTED:,} composed stories, as a site measures itself (the encoder alone):"
    yield ""
    yield "| language left out | stories | of 100 suggestions, right | of 100 themes, found | F1 |"
    yield "|---|" + "--:|" * 4
    _data, found = learn(invented(INVENTED), wanted="sentences")
    assert found.abroad is not None
    for code, facts in found.abroad.languages.items():
        figures = (facts["precision"], facts["recall"], facts["f1"])
        yield f"| {code} | {int(facts['stories'])} | {' | '.join(map(per_cent, figures))} |"


def invented(count: int, seed: int = 4) -> list[Told]:
    stories = (invent(seed, number) for number in range(count))
    return [Told(one.told.text, one.themes, one.told.language or "") for one in stories]


def parallel_stories() -> dict[str, list[Told]]:
    """{language: stories}, the n-th of each language telling the same."""
    with (Path(__file__).parent / "likeness.toml").open("rb") as file:
        stories = tomllib.load(file)["stories"]
    theme_of = {kind: theme for theme, told in THEMES_OF_KINDS.items() for kind in told}
    codes = [code for code in stories[0] if code != "kind"]
    return {code: [Told(one[code], (theme_of[one["kind"]],), code) for one in stories] for code in codes}


def foreign(parallel: dict[str, list[Told]], code: str, kind: str) -> Tally:
    """How themes of one language are told by those who heard other stories in the other languages.

    A sixth of the stories at a time, so that none is judged by who read its translation. By words alone nothing is
    suggested in a language that nobody coded: here all pass for one language, to see what is so withheld.
    """
    right, said = [], []
    for part in range(PARTS):
        known = [one for other in parallel if other != code for one in _kept(parallel[other], part)]
        asked = parallel[code][part::PARTS]
        if kind == "words":
            known = [replace(one, language="any") for one in known]
        data, _quality = learn(known, wanted=kind)
        language = "any" if kind == "words" else code
        found = Suggester(data).suggest([one.text for one in asked], [language] * len(asked))
        right += [[theme in one.themes for theme in THEMES_OF_KINDS] for one in asked]
        said += [[theme in dict(one.themes) for theme in THEMES_OF_KINDS] for one in found]
    return tally(np.array(said, bool).ravel(), np.array(right, bool).ravel())


def _kept(stories: list[Told], part: int) -> list[Told]:
    return [one for number, one in enumerate(stories) if number % PARTS != part]


# ---- What it costs


def costs() -> Iterator[str]:
    """Processor time, of one process."""
    yield f"| | learn from {SAMPLE:,} and measure it | suggest for {MANY:,} | bytes kept | most memory | themes |"
    yield "|---|" + "--:|" * 5
    stories = invented(SAMPLE)
    for kind in kinds():
        began = time.process_time()
        data, found = learn(stories, wanted=kind)
        learning = time.process_time() - began
        count = MANY if kind == "words" else SOME
        suggesting = minutes(spent_on(Suggester(data), count) * MANY / count)
        if count < MANY:
            suggesting += f" (reckoned from {count:,})"
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        yield f"| {kind} | {minutes(learning)} | {suggesting} | {len(data):,} | {memory:,} MB | {len(found.themes)} |"


def spent_on(suggester: Suggester, count: int) -> float:
    numbers, spent = iter(range(count)), 0.0
    while part := [invent(5, number).told for number in islice(numbers, 1_000)]:
        began = time.process_time()
        suggester.suggest([one.text for one in part], [one.language for one in part])
        spent += time.process_time() - began
    return spent


def minutes(seconds: float) -> str:
    return f"{seconds / 60:.1f} min"


TABLES: dict[str, Callable[[], Iterator[str]]] = {
    "english": english,
    "within": within,
    "languages": across,
    "costs": costs,
}

if __name__ == "__main__":
    main()
