"""What an SQLite file holds beside what its tables hold: bytes of what was erased, in free pages and between rows.

`secure_delete` overwrites a row that is deleted. It does not overwrite the copies that are left over when SQLite moves
rows from one page to another: of about a thousand erased texts one was still in the file (docs/stores.md). Only VACUUM
writes every page anew. The layout of pages is SQLite's own: https://www.sqlite.org/fileformat.html
"""

from __future__ import annotations

import struct
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

HEADER = 100  # bytes, at the start of the first page
LEAST_PAGE = 512
FREED_HEAD = 4  # bytes of a freed cell that are SQLite's own
# The inner nodes of tables hold only numbers of pages and of rows.
INDEX_NODE, TABLE_NODE, INDEX_LEAF, TABLE_LEAF = 2, 5, 10, 13
CELLS_BEGIN_AT = {INDEX_NODE: 12, INDEX_LEAF: 8, TABLE_LEAF: 8}
TOLD_EVERY = 4096  # pages


@dataclass(frozen=True)
class Remains:
    """Bytes. `looked_at` is the whole file; `left` are those in no row and no longer overwritten by zeros."""

    looked_at: int
    left: int


def remains_in(path: Path, tell: Callable[[int], None] = lambda _bytes: None) -> Remains:
    """Count what is left in the file of an SQLite database, not in its write-ahead log. `tell` hears of bytes done.

    In a process of its own: to close a file drops every lock that this process holds on it, and with them SQLite's.
    """
    command = [sys.executable, "-I", "-S", __file__, str(path)]
    found = Remains(0, 0)
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as counting:  # noqa: S603
        for line in counting.stdout or ():
            found = Remains(*map(int, line.split()))
            tell(found.looked_at)
    if counting.returncode:
        raise OSError(counting.returncode, "the file could not be read", str(path))
    return found


def count_remains(path: Path) -> Iterator[Remains]:
    """What `remains_in` prints, now and then and at the end.

    Nobody else's changes are waited for: while others write, a page may be counted that is just being changed.
    """
    looked_at = left = 0
    with path.open("rb") as file:
        size = _page_size(file.read(HEADER))
        free, trunks = _free_pages(file, size)
        definitions = _pages_of_definitions(file, size)
        for number, page in _pages(file, size):
            looked_at += len(page)
            if number in trunks:
                left += _not_zero(page[trunks[number] :])
            elif number in free:
                left += _not_zero(page)
            elif number not in definitions:
                left += _unused(page, HEADER if number == 1 else 0)
            if number % TOLD_EVERY == 0:
                yield Remains(looked_at, left)
    yield Remains(looked_at, left)


def _page_size(header: bytes) -> int:
    if not header.startswith(b"SQLite format 3\0") or len(header) < HEADER:
        return LEAST_PAGE  # an empty database
    (size,) = struct.unpack(">H", header[16:18])
    return 65536 if size == 1 else int(size)


def _pages(file: BinaryIO, size: int) -> Iterator[tuple[int, bytes]]:
    file.seek(0)
    number = 0
    while page := file.read(size):
        number += 1
        yield number, page


def _free_pages(file: BinaryIO, size: int) -> tuple[set[int], dict[int, int]]:
    """Pages that no table uses, and those that list them, with how many of their bytes the list takes."""
    free: set[int] = set()
    trunks: dict[int, int] = {}
    file.seek(32)
    (trunk,) = struct.unpack(">I", file.read(4).ljust(4, b"\0"))
    while trunk and trunk not in trunks:
        file.seek((trunk - 1) * size)
        page = file.read(size)
        if len(page) < size:
            break
        following, count = struct.unpack(">II", page[:8])
        count = min(count, size // 4 - 2)
        free.update(struct.unpack(f">{count}I", page[8 : 8 + 4 * count]))
        trunks[trunk] = 8 + 4 * count
        trunk = following
    return free, trunks


def _pages_of_definitions(file: BinaryIO, size: int) -> set[int]:
    """Pages on which SQLite keeps how its tables are made. VACUUM leaves gaps there, and never a word in them."""
    found: set[int] = set()
    to_look_at = [1]
    while to_look_at:
        number = max(to_look_at.pop(), 1)
        file.seek((number - 1) * size)
        page = file.read(size)
        start = HEADER if number == 1 else 0
        if number in found or len(page) < size or page[start] not in (TABLE_NODE, TABLE_LEAF):
            continue
        found.add(number)
        if page[start] == TABLE_NODE:
            (cells,) = struct.unpack(">H", page[start + 3 : start + 5])
            listed = page[start + 12 : start + 12 + 2 * cells]
            places = struct.unpack(f">{len(listed) // 2}H", listed[: len(listed) // 2 * 2])
            below = (page[start + 8 : start + 12], *(page[place : place + 4] for place in places))
            to_look_at += [int.from_bytes(child, "big") for child in below]
    return found


def _unused(page: bytes, start: int) -> int:
    """Bytes that belong to no row of a page: between the list of cells and the cells, and in freed cells."""
    kind = page[start]
    if kind not in CELLS_BEGIN_AT:
        return 0
    freed, cells, content = struct.unpack(">HHH", page[start + 1 : start + 7])
    left = _words_in(page[start + CELLS_BEGIN_AT[kind] + 2 * cells : content or 65536], len(page))
    seen = 0
    while freed and seen < len(page):
        following, length = struct.unpack(">HH", page[freed : freed + FREED_HEAD].ljust(FREED_HEAD, b"\0"))
        left += _not_zero(page[freed + FREED_HEAD : freed + length])
        freed, seen = following, seen + max(length, FREED_HEAD)
    return left


def _words_in(gap: bytes, size: int) -> int:
    """How many bytes of a gap may be words. It begins where the list of cells ended, and may hold old ones, two bytes
    each: a place within the page. Whatever is as short as the head of a freed cell is taken for one.
    """
    if not _not_zero(gap):
        return 0
    pairs = struct.unpack(f">{len(gap) // 2}H", gap[: len(gap) // 2 * 2])
    kept = b"".join(b"\0\0" if pair < size else pair.to_bytes(2, "big") for pair in pairs) + gap[len(pairs) * 2 :]
    return sum(len(run) for run in kept.split(b"\0") if len(run) > FREED_HEAD)


def _not_zero(part: bytes) -> int:
    return len(part) - part.count(0)


if __name__ == "__main__":
    for found in count_remains(Path(sys.argv[1])):
        print(found.looked_at, found.left, flush=True)
