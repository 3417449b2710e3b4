"""`make bench`: the feed page beside a bare Flask page with hand-written SQL, on the same server in the same run.

Sizes in numbers of stories may follow: python -m bench 1000 1000000
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from bench.load import Cost, Server, cost, free_port, middle, running

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
SIZES = (10_000, 100_000)
WORKERS = 2
GRANIAN = ("--interface", "wsgi", "--http", "1", "--no-ws", "--blocking-threads", "24")
ROUNDS = 5
REQUESTS = 200


def main() -> None:
    sizes = [int(size) for size in sys.argv[1:]] or SIZES
    print(
        f"Processor time for one request, {WORKERS} processes on granian; the middle of {ROUNDS} rounds of {REQUESTS}."
    )
    for size in sizes:
        with tempfile.TemporaryDirectory(prefix="storyhub-bench-") as folder:
            measure(Path(folder), size)


def measure(instance: Path, size: int) -> None:
    settings = {"STORYHUB_INSTANCE": str(instance), "STORYHUB_WORKERS": str(WORKERS)}
    fill(size, settings)
    ours, bare = free_port(), free_port()
    served = running([BIN / "flask", "serve"], ROOT, settings | {"PORT": str(ours)}, ours)
    yardstick = running(
        [BIN / "granian", "--no-log", *GRANIAN, "--workers", str(WORKERS), "--port", str(bare), "bench.bare:app"],
        ROOT,
        {"BENCH_DATABASE": str(instance / "storyhub.sqlite")},
        bare,
    )
    with served as site, yardstick as plain:
        report(size, site, plain)


def fill(size: int, settings: Mapping[str, str]) -> None:
    for command in (["db", "upgrade"], ["demo", "stories", "--count", str(size), "--seed", "1"]):
        subprocess.run(
            [BIN / "flask", *command], cwd=ROOT, env=os.environ | dict(settings), check=True, stdout=subprocess.DEVNULL
        )


def report(size: int, site: Server, plain: Server) -> None:
    """Every round asks all of them in turn, so that what else the machine does falls on all alike."""
    first = site.ask("/")
    pages: dict[str, tuple[Server, str, dict[str, str]]] = {
        "bare page, SQL by hand": (plain, "/", {}),
        "feed, newest": (site, "/", {}),
        "feed, as the reader has it": (site, "/", {"If-None-Match": first.headers.get("ETag", "")}),
    }
    if older := re.search(r'href="(/\?after=[^"]+)"', first.body.decode()):  # type: ignore[attr-defined]
        pages["feed, further back"] = (site, older[1], {})
    costs: dict[str, list[Cost]] = {name: [] for name in pages}
    for server, path, headers in pages.values():
        cost(server, path, REQUESTS, headers)
    for _round in range(ROUNDS):
        for name, (server, path, headers) in pages.items():
            costs[name].append(cost(server, path, REQUESTS, headers))
    print(f"\n{size:,} stories{'processor':>25}{'ratio':>8}{'median':>11}{'99 of 100':>11}")
    yardstick = middle(costs["bare page, SQL by hand"]).processor
    for name, rounds in costs.items():
        one = middle(rounds)
        figures = f"{one.processor:>7.2f} ms{one.processor / yardstick:>8.2f}{one.median:>8.2f} ms{one.worst:>8.2f} ms"
        print(f"  {name:<27}{figures}")


if __name__ == "__main__":
    main()
