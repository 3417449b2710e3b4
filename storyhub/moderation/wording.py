"""What codes, languages, countries, notes and themes are called at the desk, in the moderator's language."""

from __future__ import annotations

from collections.abc import Iterable

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from storyhub import languages
from storyhub.models import labels
from storyhub.models.story import StoryVersion, Use
from storyhub.models.theme import Theme
from storyhub.moderation.suggesting import Suggestion
from storyhub.text import countries

# A story's facts, and what its contributor may choose to show.
FACTS = {
    "title": _l("Title"),
    "name": _l("Name they chose"),
    "language": _l("Language"),
    "country": _l("Country"),
    "place": _l("Place"),
    "setting": _l("Setting"),
    "happened": _l("When"),
    "show": _l("Shown in public"),
}
# What may show who somebody is; the contributor's own look before sending names it so too.
FOUND = {
    "receipt": _l("a receipt"),
    "name": _l("a name"),
    "introduction": _l("the only one, or the first"),
    "age": _l("an age"),
    "place": _l("a place"),
    "workplace": _l("a workplace or school"),
    "date": _l("an exact day"),
    "birth": _l("a date of birth"),
    "phone": _l("a phone number"),
    "email": _l("an e-mail address"),
    "handle": _l("a name on social media"),
    "link": _l("a link"),
    "address": _l("an address or postcode"),
    "plate": _l("a number plate"),
    "card": _l("a card or bank account"),
    "idnumber": _l("a number from an identity paper"),
}
SHOWN = {"name": _l("the name"), "setting": _l("the setting"), "month": _l("the month")}


class Wording:
    """The names of things, for templates."""

    facts = FACTS
    acts = labels.ACTS
    kinds = labels.KINDS
    lanes = labels.LANES
    reasons = labels.REASONS
    settings = labels.SETTINGS
    urgencies = labels.URGENCIES
    roles = labels.ROLES
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

    def fact(self, fact: str, version: StoryVersion) -> str:
        """What a version says in one of its facts; a dash for nothing."""
        value = getattr(version, fact)
        if not value:
            return "–"
        if fact == "show":
            return self.joined(str(SHOWN.get(one, one)) for one in value)
        if fact == "language":
            return self.language(value)
        return str(self.country(value) if fact == "country" else self.settings.get(value, value))

    def joined(self, words: Iterable[str]) -> str:
        return _(", ").join(words)


def found(one: Suggestion) -> str:
    """Words that were found and what they are, in one line; the words isolated, whichever way they are written."""
    line = f"\u2068{one.shortened}\u2069 – {FOUND.get(one.kind, one.kind)}"
    if one.count == 1:
        return line
    return line + " – " + ngettext("%(num)s time", "%(num)s times", one.count)
