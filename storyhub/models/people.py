"""People with accounts, how they were invited, and what they may do. A contributor or a reader is never here."""

from __future__ import annotations

import datetime as dt
import enum

import sqlalchemy as sa
from flask_security import AsaList, UserMixin, WebAuthnMixin
from sqlalchemy.ext.mutable import MutableList
from sqlalchemy.orm import Mapped, mapped_column, relationship

from storyhub import clock
from storyhub.models.columns import Base, BigInt, Day, RandomId, choice


class Role(enum.StrEnum):
    MODERATOR = "moderator"
    ORGANISER = "organiser"
    STEWARD = "steward"
    SAFEGUARDING_LEAD = "safeguarding-lead"
    GUEST_CURATOR = "guest-curator"


class Person(Base, UserMixin):
    """Somebody with an account. The columns that begin with fs_, tf_ and mf_ are named by Flask-Security."""

    __tablename__ = "people"

    id: Mapped[RandomId]
    username: Mapped[str] = mapped_column(sa.String(64), unique=True)
    email: Mapped[str | None] = mapped_column(sa.String(255), unique=True)
    password: Mapped[str | None] = mapped_column(sa.String(255))
    active: Mapped[bool] = mapped_column(default=True)
    fs_uniquifier: Mapped[str] = mapped_column(sa.String(64), unique=True)
    fs_webauthn_user_handle: Mapped[str | None] = mapped_column(sa.String(64), unique=True)
    tf_primary_method: Mapped[str | None] = mapped_column(sa.String(64))
    tf_totp_secret: Mapped[str | None] = mapped_column(sa.String(255))
    tf_phone_number: Mapped[str | None] = mapped_column(sa.String(128))
    mf_recovery_codes: Mapped[list[str] | None] = mapped_column(MutableList.as_mutable(AsaList()))
    second_factor_confirmed: Mapped[bool] = mapped_column(default=False)
    languages: Mapped[list[str]] = mapped_column(sa.JSON, default=list)

    memberships: Mapped[list[Membership]] = relationship(back_populates="person", cascade="all, delete-orphan")
    webauthn: Mapped[list[WebAuthn]] = relationship(back_populates="person", cascade="all, delete-orphan")

    @property
    def name(self) -> str:
        return self.username

    @property
    def roles(self) -> list[str]:  # type: ignore[override]  # Flask-Security asks for it
        return sorted(self.holds())

    def holds(self) -> set[Role]:
        """The roles that this person has today, for the whole organisation."""
        today = clock.today()
        return {m.role for m in self.memberships if m.campaign_id is None and (m.until is None or m.until >= today)}

    def is_any(self, *roles: Role) -> bool:
        return bool(self.holds() & set(roles))


class WebAuthn(Base, WebAuthnMixin):
    """A passkey. Columns as Flask-Security asks for them."""

    __tablename__ = "passkeys"

    id: Mapped[RandomId]
    person_id: Mapped[int] = mapped_column(BigInt, sa.ForeignKey("people.id", ondelete="CASCADE"), index=True)
    credential_id: Mapped[bytes] = mapped_column(sa.LargeBinary(1024), unique=True)
    public_key: Mapped[bytes] = mapped_column(sa.LargeBinary)
    sign_count: Mapped[int] = mapped_column(default=0)
    transports: Mapped[list[str] | None] = mapped_column(MutableList.as_mutable(AsaList()))
    backup_state: Mapped[bool]
    device_type: Mapped[str] = mapped_column(sa.String(64))
    extensions: Mapped[str | None] = mapped_column(sa.String(255))
    create_datetime: Mapped[dt.datetime]
    lastuse_datetime: Mapped[dt.datetime]
    name: Mapped[str] = mapped_column(sa.String(64))
    usage: Mapped[str] = mapped_column(sa.String(64))

    person: Mapped[Person] = relationship(back_populates="webauthn")

    def get_user_mapping(self) -> dict[str, int]:
        return {"id": self.person_id}


class Membership(Base):
    """Who may do what: in the whole organisation, or in one campaign, and until when."""

    __tablename__ = "memberships"
    __table_args__ = (sa.UniqueConstraint("person_id", "role", "campaign_id"),)

    id: Mapped[RandomId]
    person_id: Mapped[int] = mapped_column(BigInt, sa.ForeignKey("people.id", ondelete="CASCADE"))
    role: Mapped[Role] = mapped_column(choice(Role))
    campaign_id: Mapped[int | None] = mapped_column(BigInt, sa.ForeignKey("campaigns.id", ondelete="CASCADE"))
    until: Mapped[Day | None]

    person: Mapped[Person] = relationship(back_populates="memberships")


class Invitation(Base):
    """A one-time link for somebody who is to have an account. Only a digest of what the link holds is kept."""

    __tablename__ = "invitations"

    id: Mapped[RandomId]
    token_digest: Mapped[str] = mapped_column(sa.String(64), unique=True)
    name: Mapped[str] = mapped_column(sa.String(64))
    role: Mapped[Role] = mapped_column(choice(Role))
    invited_by_id: Mapped[int | None] = mapped_column(BigInt, sa.ForeignKey("people.id", ondelete="SET NULL"))
    expires_on: Mapped[Day]
    used_on: Mapped[Day | None]
