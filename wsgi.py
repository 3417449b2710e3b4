"""Where servers and the `flask` command find the application."""

import sys

from storyhub import create_app
from storyhub.config import SettingError

try:
    app = create_app()
except SettingError as error:
    sys.exit(f"StoryHub can't start: {error}")
