"""What an organiser says of a brief: what it is about, from when, in which language, what for, in their own words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import HiddenField, RadioField, SelectField, StringField, TextAreaField, ValidationError
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Length, Optional, Regexp

from storyhub import languages
from storyhub.exports.brief_figures import About
from storyhub.models.brief import Brief
from storyhub.models.labels import USES
from storyhub.models.story import Use
from storyhub.protection.typed import as_trimmed, is_text

LONGEST_TITLE, LONGEST_NOTE, MOST_LINES = 120, 600, 8
PURPOSES = (Use.QUOTE, Use.RESEARCH, Use.PRESS)
YEAR = [Optional(), Regexp(r"^[0-9]{4}$", message=_l("Please give a year, such as 2019."))]

Groups = dict[str, list[tuple[str, str]]]


class BriefForm(FlaskForm):
    about = SelectField(_l("What is it about?"), [InputRequired(_l("Please choose one."))])
    since = StringField(_l("From the year"), YEAR)
    until = StringField(_l("To the year"), YEAR)
    language = SelectField(_l("Language of the brief"))
    purpose = RadioField(
        _l("What it is for"),
        [InputRequired(_l("Please choose one."))],
        choices=[SelectChoice(str(use), USES[use]) for use in PURPOSES],
        description=_l("Only stories whose contributors allow this can be quoted."),
    )
    title = StringField(
        _l("Title"),
        [
            Length(max=LONGEST_TITLE, message=_l("A title has room for %(most)s characters.", most=LONGEST_TITLE)),
            is_text,
        ],
        filters=[as_trimmed],
        description=_l("Left empty, it is the name of what the brief is about."),
    )
    note = TextAreaField(
        _l("What we ask for"),
        [Length(max=LONGEST_NOTE, message=_l("There is room for %(most)s characters.", most=LONGEST_NOTE)), is_text],
        filters=[as_trimmed],
        description=_l("In your own words, up to 600 characters in 8 lines at most. It stands on the first page."),
    )
    revision = HiddenField()

    def __init__(self, groups: Groups, **named: Any) -> None:
        super().__init__(**named)
        choices = {name: [SelectChoice(*pair) for pair in pairs] for name, pairs in groups.items() if pairs}
        self.about.choices = [SelectChoice("", _l("Choose a theme, a campaign or a place")), *_optgroups(choices)]
        self.language.choices = [SelectChoice(code, languages.name(code)) for code in languages.LANGUAGES]

    @classmethod
    def of(cls, groups: Groups, brief: Brief) -> BriefForm:
        about = About.read(brief.filters)
        data = {name: getattr(brief, name) for name in ("language", "purpose", "title", "note", "revision")}
        data |= {"about": f"{about.kind} {about.value}", "since": about.since, "until": about.until}
        return cls(groups, formdata=None, data={name: value for name, value in data.items() if value is not None})

    def validate_until(self, field: Any) -> None:
        since = str(self.since.data or "")
        if since.isdigit() and str(field.data or "").isdigit() and int(field.data) < int(since):
            raise ValidationError(str(_l("This year is before the first one.")))

    def validate_note(self, field: Any) -> None:
        if len((field.data or "").splitlines()) > MOST_LINES:
            raise ValidationError(str(_l("There is room for %(most)s lines.", most=MOST_LINES)))

    def chosen(self) -> About:
        kind, _space, value = self.about.data.partition(" ")
        since, until = (int(field.data) if field.data else None for field in (self.since, self.until))
        return About(kind, value, since, until)

    def words(self) -> dict[str, Any]:
        """The columns of a brief."""
        return {
            "filters": self.chosen().filters(),
            "language": self.language.data,
            "purpose": self.purpose.data,
            "title": " ".join((self.title.data or "").split()),
            "note": self.note.data or "",
        }

    def put_into(self, brief: Brief) -> None:
        for name, value in self.words().items():
            setattr(brief, name, value)


def _optgroups(choices: dict[str, list[SelectChoice]]) -> Sequence[SelectChoice]:
    for name, some in choices.items():
        for choice in some:
            choice.optgroup = name
    return [choice for some in choices.values() for choice in some]
