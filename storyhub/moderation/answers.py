"""Drafts of the letters to those who raised something about a story: kind, short, and on nobody's side.

None quotes the story or says whether it is true: we do not know, nor who it is that reads the letter.
"""

from __future__ import annotations

from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from storyhub import languages
from storyhub.models.concern import About, Answered, Concern
from storyhub.moderation.letters import language_of_letter
from storyhub.text import language as languages_of_words

DONE = _l(
    "Somebody here has read what you wrote and looked at the story again. Something was done about it. It can take a "
    "while until that can be seen."
)
ACCEPTED: dict[About, LazyString] = {
    About.NAMES_ME: DONE,
    About.NAMES_INSTITUTION: DONE,
    About.DANGER: _l(
        "Somebody here has read what you wrote, and did what can be done from here. We cannot send help and do not "
        "know who told the story. If somebody is in danger now, please call the emergency number of the place where "
        "they are."
    ),
}
REFUSED: dict[About, LazyString] = {
    About.NAMES_ME: _l(
        "Somebody here has read what you wrote and looked at the story again. Nothing in it changes, because we found "
        "no words that show who you are to people who do not know it already. If you can tell us which words do, "
        "please write again."
    ),
    About.NAMES_INSTITUTION: _l(
        "Somebody here has read what you wrote and looked at the story again. Nothing in it changes, because people "
        "may tell here where something happened to them."
    ),
    About.DANGER: _l(
        "Somebody here has read what you wrote and looked at the story again, and found nothing that can be done from "
        "here. That does not mean that nobody is in danger. If somebody is, please call the emergency number of the "
        "place where they are."
    ),
}


def language_for(concern: Concern) -> str:
    """The interface language that its sender reads, as far as their words tell; else the story's."""
    spoken = languages_of_words.detect(concern.words or "")
    return spoken if spoken in languages.LANGUAGES else language_of_letter(concern.story.newest.language)


def draft(concern: Concern, answered: Answered) -> str:
    """The draft of an answer to what was raised."""
    said = (ACCEPTED if answered is Answered.ACCEPTED else REFUSED)[concern.about]
    with languages.force_locale(language_for(concern)):
        return "\n\n".join((_("Thank you for writing to us."), str(said), _nobodys_side(), _support()))


def draft_to_demand(concern: Concern) -> str:
    """The draft of an answer to a legal demand; what was done stands beside it on the receipt's page."""
    with languages.force_locale(language_for(concern)):
        return "\n\n".join(
            (
                _("A steward of this site has read your demand. What we did stands beside this letter."),
                _(
                    "We do not know who tells a story here. That there was a demand, and what we did, is counted in "
                    "our public report, without names."
                ),
                _nobodys_side(),
            )
        )


def _nobodys_side() -> str:
    return _("This says nothing about whether what is told there happened, or about you.")


def _support() -> str:
    return _("If you would like someone to talk to, “Find support” lists places that can help.")
