"""What a file says of one theme, whatever kind of file it is. What it does not speak of is left alone."""

from __future__ import annotations

import re
import unicodedata
import uuid
from dataclasses import dataclass, field

# One of these → language → text; "" says that there is none.
WORDS = ("names", "definitions", "use_when", "use_not", "examples")
COLUMNS = {
    "names": "name",
    "definitions": "definition",
    "use_when": "use_when",
    "use_not": "use_not",
    "examples": "example",
}
KINDS = {column: kind for kind, column in COLUMNS.items()}
LANGUAGE = r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*"
LONGEST_SLUG = 80
# Of no site in particular: the same theme has the same identifier in every program that its file has been through.
NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "https://storyhub.invalid/codebook")


class Unreadable(ValueError):
    """A file that can't be read as a codebook. `code` is why, in one word; `where` the line, as far as it is known."""

    def __init__(self, code: str, where: int | str | None = None) -> None:
        super().__init__(f"{code} at {where}" if where else code)
        self.code, self.where = code, where


@dataclass(frozen=True)
class Entry:
    """One theme of a file.

    `key` stands for it within the file, and in `parent` of others: its slug, or its identifier in other programs.
    None says that the file does not speak of it; `parent` "" is the top, `merged_into` "" is none.
    """

    key: str
    where: int  # the line, or the how-manieth
    slug: str | None = None
    guid: str | None = None
    words: dict[str, dict[str, str]] = field(default_factory=dict)
    parent: str | None = None
    retired: bool | None = None
    merged_into: str | None = None


def guid_of(slug: str) -> str:
    """What other programs know a theme by: made of its address, which never changes (UUID version 5, RFC 9562).

    In small letters: there are programs that read no others.

    >>> guid_of("buses") == guid_of("buses"), len(guid_of("buses"))
    (True, 36)
    """
    return str(uuid.uuid5(NAMESPACE, slug))


def slug_of(name: str) -> str:
    """A name as an address: marks taken off Latin letters, all else made into hyphens; cut to what fits."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:LONGEST_SLUG].strip("-")
