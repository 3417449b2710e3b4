"""Telling's pages."""

from storyhub.telling.routes import answering, changing, keeping, losing, returning, unsealing
from storyhub.telling.routes.opening import receipts
from storyhub.telling.routes.raising import raising
from storyhub.telling.routes.sharing import telling

__all__ = ["answering", "changing", "keeping", "losing", "raising", "receipts", "returning", "telling", "unsealing"]
