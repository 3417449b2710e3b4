"""What an organiser writes down of a response: who answers, what, when, in which words, and where it can be read."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import (
    DateField,
    Field,
    HiddenField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    ValidationError,
    widgets,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Optional

from storyhub import clock, languages
from storyhub.models.response import KINDS, WHO, WORDINGS, Given, Kind, Who, Wording
from storyhub.models.theme import Theme
from storyhub.protection.typed import as_trimmed, is_text
from storyhub.text import countries, incoming
from storyhub.text.language import detect

LONGEST_TEXT = 20_000  # characters: a long letter
LONGEST_NAME, LONGEST_ADDRESS, LONGEST_REASON = 200, 500, 500
CHOOSE = _l("Please choose one of these.")
A_DAY = _l("Please give a day as year-month-day, such as 2026-03-31.")


def _at_most(most: int) -> Length:
    return Length(max=most, message=_l("There is room for %(most)s characters.", most=most))


class DayField(DateField):
    """A day; what is none is told in the house's words."""

    def process_formdata(self, valuelist: list[str]) -> None:
        try:
            super().process_formdata([typed for typed in valuelist if typed.strip()])
        except ValueError:
            raise ValueError(str(A_DAY)) from None


class AnswerForm(FlaskForm):
    """A response before it is public."""

    who = RadioField(_l("Who answers?"), [InputRequired(CHOOSE)], choices=[SelectChoice(*one) for one in WHO.items()])
    institution = StringField(
        _l("The institution's name"),
        [_at_most(LONGEST_NAME), is_text],
        filters=[as_trimmed],
        description=_l(
            "The authority, company or school; not the name of a person who works there. "
            "Leave it empty when it is you who answer."
        ),
    )
    kind = RadioField(_l("What is it?"), [InputRequired(CHOOSE)], choices=[SelectChoice(*one) for one in KINDS.items()])
    given_on = DayField(
        _l("The day on which it was given"),
        [InputRequired(A_DAY)],
        description=_l("Where they were asked and did not answer: the day on which they were asked."),
    )
    until = DayField(_l("Promised until"), [Optional()], description=_l("Only for a promise that names a day."))
    themes = SelectMultipleField(
        _l("Which themes does it answer?"),
        widget=widgets.ListWidget(prefix_label=False),
        option_widget=widgets.CheckboxInput(),
    )
    country = SelectField(
        _l("Which country is it about?"),
        description=_l(
            "A response stands beside the stories of its themes and of its country: choose a theme, a country, or both."
        ),
    )
    text = TextAreaField(
        _l("The words"),
        [_at_most(LONGEST_TEXT), is_text],
        filters=[as_trimmed],
        description=_l("Plain text. An empty line begins a new paragraph. Please name nobody who told a story."),
    )
    wording = RadioField(
        _l("Whose words are these?"), [InputRequired(CHOOSE)], choices=[SelectChoice(*one) for one in WORDINGS.items()]
    )
    language = SelectField(_l("The language of the words"))
    source = StringField(
        _l("Where it can be read"),
        [_at_most(LONGEST_ADDRESS), is_text],
        filters=[as_trimmed],
        description=_l("An address that begins with https://"),
    )
    revision = HiddenField()

    def __init__(self, themes: Iterable[Theme], **named: Any) -> None:
        super().__init__(**named)
        here = languages.current()
        self.offered = {theme.slug: theme.id for theme in themes}
        self.themes.choices = [SelectChoice(theme.slug, theme.name_in(here)) for theme in themes]
        self.country.choices = [SelectChoice("", _("No country in particular"))]
        self.country.choices += [SelectChoice(code, name) for code, name in countries.names(here).items()]
        codes = list(languages.OFTEN_READ)
        if self.language.data and self.language.data not in codes and languages.CODE.fullmatch(self.language.data):
            codes.append(self.language.data)  # one that was found in the words, of those that few write in
        self.language.choices = [SelectChoice("", _("See for yourself"))]
        self.language.choices += [SelectChoice(code, languages.name(code)) for code in codes]

    @classmethod
    def of(cls, themes: list[Theme], given: Given, chosen: Iterable[int], revision: int) -> AnswerForm:
        """The form as it was filled in. `chosen`: the ids of the themes that what was written down answers now."""
        wanted = set(chosen)
        data: dict[str, Any] = {
            "who": str(given.who),
            "institution": given.institution,
            "kind": str(given.kind),
            "given_on": given.given_on,
            "until": given.until,
            "themes": [theme.slug for theme in themes if theme.id in wanted],
            "country": given.country or "",
            "text": given.text,
            "wording": str(given.wording),
            "language": given.language or "",
            "source": given.source,
            "revision": str(revision),
        }
        return cls(themes, formdata=None, data=data)

    def validate_institution(self, field: Field) -> None:
        field.data = " ".join((field.data or "").split())
        if self.who.data == Who.INSTITUTION and incoming.is_empty(field.data):
            raise ValidationError(_("Please say which institution it is."))

    def validate_given_on(self, field: Field) -> None:
        if field.data and field.data > clock.today():
            raise ValidationError(_("This day is still to come."))

    def validate_until(self, field: Field) -> None:
        if field.data is None:
            return
        if self.kind.data != Kind.COMMITMENT:
            raise ValidationError(_("Only a promise has a day until which it is to be kept. Please leave this empty."))
        if self.given_on.data and field.data < self.given_on.data:
            raise ValidationError(_("This is before the day on which it was given."))

    def validate_country(self, field: Field) -> None:
        if not field.data and not self.themes.data:
            raise ValidationError(_("Please choose a theme or a country, or both: it has to answer something."))

    def validate_text(self, field: Field) -> None:
        if incoming.is_empty(field.data or ""):
            raise ValidationError(_("Please write down the words."))

    def validate_kind(self, field: Field) -> None:
        if self.who.data == Who.ORGANISERS and field.data in (Kind.REFUSED, Kind.SILENT):
            raise ValidationError(_("This is for institutions: you are answering now."))

    def validate_wording(self, field: Field) -> None:
        if self.kind.data == Kind.SILENT and field.data == Wording.THEIRS:
            raise ValidationError(_("They have not answered, so these are your words."))

    def validate_source(self, field: Field) -> None:
        if field.data and not is_safe_address(field.data):
            raise ValidationError(_("Please give a whole address that begins with https://, or leave this empty."))

    def theme_ids(self) -> list[int]:
        return [self.offered[slug] for slug in self.themes.data or []]

    def given(self, theme_ids: frozenset[int]) -> Given:
        """What is written down. What the organisers answer is in their own words, whatever was ticked."""
        who, text = Who(self.who.data), self.text.data or ""
        return Given(
            who=who,
            institution=self.institution.data if who is Who.INSTITUTION else "",
            kind=Kind(self.kind.data),
            wording=Wording(self.wording.data) if who is Who.INSTITUTION else Wording.OURS,
            given_on=self.given_on.data,
            text=text,
            language=self.language.data or detect(text),
            until=self.until.data,
            country=self.country.data or None,
            source=self.source.data or "",
            theme_ids=theme_ids,
        )


class BecauseForm(FlaskForm):
    """Why a response is taken back, or the words of an earlier version are hidden: public, so a must."""

    because = TextAreaField(_l("Why? This will be public."), [_at_most(LONGEST_REASON), is_text], filters=[as_trimmed])
    revision = HiddenField()

    def validate_because(self, field: Field) -> None:
        field.data = " ".join((field.data or "").split())
        if incoming.is_empty(field.data):
            raise ValidationError(_("Please say why, for everybody who read it."))


class AsSeenForm(FlaskForm):
    """One press for what somebody has just looked at: nothing else must have happened since."""

    revision = HiddenField()


def is_safe_address(address: str) -> bool:
    """Whether readers can be led there: https, a host by its name, and nothing that makes another host seem to be it.

    That is a name or a password before it, a sign that nobody sees, and one that turns the direction of those after it.
    """
    if not address.isprintable() or re.search(r"[\s\\<>\"'`]", address) or not address.lower().startswith("https://"):
        return False
    try:
        parts = urlsplit(address)
        return "." in (parts.hostname or "") and not re.search(r"[@%\[\]]", parts.netloc) and parts.port != 0
    except ValueError:
        return False
