"""What a steward fills in about how the desk works: when a second person decides, and what is asked before."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _
from flask_wtf import FlaskForm
from wtforms import BooleanField, IntegerField, RadioField
from wtforms.fields import SelectChoice
from wtforms.validators import NumberRange

from storyhub.accounts.settling import CheckboxesField
from storyhub.models.question import Otherwise

MOST_DAYS = 60
SECOND_EYES = {
    "named": _("a story that accuses somebody who can be recognised"),
    "heavy": _("a story of sexual violence, of a child, of self-harm or of a death"),
    "decline": _("every story that would not be published"),
}
WITHOUT_ANSWER = {
    Otherwise.WAIT: _("somebody at the desk looks at it again"),
    Otherwise.PUBLISH: _("it is published with the words hidden"),
}


class Days(IntegerField):
    """A number of days in any numerals. What is none, or far too long for one, is as wrong as one out of range."""

    def process_formdata(self, valuelist: list[str]) -> None:
        typed = valuelist[0].strip() if valuelist else ""
        self.data = int(typed) if typed.isdecimal() and len(typed) < 5 else None


class DeskForm(FlaskForm):
    second_eyes = CheckboxesField(
        _("Two people agree on"), choices=[SelectChoice(code, words) for code, words in SECOND_EYES.items()]
    )
    asks_before_hiding = BooleanField(_("Whoever told a story is asked before it is published with words hidden"))
    days_to_answer = Days(
        _("Days to answer"), [NumberRange(1, MOST_DAYS, _("Choose between 1 and %(most)s days.", most=MOST_DAYS))]
    )
    without_answer = RadioField(
        _("If no answer comes"), choices=[SelectChoice(str(code), words) for code, words in WITHOUT_ANSWER.items()]
    )

    def __init__(self, site: Any) -> None:
        super().__init__(obj=site)

    def settled(self) -> dict[str, Any]:
        """What was filled in, as the site keeps it."""
        return {
            "second_eyes": [code for code in SECOND_EYES if code in (self.second_eyes.data or ())],
            "asks_before_hiding": self.asks_before_hiding.data,
            "days_to_answer": self.days_to_answer.data,
            "without_answer": self.without_answer.data,
        }
