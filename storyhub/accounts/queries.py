"""What the pages for accounts read."""

from __future__ import annotations

from flask_security import hash_password
from sqlalchemy.orm import Session

from storyhub.models.people import Person, find_person


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
