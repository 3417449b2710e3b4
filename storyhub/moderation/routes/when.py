"""When a decision goes out, in words."""

from __future__ import annotations

from flask import current_app
from flask_babel import format_date, format_time
from flask_babel import gettext as _

from storyhub import clock
from storyhub.config import Settings
from storyhub.models.decision import Act, Decision
from storyhub.models.story import Story


def what_happens(decision: Decision, story: Story) -> str:
    """What follows from a decision, for whoever made it."""
    due = story.outcome_window if story.outcome is not None else None
    later, act = when(due) if due is not None else "", decision.act
    if act is Act.PUBLISH:
        return _("It will be published %(when)s.", when=later) if later else _("Published. It can be read now.")
    if act is Act.PUBLISH_EDIT:
        if later:
            return _("The new words will be published %(when)s.", when=later)
        return _("The new words are published. They can be read now.")
    if act is Act.COUNT:
        return _("It is counted, and not published, as its teller wished.")
    if act in (Act.ASK, Act.PROPOSE):
        return _("It can be read with the receipt from now on. The story rests until an answer comes.")
    if act is Act.FIRST_READ:
        return _("A second person decides. What you would do stands beside the story for them.")
    if act is Act.HAND_OVER:
        return _("The new receipt opens the story from now on, and the lost one opens nothing.")
    if act in (Act.ACCEPT_CONCERN, Act.DEMAND) or (act is Act.REFUSE_CONCERN and decision.facts["about"] != "my-story"):
        return _("It is answered.") + " " + _("The letter can be read with the receipt.")
    said = _not_published(act, later)
    if decision.letter_commitment is None:
        return said
    if later:
        return said + " " + _("The letter can be read with the receipt %(when)s.", when=later)
    return said + " " + _("The letter can be read with the receipt.")


def _not_published(act: Act, later: str) -> str:
    if act is Act.UPHOLD:
        return _("The appeal is heard, and the decision stays.")
    if act is Act.REFUSE_CONCERN:
        return _("It is answered, and the story’s receipt stays what it was.")
    if act is Act.DECLINE_EDIT:
        return _("The new words will not be published. What stood there before stays.")
    return _("It will not be published.") if later else _("It is not published.")


def when(window: int) -> str:
    """When a release window opens, in words."""
    moment = clock.moment(window)
    if moment.date() == clock.today():
        return _("today at %(time)s (UTC)", time=format_time(moment, "short"))
    return _("on %(day)s", day=format_date(moment.date(), "long"))


def window() -> int:
    return clock.next_window(settings().release_minutes)


def settings() -> Settings:
    return current_app.extensions["settings"]
