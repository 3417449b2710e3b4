"""The public report, the policy that decisions follow, and what others demanded of us."""

from flask import Flask
from flask_babel import gettext as _

from storyhub.accountability.routes import accountability, demanding
from storyhub.models.people import Role


def init_app(app: Flask) -> None:
    """Open the room."""
    app.register_blueprint(accountability)
    app.register_blueprint(demanding)
    rooms = app.config.setdefault("DESK_ROOMS", [])
    rooms.append((lambda: _("Demands"), "/organise/demands", (Role.STEWARD,)))
