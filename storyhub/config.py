"""Every setting once, typed, from STORYHUB_* and instance/storyhub.env; a wrong one stops the start with a line."""

from __future__ import annotations

import difflib
import hashlib
import ipaddress
import os
import re
import secrets
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent.parent

KNOWN = {
    "STORYHUB_INSTANCE",
    "STORYHUB_DATABASE_URL",
    "STORYHUB_DATABASE_REPLICA_URLS",
    "STORYHUB_REDIS_URL",
    "STORYHUB_SECRET_KEY",
    "STORYHUB_RECEIPT_KEY",
    "STORYHUB_SITE_URL",
    "STORYHUB_VOLATILE",
    "STORYHUB_RELEASE_MINUTES",
    "STORYHUB_ORIGINALS_DAYS",
    "STORYHUB_SMALL_CELL",
    "STORYHUB_TRUSTED_PROXIES",
    "STORYHUB_WORKERS",
}
LEAST_SMALL_CELL = 5
LEAST_KEY_LENGTH = 32


class SettingError(Exception):
    """A setting that the site can't start with; its text is the one line to print."""


@dataclass(frozen=True)
class Settings:
    """What the people who run an instance decide outside the browser. Days are days, minutes are minutes."""

    instance: Path
    database_url: str
    replica_urls: tuple[str, ...]
    redis_url: str | None
    secret_key: str
    receipt_key: str
    site_url: str
    site_url_given: bool
    volatile: Path
    release_minutes: int
    originals_days: int
    small_cell: int
    trusted_proxies: int
    workers: int
    host: str
    port: int

    @property
    def https(self) -> bool:
        return self.site_url.startswith("https://")

    @property
    def on_sqlite(self) -> bool:
        return self.database_url.startswith("sqlite")

    @property
    def beyond_loopback(self) -> bool:
        return not is_loopback(self.host) or not is_loopback(urlsplit(self.site_url).hostname or "")


def is_loopback(host: str) -> bool:
    """Whether a host name or address means this machine alone."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def read_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """Settings from the environment (or `environ`), which wins over instance/storyhub.env.

    Makes the instance folder and, where the site is on its own, the two keys. Raises SettingError.
    """
    given = dict(os.environ if environ is None else environ)
    instance = Path(given.get("STORYHUB_INSTANCE") or ROOT / "instance").resolve()
    values = {**_read_file(instance / "storyhub.env"), **{k: v for k, v in given.items() if v != ""}}
    _refuse_unknown(values)
    try:
        instance.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise SettingError(f"STORYHUB_INSTANCE: the folder {instance} can't be made ({error.strerror}).") from error

    database_url = values.get("STORYHUB_DATABASE_URL") or f"sqlite:///{instance / 'storyhub.sqlite'}"
    if not database_url.startswith(("sqlite:", "postgresql+psycopg:")):
        raise SettingError("STORYHUB_DATABASE_URL must begin with sqlite:/// or postgresql+psycopg://.")
    redis_url = values.get("STORYHUB_REDIS_URL")
    if redis_url and not redis_url.startswith(("redis://", "rediss://", "unix://")):
        raise SettingError("STORYHUB_REDIS_URL must begin with redis://, rediss:// or unix://.")
    shared = bool(redis_url) or not database_url.startswith("sqlite")

    host = values.get("HOST", "127.0.0.1")
    port = _whole_number(values, "PORT", 8000, least=1, most=65535)
    site_url, site_url_given = _site_url(values, host, port)
    return Settings(
        instance=instance,
        database_url=database_url,
        replica_urls=tuple(u.strip() for u in values.get("STORYHUB_DATABASE_REPLICA_URLS", "").split(",") if u.strip()),
        redis_url=redis_url,
        secret_key=_key(values, "STORYHUB_SECRET_KEY", instance / "secret_key", must_be_given=shared),
        receipt_key=_key(values, "STORYHUB_RECEIPT_KEY", instance / "receipt_key", must_be_given=shared),
        site_url=site_url,
        site_url_given=site_url_given,
        volatile=_volatile(values, instance),
        release_minutes=_whole_number(values, "STORYHUB_RELEASE_MINUTES", 60 if site_url_given else 0, most=24 * 60),
        originals_days=_whole_number(values, "STORYHUB_ORIGINALS_DAYS", 30, most=3650),
        small_cell=_whole_number(values, "STORYHUB_SMALL_CELL", 10, least=LEAST_SMALL_CELL),
        trusted_proxies=_whole_number(values, "STORYHUB_TRUSTED_PROXIES", 0, most=10),
        workers=_whole_number(values, "STORYHUB_WORKERS", 2, least=1, most=256),
        host=host,
        port=port,
    )


def _read_file(path: Path) -> dict[str, str]:
    if not path.is_file():
        return {}
    values = {}
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        line = line.strip()
        if not line or line.startswith("#"):
            continue
        name, equals, value = line.partition("=")
        if not equals or not re.fullmatch(r"(export )?\s*[A-Z_]+\s*", name):
            raise SettingError(f"{path.name}, line {number}: expected NAME=value.")
        values[name.removeprefix("export ").strip()] = value.strip().strip("\"'")
    return values


def _refuse_unknown(values: Mapping[str, str]) -> None:
    """A mistyped setting would silently leave a safeguard at its default: better not to start."""
    for name in values:
        if name.startswith("STORYHUB_") and name not in KNOWN and not name.startswith("STORYHUB_TEST"):
            close = difflib.get_close_matches(name, KNOWN, n=1)
            raise SettingError(f"{name} is not a setting." + (f" Did you mean {close[0]}?" if close else ""))


def _whole_number(values: Mapping[str, str], name: str, default: int, least: int = 0, most: int = 10**9) -> int:
    text = values.get(name)
    if text is None:
        return default
    if not re.fullmatch(r"[0-9]{1,10}", text) or not least <= int(text) <= most:
        reason = f"a whole number from {least}" + (f" to {most}" if most < 10**9 else "")
        raise SettingError(f"{name} must be {reason}, not {text!r}.")
    return int(text)


def _site_url(values: Mapping[str, str], host: str, port: int) -> tuple[str, bool]:
    url = values.get("STORYHUB_SITE_URL")
    if url is None:
        if not is_loopback(host):
            raise SettingError(
                f"STORYHUB_SITE_URL must be given when HOST ({host}) can be reached from other machines, "
                "for example STORYHUB_SITE_URL=https://stories.example.org"
            )
        return f"http://{f'[{host}]' if ':' in host else host}:{port}", False
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.path.strip("/") or parts.query:
        raise SettingError(f"STORYHUB_SITE_URL must be like https://stories.example.org, not {url!r}.")
    return url.rstrip("/"), True


def _key(values: Mapping[str, str], name: str, path: Path, must_be_given: bool) -> str:
    """A key as given, or the instance's own, made on the first start and readable by its owner alone."""
    key = values.get(name)
    if key is None and not must_be_given:
        try:
            descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        except FileExistsError:
            pass
        else:
            with os.fdopen(descriptor, "w") as file:
                file.write(secrets.token_urlsafe(48))
        key = path.read_text().strip()
    if key is None:
        # Two machines with keys of their own would each refuse the other's forms, and worse: each other's receipts.
        raise SettingError(f"{name} must be given when PostgreSQL or Redis is used, so that all machines share it.")
    if len(key) < LEAST_KEY_LENGTH:
        raise SettingError(f"{name} is too short: give at least {LEAST_KEY_LENGTH} random characters.")
    return key


def _volatile(values: Mapping[str, str], instance: Path) -> Path:
    """A directory in memory, so that today's salt is never on a disk (promise 2)."""
    if given := values.get("STORYHUB_VOLATILE"):
        return Path(given).resolve()
    mark = hashlib.sha256(str(instance).encode()).hexdigest()[:12]
    for base in ("/dev/shm", os.environ.get("XDG_RUNTIME_DIR", "")):  # noqa: S108 - a folder of our own, mode 0700
        if base and os.access(base, os.W_OK):
            return Path(base) / f"storyhub-{os.getuid()}-{mark}"
    return Path(tempfile.gettempdir()) / f"storyhub-{mark}"
