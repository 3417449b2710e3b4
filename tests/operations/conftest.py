"""What tests of commands share: a way to type one, and files as other programs would have written them."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from flask import Flask

Flask_ = Callable[..., Result]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where somebody types the command: reports are written here."""
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    return here


@pytest.fixture
def flask(app: Flask) -> Flask_:
    """flask("stories", "import", path, …): the command, which has to succeed unless `code` says otherwise."""
    runner = app.test_cli_runner()

    def run(*words: object, code: int = 0) -> Result:
        done = runner.invoke(args=[str(word) for word in words])
        assert done.exit_code == code, done.output + repr(done.exception)
        return done

    return run


@pytest.fixture
def csv_file(folder: Path) -> Callable[..., Path]:
    """csv_file(header, row, …): a CSV file as spreadsheets write it."""

    def write(*rows: Iterable[Any], name: str = "stories.csv", encoding: str = "utf-8", delimiter: str = ",") -> Path:
        path = folder / name
        with path.open("w", newline="", encoding=encoding) as file:
            csv.writer(file, delimiter=delimiter).writerows(rows)
        return path

    return write


@pytest.fixture
def jsonl_file(folder: Path) -> Callable[..., Path]:
    """jsonl_file(object, …): one a line."""

    def write(*objects: Any, name: str = "stories.jsonl") -> Path:
        path = folder / name
        path.write_text("".join(json.dumps(one, ensure_ascii=False) + "\n" for one in objects), "utf-8")
        return path

    return write


def report_of(path: Path) -> list[dict[str, str]]:
    """The rows of the report that an import of `path` left here; none where it left no report."""
    report = path.parent / f"{path.name}.refused.csv"
    if not report.exists():
        return []
    with report.open(newline="", encoding="utf-8-sig") as file:
        return list(csv.DictReader(file))
