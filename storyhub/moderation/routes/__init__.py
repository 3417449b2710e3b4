"""The desk's addresses: what waits, one story, and what is decided about it."""

from storyhub.moderation.routes import asking, clusters, deciding, hearing, opening, queue, reading
from storyhub.moderation.routes.blueprint import desk

__all__ = ["asking", "clusters", "deciding", "desk", "hearing", "opening", "queue", "reading"]
