"""How much of what could give somebody away is found, and how much is marked for nothing.

    python -m bench.evidence.identifying

--set dev        the half that the engine was tuned on, instead of the half kept unseen
--presidio FILE  where presidio-generated.json is, when it isn't in the folder of shared data
--misses SET     every miss and every wrong mark of dev or presidio by its words; never of the half kept unseen

A span of the set is found when marks of the engine cover at least half of its characters: marks of the same kind, or
of a kind close to it (CLOSE), or of any kind, as the column says. A mark is right when it covers half of such a span,
or lies in such spans by half of itself. Precision and F1 go by same or close kinds.
"""

from __future__ import annotations

import argparse
import csv
import json
import re
import statistics
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import psutil

from bench.evidence import DATA, ROOT
from storyhub.text import countries

KINDS = (
    *("phone", "email", "handle", "link", "address", "plate", "birth", "date", "card", "idnumber", "receipt"),
    *("name", "age", "place", "workplace", "introduction"),
)
STRUCTURED = frozenset(KINDS[:11])
COVERED = ("en", "es", "fr", "pt", "ar")
# The reader of the page is told the same in either case: that this is a person, a place, a day, a number.
CLOSE = {
    "name": {"introduction"},
    "introduction": {"workplace", "name"},
    "workplace": {"place", "introduction"},
    "place": {"address", "workplace"},
    "address": {"place"},
    "birth": {"date"},
    "date": {"birth"},
    "card": {"idnumber"},
    "idnumber": {"card"},
}
# Of the set that comes with Presidio. What isn't here (a country, a weekday, an IP address, a title, a trade) is no
# kind of ours: neither a miss nor a wrong mark.
PRESIDIO = {
    "PERSON": "name",
    "ADDRESS": "address",
    "LOCATION": "place",
    "ORGANIZATION": "workplace",
    "CREDIT_CARD": "card",
    "IBAN_CODE": "card",
    "PHONE_NUMBER": "phone",
    "DATE_TIME": "date",
    "EMAIL_ADDRESS": "email",
    "US_SSN": "idnumber",
    "US_DRIVER_LICENSE": "idnumber",
    "DOMAIN_NAME": "link",
}

PRESIDIO_LEAVES_OUT = ("age",)
# As that set calls countries that have another name in CLDR.
OTHER_COUNTRIES = {
    *("usa", "us", "uk", "macedonia", "myanmar", "turkey", "swaziland", "palestine", "czech republic", "east timor"),
    *("people's republic of china", "kingdom of the netherlands", "republic of ireland", "republic of the congo"),
    *("democratic republic of the congo", "federated states of micronesia"),
}


@dataclass(frozen=True)
class Mark:
    start: int
    end: int
    kind: str

    def shared_with(self, other: Mark) -> int:
        return max(0, min(self.end, other.end) - max(self.start, other.start))


@dataclass(frozen=True)
class Told:
    """One text with what is to be found in it; what is under `aside` counts for nothing either way."""

    language: str
    text: str
    marks: tuple[Mark, ...]
    aside: tuple[Mark, ...] = ()

    def lowered(self) -> Told:
        """All lower case, as many people type; a letter that would become two stays, so that the marks still fit."""
        letters = (low if len(low := letter.lower()) == 1 else letter for letter in self.text)
        return Told(self.language, "".join(letters), self.marks, self.aside)


Engine = Callable[[str, str], Iterable[Mark]]


@dataclass
class Score:
    """Counts by kind: of the set, found three ways; of the engine's marks, right ones."""

    marked: Counter[str] = field(default_factory=Counter)
    same: Counter[str] = field(default_factory=Counter)
    close: Counter[str] = field(default_factory=Counter)
    found: Counter[str] = field(default_factory=Counter)
    given: Counter[str] = field(default_factory=Counter)
    right: Counter[str] = field(default_factory=Counter)
    quiet: int = 0
    disturbed: int = 0

    def recall(self, kinds: Collection[str] = KINDS, by: str = "close") -> float | None:
        return _share(_of(getattr(self, by), kinds), _of(self.marked, kinds))

    def precision(self, kinds: Collection[str] = KINDS) -> float | None:
        return _share(_of(self.right, kinds), _of(self.given, kinds))

    def f1(self, kinds: Collection[str] = KINDS) -> float | None:
        recall, precision = self.recall(kinds), self.precision(kinds)
        if recall is None or precision is None or not recall + precision:
            return None
        return 2 * recall * precision / (recall + precision)


def _of(counts: Counter[str], kinds: Collection[str]) -> int:
    return sum(counts[kind] for kind in kinds)


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def near(kind: str) -> set[str]:
    return {kind} | CLOSE.get(kind, set())


def score(told: Iterable[Told], engine: Engine, leaving_out: Collection[str] = ()) -> Score:
    """Marks of a kind that a set leaves out, though there are such things in it, count neither way."""
    total = Score()
    for one in told:
        given = [mark for mark in engine(one.text, one.language) if not _half_in(mark, one.aside)]
        given = [mark for mark in given if mark.kind not in leaving_out]
        for mark in one.marks:
            total.marked[mark.kind] += 1
            total.same[mark.kind] += _half_in(mark, [other for other in given if other.kind == mark.kind])
            total.close[mark.kind] += _half_in(mark, [other for other in given if other.kind in near(mark.kind)])
            total.found[mark.kind] += _half_in(mark, given)
        for mark in given:
            total.given[mark.kind] += 1
            total.right[mark.kind] += is_right(mark, one.marks)
        total.quiet += not one.marks
        total.disturbed += not one.marks and bool(given)
    return total


def is_right(mark: Mark, marks: Iterable[Mark]) -> bool:
    fitting = [other for other in marks if mark.kind in near(other.kind)]
    return _half_in(mark, fitting) or any(_half_in(other, [mark]) for other in fitting)


def _half_in(mark: Mark, others: Iterable[Mark]) -> bool:
    """Whether these others, which don't overlap each other, cover at least half of it."""
    return 2 * sum(mark.shared_with(other) for other in others) >= mark.end - mark.start


# ---- The sets


def ours(half: str) -> list[Told]:
    lines = (ROOT / "tests" / "text" / "identifying_set" / f"{half}.jsonl").read_text("utf-8").splitlines()
    return [
        Told(line["language"], line["text"], tuple(Mark(**span) for span in line["spans"]))
        for line in map(json.loads, lines)
    ]


def presidio(path: Path) -> list[Told]:
    return [_from_presidio(item["full_text"], item["spans"]) for item in json.loads(path.read_text("utf-8"))]


def _from_presidio(text: str, spans: list[dict[str, str | int]]) -> Told:
    marks, aside = [], []
    for span in spans:
        start, end = int(span["start_position"]), int(span["end_position"])
        kind = PRESIDIO.get(str(span["entity_type"]), "")
        if not kind or not _ours_to_find(kind, text[start:end]):
            aside.append(Mark(start, end, "aside"))
        else:
            marks.append(Mark(start, end, kind))
    return Told("en", text, tuple(marks), tuple(aside))


def _ours_to_find(kind: str, words: str) -> bool:
    """Countries are too large to point to anybody; weekdays and hours are no exact day."""
    if kind == "place":
        return _bare(words) not in _countries()
    return kind != "date" or any(character.isdigit() for character in words)


@cache
def _countries() -> frozenset[str]:
    return frozenset(map(_bare, countries.names("en").values())) | OTHER_COUNTRIES


def _bare(name: str) -> str:
    return name.strip().casefold().replace("&", "and").replace("st. ", "saint ")


def storyhub_engine(text: str, language: str) -> Iterator[Mark]:
    from storyhub.text import identifying  # here, so that what it loads is counted when it is first asked

    for span in identifying.find(text, language):
        yield Mark(span.start, span.end, span.kind)


# ---- What is printed


def main() -> None:
    wanted = _arguments()
    if wanted.misses:
        show_misses(presidio(wanted.presidio) if wanted.misses == "presidio" else ours("dev"))
        return
    told = ours(wanted.half)
    report(f"Our own set, {wanted.half}: {len(told)} testimonies", told)
    by_language(told)
    if wanted.presidio.is_file():
        others = presidio(wanted.presidio)
        report(f"The set that comes with Presidio: {len(others):,} sentences", others, PRESIDIO_LEAVES_OUT)
    else:
        print(f"\nThe set that comes with Presidio isn't at {wanted.presidio}: not measured.")
    often(sorted((DATA / "stories").glob("*.csv")))
    costs(told)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m bench.evidence.identifying", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("--set", dest="half", choices=("heldout", "dev"), default="heldout")
    parser.add_argument("--presidio", type=Path, default=DATA / "pii" / "presidio-generated.json")
    parser.add_argument("--misses", choices=("dev", "presidio"))
    return parser.parse_args()


def report(title: str, told: list[Told], leaving_out: Collection[str] = ()) -> None:
    total = score(told, storyhub_engine, leaving_out)
    print(f"\n### {title}\n")
    print("| kind | in the set | recall | same kind | any kind | marks | precision | F1 |")
    print("|---|--:|--:|--:|--:|--:|--:|--:|")
    for kind in KINDS:
        if total.marked[kind] or total.given[kind]:
            _row(kind, total, [kind])
    _row("**structured**, but for addresses", total, STRUCTURED - {"address"})
    _row("**structured**, all", total, STRUCTURED)
    _row("**all**", total, KINDS)
    if total.quiet:
        print(f"\nOf {total.quiet} texts in which nothing is to be found, {total.disturbed} were marked all the same.")


def _row(title: str, total: Score, kinds: Collection[str]) -> None:
    cells = [
        *(total.recall(kinds), total.recall(kinds, "same"), total.recall(kinds, "found")),
        *(total.precision(kinds), total.f1(kinds)),
    ]
    recall, same, found, precision, f1 = map(_figure, cells)
    marked, given = _of(total.marked, kinds), _of(total.given, kinds)
    print(f"| {title} | {marked} | {recall} | {same} | {found} | {given} | {precision} | {f1} |")


def _figure(share: float | None) -> str:
    """Cut, never rounded up: .949 is not .95."""
    return "–" if share is None else f"{int(share * 1000) / 1000:.3f}".removeprefix("0")


def by_language(told: list[Told]) -> None:
    languages = {language: [language] for language in COVERED}
    languages["others"] = sorted({one.language for one in told} - set(COVERED))
    print("\n### By language, and the same words in lower case\n")
    print("| language | testimonies | names | structured | all | precision | lower case: names | all | precision |")
    print("|---|--:|--:|--:|--:|--:|--:|--:|--:|")
    for language, codes in [*languages.items(), ("**all**", [*COVERED, *languages["others"]])]:
        these = [one for one in told if one.language in codes]
        plain, low = score(these, storyhub_engine), score([one.lowered() for one in these], storyhub_engine)
        figures = [plain.recall(["name"]), plain.recall(STRUCTURED), plain.recall(), plain.precision()]
        figures += [low.recall(["name"]), low.recall(), low.precision()]
        print(f"| {language} | {len(these)} | {' | '.join(map(_figure, figures))} |")


def show_misses(told: list[Told]) -> None:
    for one in told:
        given = list(storyhub_engine(one.text, one.language))
        lines = [
            f"  missed {mark.kind}: {one.text[mark.start : mark.end]}"
            for mark in one.marks
            if not _half_in(mark, [other for other in given if other.kind in near(mark.kind)])
        ]
        lines += [
            f"  wrong  {mark.kind}: {one.text[mark.start : mark.end]}"
            for mark in given
            if not is_right(mark, one.marks)
        ]
        if lines:
            print(f"{one.language}: {one.text}", *lines, "", sep="\n")


def often(files: list[Path]) -> None:
    """Nobody marked the real reports, so what is counted is how often they would be marked, not how rightly."""
    if not files:
        print(f"\nThere are no real reports in {DATA / 'stories'}: not counted.")
        return
    reports = [row["Description"] for path in files for row in csv.DictReader(path.open(encoding="utf-8", newline=""))]
    seen: Counter[str] = Counter()
    marked = 0
    for words in reports:
        kinds = {mark.kind for mark in storyhub_engine(words, "en")}
        seen.update(kinds)
        marked += bool(kinds)
    print(f"\n### How many of {len(reports):,} real reports get a mark, English, unmarked by people\n")
    print(f"{100 * marked / len(reports):.1f} % get any. By kind:\n")
    print("| kind | reports | of a hundred |\n|---|--:|--:|")
    for kind, count in seen.most_common():
        print(f"| {kind} | {count} | {100 * count / len(reports):.1f} |")


def costs(told: list[Told]) -> None:
    """Time beside finding every word of the same text by a regular expression; memory of a fresh process."""
    words = re.compile(r"\w+")
    list(storyhub_engine(told[0].text, told[0].language))
    ratios, each = [], []
    for _round in range(5):
        ours_took = _processor(lambda: [list(storyhub_engine(one.text, one.language)) for one in told])
        theirs_took = _processor(lambda: [words.findall(one.text) for one in told])
        ratios.append(ours_took / theirs_took)
        each.append(1000 * ours_took / len(told))
    length = statistics.median(len(one.text) for one in told)
    print("\n### What it costs\n")
    print(
        f"- {statistics.median(each):.2f} ms of processor time for a testimony (the middle one: {length:.0f} letters):"
    )
    print(f"  {statistics.median(ratios):.0f} times finding its words by `\\w+`")
    print(f"- {memory():.1f} MB more memory once every covered language was asked for, in a fresh process")


def _processor(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began


def memory() -> float:
    """Of a process of its own, so that nothing loaded here before hides what the engine loads."""
    command = [sys.executable, "-c", "from bench.evidence.identifying import print_growth; print_growth()"]
    return float(subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout)


def print_growth() -> None:
    told = ours("dev")
    before = psutil.Process().memory_info().rss
    for one in told:
        list(storyhub_engine(one.text, one.language))
    print((psutil.Process().memory_info().rss - before) / 2**20)


if __name__ == "__main__":
    main()
