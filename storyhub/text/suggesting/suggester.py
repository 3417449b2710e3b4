"""Suggesting themes for stories from what was learned, with how sure it is; and saying why where there is nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from storyhub.text.nearness import meaning
from storyhub.text.suggesting import features
from storyhub.text.suggesting.learned import Floats, Learned, Marks, unpacked
from storyhub.text.suggesting.together import odds_of_themes

__all__ = ["METHODS", "Suggested", "Suggester", "WhyNone"]

AT_ONCE = 500
LIKELY = 0.5
# By words, by meaning too. The number changes when what is told from the same stories does.
METHODS = ("words-3", "sentences-3")
# No words that it knows; nobody coded stories in this language, and it can't tell from others; not sure of any theme.
WhyNone = Literal["words", "language", "unsure"]


@dataclass(frozen=True)
class Suggested:
    """Themes with how sure it is, 0 to 1, the surest first. `why` there are none; None where there are.

    `every`: all themes that it can tell in this language, also those that it does not suggest.
    """

    themes: tuple[tuple[str, float], ...]
    why: WhyNone | None
    every: tuple[tuple[str, float], ...] = ()

    @property
    def likely(self) -> tuple[str, ...]:
        """Themes that are more likely there than not: most yes and no are right so."""
        return tuple(theme for theme, sure in self.every if sure >= LIKELY)


class Suggester:
    """Reads what `learn` packed. Raises Unlike for other bytes, NotInstalled where they need the encoder."""

    def __init__(self, data: bytes) -> None:
        self.learned: Learned = unpacked(data)
        self.with_meaning = bool(len(self.learned.meant))
        if self.with_meaning:
            meaning.is_wanted("sentences")
        spoken = sorted({str(one) for one in self.learned.languages[self.learned.spoken.any(axis=1)]} - {""})
        self.only_language = spoken[0] if len(spoken) == 1 else ""

    @property
    def method(self) -> str:
        """What it goes by."""
        return METHODS[self.with_meaning]

    def suggest(self, texts: Sequence[str], languages: Sequence[str | None]) -> list[Suggested]:
        """What fits each text; `languages` as BCP 47 tags, None where a story's is unknown."""
        found: list[Suggested] = []
        for start in range(0, len(texts), AT_ONCE):
            part = slice(start, start + AT_ONCE)
            found += self._some([text[: features.LONGEST] for text in texts[part]], languages[part])
        return found

    def _some(self, texts: Sequence[str], languages: Sequence[str | None]) -> list[Suggested]:
        learned = self.learned
        rows = features.weighed(features.counted(texts), learned.rare)
        odds = np.asarray(rows @ learned.weights) + learned.bias
        odds_abroad = np.full_like(odds, -np.inf)
        reads = np.diff(rows.indptr) > 0
        meant = np.zeros(len(texts), bool)
        if self.with_meaning:
            vectors = meaning.vectors(texts)
            meant = np.any(vectors, axis=1)
            odds += vectors @ learned.meant
            odds_abroad = vectors @ learned.abroad + learned.abroad_bias
        if len(learned.sets):
            of_sets = np.asarray(rows @ learned.set_weights) + learned.set_bias
            odds += odds_of_themes(of_sets, learned.sets) * learned.set_trust
        found = []
        for place, tag in enumerate(languages):
            at_home, abroad = self._where(base(tag) or self.only_language)
            told = at_home | abroad
            at_home, abroad = at_home & reads[place], abroad & meant[place]
            sure = _sure(np.where(at_home, odds[place], odds_abroad[place]))
            cuts = np.where(at_home, learned.cuts, np.where(abroad, np.maximum(learned.cuts, 0.5), np.inf))
            chosen, every = self._listed(sure, sure >= cuts), self._listed(sure, at_home | abroad)
            why: WhyNone = "unsure" if len(every) else "words" if told.any() else "language"
            found.append(Suggested(chosen, None if chosen else why, every))
        return found

    def _where(self, language: str) -> tuple[Marks, Marks]:
        """Which themes can be told in a language from stories in it, and which from those in others alone."""
        learned = self.learned
        spoken = learned.spoken[learned.languages == language].any(axis=0)
        can_cross = self.with_meaning and language in meaning.LANGUAGES and language not in learned.kept_out
        return spoken, ~spoken & learned.crosses & can_cross

    def _listed(self, sure: Floats, chosen: Marks) -> tuple[tuple[str, float], ...]:
        order: NDArray[np.int64] = np.flatnonzero(chosen)
        order = order[np.argsort(-sure[order], kind="stable")]
        return tuple((str(self.learned.themes[one]), round(float(sure[one]), 3)) for one in order)


def base(tag: str | None) -> str:
    """A language without its country: stories in pt-BR are read as those in pt."""
    return (tag or "").partition("-")[0].lower()


def _sure(odds: Floats) -> Floats:
    return (1 / (1 + np.exp(-np.clip(odds, -30, 30)))).astype(np.float32)
