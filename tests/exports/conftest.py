"""What tests of exports share: an organiser's browser, the file that the page gives, the command."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from tests.makers import Maker
from tests.pages import PagesClient

Take = Callable[..., Any]


@pytest.fixture
def organiser(client: PagesClient, make: Maker, sign_in: Any) -> PagesClient:
    """The browser of an organiser who is signed in."""
    signed_in: PagesClient = sign_in(client, make.organiser("Olu"))
    return signed_in


@pytest.fixture
def take(organiser: PagesClient) -> Take:
    """take(purpose="here", format="csv", theme=…): the file that the page gives for these choices."""

    def get(**choices: Any) -> Any:
        form = organiser.open_page("/organise/exports").form("exports")
        return form.fill(**{"purpose": "here", "format": "csv"} | choices).send().response

    return get


@pytest.fixture
def flask(app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Take:
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    runner = app.test_cli_runner()

    def run(*words: object, code: int = 0) -> Any:
        done = runner.invoke(args=[str(word) for word in words])
        assert done.exit_code == code, done.output + repr(done.exception)
        return done

    return run
