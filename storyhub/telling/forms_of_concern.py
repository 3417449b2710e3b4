"""What somebody fills in who raises something about a story: what it is about, and their words."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import Field, HiddenField, RadioField, TextAreaField, ValidationError
from wtforms.fields.choices import SelectChoice

from storyhub.models.concern import About
from storyhub.models.labels import ABOUT
from storyhub.protection.typed import as_text, is_text
from storyhub.telling.forms import WholeForm
from storyhub.text import incoming

MOST = 5_000  # characters


class ConcernForm(WholeForm):
    """Something about a public story, from anybody. Whoever says that it is theirs is led on before they need words."""

    about = RadioField(
        _l("What is it about?"),
        choices=[SelectChoice(str(about), words) for about, words in ABOUT.items()],
        validate_choice=False,
    )
    words = TextAreaField(_l("Your words"), filters=[as_text], validators=[is_text])
    sealed = HiddenField()

    @property
    def is_their_own(self) -> bool:
        return self.about.data == About.MY_STORY

    def validate_about(self, field: Field) -> None:
        if field.data not in set(About):
            raise ValidationError(_("Please choose one of these."))

    def validate_words(self, field: Field) -> None:
        self.must_be_whole()
        if incoming.is_empty(field.data or ""):
            raise ValidationError(_("There is nothing here yet. A few words are enough."))
        if len(field.data) > MOST:
            raise ValidationError(
                _(
                    "This is %(length)s characters long; we can take %(most)s. Please shorten it.",
                    length=len(field.data),
                    most=MOST,
                )
            )
