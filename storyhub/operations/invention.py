"""Invented stories, put together from sentences that were written for this: nothing of it happened to anybody."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from storyhub.models.story import Setting, Told, Use
from storyhub.operations.chance import Chance, summed
from storyhub.operations.composing import Plan, compose

FOLDER = Path(__file__).parent / "invented"
LAST_YEAR = 2025
DAYS = 400  # within which they were released, more of them lately
SPOKEN_OF = range(150, 164)  # days ago, when something in the news let very many tell theirs
SHARE_SPOKEN_OF = 0.07
FROM_ELSEWHERE = 0.03  # the share of stories that are not from a country where their language is at home
MOST_THEMES = 6
USES = tuple(Use)


@dataclass(frozen=True)
class Invented:
    """A story that nobody told, and what readers said to it who weren't there."""

    told: Told
    themes: tuple[str, ...]
    content_notes: tuple[str, ...]
    consent: tuple[Use, ...]
    days_ago: int
    heard: int
    me_too: int


@cache
def read(name: str) -> dict[str, Any]:
    """One of the files of sentences."""
    return tomllib.loads((FOLDER / f"{name}.toml").read_text("utf-8"))


def invent(seed: int, number: int) -> Invented:
    """The story with this number: the same one whenever it is asked for with the same seed."""
    chance = Chance(f"{seed} {number}")
    spread, by_share = read("plan")["spread"], _by_share()
    language = by_share.languages[chance.place(by_share.language_sums)]
    words = read(language)
    happened, month = _happened(chance, by_share)
    composed = compose(chance, by_share.plan, words, language, chance.along(spread["words"]), month)
    return Invented(
        told=Told(
            text=composed.text,
            title=chance.one_of(words["titles"]) if chance.whether(0.5) else "",
            name=chance.one_of(words["names"]) if chance.whether(0.25) else "",
            language=language,
            country=_country(chance, language) if chance.whether(0.9) else None,
            setting=Setting(composed.setting) if chance.whether(0.9) else None,
            happened=happened,
            show=tuple(fact for fact in ("name", "setting", "month") if chance.whether(0.6)),
        ),
        themes=tuple(composed.themes[:MOST_THEMES]),
        content_notes=tuple(composed.notes),
        consent=tuple(use for use in USES if chance.whether(0.45)),
        days_ago=_days_ago(chance),
        heard=chance.along(spread["heard"]),
        me_too=chance.along(spread["me_too"]),
    )


@dataclass(frozen=True)
class _ByShare:
    """What is drawn by how often it comes up, added up once."""

    plan: Plan
    languages: Sequence[str]
    language_sums: list[float]
    years: Sequence[int]
    year_sums: list[float]
    countries: Sequence[str]


@cache
def _by_share() -> _ByShare:
    plan = read("plan")
    languages = plan["languages"]
    years = range(plan["years"]["first"], LAST_YEAR + 1)
    return _ByShare(
        plan=Plan.of(plan),
        languages=list(languages),
        language_sums=summed(facts["share"] for facts in languages.values()),
        years=years,
        year_sums=summed(_shares_of_years(plan["years"], years)),
        countries=[country for facts in languages.values() for country in facts["countries"]],
    )


def _shares_of_years(facts: dict[str, Any], years: Sequence[int]) -> list[float]:
    share, shares = 1.0, []
    for year in years:
        shares.append(share * facts["events"].get(str(year), 1))
        share *= facts["growth"]
    return shares


def _happened(chance: Chance, by_share: _ByShare) -> tuple[str | None, int | None]:
    """When it happened as it was told, and the month from 0 where that was told too."""
    if chance.whether(0.1):
        return None, None
    year = by_share.years[chance.place(by_share.year_sums)]
    if not chance.whether(0.4):
        return str(year), None
    month = chance.below(12)
    return f"{year}-{month + 1:02d}", month


def _country(chance: Chance, language: str) -> str:
    if chance.whether(FROM_ELSEWHERE):
        return chance.one_of(_by_share().countries)
    countries: list[str] = read("plan")["languages"][language]["countries"]
    return chance.first_more_often(countries)


def _days_ago(chance: Chance) -> int:
    if chance.whether(SHARE_SPOKEN_OF):
        return chance.one_of(SPOKEN_OF)
    drawn = chance.draw()
    return int(DAYS * drawn * (0.5 + 0.5 * drawn))
