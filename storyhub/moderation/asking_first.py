"""Sites on which nothing is published with words hidden before its contributor was asked."""

from __future__ import annotations

import datetime as dt

from sqlalchemy.orm import Session

from storyhub import clock
from storyhub.models.people import Person
from storyhub.models.question import Asked, Otherwise, Question, propose_redaction
from storyhub.models.site import Site
from storyhub.models.story import MadeBy, Story


def is_to_be_asked(story: Story, site: Site) -> bool:
    """Whether publishing the newest version asks first: words are hidden in it, and somebody holds its receipt.

    Not once more when they were asked about this very version: they agreed, or let the days pass.
    """
    is_hidden = story.newest.made_by is MadeBy.REDACTED and story.receipt_digest is not None
    return site.asks_before_hiding and is_hidden and story.will_be_read and last_asked(story) is None


def was_refused(story: Story) -> bool:
    """Whether its contributor did not agree to just these hidden words."""
    asked = last_asked(story)
    return asked is not None and asked.accepted is False


def last_asked(story: Story) -> Question | None:
    """What was asked about the hidden words of the newest version, if anything was."""
    about = (one for one in story.questions if one.asked is Asked.REDACTION and one.closed)
    return max(
        (one for one in about if one.version_number == story.newest.number),
        key=lambda one: one.decision_number,
        default=None,
    )


def ask_first(
    session: Session, story: Story, site: Site, *, by: Person, facts: dict[str, str | int | None]
) -> Question:
    """Show its contributor what would be hidden, with the site's days and what the site does without an answer."""
    return propose_redaction(
        story,
        None,
        by=by,
        answer_by=clock.today() + dt.timedelta(days=site.days_to_answer),
        otherwise=Otherwise(site.without_answer),
        session=session,
        facts=facts,
    )
