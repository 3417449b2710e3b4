"""The codebook as organisers edit it: themes, what they are called, and what they mean."""

from flask import Flask
from flask_babel import gettext as _

from storyhub.models.people import Role
from storyhub.themes.routes import codebook, files, history, regrouping, work


def init_app(app: Flask) -> None:
    """Open the room."""
    for addresses in (codebook, regrouping, history, files, work):
        app.register_blueprint(addresses)
    rooms = app.config.setdefault("DESK_ROOMS", [])
    rooms.append((lambda: _("Codebook"), "/organise/themes", (Role.ORGANISER, Role.STEWARD)))
