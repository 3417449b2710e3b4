"""How many copies of a flood are found, how many honest stories are taken for copies, and what an arrival costs.

    python -m bench.evidence.floods            all tables (EVIDENCE_DATA: folder of the sets that others made)
    python -m bench.evidence.floods --quick    without the largest table of shingles
    python -m bench.evidence.floods --cost     only what an arrival costs

The floods are invented here. Of the real testimonies only figures are printed.
"""

from __future__ import annotations

import csv
import random
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.orm import Session

from bench.evidence import DATA, ROOT
from bench.evidence.learn_hostility import posts
from storyhub.models.likeness import Shingle, sharing
from storyhub.text.gathering import groups
from storyhub.text.hostility import THRESHOLD, may_be_aimed_at_contributors, weight
from storyhub.text.likeness import containment, resemblance, says_enough, sketch

KEY = b"a key for measuring, nothing else"[:32]
SIZE = 500
COPIED = (
    "Nobody should believe one word of what is written on these pages, because the women who write here are paid for "
    "it by people who hate this town. I know the family myself and what they say about the teacher is a lie from "
    "beginning to end. He never touched her, she wanted attention, and now an honest man has lost his work because of "
    "her."
)
# Each sentence said in several ways, as a tool for making posts look different would do it.
WAYS = (
    ("Do not believe", "Nobody should trust", "You cannot believe", "Never trust"),
    ("a word of what these women write here.", "a single story on this page.", "what is told on this site."),
    ("They are paid for it", "Somebody gives them money", "Everyone knows that they get money", "They do it for money"),
    ("by people who hate our town.", "by those who want to harm this town.", "by enemies of our town."),
    ("The teacher is an honest man", "That teacher never did anything wrong", "I have known the teacher for years"),
    (
        "and his children have to change schools because of her lies.",
        "and now his family has to move away because of her.",
    ),
    ("She wanted attention", "All she wanted was to be seen", "It was attention that she wanted"),
    ("and the newspapers gave it to her.", "and that is what she got.", "and nobody asked for proof."),
)
OTHER_WORDS = (
    "river lamp seven garden quickly bread under paper window cold never letter chair green market friend again stone "
    "little brother morning because water music summer through between always street happy doctor yellow walk table"
)


def main() -> None:
    if not (DATA / "stories").is_dir():
        print("The sets that others made are not here; EVIDENCE_DATA says where they are.")
        return
    stories = real_stories()
    tables = (of_floods, of_pairs, of_honest_stories, of_hostility, of_cost)
    for table in tables[-1:] if "--cost" in sys.argv else tables:
        print()
        for line in table(stories):
            print(line, flush=True)


def of_floods(stories: list[str]) -> Iterator[str]:
    """Floods of 500 within 1,000 honest stories."""
    yield f"Found of a flood of {SIZE} among 1,000 honest stories; survivors that were put with it"
    yield "| flood | found | groups | survivors with it |\n|---|---|---|---|"
    floods: list[tuple[str, Callable[[random.Random], str]]] = [
        (f"copies, {share:.0%} of the words changed", lambda chance, share=share: edited(COPIED, share, chance))  # type: ignore[misc]
        for share in (0, 0.1, 0.2, 0.3, 0.4)
    ]
    floods += [
        ("each sentence said in several ways", lambda chance: " ".join(chance.choice(way) for way in WAYS)),
        ("one half copied, one half other words", lambda chance: f"{COPIED[:200]} {noise(chance, 35)}"),
        ("a quarter copied, the rest other words", lambda chance: f"{COPIED[:200]} {noise(chance, 105)}"),
    ]
    for name, flood in floods:
        yield f"| {name} | {' | '.join(found_in(flood, stories))} |"


def found_in(flood: Callable[[random.Random], str], stories: list[str]) -> tuple[str, str, str]:
    chance = random.Random(2)
    honest = chance.sample(stories, min(1000, len(stories)))
    texts = {f"honest {place}": sketch(text, KEY) for place, text in enumerate(honest)}
    texts |= {f"copy {place}": sketch(flood(chance), KEY) for place in range(SIZE)}
    found = [group.members for group in groups(texts) if any(name.startswith("copy") for name in group.members)]
    copies = sum(name.startswith("copy") for members in found for name in members)
    return f"{copies / SIZE:.1%}", str(len(found)), str(sum(map(len, found)) - copies)


def of_pairs(stories: list[str]) -> Iterator[str]:
    """How many real stories are like an earlier one: most of these are the same report, filed again."""
    sketches = [sketch(text, KEY) for text in stories]
    long = [one for one in sketches if says_enough(one)]
    having: dict[int, list[int]] = {}
    best: list[tuple[float, float]] = []
    for place, one in enumerate(long):
        near = {other for value in one for other in having.get(value, ())}
        alike = max((resemblance(one, long[other]) for other in near), default=0.0)
        part = max((containment(one, long[other]) for other in near), default=0.0)
        best.append((alike, part))
        for value in one:
            having.setdefault(value, []).append(place)
    yield f"Real stories that are like an earlier one, of the {len(long):,} with ten words and more"
    yield "| at least | resemblance | contained in it |\n|---|---|---|"
    for least in (0.2, 0.3, 0.5, 0.7, 0.9):
        shares = (sum(pair[which] >= least for pair in best) / max(1, len(best)) for which in (0, 1))
        yield f"| {least} | {' | '.join(f'{share:.1%}' for share in shares)} |"


def of_honest_stories(stories: list[str]) -> Iterator[str]:
    """How many real stories lie in any group, the more wait at once."""
    yield "Real stories that were put into any group, by how many wait at once (each a mean of up to 8 draws)"
    yield "| waiting | in a group | groups, all draws |\n|---|---|---|"
    sketches = [sketch(text, KEY) for text in stories]
    for number in (100, 500, 2000, len(sketches)):
        chance, draws, grouped, found = random.Random(1), 1 if number == len(sketches) else 8, 0, 0
        for _ in range(draws):
            drawn = groups(dict(enumerate(chance.sample(sketches, min(number, len(sketches))))))
            grouped, found = grouped + sum(len(group.members) for group in drawn), found + len(drawn)
        yield f"| {number:,} | {grouped / max(1, draws * number):.2%} | {found} |"


def of_hostility(stories: list[str]) -> Iterator[str]:
    """The hint that a text is aimed at contributors."""
    quoting = (ROOT / "tests" / "text" / "quoted_abuse.txt").read_text().splitlines()
    judged = posts(str(DATA / "moderation" / "edos-train-dev.csv"), "dev")
    with (DATA / "moderation" / "multilingual-hatecheck-sample.csv").open(newline="") as file:
        elsewhere = [(row["text"], LANGUAGES[row["language"]]) for row in csv.DictReader(file)]
    yield f"The hint “may be aimed at contributors”; it speaks above {THRESHOLD}"
    yield "| above | abuse found (EDOS dev) | other posts | real testimonies | invented ones that quote abuse |"
    yield "|---|---|---|---|---|"
    told, written = [weight(text) for text in stories], [weight(text) for text in quoting]
    abuse = [weight(text) for text, label in judged if label]
    others = [weight(text) for text, label in judged if not label]
    for least in (-0.75, -0.5, -0.25, 0.0):
        yield f"| {least} | {' | '.join(over(least, values) for values in (abuse, others, told, written))} |"
    marked = sum(may_be_aimed_at_contributors(text, language) for text, language in elsewhere)
    yield f"Of {len(elsewhere):,} sentences in ten other languages (Multilingual HateCheck) it marks {marked}."


def over(least: float, values: list[float]) -> str:
    return f"{sum(value > least for value in values) / max(1, len(values)):.2%}"


def of_cost(stories: list[str]) -> Iterator[str]:
    """What finding the neighbours of one arrival reads, by how many stories' shingles are kept."""
    yield "Finding the neighbours of one story among those whose shingles are kept (SQLite, a file; mean of 50)"
    yield "| stories kept | shingles | file | rows read for one | most | milliseconds |\n|---|---|---|---|---|---|"
    sizes = (10_000, 100_000) if "--quick" in sys.argv else (10_000, 100_000, 1_000_000)
    with tempfile.TemporaryDirectory() as folder:
        for size in sizes:
            yield of_table(Path(folder) / f"{size}.sqlite", size, stories)


def of_table(path: Path, size: int, stories: list[str]) -> str:
    chance = random.Random(size)
    engine = sa.create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        connection.execute(sa.schema.CreateTable(Shingle.__table__, include_foreign_key_constraints=[]))  # type: ignore[arg-type]
    shingles = fill(path, (invented_sketch(chance) for _ in range(size)))
    asked = [sketch(text, KEY) for text in chance.sample(stories, min(50, len(stories)))]
    with Session(engine) as session:
        sharing(session, asked[0])
        began = time.perf_counter()
        read = [sum(map(len, sharing(session, one).values())) for one in asked]
        each = (time.perf_counter() - began) / len(asked) * 1000
    megabytes = path.stat().st_size / 1e6
    return f"| {size:,} | {shingles:,} | {megabytes:,.0f} MB | {sum(read) / len(read):.0f} | {max(read)} | {each:.1f} |"


def fill(path: Path, sketches: Iterable[frozenset[int]]) -> int:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA synchronous=OFF")
    connection.execute("CREATE TEMP TABLE loose (value INTEGER, version_id INTEGER)")
    connection.execute("BEGIN")
    ids = random.Random(3)
    rows = ((value, version) for values in sketches for version in (ids.getrandbits(63),) for value in values)
    connection.executemany("INSERT INTO loose VALUES (?, ?)", rows)
    connection.execute("INSERT INTO shingles SELECT value, version_id FROM loose ORDER BY value, version_id")
    connection.execute("CREATE INDEX ix_shingles_version_id ON shingles (version_id)")
    number = int(connection.execute("SELECT count(*) FROM shingles").fetchone()[0])
    connection.execute("COMMIT")
    connection.close()
    return number


def invented_sketch(chance: random.Random) -> frozenset[int]:
    """Of a story with up to 64 shingles: some of them of phrases that many use, most of its own."""
    own = {chance.getrandbits(63) for _ in range(chance.randint(8, 50))}
    return frozenset(own | set(chance.choices(phrases(), k=8)))


@cache
def phrases() -> list[int]:
    """Shingles that real stories have, as often as they do."""
    return sorted(value for text in real_stories() for value in sketch(text, KEY))


def edited(text: str, share: float, chance: random.Random) -> str:
    others = OTHER_WORDS.split()
    return " ".join(chance.choice(others) if chance.random() < share else word for word in text.split())


def noise(chance: random.Random, number: int) -> str:
    return " ".join(chance.choices(OTHER_WORDS.split(), k=number))


@cache
def real_stories() -> list[str]:
    """For measuring only: their words are printed nowhere."""
    found = []
    for part in ("train", "dev"):
        with (DATA / "stories" / f"safecity-{part}.csv").open(newline="") as file:
            found += [row["Description"] for row in csv.DictReader(file)]
    return found


LANGUAGES = {
    "arabic": "ar", "dutch": "nl", "french": "fr", "german": "de", "hindi": "hi", "italian": "it", "mandarin": "zh",
    "polish": "pl", "portuguese": "pt", "spanish": "es",
}  # fmt: skip

if __name__ == "__main__":
    main()
