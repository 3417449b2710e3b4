"""Random identifiers: no sequence, no clock, nothing that tells in which order stories came (promise 6)."""

from __future__ import annotations

import re
import secrets

from werkzeug.routing import BaseConverter, ValidationError

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's base32: nothing to mistake, nothing to spell
LENGTH = 13
WRITTEN = re.compile(f"[{ALPHABET}]{{{LENGTH}}}")
AS_DIGITS = str.maketrans(ALPHABET, "0123456789abcdefghijklmnopqrstuv")  # the ones that Python reads
LAST = 2**63 - 1  # the greatest that both databases hold


def new_id() -> int:
    """A random identifier of 63 bits."""
    return secrets.randbits(63) or 1


def shown(number: int) -> str:
    """An identifier as 13 characters of base32.

    >>> shown(1), read(shown(2**63 - 1)) == 2**63 - 1
    ('0000000000001', True)
    """
    return "".join(ALPHABET[number >> shift & 31] for shift in range(60, -5, -5))


def read(text: str) -> int:
    """The identifier that `shown` wrote; ValueError for anything else, so that one story has one address."""
    if not WRITTEN.fullmatch(text):
        raise ValueError("not an identifier")
    number = int(text.translate(AS_DIGITS), 32)
    if number > LAST:
        raise ValueError("not an identifier")
    return number


class IdConverter(BaseConverter):
    """`<id:story_id>` in a route."""

    regex = "[0-9a-z]{13}"

    def to_python(self, value: str) -> int:
        try:
            return read(value)
        except ValueError as error:
            raise ValidationError from error

    def to_url(self, value: int) -> str:
        return shown(value)
