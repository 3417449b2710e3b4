"""The desk: what waits, a story in somebody's hand, and what is decided about it."""

from flask import Flask
from flask_babel import gettext as _

from storyhub.models.people import Role
from storyhub.moderation.routes import desk


def init_app(app: Flask) -> None:
    """Open the room."""
    app.register_blueprint(desk)
    rooms = app.config.setdefault("DESK_ROOMS", [])
    rooms.append((lambda: _("Desk"), "/desk/", (Role.MODERATOR, Role.SAFEGUARDING_LEAD, Role.OUTSIDE_READER)))
