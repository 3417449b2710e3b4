"""Words that tell a group of stories from the others, and which of them may be shown.

Method: log-odds with an informative Dirichlet prior (Monroe, Colaresi and Quinn, "Fightin' words: lexical feature
selection and evaluation for identifying the content of political conflict", 2008). c-TF-IDF (Grootendorst, 2022) was
looked at as well: it puts words that stand everywhere before those that tell one group.

A telling word stands on a page and at rest. So it is in several different stories of the group, and is nothing that
may be somebody's name: where there are lists of ordinary words, only those are shown.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from storyhub.text import identifying, wordlists
from storyhub.text.discovering.counting import LONGEST, word_of
from storyhub.text.identifying.lists import WORD_IN, names, ordinary, places
from storyhub.text.identifying.reading import folded, read

__all__ = ["FEWEST", "MOST_WORDS", "best", "coherence", "may_show", "scores", "written"]

FEWEST = 5  # different stories of the group in which a telling word stands; never less
MOST_WORDS = 10
SURE = 3.0  # standard errors above what chance would give
PRIOR, PRIOR_SHARE = 1_000.0, 0.1  # words of the whole collection, at most, that each group is thought to begin with
LOOKED_AT = 20  # stories in which it is looked at how a word is used
MOST_LARGE = 0.2  # of its places within sentences may have a capital letter
MOST_FOUND = 0.1  # of its places may be taken for part of a name, a place, a number
WITH_LISTS = frozenset(WORD_IN) - {"ar"}  # languages of which whole dictionaries were read
# No ordinary words, and nobody's name: they tell of what happened online.
SERVICES = frozenset(("facebook", "whatsapp", "instagram", "twitter", "youtube", "tiktok", "snapchat", "telegram"))


def scores(there: Any, member: NDArray[np.bool_]) -> NDArray[np.float64]:
    """How far above chance each word is in each group, in standard errors: (groups, words).

    `there`: scipy rows (stories, words) of 0 and 1; `member`: (stories, groups). Words in fewer than FEWEST stories of
    a group score 0.
    """
    inside = np.asarray(there.T.dot(member.astype(np.float32)).T, np.float64)
    everywhere = np.asarray(there.sum(axis=0), np.float64).ravel()
    outside = np.maximum(everywhere - inside, 0)
    weight = min(PRIOR, PRIOR_SHARE * float(everywhere.sum()))
    prior = everywhere / max(everywhere.sum(), 1) * weight + 1e-6
    within, without = inside.sum(axis=1, keepdims=True), outside.sum(axis=1, keepdims=True)
    odds = np.log((inside + prior) / (within + weight - inside - prior + 1))
    odds -= np.log((outside + prior) / (without + weight - outside - prior + 1))
    found = odds / np.sqrt(1 / (inside + prior) + 1 / (outside + prior))
    return np.where(inside >= FEWEST, found, 0)


def best(row: NDArray[np.float64], most: int) -> list[int]:
    """The words that tell most, best first: only such as chance would hardly give."""
    order = np.argsort(-row, kind="stable")[:most]
    return [int(word) for word in order if row[word] >= SURE]


def coherence(there: Any, tops: Sequence[Sequence[int]]) -> float:
    """Mean NPMI of every two telling words of a group, from -1 (never together) to 1, over all groups."""
    stories = there.shape[0]
    seen = np.asarray(there.sum(axis=0)).ravel()
    found = []
    for top in tops:
        part = there[:, list(top)]
        together = np.asarray((part.T @ part).todense(), np.float64)
        one, two = np.triu_indices(len(top), 1)
        both = together[one, two]
        with np.errstate(divide="ignore", invalid="ignore"):
            mutual = np.log(both * stories / (seen[list(top)][one] * seen[list(top)][two])) / -np.log(both / stories)
        found.append(float(np.where(both == 0, -1, np.nan_to_num(mutual, nan=1.0)).mean()))
    return float(np.mean(found)) if found else -1.0


def may_show(word: str, language: str, *, small: int, large: int) -> bool:
    """Whether a folded word of this language is surely no name. `small`, `large`: its places within sentences."""
    if any(map(str.isdigit, word)) or large > MOST_LARGE * (small + large):
        return False
    if word in SERVICES:
        return True
    listed, place = names().get(word) or 0, places().get(word) or 0
    if language in WITH_LISTS:
        is_word = WORD_IN[language]
        return ordinary(word, language) and not ((listed or place) and not (listed | place) & is_word)
    if listed or place:
        return False
    if language == "ar":  # no capital letters; what stands beside a name is looked at in `written`
        return True
    # No list of words: those that people write small where they write names large, or that our own lists have.
    return small >= FEWEST or word in _of_our_lists(language)


def written(candidates: Iterable[str], texts: Sequence[str], language: str) -> dict[str, str]:
    """How each of these folded words is most often written, small; left out if it's found to be of a name there."""
    forms: dict[str, Counter[str]] = {word: Counter() for word in candidates}
    marked: Counter[str] = Counter()
    for text in texts:
        text = text[:LONGEST]
        reading = read(text)
        spans = [(span.start, span.end) for span in identifying.find(text, language)]
        for each in reading.words:
            word = word_of(each.text)
            if word not in forms:
                continue
            start, end = reading.span(each.start, each.end)
            forms[word][_shown(text[start:end], word)] += 1
            marked[word] += any(first < end and start < last for first, last in spans)
    return {
        word: counted.most_common(1)[0][0]
        for word, counted in forms.items()
        if counted and marked[word] <= MOST_FOUND * counted.total()
    }


def _shown(surface: str, word: str) -> str:
    """A word as somebody wrote it, small, without what an apostrophe ties to it."""
    parts = surface.lower().replace("’", "'").split("'")
    return next((part for part in parts if folded(part) == word), word)


@cache
def _of_our_lists(language: str) -> frozenset[str]:
    lines = (line for part in wordlists.parts(language).values() for kind in part.values() for line in kind)
    return frozenset(folded(word) for line in lines for word in line.replace("/", " ").split() if word.isalpha())
