"""What touches more than one noun: a steward's decisions about the site, places to find help, and new keys."""

from __future__ import annotations

import datetime as dt
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from storyhub import clock, languages
from storyhub.models.decision import Act, append_decision, hold_record
from storyhub.models.people import Person, Role, invite
from storyhub.models.publication import new_edition
from storyhub.models.site import the_site
from storyhub.models.support import SupportPlace, listed_places, well_known_places


def settle(session: Session, values: dict[str, Any], *, by: int) -> list[str]:
    """Change what is settled about the site, on the record. Returns the names of what changed. Doesn't commit."""
    hold_record(session)  # before the site's row, which is taken last by all
    site = the_site(session, lock=True)
    if "name" in values:
        values = {**values, "named": True}
    changed = [name for name, value in values.items() if getattr(site, name) != value]
    for name in changed:
        setattr(site, name, values[name])
    if changed:
        append_decision(session, Act.SETTINGS, by=by, facts={"what": "settings", "fields": " ".join(sorted(changed))})
        new_edition(session)
    return changed


def keep_urgent_words(session: Session, lists: dict[str, dict[str, list[str]]] | None, *, by: int) -> bool:
    """Change which words make a story urgent, on the record. False when nothing changed. Doesn't commit."""
    hold_record(session)
    site = the_site(session, lock=True)
    before, after = site.urgent_words or {}, lists or {}
    changed = [code for code in sorted({*before, *after}) if before.get(code) != after.get(code)]
    if changed:
        site.urgent_words = lists
        append_decision(session, Act.SETTINGS, by=by, facts={"what": "urgent-words", "languages": " ".join(changed)})
    return bool(changed)


def renew(session: Session, person: Person, *, by: int | None, days: int) -> str:
    """Void somebody's password and app, and return what a link to set new ones holds. Roles stay. Doesn't commit.

    ValueError for somebody without a role: a link is always a link to one.
    """
    if not (roles := sorted(person.holds())):
        raise ValueError("no role")
    membership = person.membership(roles[0])
    person.forget_keys(by=by)
    return invite(session, person.username, roles[0], by=by, days=days, until=membership.until if membership else None)


def give_till(person: Person, role: Role, until: dt.date | None, *, by: int | None) -> bool:
    """Give a role, or another last day to one that is held. False when nothing changed. Doesn't commit."""
    if person.give(role, by=by, until=until):
        return True
    return until is not None and person.end_role(role, until, by=by)


def list_place(session: Session, values: dict[str, Any], *, by: int) -> SupportPlace | None:
    """List a place to find help, after those of its country. None where the same one is listed. Doesn't commit."""
    hold_record(session)
    the_site(session, lock=True)  # of two who press at once, the second sees what the first has listed
    same = {name: values[name] for name in ("country", "name", "telephone", "address")}
    if session.scalar(sa.select(SupportPlace.id).filter_by(**same).limit(1)) is not None:
        return None
    last = session.scalar(sa.select(sa.func.max(SupportPlace.rank)))
    place = SupportPlace(**values, rank=(last or 0) + 1)
    session.add(place)
    _record_support(session, "support-place-listed", place, by=by)
    return place


def change_place(session: Session, place: SupportPlace, values: dict[str, Any], *, by: int) -> bool:
    """Change what is told about a place. False when nothing of it changed. Doesn't commit."""
    changed = {name: value for name, value in values.items() if getattr(place, name) != value}
    for name, value in changed.items():
        setattr(place, name, value)
    if changed:
        _record_support(session, "support-place-changed", place, by=by)
    return bool(changed)


def check_place(session: Session, place: SupportPlace, *, by: int) -> bool:
    """Note that all about it was found right today. False when somebody did so today before. Doesn't commit."""
    return change_place(session, place, {"checked_on": clock.today()}, by=by)


def remove_place(session: Session, place: SupportPlace, *, by: int) -> None:
    _record_support(session, "support-place-removed", place, by=by)
    session.delete(place)


def raise_place(session: Session, place: SupportPlace, *, by: int) -> bool:
    """Move a place before the one above it in its country. False for the first one. Doesn't commit."""
    around = [one for one in listed_places(session) if one.country == place.country]
    number = around.index(place)
    if number == 0:
        return False
    around[number - 1 : number + 1] = [place, around[number - 1]]
    for rank, one in enumerate(around):
        one.rank = rank
    _record_support(session, "support-place-moved", place, by=by)
    return True


def take_over_directories(session: Session, *, by: int) -> int:
    """List the well-known directories as the site's own, so that they can be changed. Returns how many were new."""
    new = 0
    for place in well_known_places(languages.LANGUAGES):
        values = {name: getattr(place, name) for name in ("name", "what", "address", "telephone", "languages")}
        new += list_place(session, {"country": None, **values}, by=by) is not None
    return new


def _record_support(session: Session, what: str, place: SupportPlace, *, by: int) -> None:
    session.flush()
    append_decision(session, Act.SETTINGS, by=by, facts={"what": what, "place": place.id})
    new_edition(session)  # what is public has changed, also for those who hold the page already
