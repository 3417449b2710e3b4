"""Which network a request comes from, under a key that nobody can lead back to it once its day is over (promise 2)."""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import os
import secrets
from pathlib import Path

from storyhub import clock

SHARED = "shared"  # loopback, onion and addresses of inner networks: many people behind one
# Where one of these is all we are told, a proxy or a container's bridge stands in front and passes on nobody's own.
INNER = tuple(
    map(ipaddress.ip_network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "169.254.0.0/16",
                               "fc00::/7", "fe80::/10"))
)  # fmt: skip

_salts_here: dict[tuple[Path, str], bytes] = {}


def key_of(address: str, salt: bytes) -> str:
    """A keyed hash of the network of an address (/24 for IPv4, /56 for IPv6). Nothing leads back to the address."""
    try:
        number = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return SHARED
    if isinstance(number, ipaddress.IPv6Address) and number.ipv4_mapped:
        number = number.ipv4_mapped
    if number.is_loopback or any(number in network for network in INNER):
        return SHARED
    prefix = 24 if number.version == 4 else 56
    network = ipaddress.ip_network(f"{number}/{prefix}", strict=False)
    return hmac.new(salt, network.compressed.encode(), hashlib.sha256).hexdigest()[:32]


def salt_of_day(folder: Path) -> bytes:
    """32 random bytes that live until the day ends. Two processes that start at once agree on one file.

    Where the memory that files live in is full or gone, a salt of this process alone will do: nobody is turned away.
    """
    today = clock.today().isoformat()
    try:
        salt = _salt_in_file(folder, today)
    except OSError:
        here = folder, today
        salt = _salts_here.setdefault(here, secrets.token_bytes(32))
        for other in [known for known in _salts_here if known[1] != today]:
            _salts_here.pop(other, None)
    return salt


def _salt_in_file(folder: Path, today: str) -> bytes:
    path = folder / f"salt-{today}"
    try:
        return path.read_bytes()
    except FileNotFoundError:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    forget_other_days(folder)
    temporary = folder / f".salt-{secrets.token_hex(8)}"
    try:
        descriptor = os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_bytes(32))
        os.link(temporary, path)  # fails where another process was first: then its salt is the day's
    except FileExistsError:
        pass
    finally:
        temporary.unlink(missing_ok=True)
    return path.read_bytes()


def forget_other_days(folder: Path) -> None:
    """Remove every salt but today's: with it goes the last way from a key to a network."""
    today = clock.today().isoformat()
    for old in folder.glob("salt-*"):
        if old.name != f"salt-{today}":
            old.unlink(missing_ok=True)
