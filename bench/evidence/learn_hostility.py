"""Learns storyhub/text/hostility.bin anew: `python -m bench.evidence.learn_hostility EDOS.csv` (needs scikit-learn).

From the training part of EDOS (SemEval 2023 task 10, CC0) and, as what is not to be marked, from testimonies that this
project invented. Nothing of anybody's testimony goes in.
"""

from __future__ import annotations

import csv
import json
import random
import sys
import zlib
from array import array
from importlib import import_module

from storyhub.config import ROOT
from storyhub.operations.invention import read
from storyhub.text import hostility

MARKS = ("[USER]", "[URL]")
SENTENCES = ("openings", "events", "others", "feelings", "afters", "wishes")


def posts(path: str, split: str) -> list[tuple[str, bool]]:
    """Texts of one part of EDOS, without its marks, and whether their readers found them sexist."""
    with open(path, newline="") as file:
        return [
            (clean(row["text"]), row["label_sexist"] == "sexist")
            for row in csv.DictReader(file)
            if row["split"] == split
        ]


def clean(text: str) -> str:
    for mark in MARKS:
        text = text.replace(mark, "")
    return text


def invented() -> list[str]:
    """Testimonies of this project's own: sentences of invented stories, put together, and the set for finding names."""
    chance, words = random.Random(0), read("en")
    sentences = [sentence for kind in SENTENCES for sentence in words[kind]]
    mixed = [" ".join(chance.sample(sentences, chance.randint(1, 5))) for _ in range(600)]
    lines = (ROOT / "tests" / "text" / "identifying_set" / "dev.jsonl").read_text().splitlines()
    told = [one["text"] for one in map(json.loads, lines) if one["language"].startswith("en")]
    return [*sentences, *mixed, *told]


def main(path: str) -> None:
    sparse, linear = import_module("scipy.sparse"), import_module("sklearn.linear_model")

    learned = posts(path, "train") + [(text, False) for text in invented()] * 2
    rows = [hostility.features(text) for text, _label in learned]
    ends = [0]
    for row in rows:
        ends.append(ends[-1] + len(row))
    values = [value for row in rows for value in row.values()]
    table = sparse.csr_matrix(
        (values, [bucket for row in rows for bucket in row], ends), shape=(len(rows), hostility.BUCKETS)
    )
    model = linear.LogisticRegression(C=1, max_iter=300).fit(table, [label for _text, label in learned])
    weights = [*model.coef_[0], model.intercept_[0]]
    kept = array("b", (max(-127, min(127, round(weight * hostility.SCALE))) for weight in weights))
    (ROOT / "storyhub" / "text" / "hostility.bin").write_bytes(zlib.compress(kept.tobytes(), 9))


if __name__ == "__main__":
    main(sys.argv[1])
