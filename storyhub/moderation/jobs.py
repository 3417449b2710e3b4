"""What the desk leaves to the worker."""

from __future__ import annotations

from flask import current_app
from sqlalchemy.orm import Session

from storyhub.config import Settings
from storyhub.models.job import enqueue
from storyhub.moderation.gathering import gather
from storyhub.protection.sealing import derived_key


def gather_what_came(session: Session) -> None:
    """Compare some of what came in with what is there; another job does the rest, so that none takes long."""
    settings: Settings = current_app.extensions["settings"]
    if gather(session, derived_key(settings.secret_key, "likeness")):
        enqueue(session, "gather-alike")


JOBS = {"gather-alike": gather_what_came}
