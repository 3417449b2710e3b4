"""Themes that a program suggests for stories, from those that people coded here. A person accepts them or does not."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from storyhub.models.columns import WITHOUT_ROWID, Base, BigInt, Day, RandomId


class SuggestionModel(Base):
    """What was learned last, and how good it was on coded stories that it had not seen.

    `packed` holds weights of buckets and numbers of themes, no words of anybody (text/suggesting).
    """

    __tablename__ = "suggestion_models"

    id: Mapped[RandomId]
    method: Mapped[str] = mapped_column(sa.String(32))
    learned_on: Mapped[Day]
    stories: Mapped[int]
    quality: Mapped[dict[str, Any]] = mapped_column(sa.JSON, default=dict)
    packed: Mapped[bytes] = mapped_column(sa.LargeBinary)


class SuggestedTheme(Base):
    """A theme that waits for a person: how sure the program is, of a thousand; `refused` when somebody said no."""

    __tablename__ = "suggested_themes"
    __table_args__ = WITHOUT_ROWID

    version_id: Mapped[int] = mapped_column(
        BigInt, sa.ForeignKey("story_versions.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    theme_id: Mapped[int] = mapped_column(
        BigInt, sa.ForeignKey("themes.id"), primary_key=True, autoincrement=False, index=True
    )
    sureness: Mapped[int]
    refused: Mapped[bool] = mapped_column(default=False)
