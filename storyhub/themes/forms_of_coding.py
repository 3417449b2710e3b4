"""What is filled in to code: which themes for which words, and how a sample is drawn. Nothing here queries."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from flask_wtf import FlaskForm
from wtforms import Field, HiddenField, SelectField, SelectMultipleField, StringField, TextAreaField, ValidationError
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length
from wtforms.widgets import CheckboxInput, ListWidget

from storyhub.models.selection import Selection
from storyhub.protection.typed import as_trimmed, is_text
from storyhub.text import spans as places

WHOLE, PASSAGE = "story", "passage"
LONGEST_WORDS = 20_000
LONGEST_NAME = 120
MOST_IN_SAMPLE = 500
MOST_SEED = 2**31 - 1


class Several(SelectMultipleField):
    """Tick boxes. What was not offered is refused in plain words."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()

    def pre_validate(self, form: FlaskForm) -> None:  # noqa: ARG002 - WTForms asks for it
        offered = {str(choice.value) for choice in self.choices or []}
        if set(self.data or []) - offered:
            raise ValidationError(_("One of these can no longer be chosen. Look them over once more."))


class GivingForm(FlaskForm):
    """Themes for the whole story, or for words of it that were selected, typed or counted.

    `text` is the version that the page showed: places are counted in its code points.
    """

    themes = Several(_l("Themes"), validate_choice=False)
    words = TextAreaField(
        _l("Words of the story"),
        [Length(max=LONGEST_WORDS, message=_l("Please mark fewer words at once.")), is_text],
        filters=[as_trimmed],
    )
    spans = StringField(_l("By their places"), [Length(max=4_000, message=_l("Please mark fewer words at once."))])
    where = StringField(default="")
    version = HiddenField()

    def __init__(self, themes: Iterable[tuple[str, str]], text: str = "", **more: Any) -> None:
        super().__init__(**more)
        self.text = text
        self.chosen: list[places.Span] = []
        self.themes.choices = [SelectChoice(slug, name) for slug, name in themes]

    @property
    def is_passage(self) -> bool:
        return self.where.data == PASSAGE

    @property
    def where_spans(self) -> list[places.Span] | None:
        """The passages that are meant; None for the whole story."""
        return self.chosen if self.is_passage else None

    def validate_themes(self, field: Field) -> None:
        if not field.data:
            raise ValidationError(_("Choose a theme first."))

    def validate_spans(self, field: Field) -> None:
        if not self.is_passage or not (field.data or "").strip():
            return
        try:
            found = places.read_spans(field.data or "", len(self.text))
        except ValueError as error:
            raise ValidationError(
                _("Give places as numbers with a hyphen between them, such as 12-18, that are in the story.")
            ) from error
        self.chosen = [
            span for one in found if self.text[slice(*(span := places.without_edges(self.text, one)))].strip()
        ]
        if not self.chosen:
            raise ValidationError(_("There are no words at that place."))

    def validate_words(self, field: Field) -> None:
        if not self.is_passage or (self.spans.data or "").strip():
            return
        if not (field.data or "").strip():
            raise ValidationError(_("Select words in the story, or copy them here."))
        found = places.find_words(self.text, field.data)
        if not found:
            raise ValidationError(_("These words are not in the story. Copy them just as they stand there."))
        if len(found) > 1:
            raise ValidationError(
                ngettext(
                    "These words stand there %(num)s time. Copy a few more, so that it is clear which are meant.",
                    "These words stand there %(num)s times. Copy a few more, so that it is clear which are meant.",
                    len(found),
                )
            )
        self.chosen = found


class WholeNumber(StringField):
    """A whole number in any numerals; None where nothing is typed."""

    number: int | None = None

    def pre_validate(self, form: FlaskForm) -> None:  # noqa: ARG002 - WTForms asks for it
        typed = (self.data or "").strip()
        if typed and not (typed.isdecimal() and len(typed) < 12):
            raise ValidationError(_("Give a whole number."))
        self.number = int(typed) if typed else None


class RoundForm(FlaskForm):
    """A sample to be drawn, and who codes it with which themes."""

    name = StringField(
        _l("What it is called"),
        [
            InputRequired(_l("A sample needs a name.")),
            Length(max=LONGEST_NAME, message=_l("A name has room for %(most)s characters.", most=LONGEST_NAME)),
            is_text,
        ],
        filters=[as_trimmed],
    )
    theme = SelectField(_l("Theme"), default="")
    language = SelectField(_l("Language"), default="")
    country = SelectField(_l("Country"), default="")
    year = SelectField(_l("Year"), default="")
    size = WholeNumber(_l("How many stories"), default="50")
    seed = WholeNumber(
        _l("Number that decides the draw"),
        description=_l("The same number draws the same stories. Left empty, one is drawn."),
    )
    themes = Several(_l("Themes to code with"), validate_choice=False)
    coders = Several(_l("Who codes"), validate_choice=False)

    def __init__(
        self,
        themes: Sequence[tuple[str, str]],
        coders: Sequence[tuple[str, str]],
        filters: Mapping[str, Sequence[tuple[str, str]]],
        **more: Any,
    ) -> None:
        super().__init__(**more)
        self.themes.choices = [SelectChoice(*pair) for pair in themes]
        self.coders.choices = [SelectChoice(*pair) for pair in coders]
        for name, pairs in filters.items():
            self[name].choices = [SelectChoice("", _("any")), *(SelectChoice(*pair) for pair in pairs)]

    def validate_name(self, field: Field) -> None:
        if not (field.data or "").strip():
            raise ValidationError(_("A sample needs a name."))

    def validate_size(self, field: WholeNumber) -> None:
        if field.number is None or not 1 <= field.number <= MOST_IN_SAMPLE:
            raise ValidationError(_("Give a number from 1 to %(most)s.", most=MOST_IN_SAMPLE))

    def validate_seed(self, field: WholeNumber) -> None:
        if field.number is not None and field.number > MOST_SEED:
            raise ValidationError(_("Give a number from 1 to %(most)s.", most=MOST_SEED))

    def validate_themes(self, field: Field) -> None:
        if not field.data:
            raise ValidationError(_("Choose the themes to code with."))

    def validate_coders(self, field: Field) -> None:
        if len(set(field.data or [])) < 2:
            raise ValidationError(_("Choose two people or more, so that there is something to compare."))

    def drawn_by(self) -> int:
        return self.seed.number if self.seed.number is not None else secrets.randbelow(10**6) + 1

    def selection(self) -> Selection:
        return Selection(
            themes=(self.theme.data,) if self.theme.data else (),
            country=self.country.data or None,
            language=self.language.data or None,
            year=int(self.year.data) if self.year.data else None,
        )
