"""The desk's addresses: what waits, one story, and what is decided about it."""

from storyhub.moderation.routes import asking, caring, clusters, deciding, hearing, opening, queue
from storyhub.moderation.routes.blueprint import desk

__all__ = ["asking", "caring", "clusters", "deciding", "desk", "hearing", "opening", "queue"]
