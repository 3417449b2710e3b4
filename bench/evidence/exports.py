"""What a file of many stories costs in each format, as a ratio to sqlite3's own CSV dump of the same rows.

    python -m bench.evidence.exports [--stories 20000] [--instance FOLDER] [--only csv,xlsx] [--open]

Without --instance it makes a site of invented stories in a folder that goes away; with it, it measures the site that is
there (SQLite), and takes its own records of the exports out again. The machine may do other things meanwhile, so that
the ratio is of processor seconds; the peak is of resident memory, of the whole process (getrusage).

--open  lets programs that others wrote open a small file with words that break careless ones: LibreOffice, and
        frictionless where FRICTIONLESS names the program.
"""

from __future__ import annotations

import argparse
import csv
import os
import resource
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.evidence import ROOT
from storyhub.exports.columns import COLUMNS, without_guard
from storyhub.exports.files import FORMATS, ExportFacts

FLASK = (str(Path(sys.executable).parent / "flask"),)
# The same columns of the same stories in the same order, with what the database keeps ready for it.
DUMP = """
SELECT p.story_id, v.text, v.title, p.language, p.country, p.setting, p.year, c.month, replace(c.themes, ' ', ';'),
       replace(c.notes, ' ', ';'), g.slug, p.released_on, s.may_quote, s.may_research, s.may_press, s.may_full, p.heard,
       p.me_too
FROM publications p JOIN story_versions v ON v.id = p.version_id JOIN stories s ON s.id = p.story_id
JOIN cards c ON c.position = p.position LEFT JOIN campaigns g ON g.id = p.campaign_id
ORDER BY p.position DESC
"""
ENEMIES = (
    *("=1+1", "+1", "-1", "@SUM(A1)", "<r><t>x</t></r>", "_x0041_", "كنت في الحافلة", "👩🏽\u200d🚒🇰🇪", "two\nlines"),
    *("  spaces  ", "http://a.example/", "'=1", 'a "quote", a comma', "007", "1e5"),
)


@dataclass(frozen=True)
class Cost:
    """Seconds by the clock and of processors, the peak of memory in MB, bytes of the file."""

    what: str
    clock: float
    processor: float
    peak: int
    size: int


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--stories", type=int, default=20_000)
    parser.add_argument("--instance", type=Path)
    parser.add_argument("--only", default=",".join(FORMATS))
    parser.add_argument("--open", action="store_true")
    asked = parser.parse_args()
    if asked.open:
        open_by_others()
        return
    with a_site(asked.instance, asked.stories) as instance, tempfile.TemporaryDirectory() as folder:
        there = exports_there(instance)
        costs = [dump(instance, Path(folder))]
        costs += [export(instance, Path(folder), format_) for format_ in asked.only.split(",")]
        forget_exports(instance, there)
    print(table(costs))


@contextmanager
def a_site(given: Path | None, stories: int) -> Iterator[Path]:
    if given is not None:
        yield given
        return
    with tempfile.TemporaryDirectory() as folder:
        for words in (("db", "upgrade"), ("demo", "stories", "--count", str(stories), "--published-only")):
            subprocess.run([*FLASK, *words], cwd=ROOT, env=environment(Path(folder)), check=True, capture_output=True)
        yield Path(folder)


def environment(instance: Path) -> dict[str, str]:
    return {**os.environ, "STORYHUB_INSTANCE": str(instance)}


def dump(instance: Path, folder: Path) -> Cost:
    target, database = folder / "dump.csv", instance / "storyhub.sqlite"
    if program := shutil.which("sqlite3"):
        command = [program, "-readonly", "-csv", "-cmd", f".once {target}", str(database), DUMP]
        return measured("sqlite3 -csv", command, target, environment(instance))
    script = (
        "import csv, sqlite3, sys; f = open(sys.argv[2], 'w', newline=''); "
        "csv.writer(f).writerows(sqlite3.connect(sys.argv[1]).execute(sys.argv[3]))"
    )
    command = [sys.executable, "-c", script, str(database), str(target), DUMP]
    return measured("Python's sqlite3 and csv", command, target, environment(instance))


def export(instance: Path, folder: Path, format_: str) -> Cost:
    target = folder / f"stories.{format_}"
    command = [*FLASK, "stories", "export", str(target), "--format", format_]
    return measured(format_, command, target, environment(instance))


def measured(what: str, command: list[str], target: Path, env: dict[str, str]) -> Cost:
    """The cost of one process. It is the child of another one, whose children's peak is then this one's alone."""
    reader, writer = os.pipe()
    begun = time.monotonic()
    if (child := os.fork()) == 0:
        code = subprocess.run(command, cwd=ROOT, env=env, stdout=subprocess.DEVNULL, check=False).returncode
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        os.write(writer, f"{code} {used.ru_utime + used.ru_stime} {used.ru_maxrss}".encode())
        os._exit(0)
    os.waitpid(child, 0)
    took = time.monotonic() - begun
    ended, processor, peak = os.read(reader, 100).split()
    os.close(reader)
    os.close(writer)
    if int(ended):
        raise SystemExit(f"{what}: exit code {int(ended)}")
    size = target.stat().st_size
    target.unlink()
    return Cost(what, took, float(processor), int(peak) // 1024, size)


def exports_there(instance: Path) -> set[int]:
    with closing(sqlite3.connect(instance / "storyhub.sqlite")) as connection:
        return {row[0] for row in connection.execute("SELECT id FROM exports")}


def forget_exports(instance: Path, but: set[int]) -> None:
    """The records of what was only measured here; the chain of decisions keeps that it happened."""
    made = [(export_id,) for export_id in exports_there(instance) - but]
    with closing(sqlite3.connect(instance / "storyhub.sqlite")) as connection:
        connection.execute("PRAGMA foreign_keys = ON")
        connection.executemany("DELETE FROM exports WHERE id = ?", made)
        connection.commit()


def table(costs: list[Cost]) -> str:
    base = costs[0]
    lines = ["| file | processor, s | ratio | clock, s | peak memory, MB | size, MB |", "|---|---|---|---|---|---|"]
    lines += [
        f"| {one.what} | {one.processor:.1f} | {one.processor / base.processor:.1f} | {one.clock:.0f} | {one.peak} "
        f"| {one.size / 1e6:.0f} |"
        for one in costs
    ]
    return "\n".join(lines)


def open_by_others() -> None:
    """Whether LibreOffice reads the words that were told, from CSV and XLSX; and what frictionless says."""
    lists, numbers = ("themes", "content_notes", "consent"), ("heard", "me_too")
    empty: dict[str, Any] = {name: [] if name in lists else 0 if name in numbers else "" for name in COLUMNS}
    rows = [
        empty | {"id": f"{number:013}", "text": text, "released_on": "2026-03-05"}
        for number, text in enumerate(ENEMIES)
    ]
    with tempfile.TemporaryDirectory() as folder:
        for format_, kind in FORMATS.items():
            with (Path(folder) / f"stories.{kind.extension}").open("wb+") as file:
                kind.write(iter(rows), file, ExportFacts(site="A site"))
            if format_ in ("csv", "xlsx"):
                read = read_by_office(Path(folder), f"stories.{kind.extension}")
                shown = [without_guard(one) if format_ == "csv" else one for one in read]
                other = [told for told, one in zip(ENEMIES, shown, strict=True) if told != one]
                print(f"LibreOffice, {format_}: of {len(ENEMIES)} texts, shown otherwise than told: {other}")
        if program := os.environ.get("FRICTIONLESS"):
            said = subprocess.run(
                [program, "validate", "stories.zip"], cwd=folder, capture_output=True, text=True, check=False
            )
            print(said.stdout)


def read_by_office(folder: Path, name: str) -> list[str]:
    """The texts of a file as LibreOffice shows them: each cell as it stands there, formulas computed."""
    office = shutil.which("soffice")
    if office is None:
        raise SystemExit("LibreOffice (soffice) is not installed")
    out = folder / "read"
    read_as = ["--infilter=CSV:44,34,76,1,,0,false,true"] if name.endswith(".csv") else []
    written_as = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false"
    own = f"-env:UserInstallation=file://{folder}/office"
    command = [
        office,
        "--headless",
        own,
        *read_as,
        "--convert-to",
        written_as,
        "--outdir",
        str(out),
        str(folder / name),
    ]
    subprocess.run(command, check=True, capture_output=True)
    with (out / "stories.csv").open(encoding="utf-8-sig", newline="") as file:
        return [line["text"] for line in csv.DictReader(file)]


if __name__ == "__main__":
    main()
