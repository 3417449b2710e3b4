"""The letter that goes with a story that is not published: kind, with its reason, and never one of disbelief."""

from __future__ import annotations

from flask_babel import LazyString, force_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from storyhub import languages
from storyhub.models.decision import Reason

# None of these quotes the story, or says how it was read: a letter may be seen by whoever holds the telephone.
BECAUSE: dict[Reason, LazyString] = {
    Reason.NOT_A_STORY: _l(
        "This place is for things that happened, told by those who lived through them or saw them. We could not tell "
        "from the words that they are such a story. If we misread them, please let us know."
    ),
    Reason.ADVERTISING: _l("This place is for what people went through. We do not publish anything that sells."),
    Reason.ABUSE: _l("We do not publish words that could hurt the people who tell and read here."),
    Reason.NAMES_A_PERSON: _l(
        "As it is written, it could show who somebody is. That could put you or others in danger. You are welcome to "
        "tell it again without what shows who they are."
    ),
    Reason.UNDER_18_DETAIL: _l(
        "We may not publish sexual detail about someone under 18, whoever tells it. You did nothing wrong by telling "
        "us. You are welcome to tell it again without that detail."
    ),
    Reason.DUPLICATE: _l("We hold the same words already, and keep them once. They are as welcome as before."),
    Reason.UNREADABLE: _l(
        "We tried, and could not read it well enough to do right by it. You are welcome to send it again, in any "
        "language you like."
    ),
    Reason.ASKED_BY_CONTRIBUTOR: _l("You asked us not to publish it, and we have done as you asked."),
    Reason.OTHER: _l("We looked at it with care, and decided not to publish it here."),
}


def letter(reason: Reason | None, story_language: str | None) -> str:
    """A first draft for the moderator, in the story's language where that is one of the interface's.

    Without a reason it is the draft that fits every reason, which stands beside the letter on the receipt's page.
    """
    with force_locale(language_of_letter(story_language)):
        because = BECAUSE[reason] if reason else _("The reason stands beside this letter.")
        return "\n\n".join(
            (
                _("Thank you for trusting us with your words."),
                _("Somebody here has read them. They will not be published on this site.") + " " + str(because),
                _(
                    "This is not a judgement of you, or of what happened to you. If you see it differently, tell "
                    "it again and say so; somebody else should then read it. If you would like someone to talk to, "
                    "“Find support” lists places that can help."
                ),
            )
        )


def language_of_letter(story_language: str | None) -> str:
    """The interface language in which the letter is drafted."""
    base = (story_language or "").partition("-")[0].lower()
    return base if base in languages.LANGUAGES else languages.DEFAULT
