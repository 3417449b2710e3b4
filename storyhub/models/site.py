"""The one site: what its stewards decided, and the edition that its pages' ETags contain."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column

from storyhub import clock
from storyhub.models.columns import Base
from storyhub.models.people import Membership, Person, Role

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


def missing_before_telling(session: Session) -> list[str]:
    """What a steward still has to give before anybody beyond this machine may tell a story, as codes."""
    site = the_site(session)
    given = {
        "name": site.named,
        "responsible": bool(site.responsible),
        "policy": any(site.policy.values()),
        "support": any(site.support.values()),
        "safeguarding-lead": _people_with(session, Role.SAFEGUARDING_LEAD) >= 1,
        "two-moderators": _people_with(session, Role.MODERATOR) >= 2,
        "languages": bool(site.languages_read),
    }
    return [code for code, there in given.items() if not there]


def _people_with(session: Session, role: Role) -> int:
    counted = (
        sa.select(sa.func.count(Membership.person_id.distinct()))
        .join(Person)
        .where(
            Membership.role == role,
            Membership.campaign_id.is_(None),
            Person.active,
            sa.or_(Membership.until.is_(None), Membership.until >= clock.today()),
        )
    )
    return session.scalar(counted) or 0
