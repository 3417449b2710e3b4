"""The work that this room does beside its pages: jobs, and long work that somebody watches."""

from typing import Any

from storyhub.themes import discovering_job

JOBS: dict[str, Any] = {}
LONG = {discovering_job.KIND: discovering_job.discover}
