"""The work of this room that takes minutes (models/long_work.py)."""

from storyhub.themes.suggesting_job import LONG_SUGGEST

JOBS: dict[str, object] = {}
LONG = {"suggest": LONG_SUGGEST}
