"""The story as it would be public, with what might show who somebody is marked in it, and the reason for each mark.

Nothing is changed here: the pieces of a text, put together again, are the text. Whoever tells decides what to do.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from flask_babel import LazyString
from flask_babel import lazy_gettext as _

from storyhub.models.story import Told
from storyhub.text import identifying
from storyhub.text.identifying import Span

__all__ = ["NAMES", "LookedOver", "Piece", "Reason", "look_over"]

# What each kind is called beside its mark, and why it can show who somebody is.
NAMES: dict[str, LazyString] = {
    "receipt": _("a receipt"),
    "name": _("a name"),
    "introduction": _("the only one, or the first"),
    "age": _("an age"),
    "place": _("a place"),
    "workplace": _("a workplace or school"),
    "date": _("an exact day"),
    "birth": _("a date of birth"),
    "phone": _("a phone number"),
    "email": _("an e-mail address"),
    "handle": _("a name on social media"),
    "link": _("a link"),
    "address": _("an address or postcode"),
    "plate": _("a number plate"),
    "card": _("a card or bank account"),
    "idnumber": _("a number from an identity paper"),
}
WHY: dict[str, LazyString] = {
    "receipt": _("Whoever has a receipt can read all that is held about its story, and take it back."),
    "name": _("Your own name, or that of somebody near you, can lead to you. “My aunt” says less."),
    "introduction": _("People who know the place know who that is, even without a name."),
    "age": _("An age beside a place or a job can be enough. “As a child” or “in my thirties” says less."),
    "place": _("The smaller the place, the fewer people it can be. “A small town” or only the country says less."),
    "workplace": _("People who work or learn there can tell who is meant. “A hospital” says less than which one."),
    "date": _("Somebody who was there that day can tell who is meant. The month or the year says less."),
    "birth": _("A date of birth, with one more detail, points to one person."),
    "phone": _("A number leads to one person, and strangers can call it."),
    "email": _("It leads to one person, and strangers can write to it."),
    "handle": _("It leads to one account, and to all that stands there."),
    "link": _("What is behind a link can show who somebody is."),
    "address": _("It leads to a door."),
    "plate": _("A number plate leads to the owner of the car."),
    "card": _("It can be used to steal money, and it leads to one person."),
    "idnumber": _("It belongs to one person only."),
}  # fmt: skip


@dataclass(frozen=True)
class Reason:
    """A kind of thing that was found: its number beside the marks, and how often it was found."""

    number: int
    kind: str
    count: int

    @property
    def name(self) -> LazyString:
        return NAMES[self.kind]

    @property
    def why(self) -> LazyString:
        return WHY[self.kind]


@dataclass(frozen=True)
class Piece:
    """A part of a text, with the reason why it is marked, if it is."""

    text: str
    reason: Reason | None = None
    is_inside_word: bool = False  # the next piece goes on in the same word, so that no number may stand between


@dataclass(frozen=True)
class LookedOver:
    """What was found in all that would be public."""

    covered: bool  # names and places were looked for too
    reasons: list[Reason]
    paragraphs: list[list[Piece]]
    title: list[Piece]
    name: list[Piece]

    @property
    def holds_receipt(self) -> bool:
        return any(reason.kind == "receipt" for reason in self.reasons)


def look_over(told: Told) -> LookedOver:
    """Look through everything of a story that would be shown."""
    shown = {"text": told.text, "title": told.title, "name": told.name if "name" in told.show else ""}
    found = {field: identifying.find(words, told.language) if words else [] for field, words in shown.items()}
    counts = Counter(span.kind for spans in found.values() for span in spans)
    kinds = [kind for kind in NAMES if counts[kind]]
    reasons = {kind: Reason(number, kind, counts[kind]) for number, kind in enumerate(kinds, start=1)}
    return LookedOver(
        covered=identifying.covers(told.language),
        reasons=list(reasons.values()),
        paragraphs=[list(pieces) for pieces in _paragraphs(told.text, found["text"], reasons)],
        title=list(_pieces(shown["title"], 0, len(shown["title"]), found["title"], reasons)),
        name=list(_pieces(shown["name"], 0, len(shown["name"]), found["name"], reasons)),
    )


def _paragraphs(text: str, spans: list[Span], reasons: dict[str, Reason]) -> Iterator[Iterator[Piece]]:
    """The paragraphs that the public would see: `told` in components/story.html divides at the same places."""
    start = first = 0
    for paragraph in text.split("\n\n"):
        end = start + len(paragraph)
        # Each span is looked at once or twice, however many paragraphs there are: anybody can ask for this page.
        while first < len(spans) and spans[first].end <= start:
            first += 1
        last = first
        while last < len(spans) and spans[last].start < end:
            last += 1
        yield _pieces(text, start, end, spans[first:last], reasons)
        start = end + 2


def _pieces(text: str, start: int, end: int, spans: list[Span], reasons: dict[str, Reason]) -> Iterator[Piece]:
    """The text between two places, in pieces; a span that goes beyond them is cut."""
    place = start
    for span in spans:
        first, last = max(span.start, start), min(span.end, end)
        if first >= last:
            continue
        if place < first:
            yield Piece(text[place:first])
        inside = last < len(text) and text[last].isalnum() and text[last - 1].isalnum()
        yield Piece(text[first:last], reasons[span.kind], is_inside_word=inside)
        place = last
    if place < end:
        yield Piece(text[place:end])
