"""A story's words and facts at one time: as typed, as edited, or with words hidden."""

from __future__ import annotations

import enum
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column, relationship

from storyhub.models.columns import WITHOUT_ROWID, Base, BigInt, Day, RandomId, choice
from storyhub.text import urgency

if TYPE_CHECKING:
    from storyhub.models.story import Story

SHOWN_IF_CHOSEN = ("name", "setting", "month")
UNDER_18 = {"child", "sexual-violence"}  # the notes that together may mean sexual detail about a child
NONE_LEFT = {"under-18": "none-left"}  # the fact of a decision by which somebody says that none is left


class Setting(enum.StrEnum):
    STREET = "street"
    TRANSPORT = "transport"
    WORK = "work"
    SCHOOL = "school"
    HOME = "home"
    ONLINE = "online"
    HEALTHCARE = "healthcare"
    SHOP = "shop"
    NIGHTLIFE = "nightlife"
    SPORT = "sport"
    INSTITUTION = "institution"
    OTHER = "other"


class MadeBy(enum.StrEnum):
    TYPED = "typed"
    EDITED = "edited"
    REDACTED = "redacted"


@dataclass(frozen=True)
class Told:
    """A story's words and facts as they were told. `happened` is YYYY or YYYY-MM; `show` is of SHOWN_IF_CHOSEN."""

    text: str
    title: str = ""
    name: str = ""
    language: str | None = None
    country: str | None = None
    place: str = ""
    setting: Setting | None = None
    happened: str | None = None
    show: tuple[str, ...] = ()


class StoryVersion(Base):
    """A story's words and facts at one time, and who made them so. Purged words are None; the row stays."""

    __tablename__ = "story_versions"
    __table_args__ = (sa.UniqueConstraint("story_id", "number"),)

    id: Mapped[RandomId]
    story_id: Mapped[int] = mapped_column(BigInt, sa.ForeignKey("stories.id", ondelete="CASCADE"))
    number: Mapped[int]
    made_by: Mapped[MadeBy] = mapped_column(choice(MadeBy))
    text: Mapped[str | None] = mapped_column(sa.Text)
    title: Mapped[str | None] = mapped_column(sa.Text)
    name: Mapped[str | None] = mapped_column(sa.Text)
    language: Mapped[str | None] = mapped_column(sa.String(35))
    country: Mapped[str | None] = mapped_column(sa.String(2))
    place: Mapped[str | None] = mapped_column(sa.Text)
    setting: Mapped[Setting | None] = mapped_column(choice(Setting))
    happened: Mapped[str | None] = mapped_column(sa.String(7))
    show: Mapped[list[str]] = mapped_column(sa.JSON, default=list)
    content_notes: Mapped[list[str]] = mapped_column(sa.JSON, default=list)
    purge_on: Mapped[Day | None] = mapped_column(index=True)

    story: Mapped[Story] = relationship(back_populates="versions")

    @property
    def needs_a_word(self) -> bool:
        """Whether it is published only on somebody's word that no sexual detail about anyone under 18 is left in it."""
        return set(self.content_notes) >= UNDER_18

    @property
    def year(self) -> int | None:
        return int(self.happened[:4]) if self.happened else None

    def copied(self, made_by: MadeBy, *, number: int) -> StoryVersion:
        facts = (
            "text",
            "title",
            "name",
            "language",
            "country",
            "place",
            "setting",
            "happened",
            "show",
            "content_notes",
        )
        return StoryVersion(made_by=made_by, number=number, **{fact: getattr(self, fact) for fact in facts})

    def erase(self) -> None:
        """Forget the words and whatever was told with them."""
        self.text = self.title = self.name = self.place = self.happened = self.country = self.setting = None
        self.show, self.content_notes, self.purge_on = [], [], None


class Redaction(Base):
    """One span, in code points of the version before, for which a mark stands in the redacted version."""

    __tablename__ = "redactions"
    __table_args__ = WITHOUT_ROWID

    version_id: Mapped[int] = mapped_column(
        BigInt, sa.ForeignKey("story_versions.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    start: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    end: Mapped[int]
    source_version_id: Mapped[int] = mapped_column(BigInt, sa.ForeignKey("story_versions.id", ondelete="CASCADE"))


def hold_stories(session: Session, version_ids: Collection[int]) -> None:
    """Have none of these versions' stories taken back or set aside until this transaction is over.

    To be asked before anything is kept about words, and before it is looked whether they are public: else it could be
    kept after all that was known of them is gone. Several may hold the same stories so, and decisions go on.
    """
    stories = Base.metadata.tables["stories"]
    chosen = sa.select(StoryVersion.story_id).where(StoryVersion.id.in_(version_ids))
    held = sa.select(stories.c.id).where(stories.c.id.in_(chosen)).order_by(stories.c.id)
    session.execute(held.with_for_update(read=True, key_share=True)).all()


def may_hold_under_18_detail(notes: Iterable[str], text: str | None, title: str | None, language: str | None) -> bool:
    """Whether somebody must look before it is published, by its notes or its words: at the desk and in an import."""
    return set(notes) >= UNDER_18 or urgency.under_18_detail(text or "", language, title)
