"""Invented stories, put together from sentences that were written for this: nothing of it happened to anybody."""

from __future__ import annotations

import random
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from storyhub.models.story import Setting, Told, Use

FOLDER = Path(__file__).parent / "invented"
FIRST_YEAR, LAST_YEAR = 2008, 2025


@dataclass(frozen=True)
class Invented:
    """A story that nobody told."""

    told: Told
    themes: tuple[str, ...]
    content_notes: tuple[str, ...]
    consent: tuple[Use, ...]
    days_ago: int


@cache
def read(name: str) -> dict[str, Any]:
    """One of the files of sentences."""
    return tomllib.loads((FOLDER / f"{name}.toml").read_text("utf-8"))


def invent(seed: int, number: int) -> Invented:
    """The story with this number: the same one whenever it is asked for with the same seed."""
    chance = random.Random(f"{seed} {number}")  # noqa: S311 - nothing here is secret
    plan = read("plan")
    language = _language(chance, plan["languages"])
    words = read(language)
    event = chance.randrange(len(plan["events"]))
    other = chance.choice([None, *range(len(plan["others"]))])
    after = chance.randrange(len(plan["afters"]))
    parts = [plan["events"][event], plan["afters"][after]] + ([] if other is None else [plan["others"][other]])
    setting = Setting(plan["events"][event]["setting"])
    return Invented(
        told=Told(
            text=_text(chance, language, event, other, after),
            title=chance.choice(words["titles"]) if chance.random() < 0.6 else "",
            name=chance.choice(words["names"]) if chance.random() < 0.3 else "",
            language=language,
            country=chance.choice(plan["languages"][language]["countries"]) if chance.random() < 0.9 else None,
            setting=setting if chance.random() < 0.9 else None,
            happened=_happened(chance),
            show=tuple(fact for fact in ("name", "setting", "month") if chance.random() < 0.6),
        ),
        themes=tuple(dict.fromkeys(theme for part in parts for theme in part["themes"])),
        content_notes=tuple(plan["events"][event].get("notes", ())),
        consent=tuple(use for use in Use if chance.random() < 0.45),
        days_ago=chance.randrange(400),
    )


def _language(chance: random.Random, languages: dict[str, dict[str, Any]]) -> str:
    return chance.choices(list(languages), [facts["share"] for facts in languages.values()])[0]


def _happened(chance: random.Random) -> str | None:
    if chance.random() < 0.1:
        return None
    year = str(chance.randint(FIRST_YEAR, LAST_YEAR))
    return f"{year}-{chance.randint(1, 12):02d}" if chance.random() < 0.4 else year


def _text(chance: random.Random, language: str, event: int, other: int | None, after: int) -> str:
    """Two or three short paragraphs: what happened, how it was, and, more often than not, a wish."""
    words, gap = read(language), "" if language == "zh" else " "
    first = [chance.choice(words["openings"]), words["events"][event]]
    if other is not None:
        first.append(words["others"][other])
    second = [chance.choice(words["feelings"]), words["afters"][after]]
    chance.shuffle(second)
    thanks = read("plan")["thanks"]
    wishes = [wish for number, wish in enumerate(words["wishes"]) if number != thanks or other in (0, 1)]
    third = chance.sample(wishes, chance.choice((0, 1, 1, 1, 2)))
    return "\n\n".join(gap.join(paragraph) for paragraph in (first, second, third) if paragraph)
