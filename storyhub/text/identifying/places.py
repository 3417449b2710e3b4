"""Places that are small enough to point to somebody: streets, neighbourhoods, villages, towns; never countries."""

from __future__ import annotations

import re

from storyhub.text.identifying.searching import Search

__all__ = ["find_headed", "find_small", "is_beside_place", "stands_alone"]

ARTICLES = frozenset(
    "de del of la el los las du des da do das dos called d le llamado llamada chamada chamado appele the".split()
)
# These belong to the name of the place when they have a capital letter: Bedminster Parade, Avenida Sete de Setembro.
STREETS = frozenset(
    "street road avenue lane parade highway boulevard calle avenida plaza paseo rua praca travessa alameda rue place quai "
    "terminal estacion estacao gare carretera estrada largo".split()
)
# These do not: Rajiv Chowk metro station.
BESIDE = frozenset("metro station stop stage".split())
POSTCODE_BEFORE = re.compile(r"\d{4,5},? \Z")
NEAR = re.compile(r"\b(?:sou|soy|somos|vim|venho|vengo|suis|viens|venons) (?:de|do|da|du|d') ?\Z|\b(?:i'm|im|i am|am|are|is|was|come|came) from ?\Z|"
                  r"\b(?:pres|loin|cerca|perto|lejos|longe|autour|afueras|proche|arredores|alrededores|outskirts|banlieue) d[eou]s? ?\Z|"
                  r"\b(?:live|lives|living|lived|moved|vivo|vive|vivimos|vivia|moro|mora|morava|habite|habitais|vis|based|grew up|raised|born|nacida|nasci) "
                  r"(?:in|at|near|to|en|em|no|na|a|around) ?\Z")  # fmt: skip


def find_headed(search: Search) -> None:
    """What a word beside it says to be a place: quartier X, barrio X, X Road, X Park."""
    for place, word in enumerate(search.words):
        if word.text in search.cues.place_heads:
            _after_head(search, place)
        if word.text in search.cues.place_tails and search.free(place):
            _before_tail(search, place)


def _after_head(search: Search, head: int) -> None:
    place = head + 1
    while place < len(search.words) and search.words[place].text in ARTICLES and search.words[place].joined:
        place += 1
    if not search.free(place) or not search.words[place].joined:
        return
    word = search.words[place]
    listed = search.listed(word) or search.is_place(word.text)
    if search.capitals:
        good = search.is_capital(word) and (bool(listed) or not search.is_never(word))
        last = search.end_of_run(place)
    else:
        last = search.place_at(place) or place
        good = (bool(listed) and not search.is_ordinary(word)) or last > place
    if good and word.text not in search.cues.function:
        whole = (
            search.is_capital(search.words[head])
            and not search.words[head].opens
            and search.words[head].text in STREETS
        )
        search.take(head if whole else place, last, "place", "said to be one")


def _before_tail(search: Search, tail: int) -> None:
    first = tail
    while tail - first < 4 and search.words[first].joined and search.free(first - 1):
        word = search.words[first - 1]
        if search.is_never(word) or word.text in search.cues.function or word.text in {"main", "high", "this", "bus"}:
            break
        if not (search.is_capital(word) if search.capitals else not search.is_ordinary(word) and search.listed(word)):
            break
        if word.opens and search.is_ordinary(word) and not search.listed(word):
            break
        first -= 1
    capital = search.is_capital(search.words[tail])
    if first == tail or (search.capitals and not capital and search.words[tail].text not in STREETS | BESIDE):
        return
    last = tail if (capital or not search.capitals) and search.words[tail].text not in BESIDE else tail - 1
    search.take(first, last, "place", "said to be one")


def is_beside_place(search: Search, first: int) -> bool:
    """Whether what stands before says that this is a place, more surely than a name in a list says something else."""
    before = search.before(first)
    start = search.words[first].start
    text = search.reading.plain
    if before in search.cues.place_before:
        return True
    return bool(POSTCODE_BEFORE.search(text, max(0, start - 8), start) or NEAR.search(text, max(0, start - 24), start))


def _is_lived_in(search: Search, first: int) -> bool:
    """Whether somebody says to live, or to have grown up, right there."""
    start = search.words[first].start
    return NEAR.search(search.reading.plain, max(0, start - 24), start) is not None


def stands_alone(search: Search, first: int, last: int) -> bool:
    """Whether commas or ends stand on both sides: "31, single mom, el paso."."""
    return not search.words[first].joined and (last + 1 == len(search.words) or not search.words[last + 1].joined)


def find_small(search: Search) -> None:
    """Towns that are written with a small letter, by the list and by what stands before them."""
    for place, word in enumerate(search.words):
        if not search.free(place) or word.capital:
            continue
        last = search.place_at(place)
        if last is not None and _is_small(search, place, last):
            search.take(place, last, "place", "listed")


def _is_small(search: Search, first: int, last: int) -> bool:
    words = search.words[first : last + 1]
    several = last > first and search.follows(last) is None
    if last > first and (stands_alone(search, first, last) and search.is_large_place(search.text(first, last))):
        return True
    if several and search.before(first) in search.cues.place_before | search.cues.place_perhaps:
        return True  # ", de villa mercedes."
    if len(words[0].text) > 3 and words[0].text not in search.cues.function and _is_lived_in(search, first):
        return True
    if search.is_large_place(search.text(first, last)) and is_beside_place(search, first) and len(words[0].text) > 3:
        return True
    odd = [word for word in words if not search.is_ordinary(word) and len(word.text) > 3]
    if (
        not odd
        or words[0].text in search.cues.function - {"el", "la", "los", "las", "le", "les", "o", "a", "al"}
        or search.is_never(words[0])
    ):
        return False
    given = search.is_given(words[0]) and last == first
    if is_beside_place(search, first):
        return True
    if search.capitals:
        return False
    if search.before(first) in search.cues.place_perhaps:
        return not given
    comma = first > 0 and search.reading.plain[search.words[first - 1].end : words[0].start].strip() == ","
    return not given and (last > first or comma)
