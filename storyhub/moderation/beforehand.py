"""What is known of a story before its words are opened: what it speaks of, and whether somebody wants to know first."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from storyhub.models.labels import NOTES
from storyhub.models.people import FOLDED_AT_THE_DESK, Person
from storyhub.models.queue import QueueItem
from storyhub.models.version import StoryVersion
from storyhub.moderation.lanes import newest_version
from storyhub.text import topics


@dataclass(frozen=True)
class Beforehand:
    """What a story speaks of: as somebody noted, and as its words only suggest. `is_folded`: this person asked so."""

    noted: list[str]
    suggested: list[str]
    is_folded: bool


def beforehand(item: QueueItem, person: Person, version: StoryVersion | None = None) -> Beforehand:
    """What can be said of a story's words before this person opens them; `version`: those shown, if not the newest."""
    read = version or item.story.newest
    noted = [code for code in NOTES if code in read.content_notes]
    found = {*item.topics.split(), *topics.find(read.text or "", read.language)}
    suggested = [code for code in NOTES if code in found and code not in noted]
    return Beforehand(noted, suggested, bool(_folded_by(person) & {*noted, *suggested}))


def heavy_notes(session: Session, items: Collection[int], person: Person) -> dict[int, list[str]]:
    """What those of many stories speak of that this person wants to know first, by item: one query, and no words."""
    rows = session.execute(
        sa.select(QueueItem.id, QueueItem.topics, StoryVersion.content_notes)
        .join(StoryVersion, newest_version())
        .where(QueueItem.id.in_(items))
    )
    spoken = {item_id: {*topics.split(), *(noted or ())} for item_id, topics, noted in rows}
    return {
        one: [code for code in NOTES if code in codes] for one, codes in spoken.items() if codes & _folded_by(person)
    }


def _folded_by(person: Person) -> set[str]:
    return set(FOLDED_AT_THE_DESK if person.folds is None else person.folds)
