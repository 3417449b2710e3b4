"""Which of some texts say most of what somebody looks for.

Method: BM25 (Robertson and Zaragoza, 2009, The Probabilistic Relevance Framework: BM25 and Beyond, section 3.4)
without its weights of words: every text that is ranked here holds all of the words, so that they would weigh the same.
"""

from __future__ import annotations

from collections.abc import Mapping

from storyhub.text import folding

__all__ = ["ranked"]

K1 = 1.2  # how soon more of a word stops counting
B = 0.75  # how much longer texts are held to say things more often anyway


def ranked(texts: Mapping[int, str], wanted: folding.Query) -> list[int]:
    """Return the keys of folded texts, those that say most first, and of two that say as much the greater key."""
    if not texts:
        return []
    mean = sum(map(len, texts.values())) / len(texts)
    scores = {key: _score(text, wanted, len(text) / mean if mean else 1) for key, text in texts.items()}
    return sorted(texts, key=lambda key: (-scores[key], -key))


def _score(text: str, wanted: folding.Query, length: float) -> float:
    apart = text.replace(" ", "  ")  # one space for the word before and one for the word after: "no no" is two
    score = 0.0
    for term in wanted.terms:
        often = apart.count(term.piece.strip(" ").replace(" ", "  ").join((" ", "" if term.begins else " ")))
        score += often * (K1 + 1) / (often + K1 * (1 - B + B * length))
    return score
