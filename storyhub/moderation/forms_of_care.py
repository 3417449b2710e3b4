"""What somebody at the desk fills in about how they want to work. All of it may be left empty."""

from __future__ import annotations

import re
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, Field, IntegerField, StringField, ValidationError
from wtforms.validators import Length
from wtforms.widgets import TextInput

from storyhub import languages
from storyhub.models.labels import NOTES
from storyhub.models.people import Person
from storyhub.moderation import caring
from storyhub.moderation.forms import Several, choices
from storyhub.protection.typed import as_text, is_text

MOST_STORIES = 500
LONGEST_EMAIL = 255
OF_READING = ("languages", "languages_other", "rather_not", "folds", "daily_measure", "break_after")
EMAIL = re.compile(r"[^\s@,;<>\"]+@[^\s@,;<>\"]+\.[^\s@,;<>\"]+")


def one_line(typed: Any) -> Any:
    """A line as it is kept; what is no text at all is left for `is_text` to refuse."""
    cleaned = as_text(typed)
    return cleaned.strip() if isinstance(cleaned, str) else cleaned


class Stories(IntegerField):
    """A number of stories in any numerals, or nothing. What is no number is told at the field."""

    widget = TextInput()  # a box for numbers alone takes no Arabic ones

    def process_formdata(self, valuelist: list[str]) -> None:
        typed = valuelist[0].strip() if valuelist else ""
        is_number = typed.isdecimal() and len(typed) < 5
        self.data = int(typed) if is_number else None
        if typed and not (is_number and 1 <= int(typed) <= MOST_STORIES):
            raise ValueError(_("Choose a number from 1 to %(most)s, or leave it empty.", most=MOST_STORIES))


class Preferences(FlaskForm):
    """How somebody wants to work.

    `sends_mail`: whether this site can send a digest at all; `reads`: whether they read stories at all.
    """

    languages = Several(_l("Languages that you read"))
    languages_other = StringField(_l("More languages, by their codes"), [Length(max=200), is_text], [one_line])
    rather_not = Several(_l("What you would rather not be handed"))
    folds = Several(_l("Whose words stay folded until you open them"))
    daily_measure = Stories(_l("How many stories you would like to read in a day at most"))
    break_after = Stories(_l("After how many in a row you would like to be offered a break"))
    email = StringField(
        _l("Your e-mail address"),
        [Length(max=LONGEST_EMAIL, message=_l("That is too long for an address.")), is_text],
        [one_line],
    )
    wants_digest = BooleanField(_l("Write to me when stories wait"))

    def __init__(self, person: Person, *, sends_mail: bool, reads: bool = True) -> None:
        super().__init__(data=_as_kept(person))
        if not sends_mail:
            del self.email, self.wants_digest
        self.sends_mail, self.reads = sends_mail, reads
        if not reads:
            for name in OF_READING:
                delattr(self, name)
            return
        self.languages.choices = choices(languages.offered())
        self.rather_not.choices = self.folds.choices = choices(NOTES.items())

    def validate_languages_other(self, field: Field) -> None:
        if code := languages.what_is_no_code(field.data):
            raise ValidationError(_("%(code)s is not a language code. They look like ku, pt-BR or zh-Hant.", code=code))

    def validate_email(self, field: Field) -> None:
        if field.data and not EMAIL.fullmatch(field.data):
            raise ValidationError(_("An address looks like name@example.org."))
        if self.wants_digest.data and not field.data:
            raise ValidationError(_("Please give the address to which it is sent."))

    def refuse_address(self) -> None:
        """Somebody else here has it."""
        self.email.errors = [*self.email.errors, _("Somebody else here has this address. Please give another.")]

    @property
    def address(self) -> str | None:
        """The address as it is kept, where one was asked for and given."""
        return (self.email.data or "").lower() or None if self.sends_mail else None

    def give_to(self, person: Person) -> None:
        """Keep what was filled in. What was not asked for stays as it is."""
        if self.sends_mail:
            person.email, person.wants_digest = self.address, bool(self.wants_digest.data)
        if not self.reads:
            return
        read = {
            *(self.languages.data or ()),
            *map(languages.standard_code, languages.codes_in(self.languages_other.data)),
        }
        person.languages = sorted(read)
        person.rather_not = caring.in_order(self.rather_not.data or ())
        caring.fold(person, self.folds.data or ())
        person.daily_measure, person.break_after = self.daily_measure.data, self.break_after.data


def _as_kept(person: Person) -> dict[str, Any]:
    names = ("languages", "rather_not", "daily_measure", "break_after", "email", "wants_digest")
    others = ", ".join(code for code in person.languages if code not in dict(languages.offered()))
    kept = {name: getattr(person, name) for name in names}
    return kept | {"languages_other": others, "folds": caring.folded_for(person)}
