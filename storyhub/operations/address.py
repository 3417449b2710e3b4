"""Where the site can be reached while it runs, for commands that print links: PORT may have been the server's alone."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from storyhub.config import Settings


@contextmanager
def noted(settings: Settings) -> Iterator[None]:
    """Keep the address beside today's salt, in memory, for as long as the site is served."""
    settings.volatile.mkdir(parents=True, exist_ok=True, mode=0o700)
    note = _note(settings)
    note.write_text(settings.site_url, "utf-8")
    try:
        yield
    finally:
        note.unlink(missing_ok=True)


def current(settings: Settings) -> str:
    """The address that a steward gave, else the one at which the site is being served, else where it would be."""
    if settings.site_url_given:
        return settings.site_url
    try:
        return _note(settings).read_text("utf-8")
    except FileNotFoundError:
        return settings.site_url


def _note(settings: Settings) -> Path:
    return settings.volatile / "address"
