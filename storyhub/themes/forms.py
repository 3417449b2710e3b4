"""What an organiser fills in about a theme: its address, and its name and meaning in each language of the interface."""

from __future__ import annotations

import re
import unicodedata
from functools import partial
from typing import Any

from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import Field, StringField, TextAreaField, ValidationError
from wtforms.validators import Length

from storyhub import languages
from storyhub.models.theme import SLUG, Theme
from storyhub.text import incoming

LONGEST_SLUG = 80
LONGEST_NAME = 80
LONGEST_DEFINITION = 2_000


def as_text(value: Any) -> Any:
    """Words as they are kept; what is no text at all is left for `is_text` to refuse, with the words in the box."""
    try:
        return incoming.clean(value).strip() if isinstance(value, str) else value
    except incoming.NotText:
        return value


def is_text(_form: FlaskForm, field: Field) -> None:
    try:
        incoming.clean(field.data or "")
    except incoming.NotText as error:
        raise ValidationError(_("Some of this is not plain text.")) from error


def needs_words(_form: FlaskForm, field: Field) -> None:
    if not (field.data or "").strip():
        raise ValidationError(_("A theme needs a name."))


class ThemeForm(FlaskForm):
    """A theme's words. The name in the default language is a must; others stand in with it where they are missing."""

    def named(self) -> list[tuple[str, Field, Field]]:
        """(language, name, definition) for each language of the interface."""
        return [(code, self[f"name_{code}"], self[f"definition_{code}"]) for code in languages.LANGUAGES]

    def put_into(self, theme: Theme) -> None:
        theme.names = {code: name.data for code, name, _definition in self.named() if name.data}
        theme.definitions = {code: meaning.data for code, _name, meaning in self.named() if meaning.data}

    @classmethod
    def of(cls, theme: Theme) -> ThemeForm:
        data = {f"name_{code}": theme.names.get(code, "") for code in languages.LANGUAGES}
        data |= {f"definition_{code}": theme.definitions.get(code, "") for code in languages.LANGUAGES}
        return cls(formdata=None, data=data)


class NewThemeForm(ThemeForm):
    """A new theme; once made, its address stays, because others will have written it down."""

    slug = StringField(
        _l("Address"),
        [Length(max=LONGEST_SLUG, message=_l("An address has room for %(most)s characters.", most=LONGEST_SLUG))],
        filters=[lambda value: value.strip().lower() if isinstance(value, str) else value],
        description=_l("Small Latin letters, figures and hyphens. Left empty, it is made from the English name."),
    )

    def __init__(self, taken: frozenset[str], *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.taken = taken

    def validate_slug(self, field: Field) -> None:
        wanted = field.data or slug_of(self[f"name_{languages.DEFAULT}"].data or "")
        if not re.fullmatch(SLUG, wanted):
            raise ValidationError(_("Give an address of small Latin letters, figures and hyphens, such as on-the-bus."))
        if wanted in self.taken:
            raise ValidationError(_("A theme with this address is there already."))
        field.data = wanted


def slug_of(name: str) -> str:
    """A name as an address: marks taken off Latin letters, all else made into hyphens; cut to what fits."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:LONGEST_SLUG].strip("-")


def _language_name(code: str) -> str:
    return languages.name(code, languages.current())


def _add_languages() -> None:
    for code in languages.LANGUAGES:
        must = [needs_words] if code == languages.DEFAULT else []
        called = {"language": LazyString(partial(_language_name, code))}
        setattr(
            ThemeForm,
            f"name_{code}",
            StringField(
                _l("Name in %(language)s", **called),
                [
                    *must,
                    Length(max=LONGEST_NAME, message=_l("A name has room for %(most)s characters.", most=LONGEST_NAME)),
                    is_text,
                ],
                filters=[as_text],
            ),
        )
        too_long = _l("A definition has room for %(most)s characters.", most=LONGEST_DEFINITION)
        setattr(
            ThemeForm,
            f"definition_{code}",
            TextAreaField(
                _l("What it means, in %(language)s", **called),
                [Length(max=LONGEST_DEFINITION, message=too_long), is_text],
                filters=[as_text],
            ),
        )


_add_languages()
