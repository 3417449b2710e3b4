"""The desk's addresses: what waits, one story, and what is decided about it."""

from storyhub.moderation.routes import clusters, deciding, opening, queue
from storyhub.moderation.routes.blueprint import desk

__all__ = ["clusters", "deciding", "desk", "opening", "queue"]
