"""What the audit looks for: traces of a person's machine, times finer than a day, and marks that somebody names."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from flask_babel import gettext as _

from storyhub.text.folding import folded

OVERLAP = 512  # bytes of a piece that are looked at again with the next one

BROWSER = re.compile(r"Mozilla/\d|AppleWebKit/|Gecko/\d|Chrome/\d|curl/\d|okhttp/\d")
IPV4 = re.compile(r"(?<![\w.-])(?:\d{1,3}\.){3}\d{1,3}(?![\w.-])")
IPV6 = re.compile(r"(?<![\w:.])[0-9A-Fa-f:]{2,39}(?![\w:.])")
# Among bytes that are no text, two colons side by side mean nothing yet.
IPV6_IN_BYTES = re.compile(r"(?<![\w:.])(?:[0-9A-Fa-f]{1,4}:){2,7}:?[0-9A-Fa-f]{1,4}(?![\w:.])")
MOMENT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d")
SECONDS = range(1_500_000_000, 2_500_000_000)  # since 1970: 2017 to 2049


@dataclass(frozen=True, order=True)
class Find:
    """Something that must not be at rest, and where it is."""

    where: str
    what: str


@dataclass
class Looked:
    """One store that was looked at: how much of it, what was found, and what its keeper should know."""

    store: str
    amount: str
    finds: list[Find] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Search:
    """`marks`: pieces of text or addresses that must be nowhere, such as words that were taken back."""

    marks: tuple[str, ...] = ()

    def in_text(self, text: str, *, typed: bool = False) -> Iterator[str]:
        """What stands in a text. Of what people `typed` themselves, only marks count."""
        if not typed:
            if BROWSER.search(text):
                yield _("names a browser")
            if any(map(_is_address, addresses_in(text))):
                yield _("holds a network address")
        if self.marks and self.in_data(text.encode("utf-8", "surrogatepass")):
            yield _("holds one of the marks")

    def in_data(self, data: bytes) -> bool:
        """Whether bytes hold a mark in any of its forms."""
        lowered = data.lower()
        return any(form in lowered for mark in self.marks for form in forms_of(mark))

    def in_bytes(self, pieces: Iterable[bytes], known: frozenset[str] = frozenset()) -> set[str]:
        """What stands in a file, read piece by piece. `known` may stand there, because people typed it themselves."""
        found: set[str] = set()
        before = b""
        for piece in pieces:
            data = before + piece
            text = data.decode("latin-1")
            if any(match not in known for match in browsers_in(text)):
                found.add(_("names a browser"))
            if any(_is_address(one) and one not in known for one in addresses_in(text, IPV6_IN_BYTES)):
                found.add(_("holds a network address"))
            if self.marks and self.in_data(data):
                found.add(_("holds one of the marks"))
            before = data[-OVERLAP:]
        return found


def browsers_in(text: str) -> Iterator[str]:
    return (match[0] for match in BROWSER.finditer(text))


def addresses_in(text: str, ipv6: re.Pattern[str] = IPV6) -> Iterator[str]:
    for pattern in (IPV4, ipv6):
        yield from (match[0] for match in pattern.finditer(text))


def is_moment(value: object) -> bool:
    """Whether a value of a table tells a time finer than a day: as text, or as seconds since 1970."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return int(value) in SECONDS or int(value) // 1000 in SECONDS
    return isinstance(value, str) and MOMENT.search(value) is not None


def forms_of(mark: str) -> set[bytes]:
    """The forms in which a mark may be at rest: as typed, as the search index folds it; an address also as numbers."""
    forms = {mark.lower().encode(), folded(mark).strip().encode(), mark.lower().encode("utf-16-le")}
    try:
        address = ipaddress.ip_address(mark)
    except ValueError:
        return {form for form in forms if form}
    return forms | {address.packed.lower(), str(int(address)).encode(), f"{int(address):x}".encode()}


def _is_address(text: str) -> bool:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    return not (address.is_loopback or address.is_unspecified)
