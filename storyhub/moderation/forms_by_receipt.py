"""What a moderator fills in to ask a contributor something, and to answer what came back."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import Field, HiddenField, IntegerField, RadioField, ValidationError
from wtforms.validators import NumberRange

from storyhub.models.appeal import Heard
from storyhub.models.concern import Answered
from storyhub.models.question import Otherwise
from storyhub.moderation import letters
from storyhub.moderation.forms import DeskForm, Published, choices, letter_field, note_field

DAYS_TO_ANSWER, MOST_DAYS_TO_ANSWER = 14, 60


class Days(IntegerField):
    """A number of days in any numerals. What is none, or far too long for one, is as wrong as one out of range."""

    def process_formdata(self, valuelist: list[str]) -> None:
        typed = valuelist[0].strip() if valuelist else ""
        self.data = int(typed) if typed.isdecimal() and len(typed) < 5 else None


def days_field() -> Days:
    between = _l("Choose between 1 and %(most)s days.", most=MOST_DAYS_TO_ANSWER)
    return Days(_l("Days to answer"), [NumberRange(1, MOST_DAYS_TO_ANSWER, between)], default=DAYS_TO_ANSWER)


class Question(DeskForm):
    """Something to ask the contributor, who reads it when they come back with their receipt."""

    word = "question"
    words = letter_field(_l("What would you like to ask?"))
    days = days_field()

    def validate_words(self, field: Field) -> None:
        if not (field.data or "").strip():
            raise ValidationError(_("Write what you would like to ask."))


class Proposal(Published):
    """Publishing with the words hidden only if the contributor agrees, and what happens when no answer comes."""

    word = "proposal"
    words = letter_field(_l("Why these words are hidden"))
    days = days_field()
    otherwise = RadioField(
        _l("If no answer comes"),
        choices=choices(
            [
                (Otherwise.WAIT, _l("somebody at the desk looks at it again")),
                (Otherwise.PUBLISH, _l("it is published with the words hidden")),
            ]
        ),
        default=str(Otherwise.WAIT),
    )


class Answer(DeskForm):
    """An answer to what a contributor came back with. The draft of its letter stands where nobody wrote another."""

    def __init__(self, story_language: str | None, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.story_language = story_language


class Upholding(Answer):
    """An appeal was heard and the decision stays."""

    word = "uphold"
    heard = HiddenField(default=str(Heard.UPHELD))
    letter = letter_field(_l("Letter to the person who told it"))
    note = note_field()

    @property
    def letter_to_send(self) -> str:
        return (self.letter.data or "").strip() or letters.upheld(self.story_language)


class Overturning(Answer):
    """An appeal was heard and the decision is taken back."""

    word = "overturn"
    heard = HiddenField(default=str(Heard.OVERTURNED))
    note = note_field()


class Refusal(Answer):
    """What somebody wrote does not show that a story is theirs."""

    word = "refusal"
    answer = HiddenField(default=str(Answered.REFUSED))
    letter = letter_field(_l("Letter to the person who wrote"))
    note = note_field()

    @property
    def letter_to_send(self) -> str:
        return (self.letter.data or "").strip() or letters.not_shown_to_be_theirs(self.story_language)


class Handover(Answer):
    """Only its teller could have written this: their new receipt becomes the story's."""

    word = "handover"
    answer = HiddenField(default=str(Answered.ACCEPTED))
    note = note_field()
