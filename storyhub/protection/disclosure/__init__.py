"""What is kept back of counts that leave, so that nobody can be found in them (promise 19; docs/tables.md)."""

from storyhub.protection.disclosure.counts import (
    ALL_OTHERS,
    NOT_SAID,
    Axis,
    Cell,
    Grid,
    Left,
    NotNested,
    Where,
    where_of,
)
from storyhub.protection.disclosure.merging import Proposal, joined, proposals
from storyhub.protection.disclosure.small import KEPT_BACK, Table, roughly, shown_counts, shown_if_large
from storyhub.protection.disclosure.suppressing import (
    CannotBeProtected,
    Kept,
    Protected,
    TooLarge,
    audit,
    least_width,
    protect,
)

__all__ = [
    "ALL_OTHERS",
    "KEPT_BACK",
    "NOT_SAID",
    "Axis",
    "CannotBeProtected",
    "Cell",
    "Grid",
    "Kept",
    "Left",
    "NotNested",
    "Proposal",
    "Protected",
    "Table",
    "TooLarge",
    "Where",
    "audit",
    "joined",
    "least_width",
    "proposals",
    "protect",
    "roughly",
    "shown_counts",
    "shown_if_large",
    "where_of",
]
