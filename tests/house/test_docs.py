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
    promises = re.split(r"(?m)^(?=\d+\. )", (ROOT / "docs" / "promises.md").read_text("utf-8"))[1:]
    assert len(promises) == 19
    for promise in promises:
        assert re.search(r"\b[Hh]eld\b", promise), promise[:60]
        assert "`tests/" in promise, promise[:60]


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
