"""What is filled in to answer something that was raised about a story."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import Field, HiddenField, RadioField, SelectField, TextAreaField, ValidationError
from wtforms.validators import Length

from storyhub.models.concern import About, Answered, Did
from storyhub.models.demand import DONE, WHAT, WHO
from storyhub.models.labels import DID
from storyhub.moderation.forms import LONGEST_NOTE, DeskForm, choices, letter_field
from storyhub.protection.typed import as_text, is_text


def inner_note() -> TextAreaField:
    """A note that neither the story's teller nor who raised it is shown: it may hold words of the other."""
    too_long = _l("A note has room for %(most)s characters.", most=LONGEST_NOTE)
    return TextAreaField(
        _l("Note for the team"),
        [Length(max=LONGEST_NOTE, message=too_long), is_text],
        filters=[as_text],
        description=_l("Neither who told the story nor who wrote to us is shown it."),
    )


def one_of(names: Mapping[str, Any]) -> Any:
    """A validator that the choice is one of these codes."""

    def is_one(_form: DeskForm, field: Field) -> None:
        if field.data not in set(names):
            raise ValidationError(_("Please choose one of these."))

    return is_one


class Answer(DeskForm):
    """An answer with its letter. Where nobody wrote another the draft is sent."""

    letter = letter_field(_l("Letter to the person who wrote"))
    note = inner_note()

    def __init__(self, draft: str, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.draft = draft

    @property
    def letter_to_send(self) -> str:
        return (self.letter.data or "").strip() or self.draft


class Acceptance(Answer):
    """Something was done about it."""

    word = "acceptance"
    answer = HiddenField(default=str(Answered.ACCEPTED))
    did = RadioField(
        _l("What was done?"), choices=choices(DID.items()), validators=[one_of(DID)], validate_choice=False
    )


class Nothing(Answer):
    """Nothing changes because of it."""

    word = "nothing"
    answer = HiddenField(default=str(Answered.REFUSED))


class DemandAnswer(Answer):
    """What a steward did about a legal demand: it is counted in public."""

    word = "demand"
    who = SelectField(
        _l("Who demanded it?"), choices=choices(WHO.items()), validators=[one_of(WHO)], validate_choice=False
    )
    what = SelectField(
        _l("What was demanded?"), choices=choices(WHAT.items()), validators=[one_of(WHAT)], validate_choice=False
    )
    done = RadioField(
        _l("What did you do?"), choices=choices(DONE.items()), validators=[one_of(DONE)], validate_choice=False
    )


LIKELY = {About.NAMES_ME: Did.HIDDEN, About.NAMES_INSTITUTION: Did.HIDDEN, About.DANGER: Did.TOLD_ON}
