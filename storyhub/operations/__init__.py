"""What is done with StoryHub from a command line, on its own machine."""

from flask import Flask
from flask.cli import AppGroup

from storyhub.operations import working
from storyhub.operations.demo import demo
from storyhub.operations.discovering import discover
from storyhub.operations.doctor import doctor
from storyhub.operations.notices import notices
from storyhub.operations.people import people
from storyhub.operations.privacy import privacy
from storyhub.operations.record import decisions
from storyhub.operations.retention import retention
from storyhub.operations.safekeeping import backup, restore
from storyhub.operations.sealed import sealed
from storyhub.operations.serving import serve
from storyhub.operations.stories import stories
from storyhub.operations.text import text


def init_app(app: Flask) -> None:
    """Give the `flask` command what belongs to StoryHub, and the worker its tasks."""
    for command in (serve, people, stories, demo, decisions, notices, retention, privacy, backup, restore, doctor,
                    sealed, text):  # fmt: skip
        app.cli.add_command(command)
    # FOR THE MERGE: themes.add_command(discover), in the group of operations/themes.py
    themes = AppGroup("themes", help="The codebook.")
    themes.add_command(discover)
    app.cli.add_command(themes)
    working.init_app(app)
