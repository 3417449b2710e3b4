"""Whether discoveries find the themes that people found before in stories of the same kind, and what a search costs.

    python -m bench.evidence.discovering            the tables (EVIDENCE_DATA: folder of the sets that others made)
    python -m bench.evidence.discovering --cost     how long it takes for invented stories (--cost 10000 100000); with
                                                    --fine as it is for small groups, with the encoder if it is there

Melville, Eccles and Yasseri ("Topic modeling of everyday sexism project entries", Frontiers in Digital Humanities,
2018) found seven themes by latent Dirichlet allocation. SEEDS says by which ordinary words a story is taken to hold
one. A theme appears when two of them are among the ten telling words of one group; how well that group holds the
theme is its F1. The same for plain LDA with as many topics, on the same counted words.
"""

from __future__ import annotations

import argparse
import csv
import resource
import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bench.evidence import DATA
from storyhub.operations.invention import invent
from storyhub.text import discovering
from storyhub.text.discovering import telling
from storyhub.text.discovering.counting import count

SEEDS = {
    "street": "street road walking lane footpath lights whistled whistling shouted",
    "online": "online internet facebook whatsapp instagram email message messages chat website",
    "work": "work office boss colleague colleagues job manager company employee employer",
    "transport": "bus train metro auto taxi cab rickshaw station driver conductor seat",
    "school": "school college teacher class classes student students university tuition campus professor",
    "media": "tv television film movie song songs advertisement newspaper magazine media radio",
    "domestic": "home house husband uncle cousin family wife mother father relative",
}
APPEARS = 2  # seeds among a group's telling words
FEW = 200  # stories of nearly 8,000: of a theme with fewer nothing was to be expected
SEEDS_OF_CHANCE = (0, 1, 2)
Members = list[set[int]]


@dataclass
class Told:
    """What a method found: its groups by telling words and by which of the texts are in them."""

    name: str
    words: list[list[str]]
    members: Members
    coherence: float
    labels: NDArray[np.int64]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cost", nargs="*", type=int)
    parser.add_argument("--fine", action="store_true")
    asked = parser.parse_args()
    if asked.cost is not None:
        for stories in asked.cost or [10_000, 100_000]:
            _cost(stories, fine=asked.fine)
        return
    if not (DATA / "stories").is_dir():
        print("The stories that others collected are not here; EVIDENCE_DATA says where they are.")
        return
    tables(safecity())


def safecity() -> list[str]:
    """The stories of both parts, each text once."""
    found: dict[str, None] = {}
    for part in ("train", "dev"):
        with (DATA / "stories" / f"safecity-{part}.csv").open(encoding="utf-8", newline="") as file:
            found |= dict.fromkeys(row[0] for row in list(csv.reader(file))[1:])
    return list(found)


def tables(texts: Sequence[str]) -> None:
    counted = count(texts, "en")
    there = (counted.matrix() > 0).astype(np.float32).tocsr()
    seen = np.asarray(there.sum(axis=0)).ravel()
    place_of = {word: place for place, word in enumerate(counted.words)}
    holding = {
        theme: {int(row) for word in words.split() if word in place_of for row in there[:, place_of[word]].nonzero()[0]}
        for theme, words in SEEDS.items()
    }
    methods = [found_by(texts, there, place_of, name, **how) for name, how in WAYS]
    methods.append(lda(there, counted.words, seen, len(methods[0].words)))
    print(f"{len(texts)} stories. Of each theme: stories that hold it; seeds among telling words, F1 of that group.\n")
    print("| theme | stories | " + " | ".join(one.name for one in methods) + " |")
    print("|---|--:|" + "---|" * len(methods))
    for theme, stories in holding.items():
        cells = [_cell(one, SEEDS[theme].split(), stories, seen, place_of) for one in methods]
        print(f"| {theme} | {len(stories)} | " + " | ".join(cells) + " |")
    print("\n| | " + " | ".join(one.name for one in methods) + " |\n|---|" + "--:|" * len(methods))
    print("| groups | " + " | ".join(str(len(one.words)) for one in methods) + " |")
    grouped = [len(set().union(*one.members)) for one in methods]
    print("| stories in none | " + " | ".join(str(len(texts) - one) for one in grouped) + " |")
    print("| coherence (NPMI) | " + " | ".join(f"{one.coherence:.3f}" for one in methods) + " |")
    print("| same with another seed (AMI) | " + " | ".join(_stability(texts, there, counted.words, seen, one.name,
          len(methods[0].words)) for one in methods) + " |")  # fmt: skip


WAYS: list[tuple[str, dict[str, object]]] = [
    ("broad", {"wanted": "words"}),
    ("small groups too", {"fine": True}),  # with the encoder, where it is installed
    ("small groups too, by words", {"wanted": "words", "fine": True}),
    ("by meaning", {"wanted": "sentences"}),
]


def found_by(texts: Sequence[str], there: object, place_of: dict[str, int], name: str, **how: object) -> Told:
    found = discovering.discover(texts, ["en"] * len(texts), **how)  # type: ignore[arg-type]
    labels = np.full(len(texts), -1, np.int64)
    for number, group in reversed(list(enumerate(found.groups))):
        labels[list(group.members)] = number
    tops = [[place_of[word] for word in group.words if word in place_of] for group in found.groups]
    coherent = telling.coherence(there, [top for top in tops if len(top) > 2])
    members = [set(group.members) for group in found.groups]
    return Told(name, [list(group.words) for group in found.groups], members, coherent, labels)


def lda(there: object, words: list[str], seen: NDArray[np.float64], topics: int, seed: int = 0) -> Told:
    """Plain latent Dirichlet allocation (Blei, Ng and Jordan, 2003), its words by how likely they are in a topic."""
    from sklearn.decomposition import LatentDirichletAllocation

    stories = there.shape[0]  # type: ignore[attr-defined]
    kept = np.flatnonzero((seen >= 5) & (seen <= 0.5 * stories))
    model = LatentDirichletAllocation(topics, random_state=seed, learning_method="online", max_iter=20)
    shares = model.fit_transform(there[:, kept])  # type: ignore[index]
    tops = [[int(kept[word]) for word in np.argsort(-topic)[: telling.MOST_WORDS]] for topic in model.components_]
    labels = shares.argmax(axis=1).astype(np.int64)
    members = [set(np.flatnonzero(labels == topic).tolist()) for topic in range(topics)]
    return Told("plain LDA", [[words[word] for word in top] for top in tops], members,
                telling.coherence(there, tops), labels)  # fmt: skip


def _cell(
    one: Told,
    seeds: Sequence[str],
    stories: set[int],
    seen: NDArray[np.float64],
    place_of: dict[str, int],
) -> str:
    matched = [[word for word in words if word in seeds] for words in one.words]
    f1 = [2 * len(stories & group) / (len(stories) + len(group)) if group else 0.0 for group in one.members]
    best = max(range(len(matched)), key=lambda place: (min(len(matched[place]), APPEARS), f1[place]))
    named = [word for word in matched[best] if seen[place_of[word]] >= 50]
    if len(matched[best]) >= APPEARS:
        rarer = len(matched[best]) - len(named)  # words in fewer than 50 stories are not written out
        said = ", ".join([*named, *([f"{rarer} rarer"] if rarer else [])])
        return f"**{said}**: {len(one.members[best])} stories, F1 {f1[best]:.2f}"
    why = f"only {len(stories)} stories" if len(stories) < FEW else "spread over several"
    return f"not there ({why})"


def _stability(
    texts: Sequence[str], there: object, words: list[str], seen: NDArray[np.float64], name: str, topics: int
) -> str:
    """How alike groups are that were found with different seeds: mean adjusted mutual information."""
    from sklearn.metrics import adjusted_mutual_info_score

    place_of = {word: place for place, word in enumerate(words)}
    runs = []
    for seed in SEEDS_OF_CHANCE:
        if name == "plain LDA":
            runs.append(lda(there, words, seen, topics, seed).labels)
        else:
            runs.append(found_by(texts, there, place_of, name, seed=seed, **dict(WAYS)[name]).labels)
    pairs = [(0, 1), (0, 2), (1, 2)]
    return f"{np.mean([adjusted_mutual_info_score(runs[one], runs[two]) for one, two in pairs]):.2f}"


def _cost(stories: int, *, fine: bool) -> None:
    told = [invent(7, number).told for number in range(stories)]
    wall, processor = time.monotonic(), time.process_time()
    texts, languages = [one.text for one in told], [one.language for one in told]
    found = discovering.discover(texts, languages, fine=fine, wanted=None if fine else "words")
    wall, processor = time.monotonic() - wall, time.process_time() - processor
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(
        f"{stories} stories: {wall:.0f} s ({processor:.0f} s of processor time), {most} MB, {len(found.groups)} groups"
    )


if __name__ == "__main__":
    main()
