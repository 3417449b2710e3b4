"""What a steward fills in about a place to find help."""

from __future__ import annotations

import re
from typing import Any

from flask_babel import LazyString, gettext
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import BooleanField, SelectField, StringField
from wtforms.fields import SelectChoice
from wtforms.validators import DataRequired, Length, Optional, Regexp, ValidationError

from storyhub import clock, languages
from storyhub.accounts.settling import (
    CheckboxesField,
    languages_offered,
    refuse_what_is_no_code,
    tidy,
)
from storyhub.languages import OFTEN_READ, codes_in, standard_code
from storyhub.models.site import can_be_left_for
from storyhub.models.support import LONGEST_ADDRESS, LONGEST_NAME, LONGEST_TELEPHONE, SupportPlace
from storyhub.text import countries

EVERYWHERE = ""
LONGEST_WHAT = 300  # characters
# The digits of every script are kept as those that a telephone has.
NUMBER = re.compile(r"\+?[0-9*#]([0-9*# ().\-/]*[0-9*#])?")


def _ascii_digits(typed: str | None) -> str:
    tidied = tidy(typed)
    return "".join(str(int(sign)) if sign.isdecimal() else sign for sign in tidied)


class SupportPlaceForm(FlaskForm):
    """One place. What it offers is told in each interface language: what_en, what_ar, and so on."""

    country = SelectField(_("Country"))
    name = StringField(
        _("Name of the place"), [DataRequired(_("Please give it a name.")), Length(max=LONGEST_NAME)], [tidy]
    )
    telephone = StringField(_("Telephone"), [Optional(), Length(max=LONGEST_TELEPHONE)], [_ascii_digits])
    address = StringField(
        _("Address on the web"),
        [
            Optional(),
            Length(max=LONGEST_ADDRESS),
            Regexp(r"https://\S+\Z", message=_("Please give an address that begins with https://")),
        ],
        [tidy],
    )
    languages = CheckboxesField(_("Languages that are spoken there"))
    languages_other = StringField(_("More languages, by their codes"), [Optional(), Length(max=200)], [tidy])
    checked = BooleanField(_("I have looked today: all of this is right"))

    def __init__(self, place: SupportPlace | None = None) -> None:
        super().__init__(data=_as_shown(place) if place else {"country": EVERYWHERE})
        named = [SelectChoice(code, name) for code, name in countries.names(languages.current()).items()]
        self.country.choices = [SelectChoice(EVERYWHERE, gettext("Everywhere")), *named]
        self.languages.choices = languages_offered()

    @property
    def whats(self) -> list[StringField]:
        return [self[f"what_{code}"] for code in languages.LANGUAGES]

    def validate_telephone(self, field: StringField) -> None:
        if field.data and not NUMBER.fullmatch(field.data):
            raise ValidationError(
                gettext("Please give a number as people dial it, such as +44 20 7946 0000 or 116 123.")
            )

    def validate_address(self, field: StringField) -> None:
        if field.data and not can_be_left_for(field.data):
            raise ValidationError(gettext("Please give an address that begins with https://"))

    def validate_languages_other(self, field: StringField) -> None:
        refuse_what_is_no_code(field)

    def validate(self, extra_validators: Any = None) -> bool:
        fine = bool(super().validate(extra_validators))
        if fine and not (self.telephone.data or self.address.data):
            reach = gettext("Please give a telephone number, an address on the web, or both.")
            self.telephone.errors = [*self.telephone.errors, reach]
            return False
        return fine

    def settled(self) -> dict[str, Any]:
        """What was filled in, as a place keeps it. The day stays as it was unless somebody has looked today."""
        spoken = {*(self.languages.data or ()), *map(standard_code, codes_in(self.languages_other.data))}
        told = {code: self[f"what_{code}"].data for code in languages.LANGUAGES}
        return {
            "country": self.country.data or None,
            **{name: self[name].data or "" for name in ("name", "telephone", "address")},
            "what": {code: words for code, words in told.items() if words},
            "languages": sorted(spoken),
            **({"checked_on": clock.today()} if self.checked.data else {}),
        }


def _label(code: str) -> LazyString:
    said = _("What one finds there, in %(language)s")
    return LazyString(lambda: str(said) % {"language": languages.name(code, languages.current())})


for _code in languages.LANGUAGES:
    setattr(
        SupportPlaceForm,
        f"what_{_code}",
        StringField(_label(_code), [Optional(), Length(max=LONGEST_WHAT)], [tidy]),
    )


def _as_shown(place: SupportPlace) -> dict[str, Any]:
    return {
        "country": place.country or EVERYWHERE,
        **{name: getattr(place, name) for name in ("name", "telephone", "address", "languages")},
        "languages_other": ", ".join(code for code in place.languages if code not in OFTEN_READ),
        **{f"what_{code}": place.what.get(code, "") for code in languages.LANGUAGES},
    }
