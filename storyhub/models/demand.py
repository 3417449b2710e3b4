"""What outsiders demand about stories, and what was done about it: recorded, and counted in public."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from storyhub.models.decision import Act, Decision, append_decision
from storyhub.models.people import Person

if TYPE_CHECKING:
    from storyhub.models.story import Story


class Who(enum.StrEnum):
    COURT = "court"
    POLICE = "police"
    AUTHORITY = "authority"
    COMPANY = "company"
    PERSON = "person"


class What(enum.StrEnum):
    REMOVE = "remove"
    IDENTIFY = "identify"
    HAND_OVER = "hand-over"
    OTHER = "other"


class Done(enum.StrEnum):
    NOTHING_TO_GIVE = "nothing-to-give"
    REFUSED = "refused"
    PARTLY = "partly"
    DONE = "done"


WHO: dict[str, LazyString] = {
    Who.COURT: _l("a court"),
    Who.POLICE: _l("the police"),
    Who.AUTHORITY: _l("another authority"),
    Who.COMPANY: _l("a company or institution"),
    Who.PERSON: _l("a person, or somebody for them"),
}
WHAT: dict[str, LazyString] = {
    What.REMOVE: _l("to take a story down"),
    What.IDENTIFY: _l("to say who told it"),
    What.HAND_OVER: _l("to hand over data"),
    What.OTHER: _l("something else"),
}
DONE: dict[str, LazyString] = {
    Done.NOTHING_TO_GIVE: _l("we had nothing to give"),
    Done.REFUSED: _l("we refused"),
    Done.PARTLY: _l("we did a part of it"),
    Done.DONE: _l("we did it"),
}


def record_demand(
    session: Session,
    *,
    by: Person,
    who: Who,
    what: What,
    done: Done,
    story: Story | None,
    note: str | None,
    letter: str | None = None,
) -> Decision:
    """Write it into the record. The story itself is not changed by that: whatever was done to it is a decision too."""
    return append_decision(
        session,
        Act.DEMAND,
        by=by.id,
        story_id=story.id if story else None,
        facts={"from": str(who), "asked": str(what), "done": str(done)},
        note=note,
        letter=letter,
    )
