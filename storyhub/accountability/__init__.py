"""The public report, what was answered, the policy that decisions follow, and what others demanded of us."""

from flask import Flask
from flask_babel import gettext as _

from storyhub.accountability.routes import accountability, demanding, responding, responses
from storyhub.models.people import Role


def init_app(app: Flask) -> None:
    """Open the room."""
    for addresses in (accountability, responses, responding, demanding):
        app.register_blueprint(addresses)
    rooms = app.config.setdefault("DESK_ROOMS", [])
    rooms.append((lambda: _("Responses"), "/organise/responses", (Role.ORGANISER, Role.STEWARD)))
    rooms.append((lambda: _("Demands"), "/organise/demands", (Role.STEWARD,)))
