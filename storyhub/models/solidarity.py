"""What readers said to a story with one press: counted without knowing who, and shown from the next release on."""

from __future__ import annotations

import enum

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session, mapped_column

from storyhub.models.columns import WITHOUT_ROWID, Base, BigInt, choice
from storyhub.models.publication import Publication, new_edition
from storyhub.models.site import the_site

AT_ONCE = 500  # stories whose counts are shown by one statement


class Said(enum.StrEnum):
    HEARD = "heard"
    ME_TOO = "me_too"


class Solidarity(Base):
    """How often one thing was said to one story. `waiting` is not public yet: else the count would time a reader.

    It hangs on the story and not on its publication, so that what was said outlives a setting aside.
    """

    __tablename__ = "solidarity"
    __table_args__ = WITHOUT_ROWID

    story_id: Mapped[int] = mapped_column(
        BigInt, sa.ForeignKey("stories.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    kind: Mapped[Said] = mapped_column(choice(Said), primary_key=True)
    counted: Mapped[int] = mapped_column(default=0)
    waiting: Mapped[int] = mapped_column(default=0, index=True)


def say(session: Session, story_id: int, kind: Said, counts_for: int = 1) -> bool:
    """Count once more what a reader said to a public story. False, and nothing counted, when none is public there.

    `counts_for` 0 writes as much and changes nothing.

    One statement that reads no words, whatever happens at the same moment: of many readers each is counted, and a
    story that is being taken back is waited for, so that nothing is left of it afterwards.
    """
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    stories = Base.metadata.tables["stories"]
    # The story's row before its publication's, as whoever takes it back: else each would wait for the other.
    public = (
        sa.select(Publication.story_id, sa.literal(kind, Solidarity.kind.type), sa.literal(0), sa.literal(counts_for))
        .join(stories, stories.c.id == Publication.story_id)
        .where(Publication.story_id == story_id)
        .with_for_update(read=True, key_share=True, of=[stories, Publication])
    )
    said = insert(Solidarity).from_select(["story_id", "kind", "counted", "waiting"], public)
    counted = said.on_conflict_do_update(
        index_elements=["story_id", "kind"], set_={"waiting": Solidarity.waiting + counts_for}
    ).returning(Solidarity.story_id)
    return session.execute(counted).first() is not None


def move_waiting(session: Session) -> int:
    """Show what was said since the last release, under every story at once. Called by the release alone.

    Returns how many counts moved: when any did, there is a new edition. Doesn't commit.
    """
    the_site(session, lock=True)  # as who takes a story back does first: neither then waits for the other
    moved = session.execute(
        sa.update(Solidarity)
        .where(Solidarity.waiting > 0)
        .values(counted=Solidarity.counted + Solidarity.waiting, waiting=0)
        .returning(Solidarity.story_id)
        .execution_options(synchronize_session=False)
    ).scalars()
    stories = [*moved]
    distinct = sorted(set(stories))
    for first in range(0, len(distinct), AT_ONCE):
        _show(session, distinct[first : first + AT_ONCE])
    if stories:
        session.expire_all()
        new_edition(session)
    return len(stories)


def show_again(session: Session, public: Publication) -> None:
    """A story that is put back where it stood has been heard as often as before."""
    _show(session, [public.story_id])
    session.expire(public, [kind.value for kind in Said])


def forget_solidarity(session: Session, story_id: int) -> None:
    """The story is taken back, and what was said to it goes with it. After it has been made unpublic."""
    session.execute(sa.delete(Solidarity).filter_by(story_id=story_id))


def _show(session: Session, story_ids: list[int]) -> None:
    """Let the publications of these stories, if they are public, say what was counted."""
    values = {kind.value: _counted(kind) for kind in Said}
    public = sa.update(Publication).where(Publication.story_id.in_(story_ids)).values(values)
    session.execute(public.execution_options(synchronize_session=False))


def _counted(kind: Said) -> sa.ColumnElement[int]:
    of_story = sa.select(Solidarity.counted).where(Solidarity.story_id == Publication.story_id, Solidarity.kind == kind)
    return sa.func.coalesce(of_story.scalar_subquery(), 0)


__all__ = ["Said", "Solidarity", "forget_solidarity", "move_waiting", "say", "show_again"]
