"""Asks the servers beside StoryHub, PostgreSQL and Redis, what they write down by themselves."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.exc import SQLAlchemyError

from storyhub.config import Settings
from storyhub.extensions import db
from storyhub.operations.auditing.searching import Find, Looked, Search

# Settings of PostgreSQL with which its log would hold what people wrote, and the values that are well.
LOGS_STATEMENTS = {"log_statement": {"none", "ddl"}, "log_min_duration_statement": {"-1"}, "log_duration": {"off"},
                   "log_min_duration_sample": {"-1"}, "log_transaction_sample_rate": {"0"}}  # fmt: skip
KEYS_AT_ONCE = 500


def postgresql(settings: Settings, _search: Search) -> Looked:
    """Whether its log would hold words, and who else holds what it writes."""
    if settings.on_sqlite:
        return Looked("postgresql", _("not used here"))
    looked = Looked("postgresql", "")
    with db.engine.connect() as connection:
        asked = connection.execute(sa.text("SELECT name, setting FROM pg_settings"))
        told = {str(row.name): str(row.setting) for row in asked}
        for name, well in LOGS_STATEMENTS.items():
            if told.get(name, "-1") not in well | {None}:
                looked.finds.append(
                    Find("PostgreSQL", _("%(name)s = %(value)s writes words into its log", name=name, value=told[name]))
                )
        if "auto_explain" in (told.get("shared_preload_libraries") or ""):
            looked.finds.append(Find("PostgreSQL", _("auto_explain writes words into its log")))
        if told.get("log_error_verbosity") != "terse":
            looked.notes.append(_("set log_error_verbosity = terse: else its log quotes a row that it refuses"))
        looked.notes += _copies(connection, told)
        connection.rollback()
    looked.amount = _("%(count)s settings", count=len(told))
    return looked


def _copies(connection: sa.Connection, told: dict[str, str]) -> list[str]:
    notes = []
    if told.get("archive_mode") not in ("off", None):
        notes.append(_("its write-ahead log is archived: keep no archive for longer than words (docs/running.md)"))
    try:
        replicas = connection.scalar(sa.text("SELECT count(*) FROM pg_stat_replication"))
        dead = connection.scalar(sa.text("SELECT coalesce(sum(n_dead_tup), 0) FROM pg_stat_user_tables"))
    except SQLAlchemyError:
        return [*notes, _("who copies from it can't be asked with this account")]
    if replicas:
        notes.append(_("%(count)s replicas hold the same", count=replicas))
    if dead:
        notes.append(_("%(count)s rows are dead and not yet overwritten: flask retention purge", count=dead))
    return notes


def redis(settings: Settings, search: Search) -> Looked:
    """A Redis that writes to its disk would keep the day's keys of networks."""
    if settings.redis_url is None:
        return Looked("redis", _("not used here"))
    from redis import Redis, RedisError

    looked = Looked("redis", "")
    try:
        server: Any = Redis.from_url(settings.redis_url, socket_timeout=3)
        saves, appends = (server.config_get(name).get(name) for name in ("save", "appendonly"))
        if saves or appends == "yes":
            looked.finds.append(Find("Redis", _('writes to its disk; set save "" and appendonly no')))
        count = 0
        for key in server.scan_iter(count=KEYS_AT_ONCE):
            count += 1
            found = search.in_bytes([key, *_values(server, key)])
            looked.finds += [Find(f"Redis: {key.decode('utf-8', 'replace')}", what) for what in sorted(found)]
        looked.amount = _("%(count)s keys", count=count)
    except RedisError as error:
        looked.amount = _("%(count)s keys", count=0)
        why = type(error).__name__
        looked.finds.append(Find("Redis", _("can't be asked whether it writes to its disk (%(why)s)", why=why)))
    return looked


def _values(server: Any, key: bytes) -> list[bytes]:
    kind = server.type(key)
    if kind == b"string":
        return [server.get(key) or b""]
    if kind == b"list":
        return list(server.lrange(key, 0, -1))
    if kind == b"hash":
        return [part for pair in server.hgetall(key).items() for part in pair]
    if kind == b"set":
        return list(server.smembers(key))
    if kind == b"zset":
        return list(server.zrange(key, 0, -1))
    return []
