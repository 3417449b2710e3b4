"""Holds the interface's words: each in every language, and all of them plain."""

from __future__ import annotations

import re
import string
from functools import cache
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po

from storyhub.config import ROOT
from storyhub.languages import DEFAULT, LANGUAGES

TRANSLATIONS = ROOT / "storyhub" / "translations"
KEYWORDS = {
    "_": None,
    "gettext": None,
    "lazy_gettext": None,
    "_l": None,
    "ngettext": (1, 2),
    "lazy_ngettext": (1, 2),
    "pgettext": ((1, "c"), 2),
    "lazy_pgettext": ((1, "c"), 2),
}
OTHERS = [code for code in LANGUAGES if code != DEFAULT]
NEVER = {
    r"!": "nothing shouts here",
    r"\bsubmi\w*": "say send",
    r"\bcontents?\b(?! notes?\b)": "say story or words",
    r"\busers?\b": "say contributor, reader, or what the person does",
    r"\bvictims?\b": "say contributor",
    r"\bposts?\b": "say story",
    r"\bplease note\b": "say it",
    r"\bclick\b": "not everybody has a mouse",
    r"\bcomments?\b": "say response or note",
    r"\binvalid\b": "say what would be right",
}
PLACEHOLDER = re.compile(r"%\([a-z_]+\)[sd]|%%")


@cache
def extracted() -> dict[tuple[str, ...], list[str]]:
    """Every msgid (with its plural) of code and templates, and where it stands."""
    with (TRANSLATIONS / "babel.cfg").open() as file:
        methods, options = parse_mapping_cfg(file)
    found: dict[tuple[str, ...], list[str]] = {}
    for name, line, message, _comments, _context in extract_from_dir(
        str(ROOT), methods, options, KEYWORDS, directory_filter=lambda path: Path(path).name in KEPT or _inside(path)
    ):
        ids = message if isinstance(message, tuple) else (message,)
        found.setdefault(tuple(ids), []).append(f"{name}:{line}")
    return found


KEPT = {"storyhub", "templates"}


def _inside(path: str) -> bool:
    return Path(path).relative_to(ROOT).parts[0] in KEPT


def catalogue(code: str) -> Catalog:
    with (TRANSLATIONS / code / "LC_MESSAGES" / "messages.po").open("rb") as file:
        return read_po(file, locale=code)


def ids_of(message: Message) -> tuple[str, ...]:
    return tuple(message.id) if isinstance(message.id, list | tuple) else (str(message.id),)


def strings_of(message: Message) -> list[str]:
    return list(message.string) if isinstance(message.string, list | tuple) else [str(message.string)]


def test_there_is_something_to_say() -> None:
    assert len(extracted()) > 40


@pytest.mark.parametrize("code", OTHERS)
def test_every_string_is_translated(code: str) -> None:
    known = {ids_of(message): message for message in catalogue(code) if message.id}
    missing = [f"{ids[0]!r} ({where[0]})" for ids, where in extracted().items() if ids not in known]
    assert not missing, f"{len(missing)} strings are not in {code}: make strings\n" + "\n".join(missing[:50])
    empty = [ids[0] for ids in extracted() if not all(strings_of(known[ids]))]
    assert not empty, f"{len(empty)} strings have no words in {code}:\n" + "\n".join(empty[:50])
    fuzzy = [ids[0] for ids in extracted() if known[ids].fuzzy]
    assert not fuzzy, f"not looked over in {code}: {fuzzy}"


@pytest.mark.parametrize("code", OTHERS)
def test_no_translation_is_left_of_words_that_are_gone(code: str) -> None:
    gone = [ids_of(message)[0] for message in catalogue(code) if message.id and ids_of(message) not in extracted()]
    assert gone == []


@pytest.mark.parametrize("code", OTHERS)
def test_placeholders_survive_translation(code: str) -> None:
    """A form of a plural may leave out the number, as Arabic does for one and two; it may bring in nothing new."""
    for message in catalogue(code):
        if not message.id:
            continue
        wanted = set(PLACEHOLDER.findall(ids_of(message)[-1]))
        forms = strings_of(message)
        for form in forms:
            has = set(PLACEHOLDER.findall(form))
            spare = {"%(num)s"} if len(forms) > 1 else set()
            assert has <= wanted, f"{ids_of(message)[0]!r}: {form!r}"
            assert wanted - spare <= has, f"{ids_of(message)[0]!r}: {form!r}"


@pytest.mark.parametrize("code", OTHERS)
def test_every_form_of_the_plural_has_words(code: str) -> None:
    words = catalogue(code)
    for message in words:
        if message.id and len(ids_of(message)) == 2:
            assert len(strings_of(message)) == words.num_plurals, message.id


def test_words_are_plain_and_kind() -> None:
    faults = [
        f"{text!r} ({where[0]}): {why}"
        for ids, where in extracted().items()
        for text in ids
        for pattern, why in NEVER.items()
        if re.search(pattern, text, re.IGNORECASE)
    ]
    assert not faults, "\n".join(faults)


def test_placeholders_have_names() -> None:
    """Words stand in another order elsewhere: `%s` could not follow them."""
    for ids in extracted():
        for text in ids:
            bare = PLACEHOLDER.sub("", text)
            # A lone per cent sign is only a sign; one before a letter or a bracket would be read as a place.
            assert not re.search(r"%[sdr(]", bare), text
            assert not [name for _, name, _, _ in string.Formatter().parse(text.replace("%", "")) if name == ""], text


def test_sentences_are_whole() -> None:
    """A string that begins or ends in a space is a piece of a sentence, which nobody can translate."""
    pieces = [ids[0] for ids in extracted() if ids[0] != ids[0].strip() and ids[0].strip(" ,·،")]
    assert pieces == []
