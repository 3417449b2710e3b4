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

__all__ = ["Suggested", "Suggester", "WhyNone"]

AT_ONCE = 500
# No words that it knows; nobody coded stories in this language, and it can't tell from others; not sure of any theme.
WhyNone = Literal["words", "language", "unsure"]


@dataclass(frozen=True)
class Suggested:
    """Themes with how sure it is, 0 to 1, the surest first. `why` there are none; None where there are."""

    themes: tuple[tuple[str, float], ...]
    why: WhyNone | None


class Suggester:
    """Reads what `learn` packed. Raises Unlike for other bytes, NotInstalled where they need the encoder."""

    def __init__(self, data: bytes) -> None:
        self.learned: Learned = unpacked(data)
        self.with_meaning = bool(len(self.learned.meant))
        if self.with_meaning:
            meaning.is_wanted("sentences")

    @property
    def method(self) -> str:
        """What it goes by; the number changes when what is told from the same stories does."""
        return "sentences-2" if self.with_meaning else "words-2"

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
        found = []
        for place, tag in enumerate(languages):
            at_home, abroad = self._where(base(tag))
            at_home, abroad = at_home & reads[place], abroad & meant[place]
            sure = _sure(np.where(at_home, odds[place], odds_abroad[place]))
            cuts = np.where(at_home, learned.cuts, np.where(abroad, np.maximum(learned.cuts, 0.5), np.inf))
            found.append(self._chosen(sure, sure >= cuts, reads=bool(reads[place] or meant[place]), tag=tag))
        return found

    def _where(self, language: str) -> tuple[Marks, Marks]:
        """Which themes can be told in a language from stories in it, and which from those in others alone."""
        learned = self.learned
        spoken = learned.spoken[learned.languages == language].any(axis=0)
        can_cross = self.with_meaning and language in meaning.LANGUAGES and language not in learned.kept_out
        return spoken, ~spoken & learned.crosses & can_cross

    def _chosen(self, sure: Floats, chosen: Marks, *, reads: bool, tag: str | None) -> Suggested:
        order: NDArray[np.int64] = np.flatnonzero(chosen)
        order = order[np.argsort(-sure[order], kind="stable")]
        if len(order):
            return Suggested(tuple((str(self.learned.themes[one]), round(float(sure[one]), 3)) for one in order), None)
        at_home, abroad = self._where(base(tag))
        if not (at_home | abroad).any():
            return Suggested((), "language")
        return Suggested((), "unsure" if reads else "words")


def base(tag: str | None) -> str:
    """A language without its country: stories in pt-BR are read as those in pt."""
    return (tag or "").partition("-")[0].lower()


def _sure(odds: Floats) -> Floats:
    return (1 / (1 + np.exp(-np.clip(odds, -30, 30)))).astype(np.float32)
