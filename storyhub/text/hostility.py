"""A hint, never more, that a text may be aimed at the people who tell here rather than told by one of them.

Survivors quote what was said to them, so no word decides: a list of bad words marks one true testimony in seven. This
weighs all words and pairs of words together, was learned from English posts (SemEval 2023 task 10, EDOS, CC0), and is
silent about every other language. What it misses and what it marks wrongly is measured in docs/floods.md.

Method: logistic regression on hashed words and pairs of words (Weinberger et al., "Feature hashing", 2009).
"""

from __future__ import annotations

import math
import zlib
from array import array
from collections import Counter
from functools import cache
from importlib.resources import files
from itertools import pairwise

from storyhub.text import folding

__all__ = ["features", "may_be_aimed_at_contributors", "weight"]

BUCKETS = 1 << 16
MOST_WORDS = 400  # read of one text
SCALE = 16  # weights are kept in sixteenths, one byte each
THRESHOLD = -0.5  # log-odds: testimonies that quote abuse lie below, measured on ones that were written for it


def may_be_aimed_at_contributors(text: str, language: str | None) -> bool:
    """Whether a person should be told to expect abuse. False for what was not learned: any language but English."""
    return (language or "").partition("-")[0].lower() == "en" and weight(text) > THRESHOLD


def weight(text: str) -> float:
    """The log-odds that a post with these words was marked as abuse of women by those who read the learned ones."""
    weights, first = _learned()
    return first + sum(weights[bucket] * share for bucket, share in features(text).items()) / SCALE


def features(text: str) -> dict[int, float]:
    """Buckets of words and pairs of words, and how much of the text they are: together of length 1."""
    words = folding.tokens(text)[:MOST_WORDS]
    pairs = (f"{first} {second}" for first, second in pairwise(words))
    counted = Counter(zlib.crc32(feature.encode()) % BUCKETS for feature in (*words, *pairs))
    damped = {bucket: 1 + math.log(number) for bucket, number in counted.items()}
    length = math.sqrt(sum(number * number for number in damped.values())) or 1.0
    return {bucket: number / length for bucket, number in damped.items()}


@cache
def _learned() -> tuple[array[int], float]:
    """Weights in sixteenths, and the log-odds of a text without words. 65,537 bytes, read once."""
    kept = zlib.decompress((files("storyhub.text") / "hostility.bin").read_bytes())
    weights = array("b", kept)
    return weights[:BUCKETS], weights[BUCKETS] / SCALE
