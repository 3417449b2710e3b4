"""What a program suggests of a story that comes in, from its words alone: why it is urgent, and content notes."""

from __future__ import annotations

from dataclasses import dataclass

from storyhub.models.queue import Lane, Urgency
from storyhub.models.story import Told
from storyhub.text import topics, urgency

__all__ = ["Suggested", "suggest"]


@dataclass(frozen=True)
class Suggested:
    """`because` is None when nothing in the lists was found; `topics` are codes of content notes."""

    because: Urgency | None
    topics: tuple[str, ...]

    @property
    def lane(self) -> Lane:
        return Lane.URGENT if self.because else Lane.USUAL


def suggest(told: Told, lists: urgency.Lists | None) -> Suggested:
    """Look through title and words. `lists`: the site's own words for what is urgent, None for ours."""
    words = f"{told.title}\n\n{told.text}" if told.title else told.text
    kind = urgency.kind_of(urgency.find(words, told.language, lists))
    return Suggested(Urgency(kind) if kind else None, tuple(topics.find(words, told.language)))
