"""What an organiser fills in about discoveries: what to look at, what to make of a group, why it is nothing."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    Field,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.fields import SelectChoice
from wtforms.validators import Length

from storyhub import languages
from storyhub.protection.typed import as_trimmed, is_text
from storyhub.themes.discovering import ALL, WITHIN, WITHOUT
from storyhub.themes.forms import LONGEST_NAME, LONGEST_TEXT

LONGEST_REASON = 400
NEW = ""  # instead of a theme's address: a new one


class SearchForm(FlaskForm):
    """What is looked at, and how closely."""

    look = RadioField(
        _l("Which stories"),
        choices=[
            SelectChoice(WITHOUT, _l("Stories without a theme")),
            SelectChoice(WITHIN, _l("Stories of one theme, to see what it holds")),
            SelectChoice(ALL, _l("All public stories")),
        ],
        default=WITHOUT,
    )
    theme = SelectField(_l("The theme"), default="")
    fine = BooleanField(
        _l("Look for small groups too"),
        description=_l(
            "Also of what only some dozens tell. Some will be ways of speaking, and no theme. It takes longer."
        ),
    )

    def __init__(self, themes: Iterable[tuple[str, str]], **more: Any) -> None:
        super().__init__(**more)
        self.theme.choices = [SelectChoice("", _("none chosen")), *(SelectChoice(*pair) for pair in themes)]

    def validate_theme(self, field: Field) -> None:
        if self.look.data == WITHIN and not field.data:
            raise ValidationError(_("Please choose the theme."))


class GroupForm(FlaskForm):
    """Which of the stories on the page get a theme, and which theme."""

    story = SelectMultipleField(_l("Stories"), validate_choice=False)
    shown = SelectMultipleField(_l("Stories on this page"), validate_choice=False)
    all_read = BooleanField(_l("All on this page: I have read each of them"))
    theme = SelectField(_l("Give them"), default=NEW)
    name = StringField(
        _l("Its name"),
        [Length(max=LONGEST_NAME, message=_l("A name has room for %(most)s characters.", most=LONGEST_NAME)), is_text],
        filters=[as_trimmed],
    )
    definition = TextAreaField(
        _l("What it means"),
        [
            Length(
                max=LONGEST_TEXT,
                message=_l("A definition has room for %(most)s characters.", most=LONGEST_TEXT),
            ),
            is_text,
        ],
        filters=[as_trimmed],
    )

    def __init__(self, themes: Iterable[tuple[str, str]], *, only: bool = False, **more: Any) -> None:
        super().__init__(**more)
        new = [] if only else [SelectChoice(NEW, _("a new theme, named below"))]
        self.theme.choices = [*new, *(SelectChoice(*pair) for pair in themes)]

    def validate_name(self, field: Field) -> None:
        if self.theme.data == NEW and not field.data:
            raise ValidationError(_("A theme needs a name."))

    @property
    def wanted(self) -> list[str]:
        """The stories that were ticked; all that the page showed, where somebody says that they have read them."""
        return list(self.shown.data or []) if self.all_read.data else list(self.story.data or [])

    def words(self) -> tuple[dict[str, str], dict[str, str]]:
        """Names and definitions by language. The name in the default one is a must, so it stands there as well."""
        here = languages.current()
        names = {languages.DEFAULT: self.name.data, here: self.name.data}
        definitions = {languages.DEFAULT: self.definition.data, here: self.definition.data}
        return names, definitions if self.definition.data else {}


class DismissForm(FlaskForm):
    reason = StringField(
        _l("Why it tells nothing"),
        [
            Length(max=LONGEST_REASON, message=_l("There is room for %(most)s characters.", most=LONGEST_REASON)),
            is_text,
        ],
        filters=[as_trimmed],
    )


class AnyForm(FlaskForm):
    """A button alone, with the token against requests from elsewhere."""
