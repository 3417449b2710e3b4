"""Reads any .qdpx, as a program that didn't write it: by the standard alone, with nothing of how ours is made."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, BinaryIO

from lxml import etree  # type: ignore[import-untyped]

Q = "{urn:QDA-XML:project:1.0}"
SCHEMA = Path(__file__).parent / "refi" / "Project.xsd"


@dataclass(frozen=True)
class Passage:
    """Coded words: `words` is None where the archive lacks the text, as in a project that was sent without it."""

    code: str
    coder: str | None
    source: str
    start: int
    end: int
    words: str | None
    name: str


@dataclass
class Project:
    xml: Any
    names: list[str]
    texts: dict[str, str | None] = field(default_factory=dict)  # by a source's guid
    passages: list[Passage] = field(default_factory=list)
    cases: dict[str, dict[str, str]] = field(default_factory=dict)  # a case's variables by its name
    words_of_case: dict[str, list[str]] = field(default_factory=dict)

    def words_coded(self, code: str) -> list[str | None]:
        return [passage.words for passage in self.passages if passage.code == code]


@cache
def schema() -> Any:
    return etree.XMLSchema(etree.parse(str(SCHEMA)))


def read_project(file: BinaryIO | Path) -> Project:
    with zipfile.ZipFile(file) as archive:
        assert archive.testzip() is None
        names = archive.namelist()
        (project,) = (name for name in names if name.lower() == "project.qde")
        found = Project(etree.fromstring(archive.read(project)), names)
        for source in found.xml.iter(f"{Q}TextSource"):
            found.texts[source.get("guid")] = _text_of(source, archive)
    _read_passages(found)
    _read_cases(found)
    return found


def _text_of(source: Any, archive: zipfile.ZipFile) -> str | None:
    within = source.findtext(f"{Q}PlainTextContent")
    path = source.get("plainTextPath")
    assert within is None or path is None, "either the text or where it is"
    if within is not None:
        return str(within)
    names = {name.lower(): name for name in archive.namelist()}
    name = names.get(path.replace("internal://", "sources/").lower())
    return archive.read(name).decode() if name else None


def _read_passages(found: Project) -> None:
    codes = {code.get("guid"): code.get("name") for code in found.xml.iter(f"{Q}Code")}
    coders = {one.get("guid"): one.get("name") for one in found.xml.iter(f"{Q}User")}
    for source, selection in _selections(found.xml):
        start, end = (int(selection.get(f"{which}Position")) for which in ("start", "end"))
        text = found.texts[source.get("guid")]
        for coding in selection.iterfind(f"{Q}Coding"):
            code = codes[coding.find(f"{Q}CodeRef").get("targetGUID")]
            coder = coders.get(coding.get("creatingUser"))
            words = None if text is None else text[start:end]
            name = selection.get("name")
            found.passages.append(Passage(code, coder, source.get("name"), start, end, words, name))


def _selections(xml: Any) -> Iterator[tuple[Any, Any]]:
    for source in xml.iter(f"{Q}TextSource"):
        for selection in source.iterfind(f"{Q}PlainTextSelection"):
            yield source, selection


def _read_cases(found: Project) -> None:
    variables = {one.get("guid"): one.get("name") for one in found.xml.iter(f"{Q}Variable")}
    sources = {one.get("guid"): one for one in found.xml.iter(f"{Q}TextSource")}
    selections = {one.get("guid"): (source, one) for source, one in _selections(found.xml)}
    for case in found.xml.iter(f"{Q}Case"):
        refers = [one.get("targetGUID") for one in case.iterfind(f"{Q}SourceRef")]
        name = case.get("name") or sources[refers[0]].get("name")
        found.cases[name] = {
            variables[value.find(f"{Q}VariableRef").get("targetGUID")]: value[1].text
            for value in case.iterfind(f"{Q}VariableValue")
        }
        found.words_of_case[name] = [
            (found.texts[source.get("guid")] or "")[int(one.get("startPosition")) : int(one.get("endPosition"))]
            for ref in case.iterfind(f"{Q}SelectionRef")
            for source, one in [selections[ref.get("targetGUID")]]
        ]
