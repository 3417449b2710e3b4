"""When somebody is offered a stop: at their own daily measure, after many stories in a row, or where none are for them.

What is counted in a row is kept in their session alone, and ends with it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import redirect, request, session, url_for
from flask_login import current_user
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from storyhub import clock
from storyhub.extensions import db
from storyhub.models.queue import Lane
from storyhub.models.selection import Malformed, Unknown
from storyhub.moderation import caring, queries
from storyhub.moderation.lanes import Wanted

ALL_DAY = "day"


def before_next(wanted: Wanted) -> Response | None:
    """Where somebody has read what they set out to read today, the page that says so; None to go on. Commits then."""
    if request.form.get("past") or "item_id" in (request.view_args or {}):
        session["in_a_row"] = session.get("in_a_row", 0) + 1
    if not is_at_measure():
        return None
    db.session.commit()
    return redirect(url_for(".pause", **as_arguments(wanted)), 303)


def where_others_read(wanted: Wanted, passed_over: list[int]) -> Response | None:
    """Where all that waits is left to others, the page that says so."""
    if not caring.left_to_others(db.session, current_user, wanted, passed_over):
        return None
    return redirect(url_for(".left_to_others", **as_arguments(wanted)), 303)


def is_at_measure() -> bool:
    """Whether today's measure is full, and this person has not chosen to go on."""
    if current_user.daily_measure is None:
        return False
    read = caring.read_today(db.session, current_user)
    day, until = session.get("past_measure", ("", 0))
    goes_on = day == clock.today().isoformat() and (until == ALL_DAY or read <= until)
    return read >= current_user.daily_measure and not goes_on


def go_on(all_day: bool) -> None:
    """Past the measure, for one story or for today; and what is counted in a row begins anew."""
    until = ALL_DAY if all_day else caring.read_today(db.session, current_user)
    session["past_measure"] = (clock.today().isoformat(), until)
    session.pop("in_a_row", None)
    session.pop("break_offered", None)


def break_to_offer() -> int:
    """After how many in a row a break is offered on this page: once, until one is taken. 0 for no offer."""
    in_a_row = session.get("in_a_row", 0)
    after = current_user.break_after
    if not after or in_a_row < after or session.get("break_offered"):
        return 0
    session["break_offered"] = True
    return int(in_a_row)


def asked_for(arguments: MultiDict[str, str]) -> Wanted:
    """What somebody wants to be handed, from an address or a form. Raises Malformed or Unknown."""
    return queries.wanted(db.session, arguments)


def keep(wanted: Wanted) -> None:
    """Remember for this session what somebody asked to be handed, until they ask for something else."""
    if arguments := as_arguments(wanted):
        session["wanted"] = arguments
    else:
        session.pop("wanted", None)


def kept(lane: Lane) -> Wanted:
    """What somebody last asked to be handed; after one of the held lane, more of these."""
    asked = session.get("wanted")
    try:
        wanted = asked_for(MultiDict(asked)) if isinstance(asked, dict) else Wanted()
    except (Malformed, Unknown, TypeError, AttributeError):  # a theme that is gone, or a cluster
        session.pop("wanted")
        wanted = Wanted()
    return replace(wanted, lane=lane) if lane is Lane.HELD and wanted.lane is None else wanted


def as_arguments(wanted: Wanted) -> dict[str, Any]:
    """The same for an address or a form."""
    lane = {"lane": wanted.lane} if wanted.lane else {}
    return {name: str(value) for name, value in {**lane, **queries.address_of(wanted)}.items()}
