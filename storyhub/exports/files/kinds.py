"""What a kind of file is: a function that writes rows, and what it may need to know beside them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any, BinaryIO

from flask_babel import LazyString

from storyhub.exports.columns import COLUMNS
from storyhub.exports.qda.nouns import QdaCode
from storyhub.exports.qda.rows import CodingsOf

Rows = Iterable[dict[str, Any]]


class NotInstalled(Exception):
    """A kind of file that this machine can't write; `needs` names the package that is missing."""

    def __init__(self, needs: str) -> None:
        super().__init__(f"{needs} is not installed")
        self.needs = needs


@dataclass(frozen=True)
class ThemeFacts:
    """A theme of the codebook; what has words has them by language."""

    slug: str
    parent: str
    retired: bool
    names: Mapping[str, str]
    definitions: Mapping[str, str]
    use_when: Mapping[str, str]
    use_not: Mapping[str, str]
    examples: Mapping[str, str]


@dataclass(frozen=True)
class ExportFacts:
    """What a writer may say of a file beside its rows. Nothing in it tells the day or the person: two who ask for the
    same get the same bytes.

    `filters` are the selection's by their names in an address, with consent, sample and seed. `folder` is where a
    writer may put what it needs meanwhile; whoever gave it empties it. `long_texts()` gives the texts of more than
    half of what a spreadsheet's cell holds, before any row is read. `codings` gives who gave which themes to
    which words of these stories, by their ids as shown; `codes()` the themes as a project holds them.
    """

    columns: Sequence[str] = tuple(COLUMNS)
    site: str = ""
    site_url: str = ""
    filters: Mapping[str, Any] = field(default_factory=dict)
    themes: Sequence[ThemeFacts] = ()
    folder: Path | None = None
    long_texts: Callable[[], Iterable[str]] = tuple
    codings: CodingsOf = lambda _ids: {}
    codes: Callable[[], Sequence[QdaCode]] = tuple


# Writes all rows to a file that can be read back and sought in, from its beginning, and leaves it open.
Writer = Callable[[Rows, BinaryIO, ExportFacts], None]


@dataclass(frozen=True)
class Format:
    """A kind of file: who writes it, its type, ending and name, what it is good for, and a package that it needs."""

    write: Writer
    mimetype: str
    extension: str
    label: LazyString
    about: LazyString
    needs: str | None = None
    has_parts: bool = False  # which are put together at the end, and wait in a folder meanwhile


def is_installed(format_: Format) -> bool:
    return format_.needs is None or find_spec(format_.needs) is not None
