"""Taking sealed boxes out, to be opened where the key is. It is recorded as any file that leaves the house."""

from __future__ import annotations

import hashlib
import json

from sqlalchemy.orm import Session

from storyhub import clock
from storyhub.models.decision import Act, append_decision
from storyhub.models.export import Export, ExportedStory
from storyhub.models.sealed import boxes_left
from storyhub.protection import identifiers

FORMAT = "sealed"


def take_boxes(session: Session, *, by: int | None) -> tuple[bytes, Export]:
    """All boxes as JSON lines (story, left, key: its mark, box: hexadecimal), and the record of it. Doesn't commit."""
    held = boxes_left(session)
    lines = b"".join(
        json.dumps(
            {
                "story": identifiers.shown(note.story_id),
                "left": str(note.left),
                "key": note.key_mark,
                "box": (note.box or b"").hex(),
            }
        ).encode()
        + b"\n"
        for note in held
    )
    export = Export(
        id=identifiers.new_id(),
        day=clock.today(),
        by_id=by,
        format=FORMAT,
        filters={},
        consent=None,
        count=len(held),
        sha256=hashlib.sha256(lines).hexdigest(),
    )
    session.add(export)
    session.flush()
    session.add_all(ExportedStory(export_id=export.id, story_id=story_id) for story_id in {n.story_id for n in held})
    facts: dict[str, str | int | None]
    facts = {"export": identifiers.shown(export.id), "format": FORMAT, "count": export.count, "sha256": export.sha256}
    append_decision(session, Act.EXPORT, by=by, facts=facts)
    return lines, export
