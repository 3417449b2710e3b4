"""The desk's blueprint, and for whom it is."""

from flask import Blueprint

DESK = ("moderator", "safeguarding-lead")

desk = Blueprint("moderation", __name__, url_prefix="/desk")
