"""Accountability's pages."""

from storyhub.accountability.routes.demanding import demanding
from storyhub.accountability.routes.reporting import accountability
from storyhub.accountability.routes.responding import responding
from storyhub.accountability.routes.responses import responses

__all__ = ["accountability", "demanding", "responding", "responses"]
