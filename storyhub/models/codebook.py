"""How the codebook came to be what it is: every change of a theme, by whom, and how to take it back.

A history of themes and not of stories: `number` tells the order of what organisers did, and nothing of contributors.
"""

from __future__ import annotations

import enum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from storyhub.models.columns import Base, BigInt, Day, RandomId, choice
from storyhub.models.theme import CodedBy


class Change(enum.StrEnum):
    MADE = "made"
    WORDED = "worded"
    MOVED = "moved"  # under another theme, or to the top
    MERGED = "merged"
    SPLIT = "split"
    RETIRED = "retired"
    RETURNED = "returned"
    BROUGHT = "brought"  # from a file


class CodebookChange(Base):
    """One change. `before` and `after` hold the fields of the theme that changed; `undone` once it was taken back."""

    __tablename__ = "codebook_changes"

    id: Mapped[RandomId]
    number: Mapped[int] = mapped_column(unique=True)
    day: Mapped[Day]
    by_id: Mapped[int | None] = mapped_column(BigInt, sa.ForeignKey("people.id", ondelete="SET NULL"))
    what: Mapped[Change] = mapped_column(choice(Change))
    theme_id: Mapped[int] = mapped_column(BigInt, sa.ForeignKey("themes.id"), index=True)
    # The theme that it was merged into, or that was split off.
    other_id: Mapped[int | None] = mapped_column(BigInt, sa.ForeignKey("themes.id"))
    before: Mapped[dict[str, object]] = mapped_column(sa.JSON, default=dict)
    after: Mapped[dict[str, object]] = mapped_column(sa.JSON, default=dict)
    undone: Mapped[bool] = mapped_column(default=False)


class CodingMove(Base):
    """One coding that a merge or a split gave another theme, so that it can be given back exactly.

    `kept` is False where the version had the other theme already, from the same hand and for the same words: there the
    coding went, and comes again when the change is taken back.
    """

    __tablename__ = "coding_moves"

    id: Mapped[RandomId]
    change_id: Mapped[int] = mapped_column(BigInt, sa.ForeignKey("codebook_changes.id", ondelete="CASCADE"), index=True)
    version_id: Mapped[int] = mapped_column(BigInt, sa.ForeignKey("story_versions.id", ondelete="CASCADE"), index=True)
    from_theme_id: Mapped[int] = mapped_column(BigInt, sa.ForeignKey("themes.id"))
    to_theme_id: Mapped[int] = mapped_column(BigInt, sa.ForeignKey("themes.id"))
    coded_by: Mapped[CodedBy] = mapped_column(choice(CodedBy))
    start: Mapped[int | None]
    end: Mapped[int | None]
    kept: Mapped[bool] = mapped_column(default=True)
