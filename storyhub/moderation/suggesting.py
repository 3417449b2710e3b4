"""What a story's words suggest: what may show who somebody is, themes, content notes. A person chooses what holds."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
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
MOST_QUOTED = 12
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
    """(where it begins, its words in pieces) of every paragraph; each piece is "found", "urgent", or neither: "".

    In time that grows with the words and the spans, not with both: anybody may send a story made of little else.
    """
    covered = {"found": joined(found), "urgent": joined(urgent)}
    return [(begins, _pieces(words, begins, covered)) for begins, words in paragraphs]


def joined(spans: Iterable[Span]) -> list[Span]:
    """The spans in order, those that overlap made one.

    >>> joined([(5, 9), (0, 2), (1, 3)])
    [(0, 3), (5, 9)]
    """
    parts: list[Span] = []
    for start, end in sorted(spans):
        if parts and start < parts[-1][1]:
            parts[-1] = (parts[-1][0], max(end, parts[-1][1]))
        else:
            parts.append((start, end))
    return parts


def _pieces(words: str, begins: int, covered: dict[str, list[Span]]) -> list[tuple[str, str]]:
    ends = begins + len(words)
    here = {kind: _within(spans, begins, ends) for kind, spans in covered.items()}
    edges = sorted({begins, ends, *(place for spans in here.values() for span in spans for place in span)})
    kinds = {start: kind for kind in reversed(here) for span in here[kind] for start in _starts(edges, span)}
    return [(words[start - begins : end - begins], kinds.get(start, "")) for start, end in pairwise(edges)]


def _within(spans: list[Span], begins: int, ends: int) -> list[Span]:
    """The parts of ordered spans that lie between two places."""
    first = bisect_right(spans, begins, key=lambda span: span[1])
    last = bisect_left(spans, ends, key=lambda span: span[0])
    return [(max(start, begins), min(end, ends)) for start, end in spans[first:last]]


def _starts(edges: list[int], span: Span) -> list[int]:
    """Where the pieces begin that a span covers."""
    return edges[bisect_left(edges, span[0]) : bisect_left(edges, span[1])]


def quoted(text: str, hits: Iterable[urgency.Hit]) -> list[str]:
    """The words of a story that suggested something, each once and not too many."""
    return list(dict.fromkeys(text[hit.start : hit.end] for hit in hits))[:MOST_QUOTED]
