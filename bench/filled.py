"""Sites full of invented stories, kept under build/bench and filled anew only when what fills them has changed."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
FOLDER = ROOT / "build" / "bench"
# What decides the rows of a filled site.
MADE_BY = (
    "migrations/versions/*.py",
    *(f"storyhub/operations/{name}.py" for name in ("bulk", "chance", "composing", "demo", "invention")),
    "storyhub/operations/invented/*",
    *(f"storyhub/models/{name}.py" for name in ("card", "publication", "search", "story", "tally", "theme", "version")),
    *(f"storyhub/text/{name}.py" for name in ("excerpt", "folding", "language")),
)
COMMANDS = (("db", "upgrade"), ("demo", "stories", "--seed", "1", "--count"))


def settings_of(instance: Path) -> dict[str, str]:
    """The settings of a measured site. Searches are limited by network: ours come from many, behind a proxy."""
    return {
        "STORYHUB_INSTANCE": str(instance),
        "STORYHUB_VOLATILE": str(instance / "memory"),
        "STORYHUB_TRUSTED_PROXIES": "1",
    }


def filled(size: int) -> Path:
    """The instance folder of a site with so many invented stories, most of them public."""
    instance, made_of = FOLDER / str(size), _made_of()
    begun, done = instance / "made-of", instance / "filled"
    if not begun.exists() or begun.read_text() != made_of:
        shutil.rmtree(instance, ignore_errors=True)
        instance.mkdir(parents=True)
        begun.write_text(made_of)
    if not done.exists():
        before = time.monotonic()
        _fill(size, settings_of(instance))
        seconds = time.monotonic() - before
        print(f"{size:,} stories filled in {seconds:,.0f} s, {size / seconds:,.0f} a second.", file=sys.stderr)
        done.touch()
    return instance


def _fill(size: int, settings: Mapping[str, str]) -> None:
    for command in COMMANDS:
        words = [*command, str(size)] if command[-1] == "--count" else command
        subprocess.run(
            [BIN / "flask", *words], cwd=ROOT, env=os.environ | dict(settings), check=True, stdout=subprocess.DEVNULL
        )


def _made_of() -> str:
    digest = hashlib.sha256()
    for path in _sources():
        digest.update(path.relative_to(ROOT).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def _sources() -> Iterator[Path]:
    for pattern in MADE_BY:
        yield from sorted(path for path in ROOT.glob(pattern) if path.is_file())
