"""What one visit leaves behind and where, read from the running configuration and from the visit itself.

Nothing here could tell one visitor about another: no address, and no counter, not even that there is one. Whoever sits
in the same home or office has the same network, and must not learn here that somebody told a story from it.
"""

from __future__ import annotations

from dataclasses import dataclass

from storyhub.config import Settings
from storyhub.protection.keeping import is_in_memory, redis_writes_to_disk


@dataclass(frozen=True)
class Visit:
    """What is true of this one request."""

    came_encrypted: bool
    stays_on_this_machine: bool  # not encrypted, but on no line either
    has_our_cookie: bool
    is_shared: bool
    relays: int
    keeps_no_list: bool  # of visits: it is so with our own server, and not known of another


@dataclass(frozen=True)
class Keeping:
    """Where things are kept on this site, and for how long. `None` stands for what can't be told."""

    counts_in: str  # "memory", "redis"
    counts_on_disk: bool | None
    in_one_file: bool
    copies: int
    release_minutes: int
    originals_days: int
    small_cell: int


def visit_of(
    settings: Settings, *, is_secure: bool, has_our_cookie: bool, is_shared: bool, keeps_no_list: bool
) -> Visit:
    return Visit(
        came_encrypted=is_secure,
        stays_on_this_machine=not is_secure and not settings.beyond_loopback,
        has_our_cookie=has_our_cookie,
        is_shared=is_shared,
        relays=settings.trusted_proxies,
        keeps_no_list=keeps_no_list,
    )


def keeping_of(settings: Settings) -> Keeping:
    if settings.redis_url:
        on_disk = redis_writes_to_disk(settings.redis_url)
    else:
        in_memory = is_in_memory(settings.volatile)
        on_disk = None if in_memory is None else not in_memory
    return Keeping(
        counts_in="redis" if settings.redis_url else "memory",
        counts_on_disk=on_disk,
        in_one_file=settings.on_sqlite,
        copies=len(settings.replica_urls),
        release_minutes=settings.release_minutes,
        originals_days=settings.originals_days,
        small_cell=settings.small_cell,
    )
