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
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
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
    "STORYHUB_SMTP_URL",
    "STORYHUB_NOTICE_FROM",
    "STORYHUB_NOTICE_TO",
    "STORYHUB_NOTICE_HOOK",
    "STORYHUB_NOTICE_HOURS",
}
LEAST_SMALL_CELL = 5
LEAST_KEY_LENGTH = 32
# Plain enough to stand in a mail's head as it is: no name beside it, no second address, no line end.
ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63})*")


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
    # With a password in each of the first two: they are for whom they name alone, and in no message of ours.
    smtp_url: str | None = field(default=None, repr=False)
    notice_hook: str | None = field(default=None, repr=False)
    notice_from: str | None = None
    notice_to: tuple[str, ...] = ()
    notice_hours: tuple[int, ...] = ()  # UTC

    @property
    def https(self) -> bool:
        return self.site_url.startswith("https://")

    @property
    def on_sqlite(self) -> bool:
        return self.database_url.startswith("sqlite")

    @property
    def beyond_loopback(self) -> bool:
        return not is_loopback(self.host) or not is_loopback(urlsplit(self.site_url).hostname or "")


def is_address(text: str) -> bool:
    """Whether a notice can be sent to this e-mail address."""
    return len(text) <= 254 and ADDRESS.fullmatch(text) is not None


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
        replica_urls=tuple(_listed(values.get("STORYHUB_DATABASE_REPLICA_URLS", ""))),
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
        **_notices(values),
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


def _notices(values: Mapping[str, str]) -> dict[str, Any]:
    """How moderators are told that something waits; nothing at all unless one way is set up whole."""
    smtp_url, hook = values.get("STORYHUB_SMTP_URL"), values.get("STORYHUB_NOTICE_HOOK")
    sender = values.get("STORYHUB_NOTICE_FROM")
    if smtp_url is not None:
        _refuse_unless_smtp(smtp_url)
        if sender is None:
            raise SettingError("STORYHUB_NOTICE_FROM must be given with STORYHUB_SMTP_URL: whom a notice comes from.")
    for name in ("STORYHUB_NOTICE_FROM", "STORYHUB_NOTICE_TO"):
        if name in values and smtp_url is None:
            raise SettingError(f"{name} does nothing without STORYHUB_SMTP_URL.")
    to = _listed(values.get("STORYHUB_NOTICE_TO", ""))
    for name, addresses in (("STORYHUB_NOTICE_FROM", [sender] if sender else []), ("STORYHUB_NOTICE_TO", to)):
        if wrong := [one for one in addresses if not is_address(one)]:
            raise SettingError(f"{name} must hold addresses like desk@example.org, not {wrong[0]!r}.")
    if hook is not None:
        _refuse_unless_hook(hook)
    return {
        "smtp_url": smtp_url,
        "notice_hook": hook,
        "notice_from": sender,
        "notice_to": tuple(to),
        "notice_hours": _hours(values, is_used=bool(smtp_url or hook)),
    }


def _refuse_unless_smtp(url: str) -> None:
    """Without quoting it: there is a password in it."""
    try:
        parts = urlsplit(url)
        is_whole = parts.scheme in ("smtp", "smtps") and parts.hostname and (parts.port is None or parts.port > 0)
    except ValueError:
        is_whole = False
    if not is_whole or parts.path.strip("/") or parts.query or (parts.username is None) != (parts.password is None):
        raise SettingError("STORYHUB_SMTP_URL must be like smtps://name:password@mail.example.org (or smtp://…:587).")


def _refuse_unless_hook(url: str) -> None:
    """Without quoting it: whoever knows the address of a hook can knock at it."""
    try:
        parts = urlsplit(url)
        is_whole = bool(parts.hostname) and (parts.port is None or parts.port > 0) and parts.username is None
    except ValueError:
        is_whole = False
    if not is_whole or not (parts.scheme == "https" or (parts.scheme == "http" and is_loopback(parts.hostname or ""))):
        raise SettingError(
            "STORYHUB_NOTICE_HOOK must be like https://hooks.example.org/desk (http on this machine only)."
        )
    if not url.isascii() or not url.isprintable() or " " in url:
        raise SettingError("STORYHUB_NOTICE_HOOK must be written as it is sent: plain letters, no spaces.")


def _hours(values: Mapping[str, str], *, is_used: bool) -> tuple[int, ...]:
    name = "STORYHUB_NOTICE_HOURS"
    if name in values and not is_used:
        raise SettingError(f"{name} does nothing without STORYHUB_SMTP_URL or STORYHUB_NOTICE_HOOK.")
    hours = _listed(values.get(name, "7"))
    if not hours or not all(re.fullmatch(r"[0-9]{1,2}", hour) and int(hour) < 24 for hour in hours):
        raise SettingError(f"{name} must be hours from 0 to 23 (UTC), such as 7,18, not {values.get(name)!r}.")
    return tuple(sorted({int(hour) for hour in hours})) if is_used else ()


def _listed(text: str) -> list[str]:
    return [one.strip() for one in text.split(",") if one.strip()]


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
