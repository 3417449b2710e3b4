"""The public report, and the policy that decisions follow."""

from flask import Flask

from storyhub.accountability.routes import accountability


def init_app(app: Flask) -> None:
    """Open the room."""
    app.register_blueprint(accountability)
