"""Holds the templates: where they live, and that no words become markup and nothing is inline."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from storyhub.config import ROOT
from tests.house.test_layers import ROOMS, TREES, part_of

TEMPLATES = ROOT / "templates"
SHARED = {"layout", "components", "errors"}
FILES = sorted(path for path in TEMPLATES.rglob("*") if path.is_file())
SOURCES = {str(path.relative_to(TEMPLATES)): path.read_text("utf-8") for path in FILES}
COMMENT = re.compile(r"\{#.*?#\}", re.DOTALL)
FORBIDDEN = {
    r"\|\s*safe\b": "words must never be declared safe: protection.sanitising returns what may be printed",
    r"autoescape\s+false": "everything is escaped",
    r"<style\b": "styles live in static/css",
    r"\sstyle\s*=": "styles live in static/css",
    r"<script(?![^>]*\ssrc=)": "scripts live in static/js",
    r"\son[a-z]+\s*=\s*[\"']": "scripts live in static/js",
    r"javascript:": "scripts live in static/js",
    r"(?:src|href|action)\s*=\s*[\"']?https?://": "nothing is loaded from elsewhere",
}
NOT_HTML = (".txt", ".xml", ".atom")


def used() -> dict[str, set[str]]:
    """Templates named by the code of each part of the house."""
    found: dict[str, set[str]] = {}
    for name, tree in TREES.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value in SOURCES:
                found.setdefault(node.value, set()).add(part_of(name))
    return found


def test_templates_mirror_the_rooms() -> None:
    folders = {path.relative_to(TEMPLATES).parts[0] for path in FILES}
    assert folders <= ROOMS | SHARED
    for template, parts in used().items():
        folder = Path(template).parts[0]
        if folder in ROOMS:
            assert parts <= {folder}, f"{template} is used by {parts}"


def test_no_template_is_left_over() -> None:
    named = "\n".join(SOURCES.values())
    # The libraries' templates are named in settings, by their path.
    code = used()
    over = [name for name in SOURCES if name not in code and f'"{name}"' not in named and f"'{name}'" not in named]
    assert over == []


@pytest.mark.parametrize("name", SOURCES)
def test_words_stay_words_and_nothing_is_inline(name: str) -> None:
    source = COMMENT.sub("", SOURCES[name])
    for pattern, why in FORBIDDEN.items():
        if name.endswith(NOT_HTML) and "href" in pattern:
            continue
        found = re.search(pattern, source, re.IGNORECASE)
        assert not found, f"{found.group() if found else ''!r}: {why}"
