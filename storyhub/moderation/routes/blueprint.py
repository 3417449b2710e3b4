"""The desk's blueprint, and for whom it is."""

from flask import Blueprint

DESK = ("moderator", "safeguarding-lead", "outside-reader")

desk = Blueprint("moderation", __name__, url_prefix="/desk")
