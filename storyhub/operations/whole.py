"""Files that are there whole or not at all."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO


@contextmanager
def written_whole(path: Path) -> Iterator[BinaryIO]:
    """A file that takes its name only when everything went well. For its owner alone: mode 0600."""
    with partial_of(path) as partial, partial.open("r+b") as file:
        yield file
        file.flush()
        os.fsync(file.fileno())


@contextmanager
def partial_of(path: Path) -> Iterator[Path]:
    """The path of an empty file beside `path`, which takes its name at the end, and vanishes if anything fails."""
    partial = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    os.close(os.open(partial, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    try:
        yield partial
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
