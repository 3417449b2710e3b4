"""The codebook as organisers edit it: themes, what they are called, and what they mean."""

from flask import Flask
from flask_babel import gettext as _

from storyhub.models.people import Role
from storyhub.themes.routes import (
    codebook,
    coded,
    discoveries,
    files,
    history,
    regrouping,
    sampled,
    suggestions,
    work,
)

PARTS = ("codebook", "coding", "rounds", "suggestions", "discoveries")  # of the codebook, for who looks where they are


def init_app(app: Flask) -> None:
    """Open the room."""
    for addresses in (codebook, regrouping, history, files, coded, sampled, discoveries, suggestions, work):
        app.register_blueprint(addresses)
    rooms = app.config.setdefault("DESK_ROOMS", [])
    rooms.append((lambda: _("Codebook"), "/organise/themes", (Role.ORGANISER, Role.STEWARD)))
    parts = app.config.setdefault("PARTS_OF_ROOMS", {})
    parts.update({f"/organise/{part}": "/organise/themes" for part in PARTS})
    # Moderators have no room for themes, and are asked to code as well.
    rooms.append((lambda: _("Samples to code"), "/organise/rounds", (Role.MODERATOR,)))
