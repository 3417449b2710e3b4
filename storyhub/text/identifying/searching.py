"""One text in a language that is looked through: what is known of its words, and which of them are taken already."""

from __future__ import annotations

import re
from functools import cache

from storyhub.text import countries
from storyhub.text.identifying.cues import CUES, LITTLE, NEVER, Cues
from storyhub.text.identifying.lists import GIVEN, LARGE, WORD_IN, names, ordinary, place_beginnings, places
from storyhub.text.identifying.reading import Reading, Word, folded
from storyhub.text.identifying.spans import Span

__all__ = ["LONGEST_NAME", "Search", "covers"]

LONGEST_NAME = 6  # words
# What people and peoples are called after: Irish, Sudanese, Ghanaian, Kenyan.
PEOPLES = re.compile(r"(?:ish|ese|[aei]an|stani|ians|eans|ans)\Z")


def covers(language: str | None) -> bool:
    """Whether names, places and workplaces are looked for in this language; pt-BR is as good as pt."""
    return (language or "").replace("_", "-").split("-")[0].lower() in CUES


@cache
def _never(language: str) -> frozenset[str]:
    """What is no name and no small place though it has a capital letter, countries among it."""
    return NEVER | {folded(name) for each in ("en", language) for name in countries.names(each).values()}


class Search:
    """A text, read once. Each step takes the words that it understands, and the later ones see what is left."""

    def __init__(self, reading: Reading, language: str) -> None:
        self.reading, self.language = reading, language
        self.cues: Cues = CUES[language]
        self.words = reading.words
        self.capitals = reading.has_capitals
        self.found: list[Span] = []
        self._at = {word.start: place for place, word in enumerate(self.words)}
        self._taken: list[str] = [""] * len(self.words)
        self._small = {word.text for word in self.words if not word.capital}
        self._never = _never(language)
        self._names, self._places, self._beginnings = names(), places(), place_beginnings()
        self._ordinary: dict[str, bool] = {}

    # ---- what is known of a word

    def listed(self, word: Word) -> int:
        """What the list of names says of it; 0 when it is not there."""
        return self._names.get(word.text.removesuffix("'s")) or 0

    def is_given(self, word: Word) -> bool:
        return bool(self.listed(word) & GIVEN)

    def is_ordinary(self, word: Word) -> bool:
        """Whether it is an ordinary word of the language, whatever else it is."""
        known = self._ordinary.get(word.text)
        if known is None:
            known = self._ordinary[word.text] = self._is_ordinary(word)
        return known

    def _is_ordinary(self, word: Word) -> bool:
        bare = word.text.removesuffix("'s")
        listed = self.listed(word)
        if listed & WORD_IN[self.language] or bare in self.cues.function:
            return True
        if listed & GIVEN:  # the list was compared with whole dictionaries, and says so itself
            return False
        return any(ordinary(part, self.language) for part in (bare, *re.split("['-]", bare)[-1:]))

    def is_never(self, word: Word) -> bool:
        bare = word.text.removesuffix("'s")
        return bare in self._never or bool(PEOPLES.search(bare) and not self.listed(word) and bare not in self._places)

    def is_capital(self, word: Word) -> bool:
        """Whether it is written as a name: Lima, d'Annecy."""
        elided = word.text.find("'")
        return word.capital or (0 < elided < 3 and self.reading.kept[word.start + elided + 1 : word.end][:1].isupper())

    def is_shouted(self, word: Word) -> bool:
        return word.end - word.start > 1 and self.reading.kept[word.start : word.end].isupper()

    def is_small_elsewhere(self, word: Word) -> bool:
        return word.text in self._small

    def is_place(self, text: str) -> bool:
        return text in self._places and text not in self._never

    def is_large_place(self, text: str) -> bool:
        return bool((self._places.get(text) or 0) & LARGE)

    def may_be_name(self, word: Word) -> bool:
        """Whether nothing speaks against a name: a capital letter where they mean something, or no ordinary word."""
        if self.is_never(word) or word.text in self.cues.function or word.text in self.cues.titles:
            return False
        return self.is_capital(word) if self.capitals else bool(self.listed(word)) and not self.is_ordinary(word)

    # ---- where it stands

    def free(self, place: int) -> bool:
        return 0 <= place < len(self.words) and not self._taken[place]

    def kind_at(self, place: int) -> str:
        """As what a word was taken; an empty string while it is free."""
        return self._taken[place]

    def starting_at(self, start: int) -> int | None:
        """The number of the word that begins at this character."""
        place = self._at.get(start)
        return (
            place
            if place is not None
            else self._at.get(start + 1)
            if self.reading.plain[start : start + 1] == '"'
            else None
        )

    def follows(self, place: int) -> Word | None:
        """The next word, if nothing stands between."""
        return self.words[place + 1] if place + 1 < len(self.words) and self.words[place + 1].joined else None

    def before(self, place: int) -> str:
        """The word right before, if nothing stands between; the preposition that an apostrophe ties to it."""
        text = self.words[place].text
        if "'" in text[:3]:
            return text.split("'")[0]
        return self.words[place - 1].text if place and self.words[place].joined else ""

    def text(self, first: int, last: int) -> str:
        return " ".join(word.text for word in self.words[first : last + 1])

    def place_at(self, first: int) -> int | None:
        """The last word of the longest listed place that begins here."""
        text = self.words[first].text
        if "'" in text[:3]:
            text = text.split("'", 1)[1]
        most = self._beginnings.get(text.removesuffix("'s")) or 0
        if not most:
            return None
        longest = 1
        while longest < most and self.free(first + longest) and self.words[first + longest].joined:
            longest += 1
        for count in range(longest, 0, -1):
            text = self.text(first, first + count - 1).removesuffix("'s")
            if self.is_place(text) or (count == 1 and "'" in text[:3] and self.is_place(text.split("'", 1)[1])):
                return first + count - 1
        return None

    def end_of_run(self, first: int) -> int:
        """The last of the words with capital letters that begin here; little words may stand between them."""
        last, place = first, first + 1
        shouted = self.is_shouted(self.words[first])
        while self.free(place) and place - first < LONGEST_NAME and self.words[place].joined:
            word = self.words[place]
            if word.text == "i":
                break
            if self.is_capital(word) and not self.is_never(word) and (shouted or not self.is_shouted(word)):
                last = place
            elif word.text not in LITTLE:
                break
            place += 1
        return last

    def end_of_name(self, first: int, *, certain: bool = False) -> int:
        """The last word of the name that begins here; a `certain` name may have a surname that is a word too."""
        last, place = first, first + 1
        while self.free(place) and place - first < LONGEST_NAME and self.words[place].joined:
            word = self.words[place]
            surname = certain and not self.capitals and self.listed(word) and word.text not in self.cues.function
            if (
                (self.may_be_name(word) or surname)
                and word.text not in self.cues.work_tails
                and word.text not in self.cues.says
            ):
                last = place
            elif word.text not in LITTLE:
                break
            place += 1
        return last

    # ---- what is found

    def take(self, first: int, last: int, kind: str, why: str, skip: int = 0) -> None:
        """These words are such a thing; `skip` characters of the first do not belong to it."""
        start, end = self.words[first].start + skip, self.words[last].end
        text = self.words[first].text
        if not skip and "'" in text[:3] and text[0] in "dlnmtsqc" and text.index("'") == 1:
            start += 2
        if self.words[last].text.endswith("'s"):
            end -= 2
        self.found.append(Span(start, max(end, start + 1), kind, why))
        for place in range(first, last + 1):
            self._taken[place] = kind
