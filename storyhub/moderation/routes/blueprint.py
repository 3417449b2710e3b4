"""The desk's blueprint, and for whom it is."""

from __future__ import annotations

from flask import Blueprint, Response

from storyhub.protection import headers

# Stewards and outside readers find there what is kept for them, and nothing else: `hands.item_at` sees to it.
DESK = ("moderator", "safeguarding-lead", "steward", "outside-reader")
DECIDING = ("moderator", "safeguarding-lead", "outside-reader")  # who decide about stories
READING = ("moderator", "safeguarding-lead")  # who read all that comes in

desk = Blueprint("moderation", __name__, url_prefix="/desk")


@desk.after_request
def let_its_script_speak(response: Response) -> Response:
    """The desk's script says that somebody still works on a story, or has left it."""
    headers.allow_asking_this_site(response)
    return response
