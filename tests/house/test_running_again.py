"""A test that opens a browser is run once more where it fails, and the summary says so; no other test ever is."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from pytest_rerunfailures import get_reruns_count

from storyhub.config import ROOT

# Each writes down that it was run; those whose name ends with `first_time` fail when it is the first.
TESTS = """
import pathlib
import pytest

RUNS = pathlib.Path(__file__).with_name("runs")

def run(name):
    with RUNS.open("a") as runs:
        runs.write(name + "\\n")
    return RUNS.read_text().split().count(name)

@pytest.fixture(scope="session")
def browser():
    run("browser")

@pytest.fixture
def never_ends_well(browser):
    yield
    run("never_ends_well")
    raise AssertionError("the browser complained")

def test_in_a_browser_first_time(browser):
    assert run("in_a_browser_first_time") > 1

def test_in_a_browser_always(browser):
    run("in_a_browser_always")
    raise AssertionError

def test_that_ends_badly(never_ends_well):
    pass

@pytest.mark.browser
def test_marked_first_time():
    assert run("marked_first_time") > 1

def test_ordinary_first_time():
    assert run("ordinary_first_time") > 1
"""


def test_what_needs_a_browser_is_run_twice_and_all_else_once(tmp_path: Path) -> None:
    """
    Given tests with and without a browser of which some fail at first and some always,
    when they are run with the suite's own settings,
    then only those with a browser get a second chance, each is named, and who fails twice has failed.
    """
    (tmp_path / "test_some.py").write_text(TESTS)
    plugins = ["-p", "tests.browsing", "-p", "no:cacheprovider", "-p", "no:xdist"]
    settings = ["-c", str(ROOT / "pyproject.toml"), "--rootdir", str(tmp_path)]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *plugins, *settings, "--tb=no", str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    runs = (tmp_path / "runs").read_text().split()
    times = {name: runs.count(name) for name in runs}
    assert times == {
        "browser": 1,  # what all of them share lives on
        "in_a_browser_first_time": 2,
        "in_a_browser_always": 2,
        "never_ends_well": 2,
        "marked_first_time": 2,
        "ordinary_first_time": 1,
    }, done.stdout + done.stderr
    told = {tuple(line.split(" - ")[0].split("::")) for line in done.stdout.splitlines() if "::" in line}
    again = {words[1] for words in told if words[0].startswith("RERUN")}
    failed = {words[1] for words in told if words[0].startswith(("FAILED", "ERROR"))}
    assert again == {
        "test_in_a_browser_first_time",
        "test_in_a_browser_always",
        "test_that_ends_badly",
        "test_marked_first_time",
    }
    assert failed == {"test_in_a_browser_always", "test_that_ends_badly", "test_ordinary_first_time"}
    assert done.returncode == 1


def test_of_the_tests_that_are_run_now_only_those_with_a_browser_may_be_run_again(
    request: pytest.FixtureRequest,
) -> None:
    for item in request.session.items:
        expected = 1 if item.get_closest_marker("browser") else None
        assert get_reruns_count(item) == expected, item.nodeid
        assert "browser" not in getattr(item, "fixturenames", ()) or expected, item.nodeid


def test_nothing_else_asks_for_it() -> None:
    options = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["pytest"]["ini_options"]
    assert not [name for name in options if name.startswith("rerun")]
    for path in (ROOT / "pyproject.toml", ROOT / "Makefile", *(ROOT / ".ci").iterdir()):
        assert "--reruns" not in path.read_text() and "force-reruns" not in path.read_text(), path
