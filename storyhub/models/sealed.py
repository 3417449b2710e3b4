"""What a contributor left for the organisers' eyes alone: a way to be reached, or a private note, in a sealed box."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from storyhub.models.columns import Base, BigInt, Day, RandomId, choice
from storyhub.models.site import the_site
from storyhub.protection import boxes

if TYPE_CHECKING:
    from storyhub.models.story import Story


class Left(enum.StrEnum):
    """What is in a box."""

    REACH = "reach"
    NOTE = "note"


class SealedNote(Base):
    """One box. This server can't open it: the private half of its key was never here."""

    __tablename__ = "sealed_notes"
    __table_args__ = (sa.UniqueConstraint("story_id", "left"),)

    id: Mapped[RandomId]
    story_id: Mapped[int] = mapped_column(BigInt, sa.ForeignKey("stories.id", ondelete="CASCADE"))
    left: Mapped[Left] = mapped_column(choice(Left))
    key_mark: Mapped[str] = mapped_column(sa.String(16))
    box: Mapped[bytes | None] = mapped_column(sa.LargeBinary)
    purge_on: Mapped[Day | None] = mapped_column(index=True)

    story: Mapped[Story] = relationship(back_populates="sealed_notes")

    def erase(self) -> None:
        self.box = self.purge_on = None


def can_be_sealed(session: Session) -> bool:
    """Whether the organisers have made a key. Without one nothing is asked for and nothing is taken."""
    return bool(the_site(session).sealing_key)


def leave_sealed(session: Session, story: Story, left: Left, words: str) -> SealedNote:
    """Seal words for the organisers. ValueError without a key. Doesn't commit."""
    key = the_site(session).sealing_key
    if not key:
        raise ValueError("there is no key to seal with")
    note = SealedNote(left=left, key_mark=boxes.mark_of(key), box=boxes.sealed(words, key))
    story.sealed_notes.append(note)
    return note


def boxes_left(session: Session) -> list[SealedNote]:
    """Every box that is held, by the story's id and what is in it."""
    return list(
        session.scalars(
            sa.select(SealedNote).where(SealedNote.box.is_not(None)).order_by(SealedNote.story_id, SealedNote.left)
        )
    )
