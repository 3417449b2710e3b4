"""What touches more than one noun: a steward's decisions about the site, and new keys for somebody who lost theirs."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from storyhub.models.decision import Act, append_decision
from storyhub.models.people import Person, invite
from storyhub.models.publication import new_edition
from storyhub.models.site import the_site


def settle(session: Session, values: dict[str, Any], *, by: int) -> list[str]:
    """Change what is settled about the site, on the record. Returns the names of what changed. Doesn't commit."""
    site = the_site(session, lock=True)
    values = {**values, "named": True}
    changed = [name for name, value in values.items() if getattr(site, name) != value]
    for name in changed:
        setattr(site, name, values[name])
    if changed:
        append_decision(session, Act.SETTINGS, by=by, facts={"what": "settings", "fields": " ".join(sorted(changed))})
        new_edition(session)
    return changed


def renew(session: Session, person: Person, *, by: int | None, days: int) -> str:
    """Void somebody's password and app, and return what a link to set new ones holds. Roles stay. Doesn't commit.

    ValueError for somebody without a role: a link is always a link to one.
    """
    if not (roles := sorted(person.holds())):
        raise ValueError("no role")
    person.forget_keys(by=by)
    return invite(session, person.username, roles[0], by=by, days=days)
