"""The desk's addresses: what waits, one story, and what is decided about it."""

from storyhub.moderation.routes import asking, claims, clusters, deciding, hearing, opening, queue, selection
from storyhub.moderation.routes.blueprint import desk

__all__ = ["asking", "claims", "clusters", "deciding", "desk", "hearing", "opening", "queue", "selection"]
