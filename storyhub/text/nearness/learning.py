"""What a site's own stories teach about likeness: which words are common, which go together, which themes people gave.

Methods: latent semantic analysis (Deerwester et al., "Indexing by latent semantic analysis", 1990) by a randomised
decomposition (Halko, Martinsson and Tropp, "Finding structure with randomness", 2011); a logistic regression for each
theme by accelerated gradient steps (Nesterov, 1983). The bytes hold weights of buckets, no words of anybody; they can
be learned again from the stories at any time.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields, replace
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from storyhub.text.nearness import meaning, words
from storyhub.text.nearness.words import BUCKETS, Floats, Rows

__all__ = ["AXES", "FEWEST", "PROFILE", "SAMPLE", "Learned", "Unlike", "learn", "nothing", "profiles", "unpacked"]

AXES = 224  # what a vector holds of the words themselves, or of what they mean
PROFILE = 32  # and of the themes that they speak for

FEWEST = 200  # stories: from fewer nothing is learned that holds for the next one
SAMPLE = 20_000  # stories that are learned from
STORIES_FOR_AXIS = 4  # with fewer stories for each axis they would be learned by heart
MOST_THEMES = 64  # the ones given most often
FEWEST_OF_THEME = 10  # stories that a theme was given to, or there is nothing to learn it from
STEPS = 200
RESTRAINT = 0.5  # against learning by heart: weight of the squared coefficients, beside 1 for the error at one story
FORMAT = 1


class Unlike(ValueError):
    """What was learned was learned for another method, or by an older version."""


@dataclass(frozen=True)
class Learned:
    """Weights, all float32. `meanings` is 512 with the encoder and 0 without; without themes their arrays are empty."""

    rare: Floats  # (BUCKETS,), how much a word says
    axes: Floats  # (BUCKETS, AXES), which words go together
    middle: Floats  # (meanings,), what stories mean on the whole
    turn: Floats  # (meanings, AXES), in what their meanings differ
    themes: Floats  # (meanings + AXES + 1, themes), the last row for what holds of every story
    usual: Floats  # (themes,), how likely each is of a story on the whole
    profile: Floats  # (themes, at most PROFILE), where each stands in a vector

    def features(self, meant: Floats, weighed: Rows) -> Floats:
        """What themes are told by: what is meant, beside which words go together. (n, meanings + AXES)."""
        return np.hstack([self.centred(meant), weighed.times(self.axes)])

    def centred(self, meant: Floats) -> Floats:
        """What is meant, apart from what all mean; a text without words stays at zero."""
        return unit((meant - self.middle * np.any(meant, axis=1)[:, None]).astype(np.float32, copy=False))


@cache
def nothing(*, with_meaning: bool) -> Learned:
    """What is known before anything was learned: every word says as much, axes are scattered, no theme is known."""
    meanings = meaning.MEANINGS if with_meaning else 0
    turn = upright(scattered(meanings, AXES, seed=3)) if meanings else np.empty((0, AXES), np.float32)
    return Learned(
        rare=np.ones(BUCKETS, np.float32),
        axes=scattered(BUCKETS, AXES, seed=1),
        middle=np.zeros(meanings, np.float32),
        turn=turn,
        themes=np.empty((meanings + AXES + 1, 0), np.float32),
        usual=np.empty(0, np.float32),
        profile=np.empty((0, 0), np.float32),
    )


def learn(
    texts: Sequence[str],
    themes: Sequence[Collection[str] | None],
    facts: Sequence[Collection[str]] | None = None,
    *,
    wanted: str | None = None,
) -> bytes:
    """What these stories teach, for `method(wanted, learned=...)`; b"" from fewer than FEWEST stories with words.

    `themes`: those that people gave each story; None where nobody has looked, which teaches its words alone.
    """
    texts, themes = [text[: words.LONGEST] for text in texts[:SAMPLE]], themes[:SAMPLE]
    known = facts[:SAMPLE] if facts is not None else [()] * len(texts)
    with_meaning = meaning.is_wanted(wanted)
    plain = words.rows(texts, known)
    if np.count_nonzero(np.diff(plain.ends)) < FEWEST:
        return b""
    rare = words.rarity(plain)
    weighed = words.rows(texts, known, rare)
    learned = replace(nothing(with_meaning=with_meaning), rare=rare)
    enough = len(texts) >= STORIES_FOR_AXIS * AXES
    if enough:
        learned = replace(learned, axes=_axes(weighed))
    meant = np.empty((len(texts), 0), np.float32)
    if with_meaning:
        meant = meaning.vectors(texts)
        learned = replace(learned, middle=meant.mean(axis=0))
        if enough:
            learned = replace(learned, turn=_turn(meant - learned.middle))
    return _packed(_with_themes(learned, learned.features(meant, weighed), themes), axes_learned=enough)


def profiles(learned: Learned, features: Floats) -> Floats:
    """Which themes a story is likelier to have than others are: (n, at most PROFILE), of length 1 on the whole."""
    return ((_likely(learned.themes, features) - learned.usual) @ learned.profile).astype(np.float32)


def unit(rows: Floats) -> Floats:
    """Rows of length 1; rows of zeros stay so."""
    lengths = np.sqrt(np.einsum("ij,ij->i", rows, rows))
    return (rows / np.where(lengths > 0, lengths, 1)[:, None]).astype(np.float32, copy=False)


def scattered(height: int, width: int, seed: int) -> Floats:
    """A matrix that keeps distances about as they are, the same on every machine (Achlioptas, 2003)."""
    signs = np.random.RandomState(seed).randint(0, 2, (height, width), np.int8)
    return ((2 * signs - 1) / width**0.5).astype(np.float32)


def upright(matrix: Floats) -> Floats:
    """An orthonormal basis of its columns."""
    return np.linalg.qr(matrix)[0].astype(np.float32)


# ---- Which words go together, in what meanings differ


def _axes(weighed: Rows) -> Floats:
    begun = np.random.RandomState(2).standard_normal((len(weighed), AXES + 16)).astype(np.float32)
    for _round in range(2):
        begun = weighed.times(upright(weighed.turned_times(upright(begun))))
    basis = upright(begun)
    # The right singular vectors of the rows, by way of a small matrix: rows ~ basis @ turned.T
    turned = weighed.turned_times(basis)
    _sizes, directions = np.linalg.eigh(turned.T @ turned)
    kept = turned @ directions[:, ::-1][:, :AXES]
    return unit(kept.T).T.astype(np.float32)


def _turn(centred: Floats) -> Floats:
    _sizes, directions = np.linalg.eigh(centred.T @ centred)
    return directions[:, ::-1][:, :AXES].astype(np.float32)


# ---- Themes


def _with_themes(learned: Learned, features: Floats, themes: Sequence[Collection[str] | None]) -> Learned:
    seen = np.array([given is not None for given in themes], bool)
    given = Counter(slug for slugs in themes if slugs is not None for slug in set(slugs))
    often = [slug for slug, count in sorted(given.items(), key=lambda item: (-item[1], item[0]))]
    # What was given to nearly none, or to nearly all, tells no story from another.
    slugs = [slug for slug in often if FEWEST_OF_THEME <= given[slug] <= seen.sum() - FEWEST_OF_THEME][:MOST_THEMES]
    if not slugs:
        return learned
    wanted = np.array([[slug in found for slug in slugs] for found in themes if found is not None], np.float32)
    weights = _regressed(features[seen], wanted)
    likely = _likely(weights, features)
    usual = likely.mean(axis=0)
    apart = likely - usual
    if len(slugs) > PROFILE:
        _sizes, directions = np.linalg.eigh(apart.T @ apart)
        axes = directions[:, ::-1][:, :PROFILE].astype(np.float32)
    else:
        axes = np.eye(len(slugs), dtype=np.float32)
    length = np.sqrt(np.mean(np.sum((apart @ axes) ** 2, axis=1))) or 1
    return replace(learned, themes=weights, usual=usual, profile=(axes / length).astype(np.float32))


def _regressed(features: Floats, wanted: Floats) -> Floats:
    """A logistic regression for each column: coefficients (features + 1, columns), the last one unrestrained."""
    rows = np.hstack([features, np.ones((len(features), 1), np.float32)])
    restraint = np.full((rows.shape[1], 1), RESTRAINT / len(rows), np.float32)
    restraint[-1] = 0
    steepest = 0.25 * float(np.linalg.eigvalsh(rows.T @ rows / len(rows))[-1]) + float(restraint[0, 0])
    weights = ahead = np.zeros((rows.shape[1], wanted.shape[1]), np.float32)
    pace = 1.0
    for _step in range(STEPS):
        slope = rows.T @ (_chance(rows @ ahead) - wanted) / len(rows) + restraint * ahead
        stepped = ahead - slope / steepest
        faster = (1 + (1 + 4 * pace * pace) ** 0.5) / 2
        weights, ahead = stepped, stepped + (pace - 1) / faster * (stepped - weights)
        pace = faster
    return weights.astype(np.float32)


def _likely(themes: Floats, features: Floats) -> Floats:
    return _chance(features @ themes[:-1] + themes[-1])


def _chance(odds: Floats) -> Floats:
    return (1 / (1 + np.exp(-np.clip(odds, -30, 30)))).astype(np.float32)


# ---- As bytes


def _packed(learned: Learned, *, axes_learned: bool) -> bytes:
    """Half-precision numbers: 65,504 is the most that they hold, and none of these comes near.

    Scattered axes are left out: they are the same everywhere.
    """
    file = io.BytesIO()
    arrays: dict[str, NDArray[Any]] = {
        field.name: getattr(learned, field.name).astype(np.float16) for field in fields(learned)
    }
    del arrays["axes"]
    if axes_learned:
        arrays["roots"], arrays["largest"] = _in_bytes(learned.axes)
    else:
        del arrays["turn"]
    np.savez(file, allow_pickle=False, format=np.array(FORMAT), **arrays)
    return zlib.compress(file.getvalue(), 6)


def _in_bytes(axes: Floats) -> tuple[NDArray[np.int8], Floats]:
    """Square roots in one byte each: most weights are small, and rounding them evenly would lose them."""
    largest = np.abs(axes).max(axis=0)
    shares = axes / np.where(largest > 0, largest, 1)
    return np.round(np.sign(shares) * np.sqrt(np.abs(shares)) * 127).astype(np.int8), largest


def unpacked(packed: bytes, *, with_meaning: bool) -> Learned:
    """What `learn` gave. Raises Unlike for anything else, or what was learned with the encoder when it isn't there."""
    try:
        with np.load(io.BytesIO(zlib.decompress(packed)), allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        if int(arrays.pop("format")) != FORMAT:
            raise Unlike("learned by another version")
        if "roots" in arrays:
            roots = arrays.pop("roots").astype(np.float32) / 127
            arrays["axes"] = np.sign(roots) * roots**2 * arrays.pop("largest")
        known = {name: array.astype(np.float32) for name, array in arrays.items()}
        learned = replace(nothing(with_meaning=with_meaning), **known)
    except (zlib.error, zipfile.BadZipFile, ValueError, KeyError, TypeError, OSError, EOFError) as error:
        raise Unlike("not what was learned, or by another version") from error
    if len(learned.middle) != (meaning.MEANINGS if with_meaning else 0):
        raise Unlike("learned for another method")
    return learned
