"""What the pages for accounts read."""

from __future__ import annotations

import sqlalchemy as sa
from flask_security import hash_password
from sqlalchemy.orm import Session, selectinload

from storyhub import clock
from storyhub.models.people import Invitation, Person, SignIn, find_person


def person_who_knows(session: Session, name: str, password: str) -> Person | None:
    """The person of that name, if the password is theirs and the account open.

    An unknown name takes as long as a wrong password, so that the answer's time tells nothing.
    """
    person = find_person(session, name)
    if person is None or not person.password:
        hash_password(password)
        return None
    knows = person.verify_and_update_password(password)
    return person if knows and person.active else None


def everybody(session: Session) -> list[Person]:
    """All who have an account, those who can sign in first."""
    found = sa.select(Person).options(selectinload(Person.memberships)).order_by(Person.active.desc(), Person.username)
    return list(session.scalars(found))


def sign_ins_of(session: Session, person_id: int, *, first: int | None) -> list[SignIn]:
    """Where somebody is or was signed in: this browser first, then what was used last."""
    found = sa.select(SignIn).filter_by(person_id=person_id)
    order = ((SignIn.id != first).asc(), SignIn.used_on.desc(), SignIn.begun_on.desc(), SignIn.id)
    return list(session.scalars(found.order_by(*order)))


def open_invitations(session: Session) -> list[Invitation]:
    """Links that still work, the ones that end first before the others."""
    still_open = sa.select(Invitation).where(Invitation.used_on.is_(None), Invitation.expires_on >= clock.today())
    return list(session.scalars(still_open.order_by(Invitation.expires_on, Invitation.name)))
