"""How much of what is urgent the lists find, and how much they mark for nothing.

    python -m bench.evidence.urgency

--set dev    the sentences that the lists were written by, instead of those kept unseen
--misses     every miss and every wrong mark of dev by its words; never of those kept unseen
"""

from __future__ import annotations

import argparse
import csv
import json
import statistics
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from bench.evidence import DATA, ROOT
from storyhub.text import topics, urgency, wordlists

FOLDER = "tests/text/urgency_set"
LONGEST = 20_000  # characters that can be told
# The column with the words, in sets that others made; nothing of their words is in the repository.
REAL = (
    ("Safecity, both halves", "stories/safecity-*.csv", "Description"),
    ("EDOS, both halves", "moderation/edos-train-dev.csv", "text"),
)


@dataclass(frozen=True)
class Sentence:
    language: str
    text: str
    urgent: str | None


@dataclass
class Score:
    """How many sentences are urgent, how many were marked, how many rightly, and with the right reason."""

    of: int = 0
    urgent: int = 0
    marked: int = 0
    right: int = 0
    same_kind: int = 0
    missed: Counter[str] = field(default_factory=Counter)

    def recall(self) -> float:
        return self.right / self.urgent if self.urgent else 0.0

    def precision(self) -> float:
        return self.right / self.marked if self.marked else 0.0


def sentences(half: str) -> list[Sentence]:
    rows = map(json.loads, (ROOT / FOLDER / f"{half}.jsonl").read_text("utf-8").splitlines())
    return [Sentence(row["language"], row["text"], row["urgent"]) for row in rows]


def kind_of(one: Sentence) -> str | None:
    return urgency.kind_of(urgency.find(one.text, one.language))


def score(told: Iterable[Sentence]) -> Score:
    total = Score()
    for one in told:
        kind = kind_of(one)
        total.of += 1
        total.urgent += one.urgent is not None
        total.marked += kind is not None
        total.right += kind is not None and one.urgent is not None
        total.same_kind += kind is not None and kind == one.urgent
    return total


def main() -> None:
    wanted = _arguments()
    if wanted.misses:
        show_misses(sentences("dev"))
        return
    report(wanted.half, sentences(wanted.half))
    for name, pattern, column in REAL:
        files = sorted(DATA.glob(pattern))
        if not files:
            print(f"\n{name}: not in {DATA}, so not measured.")
            continue
        rows = [row[column] for path in files for row in csv.DictReader(path.open(encoding="utf-8", newline=""))]
        often(name, rows)
    costs(sentences("dev"))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.evidence.urgency", description=__doc__.split("\n")[0])
    parser.add_argument("--set", dest="half", choices=("heldout", "dev"), default="heldout")
    parser.add_argument("--misses", action="store_true")
    return parser.parse_args()


def report(half: str, told: list[Sentence]) -> None:
    print(f"\n### {len(told)} sentences, {half}\n")
    print("| language | sentences | urgent | marked | precision | recall | with the right reason |")
    print("|---|--:|--:|--:|--:|--:|--:|")
    for language in (*wordlists.LANGUAGES, "all"):
        total = score(one for one in told if language in (one.language, "all"))
        print(
            f"| {language} | {total.of} | {total.urgent} | {total.marked} | {total.precision():.2f} "
            f"| {total.recall():.2f} | {total.same_kind} |"
        )


def show_misses(told: list[Sentence]) -> None:
    for one in told:
        kind = kind_of(one)
        if kind != one.urgent:
            print(f"{one.language}: {one.text}\n  is {one.urgent}, was taken for {kind}")


def often(name: str, texts: Sequence[str]) -> None:
    """How often, not how rightly: nobody marked these."""
    kinds = Counter(urgency.kind_of(urgency.find(text, "en")) for text in texts)
    notes = Counter(code for text in texts for code in topics.find(text, "en"))
    hinted = sum(urgency.under_18_detail(text, "en") for text in texts)
    print(f"\n### {name}: {len(texts):,} texts, English\n")
    print("| what | texts | of a hundred |\n|---|--:|--:|")
    _row("urgent", len(texts) - kinds[None], texts)
    for kind in urgency.KINDS:
        _row(f"urgent: {kind}", kinds[kind], texts)
    for code in topics.CODES:
        _row(f"note: {code}", notes[code], texts)
    _row("hint: detail, under 18", hinted, texts)


def _row(what: str, count: int, texts: Sequence[str]) -> None:
    print(f"| {what} | {count} | {100 * count / len(texts):.2f} |")


def costs(told: list[Sentence]) -> None:
    urgency.find("", None), topics.find("", None)
    text = " ".join(one.text for one in told)
    long = (text * (LONGEST // len(text) + 1))[:LONGEST]
    print("\n### What it costs: urgency and notes together, milliseconds of processor time\n")
    for name, one, language in (
        ("a story of 600 characters, its language known", long[:600], "en"),
        ("the same, by the lists of all languages", long[:600], None),
        (f"{LONGEST:,} characters, its language known", long, "en"),
        ("the same, by the lists of all languages", long, None),
    ):
        print(f"- {name}: {statistics.median(_took(one, language) for _ in range(9)):.1f}")


def _took(text: str, language: str | None) -> float:
    began = time.process_time()
    urgency.find(text, language)
    topics.find(text, language)
    return 1000 * (time.process_time() - began)


if __name__ == "__main__":
    main()
