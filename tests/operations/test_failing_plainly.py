"""Every command that cannot do its work says why in one line, and nobody reads a traceback."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import click
import pytest
import sqlalchemy as sa
from click.testing import Result
from flask import Flask
from flask.testing import FlaskCliRunner
from sqlalchemy.orm import Session

from storyhub import create_app
from storyhub.config import read_settings
from storyhub.extensions import db
from storyhub.operations import COMMANDS
from storyhub.operations.plainly import WITH_ANY_DATABASE
from tests.conftest import KEYS
from tests.operations.conftest import Flask_

NEEDING = [
    ("stories", "export", "out.csv", "--format", "csv"),
    ("stories", "release"),
    ("demo", "stories", "--count", "2"),
    ("themes", "export", "out.csv"),
    ("themes", "learn"),
    ("tables", "audit"),
    ("people", "invite", "Ann", "--role", "steward"),
    ("decisions", "verify"),
    ("privacy", "audit"),
    ("retention", "purge"),
]
RUN = "flask db upgrade, or make run"


def leaves(command: click.Command, name: str) -> Iterator[str]:
    if isinstance(command, click.Group):
        for below, one in command.commands.items():
            yield from leaves(one, f"{name} {below}")
    else:
        yield name


@pytest.fixture
def never_made(tmp_path: Path) -> FlaskCliRunner:
    """The commands of a site whose database was never made."""
    environ = {"STORYHUB_INSTANCE": str(tmp_path / "never"), "STORYHUB_VOLATILE": str(tmp_path / "memory"), **KEYS}
    return create_app(read_settings(environ)).test_cli_runner()


def said_once(done: Result) -> str:
    """The one line of a command that failed."""
    assert done.exit_code == 1, done.output + repr(done.exception)
    assert "Traceback" not in done.output
    (line,) = [line for line in done.stderr.splitlines() if line]
    return line


@pytest.mark.parametrize("words", NEEDING, ids=" ".join)
def test_before_the_database_was_made_a_command_says_what_to_run(
    never_made: FlaskCliRunner, words: tuple[str, ...]
) -> None:
    assert RUN in said_once(never_made.invoke(args=words))


def test_a_backup_of_nothing_is_one_line_too(never_made: FlaskCliRunner, tmp_path: Path) -> None:
    assert "could not be copied" in said_once(never_made.invoke(args=["backup", str(tmp_path / "backup")]))


@pytest.mark.parametrize("words", NEEDING[:3], ids=" ".join)
def test_so_does_one_whose_database_is_behind(app: Flask, session: Session, words: tuple[str, ...]) -> None:
    before = session.scalar(sa.text("SELECT version_num FROM alembic_version"))
    session.execute(sa.text("UPDATE alembic_version SET version_num = '0008'"))
    session.commit()
    try:
        assert RUN in said_once(app.test_cli_runner().invoke(args=words))
        assert "waits for: flask db upgrade" in app.test_cli_runner().invoke(args=["doctor"]).output
    finally:
        session.execute(sa.text("UPDATE alembic_version SET version_num = :before"), {"before": before})
        session.commit()


def test_what_the_database_refuses_is_one_line_without_a_word_of_a_story(
    app: Flask, session: Session, monkeypatch: pytest.MonkeyPatch, flask: Flask_
) -> None:
    def refuse(*_: object) -> None:
        db.session.execute(sa.text("SELECT * FROM quokkaberry WHERE words = :words"), {"words": "a story"})

    monkeypatch.setattr(import_module("storyhub.operations.stories"), "release_all_due", refuse)
    line = said_once(flask("stories", "release", code=1))
    assert line.startswith("Error: The database could not do it (") and "quokkaberry" in line
    assert "a story" not in line


def test_commands_that_need_no_database_of_now_are_ones_that_there_are() -> None:
    assert {name for command in COMMANDS for name in leaves(command, str(command.name))} >= WITH_ANY_DATABASE
