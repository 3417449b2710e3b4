"""What is done with StoryHub from a command line, on its own machine."""

from flask import Flask

from storyhub.operations.demo import demo
from storyhub.operations.people import people
from storyhub.operations.serving import serve
from storyhub.operations.stories import stories


def init_app(app: Flask) -> None:
    """Give the `flask` command what belongs to StoryHub."""
    app.cli.add_command(serve)
    app.cli.add_command(people)
    app.cli.add_command(demo)
    app.cli.add_command(stories)
