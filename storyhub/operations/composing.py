"""Puts invented stories together from sentences: when and where, what happened, who did what, and what came of it.

The n-th sentence of each kind says the same in every language, so that stories about the same thing exist in all.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from storyhub.operations.chance import Chance, summed

WITHOUT_SPACES = "zh"
CHARACTERS_OF_A_WORD = 1.7  # in Chinese
YOUNGEST, OLDEST, OLDEST_AT_SCHOOL = 18, 67, 25
# What may follow the event, and how likely it comes before the others are thought of. They stand in this order.
AFTER_THE_EVENT = {"age": 0.5, "details": 1.2, "moments": 1.0, "others": 1.5}
HOW_IT_WAS = {"feelings": 1.2, "remembered": 0.8, "afters": 1.8}
AT_THE_END = {"wishes": 0.8}
LIKELY = AFTER_THE_EVENT | HOW_IT_WAS | AT_THE_END
SHORT = 45  # words, up to which there is one paragraph
BARE = 24  # words, up to which there is hardly more than when, where and what
MOST_ONCE = 70  # sentences, after which a very long story may say again what it said
THE_SAME_AGAIN = 0.4  # the share of further events in a long story that are of the same kind as the one before


@dataclass(frozen=True)
class Plan:
    """What stands behind the sentences: which events, others and afters there are, and how often."""

    events: Sequence[Mapping[str, Any]]
    others: Sequence[Mapping[str, Any]]
    afters: Sequence[Mapping[str, Any]]
    thanks: int
    event_sums: list[float]
    fitting: Mapping[tuple[str, str], tuple[list[int], list[float]]]  # by kind and setting: which, and how often

    @classmethod
    def of(cls, plan: Mapping[str, Any]) -> Plan:
        settings = {event["setting"] for event in plan["events"]}
        return cls(
            events=plan["events"],
            others=plan["others"],
            afters=plan["afters"],
            thanks=plan["thanks"],
            event_sums=summed(event["share"] for event in plan["events"]),
            fitting={
                (kind, setting): _fitting(plan[kind], setting) for kind in ("others", "afters") for setting in settings
            },
        )


def _fitting(parts: Sequence[Mapping[str, Any]], setting: str) -> tuple[list[int], list[float]]:
    fit = [number for number, part in enumerate(parts) if setting in part.get("settings", (setting,))]
    return fit, summed(parts[number]["share"] for number in fit)


@dataclass
class Composed:
    """A text, and what of the plan is in it."""

    text: str
    setting: str
    themes: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def compose(
    chance: Chance, plan: Plan, words: Mapping[str, Any], language: str, length: int, month: int | None
) -> Composed:
    """A story of about so many words; very long ones tell of several events. `month` from 0, where it is known."""
    event = chance.place(plan.event_sums)
    made = Composed("", plan.events[event]["setting"])
    gap = "" if language == WITHOUT_SPACES else " "
    paragraphs: list[str] = []
    told, said = 0.0, set[str]()
    while not paragraphs or told < length:
        episode = _Episode(chance, plan, words, event, length - told, _sizes(language), said)
        if paragraphs:
            episode.open_with(chance.one_of(words["links"]))
        if chance.whether(0.7 if length > BARE else 0.9):
            episode.open_with(episode.when_and_where(month))
        elif not paragraphs:
            episode.open_with(chance.one_of(words["openings"]))
        episode.tell()
        paragraphs += [gap.join(part) for part in episode.paragraphs(one=length <= SHORT)]
        told += episode.told
        _note(made, episode)
        if not chance.whether(THE_SAME_AGAIN):
            event = chance.place(plan.event_sums)
        month = None
    made.text = "\n\n".join(paragraphs)
    return made


def _note(made: Composed, episode: _Episode) -> None:
    made.themes += [theme for theme in episode.themes if theme not in made.themes]
    made.notes += [note for note in episode.notes if note not in made.notes]


class _Episode:
    """One event and what belongs to it, in as many words as there is room for."""

    def __init__(
        self,
        chance: Chance,
        plan: Plan,
        words: Mapping[str, Any],
        event: int,
        room: float,
        sizes: _Sizes,
        said: set[str],
    ) -> None:
        self._chance, self._plan, self._words, self._room, self._sizes = chance, plan, words, room, sizes
        self._event, self._facts, self._said = event, plan.events[event], said
        self._sentences: dict[str, list[str]] = {}
        self._somebody_helped = False
        self.themes: list[str] = list(self._facts["themes"])
        self.notes: Sequence[str] = self._facts.get("notes", ())
        self.told = 0.0

    def open_with(self, sentence: str) -> None:
        self._add("opening", sentence)

    def when_and_where(self, month: int | None) -> str:
        chance, words = self._chance, self._words
        frame: str = words["frame"]
        return frame.format(
            month=words["months"][chance.below(12) if month is None else month],
            weekday=chance.one_of(words["weekdays"]),
            time=chance.one_of(words["times"]),
            where=chance.one_of(words["wheres"][self._facts["setting"]]),
        )

    def tell(self) -> None:
        """The event, and then whatever comes to mind first, until there is no more room."""
        chance = self._chance
        ways = [self._words[kind][self._event] for kind in ("events", "otherwise")]
        self._add("event", chance.one_of([way for way in ways if way not in self._said] or ways))
        drawn = {kind: chance.draw() * likely for kind, likely in LIKELY.items()}
        for kind in sorted(drawn, key=drawn.__getitem__, reverse=True):
            if self.told >= self._room:
                return
            self._add_new(kind, getattr(self, f"_{kind}")())
        while self.told < self._room and chance.whether(0.6):
            self._add_new("reflections", chance.one_of(self._words["reflections"]))

    def paragraphs(self, *, one: bool) -> Iterator[list[str]]:
        kinds = (("opening", "event", *AFTER_THE_EVENT), (*HOW_IT_WAS,), ("reflections", *AT_THE_END))
        parts = [[sentence for kind in some for sentence in self._sentences.get(kind, ())] for some in kinds]
        if one:
            parts = [[sentence for part in parts for sentence in part]]
        return (part for part in parts if part)

    def _add_new(self, kind: str, sentence: str | None) -> None:
        if sentence is not None and sentence not in self._said:
            self._add(kind, sentence)

    def _add(self, kind: str, sentence: str) -> None:
        self._sentences.setdefault(kind, []).append(sentence)
        self.told += self._sizes[sentence]
        if len(self._said) >= MOST_ONCE:
            self._said.clear()
        self._said.add(sentence)

    def _age(self) -> str:
        age: str = self._words["age"]
        oldest = OLDEST_AT_SCHOOL if self._facts["setting"] == "school" else OLDEST
        return age.format(age=YOUNGEST + self._chance.below(oldest - YOUNGEST))

    def _details(self) -> str:
        sentence: str = self._words["details"][self._event]
        return sentence

    def _moments(self) -> str:
        sentence: str = self._chance.one_of(self._words["moments"])
        return sentence

    def _others(self) -> str | None:
        if self._facts.get("alone"):
            return None
        return self._one_that_fits("others", self._plan.others)

    def _feelings(self) -> str:
        sentence: str = self._chance.one_of(self._words["feelings"])
        return sentence

    def _remembered(self) -> str:
        # Some things are remembered very often and some hardly ever, as words are.
        things = self._words["things"]
        remembered: str = self._words["remembered"]
        return remembered.format(thing=things[self._chance.place(_seldom(len(things)))])

    def _afters(self) -> str | None:
        return self._one_that_fits("afters", self._plan.afters)

    def _wishes(self) -> str | None:
        number = self._chance.below(len(self._words["wishes"]))
        if number == self._plan.thanks and not self._somebody_helped:
            return None
        sentence: str = self._words["wishes"][number]
        return sentence

    def _one_that_fits(self, kind: str, parts: Sequence[Mapping[str, Any]]) -> str:
        fit, sums = self._plan.fitting[kind, self._facts["setting"]]
        number = fit[self._chance.place(sums)]
        sentence: str = self._words[kind][number]
        if sentence not in self._said:
            self.themes += [theme for theme in parts[number]["themes"] if theme not in self.themes]
            self._somebody_helped |= "somebody-stepped-in" in parts[number]["themes"]
        return sentence


@cache
def _seldom(number: int) -> list[float]:
    return summed(1 / ((place + 1) * (place + 1)) for place in range(number))


class _Sizes(dict[str, float]):
    """How many words each sentence is, counted once; those with a number or a day in them come anew each time."""

    MOST = 50_000

    def __init__(self, language: str) -> None:
        super().__init__()
        self._counts_characters = language == WITHOUT_SPACES

    def __missing__(self, sentence: str) -> float:
        if len(self) >= self.MOST:
            self.clear()
        size = len(sentence) / CHARACTERS_OF_A_WORD if self._counts_characters else float(sentence.count(" ") + 1)
        self[sentence] = size
        return size


@cache
def _sizes(language: str) -> _Sizes:
    return _Sizes(language)
