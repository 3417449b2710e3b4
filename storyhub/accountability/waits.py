"""How long reading has usually taken of late: what people are told before they write (Site.usual_days)."""

from __future__ import annotations

import datetime as dt

from sqlalchemy.orm import Session

from storyhub import clock
from storyhub.accountability.counting import median, waited
from storyhub.models.site import the_site
from storyhub.models.story import Story

OF_LATE = dt.timedelta(days=90)
LEAST = 10  # stories; of fewer nothing is said, however small a count the report may show


def count_usual_days(session: Session, *, least: int) -> str | None:
    """Count for how many days half of the stories waited at most that were decided of late. Doesn't commit.

    Whole days: it is for people who wonder when to look again. None, and nothing is said, while too few were decided.
    """
    waits = waited(session, Story.decided_on >= clock.today() - OF_LATE)
    usual = None if waits.total() < max(least, LEAST) else f"{median(waits.items()):g}"
    site = the_site(session, lock=True)
    if site.usual_days != usual:
        site.usual_days = usual
    return usual
