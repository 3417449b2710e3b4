"""All that the public reads: feed, stories, themes, places, search, syndication and the API."""

from flask import Flask

from storyhub.feed.addresses import SlugsConverter
from storyhub.feed.routes import api, explaining, leaving, machines, places, searching, stories, syndicating, themes
from storyhub.feed.routes.blueprint import feed
from storyhub.feed.shapes import in_shape

PAGES = (stories, themes, places, searching, explaining, leaving, syndicating, machines, api)  # each states its routes


def init_app(app: Flask) -> None:
    """Open the room."""
    app.url_map.converters["slugs"] = SlugsConverter
    app.register_blueprint(feed)
    app.jinja_env.globals["in_shape"] = in_shape
