"""Whether what must not outlive its day is kept on no disk, as far as this machine can tell."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from storyhub import clock

IN_MEMORY = {"tmpfs", "ramfs"}
SECONDS_TO_ANSWER = 1.0
SECONDS_KNOWN = 60  # a page that anybody may open must not ask Redis for everybody


def file_system(path: Path) -> str | None:
    """The kind of file system that a path is on, by the longest mount point above it; None where Linux isn't."""
    try:
        lines = Path("/proc/self/mounts").read_text().splitlines()
    except OSError:
        return None
    mounts = [(Path(fields[1].replace("\\040", " ")), fields[2]) for fields in map(str.split, lines)]
    above = [(len(point.parts), kind) for point, kind in mounts if path.is_relative_to(point)]
    return max(above)[1] if above else None


def is_in_memory(path: Path) -> bool | None:
    """Whether a folder is in memory; None where that can't be told."""
    kind = file_system(path)
    return None if kind is None else kind in IN_MEMORY


def redis_writes_to_disk(url: str) -> bool | None:
    """Whether this Redis keeps anything on its disk; None where it doesn't say. Asked at most once in a minute."""
    return _redis_writes(url, int(clock.now().timestamp()) // SECONDS_KNOWN)


@lru_cache(maxsize=4)
def _redis_writes(url: str, _minute: int) -> bool | None:
    from redis import Redis, RedisError

    try:
        with Redis.from_url(
            url, socket_timeout=SECONDS_TO_ANSWER, socket_connect_timeout=SECONDS_TO_ANSWER, decode_responses=True
        ) as told:
            saves, appends = told.config_get("save"), told.config_get("appendonly")
    except (RedisError, OSError):
        return None
    if "save" not in saves or "appendonly" not in appends:
        return None
    return bool(saves["save"]) or appends["appendonly"] == "yes"
