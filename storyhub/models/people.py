"""People with accounts, how they were invited, and what they may do. A contributor or a reader is never here."""

from __future__ import annotations

import datetime as dt
import enum
import hashlib
import re
import secrets
import unicodedata
import uuid

import sqlalchemy as sa
from flask_security import AsaList, UserMixin, WebAuthnMixin
from sqlalchemy.ext.mutable import MutableList
from sqlalchemy.orm import Mapped, Session, joinedload, mapped_column, object_session, relationship, synonym

from storyhub import clock
from storyhub.models.columns import Base, BigInt, Day, RandomId, choice
from storyhub.models.decision import Act, append_decision

LONGEST_NAME = 64
# Content notes with which the words of a story are folded at the desk, for whoever chose nothing else.
FOLDED_AT_THE_DESK = ("sexual-violence", "child", "self-harm", "death")
LONGEST_OUTSIDE = 60  # days that somebody from outside reads here at the most
SIGN_INS_KEPT = 30  # days that a sign-in is listed after it was last used


class Role(enum.StrEnum):
    MODERATOR = "moderator"
    ORGANISER = "organiser"
    STEWARD = "steward"
    SAFEGUARDING_LEAD = "safeguarding-lead"
    GUEST_CURATOR = "guest-curator"
    OUTSIDE_READER = "outside-reader"  # invited to hear appeals and to be the second person, and for nothing else


class Person(Base, UserMixin):
    """Somebody with an account. The columns that begin with fs_, tf_ and mf_ are named by Flask-Security."""

    __tablename__ = "people"

    id: Mapped[RandomId]
    username: Mapped[str] = mapped_column(sa.String(64), unique=True)
    email: Mapped[str | None] = mapped_column(sa.String(255), unique=True)  # type: ignore[assignment]
    password: Mapped[str | None] = mapped_column(sa.String(255))
    active: Mapped[bool] = mapped_column(default=True)
    fs_uniquifier: Mapped[str] = mapped_column(sa.String(64), unique=True, default=lambda: uuid.uuid4().hex)
    fs_webauthn_user_handle: Mapped[str | None] = mapped_column(sa.String(64), unique=True)  # type: ignore[assignment]
    tf_primary_method: Mapped[str | None] = mapped_column(sa.String(64))
    tf_totp_secret: Mapped[str | None] = mapped_column(sa.String(255))
    tf_phone_number: Mapped[str | None] = mapped_column(sa.String(128))
    mf_recovery_codes: Mapped[list[str] | None] = mapped_column(MutableList.as_mutable(AsaList()))
    second_factor_confirmed: Mapped[bool] = mapped_column(default=False)
    languages: Mapped[list[str]] = mapped_column(sa.JSON, default=list)

    # How somebody wants to work at the desk. Nobody but themself is shown any of it.
    rather_not: Mapped[list[str]] = mapped_column(sa.JSON, default=list)  # content notes that they are not handed
    folds: Mapped[list[str] | None] = mapped_column(sa.JSON(none_as_null=True))  # None: those of FOLDED_AT_THE_DESK
    daily_measure: Mapped[int | None]  # stories in a day, after which they are asked to stop
    break_after: Mapped[int | None] = mapped_column(default=20)  # stories in a row, after which a break is offered
    wants_digest: Mapped[bool] = mapped_column(default=False)

    memberships: Mapped[list[Membership]] = relationship(back_populates="person", cascade="all, delete-orphan")
    webauthn: Mapped[list[WebAuthn]] = relationship(  # type: ignore[assignment]
        back_populates="person", cascade="all, delete-orphan"
    )

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

    @property
    def whole_memberships(self) -> list[Membership]:
        """Roles in the whole organisation, those that have ended too, in one order."""
        return sorted((m for m in self.memberships if m.campaign_id is None), key=lambda m: m.role)

    def membership(self, role: Role) -> Membership | None:
        return next((m for m in self.whole_memberships if m.role == role), None)

    def give(self, role: Role, *, by: int | None, until: dt.date | None = None) -> bool:
        """Give a role in the whole organisation, till a last day or for good, on the record. Doesn't commit.

        False when it was held already: its end stays as it was. NotTillThen for a role that can't end then.
        """
        if role in self.holds():
            return False
        refuse_end(role, until)
        if (ended := self.membership(role)) is not None:
            ended.until = until
        else:
            self.memberships.append(Membership(role=role, until=until))
        _session_of(self).flush()
        self._record("role-given", by, role, until)
        return True

    def end_role(self, role: Role, until: dt.date | None, *, by: int | None) -> bool:
        """Give a role that is held another last day, or none. False when nothing changed. Doesn't commit."""
        membership = self.membership(role)
        if membership is None or role not in self.holds() or membership.until == until:
            return False
        refuse_end(role, until)
        if role == Role.STEWARD and until is not None:
            self._refuse_if_last_steward()
        membership.until = until
        self._record("role-end-changed", by, role, until)
        return True

    def take_away(self, role: Role, *, by: int | None) -> bool:
        """Take a role away, on the record. False when it wasn't held; LastSteward rather than lock everybody out."""
        if role not in self.holds():
            return False
        if role == Role.STEWARD:
            self._refuse_if_last_steward()
        for membership in [m for m in self.whole_memberships if m.role == role]:
            self.memberships.remove(membership)
        self._record("role-taken-away", by, role)
        return True

    def disable(self, *, by: int | None) -> bool:
        """Shut the account; sessions that are open end with it. False when it was shut already."""
        if not self.active:
            return False
        self._refuse_if_last_steward()
        self.active = False
        self.end_sessions()
        self._record("person-disabled", by)
        return True

    def enable(self, *, by: int | None) -> bool:
        if self.active:
            return False
        self.active = True
        self._record("person-enabled", by)
        return True

    def begin_session(self, how: How) -> SignIn:
        """Note that this person is signed in in one more browser. Doesn't commit."""
        sign_in = SignIn(person_id=self.id, how=how, begun_on=clock.today(), used_on=clock.today())
        _session_of(self).add(sign_in)
        _session_of(self).flush()
        return sign_in

    def end_session(self, sign_in_id: int | None) -> None:
        """Shut one session: a cookie of it that was copied opens nothing from now on. Doesn't commit."""
        _session_of(self).execute(sa.delete(SignIn).filter_by(person_id=self.id, id=sign_in_id))

    def end_other_sessions(self, than: int | None) -> int:
        """Shut this person's sessions in every other browser. Returns how many there were. Doesn't commit."""
        others = sa.delete(SignIn).where(SignIn.person_id == self.id, SignIn.id != than)
        return _session_of(self).execute(others).rowcount  # type: ignore[attr-defined]

    def end_sessions(self) -> None:
        """Shut this person's sessions in every browser, also where the password was given and the code not yet."""
        self.fs_uniquifier = uuid.uuid4().hex
        _session_of(self).execute(sa.delete(SignIn).filter_by(person_id=self.id))

    def passkey_handle(self) -> str:
        """What passkeys know this person by: random, and the same for all of them."""
        self.fs_webauthn_user_handle = self.fs_webauthn_user_handle or secrets.token_hex(32)
        return self.fs_webauthn_user_handle

    def forget_keys(self, *, by: int | None) -> None:
        """Void password, app, recovery codes and passkeys, so that a new link can set them anew. Doesn't commit."""
        self.password = self.tf_totp_secret = self.tf_primary_method = None
        self.mf_recovery_codes = None
        self.second_factor_confirmed = False
        self.end_sessions()
        self.webauthn.clear()
        self._record("keys-forgotten", by)

    def check_tf_required(
        self,
        tf_setup_methods: list[tuple[str, str]],
        tf_fresh: bool,  # noqa: ARG002
    ) -> tuple[bool, list[tuple[str, str]]]:
        """Flask-Security's question whether to ask for a code: always, once there is an app that can show one.

        Before that the password alone leads to the one page where the app is set up, and access opens no other.
        """
        return self.second_factor_confirmed, tf_setup_methods

    def _record(self, what: str, by: int | None, role: Role | None = None, until: dt.date | None = None) -> None:
        facts: dict[str, str | int | None] = {"what": what, "person": self.id}
        if role is not None:
            facts["role"] = str(role)
        if until is not None:
            facts["until"] = until.isoformat()
        append_decision(_session_of(self), Act.SETTINGS, by=by, facts=facts)

    def _refuse_if_last_steward(self) -> None:
        """Somebody else must be a steward, and for good if this one is: else a day would come when nobody is."""
        mine = self.membership(Role.STEWARD)
        if mine is None or Role.STEWARD not in self.holds() or not self.active:
            return
        others = [one for one in people_with(_session_of(self), Role.STEWARD) if one.id != self.id]
        lasting = [one for one in others if (m := one.membership(Role.STEWARD)) is not None and m.until is None]
        if not (lasting if mine.until is None else others):
            raise LastSteward


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
    create_datetime: Mapped[dt.datetime] = mapped_column(default=lambda: clock.now().replace(tzinfo=None))
    lastuse_datetime: Mapped[dt.datetime]
    name: Mapped[str] = mapped_column(sa.String(64))
    usage: Mapped[str] = mapped_column(sa.String(64))

    person: Mapped[Person] = relationship(back_populates="webauthn")
    user = synonym("person")  # as Flask-Security calls it

    def get_user_mapping(self) -> dict[str, int]:
        return {"id": self.person_id}


class How(enum.StrEnum):
    """With what somebody signed in."""

    PASSWORD = "password"  # and a code  # noqa: S105 - not one
    PASSKEY = "passkey"
    INVITATION = "invitation"


class SignIn(Base):
    """One browser in which somebody is signed in. What opens anything is its random id, in an encrypted cookie."""

    __tablename__ = "sign_ins"

    id: Mapped[RandomId]
    person_id: Mapped[int] = mapped_column(BigInt, sa.ForeignKey("people.id", ondelete="CASCADE"), index=True)
    how: Mapped[How] = mapped_column(choice(How))
    begun_on: Mapped[Day]
    used_on: Mapped[Day]

    person: Mapped[Person] = relationship()

    @property
    def is_over(self) -> bool:
        """Whether it ended by itself: whoever was idle since before yesterday was so for fifteen minutes."""
        return self.used_on < clock.today() - dt.timedelta(days=1)


class Membership(Base):
    """Who may do what: in the whole organisation, or in one campaign, and until when."""

    __tablename__ = "memberships"
    __table_args__ = (sa.UniqueConstraint("person_id", "role", "campaign_id"),)

    id: Mapped[RandomId]
    person_id: Mapped[int] = mapped_column(BigInt, sa.ForeignKey("people.id", ondelete="CASCADE"))
    role: Mapped[Role] = mapped_column(choice(Role))
    campaign_id: Mapped[int | None] = mapped_column(BigInt, sa.ForeignKey("campaigns.id", ondelete="CASCADE"))
    until: Mapped[Day | None]  # the last day

    person: Mapped[Person] = relationship(back_populates="memberships")

    @property
    def has_ended(self) -> bool:
        return self.until is not None and self.until < clock.today()


class Invitation(Base):
    """A one-time link for somebody who is to have an account. Only a digest of what the link holds is kept."""

    __tablename__ = "invitations"

    id: Mapped[RandomId]
    token_digest: Mapped[str] = mapped_column(sa.String(64), unique=True)
    name: Mapped[str] = mapped_column(sa.String(64))
    role: Mapped[Role] = mapped_column(choice(Role))
    invited_by_id: Mapped[int | None] = mapped_column(BigInt, sa.ForeignKey("people.id", ondelete="SET NULL"))
    until: Mapped[Day | None]  # the role's last day
    expires_on: Mapped[Day]
    used_on: Mapped[Day | None]

    @property
    def is_open(self) -> bool:
        return self.used_on is None and self.expires_on >= clock.today()


class LastSteward(Exception):
    """Without a steward nobody could invite one."""


class NotTillThen(ValueError):
    """A role can't end on this day, or must have an end."""

    def __init__(self, *, has_passed: bool) -> None:
        super().__init__("has passed" if has_passed else "not for so long")
        self.has_passed = has_passed


def refuse_end(role: Role, until: dt.date | None) -> None:
    """Raise NotTillThen for a last day that has passed, and for somebody from outside who would read here for long."""
    if until is not None and until < clock.today():
        raise NotTillThen(has_passed=True)
    if role is Role.OUTSIDE_READER and (until is None or until > clock.today() + dt.timedelta(days=LONGEST_OUTSIDE)):
        raise NotTillThen(has_passed=False)


class AlreadyUsed(Exception):
    """Somebody has used this invitation, perhaps a moment ago."""


def proper_name(typed: str) -> str:
    """A name as it is kept: one form of each letter, single spaces. ValueError when it can't be a name."""
    if len(typed) > 4 * LONGEST_NAME:  # the next line takes its time over what is far too long
        raise ValueError("not a name")
    name = re.sub(r"\s+", " ", unicodedata.normalize("NFKC", typed)).strip()
    if not 2 <= len(name) <= LONGEST_NAME or not name.isprintable() or not any(c.isalnum() for c in name):
        raise ValueError("not a name")
    return name


def find_person(session: Session, typed: str) -> Person | None:
    """The person of that name, however it is spelt in capitals."""
    try:
        name = proper_name(typed)
    except ValueError:
        return None
    alike = (Person.username == name, sa.func.lower(Person.username) == name.lower())
    return session.scalar(sa.select(Person).where(sa.or_(*alike)).order_by(alike[0].desc()).limit(1))


def people_with(session: Session, role: Role) -> list[Person]:
    """Everybody who can sign in and holds this role today."""
    people = session.scalars(sa.select(Person).where(Person.memberships.any(Membership.role == role), Person.active))
    return [person for person in people if role in person.holds()]


def invite(session: Session, name: str, role: Role, *, by: int | None, days: int, until: dt.date | None = None) -> str:
    """Invite somebody without an account to a role, till its last day. NotTillThen where it can't end then.

    Returns what the link holds: it can't be found out again. The link ends with the role at the latest. Doesn't commit.
    """
    refuse_end(role, until)
    token = secrets.token_urlsafe(32)
    expires_on = clock.today() + dt.timedelta(days=days)
    session.add(
        Invitation(
            token_digest=_digest(token),
            name=proper_name(name),
            role=role,
            invited_by_id=by,
            until=until,
            expires_on=min(expires_on, until or expires_on),
        )
    )
    last = {} if until is None else {"until": until.isoformat()}
    append_decision(session, Act.SETTINGS, by=by, facts={"what": "invited", "role": str(role), **last})
    return token


def find_invitation(session: Session, token: str) -> Invitation | None:
    return session.scalar(sa.select(Invitation).filter_by(token_digest=_digest(token)))


def accept(session: Session, invitation: Invitation) -> Person:
    """The account that this invitation is for, with every role that its name was invited to. Doesn't commit.

    Of two who use one link at once, one gets the account and the other AlreadyUsed.
    """
    used = session.execute(
        sa.update(Invitation)
        .where(Invitation.id == invitation.id, Invitation.used_on.is_(None), Invitation.expires_on >= clock.today())
        .values(used_on=clock.today())
    )
    person = find_person(session, invitation.name)
    # A second link for a name that has its account by now must not set that account's password.
    if used.rowcount != 1 or (person is not None and person.password is not None):  # type: ignore[attr-defined]
        raise AlreadyUsed
    if person is None:
        person = Person(username=invitation.name)
        session.add(person)
        session.flush()
    person.give(invitation.role, by=invitation.invited_by_id, until=invitation.until)
    for other in session.scalars(sa.select(Invitation).filter_by(used_on=None, name=invitation.name)):
        if other.is_open:
            other.used_on = clock.today()
            person.give(other.role, by=other.invited_by_id, until=other.until)
    return person


def find_sign_in(session: Session, sign_in_id: object, mark: object) -> SignIn | None:
    """The sign-in that a cookie names, if it was not ended and its person's keys are still the same."""
    if not isinstance(sign_in_id, int):
        return None
    found = session.get(SignIn, sign_in_id, options=[joinedload(SignIn.person)])
    return found if found is not None and found.person.active and found.person.fs_uniquifier == mark else None


def use_sign_in(session: Session, sign_in: SignIn) -> bool:
    """Note the day on which a sign-in is used, once a day. Whoever has just ended it is right. Doesn't commit."""
    if (today := clock.today()) <= sign_in.used_on:
        return False
    mine = sa.update(SignIn).where(SignIn.id == sign_in.id).values(used_on=today)
    session.execute(mine.execution_options(synchronize_session=False))
    return True


def forget_sign_ins(session: Session) -> int:
    """Forget where people signed in and have not been for long. Returns how many. Doesn't commit."""
    before = clock.today() - dt.timedelta(days=SIGN_INS_KEPT)
    return session.execute(sa.delete(SignIn).where(SignIn.used_on < before)).rowcount  # type: ignore[attr-defined]


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _session_of(person: Person) -> Session:
    session = object_session(person)
    if session is None:
        raise RuntimeError("the person belongs to no session")
    return session
