"""What an organiser says about a file before it leaves."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from flask_babel import format_date
from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import Form, RadioField, SelectField, SelectMultipleField, StringField, ValidationError
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Optional, Regexp
from wtforms.widgets import CheckboxInput, ListWidget

from storyhub.models.labels import ACTS, USES
from storyhub.models.monthly import first_day
from storyhub.models.selection import Selection
from storyhub.models.story import Setting, Use

OURSELVES = "here"  # stays within the organisation: what may be read here may be read in a file here
PURPOSES = [
    SelectChoice(OURSELVES, _("To read and count here; it stays with us")),
    *(SelectChoice(str(use), USES[use]) for use in (Use.QUOTE, Use.RESEARCH, Use.PRESS)),
]
KINDS = [SelectChoice("csv", _("CSV, for spreadsheets")), SelectChoice("jsonl", _("JSON Lines, for programs"))]
MOST_DRAWN = 100_000  # stories of a sample on the page; the command draws more
LARGEST_SEED = 2**63 - 1
A_YEAR = Regexp(r"^[0-9]{4}$", message=_("Please give a year, such as 2019."))


class ExportForm(FlaskForm):
    theme = SelectMultipleField(_("Themes"), widget=ListWidget(prefix_label=False), option_widget=CheckboxInput())
    themes = RadioField(
        _("If you chose several themes"),
        choices=[
            SelectChoice("all", _("stories with all of them")),
            SelectChoice("any", _("stories with any of them")),
        ],
        default="all",
    )
    campaign = SelectField(_("Campaign"), default="")
    country = SelectField(_("Country"), default="")
    setting = SelectField(_("Where it happened"), default="")
    since_year = StringField(_("From this year on"), [Optional(), A_YEAR])
    until_year = StringField(_("Up to this year"), [Optional(), A_YEAR])
    year = StringField(_("Year"), [Optional(), A_YEAR])  # as scripts send it; on the page there are two
    language = SelectField(_("Language"), default="")
    purpose = RadioField(_("What it is for"), [InputRequired(_("Please choose one."))], choices=PURPOSES)
    sample = StringField(_("Only a sample: how many stories"), [Optional()])
    seed = StringField(_("Number that draws the sample"), [Optional()], default="1")
    format = RadioField(_("Kind of file"), default="csv")

    def __init__(self, **choices: Iterable[tuple[str, str]]) -> None:
        super().__init__()
        field: Any
        for name in ("country", "language", "campaign", "setting"):
            field = self[name]
            field.choices = [SelectChoice("", _("all")), *(SelectChoice(*pair) for pair in choices[name])]
        for name in ("theme", "format"):
            field = self[name]
            field.choices = [SelectChoice(*pair) for pair in choices[name]]

    def validate_until_year(self, field: StringField) -> None:
        if _is_year(field.data) and _is_year(self.since_year.data) and str(field.data) < str(self.since_year.data):
            raise ValidationError(_("This year is before the other one."))

    def validate_sample(self, field: StringField) -> None:
        if _number(field.data, 1, MOST_DRAWN) is None:
            raise ValidationError(_("Please give a number from 1 to %(most)s.", most=MOST_DRAWN))

    def validate_seed(self, field: StringField) -> None:
        if _number(field.data, 0, LARGEST_SEED) is None:
            raise ValidationError(_("Please give a whole number, such as 1."))

    def selection(self) -> Selection:
        """The stories that are asked for: those whose contributors allow what the file is for."""
        return Selection(
            themes=tuple(self.theme.data or ()),
            any_theme=self.themes.data == "any" and len(self.theme.data or ()) > 1,
            country=self.country.data or None,
            setting=Setting(self.setting.data) if self.setting.data else None,
            language=self.language.data or None,
            year=int(self.year.data) if self.year.data else None,
            since_year=int(self.since_year.data) if self.since_year.data else None,
            until_year=int(self.until_year.data) if self.until_year.data else None,
            campaign=self.campaign.data or None,
            consent=None if self.purpose.data == OURSELVES else self.purpose.data,
            sample=_number(self.sample.data, 1, MOST_DRAWN) if self.sample.data else None,
            seed=(_number(self.seed.data, 0, LARGEST_SEED) or 0) if self.sample.data else 0,
        )


def _is_year(text: str | None) -> bool:
    return re.fullmatch("[0-9]{4}", text or "") is not None


def _number(text: str | None, least: int, most: int) -> int | None:
    """A whole number as people type it; None where it is none, or not one of these."""
    if not re.fullmatch("[0-9]{1,19}", (text or "").strip()):
        return None
    number = int((text or "").strip())
    return number if least <= number <= most else None


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
