"""Themes, the codebook that holds them, and the campaigns that ask for stories."""

from __future__ import annotations

import enum
from collections.abc import Callable

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from storyhub.models.columns import Base, BigInt, Day, RandomId, choice

SLUG = r"[a-z0-9]+(?:-[a-z0-9]+)*"


class CodedBy(enum.StrEnum):
    CONTRIBUTOR = "contributor"
    MODERATOR = "moderator"
    ORGANISER = "organiser"
    IMPORT = "import"
    SUGGESTION = "suggestion"  # of a program, which a person accepted


class Theme(Base):
    """What connects stories. Its words are by interface language; the name in the default one is a must."""

    __tablename__ = "themes"

    id: Mapped[RandomId]
    slug: Mapped[str] = mapped_column(sa.String(80), unique=True)
    names: Mapped[dict[str, str]] = mapped_column(sa.JSON)
    definitions: Mapped[dict[str, str]] = mapped_column(sa.JSON, default=dict)
    use_when: Mapped[dict[str, str]] = mapped_column(sa.JSON, default=dict)
    use_not: Mapped[dict[str, str]] = mapped_column(sa.JSON, default=dict)
    examples: Mapped[dict[str, str]] = mapped_column(sa.JSON, default=dict)  # invented, or allowed to be quoted
    parent_id: Mapped[int | None] = mapped_column(BigInt, sa.ForeignKey("themes.id"), index=True)
    merged_into_id: Mapped[int | None] = mapped_column(BigInt, sa.ForeignKey("themes.id"))  # its page leads there
    retired: Mapped[bool] = mapped_column(default=False)
    revision: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": revision}

    def name_in(self, language: str) -> str:
        return self.names.get(language) or next(iter(self.names.values()), self.slug)

    def definition_in(self, language: str) -> str:
        return self.definitions.get(language) or next(iter(self.definitions.values()), "")


class Coding(Base):
    """One theme given to one version of a story: to the whole of it, or to a span in code points."""

    __tablename__ = "codings"
    __table_args__ = (sa.UniqueConstraint("version_id", "theme_id", "coded_by", "start", "end"),)

    id: Mapped[RandomId]
    version_id: Mapped[int] = mapped_column(BigInt, sa.ForeignKey("story_versions.id", ondelete="CASCADE"))
    theme_id: Mapped[int] = mapped_column(BigInt, sa.ForeignKey("themes.id"), index=True)
    coded_by: Mapped[CodedBy] = mapped_column(choice(CodedBy))
    start: Mapped[int | None]
    end: Mapped[int | None]


def leads_to(session: Session) -> Callable[[int], int]:
    """Which theme is given in place of a merged one: the one that it was merged into. None is merged from now on.

    To be asked by whoever gives themes, before the site's row is taken. Each step of a merge holds all themes' rows
    (codebook.hold_codebook), so one of them is enough to wait until a step is over, and to keep the next one waiting
    until this transaction is: else a theme given while the last step ends would stay where nobody finds it any more.
    SQLite has one writer at a time anyway.
    """
    session.execute(sa.select(Theme.id).order_by(Theme.id).limit(1).with_for_update(read=True))
    merged = sa.select(Theme.id, Theme.merged_into_id).where(Theme.merged_into_id.is_not(None))
    into = {theme_id: into_id for theme_id, into_id in session.execute(merged)}  # noqa: C416

    def follow(theme_id: int) -> int:
        passed = set()
        while theme_id in into and theme_id not in passed:
            passed.add(theme_id)
            theme_id = into[theme_id] or theme_id
        return theme_id

    return follow


class Campaign(Base):
    """A call for stories."""

    __tablename__ = "campaigns"

    id: Mapped[RandomId]
    slug: Mapped[str] = mapped_column(sa.String(80), unique=True)
    names: Mapped[dict[str, str]] = mapped_column(sa.JSON)
    opens_on: Mapped[Day | None]
    closes_on: Mapped[Day | None]

    def name_in(self, language: str) -> str:
        return self.names.get(language) or next(iter(self.names.values()), self.slug)
