"""What an organiser fills in about a theme: its address, and in each language of the interface its name, what it means,
when to use it, when not, and an example; then to merge it, to split it, and to bring a codebook in from a file."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import (
    BooleanField,
    Field,
    HiddenField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length

from storyhub import languages
from storyhub.models.theme import SLUG, Theme
from storyhub.protection.typed import as_trimmed, is_text
from storyhub.text.codebook.entries import slug_of

LONGEST_SLUG = 80
LONGEST_NAME = 80
LONGEST_TEXT = 2_000

# The fields' names before the language, and what each is called on Theme.
KINDS = {
    "name": "names",
    "definition": "definitions",
    "use_when": "use_when",
    "use_not": "use_not",
    "example": "examples",
}
LABELS = {
    "name": _l("Name in %(language)s"),
    "definition": _l("What it means, in %(language)s"),
    "use_when": _l("When to use it, in %(language)s"),
    "use_not": _l("When not to use it, in %(language)s"),
    "example": _l("An example, in %(language)s"),
}
INDENT = "\u2003"  # an em space for each step down the tree


def needs_words(_form: FlaskForm, field: Field) -> None:
    if not (field.data or "").strip():
        raise ValidationError(_("A theme needs a name."))


def as_slug(value: Any) -> Any:
    return value.strip().lower() if isinstance(value, str) else value


class NamesForm(FlaskForm):
    """A theme's words. The name in the default language is a must; others stand in with it where they are missing."""

    def by_language(self) -> list[tuple[str, list[Field]]]:
        """The fields of each language of the interface that this form has."""
        codes = languages.LANGUAGES
        return [(code, [self[f"{kind}_{code}"] for kind in KINDS if f"{kind}_{code}" in self]) for code in codes]

    def words(self) -> dict[str, dict[str, str]]:
        """What was written, by kind and language; "" where there is nothing."""
        return {
            attribute: {code: self[f"{kind}_{code}"].data or "" for code in languages.LANGUAGES}
            for kind, attribute in KINDS.items()
            if f"{kind}_{languages.DEFAULT}" in self
        }


class ThemeForm(NamesForm):
    """All the words of a theme and where it stands. `revision` is the one that whoever writes them has read."""

    parent = SelectField(_l("Stands under"), validate_choice=True)
    revision = HiddenField()

    def __init__(self, parents: Iterable[tuple[Theme, int]], *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        here = languages.current()
        self.parent.choices = [SelectChoice("", _("no other theme"))]
        self.parent.choices += [
            SelectChoice(theme.slug, INDENT * depth + theme.name_in(here)) for theme, depth in parents
        ]

    @property
    def revision_read(self) -> int | None:
        return int(self.revision.data) if re.fullmatch("[0-9]{1,9}", self.revision.data or "") else None

    @classmethod
    def of(cls, theme: Theme, parents: Iterable[tuple[Theme, int]]) -> ThemeForm:
        offered = list(parents)
        data = {
            f"{kind}_{code}": (getattr(theme, attribute) or {}).get(code, "")
            for kind, attribute in KINDS.items()
            for code in languages.LANGUAGES
        }
        above = next((one.slug for one, _depth in offered if one.id == theme.parent_id), "")
        return cls(offered, formdata=None, data=data | {"parent": above, "revision": str(theme.revision)})

    def unlike(self, other: ThemeForm) -> list[tuple[Field, Field]]:
        """The fields in which the two differ, each with the other's."""
        pairs = [(self[field.name], field) for _code, fields in other.by_language() for field in fields]
        return [(mine, its) for mine, its in [*pairs, (self.parent, other.parent)] if mine.data != its.data]


class WithAddress(NamesForm):
    """A form for a new theme; once made, its address stays, because others will have written it down."""

    slug = StringField(
        _l("Address"),
        [Length(max=LONGEST_SLUG, message=_l("An address has room for %(most)s characters.", most=LONGEST_SLUG))],
        filters=[as_slug],
        description=_l("Small Latin letters, figures and hyphens. Left empty, it is made from the English name."),
    )
    taken: frozenset[str] = frozenset()

    def validate_slug(self, field: Field) -> None:
        name = self[f"name_{languages.DEFAULT}"].data
        if not (field.data or name):
            return  # there is an error at the name already
        wanted = field.data or slug_of(name or "")
        if not re.fullmatch(SLUG, wanted):
            raise ValidationError(_("Give an address of small Latin letters, figures and hyphens, such as on-the-bus."))
        if wanted in self.taken:
            raise ValidationError(_("A theme with this address is there already."))
        field.data = wanted


class NewThemeForm(WithAddress, ThemeForm):
    def __init__(
        self, taken: frozenset[str], parents: Iterable[tuple[Theme, int]], *arguments: Any, **named: Any
    ) -> None:
        super().__init__(parents, *arguments, **named)
        self.taken = taken


class MergeForm(FlaskForm):
    into = SelectField(_l("Merge it into"), [InputRequired(_l("Choose the theme that stays."))])

    def __init__(self, offered: Iterable[tuple[Theme, int]], *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        here = languages.current()
        self.into.choices = [SelectChoice("", _("Choose a theme"))]
        self.into.choices += [
            SelectChoice(theme.slug, INDENT * depth + theme.name_in(here)) for theme, depth in offered
        ]


MOVE, ALSO, THESE, ALL = "move", "also", "these", "all"


class SplitForm(WithAddress):
    """The new theme, and what becomes of the old one. The stories are chosen beside it (`story`, `picked`)."""

    q = StringField(_l("Only stories that hold these words"), [Length(max=200)], filters=[as_trimmed])
    how = RadioField(
        _l("The chosen stories"),
        choices=[
            SelectChoice(MOVE, _l("get the new theme in place of the old one")),
            SelectChoice(ALSO, _l("get the new one as well")),
        ],
        default=MOVE,
    )
    which = RadioField(
        _l("Which stories"),
        choices=[
            SelectChoice(THESE, _l("those that are ticked")),
            SelectChoice(ALL, _l("all that the words above find")),
        ],
        default=THESE,
    )
    under = BooleanField(_l("The new theme stands under the old one"))

    def __init__(self, taken: frozenset[str], *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.taken = taken


class FileForm(FlaskForm):
    """A codebook to look at; nothing is stored of it."""

    file = FileField(_l("The file"), [FileRequired(_l("Choose a file first."))])
    format = SelectField(
        _l("What it is"),
        choices=[
            SelectChoice("", _l("as its name says")),
            SelectChoice("csv", _l("a table (CSV)")),
            SelectChoice("qdc", _l("a codebook of an analysis program (QDC)")),
        ],
    )


class BringForm(FlaskForm):
    """The same file again, to be brought in as it was shown."""

    packed = HiddenField()
    format = HiddenField()
    digest = HiddenField()


class TakeOutForm(FlaskForm):
    out_as = RadioField(
        _l("As"),
        choices=[
            SelectChoice("csv", _l("a table for spreadsheets (CSV)")),
            SelectChoice("qdc", _l("a codebook for analysis programs (QDC)")),
        ],
        default="csv",
    )


def label_of(name: str) -> str:
    """What a field of the history is called: "names:en", "parent_id"."""
    attribute, _colon, code = name.partition(":")
    if code:
        kind = next(kind for kind, one in KINDS.items() if one == attribute)
        return str(LABELS[kind]) % {"language": _language_name(code)}
    return {"parent_id": _("Stands under"), "parent": _("Stands under"), "retired": _("Retired")}.get(name, name)


def _language_name(code: str) -> str:
    return languages.name(code, languages.current())


def _label(kind: str, code: str) -> LazyString:
    return LazyString(lambda: str(LABELS[kind]) % {"language": _language_name(code)})


def _name_field(code: str) -> Field:
    too_long = _l("A name has room for %(most)s characters.", most=LONGEST_NAME)
    must = [needs_words] if code == languages.DEFAULT else []
    checks = [*must, Length(max=LONGEST_NAME, message=too_long), is_text]
    return StringField(_label("name", code), checks, filters=[as_trimmed])


def _text_field(kind: str, code: str) -> Field:
    too_long = {
        "definition": _l("A definition has room for %(most)s characters.", most=LONGEST_TEXT),
    }.get(kind, _l("There is room for %(most)s characters here.", most=LONGEST_TEXT))
    checks = [Length(max=LONGEST_TEXT, message=too_long), is_text]
    return TextAreaField(_label(kind, code), checks, filters=[as_trimmed])


def _add_languages() -> None:
    for code in languages.LANGUAGES:
        setattr(NamesForm, f"name_{code}", _name_field(code))
        for kind in list(KINDS)[1:]:
            setattr(ThemeForm, f"{kind}_{code}", _text_field(kind, code))


_add_languages()
