"""A codebook as QDC, the REFI-QDA codebook exchange 1.0, which programs of qualitative analysis read and write.

The standard (qdasoftware.org, REFI-QDA 1.5, chapter 5) has one name and one description for a code. So the name in the
site's own language is the name, the definition opens the description, and what else a theme says follows in parts with
headings such as [use_when:en], which people can read and `read_qdc` takes apart again. Themes that are retired are in
a set of their own.

Read with Expat itself; a document type is refused, because that is where XML hides its traps. Programs differ: prefixes
and names of the namespace are not looked at, and a code may lack its identifier or its description.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from xml.parsers import expat
from xml.sax.saxutils import escape, quoteattr

from storyhub.text import incoming
from storyhub.text.codebook.entries import COLUMNS, KINDS, LANGUAGE, WORDS, Entry, Unreadable, guid_of

NAMESPACE = "urn:QDA-XML:codebook:1.0"
HEADING = re.compile(rf"\[(?:({'|'.join(KINDS)}):({LANGUAGE})|(slug|merged_into))\]")
PART = re.compile(rf"(?:^|\n\n){HEADING.pattern}\n")
LOOKS_LIKE_ONE = re.compile(rf"^(?=\\*{HEADING.pattern}$)", re.MULTILINE)
ESCAPED = re.compile(rf"^\\(?=\\*{HEADING.pattern}$)", re.MULTILINE)
NO_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")  # what XML 1.0 can't hold
GUID = re.compile(r"\{?([0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})\}?")
RETIRED = guid_of("set:retired")  # no slug holds a colon
DEEPEST = 50
MOST_THEMES = 5_000
LONGEST_TEXT = 100_000  # characters
CHUNK = 64 * 1024


def write_qdc(entries: Iterable[Entry], language: str, origin: str, retired: str) -> bytes:
    """The file. `language` is the site's own; `origin` names the program, `retired` the set of what is retired."""
    listed = list(entries)
    children: dict[str, list[Entry]] = {}
    keys = {entry.key for entry in listed}
    for entry in listed:
        children.setdefault(entry.parent if entry.parent in keys else "", []).append(entry)
    lines = [f'<?xml version="1.0" encoding="utf-8"?>\n<CodeBook xmlns="{NAMESPACE}" origin={_quoted(origin)}>']
    lines += ["<Codes>", *(line for entry in children.get("", []) for line in _code(entry, children, language))]
    lines.append("</Codes>")
    members = [_guid(entry) for entry in listed if entry.retired]
    lines.append(f'<Sets><Set guid="{RETIRED}" name={_quoted(retired)}>')
    lines += [f'<MemberCode guid="{guid}"/>' for guid in members]
    lines.append("</Set></Sets>\n</CodeBook>\n")
    return "\n".join(lines).encode()


def read_qdc(data: bytes, language: str) -> list[Entry]:
    """The codes of a file, parents before what stands under them. Raises Unreadable."""
    reader = _Reader()
    reader.read(data)
    sets = reader.sets
    retired = {guid.lower() for guid in sets.get(RETIRED, [])} if RETIRED in sets else None
    by_key: dict[str, str] = {}
    entries = []
    for number, code in enumerate(reader.codes, start=1):
        guid = code.guid.lower() if code.guid and code.guid not in by_key else None
        key = guid or f"code {number}"
        by_key.setdefault(code.guid, key)
        code.key = key
        entries.append(_entry(code, key, guid, number, language, retired))
    return entries


def described(entry: Entry, language: str) -> str:
    """The description of a theme: its definition, then all its other texts in parts."""
    opening = entry.words.get("definitions", {}).get(language, "")
    parts = [LOOKS_LIKE_ONE.sub(r"\\", opening)] if opening else []
    for kind in WORDS:
        for code, text in entry.words.get(kind, {}).items():
            if text and (kind, code) not in {("names", language), ("definitions", language)}:
                parts.append(f"[{COLUMNS[kind]}:{code}]\n" + LOOKS_LIKE_ONE.sub(r"\\", text))
    parts += [f"[slug]\n{entry.slug}"] if entry.slug else []
    parts += [f"[merged_into]\n{entry.merged_into}"] if entry.merged_into else []
    return "\n\n".join(parts)


def parts_of(description: str, language: str) -> tuple[dict[str, dict[str, str]], dict[str, str]]:
    """What `described` was given: the texts by kind and language, and the facts ("slug", "merged_into")."""
    words: dict[str, dict[str, str]] = {}
    facts: dict[str, str] = {}
    opening, *rest = PART.split(description)
    if opening:
        words["definitions"] = {language: ESCAPED.sub("", opening)}
    for place in range(0, len(rest), 4):
        column, code, fact, text = rest[place : place + 4]
        if fact:
            facts[fact] = text.strip()
        else:
            words.setdefault(KINDS[column], {})[code] = ESCAPED.sub("", text)
    return words, facts


def _code(entry: Entry, children: Mapping[str, list[Entry]], language: str) -> Iterable[str]:
    name = entry.words.get("names", {}).get(language) or entry.slug or entry.key
    codable = "false" if entry.retired else "true"
    yield f'<Code guid="{_guid(entry)}" name={_quoted(name)} isCodable="{codable}">'
    if description := described(entry, language):
        yield f"<Description>{escape(_held(description))}</Description>"
    for child in children.get(entry.key, []):
        yield from _code(child, children, language)
    yield "</Code>"


def _guid(entry: Entry) -> str:
    return entry.guid or guid_of(entry.slug or entry.key)


def _quoted(text: str) -> str:
    return quoteattr(_held(text))


def _held(text: str) -> str:
    return NO_XML.sub("\ufffd", text)


def _entry(code: _Code, key: str, guid: str | None, number: int, language: str, retired: set[str] | None) -> Entry:
    words, facts = parts_of(_clean("".join(code.description)), language)
    words["names"] = words.get("names", {}) | {language: _clean(code.name)}
    return Entry(
        key=key,
        where=number,
        slug=facts.get("slug"),
        guid=guid,
        words=words,
        parent=code.above.key if code.above else "",
        retired=None if retired is None else code.guid in retired,
        merged_into=facts.get("merged_into"),
    )


def _clean(text: str) -> str:
    if len(text) > LONGEST_TEXT:
        raise Unreadable("too-long")
    try:
        return incoming.clean(text)
    except incoming.NotText as error:
        raise Unreadable("encoding") from error


@dataclass
class _Code:
    guid: str
    name: str
    above: _Code | None
    key: str = ""
    description: list[str] = field(default_factory=list)


class _Reader:
    """Expat's events, gathered into codes and sets."""

    def __init__(self) -> None:
        self.codes: list[_Code] = []
        self.sets: dict[str, list[str]] = {}
        self._open: list[_Code] = []
        self._set: list[str] | None = None
        self._path: list[str] = []

    def read(self, data: bytes) -> None:
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._characters
        parser.StartDoctypeDeclHandler = self._refuse
        parser.EntityDeclHandler = self._refuse
        try:
            for place in range(0, len(data), CHUNK):
                parser.Parse(data[place : place + CHUNK], False)
            parser.Parse(b"", True)
        except (expat.ExpatError, ValueError, LookupError) as error:
            if isinstance(error, Unreadable):
                raise
            raise Unreadable("xml", getattr(error, "lineno", None)) from error

    def _refuse(self, *_declaration: object) -> None:
        raise Unreadable("doctype")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        local = name.rpartition(":")[2]
        if not self._path and local not in ("CodeBook", "Project"):
            raise Unreadable("no-codebook")
        self._path.append(local)
        if local == "Code" and "Codes" in self._path:
            self._begin_code(attributes)
        elif local == "Set":
            self._set = self.sets.setdefault(_guid_in(attributes), [])
        elif local == "MemberCode" and self._set is not None:
            self._set.append(_guid_in(attributes) or _guid_in({"guid": attributes.get("targetGUID", "")}))

    def _begin_code(self, attributes: dict[str, str]) -> None:
        if len(self._open) >= DEEPEST:
            raise Unreadable("too-deep")
        if len(self.codes) >= MOST_THEMES:
            raise Unreadable("too-many")
        code = _Code(_guid_in(attributes), attributes.get("name", ""), self._open[-1] if self._open else None)
        self._open.append(code)
        self.codes.append(code)

    def _characters(self, words: str) -> None:
        if self._open and self._path[-2:] == ["Code", "Description"]:
            self._open[-1].description.append(words)

    def _end(self, _name: str) -> None:
        local = self._path.pop()
        if local == "Code" and self._open:
            self._open.pop()
        elif local == "Set":
            self._set = None


def _guid_in(attributes: Mapping[str, str]) -> str:
    """An identifier as programs write it: in braces or without, in capitals or not."""
    found = GUID.fullmatch(attributes.get("guid", "").strip())
    return found[1].lower() if found else ""
