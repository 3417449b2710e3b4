"""`make bench`: StoryHub's pages beside a bare Flask page with hand-written SQL, on the same server in the same run.

Sizes in numbers of stories may be named: python -m bench 10000 1000000 --markdown build/bench.md
"""

from __future__ import annotations

import argparse
import contextlib
import statistics
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bench.filled import BIN, ROOT, filled, settings_of
from bench.load import Cost, Server, cost, free_port, middle, running
from bench.pages import BARE, FREQUENT, RARE, Page, Things, pages_of, things_of
from bench.reading import Read, reading
from storyhub import create_app
from storyhub.config import read_settings
from storyhub.extensions import db
from storyhub.models import figures

SIZES = (10_000, 100_000, 1_000_000)
WORKERS = 2
GRANIAN = ("--no-log", "--interface", "wsgi", "--http", "1", "--no-ws", "--blocking-threads", "24")
ROUNDS, REQUESTS = 5, 200
WARMING = 20  # requests for each page before any is measured


@dataclass
class Measured:
    """One size: its two servers, its pages, and what they cost."""

    size: int
    things: Things
    site: Server
    plain: Server
    pages: list[Page]
    read: dict[str, Read]
    costs: dict[str, list[Cost]] = field(default_factory=dict)

    def ask(self, page: Page, number: int, requests: int | None = None) -> Cost:
        return cost(self.site if page.of_site else self.plain, page.asked_in(number)[:requests])

    def ratio(self, name: str) -> float:
        """To the bare page of the same round: the middle one of all rounds."""
        rounds = zip(self.costs[name], self.costs[BARE], strict=True)
        return statistics.median(one.processor / bare.processor for one, bare in rounds)


def main() -> None:
    asked = _arguments()
    instances = {size: filled(size) for size in asked.sizes}
    with contextlib.ExitStack() as open_:
        sizes = [open_.enter_context(_served(size, instances[size], asked.requests)) for size in asked.sizes]
        _measure(sizes, asked.rounds)
    lines = list(_report(sizes, asked))
    print("\n".join(lines))
    if asked.markdown:
        asked.markdown.write_text("\n".join(lines) + "\n", "utf-8")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("sizes", nargs="*", type=int, default=SIZES, help="numbers of invented stories")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--requests", type=int, default=REQUESTS, help="for each page in each round")
    parser.add_argument("--markdown", type=Path, help="a file for the same tables")
    return parser.parse_args()


@contextlib.contextmanager
def _served(size: int, instance: Path, requests: int) -> Iterator[Measured]:
    """Both servers of one size. Ours without the worker, whose own work would be counted as that of pages."""
    database, ours, bare = instance / "storyhub.sqlite", free_port(), free_port()
    granian: list[str | Path] = [BIN / "granian", *GRANIAN, "--workers", str(WORKERS), "--port"]
    served = running([*granian, str(ours), "wsgi:app"], ROOT, settings_of(instance), ours)
    yardstick = running([*granian, str(bare), "bench.bare:app"], ROOT, {"BENCH_DATABASE": str(database)}, bare)
    with served as site, yardstick as plain:
        things = things_of(database)
        pages = pages_of(things, site, requests)
        yield Measured(size, things, site, plain, pages, _read(instance, pages))


def _read(instance: Path, pages: Sequence[Page]) -> dict[str, Read]:
    """What each page asks of the database when nothing that was counted for it is kept in memory yet."""
    app = create_app(read_settings(settings_of(instance)))
    found = {}
    with app.app_context():
        engines = list(db.engines.values())
    for page in pages:
        if page.of_site:
            figures._kept.clear()
            ask = next(iter(page.asks(0)))
            with reading(engines) as read:
                app.test_client().get(ask.path, headers=dict(ask.headers))
            found[page.name] = read
    return found


def _measure(sizes: Sequence[Measured], rounds: int) -> None:
    """Every round asks all of them in turn, so that what else the machine does falls on all alike."""
    names = [page.name for page in sizes[0].pages]
    for one in sizes:
        for page in one.pages:
            one.ask(page, rounds, WARMING)
    for number in range(rounds):
        for name in names:
            for one in sizes:
                for page in one.pages:
                    if page.name == name:
                        one.costs.setdefault(name, []).append(one.ask(page, number))
        print(f"round {number + 1} of {rounds}", file=sys.stderr)


def _report(sizes: Sequence[Measured], asked: argparse.Namespace) -> Iterator[str]:
    yield f"Processor time for one request, {WORKERS} processes on granian; the middle of {asked.rounds} rounds of"
    yield f"{asked.requests} requests. Statements, rows that came back and steps of SQLite: of a first request."
    for one in sizes:
        yield ""
        yield from _table_of_size(one)
    if len(sizes) > 1:
        yield ""
        yield from _table_of_growth(sizes)


def _table_of_size(one: Measured) -> Iterator[str]:
    hits = one.things.hits
    yield f"{one.size:,} stories; “{FREQUENT}” stands in {hits[FREQUENT]:,} of them, “{RARE}” in {hits[RARE]:,}."
    yield ""
    yield from _row("page", "processor", "ratio", "statements", "rows", "steps", "median", "99 of 100")
    yield from _row("---", *["--:"] * 7)
    for name, rounds in one.costs.items():
        cost_, read = middle(rounds), one.read.get(name, Read())
        counts = (str(read.statements), str(read.rows), f"{read.steps:,}") if name in one.read else ("", "", "")
        times = (f"{cost_.median:.2f} ms", f"{cost_.worst:.2f} ms")
        yield from _row(name, f"{cost_.processor:.2f} ms", f"{one.ratio(name):.2f}", *counts, *times)


def _table_of_growth(sizes: Sequence[Measured]) -> Iterator[str]:
    first, last = sizes[0], sizes[-1]
    yield from _row("ratio to the bare page", *(f"{one.size:,}" for one in sizes), "growth")
    yield from _row("---", *["--:"] * (len(sizes) + 1))
    for name in first.costs:
        if all(name in one.costs for one in sizes):
            # What costs less than the processor's clock can tell has no growth that could be told.
            growth = last.ratio(name) / first.ratio(name) - 1 if first.ratio(name) else 0.0
            yield from _row(name, *(f"{one.ratio(name):.2f}" for one in sizes), f"{growth:+.0%}")


def _row(name: str, *cells: str) -> Iterator[str]:
    yield f"| {name:<28} | " + " | ".join(f"{cell:>10}" for cell in cells) + " |"


if __name__ == "__main__":
    main()
