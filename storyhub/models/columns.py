"""The kinds of column that the nouns share."""

from __future__ import annotations

import datetime as dt
import enum
from typing import Annotated, Any

import sqlalchemy as sa
from sqlalchemy.orm import mapped_column

from storyhub.extensions import Base, db
from storyhub.protection.identifiers import new_id

RandomId = Annotated[
    int,
    mapped_column(
        sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, default=new_id, autoincrement=False
    ),
]
BigInt = sa.BigInteger().with_variant(sa.Integer, "sqlite")
Day = Annotated[dt.date, mapped_column(sa.Date)]

# Part of a key that hangs on a version of a story, and goes with it.
OfVersion = Annotated[
    int,
    mapped_column(
        sa.BigInteger().with_variant(sa.Integer, "sqlite"),
        sa.ForeignKey("story_versions.id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
        index=True,
    ),
]

# SQLite gives a table without an integer key a hidden, rising rowid, which would tell the order of arrival (promise 6).
WITHOUT_ROWID: dict[str, Any] = {"sqlite_with_rowid": False}


def choice(kind: type[enum.StrEnum]) -> sa.Enum:
    """A column of a few known words, stored as the words, so that a new word needs no migration."""
    return sa.Enum(
        kind,
        native_enum=False,
        create_constraint=False,
        length=24,
        values_callable=lambda members: [member.value for member in members],
    )


__all__ = ["WITHOUT_ROWID", "Base", "BigInt", "Day", "OfVersion", "RandomId", "choice", "db"]
