"""Names of people: where they are introduced, beside titles and kin, by capital letters, and by the list."""

from __future__ import annotations

import re
from functools import cache

from storyhub.text.identifying.cues import ABBREVIATED, CUES, LITTLE, SPEAKS
from storyhub.text.identifying.places import is_beside_place
from storyhub.text.identifying.reading import Word
from storyhub.text.identifying.searching import Search

__all__ = ["find_introduced", "find_listed", "find_openers", "find_runs", "find_titled"]


# "Sou bia", "im amy": a short name is believed only here.
SAID_OF_SELF = frozenset("sou soy suis im i'm am eu la a aqui".split())


@cache
def _introduces(language: str) -> re.Pattern[str]:
    return re.compile(CUES[language].introduces)


def find_introduced(search: Search) -> None:
    """My name is Adaeze; le decían walter; je m'appelle ..."""
    for match in _introduces(search.language).finditer(search.reading.plain):
        place = search.starting_at(match.end())
        if place is None:
            continue
        article = search.words[place].text in search.cues.titles | search.cues.kin | {
            "el",
            "la",
            "le",
            "o",
            "a",
            "the",
            "don",
        }
        following = search.follows(place)
        if article and following is not None and (not search.capitals or search.is_capital(following)):
            place += 1
        if search.free(place) and _may_be_introduced(search, search.words[place]):
            kind = "name" if search.is_given(search.words[place]) else _kind_of_named(search, match.start())
            if kind:
                search.take(place, search.end_of_name(place, certain=True), kind, "introduced")


PARTICLES = frozenset("de du von van el al ben bin".split())
SAINTLY = frozenset("sao san santa santo saint sainte saint- san-".split())
POSSESSIVES = frozenset(
    "my his her our their mi su nuestra nuestro mon ma son sa notre meu minha seu sua nossa nosso".split()
)
ANIMALS = frozenset(
    "dog cat puppy horse perro perra gato gata perrito chien chienne chat cachorro cadela cao gatinho".split()
)


def _kind_of_named(search: Search, start: int) -> str:
    """What has the name, by the nearest noun before it: a town, an employer, a dog (which gives nobody away), or a person."""
    words = re.split(r"[.!?]", search.reading.plain[max(0, start - 60) : start])[-1].split()
    for word in reversed(words[-8:]):
        if word in search.cues.place_heads:
            return "place"
        if word in search.cues.work_heads or word in {"agency", "company", "club", "firm", "shop", "agencia", "igreja"}:
            return "workplace"
        if word in ANIMALS:
            return ""
        if word in search.cues.kin or word in search.cues.titles:
            return "name"
    return "name"


def _may_be_introduced(search: Search, word: Word) -> bool:
    listed = search.listed(word)
    if word.text in search.cues.function or (search.is_never(word) and not listed):
        return False
    return search.is_capital(word) or bool(listed) or not search.is_ordinary(word)


def find_titled(search: Search) -> None:
    """Uncle Chidi, Mme Guérin, el agente Barrios; my mother Rosa."""
    for place, word in enumerate(search.words[:-1]):
        strong = word.text in search.cues.titles
        if strong or word.text in search.cues.kin:
            _after_title(search, place, strong=strong)


def _after_title(search: Search, title: int, *, strong: bool) -> None:
    place = title + 1
    word = search.words[place]
    between = search.reading.plain[search.words[title].end : word.start]
    abbreviated = search.words[title].text in ABBREVIATED
    if search.words[title].text in {"m", "me"} and not between.startswith("."):
        return  # M. Guérin, but "je m appelle"
    if not search.free(place) or (between != " " and not (abbreviated and between in {". ", "."})):
        return
    following = search.follows(place)
    if word.text in PARTICLES and following is not None and following.capital and strong:
        place, word = place + 1, following  # le professeur de Chavigny
    if word.text in search.cues.titles | search.cues.function or search.is_never(word):
        return
    listed, ordinary = search.listed(word), search.is_ordinary(word)
    if search.capitals:
        good = search.is_capital(word) and (strong or bool(listed) or not ordinary)
    elif strong and abbreviated:
        good = not ordinary or bool(listed)
    else:
        following = search.follows(place)
        company = following is not None and following.text in search.cues.says and word.text not in search.cues.says
        owned = search.before(title) in POSSESSIVES and word.text not in {"will", "made", "came", "told"}
        known = search.is_given(word) and len(word.text) > 2 and word.text not in search.cues.says
        good = bool(listed) and (not ordinary or ((company or owned) and known))
    if good and not _is_part_of_more(search, place):
        search.take(place, search.end_of_name(place), "name", "title" if strong else "relation")


def _is_part_of_more(search: Search, first: int) -> bool:
    """Whether what looks like a name is part of an institution's or a street's: Sister Mary Road."""
    following = search.follows(search.end_of_name(first))
    return (
        following is not None
        and following.text in search.cues.work_tails | search.cues.place_tails
        and following.capital
    )


def find_runs(search: Search) -> None:
    """Words with capital letters within sentences: names and places, told apart by lists and by what stands before."""
    place = 0
    while place < len(search.words):
        word = search.words[place]
        if search.free(place) and not word.opens and len(word.text) > 1 and _begins(search, word):
            last = search.end_of_run(place)
            _judge(search, place, last)
            place = last + 1
        else:
            place += 1


def _begins(search: Search, word: Word) -> bool:
    if search.is_never(word) or word.text in search.cues.titles:
        return False
    if word.text in search.cues.function and word.text != "sao":
        return False
    return search.is_capital(word)


def _judge(search: Search, first: int, last: int) -> None:
    words = [word for word in search.words[first : last + 1] if word.text not in LITTLE] or search.words[
        first : last + 1
    ]
    wider = first - 1 if first and search.words[first].joined else first  # New Zealand: "new" alone begins no name
    if _is_country(search, wider, last) or (
        _is_country(search, first, last) and not search.is_place(search.text(first, last))
    ):
        return
    beside = is_beside_place(search, first)
    perhaps = beside or search.before(first) in search.cues.place_perhaps
    given = search.is_given(words[0])
    if perhaps and len(words) > 1 and words[0].text in SAINTLY:
        search.take(first, last, "place", "capital letter")
        return
    if (
        last == first
        and search.is_large_place(words[0].text)
        and search.before(first) in {"from", "to", "via", "desde", "hasta", "depuis"}
    ):
        beside = True  # "from Paris": the town, rather than somebody of that name
    named = given or (len(words) > 1 and any(map(search.listed, words[1:])))
    end = search.place_at(first)
    if end == first and not perhaps and search.is_ordinary(words[0]):
        end = None
    if (
        end is not None
        and end <= last
        and _is_rather_place(first, last, end, beside, perhaps, named, bool(search.listed(words[0])))
    ):
        search.take(first, last if beside else end, "place", "listed")
        if end < last and not beside and _begins(search, search.words[end + 1]):
            _judge(search, end + 1, last)
    elif named or search.listed(words[0]):
        _take_listed(search, first, last, words, beside=beside, given=given)
    elif _is_unknown(search, words):
        is_place = (
            beside
            or _goes_on_from_place(search, first)
            or (perhaps and search.before(first) not in {"and", "between", "y", "e", "et", "entre"})
        )
        search.take(first, last, "place" if is_place else "name", "capital letter")


def _goes_on_from_place(search: Search, first: int) -> bool:
    """Whether a place stands before it and only a comma between: carter road, Bandra."""
    between = search.reading.plain[search.words[first - 1].end : search.words[first].start] if first else ""
    return between.strip() == "," and search.kind_at(first - 1) in {"place", "workplace"}


def _is_rather_place(first: int, last: int, end: int, beside: bool, perhaps: bool, named: bool, listed: bool) -> bool:
    if end < last and named and not beside:
        return False  # a first name that is a town too, with a surname after it
    return beside or (perhaps and not named) or (end > first and end == last) or not (listed or named)


def _take_listed(search: Search, first: int, last: int, words: list[Word], *, beside: bool, given: bool) -> None:
    alone = len(words) == 1
    if (
        alone
        and search.is_ordinary(words[0])
        and (search.is_shouted(words[0]) or search.before(first) in {"the", "el", "le"})
    ):
        return
    if alone and search.reading.plain[words[0].end : words[0].end + 2].strip().isdigit():
        return  # "Age 15"
    odd = [word for word in words if not search.is_ordinary(word)]
    general = [word for word in words if search.is_ordinary(word) and not search.listed(word)]
    if len(general) > 1 or (not odd and not alone and not (given and search.listed(words[1]) and not general)):
        return  # Street Lighting, Nairobi International Trade Fair
    if beside and not given and not search.is_ordinary(words[0]):
        search.take(first, last, "place", "capital letter")
    elif given or not alone or not search.is_ordinary(words[0]):
        search.take(first, last, "name", "listed")


def _is_country(search: Search, first: int, last: int) -> bool:
    text = search.text(first, last)
    return search.is_never(Word(0, 0, text, capital=True, opens=False, joined=False))


def _is_unknown(search: Search, words: list[Word]) -> bool:
    """Whether one of them is no ordinary word and no abbreviation: most likely somebody, or somewhere."""
    return any(
        not search.is_ordinary(word) and not search.is_small_elsewhere(word) and not search.is_shouted(word)
        for word in words
    )


def find_openers(search: Search) -> None:
    """The first words of sentences, where a capital letter says nothing by itself."""
    for place, word in enumerate(search.words):
        if word.opens and len(word.text) > 2 and search.free(place) and _begins(search, word):
            _judge_opener(search, place, word)


def _judge_opener(search: Search, place: int, word: Word) -> None:
    following = search.follows(place)
    given, ordinary = search.is_given(word), search.is_ordinary(word)
    speaks = following is not None and (following.text in SPEAKS or following.text in search.cues.says)
    end = search.place_at(place)
    last = search.end_of_run(place)
    if last > place and not search.is_shouted(word) and _is_named_together(search, place, last):
        search.take(place, last, "name", "listed")
    elif end is not None and (
        end > place or (not ordinary and not given and following is None) or search.is_large_place(word.text)
    ):
        search.take(place, end, "place", "listed")
    elif given and not ordinary:
        search.take(place, place, "name", "listed")
    elif (given and following is not None and following.text in SPEAKS and not search.is_small_elsewhere(word)) or (
        not ordinary and speaks and not search.is_small_elsewhere(word) and (len(word.text) > 3 or search.listed(word))
    ):
        search.take(place, place, "name", "beside a verb")


def _is_named_together(search: Search, first: int, last: int) -> bool:
    """Whether the first word of a sentence and those with capitals after it are one name: Hope Wanjiku."""
    words = [word for word in search.words[first : last + 1] if word.text not in LITTLE] or search.words[
        first : last + 1
    ]
    known = [word for word in words if search.listed(word)]
    if search.is_given(words[0]):
        return len(words) > 1 and (len(known) > 1 or not search.is_ordinary(words[1]))
    odd = [word for word in words if not search.is_ordinary(word)]
    return len(words) > 1 and words[0] in odd and (bool(known) or len(odd) > 1) and search.place_at(first) is None


def find_listed(search: Search) -> None:
    """By the list alone, in a text without capital letters; a name that is a word as well needs more than that."""
    for place, word in enumerate(search.words):
        if not search.free(place) or len(word.text) < 3 or search.is_never(word) or word.text in search.cues.function:
            continue
        if word.text in search.cues.titles | search.cues.kin or not search.is_given(word):
            continue
        long_enough = len(word.text) > 3 or search.before(place) in SAID_OF_SELF
        if (long_enough and not search.is_ordinary(word)) or _has_surname(search, place):
            search.take(place, search.end_of_name(place), "name", "listed")


def _has_surname(search: Search, place: int) -> bool:
    """Whether a first name that is a word as well stands before a surname: blessing okafor."""
    following = search.follows(place)
    if following is None or len(following.text) < 4 or search.is_never(following):
        return False
    return bool(search.listed(following)) and not search.is_ordinary(following)
