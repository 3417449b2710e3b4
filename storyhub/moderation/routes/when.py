"""When a decision goes out, in words."""

from __future__ import annotations

from flask import current_app
from flask_babel import format_date, format_time
from flask_babel import gettext as _

from storyhub import clock
from storyhub.config import Settings
from storyhub.models.story import State, Story


def what_happens(story: Story) -> str:
    outcome, due = story.outcome or story.state, story.outcome_window
    later = when(due) if due is not None and story.outcome is not None else ""
    if outcome is State.PUBLISHED:
        return _("It will be published %(when)s.", when=later) if later else _("Published. It can be read now.")
    if outcome is State.COUNTED:
        return _("It is counted, and not published, as its teller wished.")
    if later:
        return _("It will not be published. The letter can be read with the receipt %(when)s.", when=later)
    return _("It is not published. The letter can be read with the receipt.")


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
