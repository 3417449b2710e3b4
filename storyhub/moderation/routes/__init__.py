"""The desk's addresses: what waits, one story, and what is decided about it."""

from storyhub.moderation.routes import (
    answering,
    asking,
    caring,
    clusters,
    deciding,
    hearing,
    opening,
    queue,
    setting_aside,
)
from storyhub.moderation.routes.blueprint import desk

__all__ = [
    "answering",
    "asking",
    "caring",
    "clusters",
    "deciding",
    "desk",
    "hearing",
    "opening",
    "queue",
    "setting_aside",
]
