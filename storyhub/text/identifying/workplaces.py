"""Employers, schools and institutions by name, and people who are the only one of their kind."""

from __future__ import annotations

import re
from functools import cache

from storyhub.text.identifying.cues import CUES, LITTLE
from storyhub.text.identifying.searching import Search
from storyhub.text.identifying.spans import Span

__all__ = ["find", "find_the_only_one"]

LONGEST = 8  # words
# "I am the only woman driver in the yard so please ...": what follows is another thought.
CUT = re.compile(r" (?:so|and|but|because|y|pero|asi que|porque|et|mais|donc|alors|e|mas|entao|و|لكن|لذلك)(?= )")
SAINTS = frozenset("st saint sainte santa santo san sao sta our lady sacred holy notre dame dom don dona".split())
# Words between an institution and its name: lycée agricole des Trois Vallées.
QUALIFIERS = frozenset(
    "agricole technique primaire municipal municipale publique public privee prive superieure national nationale regional "
    "regionale estadual publica publico privado privada tecnica tecnico nacional internacional general central primaria "
    "secundaria superior federal universitaire professionnel professionnelle catholique militar militaire rural comarcal basica "
    "secundario maternelle elementaire generale infantil preparatoria estatal provincial comunal evangelica of and for the".split()
)
# With these, only a capital letter tells a name: Ashgrove House, but "grandmother house".
VAGUE = frozenset(
    "house home lodge shelter centre center club bar pub inn group primary secondary high press news radio department security "
    "youth services farm mine company bank agency restaurant hotel school church college hospital university clinic partners "
    "studio gym cafe temple mosque parish prison barracks systems foundation bakery salon".split()
)
STUDIES = frozenset("nursing education technology engineering science medicine law arts commerce business".split())
ANY = frozenset("the a an our my your his her their this that every same old new local big public private catholic christian girls boys "
                "high middle primary secondary elementary medical day night boarding sunday next".split())  # fmt: skip
HIRED = re.compile(
    r"\b(?:work\w*|job|boss|manager|stud\w+|employed|intern\w*|hired|shift) (?:\w+ ){0,2}(?:at|for) (?:the )?\Z"
)


@cache
def _pattern(name: str, language: str) -> re.Pattern[str]:
    return re.compile(getattr(CUES[language], name))


def find_the_only_one(search: Search) -> None:
    """Somebody who says to be the only one, the first, one of two: everybody there knows who that is."""
    for match in _pattern("only", search.language).finditer(search.reading.plain):
        said = CUT.split(match[1])[0].rstrip()
        if said.count(" ") >= 2:
            search.found.append(Span(match.start(1), match.start(1) + len(said), "introduction", "the only one"))


def find(search: Search) -> None:
    """Institutions by the word that says what they are, then whoever somebody works for."""
    for place, word in enumerate(search.words):
        if word.text in search.cues.work_heads and search.free(place):
            _headed(search, place)
        if word.text in search.cues.work_tails and search.free(place):
            _tailed(search, place)
    if search.capitals:
        for match in _pattern("works_at", search.language).finditer(search.reading.plain):
            first = search.starting_at(match.end())
            if first is not None and search.free(first):
                _employer(search, first)


# Barrow & Finch: nobody is called so, and no place.
PARTNERS = re.compile(r"\b[a-z][\w']+ (?:& [a-z][\w']+ ?){1,3}(?:ltd|llp|sons|co|hijos|fils|filhos)?\b")


def find_partners(search: Search) -> None:
    """Firms that are called after their partners."""
    for match in PARTNERS.finditer(search.reading.plain) if "&" in search.reading.plain else ():
        if not search.capitals or search.reading.kept[match.start()].isupper():
            search.found.append(Span(match.start(), match.start() + len(match[0].rstrip()), "workplace", "worked at"))


def _headed(search: Search, head: int) -> None:
    """Colegio Estadual Dom Bosco; lycée agricole des Trois Vallées; universidad de los andes."""
    last = head
    place = head + 1
    while search.free(place) and place - head < LONGEST and search.words[place].joined:
        word = search.words[place]
        if _names_it(search, head, place):
            last = place
        elif word.text not in LITTLE and word.text not in QUALIFIERS:
            break
        place += 1
    if last > head:
        search.take(head, _without_town(search, head, last), "workplace", "institution")


def _names_it(search: Search, head: int, place: int) -> bool:
    word = search.words[place]
    if word.text in LITTLE or word.text in ANY or (word.text in search.cues.function and search.language == "en"):
        return False
    if search.capitals:
        return search.is_capital(word) and not search.is_never(word)
    if word.text in SAINTS or (search.listed(word) and not search.is_ordinary(word)):
        return True
    if search.words[place - 1].text in SAINTS or (search.is_given(search.words[place - 1]) and place - 1 > head):
        return word.text not in search.cues.function and bool(search.listed(word))
    following = search.follows(place)
    if (
        search.is_given(word)
        and following is not None
        and search.listed(following)
        and word.text not in search.cues.function
    ):
        return True
    beside = (
        search.words[place - 1].text in LITTLE and search.words[head].text.startswith("univers") and place - head < 5
    )
    return beside and word.text not in search.cues.function


def _without_town(search: Search, first: int, last: int) -> int:
    """The last word without the town in "Hospital Santa Amalia de Albacete": that is a place of its own."""
    for place in range(last, first + 2, -1):
        if search.words[place - 1].text in {"de", "of", "in", "d", "do", "da", "a"} and search.is_place(
            search.text(place, last)
        ):
            return place - 2
    return last


def _tailed(search: Search, tail: int) -> None:
    """Larkfield Hospital; st theresa college of nursing."""
    first = _first_of_tailed(search, tail)
    named = [word for word in search.words[first:tail] if word.text not in ANY and not search.is_never(word)]
    if not named and not _is_government_school(search, first, tail):
        return
    vague = search.capitals and not search.is_capital(search.words[tail]) and search.words[tail].text in VAGUE
    if vague and all(search.is_ordinary(word) for word in named):
        return  # a small letter, so only a name that is no ordinary word tells which: "the Marist school"
    search.take(first, _last_of_tailed(search, tail), "workplace", "institution")


def _is_government_school(search: Search, first: int, tail: int) -> bool:
    """General words, but all of them with capital letters and several: Government Boys School."""
    return search.capitals and tail - first >= 2 and all(map(search.is_capital, search.words[first : tail + 1]))


def _first_of_tailed(search: Search, tail: int) -> int:
    first = place = tail
    while search.words[place].joined and search.free(place - 1) and tail - place < LONGEST:
        place -= 1
        word = search.words[place]
        if search.capitals:
            part = search.is_capital(word) and not (word.opens and word.text in search.cues.function | ANY)
        else:
            unknown = len(word.text) > 4 and not search.is_ordinary(word) and word.text not in search.cues.function
            part = word.text in SAINTS or _is_known(search, place) or word.text in search.cues.work_tails or unknown
        if part:
            first = place
        elif not (search.capitals and word.text in {"of", "and", "for", "de", "the"}):
            break
    while first < tail and search.words[first].text in search.cues.function:
        first += 1
    return first


def _is_known(search: Search, place: int) -> bool:
    word = search.words[place]
    known = search.listed(word) or search.is_place(word.text)
    return (bool(known) and word.text not in search.cues.function and not search.is_ordinary(word)) or (
        bool(known) and place > 0 and word.joined and search.is_place(search.words[place - 1].text)
        and not search.is_ordinary(search.words[place - 1])
    )  # fmt: skip


def _last_of_tailed(search: Search, tail: int) -> int:
    last = tail
    while search.free(last + 1) and search.words[last + 1].joined:
        word = search.words[last + 1]
        named = search.capitals and search.is_capital(word) and not search.is_never(word)
        if not named and word.text not in search.cues.work_tails:
            break
        last += 1
    beyond = last + 2
    studies = search.free(beyond) and search.words[beyond].joined and search.words[beyond].text in STUDIES
    return beyond if studies and search.words[last + 1].text == "of" else last


def _employer(search: Search, first: int) -> None:
    """Whoever somebody works for or studies at: "my boss at Greenline Logistics"."""
    if search.words[first].opens or not search.is_capital(search.words[first]) or search.is_never(search.words[first]):
        return
    last = search.end_of_run(first)
    words = [word for word in search.words[first : last + 1] if word.text not in LITTLE] or search.words[
        first : last + 1
    ]
    if search.place_at(first) is not None or (search.is_given(words[0]) and all(map(search.listed, words))):
        return
    alone = len(words) == 1
    if alone and (search.language != "en" or not _is_hired(search, first)):
        return
    search.take(first, _without_town(search, first, last), "workplace", "worked at")


def _is_hired(search: Search, first: int) -> bool:
    start = search.words[first].start
    return HIRED.search(search.reading.plain, max(0, start - 50), start) is not None
