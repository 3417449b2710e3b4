"""Stories and decisions as files that can be opened elsewhere: each recorded, with what was in it and what for."""

from flask import Flask
from flask_babel import gettext as _

from storyhub.exports.routes import decided, exports, made, making
from storyhub.models.people import Role


def init_app(app: Flask) -> None:
    """Open the room."""
    app.register_blueprint(exports)
    app.register_blueprint(decided)
    app.register_blueprint(made)
    app.register_blueprint(making)
    # What stories become when they leave, and whole numbers before anything is kept back, are for whoever organises:
    # a steward reads nothing that is not public (docs/threats.md). For the record of decisions stewards answer too.
    rooms = app.config.setdefault("DESK_ROOMS", [])
    rooms.append((lambda: _("Tables"), "/organise/tables", (Role.ORGANISER,)))
    rooms.append((lambda: _("Briefs"), "/organise/briefs", (Role.ORGANISER,)))
    rooms.append((lambda: _("Exports"), "/organise/exports", (Role.ORGANISER,)))
    rooms.append((lambda: _("Decisions"), "/organise/decisions", (Role.STEWARD, Role.ORGANISER)))
