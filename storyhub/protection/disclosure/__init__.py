"""What is kept back of counts that leave, so that nobody can be found in them (promise 19; docs/tables.md)."""

from storyhub.protection.disclosure.counts import (
    ALL_OTHERS,
    NOT_SAID,
    Axis,
    Cell,
    Grid,
    Layout,
    Left,
    NotNested,
    Place,
    Told,
    Where,
    where_of,
)
from storyhub.protection.disclosure.merging import Proposal, in_bands, only_upper, proposals
from storyhub.protection.disclosure.small import KEPT_BACK, Table, roughly, shown_counts, shown_if_large
from storyhub.protection.disclosure.suppressing import (
    Audited,
    CannotBeProtected,
    Kept,
    Protected,
    audit,
    audit_of_one,
    least_width,
    protect,
)
from storyhub.protection.disclosure.system import TooLarge

__all__ = [
    "ALL_OTHERS",
    "KEPT_BACK",
    "NOT_SAID",
    "Audited",
    "Axis",
    "CannotBeProtected",
    "Cell",
    "Grid",
    "Kept",
    "Layout",
    "Left",
    "NotNested",
    "Place",
    "Proposal",
    "Protected",
    "Table",
    "Told",
    "TooLarge",
    "Where",
    "audit",
    "audit_of_one",
    "in_bands",
    "least_width",
    "only_upper",
    "proposals",
    "protect",
    "roughly",
    "shown_counts",
    "shown_if_large",
    "where_of",
]
