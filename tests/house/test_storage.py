"""Holds what a database may keep: no order of arrival, no time finer than a day (promises 4 and 6)."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask import Flask

from storyhub.extensions import db

# One row, or rows that only people with accounts cause, numbered as the chain needs it.
IN_ORDER = {"site", "record_head", "decisions", "decision_words"}
# A claim, and a lease of work, end within minutes and are of people with accounts; passkeys too are of those, and are
# named by the library.
FINER_THAN_A_DAY = {
    ("queue_items", "claimed_until"),
    ("long_works", "alive_until"),
    ("passkeys", "create_datetime"),
    ("passkeys", "lastuse_datetime"),
}
CAUSED_BY_CONTRIBUTORS = {
    "stories",
    "shingles",
    "fading_likenesses",
    "clusters",
    "cluster_shingles",
    "story_versions",
    "queue_items",
    "redactions",
    "codings",
    "publications",
    "published_themes",
    "published_notes",
    "search_texts",
    "withdrawals",
    "exported_stories",
}
TABLES = db.metadata.sorted_tables


def test_all_that_contributors_cause_is_looked_at() -> None:
    assert {table.name for table in TABLES} >= CAUSED_BY_CONTRIBUTORS


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_no_table_numbers_its_rows_as_they_come(table: sa.Table) -> None:
    """SQLite gives a table without an integer key a hidden, rising rowid, and PostgreSQL a serial where it may."""
    if table.name in IN_ORDER:
        return
    key = list(table.primary_key.columns)
    without_rowid = table.dialect_options["sqlite"].get("with_rowid") is False
    is_rowid = len(key) == 1 and isinstance(key[0].type, sa.Integer | sa.BigInteger)
    assert without_rowid or is_rowid
    assert all(column.autoincrement is False for column in key if isinstance(column.type, sa.Integer | sa.BigInteger))
    assert all(column.server_default is None and column.identity is None for column in key)


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_no_time_at_rest_is_finer_than_a_day(table: sa.Table) -> None:
    fine = {
        (table.name, column.name)
        for column in table.columns
        if isinstance(column.type, sa.DateTime | sa.Time | sa.Interval | sa.Float)
        or column.name.endswith(("_at", "_time", "timestamp"))
    }
    assert fine <= FINER_THAN_A_DAY


def test_the_migrations_made_the_tables_so(app: Flask) -> None:
    with app.app_context():
        if db.engine.dialect.name != "sqlite":
            numbered = sa.text("SELECT count(*) FROM information_schema.sequences WHERE sequence_schema = 'public'")
            with db.engine.connect() as connection:
                assert connection.scalar(numbered) == 0
            return
        with db.engine.connect() as connection:
            rows = connection.execute(sa.text("SELECT name, sql FROM sqlite_master WHERE type = 'table'"))
            made = {str(name): str(sql) for name, sql in rows}
    for table in TABLES:
        wanted = table.dialect_options["sqlite"].get("with_rowid") is False
        assert ("WITHOUT ROWID" in made[table.name]) == wanted, table.name
        assert "AUTOINCREMENT" not in made[table.name]
