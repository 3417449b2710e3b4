"""The long work that this room knows how to do (operations/long_work.py)."""

from storyhub.themes import discovering_job

LONG = {discovering_job.KIND: discovering_job.discover}
