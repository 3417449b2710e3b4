"""The letters that the desk writes: kind, with their reason, true in all they offer, and never of disbelief."""

from __future__ import annotations

from flask_babel import LazyString
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


def letter(reason: Reason | None, story_language: str | None, *, of_edit: bool = False) -> str:
    """A first draft for the moderator, in the story's language where that is one of the interface's.

    Without a reason it is the draft that fits every reason, which stands beside the letter on the receipt's page.
    `of_edit`: new words are not published, and those from before stay as they are.
    """
    with languages.force_locale(language_of_letter(story_language)):
        because = BECAUSE[reason] if reason else _("The reason stands beside this letter.")
        if of_edit:
            return "\n\n".join(
                (
                    _("Thank you for writing again."),
                    _(
                        "Somebody here has read your new words. They will not be published on this site. "
                        "What stood there before stays as it is."
                    )
                    + " "
                    + str(because),
                    _("This is not a judgement of you. With your receipt you can change the words once more."),
                )
            )
        return "\n\n".join(
            (
                _("Thank you for trusting us with your words."),
                _("Somebody here has read them. They will not be published on this site.") + " " + str(because),
                _(
                    "This is not a judgement of you, or of what happened to you. If you see it differently, you can "
                    "ask with your receipt that somebody else look at it again, for as long as we keep your words: "
                    "the receipt’s page says until when. If you would like someone to talk to, “Find support” lists "
                    "places that can help."
                ),
            )
        )


def upheld(story_language: str | None) -> str:
    """The draft for when an appeal was heard and the decision stays."""
    with languages.force_locale(language_of_letter(story_language)):
        return "\n\n".join(
            (
                _("Thank you for writing again. It is right to ask."),
                _(
                    "Somebody who had not decided about your story before has read it, and what you wrote to us. "
                    "The decision stays as it was."
                ),
                _(
                    "This is not a judgement of you, or of what happened to you. Your words are kept a while longer, "
                    "and the receipt’s page says until when: you can copy them, or change them so that they are read "
                    "anew. “Find support” lists places that can help."
                ),
            )
        )


def not_shown_to_be_theirs(story_language: str | None) -> str:
    """The draft for somebody who says that a story is theirs, when what they told does not show it."""
    with languages.force_locale(language_of_letter(story_language)):
        return "\n\n".join(
            (
                _("Thank you for writing to us."),
                _(
                    "We compared what you told us with what we hold, and it was not enough to give you a new receipt. "
                    "That does not mean that we doubt you: we know very little about whoever tells a story here, and "
                    "must be careful with what is theirs."
                ),
                _("If you remember something else that only its teller can know, you are welcome to write again."),
            )
        )


def language_of_letter(story_language: str | None) -> str:
    """The interface language in which the letter is drafted."""
    base = (story_language or "").partition("-")[0].lower()
    return base if base in languages.LANGUAGES else languages.DEFAULT
