"""Telling's pages."""

from storyhub.telling.routes.returning import receipts
from storyhub.telling.routes.sharing import telling

__all__ = ["receipts", "telling"]
