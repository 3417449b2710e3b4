"""Names, places and workplaces, by lists, by the words beside them and by capital letters."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from storyhub.text import countries
from storyhub.text.identifying.cues import CUES, LITTLE, NEVER, Cues
from storyhub.text.identifying.lists import GIVEN, LONGEST_PLACE, WORD_IN, names, ordinary, places
from storyhub.text.identifying.reading import Reading, Word, folded
from storyhub.text.identifying.spans import Span

__all__ = ["covers", "find"]

LONGEST_NAME = 6  # words


def covers(language: str | None) -> bool:
    return (language or "").split("-")[0].lower() in CUES


def find(reading: Reading, language: str) -> Iterator[Span]:
    """Who and where, in a language that is looked through."""
    yield from _Search(reading, language).spans()


@cache
def _never(language: str) -> frozenset[str]:
    """Countries and what is called after them: too large to point to anybody."""
    words = {folded(name) for each in ("en", language) for name in countries.names(each).values()}
    return NEVER | words


@cache
def _patterns(language: str) -> tuple[re.Pattern[str], ...]:
    cues = CUES[language]
    return tuple(map(re.compile, (cues.introduces, cues.is_called, cues.only, cues.works_at)))


class _Search:
    """One text, read once. Each step takes the words that it understands, and the later ones see what is left."""

    def __init__(self, reading: Reading, language: str) -> None:
        self.reading, self.language = reading, language
        self.cues: Cues = CUES[language]
        self.words = reading.words
        self.at = {word.start: place for place, word in enumerate(self.words)}
        self.taken: list[bool] = [False] * len(self.words)
        self.capitals = reading.has_capitals
        self.small = {word.text for word in self.words if not word.capital}
        self.never = _never(language)
        self.found: list[Span] = []
        self.names, self.places = names(), places()

    def spans(self) -> list[Span]:
        self._only_one()
        self._introductions()
        self._workplaces()
        self._headed_places()
        self._titled()
        if self.language == "ar":
            self._listed_arabic()
        elif self.capitals:
            self._runs()
            self._openers()
        else:
            self._listed()
        return self.found

    # ---- what is known of a word

    def is_listed(self, word: Word) -> int:
        """What the list of names says of it; 0 when it is not there."""
        return self.names.get(word.text) or (
            self.names.get(word.text.removesuffix("'s")) or 0 if word.text.endswith("'s") else 0
        )

    def is_word(self, word: Word) -> bool:
        """Whether it is an ordinary word here."""
        bare = word.text.removesuffix("'s")
        return bool(self.is_listed(word) & WORD_IN[self.language]) or any(
            ordinary(part, self.language) for part in (bare, *re.split("['-]", bare)[-1:])
        )

    def is_capital(self, word: Word) -> bool:
        if word.capital:
            return True
        # d'Annecy, l'Haÿ
        place = word.text.find("'")
        return 0 < place < 3 and self.reading.kept[word.start + place + 1].isupper()

    def add(self, first: int, last: int, kind: str, why: str) -> None:
        start = self.words[first].start
        text = self.words[first].text
        if "'" in text[:3] and kind in {"place", "name"} and not text.startswith(("o'", "n'", "d'a")):
            start += text.index("'") + 1
        end = self.words[last].end
        if self.words[last].text.endswith("'s"):
            end -= 2
        self.found.append(Span(start, end, kind, why))
        for place in range(first, last + 1):
            self.taken[place] = True

    def free(self, place: int) -> bool:
        return 0 <= place < len(self.words) and not self.taken[place]

    # ---- steps

    def _only_one(self) -> None:
        for match in _patterns(self.language)[2].finditer(self.reading.plain):
            cut = re.split(
                r" (?:so|and|but|because|y|pero|asi|porque|et|mais|donc|alors|e|mas|entao|porque|و|لكن)(?= )", match[1]
            )[0]
            if cut.count(" ") >= 2:
                self.found.append(Span(match.start(1), match.start(1) + len(cut), "introduction", "the only one"))

    def _introductions(self) -> None:
        for match in _patterns(self.language)[0].finditer(self.reading.plain):
            place = self.at.get(match.end())
            if place is None and self.reading.plain[match.end() : match.end() + 1] == '"':
                place = self.at.get(match.end() + 1)
            if place is None:
                continue
            article = self.words[place].text in {"el", "la", "le", "o", "a", "don", "dona", "the", "mr", "mrs", "miss"}
            place += article
            if self.free(place) and self._may_be_introduced(self.words[place]):
                self.add(place, self._end_of_name(place, certain=True), "name", "introduced")

    def _may_be_introduced(self, word: Word) -> bool:
        if self.language == "ar":
            return len(word.text) > 2 and not word.text.startswith("ال")
        listed = self.is_listed(word)
        if word.text in self.never and not listed:
            return False
        return self.is_capital(word) or bool(listed) or not self.is_word(word)

    def _end_of_name(self, first: int, *, certain: bool = False) -> int:
        """The last word of the name that begins here."""
        last, place = first, first + 1
        while (
            place < len(self.words)
            and place - first < LONGEST_NAME
            and self.words[place].joined
            and not self.taken[place]
        ):
            word = self.words[place]
            if word.text in LITTLE:
                place += 1
                continue
            if not self._goes_on(word, certain):
                break
            last = place
            place += 1
        return last

    def _goes_on(self, word: Word, certain: bool) -> bool:
        if word.text in self.never:
            return False
        listed = self.is_listed(word)
        if self.language == "ar":
            return bool(listed) and word.text not in WEAK_ARABIC or (certain and bool(listed))
        if self.capitals:
            return self.is_capital(word) and word.text not in self.cues.work_tails
        return bool(listed) and not self.is_word(word)

    def _titled(self) -> None:
        """Uncle Chidi, Mme Guérin, el agente Barrios; my mother Rosa."""
        for place, word in enumerate(self.words[:-1]):
            if word.text not in self.cues.titles and word.text not in self.cues.kin:
                continue
            following = place + 1
            if self.words[following].text in {
                "don",
                "dona",
                "dr",
                "mr",
                "sir",
                "la",
                "el",
                "o",
                "a",
                "seu",
            } and following + 1 < len(self.words):
                following += self.words[following].text not in {"la", "el", "o", "a"} or self.is_capital(
                    self.words[following + 1]
                )
            self._after_title(place, following, strong=word.text in self.cues.titles)

    def _after_title(self, title: int, place: int, *, strong: bool) -> None:
        word = self.words[place]
        between = self.reading.plain[self.words[place - 1].end : word.start]
        if not self.free(place) or between not in ({" ", ". ", "."} if strong else {" "}) or word.text in self.never:
            return
        listed = self.is_listed(word)
        if self.language == "ar":
            good = bool(listed) and (strong or word.text not in WEAK_ARABIC or self.words[title].text in self.cues.kin)
        elif self.capitals:
            good = self.is_capital(word) and (strong or bool(listed) or not self.is_word(word))
        else:
            good = (bool(listed) and not self.is_word(word)) or (
                strong and self.words[title].text in ABBREVIATED and not self.is_word(word)
            )
        if good and not self._ends_in_work(place):
            self.add(place, self._end_of_name(place, certain=strong), "name", "title" if strong else "relation")

    def _ends_in_work(self, place: int) -> bool:
        """ "Sister Mary School": what looks like a name is part of something else's."""
        last = self._end_of_name(place)
        return (
            last + 1 < len(self.words)
            and self.words[last + 1].joined
            and (
                self.words[last + 1].text in self.cues.work_tails | self.cues.place_tails
                and self.is_capital(self.words[last + 1])
            )
        )

    # ---- workplaces and schools

    def _workplaces(self) -> None:
        for place, word in enumerate(self.words):
            if word.text in self.cues.work_heads and self.free(place):
                self._headed_work(place)
            if word.text in self.cues.work_tails and self.free(place) and self.language in {"en", "es", "fr", "pt"}:
                self._tailed_work(place)
        if self.language != "ar" and self.capitals:
            for match in _patterns(self.language)[3].finditer(self.reading.plain):
                place = self.at.get(match.end())
                if place is not None and self.free(place):
                    self._employer(place)

    def _headed_work(self, head: int) -> None:
        """Colegio Estadual Dom Bosco; lycée agricole des Trois Vallées; مدرسة النور."""
        last, place = head, head + 1
        words = self.words
        while place < len(words) and place - head < 8 and words[place].joined and not self.taken[place]:
            word = words[place]
            if self.language == "ar":
                if (
                    place - head > 3
                    or word.text in self.cues.place_before
                    or (word.text.startswith("و") and place - head > 1)
                    or len(word.text) < 3
                ):
                    break
                if not (
                    word.text.startswith("ال") or self.is_listed(word) or word.text in self.places or place == head + 1
                ):
                    break
                if word.text in {"التي", "الذي", "اللي", "كان", "كنت", "الي"}:
                    break
                last = place
            elif self.capitals and self.is_capital(word) and word.text not in self.never:
                last = place
            elif (
                not self.capitals
                and word.text not in LITTLE
                and (self.is_listed(word) and not self.is_word(word) or word.text in SAINTS)
            ):
                last = place
            elif not (
                word.text in LITTLE
                or word.text in {"of", "and", "for"}
                or (self.capitals and word.text in QUALIFIERS and place == last + 1)
                or (not self.capitals and word.text in QUALIFIERS)
            ):
                break
            place += 1
        if last == head or (self.language == "ar" and not self._arabic_work_name(head, last)):
            return
        if (
            self.words[head].opens
            and last == head + 1
            and self.language != "ar"
            and self.words[last].text in self.never
        ):
            return
        last = self._without_town(head, last)
        self.add(head, last, "workplace", "institution")

    def _arabic_work_name(self, head: int, last: int) -> bool:
        named = self.words[head + 1]
        return named.text not in GENERAL_ARABIC and named.text not in self.cues.kin

    def _without_town(self, first: int, last: int) -> int:
        """ "Hospital Santa Amalia de Albacete": the town is a place of its own."""
        for place in range(last, first + 1, -1):
            text = " ".join(word.text for word in self.words[place : last + 1])
            if (
                text in self.places
                and place - first > 2
                and self.words[place - 1].text in {"de", "of", "in", "d", "do", "da"}
            ):
                return place - 2
        return last

    def _tailed_work(self, tail: int) -> None:
        """Larkfield Hospital; st theresa college of nursing."""
        first, place = tail, tail - 1
        while place >= 0 and tail - place < 6 and self.words[place + 1].joined and not self.taken[place]:
            word = self.words[place]
            if (
                self.capitals
                and self.is_capital(word)
                and word.text not in self.never - FAITHS
                and not (word.opens and self._is_function(word))
            ):
                first = place
            elif not self.capitals and (
                word.text in SAINTS
                or (bool(self.is_listed(word)) and not self.is_word(word))
                or (word.text in self.places and not self.is_word(word))
            ):
                first = place
            elif not (word.text in {"of", "and", "&", "s"} and place < tail - 0):
                break
            place -= 1
        if first == tail:
            return
        if self.capitals and not self.is_capital(self.words[tail]):
            plain = [w for w in self.words[first:tail] if self.is_capital(w)]
            if not plain or self.words[tail].text in VAGUE_TAILS or all(w.text in self.never for w in plain):
                return
        if self.words[tail].text in VAGUE_TAILS and not self.capitals:
            return
        last = tail
        while (
            last + 1 < len(self.words)
            and self.words[last + 1].joined
            and (
                (
                    self.capitals
                    and self.is_capital(self.words[last + 1])
                    and self.words[last + 1].text not in self.never
                )
                or self.words[last + 1].text in self.cues.work_tails
            )
        ):
            last += 1
        if (
            last + 2 < len(self.words)
            and self.words[last + 1].text == "of"
            and self.words[last + 2].joined
            and (
                self.is_capital(self.words[last + 2])
                or self.words[last + 2].text
                in {"nursing", "education", "technology", "engineering", "science", "medicine", "law", "arts"}
            )
        ):
            last += 2
        self.add(first, last, "workplace", "institution")

    def _is_function(self, word: Word) -> bool:
        return (
            len(word.text) < 4
            or word.text in FUNCTION
            or (self.is_word(word) and not self.is_listed(word) and word.text not in self.places)
        )

    def _employer(self, place: int) -> None:
        """Who is worked for: "my boss at Greenline Logistics"."""
        last = place - 1
        while (
            last + 1 < len(self.words)
            and last - place < 4
            and (last < place or self.words[last + 1].joined)
            and not self.taken[last + 1]
        ):
            word = self.words[last + 1]
            if not self.is_capital(word) or word.text in self.never:
                break
            last += 1
        if last < place:
            return
        text = " ".join(word.text for word in self.words[place : last + 1])
        if text in self.places or (last == place and self.is_listed(self.words[place])):
            return
        if last == place and self.words[place].text in self.places:
            return
        one_person = self.is_listed(self.words[place]) & GIVEN and all(
            self.is_listed(w) for w in self.words[place : last + 1]
        )
        if not one_person and (last > place or self.language == "en"):
            if last == place and not re.search(
                r"\b(?:work\w*|job|boss|manager|stud\w+|employed|intern\w*|hired) (?:\w+ ){0,2}(?:at|for) (?:the )?\Z",
                self.reading.plain[max(0, self.words[place].start - 50) : self.words[place].start],
            ):
                return
            self.add(place, last, "workplace", "worked at")

    # ---- places

    def _headed_places(self) -> None:
        """The village of X, calle X, quartier X, قرية X; and in English X Road, X Park."""
        for place, word in enumerate(self.words):
            if word.text in self.cues.place_heads and place + 1 < len(self.words):
                self._after_place_head(place)
            if word.text in self.cues.place_tails and self.free(place):
                self._before_place_tail(place)

    def _after_place_head(self, head: int) -> None:
        place = head + 1
        while (
            place < len(self.words)
            and self.words[place].text
            in {"de", "del", "of", "la", "el", "los", "las", "du", "des", "da", "do", "das", "dos", "called", "d"}
            and self.words[place].joined
        ):
            place += 1
        if not self.free(place) or not self.words[place].joined:
            return
        word = self.words[place]
        if self.language == "ar":
            if (
                len(word.text) > 2
                and word.text not in GENERAL_ARABIC
                and word.text not in self.cues.place_before
                and not word.text.startswith(("و", "كان", "كن"))
            ):
                last = place
                if (
                    place + 1 < len(self.words)
                    and self.words[place + 1].joined
                    and " ".join((word.text, self.words[place + 1].text)) in self.places
                ):
                    last += 1
                self.add(place, last, "place", "said to be one")
            return
        if self.capitals and not self.is_capital(word):
            return
        if not self.capitals and (self.is_word(word) or not (word.text in self.places or self.is_listed(word))):
            return
        if word.text in self.never and not self.is_listed(word) and not word.text in self.places:
            return
        last = self._end_of_name(place)
        first = (
            head
            if self.is_capital(self.words[head]) and not self.words[head].opens and self.words[head].text in STREETS
            else place
        )
        self.add(first, last, "place", "said to be one")

    def _before_place_tail(self, tail: int) -> None:
        first = tail
        while first > 0 and tail - first < 4 and self.words[first].joined and not self.taken[first - 1]:
            word = self.words[first - 1]
            if self.capitals:
                if not self.is_capital(word) or (word.opens and self._is_function(word)) or word.text in self.never:
                    break
            elif self.is_word(word) or not (word.text in self.places or self.is_listed(word)):
                break
            first -= 1
        if first == tail or (
            self.capitals
            and not self.is_capital(self.words[tail])
            and self.words[tail].text not in STREETS | {"station", "metro"}
        ):
            return
        last = (
            tail
            if self.is_capital(self.words[tail]) and self.words[tail].text not in {"metro", "station", "stop"}
            else tail - 1
        )
        self.add(first, last, "place", "said to be one")

    def _place_at(self, place: int) -> int | None:
        """The last word of the longest listed place that begins here."""
        words = self.words
        longest = 0
        while (
            longest < LONGEST_PLACE
            and place + longest < len(words)
            and not self.taken[place + longest]
            and (longest == 0 or words[place + longest].joined)
        ):
            longest += 1
        for count in range(longest, 0, -1):
            text = " ".join(word.text for word in words[place : place + count]).removesuffix("'s")
            if count == 1 and "'" in text[:3]:
                text = text.split("'", 1)[1]
            if text in self.places and text not in self.never:
                return place + count - 1
        return None

    def _before(self, place: int) -> str:
        """The word right before, if nothing stands between."""
        if place == 0 or not self.words[place].joined:
            text = self.words[place].text
            return "a" if text.startswith("d'") else ""
        return self.words[place - 1].text

    # ---- the rest, where capital letters mean something

    def _runs(self) -> None:
        place = 0
        while place < len(self.words):
            if not self._begins_run(place):
                place += 1
                continue
            last = self._run_end(place)
            self._judge(place, last)
            place = last + 1

    def _begins_run(self, place: int) -> bool:
        word = self.words[place]
        return (
            self.free(place)
            and self.is_capital(word)
            and not word.opens
            and word.text not in self.never
            and len(word.text) > 1
        )

    def _run_end(self, first: int) -> int:
        last, place = first, first + 1
        while (
            place < len(self.words)
            and place - first < LONGEST_NAME
            and self.words[place].joined
            and not self.taken[place]
        ):
            word = self.words[place]
            if self.is_capital(word) and word.text not in self.never:
                last = place
            elif word.text not in LITTLE:
                break
            place += 1
        return last

    def _judge(self, first: int, last: int) -> None:
        """What a row of words with capital letters is, within a sentence."""
        before = self._before(first)
        prefix = self.words[first].text[:2] if "'" in self.words[first].text[:3] else ""
        strong = before in self.cues.place_before or (self.language == "fr" and prefix == "d'")
        perhaps = strong or before in self.cues.place_perhaps or bool(prefix)
        listed = self.is_listed(self.words[first])
        end = self._place_at(first)
        if end is not None and end > last:
            end = None
        is_name = bool(listed & GIVEN) or (last > first and bool(self.is_listed(self.words[last])))
        if (
            end is not None
            and (strong or (perhaps and not is_name) or (end > first and end == last) or not listed)
            and not (end == first and last > first and is_name and not strong)
        ):
            whole = last if last == end or strong else end
            self.add(first, whole, "place", "listed")
            if whole < last:
                self._judge(whole + 1, last)
            return
        if listed or is_name:
            if first == last and strong and not listed & GIVEN and not self.is_word(self.words[first]):
                self.add(first, last, "place", "beside")
            elif first < last or not (self.is_word(self.words[first]) and not listed & GIVEN):
                self.add(first, last, "name", "listed")
            return
        words = [word for word in self.words[first : last + 1] if word.text not in LITTLE]
        unknown = [word for word in words if not self.is_word(word) and word.text not in self.small]
        if not unknown or all(self._is_shouted(word) for word in words):
            return
        if strong or (perhaps and before in {"from", "of", "del", "do", "da", "du"} and len(words) == 1):
            self.add(first, last, "place", "beside")
        else:
            self.add(first, last, "name", "capital letter")

    def _is_shouted(self, word: Word) -> bool:
        written = self.reading.kept[word.start : word.end]
        return len(written) > 1 and written.isupper()

    def _openers(self) -> None:
        """The first words of sentences, where a capital letter says nothing by itself."""
        for place, word in enumerate(self.words):
            if (
                not (word.opens and self.free(place) and self.is_capital(word))
                or word.text in self.never
                or len(word.text) < 3
            ):
                continue
            listed = self.is_listed(word)
            following = self.words[place + 1] if place + 1 < len(self.words) and self.words[place + 1].joined else None
            goes_on = (
                following is not None
                and self.is_capital(following)
                and following.text not in self.never
                and self.free(place + 1)
            )
            if (
                goes_on
                and (listed or not self.is_word(word))
                and not self._is_shouted(word)
                and following
                and bool(self.is_listed(following) or listed)
            ):
                self.add(place, self._run_end(place), "name", "listed")
            elif listed & GIVEN and not self.is_word(word):
                self.add(place, place, "name", "listed")
            elif (
                listed & GIVEN
                and following is not None
                and following.text in SPEAKS
                and word.text not in self.small
                and word.text not in FUNCTION
            ):
                self.add(place, place, "name", "beside a verb")
            elif (end := self._place_at(place)) is not None and (
                end > place or (not self.is_word(word) and not listed)
            ):
                self.add(place, end, "place", "listed")
            elif listed and not self.is_word(word) and following is not None and following.text in self.cues.says:
                self.add(place, place, "name", "listed")

    # ---- the rest, where there are none

    def _listed(self) -> None:
        for place, word in enumerate(self.words):
            if not self.free(place) or len(word.text) < 3 or word.text in self.never or word.text in FUNCTION:
                continue
            before = self._before(place)
            end = self._place_at(place)
            if end is not None and self._is_small_place(place, end, before):
                self.add(place, end, "place", "listed")
                continue
            listed = self.is_listed(word)
            if listed & GIVEN and not self.is_word(word):
                self.add(place, self._end_of_name(place), "name", "listed")
            elif listed & GIVEN and len(word.text) > 3 and before in self.cues.kin and word.text not in self.cues.says:
                self.add(place, self._end_of_name(place), "name", "relation")

    def _is_small_place(self, first: int, last: int, before: str) -> bool:
        words = self.words[first : last + 1]
        odd = [word for word in words if not self.is_word(word) and len(word.text) > 3]
        if not odd:
            return False
        listed = bool(self.is_listed(words[0]) & GIVEN)
        if before in self.cues.place_before:
            return True
        if before in self.cues.place_perhaps:
            return not listed or last > first
        alone = not words[0].joined and (last + 1 == len(self.words) or not self.words[last + 1].joined)
        return (alone or last > first) and not listed

    # ---- Arabic: no capital letters, and small words that are written as one with the next

    def _listed_arabic(self) -> None:
        for place, word in enumerate(self.words):
            if not self.free(place) or len(word.text) < 3:
                continue
            if self._arabic_place(place) or self._arabic_name(place):
                continue

    def _arabic_place(self, place: int) -> bool:
        word = self.words[place]
        before = self._before(place)
        end = self._place_at(place)
        if end is not None and word.text not in GENERAL_ARABIC and word.text not in WEAK_PLACES:
            if before in self.cues.place_before or end > place or (len(word.text) > 4 and not self.is_listed(word)):
                self.add(place, end, "place", "listed")
                return True
        for clitic in ("ب", "ل", "وب", "من", "ف", "لل", "بال"):
            rest = word.text.removeprefix(clitic)
            if rest == word.text or len(rest) < 3:
                continue
            whole = "ال" + rest if clitic in {"لل", "بال"} else rest
            if (
                whole in self.places
                and whole not in WEAK_PLACES
                and whole not in GENERAL_ARABIC
                and whole not in self.never
                and (len(whole) > 3 and not self.is_listed(word) and (clitic in {"ب", "بال", "لل", "ل"}))
            ):
                cut = len(clitic) - (2 if clitic in {"بال"} else 0)
                self.found.append(Span(word.start + cut, word.end, "place", "listed"))
                self.taken[place] = True
                return True
        return False

    def _arabic_name(self, place: int) -> bool:
        word = self.words[place]
        if word.text in self.never or word.text in GENERAL_ARABIC:
            return False
        listed = self.is_listed(word)
        beside = self._before(place)
        if listed:
            following = self.words[place + 1] if place + 1 < len(self.words) and self.words[place + 1].joined else None
            with_another = (
                following is not None and bool(self.is_listed(following)) and following.text not in WEAK_ARABIC
            )
            if (
                word.text not in WEAK_ARABIC
                or (with_another and listed & GIVEN)
                or beside in self.cues.kin | self.cues.titles | {"انا", "يا"}
            ):
                self.add(place, self._end_of_name(place), "name", "listed")
                return True
            return False
        for clitic in ("و", "ل", "ب", "ف", "ك", "يا"):
            rest = word.text.removeprefix(clitic)
            if rest != word.text and len(rest) > 3 and self.names.get(rest) and rest not in WEAK_ARABIC:
                self.found.append(
                    Span(word.start + len(clitic), self.words[self._end_of_name(place)].end, "name", "listed")
                )
                self.taken[place] = True
                return True
        return False


ABBREVIATED = frozenset(
    "mr mrs ms dr prof sr sra srta mme mlle miss mister don dona dra doctor doctora docteur madame monsieur pr".split()
)
SAINTS = frozenset("st saint sainte santa santo san sao sta our lady sacred holy notre dame".split())
QUALIFIERS = frozenset(
    "agricole technique primaire municipal municipale publique privee prive superieure national nationale regional estadual publica publico "
    "privado privada tecnica tecnico nacional internacional general central primaria secundaria superior federal universitaire professionnel "
    "catholique militar militaire rural comarcal basica secundario militar maternelle elementaire generale".split()
)
STREETS = frozenset(
    "street road avenue lane parade highway boulevard calle avenida plaza paseo rua praca travessa alameda rue place quai terminal estacion "
    "estacao gare station carretera estrada".split()
)
FAITHS = frozenset(
    "christian muslim hindu jewish catholic english french church university college hospital school".split()
)
# So general that only a capital letter makes them part of a name.
VAGUE_TAILS = frozenset(
    "house home lodge shelter centre center club bar pub inn group primary secondary high press news radio department security youth services "
    "farm mine company bank agency restaurant hotel school church college hospital university clinic partners studio gym cafe temple mosque "
    "parish prison barracks systems foundation bakery salon".split()
)
SPEAKS = frozenset(
    "said says told asked tells asks grabbed hit touched pushed called shouted laughed smiled works worked lives lived wrote texted messaged "
    "raped beat helped kept from me m'a dijo dice decia disse falou dizia pregunto perguntou".split()
)
FUNCTION = frozenset(
    "the and but for not you all any can had her was one our out day get has him his how man new now old see two way who did its let put say she "
    "too use that with have this will your from they know want been good much some time very when come here just like long make many more only "
    "over such take than them well were what where while then there after before because every never always once since until still even again "
    "each both another others those these which whose whom about above also around away back being below between cuando donde como porque pero "
    "para este esta eso esto ella ellos nosotros mientras luego antes despues desde hasta todo toda todos nada nadie siempre nunca aunque quand "
    "alors apres avant mais pour dans avec sans elle nous vous ils elles cette mon ton son mes ses tout tous rien jamais toujours puis depuis "
    "comme quando onde como porque mas para este esta isso isto ela eles nos depois antes desde todo tudo nada ninguem sempre nunca entao".split()
)
WEAK_ARABIC: frozenset[str] = frozenset()
WEAK_PLACES: frozenset[str] = frozenset()
GENERAL_ARABIC: frozenset[str] = frozenset()
