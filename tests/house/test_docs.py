"""What the documents name is there: a map that leads nowhere is worse than none."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from storyhub.config import KNOWN, ROOT

DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
PATH = re.compile(r"`((?:storyhub|templates|tests|static|migrations|deploy|bench|docs)/[\w./-]*)`")
LINK = re.compile(r"\]\(([^)#\s]+)\)")


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_file_and_link_that_a_document_names_is_there(document: Path) -> None:
    words = document.read_text("utf-8")
    named = {ROOT / path for path in PATH.findall(words)}
    named |= {document.parent / link for link in LINK.findall(words) if "://" not in link}
    missing = sorted(str(path.relative_to(ROOT)) for path in named if not path.exists())
    assert missing == []


def test_every_setting_is_explained_and_nothing_else_is() -> None:
    explained = set(re.findall(r"STORYHUB_[A-Z_]+", (ROOT / "docs" / "running.md").read_text("utf-8")))
    assert explained == KNOWN


def test_every_promise_says_what_keeps_it_and_what_holds_it() -> None:
    rows = re.findall(r"(?m)^\| (\d+) \| (.+) \| (.+) \| (.+) \|$", (ROOT / "docs" / "promises.md").read_text("utf-8"))
    assert [int(number) for number, *_ in rows] == list(range(1, 20))
    for number, promise, kept_by, fails in rows:
        assert promise.endswith((".", ")")), number
        named = re.findall(r"`((?:storyhub|templates|static|deploy|tests)/[^`]*)`", kept_by + fails)
        assert [path for path in named if not (ROOT / path).exists()] == [], number
        assert re.search(r"`(storyhub|templates|static|deploy)/", kept_by), number
        assert "`tests/" in fails, number


def test_every_make_target_that_a_document_names_exists() -> None:
    targets = set(re.findall(r"(?m)^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8")))
    for document in DOCUMENTS:
        for target in re.findall(r"(?:`|^ {4})make ([a-z-]+)", document.read_text("utf-8"), re.MULTILINE):
            assert target in targets, f"{document.name}: make {target}"


def test_the_repository_speaks_of_itself_alone() -> None:
    """No host of a package registry and no path of the machine on which it was written."""
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False).stdout.split()
    forbidden = re.compile(
        "|".join(("pypi" + r"\.org", "python" + "hosted", "npmjs" + r"\.", "deb" + r"\.debian", "/work" + "/main"))
    )
    for name in tracked:
        path = ROOT / name
        if path.suffix in (".png", ".jpg", ".woff2") or not path.is_file():
            continue
        assert not forbidden.search(path.read_text("utf-8", "replace")), name
