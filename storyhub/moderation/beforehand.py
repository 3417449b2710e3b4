"""What is known of a story before its words are opened: what it speaks of, and whether somebody wants to know first."""

from __future__ import annotations

from dataclasses import dataclass

from storyhub.models.labels import NOTES
from storyhub.models.people import FOLDED_AT_THE_DESK, Person
from storyhub.models.queue import QueueItem
from storyhub.text import topics


@dataclass(frozen=True)
class Beforehand:
    """What a story speaks of: as somebody noted, and as its words only suggest. `is_folded`: this person asked so."""

    noted: list[str]
    suggested: list[str]
    is_folded: bool


def beforehand(item: QueueItem, person: Person) -> Beforehand:
    """What can be said of a story's words before this person opens them."""
    newest = item.story.newest
    noted = [code for code in NOTES if code in newest.content_notes]
    found = {*item.topics.split(), *topics.find(newest.text or "", newest.language)}
    suggested = [code for code in NOTES if code in found and code not in noted]
    folds = FOLDED_AT_THE_DESK if person.folds is None else person.folds
    return Beforehand(noted, suggested, bool(set(folds) & {*noted, *suggested}))
