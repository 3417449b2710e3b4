"""Where servers and the `flask` command find the application."""

import os
import sys

from storyhub import create_app
from storyhub.config import SettingError

# Stories, keys and exports are written for this account alone, whatever the machine's habit is.
os.umask(0o077)

try:
    app = create_app()
except SettingError as error:
    sys.exit(f"StoryHub can't start: {error}")
