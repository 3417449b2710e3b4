"""How migrations find the database, and what autogenerate must leave alone: the full-text index, made by hand."""

from __future__ import annotations

from alembic import context
from flask import current_app
from sqlalchemy import text

from storyhub.extensions import db
from storyhub.models.search import INDEX


def include_name(name: str | None, kind: str, _parents: object) -> bool:
    """FTS5 keeps tables of its own beside the index (search_index_data …); PostgreSQL has an index of that name."""
    return not (kind in ("table", "index") and name is not None and name.startswith(INDEX))


def run() -> None:
    engine = current_app.extensions["migrate"].db.engine
    with engine.connect() as connection:
        on_sqlite = connection.dialect.name == "sqlite"
        if on_sqlite:
            # A batch migration rebuilds a table by dropping it: with foreign keys on, that would empty its children.
            # Asked of the driver itself, because within a transaction SQLite ignores it.
            driver = connection.connection.driver_connection
            driver.execute("PRAGMA foreign_keys=OFF")
        context.configure(
            connection=connection,
            target_metadata=db.metadata,
            render_as_batch=True,
            compare_type=True,
            include_name=include_name,
            transaction_per_migration=False,
        )
        with context.begin_transaction():
            context.run_migrations()
        if on_sqlite:
            connection.commit()
            broken = connection.execute(text("PRAGMA foreign_key_check")).fetchall()
            connection.rollback()
            driver.execute("PRAGMA foreign_keys=ON")
            if broken:
                raise RuntimeError(f"a migration left rows without what they belong to: {broken[:3]}")


run()
