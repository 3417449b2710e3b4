"""The two ways to turn words into a vector, and which of them is there."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from storyhub.text.nearness import meaning, words
from storyhub.text.nearness.learning import AXES, PROFILE, Learned, nothing, profiles, unit, unpacked

__all__ = ["DIMENSIONS", "Facts", "Method", "method"]

DIMENSIONS = AXES + PROFILE
Facts = Sequence[Collection[str]]

VERSION = 1  # to be raised with anything that makes new vectors unlike old ones
THEMES_COUNT = 0.7  # length of what themes say, beside 1 for what the words say: docs/likeness.md
AT_ONCE = 512  # texts, so that memory is bounded however many there are


class Method(Protocol):
    """Vectors can be compared where the names of their methods are the same, and nowhere else."""

    @property
    def name(self) -> str:
        """At most 40 characters; changes with the method, its version and what was learned."""

    @property
    def languages(self) -> tuple[str, ...]:
        """Codes of the languages that are near to each other by what they mean; none where shared words decide."""

    def vectors(self, texts: Sequence[str], facts: Facts | None = None) -> NDArray[np.int8]:
        """A unit vector times 127 for each text, (n, DIMENSIONS); zeros for a text without words or facts.

        `facts`: a few short codes for each text, such as "setting:work". Only what the story shows: likeness would
        tell the rest.
        """


@dataclass(frozen=True)
class Blend:
    """What words say or mean, and beside it which themes they speak for."""

    with_meaning: bool
    packed: bytes | None = field(default=None, repr=False)

    @property
    def name(self) -> str:
        kind = f"{'sentences' if self.with_meaning else 'words'}-{VERSION}"
        return f"{kind}+{self._fingerprint}" if self.packed else kind

    @property
    def languages(self) -> tuple[str, ...]:
        return meaning.LANGUAGES if self.with_meaning else ()

    def vectors(self, texts: Sequence[str], facts: Facts | None = None) -> NDArray[np.int8]:
        known = facts if facts is not None else [()] * len(texts)
        found = np.zeros((len(texts), DIMENSIONS), np.int8)
        for start in range(0, len(texts), AT_ONCE):
            part = slice(start, start + AT_ONCE)
            found[part] = self._some(texts[part], known[part])
        return found

    def _some(self, texts: Sequence[str], known: Facts) -> NDArray[np.int8]:
        learned = self._learned
        texts = [text[: words.LONGEST] for text in texts]
        blended = np.zeros((len(texts), DIMENSIONS), np.float32)
        weighed = words.rows(texts, known, learned.rare)
        meant = meaning.vectors(texts) if self.with_meaning else np.empty((len(texts), 0), np.float32)
        features = learned.features(meant, weighed)
        said = unit(features[:, -AXES:])
        if self.with_meaning:
            # What the encoder can't read is near to its like by shared words, and to all else by nothing but chance.
            said = np.where(np.any(meant, axis=1)[:, None], unit(features[:, :-AXES] @ learned.turn), said)
        blended[:, :AXES] = said
        has_words = np.diff(weighed.ends)[:, None] > 0
        if learned.profile.size:
            told = profiles(learned, features) * has_words
            blended[:, AXES : AXES + told.shape[1]] = THEMES_COUNT * told
        return np.round(unit(blended) * 127).astype(np.int8)

    @cached_property
    def _fingerprint(self) -> str:
        return hashlib.sha256(self.packed or b"").hexdigest()[:8]

    @cached_property
    def _learned(self) -> Learned:
        if self.packed:
            return unpacked(self.packed, with_meaning=self.with_meaning)
        return nothing(with_meaning=self.with_meaning)


def method(wanted: str | None = None, *, learned: bytes | None = None) -> Method:
    """The best method that is installed, or the wanted one: "words" or "sentences".

    `learned`: what `learn` gave for the same method. Raises NotInstalled, and Unlike for other bytes.
    """
    blend = Blend(meaning.is_wanted(wanted), learned or None)
    if learned:
        _ = blend._learned
    return blend
