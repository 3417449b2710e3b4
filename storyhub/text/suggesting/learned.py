"""What was learned of themes, as arrays and as bytes: weights of buckets and marks of themes, no words of anybody."""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Learned", "Unlike", "packed", "unpacked"]

Floats = NDArray[np.float32]
Marks = NDArray[np.bool_]

FORMAT = 2
# The large ones: 65,504 is the most that half a float holds, and none comes near.
HALVED = ("rare", "weights", "set_weights")


class Unlike(ValueError):
    """These bytes are no model of this version."""


@dataclass(frozen=True)
class Learned:
    """How themes are told. Odds of a theme are the sum of three: words, what is meant, and `bias`.

    `themes` and `languages` are the marks that `learn` was given; `meant` has no rows without the sentence encoder.
    There are no sets where the commonest don't cover enough (together.py); with them there is a fourth part.
    """

    themes: NDArray[np.str_]  # (themes,)
    languages: NDArray[np.str_]  # (languages,), as coded; "" where a story's is unknown
    spoken: Marks  # (languages, themes), where people coded the theme often enough
    rare: Floats  # (BUCKETS,), how much each bucket says
    weights: Floats  # (BUCKETS, themes)
    meant: Floats  # (512 or 0, themes)
    bias: Floats  # (themes,)
    cuts: Floats  # (themes,), how sure one must be; above 1 for a theme that is not suggested
    sets: Marks  # (sets or 0, themes), themes that stories have together; the last row for all other sets
    set_weights: Floats  # (BUCKETS or 0, sets)
    set_bias: Floats  # (sets,)
    set_trust: Floats  # (themes,), how far a theme's odds follow the sets that hold it
    abroad: Floats  # (512 or 0, themes), by what is meant alone: for languages in which nobody coded the theme
    abroad_bias: Floats  # (themes,)
    crosses: Marks  # (themes,), whether that was measured and is good enough
    kept_out: NDArray[np.str_]  # languages for which it was measured and is not


def packed(learned: Learned) -> bytes:
    """The same bytes for the same arrays."""
    file = io.BytesIO()
    arrays: dict[str, NDArray[Any]] = {field.name: getattr(learned, field.name) for field in fields(learned)}
    arrays |= {name: arrays[name].astype(np.float16) for name in HALVED}
    np.savez_compressed(file, allow_pickle=False, format=np.array(FORMAT), **arrays)
    return file.getvalue()


def unpacked(data: bytes) -> Learned:
    """Raises Unlike for bytes that `packed` of this version didn't make."""
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as file:
            if int(file["format"]) != FORMAT:
                raise Unlike("learned by another version")
            arrays = {field.name: file[field.name] for field in fields(Learned)}
    except (ValueError, KeyError, OSError, EOFError, zipfile.BadZipFile) as error:
        raise Unlike("no model of suggestions") from error
    return Learned(**arrays | {name: arrays[name].astype(np.float32) for name in HALVED})
