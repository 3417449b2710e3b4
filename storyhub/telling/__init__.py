"""The first room: somebody tells a story, and comes back to it with a receipt."""

from flask import Flask

from storyhub.telling.routes import raising, receipts, telling


def init_app(app: Flask) -> None:
    """Open the room."""
    app.register_blueprint(telling)
    app.register_blueprint(receipts)
    app.register_blueprint(raising)
