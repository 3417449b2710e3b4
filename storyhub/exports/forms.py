"""What an organiser says about a file before it leaves."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from flask_babel import format_date
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import Form, RadioField, SelectField, StringField
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Optional, Regexp

from storyhub.models.labels import ACTS, USES
from storyhub.models.monthly import first_day
from storyhub.models.selection import Selection
from storyhub.models.story import Use

OURSELVES = "here"  # stays within the organisation: what may be read here may be read in a file here
PURPOSES = [
    SelectChoice(OURSELVES, _("To read and count here; it stays with us")),
    *(SelectChoice(str(use), USES[use]) for use in (Use.QUOTE, Use.RESEARCH, Use.PRESS)),
]
KINDS = [SelectChoice("csv", _("CSV, for spreadsheets")), SelectChoice("jsonl", _("JSON Lines, for programs"))]


class ExportForm(FlaskForm):
    theme = SelectField(_("Theme"), default="")
    country = SelectField(_("Country"), default="")
    language = SelectField(_("Language"), default="")
    year = StringField(_("Year"), [Optional(), Regexp(r"^[0-9]{4}$", message=_("Please give a year, such as 2019."))])
    campaign = SelectField(_("Campaign"), default="")
    purpose = RadioField(_("What it is for"), [InputRequired(_("Please choose one."))], choices=PURPOSES)
    format = RadioField(_("Kind of file"), choices=KINDS, default="csv")

    def __init__(self, **choices: Iterable[tuple[str, str]]) -> None:
        super().__init__()
        for name in ("theme", "country", "language", "campaign"):
            field: Any = self[name]
            field.choices = [SelectChoice("", _("all")), *(SelectChoice(*pair) for pair in choices[name])]

    def selection(self) -> Selection:
        """The stories that are asked for: those whose contributors allow what the file is for."""
        return Selection(
            themes=(self.theme.data,) if self.theme.data else (),
            country=self.country.data or None,
            language=self.language.data or None,
            year=int(self.year.data) if self.year.data else None,
            campaign=self.campaign.data or None,
            consent=None if self.purpose.data == OURSELVES else self.purpose.data,
        )


class ChosenForm(Form):
    """Which decisions are shown: those of the newest month, unless another one is asked for, or all."""

    month = SelectField(_("Month"))
    act = SelectField(_("What was done"), default="")

    def __init__(self, months: Sequence[str], formdata: MultiDict[str, str] | None) -> None:
        super().__init__(formdata, month=months[0] if months else "")
        offer_decisions(self, months)


class DecisionsForm(FlaskForm):
    """The same decisions, to be taken out."""

    month = SelectField(_("Month"), default="")
    act = SelectField(_("What was done"), default="")
    format = RadioField(_("Kind of file"), choices=KINDS, default="csv")

    def __init__(self, months: Sequence[str], **more: Any) -> None:
        super().__init__(**more)
        offer_decisions(self, months)


def offer_decisions(form: ChosenForm | DecisionsForm, months: Sequence[str]) -> None:
    named = [SelectChoice(month, format_date(first_day(month), "MMMM y")) for month in months]
    form.month.choices = [SelectChoice("", _("all")), *named]
    form.act.choices = [SelectChoice("", _("all")), *(SelectChoice(str(act), name) for act, name in ACTS.items())]
