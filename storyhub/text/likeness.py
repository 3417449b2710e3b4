"""How alike two texts are, whole or in part, from small keyed samples of them that give nothing of their words away.

A text becomes the set of its shingles (runs of folded words), each shingle a keyed 63-bit value, and of these the
smallest are kept: a sample of bounded size, drawn by the values themselves, so that two texts keep the same shingles
where they say the same. Without the key nobody can tell which words a value stands for, nor try out a guess.

Sources: Broder, "On the resemblance and containment of documents", 1997 (shingles, resemblance, containment);
Cohen and Kaplan, "Summarizing data using bottom-k sketches", 2007 (what the smallest values say of two sets).
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterable, Iterator
from heapq import nsmallest
from math import inf

from storyhub.text import folding

__all__ = ["MOST", "Sketch", "containment", "resemblance", "says_enough", "shared_passages", "sketch"]

Sketch = frozenset[int]

SHINGLE = 3  # words; of scripts without spaces, overlapping pairs of characters: four characters
MOST = 64  # values kept of one text: a million stories are at most 64 million short rows
LONGEST_GAP = SHINGLE + 6  # words between two shingles of one passage: a word was changed there, or not sampled
ENOUGH = 8  # shingles: shorter texts ("I was harassed on the bus") are alike because life is

# Letters of other scripts that are drawn like Latin ones, for which they are swapped to slip by unnoticed. Where a
# whole text is in such a script all of it is read so, and is as alike to others as before.
LOOK_ALIKES = str.maketrans(
    "авсԁеһіјкӏмнорԛгѕтцѵѡхуүʏɑαβεηικνορτυχγωоƍ",
    "abcdehijklmhopqrstuvwxyyyaabenikvoptuxywoo",
)
DIGITS_IN_WORDS = str.maketrans("013457", "oieast")
ZERO_WIDTH_SPACE = "\u200b"


def sketch(text: str, key: bytes) -> Sketch:
    """The sample of a text: at most MOST values below 2**63; none of a text without words.

    Case, accents, punctuation, zero-width characters and look-alike letters make no difference. `key`: up to 64 bytes.
    """
    return frozenset(nsmallest(MOST, {_value(shingle, key) for shingle in _shingles(_words(text))}))


def resemblance(a: Sketch, b: Sketch) -> float:
    """The share of all their shingles that both texts have, from 0 (none) to 1 (the same text), estimated."""
    return _share(a, b, of_both=True)


def containment(a: Sketch, b: Sketch) -> float:
    """The share of the first text's shingles that the second has as well: 1 where all of it stands in the other."""
    return _share(a, b, of_both=False)


def says_enough(a: Sketch) -> bool:
    """Whether a text is long enough for likeness to mean that one was made from the other."""
    return len(a) >= ENOUGH


def shared_passages(text: str, shared: Sketch, key: bytes, most: int = 3) -> list[str]:
    """The longest runs of folded words of a text whose shingles are among the shared ones, longest first."""
    words = _words(text)
    found = [place for place, shingle in enumerate(_shingles(words)) if _value(shingle, key) in shared]
    runs: list[list[int]] = []
    for place in found:
        if runs and place <= runs[-1][1] + LONGEST_GAP:
            runs[-1][1] = place + SHINGLE
        else:
            runs.append([place, place + SHINGLE])
    runs.sort(key=lambda run: run[0] - run[1])
    return [_joined(words[first:end]) for first, end in runs[:most]]


def _joined(words: list[str]) -> str:
    """Words with spaces between them; overlapping pairs of characters as the characters that they came from."""
    said = ""
    for word in words:
        if said and folding.PAIRED_CHARACTER.match(word) and said[-1] == word[0]:
            said += word[1:]
        else:
            said += f" {word}"
    return said.strip()


def _share(a: Sketch, b: Sketch, *, of_both: bool) -> float:
    """Compare what both samples can speak for: values up to where the shorter-reaching one ends."""
    reach = min(_reach(a), _reach(b))
    in_a, in_b = ({value for value in values if value <= reach} for values in (a, b))
    out_of = len(in_a | in_b) if of_both else len(in_a)
    return len(in_a & in_b) / out_of if out_of else 0.0


def _reach(values: Sketch) -> float:
    """Up to which value a sample holds every shingle of its text."""
    return max(values) if len(values) >= MOST else inf


def _value(shingle: str, key: bytes) -> int:
    digest = hashlib.blake2b(shingle.encode(), digest_size=8, key=key).digest()
    return int(struct.unpack(">Q", digest)[0]) >> 1


def _shingles(words: list[str]) -> Iterator[str]:
    """Every run of SHINGLE words; a shorter text whole."""
    if words:
        for start in range(max(1, len(words) - SHINGLE + 1)):
            yield " ".join(words[start : start + SHINGLE])


def _words(text: str) -> list[str]:
    """The folded words, look-alike letters made the same; numbers, which a copier counts up, are all one."""
    return list(map(_plain, _without_lone_ends(folding.tokens(text.replace(ZERO_WIDTH_SPACE, "")))))


def _without_lone_ends(found: Iterable[str]) -> Iterator[str]:
    """Leave out the single character that ends each run of a script without spaces: its pair came before it."""
    for word in found:
        if len(word) > 1 or not folding.PAIRED_CHARACTER.match(word):
            yield word


def _plain(word: str) -> str:
    if word.isdecimal():
        return "0"
    return word.translate(LOOK_ALIKES).translate(DIGITS_IN_WORDS)
