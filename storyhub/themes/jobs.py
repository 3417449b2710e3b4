"""What the worker does for this room: `LONG`, step by step, each with a transaction of its own; `JOBS`, in one."""

from __future__ import annotations

from typing import Any

from storyhub.themes import discovering_job, moving
from storyhub.themes.suggesting_job import LONG_SUGGEST

JOBS: dict[str, Any] = {}

LONG = {
    "merge-themes": moving.merge_in_steps,
    "split-theme": moving.split_in_steps,
    "undo-codebook-change": moving.undo_in_steps,
    discovering_job.KIND: discovering_job.discover,
    "suggest": LONG_SUGGEST,
}
