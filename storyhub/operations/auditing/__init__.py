"""Every store in which something of a person could be left behind, looked at one by one (docs/stores.md lists them)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from storyhub.config import Settings
from storyhub.extensions import db
from storyhub.operations.auditing import files, servers
from storyhub.operations.auditing.searching import Find, Looked, Search
from storyhub.operations.auditing.tables import look_at_rows

BESIDE: tuple[tuple[str, Callable[[Settings, Search], Looked]], ...] = (
    ("search-index", files.search_index),
    ("jobs", files.jobs_store),
    ("instance", files.instance),
    ("memory", files.memory),
    ("redis", servers.redis),
    ("postgresql", servers.postgresql),
    ("logs", files.logs),
    ("proxies", files.proxies),
    ("crashes", files.crashes),
    ("swap", files.swap),
)
STORES = ("database", "database-files", "exports", *(name for name, _look in BESIDE), "backups", "also")


def look_everywhere(
    settings: Settings, search: Search, backups: tuple[Path, ...] = (), also: tuple[Path, ...] = ()
) -> Iterator[Looked]:
    """Each store in turn, whether there is something in it or not: so that none is left out unnoticed."""
    # On SQLite the primary's connections begin as writers, and would keep others waiting for as long as this looks.
    rows = look_at_rows(db.engines["reading0"] if settings.on_sqlite else db.engine, search)
    yield Looked("database", rows.amount, sorted(rows.finds))
    yield files.database_files(settings, search, rows)
    yield files.exports(settings, search, rows)
    for _name, look in BESIDE:
        yield look(settings, search)
    yield files.backups(settings, search, backups)
    yield files.others(settings, search, also)


__all__ = ["STORES", "Find", "Looked", "Search", "look_everywhere"]
