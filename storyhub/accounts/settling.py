"""What a steward fills in about the site."""

from __future__ import annotations

from typing import Any

from flask_babel import LazyString, gettext
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import BooleanField, SelectMultipleField, StringField, TextAreaField
from wtforms.fields import SelectChoice
from wtforms.validators import DataRequired, Length, Optional, Regexp, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from storyhub import languages
from storyhub.languages import OFTEN_READ, codes_in, standard_code, what_is_no_code
from storyhub.models.labels import NOTES
from storyhub.models.site import can_be_left_for
from storyhub.text.incoming import clean

LONGEST_TEXT = 20_000  # characters
TEXTS = ("policy", "support", "reports_duty")


def tidy(typed: str | None) -> str:
    """Words as they are kept; what is no text at all is told at its field (a ValueError)."""
    return clean(typed or "").strip()


class CheckboxesField(SelectMultipleField):
    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class SettingsForm(FlaskForm):
    """Everything that is settled in the browser. Its Markdown fields are named policy_en, policy_ar, and so on."""

    name = StringField(_("Name of this place"), [DataRequired(_("Please give it a name.")), Length(max=80)], [tidy])
    responsible = StringField(_("Who is responsible"), [Optional(), Length(max=200)], [tidy])
    languages_read = CheckboxesField(_("Languages that somebody here can read"))
    languages_other = StringField(_("More languages, by their codes"), [Optional(), Length(max=200)], [tidy])
    leave_address = StringField(
        _("Where “Leave this page” leads"),
        [
            DataRequired(_("Please give an address.")),
            Length(max=200),
            Regexp(
                r"https://[^\s/@\\]+\.[^\s/@\\]+(/\S*)?\Z",
                message=_("Please give an address that begins with https://"),
            ),
        ],
        [tidy],
    )
    security_contact = StringField(
        _("Where to report a weakness of this site"),
        [
            Optional(),
            Length(max=200),
            Regexp(
                r"(https://\S+|mailto:\S+@\S+|[^\s:/]+@[^\s:/]+)\Z",
                message=_("Please give an e-mail address, or an address that begins with https://"),
            ),
        ],
        [tidy],
    )
    folded_notes = CheckboxesField(_("Stories that speak of these are folded until they are opened"))
    stories_indexed = BooleanField(_("Search engines may list stories' own pages"))

    def __init__(self, site: Any) -> None:
        super().__init__(data=_as_shown(site))
        self.languages_read.choices = languages_offered()
        self.folded_notes.choices = [SelectChoice(code, str(name)) for code, name in NOTES.items()]

    def validate_leave_address(self, field: StringField) -> None:
        if not can_be_left_for(field.data or ""):
            raise ValidationError(gettext("Please give an address that begins with https://"))

    def validate_languages_other(self, field: StringField) -> None:
        refuse_what_is_no_code(field)

    def texts(self, name: str) -> dict[str, TextAreaField]:
        """The fields of one text by their language."""
        return {code: self[f"{name}_{code}"] for code in languages.LANGUAGES}

    def settled(self) -> dict[str, Any]:
        """What was filled in, as the site keeps it."""
        read = {*(self.languages_read.data or ()), *map(standard_code, codes_in(self.languages_other.data))}
        return {
            **{name: self[name].data or "" for name in ("name", "responsible", "leave_address", "security_contact")},
            **{name: {code: field.data for code, field in self.texts(name).items() if field.data} for name in TEXTS},
            "languages_read": sorted(read),
            "folded_notes": sorted(self.folded_notes.data or ()),
            "stories_indexed": bool(self.stories_indexed.data),
        }


LABELS: dict[str, LazyString] = {
    "policy": _("What you publish and what not, in %(language)s"),
    "support": _("Where people find help, in %(language)s"),
    "reports_duty": _("What you would have to report to authorities, in %(language)s"),
}


def _label(name: str, code: str) -> LazyString:
    return LazyString(lambda: str(LABELS[name]) % {"language": languages.name(code, languages.current())})


for _name in TEXTS:
    for _code in languages.LANGUAGES:
        setattr(
            SettingsForm,
            f"{_name}_{_code}",
            TextAreaField(_label(_name, _code), [Optional(), Length(max=LONGEST_TEXT)], [tidy]),
        )


def _as_shown(site: Any) -> dict[str, Any]:
    """What is settled now, as the form shows it."""
    simple = ("name", "responsible", "leave_address", "security_contact", "folded_notes", "languages_read",
              "stories_indexed")  # fmt: skip
    shown = {name: getattr(site, name) for name in simple}
    shown["languages_other"] = ", ".join(code for code in site.languages_read if code not in OFTEN_READ)
    return shown | {f"{n}_{code}": getattr(site, n).get(code, "") for n in TEXTS for code in languages.LANGUAGES}


def languages_offered() -> list[SelectChoice]:
    """The languages that are often read, by their names, for a field of check boxes."""
    return [SelectChoice(code, name) for code, name in languages.offered()]


def refuse_what_is_no_code(field: StringField) -> None:
    if code := what_is_no_code(field.data):
        raise ValidationError(
            gettext("%(code)s is not a language code. They look like ku, pt-BR or zh-Hant.", code=code)
        )
