"""Accountability's pages."""

from storyhub.accountability.routes.demanding import demanding
from storyhub.accountability.routes.reporting import accountability

__all__ = ["accountability", "demanding"]
