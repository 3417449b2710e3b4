"""What the page about suggestions shows: when and from what it was learned, how well each theme is told, what waits."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from storyhub import languages
from storyhub.models.suggested import SuggestionModel
from storyhub.models.theme import Theme
from storyhub.text import suggesting as learning
from storyhub.themes import suggesting


@dataclass(frozen=True)
class Told:
    """How well one theme is told, in per cent; `is_suggested` when it is good enough."""

    name: str
    slug: str
    given: int
    precision: int
    recall: int
    f1: int
    is_suggested: bool


@dataclass(frozen=True)
class Missing:
    name: str
    slug: str
    more: int


@dataclass(frozen=True)
class Spoken:
    """A language, and how many coded stories it was learned from. The last two when it was left out, in per cent."""

    name: str
    stories: int
    precision: int | None = None
    recall: int | None = None


@dataclass(frozen=True)
class Page:
    """`is_older`: another version learned it, so that nothing new is looked through before this one has learned."""

    learned_on: dt.date | None
    stories: int
    with_meaning: bool
    is_older: bool
    exact: int
    right: int
    told: list[Told]
    missing: list[Missing]
    spoken: list[Spoken]
    is_measured_abroad: bool
    waiting: list[suggesting.Waiting]
    floor: int
    fewest: int


def page(session: Session, model: SuggestionModel | None, language: str) -> Page:
    """All of it, with names in the interface's language."""
    facts: dict[str, Any] = dict(model.quality) if model is not None else {}
    ids = {int(one["theme"]) for one in facts.get("themes", ())} | set(map(int, facts.get("missing", ())))
    themes = {theme.id: theme for theme in session.scalars(sa.select(Theme).where(Theme.id.in_(ids)))}
    abroad = facts.get("abroad") or {}
    return Page(
        learned_on=model.learned_on if model is not None else None,
        stories=model.stories if model is not None else 0,
        with_meaning=model is not None and model.method.startswith("sentences"),
        is_older=model is not None and model.method not in learning.METHODS,
        exact=per_cent(facts.get("exact", 0)),
        right=per_cent(facts.get("hamming", 0)),
        told=[_told(themes[int(one["theme"])], one, language) for one in facts.get("themes", ())
              if int(one["theme"]) in themes],
        missing=[
            Missing(themes[int(one)].name_in(language), themes[int(one)].slug, more)
            for one, more in facts.get("missing", {}).items()
            if int(one) in themes and not themes[int(one)].retired
        ],
        spoken=[_spoken(code, count, abroad, language) for code, count in _most_first(facts.get("languages", {}))],
        is_measured_abroad=bool(abroad),
        waiting=suggesting.waiting_by_theme(session),
        floor=per_cent(learning.LEAST_PRECISION),
        fewest=learning.FEWEST_OF_THEME,
    )  # fmt: skip


def per_cent(share: float) -> int:
    """Cut, never rounded up: what is below a half isn't shown as one."""
    return int(share * 100 + 1e-9)


def _told(theme: Theme, facts: dict[str, Any], language: str) -> Told:
    return Told(
        name=theme.name_in(language),
        slug=theme.slug,
        given=facts["given"],
        precision=per_cent(facts["precision"]),
        recall=per_cent(facts["recall"]),
        f1=per_cent(facts["f1"]),
        is_suggested=facts["cut"] is not None,
    )


def _spoken(code: str, stories: int, abroad: dict[str, Any], language: str) -> Spoken:
    measured = abroad.get("languages", {}).get(code)
    return Spoken(
        name=languages.name(code, language) if code else "",
        stories=stories,
        precision=per_cent(measured["precision"]) if measured else None,
        recall=per_cent(measured["recall"]) if measured else None,
    )


def _most_first(counts: dict[str, int]) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))
