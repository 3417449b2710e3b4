"""What outsiders demand about stories, and what was done about it: recorded, and counted in public."""

from __future__ import annotations

import enum
import re
from urllib.parse import urlsplit

from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from sqlalchemy.orm import Session
from wtforms import Field, RadioField, SelectField, StringField, TextAreaField, ValidationError
from wtforms.fields.choices import SelectChoice

from storyhub.models.decision import Act, Decision, append_decision
from storyhub.models.people import Person
from storyhub.models.story import Story
from storyhub.protection import identifiers
from storyhub.text import incoming

LONGEST_NOTE = 2_000  # characters


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


class DemandForm(FlaskForm):
    """A demand, as a steward writes it down."""

    who = SelectField(_l("Who demanded it?"), choices=[SelectChoice(code, words) for code, words in WHO.items()])
    what = SelectField(_l("What was demanded?"), choices=[SelectChoice(code, words) for code, words in WHAT.items()])
    done = RadioField(_l("What did you do?"), choices=[SelectChoice(code, words) for code, words in DONE.items()])
    story = StringField(_l("The story's address, if it is about one"))
    note = TextAreaField(_l("A note for the team"))

    def validate_done(self, field: Field) -> None:
        if field.data not in set(Done):
            raise ValidationError(_("Please choose one of these."))

    def validate_story(self, field: Field) -> None:
        field.data = (field.data or "").strip()
        if field.data and self.story_id is None:
            raise ValidationError(_("This is not the address of a story."))

    def validate_note(self, field: Field) -> None:
        try:
            field.data = incoming.clean(field.data or "").strip()
        except incoming.NotText as error:
            raise ValidationError(_("Some of this is not plain text.")) from error
        if len(field.data) > LONGEST_NOTE:
            raise ValidationError(_("Please keep this under %(most)s characters.", most=LONGEST_NOTE))

    @property
    def story_id(self) -> int | None:
        """The id in a story's address, however much of the address was given."""
        path = urlsplit(self.story.data or "").path.rstrip("/")
        last = re.split("/", path)[-1]
        try:
            return identifiers.read(last)
        except ValueError:
            return None


def record_demand(
    session: Session, *, by: Person, who: Who, what: What, done: Done, story: Story | None, note: str | None
) -> Decision:
    """Write it into the record. The story itself is not changed by that: whatever was done to it is a decision too."""
    return append_decision(
        session,
        Act.DEMAND,
        by=by.id,
        story_id=story.id if story else None,
        facts={"from": str(who), "asked": str(what), "done": str(done)},
        note=note,
    )
