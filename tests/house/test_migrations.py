"""Holds migrations and models equal, on the database that the suite runs on, and takes data up and down."""

from __future__ import annotations

from typing import Any

import flask_migrate
import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask
from sqlalchemy.orm import Session

from storyhub.config import ROOT
from storyhub.extensions import db
from storyhub.models.decision import breaks
from storyhub.models.publication import Publication
from storyhub.models.search import INDEX
from storyhub.models.solidarity import Said, Solidarity
from storyhub.models.story import State
from tests.makers import Maker

MIGRATIONS = ScriptDirectory(str(ROOT / "migrations"))
REVISIONS = [revision.revision for revision in MIGRATIONS.walk_revisions()]  # newest first
# What SQLite's FTS5 keeps beside its index, and PostgreSQL's index on an expression, are made by hand.
BY_HAND = (INDEX, "alembic_version")


def differences(engine: sa.Engine) -> list[Any]:
    """What autogenerate would write, by our own comparison, not by the one in env.py."""

    def include(name: str | None, kind: str, _parents: object) -> bool:
        return not (kind in ("table", "index") and (name or "").startswith(BY_HAND))

    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "include_name": include})
        return list(compare_metadata(context, db.metadata))


def rows(engine: sa.Engine) -> dict[str, int]:
    """How many rows each table of ours holds."""
    with engine.connect() as connection:
        names = [name for name in sa.inspect(connection).get_table_names() if not name.startswith(BY_HAND)]
        return {name: connection.scalar(sa.select(sa.func.count()).select_from(sa.table(name))) or 0 for name in names}


@pytest.fixture
def filled(make: Maker, session: Session) -> None:
    """At least one row in every table that the verbs fill."""
    moderator = make.moderator()
    make.organiser()
    campaign = make.campaign("buses-at-night")
    for state in State:
        make.story(state=state, themes=["buses", "school"], campaign=campaign, notes=["violence"], by=moderator)
    redacted = make.story("Ben Miller shouted at me.")
    redacted.redact([(0, 10)], by=moderator, mark="[name]", note="a name")
    make.publish(redacted)
    make.response(themes=["buses"], country="KE")
    session.commit()


def engine_of(app: Flask) -> sa.Engine:
    with app.app_context():
        return db.engine


def test_migrations_make_exactly_what_the_models_say(app: Flask) -> None:
    assert differences(engine_of(app)) == []


def test_autogenerate_finds_nothing_to_write_and_leaves_the_full_text_index_alone(app: Flask) -> None:
    with app.app_context():
        flask_migrate.check()  # exits with 1 when it would write anything
    with engine_of(app).connect() as connection:
        on_sqlite = connection.dialect.name == "sqlite"
        where = "sqlite_master WHERE name" if on_sqlite else "pg_indexes WHERE indexname"
        assert connection.scalar(sa.text(f"SELECT count(*) FROM {where} = '{INDEX}'")) == 1


def test_there_is_one_line_of_migrations() -> None:
    assert len(MIGRATIONS.get_heads()) == 1


def test_stories_survive_each_migration_down_and_up(filled: None, app: Flask, session: Session) -> None:
    """Down from the newest, one at a time, and up again each time; the record still holds, and so do all rows."""
    session.commit()
    engine, before = engine_of(app), rows(engine_of(app))
    assert before["stories"] == len(State) + 1
    assert before["redactions"] == before["responses"] == before["response_versions"] == before["response_themes"] == 1
    for revision in REVISIONS[:-1]:
        below = MIGRATIONS.get_revision(revision).down_revision
        with app.app_context():
            flask_migrate.downgrade(revision=below)
            kept = rows(engine)
            flask_migrate.upgrade()
        assert {name: before[name] for name in kept} == kept, f"{revision} loses rows on its way down"
        assert {name: count for name, count in rows(engine).items() if name in kept} == kept
    assert list(breaks(session)) == []


# Made by the verbs for each story that becomes public, and by a migration for those that were public before it.
CONNECTING = ("cards", "published_pairs", "tallies", "nearness_due", "solidarity")


def contents(engine: sa.Engine) -> dict[str, set[tuple[Any, ...]]]:
    """Every row of the tables that connect stories, with its columns in the order of their names."""
    tables = {name: sa.Table(name, sa.MetaData(), autoload_with=engine) for name in CONNECTING}
    with engine.connect() as connection:
        return {
            name: set(map(tuple, connection.execute(sa.select(*sorted(table.columns, key=lambda one: one.name)))))
            for name, table in tables.items()
        }


def test_what_was_public_before_is_connected_as_the_verbs_would(app: Flask, make: Maker, session: Session) -> None:
    campaign = make.campaign("call")
    told: list[dict[str, Any]] = [
        {"text": "Short.", "title": "On the bus", "happened": "2019-05", "show": ("month",)},
        {"text": "Long. " * 200, "happened": "2020-11", "country": "KE", "setting": "street", "show": ("setting",)},
        {"text": "صرخ أحدهم في وجهي في الحافلة.", "language": "ar", "country": "EG", "happened": "2018"},
        {"text": "صرخ أحدهم في وجهي ولم يقل أحد كلمة.", "language": None, "campaign": campaign},
    ]
    themes: tuple[list[str], ...] = (["buses", "night", "school"], ["night", "buses"], ["school"], [])
    for facts, slugs in zip(told, themes, strict=True):
        make.story(**facts, state="published", themes=slugs, notes=["violence", "child"][: len(slugs)])
    make.story(state="published", themes=["buses", "night"], country="FR").withdraw()
    make.story(state=State.SET_ASIDE, themes=["buses", "school"], country="FR")
    make.story(themes=["buses", "school"], country="FR")
    public = session.scalars(sa.select(Publication).order_by(Publication.position)).all()
    public[0].heard, public[0].me_too, public[1].heard = 214, 3, 1
    for story, kind, count in ((public[0], Said.HEARD, 214), (public[0], Said.ME_TOO, 3), (public[1], Said.HEARD, 1)):
        session.add(Solidarity(story_id=story.story_id, kind=kind, counted=count, waiting=0))
    session.commit()
    engine = engine_of(app)
    before = contents(engine)
    assert all(before.values())
    with app.app_context():
        flask_migrate.downgrade(revision="0007")
        flask_migrate.upgrade()
    assert contents(engine) == before


def test_all_the_way_down_leaves_nothing_and_all_the_way_up_makes_everything(
    filled: None, app: Flask, session: Session
) -> None:
    session.close()
    engine = engine_of(app)
    with app.app_context():
        flask_migrate.downgrade(revision="base")
        assert rows(engine) == {}
        flask_migrate.upgrade()
    assert differences(engine) == []
    assert rows(engine)["site"] == 1
