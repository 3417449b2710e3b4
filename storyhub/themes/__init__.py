"""The codebook as organisers edit it: themes, what they are called, and what they mean."""

from flask import Flask
from flask_babel import gettext as _

from storyhub.models.people import Role
from storyhub.themes.routes import codebook, suggestions, work


def init_app(app: Flask) -> None:
    """Open the room."""
    app.register_blueprint(codebook)
    app.register_blueprint(work)
    app.register_blueprint(suggestions)
    rooms = app.config.setdefault("DESK_ROOMS", [])
    rooms.append((lambda: _("Codebook"), "/organise/themes", (Role.ORGANISER, Role.STEWARD)))
