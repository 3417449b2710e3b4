"""What codes, languages, countries, notes and themes are called at the desk, in the moderator's language."""

from __future__ import annotations

from collections.abc import Iterable

from flask_babel import gettext as _

from storyhub import languages
from storyhub.models import labels
from storyhub.models.story import Use
from storyhub.models.theme import Theme
from storyhub.text import countries


class Wording:
    """The names of things, for templates."""

    acts = labels.ACTS
    kinds = labels.KINDS
    lanes = labels.LANES
    reasons = labels.REASONS
    settings = labels.SETTINGS
    states = labels.STATES
    wishes = labels.WISHES

    def __init__(self, code: str) -> None:
        self.code = code

    def language(self, tag: str | None) -> str:
        return languages.name(tag, self.code) if tag else _("Language not known")

    def country(self, code: str | None) -> str | None:
        return countries.name(code, self.code)

    def notes(self, codes: Iterable[str]) -> str:
        return self.joined(str(labels.NOTES.get(code, code)) for code in codes)

    def themes(self, themes: Iterable[Theme]) -> str:
        return self.joined(theme.name_in(self.code) for theme in themes)

    def uses(self, consent: Iterable[Use]) -> str:
        return self.joined(str(labels.USES[use]) for use in consent) or _("Nothing more than to be read here")

    def joined(self, words: Iterable[str]) -> str:
        return _(", ").join(words)
