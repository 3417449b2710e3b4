"""Stories as files that analysts can open: each file recorded, with what was in it and what it was for."""

from flask import Flask
from flask_babel import gettext as _

from storyhub.exports.routes import exports
from storyhub.models.people import Role


def init_app(app: Flask) -> None:
    """Open the room."""
    app.register_blueprint(exports)
    rooms = app.config.setdefault("DESK_ROOMS", [])
    rooms.append((lambda: _("Exports"), "/organise/exports", (Role.ORGANISER,)))
