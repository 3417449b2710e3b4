"""The desk's addresses: what waits, one story, and what is decided about it."""

from storyhub.moderation.routes import (
    answering,
    asking,
    caring,
    claims,
    clusters,
    deciding,
    hearing,
    opening,
    queue,
    reading,
    selection,
    setting_aside,
)
from storyhub.moderation.routes.blueprint import desk

__all__ = [
    "answering",
    "asking",
    "caring",
    "claims",
    "clusters",
    "deciding",
    "desk",
    "hearing",
    "opening",
    "queue",
    "reading",
    "selection",
    "setting_aside",
]
