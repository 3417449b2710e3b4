"""Sealed boxes: words that this server can lock away, and only somebody with a key kept elsewhere can read.

Method: libsodium's sealed box (X25519, XSalsa20-Poly1305) by PyNaCl. The private half of the key is made and kept by
the organisers, under a passphrase (Argon2id and libsodium's secret box), and never comes to the server.
"""

from __future__ import annotations

import base64
import hashlib
import json

from nacl import pwhash, secret, utils
from nacl.exceptions import CryptoError
from nacl.public import PrivateKey, PublicKey, SealedBox

STEP = 512  # bytes: boxes are of so many steps, so that their size tells little of what is in them
FEWEST_IN_PASSPHRASE = 12  # characters
KIND = "storyhub sealed notes"
# What takes a good machine about a second to try one passphrase, and 256 MB of memory for each try.
HARDNESS = {"opslimit": pwhash.argon2id.OPSLIMIT_MODERATE, "memlimit": pwhash.argon2id.MEMLIMIT_MODERATE}


class NotAKey(ValueError):
    """This is no key of the kind that is wanted."""


class WrongPassphrase(ValueError):
    """The passphrase doesn't open the key."""


class CannotOpen(ValueError):
    """The box was sealed for another key, or is damaged."""


def read_public_key(written: str) -> str:
    """A public key as it is kept: 64 hexadecimal digits, however they were spaced. Raises NotAKey."""
    key = "".join(written.split()).lower()
    try:
        if len(key) != 64:
            raise NotAKey("a public key has 64 hexadecimal digits")
        PublicKey(bytes.fromhex(key))
    except ValueError as error:
        raise NotAKey("a public key has 64 hexadecimal digits") from error
    return key


def mark_of(public_key: str) -> str:
    """A short mark by which people tell keys apart: 16 hexadecimal digits of the key's SHA-256."""
    return hashlib.sha256(bytes.fromhex(public_key)).hexdigest()[:16]


def sealed(words: str, public_key: str) -> bytes:
    """The words in a box that only the private half of this key opens. Its size is a whole number of steps."""
    plain = words.encode()
    room = -(len(plain) + 4) % STEP
    padded = len(plain).to_bytes(4, "big") + plain + bytes(room)
    return bytes(SealedBox(PublicKey(bytes.fromhex(public_key))).encrypt(padded))


def opened(box: bytes, private_key: PrivateKey) -> str:
    """The words in a box. Raises CannotOpen."""
    try:
        padded = SealedBox(private_key).decrypt(box)
        length = int.from_bytes(padded[:4], "big")
        if length > len(padded) - 4:
            raise CannotOpen("the box is damaged")
        return padded[4 : 4 + length].decode()
    except (CryptoError, UnicodeDecodeError) as error:
        raise CannotOpen("sealed for another key, or damaged") from error


def make_key(passphrase: str) -> tuple[str, str]:
    """A new pair: the public key, and a file's text that holds the private one under the passphrase."""
    private = PrivateKey.generate()
    public = bytes(private.public_key).hex()
    salt = utils.random(pwhash.argon2id.SALTBYTES)
    locked = secret.SecretBox(_key_from(passphrase, salt, HARDNESS)).encrypt(bytes(private))
    written = {
        "kind": KIND,
        "public": public,
        "salt": base64.b64encode(salt).decode(),
        "locked": base64.b64encode(bytes(locked)).decode(),
        **HARDNESS,
    }
    return public, json.dumps(written, indent=1) + "\n"


def unlock_key(written: str, passphrase: str) -> PrivateKey:
    """The private key of a key file. Raises NotAKey or WrongPassphrase."""
    try:
        parts = json.loads(written)
        if not isinstance(parts, dict) or parts.get("kind") != KIND:
            raise NotAKey("this is no key file for sealed notes")
        salt, locked = base64.b64decode(parts["salt"], validate=True), base64.b64decode(parts["locked"], validate=True)
        hardness = {name: int(parts[name]) for name in HARDNESS}
        if hardness["memlimit"] > 4 * HARDNESS["memlimit"] or hardness["opslimit"] > 4 * HARDNESS["opslimit"]:
            raise NotAKey("this key file asks for more work than any that is made here")
        key = _key_from(passphrase, salt, hardness)
    except (KeyError, TypeError, ValueError, CryptoError) as error:
        raise NotAKey("this is no key file for sealed notes") from error
    try:
        return PrivateKey(secret.SecretBox(key).decrypt(locked))
    except (CryptoError, ValueError) as error:
        raise WrongPassphrase("the passphrase doesn't open this key") from error


def _key_from(passphrase: str, salt: bytes, hardness: dict[str, int]) -> bytes:
    made: bytes = pwhash.argon2id.kdf(
        secret.SecretBox.KEY_SIZE, passphrase.encode(), salt, hardness["opslimit"], hardness["memlimit"]
    )
    return made
