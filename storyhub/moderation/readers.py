"""Who reads a language, and what to do with a story in one that somebody does not read."""

from __future__ import annotations

from sqlalchemy.orm import Session

from storyhub.models.people import Person, people_with
from storyhub.models.queue import READERS


def reads(person: Person, language: str | None) -> bool:
    """Whether somebody reads a language (BCP 47). Who named none, and what nobody could tell, is taken as read."""
    return not person.languages or language is None or base(language) in map(base, person.languages)


def anybody_reads(session: Session, language: str) -> bool:
    """Whether anybody who decides at the desk has said that they read it."""
    desk = [person for role in sorted(READERS) for person in people_with(session, role)]
    return any(base(language) in map(base, person.languages) for person in desk)


def base(language: str) -> str:
    """The language without its region or script.

    >>> base("pt-BR")
    'pt'
    """
    return language.partition("-")[0].lower()
