"""The forms in which a steward writes down what others demanded, and keeps a story's words for a legal duty."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import Field, RadioField, SelectField, StringField, TextAreaField, ValidationError
from wtforms.fields.choices import SelectChoice

from storyhub.models.demand import DONE, WHAT, WHO, Done
from storyhub.protection import identifiers
from storyhub.text import incoming

LONGEST_NOTE = 2_000  # characters


class AboutAStory(FlaskForm):
    """A story by its address, and a note."""

    story = StringField(_l("The story's address"))
    note = TextAreaField(_l("A note for the team"))

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


class DemandForm(AboutAStory):
    """A demand, as a steward writes it down."""

    who = SelectField(_l("Who demanded it?"), choices=[SelectChoice(code, words) for code, words in WHO.items()])
    what = SelectField(_l("What was demanded?"), choices=[SelectChoice(code, words) for code, words in WHAT.items()])
    done = RadioField(_l("What did you do?"), choices=[SelectChoice(code, words) for code, words in DONE.items()])
    story = StringField(_l("The story's address, if it is about one"))

    def validate_done(self, field: Field) -> None:
        if field.data not in set(Done):
            raise ValidationError(_("Please choose one of these."))


class PauseForm(AboutAStory):
    """Which story's words are kept beyond their day, and why."""

    note = TextAreaField(_l("Which duty it is"))

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        for field in self:  # it stands on one page with the form for a demand
            field.id = f"pause-{field.short_name}"

    def validate_story(self, field: Field) -> None:
        super().validate_story(field)
        if not field.data:
            raise ValidationError(_("Please copy the address of the page on which the story stands."))
