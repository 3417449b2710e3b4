"""What in a story may show who somebody is, as the desk offers it for hiding. Nothing is hidden that nobody chose."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from storyhub.models.story import StoryVersion
from storyhub.moderation.marks import Hidden
from storyhub.protection.sanitising import Shown, shown_with_marks
from storyhub.text import identifying

LOOKED_AT = 20_000  # characters: as long as a story can be typed; an imported one may be ten times that
MOST = 100
LONGEST_LABEL = 60
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


def marked(paragraphs: Iterable[tuple[int, str]], spans: list[Span]) -> list[tuple[int, Shown]]:
    """(where it begins, its words as HTML) of every paragraph, what was found marked in it."""
    shown = []
    for begins, words in paragraphs:
        ends = begins + len(words)
        inside = [(max(s, begins) - begins, min(e, ends) - begins) for s, e in spans if s < ends and e > begins]
        shown.append((begins, shown_with_marks(words, [span for span in inside if span[0] < span[1]])))
    return shown
