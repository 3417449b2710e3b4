"""Holds the house's rules on who may import whom, by reading the code."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from storyhub.config import ROOT

PACKAGE = ROOT / "storyhub"
ROOMS = {"telling", "moderation", "feed", "themes", "exports", "accountability", "accounts"}
# Imports point left only: from a number to the same or a smaller one.
LAYERS = {
    **dict.fromkeys(("config", "clock", "extensions", "languages", "databases"), 0),
    **dict.fromkeys(("text", "drawing"), 1),
    "protection": 2,
    "models": 3,
    **dict.fromkeys(ROOMS, 4),
    **dict.fromkeys(("errors", "operations", ""), 5),
}
ALLOWED: set[tuple[str, str]] = set()
KNOW_THE_REQUEST = {
    "storyhub",
    "storyhub.errors",
    "storyhub.languages",
    "storyhub.protection.access",
    "storyhub.protection.limits.counting",
    "storyhub.protection.headers",
    "storyhub.protection.sealing",
}
NAMED_FOR_NOTHING = {"utils", "util", "helpers", "helper", "services", "service", "common", "misc", "core", "base"}


def name_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {name_of(path): path for path in sorted(PACKAGE.rglob("*.py"))}
TREES = {name: ast.parse(path.read_text("utf-8")) for name, path in MODULES.items()}


def imported(name: str) -> Iterator[tuple[str, ast.AST]]:
    """Every module that a module imports, anywhere in it, by its full name; of `from a import b` also a.b."""
    for node in ast.walk(TREES[name]):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, node
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name} imports by dots; say where from"
            for alias in node.names:
                full = f"{node.module}.{alias.name}"
                yield (full if full in MODULES else node.module or ""), node


def only_for_types(tree: ast.AST) -> set[ast.AST]:
    """What stands under `if TYPE_CHECKING:`: never imported when the code runs."""
    guarded: set[ast.AST] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
            guarded |= set(ast.walk(node))
    return guarded


def part_of(name: str) -> str:
    return name.split(".")[1] if "." in name else ""


def test_every_module_has_a_place_in_the_house() -> None:
    assert {part_of(name) for name in MODULES} - set(LAYERS) == set()


@pytest.mark.parametrize("name", MODULES)
def test_imports_point_to_what_lies_deeper(name: str) -> None:
    types = only_for_types(TREES[name])
    for other, node in imported(name):
        if other.split(".")[0] != "storyhub" or node in types or (name, other) in ALLOWED:
            continue
        mine, theirs = LAYERS[part_of(name)], LAYERS[part_of(other)]
        assert theirs <= mine, f"{name} imports {other}, line {getattr(node, 'lineno', '?')}"


@pytest.mark.parametrize("name", [name for name in MODULES if part_of(name) in ROOMS])
def test_a_room_never_imports_another_room(name: str) -> None:
    others = {part_of(other) for other, _ in imported(name) if other.startswith("storyhub.")} & ROOMS
    assert others <= {part_of(name)}


def test_only_create_app_opens_rooms_from_outside() -> None:
    for name in MODULES:
        if part_of(name) in ROOMS | {""} and part_of(name) != "operations":
            continue
        rooms = {other for other, _ in imported(name) if part_of(other) in ROOMS}
        if part_of(name) == "operations":
            # Commands do a room's verbs from the outside, never its pages.
            assert not {room for room in rooms if ".routes" in room or ".forms" in room}, name
        else:
            assert not rooms, name


def test_the_request_is_known_to_routes_and_safeguards_alone() -> None:
    for name, tree in TREES.items():
        is_route = "routes" in name.split(".")[2:]
        if is_route or name in KNOW_THE_REQUEST:
            continue
        for node in ast.walk(tree):
            taken = {alias.name for alias in node.names} if isinstance(node, ast.ImportFrom) else set()
            asked = isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "flask"
            assert "request" not in taken, f"{name} knows the request"
            assert not (asked and isinstance(node, ast.Attribute) and node.attr == "request"), name


@pytest.mark.parametrize(
    ("what", "only"), [("bleach", "storyhub.protection.sanitising"), ("nh3", "storyhub.protection.sanitising")]
)
def test_one_module_alone_sanitises(what: str, only: str) -> None:
    assert {name for name in MODULES for other, _ in imported(name) if other.split(".")[0] == what} == {only}


def test_nothing_else_declares_words_to_be_html() -> None:
    for name, tree in TREES.items():
        if name == "storyhub.protection.sanitising":
            continue
        taken = {alias.name for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) for alias in node.names}
        made = {ast.unparse(node.func).split(".")[-1] for node in ast.walk(tree) if isinstance(node, ast.Call)}
        assert not taken & {"Markup", "render_template_string"}, name
        assert not made & {"Markup", "Shown", "render_template_string"}, name


@pytest.mark.parametrize("name", MODULES)
def test_a_module_is_named_for_what_it_is_and_says_what_it_is_for(name: str) -> None:
    assert not set(name.split(".")) & NAMED_FOR_NOTHING
    if MODULES[name].read_text("utf-8").strip():
        said = ast.get_docstring(TREES[name]) or ""
        assert said.strip(), "a module opens with a sentence on what it is for"


def calls(tree: ast.AST) -> Iterator[tuple[str, str]]:
    """(what it is called on, what is called) for every call of an attribute of a name."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            yield ast.unparse(node.func.value), node.func.attr


def test_verbs_never_commit() -> None:
    for name, tree in TREES.items():
        if part_of(name) in ("models", "text", "protection"):
            assert not [of for of, what in calls(tree) if what == "commit" and "session" in of], name


def test_the_clock_alone_reads_the_time() -> None:
    reading = {("dt.datetime", "now"), ("dt.date", "today"), ("datetime", "now"), ("date", "today"), ("time", "time")}
    reading |= {("datetime.datetime", "now"), ("dt.datetime", "utcnow"), ("datetime.date", "today")}
    for name, tree in TREES.items():
        if name != "storyhub.clock":
            assert not set(calls(tree)) & reading, f"{name} reads the time by itself"


def test_forms_never_query() -> None:
    for name in MODULES:
        if name.split(".")[-1] == "forms":
            assert not {other for other, _ in imported(name) if other.split(".")[0] == "sqlalchemy"}, name
            assert not {"query", "execute", "scalars", "scalar"} & {what for _, what in calls(TREES[name])}, name
