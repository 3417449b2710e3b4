"""Exports: which files of stories left the house, what was in them, and for what they were allowed."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from storyhub.models.columns import WITHOUT_ROWID, Base, BigInt, Day, RandomId
from storyhub.models.job import enqueue


class Export(Base):
    """One file that left the house."""

    __tablename__ = "exports"

    id: Mapped[RandomId]
    day: Mapped[Day]
    by_id: Mapped[int | None] = mapped_column(BigInt, sa.ForeignKey("people.id", ondelete="SET NULL"))
    format: Mapped[str] = mapped_column(sa.String(16))
    filters: Mapped[dict[str, str | int | list[str] | None]] = mapped_column(sa.JSON)
    consent: Mapped[str | None] = mapped_column(sa.String(16))
    count: Mapped[int]
    sha256: Mapped[str] = mapped_column(sa.String(64))
    what: Mapped[str] = mapped_column(sa.String(16), default="stories")  # or a table, a brief, a codebook, a round
    facts: Mapped[dict[str, str | int | None]] = mapped_column(sa.JSON, default=dict)  # such as a sample and its seed


class ExportFile(Base):
    """A file that was made by the worker and can be fetched, until its day is over: then it is erased here."""

    __tablename__ = "export_files"

    export_id: Mapped[int] = mapped_column(
        BigInt, sa.ForeignKey("exports.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    name: Mapped[str] = mapped_column(sa.String(80), unique=True)  # in the instance's folder of exports
    size: Mapped[int] = mapped_column(BigInt)
    expires_on: Mapped[Day] = mapped_column(index=True)


class ExportedStory(Base):
    """A story that was in an export, so that a withdrawal can name the files that held it."""

    __tablename__ = "exported_stories"
    __table_args__ = WITHOUT_ROWID

    export_id: Mapped[int] = mapped_column(
        BigInt, sa.ForeignKey("exports.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    story_id: Mapped[int] = mapped_column(BigInt, primary_key=True, autoincrement=False, index=True)


RECALL = "recall-file"  # the job that erases a file (exports/jobs.py)


def recall_files(session: Session, story_id: int) -> None:
    """Have each file that waits and holds this story erased within a minute: the story isn't any more as it was there.

    Doesn't commit. Nothing is looked for among a file's other stories, so that it costs the same for a million.
    """
    holding = sa.select(ExportedStory.export_id).where(ExportedStory.story_id == story_id)
    for export_id in session.scalars(sa.select(ExportFile.export_id).where(ExportFile.export_id.in_(holding))):
        enqueue(session, RECALL, export=export_id)
