"""The desk's blueprint, and for whom it is."""

from flask import Blueprint

DESK = ("moderator", "safeguarding-lead", "steward")  # a steward is shown nothing but legal demands: see item_at
READING = ("moderator", "safeguarding-lead")  # where more than one item of the queue is read

desk = Blueprint("moderation", __name__, url_prefix="/desk")
