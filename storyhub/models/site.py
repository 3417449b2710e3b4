"""The one site: what its stewards decided, and the edition that its pages' ETags contain."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from storyhub.models.columns import Base

THE_ONE = 1


class Site(Base):
    """One row. Texts are Markdown by interface language; where one is missing, the pages use words of their own."""

    __tablename__ = "site"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    edition: Mapped[int] = mapped_column(default=1)
    name: Mapped[str] = mapped_column(sa.String(80), default="StoryHub")
    named: Mapped[bool] = mapped_column(default=False)
    responsible: Mapped[str] = mapped_column(sa.String(200), default="")
    security_contact: Mapped[str] = mapped_column(sa.String(200), default="")
    policy: Mapped[dict[str, str]] = mapped_column(sa.JSON, default=dict)
    support: Mapped[dict[str, str]] = mapped_column(sa.JSON, default=dict)
    reports_duty: Mapped[dict[str, str]] = mapped_column(sa.JSON, default=dict)
    languages_read: Mapped[list[str]] = mapped_column(sa.JSON, default=list)
    leave_address: Mapped[str] = mapped_column(sa.String(200), default="https://www.wikipedia.org/")
    folded_notes: Mapped[list[str]] = mapped_column(sa.JSON, default=list)
    is_demo: Mapped[bool] = mapped_column(default=False)


def the_site(session: Session, lock: bool = False) -> Site:
    """The one row, made by the first migration."""
    site = session.get(Site, THE_ONE, with_for_update=lock or None, populate_existing=lock)
    if site is None:
        raise RuntimeError("the database has no site: has it been migrated?")
    return site
