"""The one site: what its stewards decided, and the edition that its pages' ETags contain."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit
from weakref import WeakKeyDictionary

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, Session, mapped_column
from werkzeug.urls import iri_to_uri

from storyhub import clock
from storyhub.models.columns import Base
from storyhub.models.people import Membership, Person, Role, people_with
from storyhub.models.queue import READERS
from storyhub.models.support import is_any_listed

THE_ONE = 1
SHOWN = "site"  # of a session's info: the row as the public page shows it that the session reads for
MODERATORS_NEEDED = 2  # an appeal is heard by somebody else than who declined


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
    # Whether search engines may list the stories' own pages. Themes and places they always may.
    stories_indexed: Mapped[bool] = mapped_column(default=False)
    # Words that suggest present danger or a child, by language and kind; None: the list that StoryHub comes with.
    urgent_words: Mapped[dict[str, dict[str, list[str]]] | None] = mapped_column(sa.JSON(none_as_null=True))
    # How the desk works: when a second person decides, and whether hidden words are asked about first.
    second_eyes: Mapped[list[str]] = mapped_column(sa.JSON, default=list)
    asks_before_hiding: Mapped[bool] = mapped_column(default=False)
    days_to_answer: Mapped[int] = mapped_column(default=14)
    without_answer: Mapped[str] = mapped_column(sa.String(24), default="wait")
    # How many days reading has usually taken of late: a decimal number, counted by night; None while too few were read.
    usual_days: Mapped[str | None] = mapped_column(sa.String(12))
    is_demo: Mapped[bool] = mapped_column(default=False)
    # The public half, in hexadecimal, of the key that private notes are sealed with; its private half is not here.
    sealing_key: Mapped[str | None] = mapped_column(sa.String(64))


def can_be_left_for(address: str) -> bool:
    """Whether a browser can be sent to this address: whoever leaves in a hurry must not meet an error instead."""
    try:
        host = urlsplit(iri_to_uri(address))
        return host.scheme in ("https", "http") and bool(host.hostname) and (host.port is None or host.port > 0)
    except ValueError:
        return False


_of_editions: WeakKeyDictionary[Any, Site] = WeakKeyDictionary()


def the_site(session: Session, lock: bool = False) -> Site:
    """The one row, made by the first migration; as public pages keep it, where the session reads for one of them."""
    if not lock and (shown := session.info.get(SHOWN)) is not None:
        found: Site = shown
        return found
    site = session.get(Site, THE_ONE, with_for_update=lock or None, populate_existing=lock)
    if site is None:
        raise RuntimeError("the database has no site: has it been migrated?")
    return site


def site_of_edition(session: Session, edition: int) -> Site:
    """The row as public pages show it, read once an edition: whatever they show of it counts the edition up.

    It belongs to no session, and nothing may be changed on it. From now on it is this session's site.
    """
    engine = session.get_bind()
    kept = _of_editions.get(engine)
    if kept is None or kept.edition != edition:
        kept = the_site(session)
        session.expunge(kept)
        _of_editions[engine] = kept
    session.info[SHOWN] = kept
    return kept


def edition_of(session: Session) -> int:
    """The edition that this session reads."""
    return the_site(session).edition


def languages_read_now(session: Session) -> list[str]:
    """The languages that those who read at present say that they read; what the stewards wrote down while nobody did.

    Of people who can open the desk today: an account that is shut, or without its second factor, reads nothing.
    """
    today = clock.today()
    reads = Person.memberships.any(
        sa.and_(
            Membership.role.in_(READERS),
            Membership.campaign_id.is_(None),
            sa.or_(Membership.until.is_(None), Membership.until >= today),
        )
    )
    said = session.scalars(sa.select(Person.languages).where(reads, Person.active, Person.second_factor_confirmed))
    return sorted({code for codes in said for code in codes}) or the_site(session).languages_read


def missing_before_telling(session: Session) -> list[str]:
    """What has to be settled before strangers may be asked for their stories; nothing when all is."""
    site = the_site(session)
    moderators = [person for person in people_with(session, Role.MODERATOR) if person.second_factor_confirmed]
    settled = {
        "name": site.named,
        "responsible": bool(site.responsible),
        "policy": any(site.policy.values()),
        "support": any(site.support.values()) or is_any_listed(session),
        "safeguarding-lead": bool(people_with(session, Role.SAFEGUARDING_LEAD)),
        "two-moderators": len(moderators) >= MODERATORS_NEEDED,
        "languages": bool(languages_read_now(session)),
    }
    return [code for code, is_settled in settled.items() if not is_settled]
