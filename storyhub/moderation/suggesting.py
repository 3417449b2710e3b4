"""What a story's words suggest: what may show who somebody is, themes, content notes. A person chooses what holds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from storyhub.models.queue import Lane, QueueItem
from storyhub.models.story import StoryVersion
from storyhub.models.theme import Theme
from storyhub.moderation.marks import Hidden
from storyhub.text import folding, identifying, topics, urgency

LOOKED_AT = 20_000  # characters: as long as a story can be typed; an imported one may be ten times that
MOST = 100
LONGEST_LABEL = 60
SHORTEST_WORD = 4  # letters of a theme's name: shorter words stand in stories of every kind
WORDS_OF_EVERY_STORY = frozenset(
    folding.tokens(
        "about after around away been before being during from into made near only other others over people some "
        "somebody somewhere that their them they this under where which while with without your"
    )
)
PLACES, NAMES = {"place", "address"}, {"name", "handle"}
Span = tuple[int, int]


@dataclass(frozen=True)
class Suggestion:
    """Words that were found, of which kind, where first, and how often."""

    words: str
    kind: str
    first: Span
    count: int

    @property
    def value(self) -> str:
        return f"{self.first[0]}-{self.first[1]}"

    @property
    def hidden(self) -> Hidden:
        """The kind of mark that stands for it."""
        return Hidden.PLACE if self.kind in PLACES else Hidden.NAME if self.kind in NAMES else Hidden.OTHER

    @property
    def shortened(self) -> str:
        line = " ".join(self.words.split())
        return line if len(line) <= LONGEST_LABEL else line[: LONGEST_LABEL - 1] + "…"


@dataclass(frozen=True)
class Found:
    """All that was found in a version; `covered`: names and places were looked for too, in its language."""

    suggestions: list[Suggestion]
    spans: list[Span]
    covered: bool


@dataclass(frozen=True)
class Hints:
    """What the words suggest and nobody has chosen yet."""

    notes: list[str]
    themes: list[Theme]

    def __bool__(self) -> bool:
        return bool(self.notes or self.themes)


NO_HINTS = Hints([], [])


def found_in(version: StoryVersion) -> Found:
    """What may show who somebody is; marks that stand for hidden words are none."""
    text = (version.text or "")[:LOOKED_AT]
    spans = [span for span in identifying.find(text, version.language) if not _is_a_mark(text, span.start, span.end)]
    counts = Counter((text[span.start : span.end], span.kind) for span in spans)
    firsts: dict[tuple[str, str], Span] = {}
    for span in spans:
        firsts.setdefault((text[span.start : span.end], span.kind), (span.start, span.end))
    offered = [Suggestion(words, kind, first, counts[words, kind]) for (words, kind), first in firsts.items()]
    language = (version.language or "").partition("-")[0].lower()
    return Found(offered[:MOST], [(span.start, span.end) for span in spans], identifying.covers(language))


def _is_a_mark(text: str, start: int, end: int) -> bool:
    return text[start - 1 : start] == "[" and text[end : end + 1] == "]"


def urgent_in(item: QueueItem, lists: dict[str, dict[str, list[str]]] | None) -> list[urgency.Hit]:
    """Which words suggested that it is urgent, found anew; none of what is not. `lists`: the site's own, if it has."""
    if item.lane is not Lane.URGENT or item.concern_id is not None:
        return []
    newest = item.story.newest
    return urgency.find((newest.text or "")[:LOOKED_AT], newest.language, lists)


def hints_in(version: StoryVersion, offered: Iterable[Theme], chosen: Iterable[Theme]) -> Hints:
    """Content notes and themes that the words of a version suggest, without those that it has.

    >>> from storyhub.models.theme import Theme
    >>> version = StoryVersion(text="He followed me to the BUSES.", language="en", content_notes=[])
    >>> hints_in(version, [Theme(slug="buses", names={"en": "On buses", "de": "Im Bus"})], []).themes[0].slug
    'buses'
    """
    text = (version.text or "")[:LOOKED_AT]
    there, given = set(folding.tokens(text)), {theme.slug for theme in chosen}
    notes = [code for code in topics.find(text, version.language) if code not in version.content_notes]
    return Hints(notes, [theme for theme in offered if theme.slug not in given and _words_of(theme) & there])


def _words_of(theme: Theme) -> set[str]:
    """The words of a theme's names, in every language, by which a story may be known to be about it."""
    named = [folding.tokens(name) for name in theme.names.values()]
    telling = {word for words in named for word in words if len(word) >= SHORTEST_WORD}
    return (telling | {words[0] for words in named if len(words) == 1}) - WORDS_OF_EVERY_STORY


def marked(
    paragraphs: Iterable[tuple[int, str]], found: list[Span], urgent: list[Span]
) -> list[tuple[int, list[tuple[str, str]]]]:
    """(where it begins, its words in pieces) of every paragraph; each piece is "found", "urgent", or neither: ""."""
    return [(begins, _pieces(words, begins, found, urgent)) for begins, words in paragraphs]


def _pieces(words: str, begins: int, found: list[Span], urgent: list[Span]) -> list[tuple[str, str]]:
    ends = begins + len(words)
    edges = {begins, ends}
    for start, end in (*found, *urgent):
        edges |= {min(max(place, begins), ends) for place in (start, end)}
    cut = sorted(edges)
    return [(words[start - begins : end - begins], _kind(start, end, found, urgent)) for start, end in pairwise(cut)]


def _kind(start: int, end: int, found: list[Span], urgent: list[Span]) -> str:
    for kind, spans in (("found", found), ("urgent", urgent)):
        if any(first <= start and end <= last for first, last in spans):
            return kind
    return ""
