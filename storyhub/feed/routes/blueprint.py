"""The room's one blueprint."""

from flask import Blueprint

feed = Blueprint("feed", __name__)
