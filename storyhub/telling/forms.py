"""What somebody may tell, and how a receipt is typed. Only the words are asked for; everything else is offered."""

from __future__ import annotations

import re
from typing import Any

from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import (
    Field,
    HiddenField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.validators import Optional
from wtforms.widgets import CheckboxInput, ListWidget

from storyhub import clock, languages
from storyhub.models.labels import SETTINGS, USES, WISHES
from storyhub.models.sealed import Left
from storyhub.models.story import SHOWN_IF_CHOSEN, Setting, Told, Use, Wish
from storyhub.models.theme import Theme
from storyhub.protection import receipts
from storyhub.protection.typed import as_text, is_text
from storyhub.text import countries, incoming

FEWEST, MOST = 10, 20_000  # characters of a story told in the form
MOST_NOTE = 2_000  # characters of a note for the organisers alone
MOST_LINE = 200  # characters of a title, a pseudonym or a place
LANGUAGES = ("ar", "bn", "de", "en", "es", "fa", "fr", "hi", "id", "it", "ja", "ko", "nl", "pl", "pt", "ru", "sw", "ta",
             "tr", "uk", "ur", "vi", "zh")  # fmt: skip
LONGEST_TAG = 35  # RFC 5646, 4.4.1
LANGUAGE_TAG = r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*"

SHOWN: dict[str, LazyString] = {
    "name": _l("The name you chose"),
    "setting": _l("Where you were (such as: at work)"),
    "month": _l("The month, besides the year"),
}


class Several(SelectMultipleField):
    """Tick boxes."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


def one_line(value: Any) -> Any:
    return " ".join(as_text(value).split()) if isinstance(value, str) else value


def short_enough(_form: FlaskForm, field: Field) -> None:
    if len(field.data or "") > MOST_LINE:
        raise ValidationError(_("Please keep this under %(most)s characters.", most=MOST_LINE))


class WholeForm(FlaskForm):
    """A form that knows whether its bytes were text at all, before anything made text of them."""

    def __init__(self, *, arrived_whole: bool = True, **given: Any) -> None:
        super().__init__(**given)
        self.arrived_whole = arrived_whole

    def must_be_whole(self) -> None:
        """ValidationError when some of it would be changed without a word said (promise 8)."""
        if not self.arrived_whole:
            raise ValidationError(_("Some of this reached us broken. Please look through it and write it again."))


class StoryForm(WholeForm):
    """The story form's fields, as interface.md promises them."""

    text = TextAreaField(_l("Your story"), filters=[as_text], validators=[is_text])
    title = StringField(_l("A title"), filters=[one_line], validators=[Optional(), is_text, short_enough])
    name = StringField(_l("A name, not your own"), filters=[one_line], validators=[Optional(), is_text, short_enough])
    country = SelectField(_l("Country"), validate_choice=False)
    place = StringField(_l("Town or place"), filters=[one_line], validators=[Optional(), is_text, short_enough])
    setting = SelectField(_l("Where were you?"), validate_choice=False)
    happened = StringField(_l("When was it?"), filters=[one_line])
    language = SelectField(_l("The language you wrote in"), validate_choice=False)
    themes = Several(_l("What is it about?"), validate_choice=False)
    campaign = HiddenField()
    wish = RadioField(_l("What should happen with it?"), default=Wish.PUBLISH, validate_choice=False)
    consent = Several(_l("What may we do with your words, besides showing them here?"), validate_choice=False)
    show = Several(_l("What may stand under your story, besides country and year?"), validate_choice=False)
    reach = StringField(
        _l("How the organisers can reach you"), filters=[one_line], validators=[Optional(), is_text, short_enough]
    )
    private_note = TextAreaField(_l("A note for the organisers alone"), filters=[as_text], validators=[is_text])
    website = StringField(_l("Leave this empty"))
    opened = HiddenField()  # sealed: when the first page was opened
    sealed = HiddenField()

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.can_seal = False  # whether there is a key that the two private fields are sealed with

    def offer(self, themes: list[Theme], language: str) -> None:
        """Fill in what can be chosen, in the language of the page."""
        nothing = [("", _("I'd rather not say"))]
        self.country.choices = nothing + list(countries.names(language).items())
        self.setting.choices = nothing + [(code, str(name)) for code, name in SETTINGS.items()]
        self.language.choices = [("", _("See for yourself"))] + [(code, languages.name(code)) for code in LANGUAGES]
        if self.language.data and self.language.data not in LANGUAGES:
            self.language.choices.append((self.language.data, languages.name(self.language.data)))
        self.themes.choices = [(theme.slug, theme.name_in(language)) for theme in themes if not theme.retired]
        self.wish.choices = [(code, str(name)) for code, name in WISHES.items()]
        if self.consent is not None:
            self.consent.choices = [(code, str(name)) for code, name in USES.items()]
        self.show.choices = [(code, str(name)) for code, name in SHOWN.items()]

    def validate_text(self, field: Field) -> None:
        words = field.data or ""
        self.must_be_whole()
        if incoming.is_empty(words):
            raise ValidationError(_("There is nothing here yet. A few words are enough."))
        if len(words.strip()) < FEWEST:
            raise ValidationError(_("That is very short. Please tell a little more."))
        if len(words) > MOST:
            raise ValidationError(
                _(
                    "This is %(length)s characters long; we can take %(most)s. Please shorten it, or send it in parts.",
                    length=len(words),
                    most=MOST,
                )
            )

    def validate_country(self, field: Field) -> None:
        field.data = (field.data or "").upper()
        if field.data and not countries.is_country(field.data):
            raise ValidationError(_("We don't know this country. Please choose one from the list."))

    def validate_setting(self, field: Field) -> None:
        if field.data and field.data not in set(Setting):
            raise ValidationError(_("Please choose from the list."))

    def validate_language(self, field: Field) -> None:
        if field.data and (len(field.data) > LONGEST_TAG or not re.fullmatch(LANGUAGE_TAG, field.data)):
            raise ValidationError(_("Please choose from the list."))

    def validate_happened(self, field: Field) -> None:
        written = _in_plain_digits(field.data or "")
        match = re.fullmatch(r"([0-9]{4})(?:-(0[1-9]|1[0-2]))?", written)
        if written and not (match and int(match[1]) >= 1900 and written <= clock.today().isoformat()):
            raise ValidationError(_("Please write a year, such as 2019, or a year and a month, such as 2019-05."))
        field.data = written

    def validate_wish(self, field: Field) -> None:
        field.data = field.data or Wish.PUBLISH
        if field.data not in set(Wish):
            raise ValidationError(_("Please choose one of these."))

    def validate_themes(self, field: Field) -> None:
        offered = {slug for slug, _name in field.choices or ()}
        if set(field.data or ()) - offered:
            raise ValidationError(_("One of these themes is no longer here. Please choose again."))

    def validate_consent(self, field: Field) -> None:
        if set(field.data or ()) - set(Use):
            raise ValidationError(_("Please choose from the list."))

    def validate_show(self, field: Field) -> None:
        if set(field.data or ()) - set(SHOWN_IF_CHOSEN):
            raise ValidationError(_("Please choose from the list."))

    def validate_reach(self, field: Field) -> None:
        if field.data and not self.can_seal:  # it must not be kept as it was typed, nor be dropped without a word
            raise ValidationError(
                _("This can't be sealed here at present, and is kept in no other way. Please remove it.")
            )

    def validate_private_note(self, field: Field) -> None:
        self.validate_reach(field)
        if len(field.data or "") > MOST_NOTE:
            raise ValidationError(_("Please keep this under %(most)s characters.", most=MOST_NOTE))

    def left(self) -> dict[Left, str]:
        """What was left for the organisers alone, by what it is."""
        said = {Left.REACH: self.reach.data or "", Left.NOTE: self.private_note.data or ""}
        return {left: words for left, words in said.items() if words.strip()}

    def told(self, language: str | None) -> Told:
        """What was told, once it is valid."""
        return Told(
            text=self.text.data or "",
            title=self.title.data or "",
            name=self.name.data or "",
            language=self.language.data or language,
            country=self.country.data or None,
            place=self.place.data or "",
            setting=Setting(self.setting.data) if self.setting.data else None,
            happened=self.happened.data or None,
            show=tuple(self.show.data or ()),
        )


class ReceiptForm(WholeForm):
    """Looking up a story. Typed by hand, or carried sealed from the page before."""

    # Shown as it is typed, but kept by no browser: whoever opens this phone next must not be offered it.
    receipt = StringField(_l("Your receipt"))
    sealed = HiddenField()

    def validate_receipt(self, field: Field) -> None:
        if self.sealed.data and not field.data:
            return
        if not (field.data or "").strip():
            raise ValidationError(_("Please type the twenty digits of your receipt."))
        try:
            receipts.read(field.data)
        except receipts.Mistyped as error:
            if error.digits == receipts.DIGITS:
                problem = _("One of these digits is not right. Please compare them with your receipt.")
            else:
                problem = _("A receipt has twenty digits. You typed %(digits)s.", digits=error.digits)
            raise ValidationError(problem) from error


class WordsForm(ReceiptForm):
    """Words to the desk: an answer, why hidden words should come back, why somebody else should look again."""

    is_needed = False  # whether it says anything without words
    words = TextAreaField(_l("Your words"), filters=[as_text], validators=[is_text])
    about = HiddenField()  # which question is answered: the page may be older than the one that is asked now

    def validate_words(self, field: Field) -> None:
        self.must_be_whole()
        if len(field.data or "") > MOST:
            raise ValidationError(_too_long(field.data))
        if self.is_needed and incoming.is_empty(field.data or ""):
            raise ValidationError(_("There is nothing here yet. A few words are enough."))


class AnswerForm(WordsForm):
    """An answer to a question."""

    words = TextAreaField(_l("Your answer"), filters=[as_text], validators=[is_text])
    is_needed = True


class AppealForm(WordsForm):
    """Asking that somebody else look again."""

    words = TextAreaField(_l("What should they know?"), filters=[as_text], validators=[is_text])


class RedactionForm(WordsForm):
    """Agreeing to hidden words, or not."""

    words = TextAreaField(_l("If you do not agree: what should be different?"), filters=[as_text], validators=[is_text])


class UsesForm(ReceiptForm):
    """What the words may be used for."""

    consent = Several(_l("What may we do with your words, besides showing them here?"), validate_choice=False)

    def offer(self) -> None:
        self.consent.choices = [(code, str(name)) for code, name in USES.items()]

    def validate_consent(self, field: Field) -> None:
        if set(field.data or ()) - set(Use):
            raise ValidationError(_("Please choose from the list."))


class EditForm(StoryForm):
    """The story's own words and facts again, to be changed; with the receipt, typed or carried."""

    reach = private_note = consent = campaign = website = opened = None  # type: ignore[assignment]
    opened = None
    receipt = StringField(_l("Your receipt"))
    looked = HiddenField()  # sealed: the words that were looked over, so that no others are sent

    validate_receipt = ReceiptForm.validate_receipt


class KeptForm(FlaskForm):
    """Whether somebody has their receipt: its last group, typed once more."""

    last = StringField(_l("The last four digits"))
    sealed = HiddenField()


class LostForm(WholeForm):
    """A story whose receipt was lost: which one it is, and what only its teller can know."""

    story = StringField(_l("The address of the story"), filters=[one_line], validators=[is_text])
    words = TextAreaField(_l("What only you can know"), filters=[as_text], validators=[is_text])
    sealed = HiddenField()

    def validate_story(self, field: Field) -> None:
        if not field.data:
            raise ValidationError(_("Please copy the address of the page on which the story stands."))

    def validate_words(self, field: Field) -> None:
        self.must_be_whole()
        if incoming.is_empty(field.data or ""):
            raise ValidationError(_("There is nothing here yet. A few words are enough."))
        if len(field.data) > MOST:
            raise ValidationError(_too_long(field.data))


def _too_long(words: str) -> str:
    return str(
        _(
            "This is %(length)s characters long; we can take %(most)s. Please shorten it.",
            length=len(words),
            most=MOST,
        )
    )


def _in_plain_digits(text: str) -> str:
    """Numerals of any script as 0–9."""
    return "".join(str(int(character)) if character.isdecimal() else character for character in text.strip())


__all__ = [
    "AnswerForm",
    "AppealForm",
    "EditForm",
    "KeptForm",
    "LostForm",
    "ReceiptForm",
    "RedactionForm",
    "StoryForm",
    "UsesForm",
]
