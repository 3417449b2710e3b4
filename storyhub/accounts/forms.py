"""What people with accounts fill in."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import DateField, HiddenField, PasswordField, SelectField, StringField
from wtforms.fields import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, ValidationError

from storyhub.models.labels import ROLES
from storyhub.models.people import LONGEST_NAME, LONGEST_OUTSIDE, NotTillThen, Role, proper_name, refuse_end

LEAST_PASSWORD = 12
LONGEST_PASSWORD = 1000
LONGEST_ANSWER = 20_000  # characters of a passkey's answer; they have about one thousand


class SignInForm(FlaskForm):
    username = StringField(_("Name"), [InputRequired(_("Please give your name here."))])
    password = PasswordField(
        _("Password"), [InputRequired(_("Please give your password.")), Length(max=LONGEST_PASSWORD)]
    )
    next = HiddenField()

    def refuse(self) -> None:
        """One answer to a wrong name, a wrong password and a shut account, so that no name can be found out."""
        self.form_errors.append(gettext("The name or the password is not right."))


class CodeForm(FlaskForm):
    code = StringField(_("Code"), [InputRequired(_("Please give the code.")), Length(max=40)])
    next = HiddenField()

    def refuse(self) -> None:
        self.code.errors = [
            *self.code.errors,
            gettext("This code is not right, or it was used already. Wait for the next one and try again."),
        ]


class PasswordForm(FlaskForm):
    """A new password, typed twice. Long rather than strange: length is what guessing fails at."""

    password = PasswordField(
        _("Password"),
        [InputRequired(_("Please choose a password.")), Length(max=LONGEST_PASSWORD)],
    )
    password_confirm = PasswordField(_("The same password again"), [InputRequired(_("Please type it a second time."))])

    def __init__(self, name: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._name = name

    def validate_password(self, field: PasswordField) -> None:
        password = field.data or ""
        if len(password) < LEAST_PASSWORD:
            raise ValidationError(
                ngettext(
                    "Please use at least %(num)s character.", "Please use at least %(num)s characters.", LEAST_PASSWORD
                )
            )
        if password.casefold().replace(self._name.casefold(), "").strip() == "" or len(set(password)) == 1:
            raise ValidationError(gettext("Please choose something that is not your name and not one sign repeated."))

    def validate_password_confirm(self, field: PasswordField) -> None:
        if field.data != self.password.data:
            raise ValidationError(gettext("The two are not the same."))


class ConfirmForm(FlaskForm):
    """The password once more, before something that whoever finds an unlocked computer must not do."""

    password = PasswordField(
        _("Your password"), [InputRequired(_("Please give your password.")), Length(max=LONGEST_PASSWORD)]
    )

    def refuse(self) -> None:
        self.password.errors = [*self.password.errors, gettext("This is not your password.")]


def _printable(typed: str | None) -> str:
    return "".join(character for character in typed or "" if character.isprintable()).strip()


class LastDay(DateField):
    """A day as date fields send it, and none for an empty one. What is no day is told in our own words."""

    def process_formdata(self, valuelist: list[str]) -> None:
        try:
            super().process_formdata([typed for typed in valuelist if typed.strip()])
        except ValueError:
            raise ValueError(gettext("Please give a day as year-month-day, such as 2026-03-31.")) from None


def check_end(role: Role, until: dt.date | None) -> None:
    """Raise a ValidationError that says why a role can't end then."""
    try:
        refuse_end(role, until)
    except NotTillThen as error:
        if error.has_passed:
            raise ValidationError(gettext("This day has passed.")) from None
        raise ValidationError(
            ngettext(
                "Somebody from outside reads here for %(num)s day at most. Please give a last day within it.",
                "Somebody from outside reads here for %(num)s days at most. Please give a last day within them.",
                LONGEST_OUTSIDE,
            )
        ) from None


class InviteForm(FlaskForm):
    name = StringField(_("Name"), [DataRequired(_("Please give a name.")), Length(max=LONGEST_NAME)])
    role = SelectField(
        _("What they will be"), choices=[SelectChoice(str(r), ROLES[r]) for r in Role if r is not Role.GUEST_CURATOR]
    )

    until = LastDay(_("Last day"))

    def validate_name(self, field: StringField) -> None:
        try:
            field.data = proper_name(field.data or "")
        except ValueError:
            raise ValidationError(gettext("A name has at least two letters or digits.")) from None

    def validate_until(self, field: LastDay) -> None:
        if self.role.data in set(Role) and not field.process_errors:
            check_end(Role(self.role.data), field.data)


class EndForm(FlaskForm):
    """Another last day for a role that somebody has, or none."""

    role = SelectField(choices=[SelectChoice(str(role), ROLES[role]) for role in Role])
    until = LastDay(_("Last day"))

    def validate_until(self, field: LastDay) -> None:
        if self.role.data in set(Role) and not field.process_errors:
            check_end(Role(self.role.data), field.data)

    @property
    def trouble(self) -> str:
        return " ".join(str(error) for errors in self.errors.values() for error in errors)


class NewPasskeyForm(ConfirmForm):
    name = StringField(
        _("A name for it"), [DataRequired(_("Please give it a name.")), Length(max=LONGEST_NAME)], [_printable]
    )


class PasskeyAnswerForm(FlaskForm):
    """What the browser's own script fills in."""

    credential = HiddenField(validators=[InputRequired(), Length(max=LONGEST_ANSWER)])
    next = HiddenField()
