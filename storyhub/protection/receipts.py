"""Receipts: twenty digits that only their holder knows. What is kept is a keyed digest, looked up by one equality."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import unicodedata

from storyhub.protection.sealing import derived_key

RANDOM_DIGITS = 18
DIGITS = 20
GROUP = 4
SECRET_BYTES = 16


class Mistyped(ValueError):
    """These digits can't be a receipt: some are missing, or the check digits say that one is wrong."""

    def __init__(self, digits: int) -> None:
        super().__init__("not a receipt")
        self.digits = digits


def mint() -> str:
    """A new receipt: 18 random digits and two check digits by ISO 7064 MOD 97-10."""
    return _with_check(secrets.randbelow(10**RANDOM_DIGITS))


def made_from(secret: bytes) -> str:
    """The receipt that belongs to at least sixteen secret bytes: always the same one, as likely as any other."""
    if len(secret) < SECRET_BYTES:
        raise ValueError("too little to make a receipt from")
    return _with_check(int.from_bytes(secret) % 10**RANDOM_DIGITS)


def _with_check(number: int) -> str:
    body = f"{number:0{RANDOM_DIGITS}d}"
    return body + _check_digits(body)


def _check_digits(body: str) -> str:
    return f"{98 - int(body) * 100 % 97:02d}"


def read(typed: str) -> str:
    """The twenty digits of what was typed, in any numerals and with any spacing. Raises Mistyped, looks up nothing."""
    digits = digits_of(typed)
    if len(digits) != DIGITS or not digits.isascii() or not digits.isdigit() or int(digits) % 97 != 1:
        raise Mistyped(len(digits))
    return digits


def digits_of(typed: str) -> str:
    """What was typed, in plain digits and without what stands between; anything else stays, so that it is noticed."""
    return "".join(_digit(character) for character in re.sub(r"[\W_]", "", typed[:200]))


def _digit(character: str) -> str:
    """A decimal digit of any script as 0–9; anything else as it is, so that it is noticed."""
    value = unicodedata.decimal(character, None)
    return character if value is None else str(value)


def groups(receipt: str) -> list[str]:
    """Five groups of four, as they are shown."""
    return [receipt[start : start + GROUP] for start in range(0, DIGITS, GROUP)]


def digest(receipt: str, receipt_key: str) -> str:
    """What is stored of a receipt: HMAC-SHA256 under the receipt key, which signs nothing else."""
    return hmac.new(derived_key(receipt_key, "receipt"), receipt.encode(), hashlib.sha256).hexdigest()
