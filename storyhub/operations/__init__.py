"""What is done with StoryHub from a command line, on its own machine."""

from flask import Flask

from storyhub.operations import working
from storyhub.operations.demo import demo
from storyhub.operations.doctor import doctor
from storyhub.operations.notices import notices
from storyhub.operations.people import people
from storyhub.operations.plainly import fail_plainly
from storyhub.operations.privacy import privacy
from storyhub.operations.record import decisions
from storyhub.operations.retention import retention
from storyhub.operations.safekeeping import backup, restore
from storyhub.operations.sealed import sealed
from storyhub.operations.serving import serve
from storyhub.operations.stories import stories
from storyhub.operations.tables import tables
from storyhub.operations.text import text
from storyhub.operations.themes import themes

COMMANDS = (serve, people, stories, demo, decisions, notices, retention, privacy, backup, restore, doctor,
            sealed, tables, text, themes)  # fmt: skip
for command in COMMANDS:
    fail_plainly(command)


def init_app(app: Flask) -> None:
    """Give the `flask` command what belongs to StoryHub, and the worker its tasks."""
    for command in COMMANDS:
        app.cli.add_command(command)
    working.init_app(app)
