"""The pages from which files leave."""

from storyhub.exports.routes.briefs import making
from storyhub.exports.routes.decisions import decided
from storyhub.exports.routes.stories import exports
from storyhub.exports.routes.tables import made

__all__ = ["decided", "exports", "made", "making"]
