"""The lock, the commands and what is shipped for a server hold what they promise."""

import re
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LOCK = (ROOT / "requirements.lock").read_text()
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def entries(text: str) -> dict[str, str]:
    """Each package of a part of the lock with the lines that belong to it."""
    found = re.split(r"^(?=[a-z0-9])", text, flags=re.M)[1:]
    return {re.match(r"[a-z0-9.-]+", entry)[0]: entry for entry in found}  # type: ignore[index]


def part(until: str) -> str:
    return LOCK.partition(f"# {until}:")[0]


def names(requirements: list[str]) -> set[str]:
    return {re.match(r"[A-Za-z0-9._-]+", one)[0].lower() for one in requirements}  # type: ignore[index]


def test_the_lock_names_no_registry_and_no_path() -> None:
    assert not re.search(r"https?:|file:|index-url|find-links|(^|\s)/\w", LOCK)


def test_everything_in_the_lock_has_a_hash() -> None:
    for name, entry in entries(LOCK).items():
        assert "--hash=sha256:" in entry, name


def test_the_lock_has_all_that_the_project_names() -> None:
    assert names(PROJECT["dependencies"]) <= entries(part("Drivers")).keys()
    extras = PROJECT["optional-dependencies"]
    assert names(extras["postgres"] + extras["redis"]) <= entries(part("Tests")).keys()
    assert names(extras["test"]) - {"storyhub"} <= entries(LOCK).keys()


def test_a_site_that_serves_people_installs_no_test_tools_and_no_models() -> None:
    extras = PROJECT["optional-dependencies"]
    served = entries(part("Drivers")).keys()
    assert not names(extras["test"]) & served
    assert not names(extras["multilingual"]) & served
    assert not {"torch", "transformers", "greenlet"} & served


@pytest.mark.parametrize("command", ["run", "demo", "test", "check", "bench", "help"])
def test_make_knows_and_explains_its_commands(command: str) -> None:
    said = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert re.search(rf"^  make {command} +\w", said, flags=re.M)


def test_the_unit_as_shipped_lets_no_crash_and_no_swap_keep_words() -> None:
    unit = (ROOT / "deploy/storyhub.service").read_text().splitlines()
    assert {"LimitCORE=0", "MemorySwapMax=0", "UMask=0077"} <= set(unit)
