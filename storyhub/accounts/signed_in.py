"""Who is signed in, in which browser: a row here, whose id that browser's encrypted cookie holds."""

from __future__ import annotations

from flask import Flask, g, session
from flask_login import current_user
from flask_security import Security
from flask_security.utils import login_user, logout_user

from storyhub.extensions import db
from storyhub.models.people import How, Person, find_sign_in, use_sign_in
from storyhub.protection.access import WITHOUT_ACCOUNT, freshen

KEY = "sign_in"  # under which the cookie holds the id


def init_app(app: Flask, security: Security) -> None:
    security.login_manager.user_loader(whoever_is)
    app.before_request(note_day)


def enter(person: Person, how: How) -> None:
    """Sign somebody in in this browser, in the place of whoever was. Doesn't commit."""
    if current_user.is_authenticated:
        current_user.end_session(here())
    login_user(person)
    session[KEY] = person.begin_session(how).id
    freshen()


def leave() -> None:
    """Sign out in this browser: a copy of its cookie opens nothing from now on. Doesn't commit."""
    if current_user.is_authenticated:
        current_user.end_session(here())
    logout_user()
    session.clear()


def here() -> int | None:
    """The id of this browser's sign-in."""
    return session.get(KEY)


def whoever_is(mark: str) -> Person | None:
    """Flask-Login's question who it is that a session belongs to. One look by a primary key."""
    found = find_sign_in(db.session, here(), mark)
    if found is None:
        return None
    g.sign_in = found
    return found.person


def note_day() -> None:
    """Note that somebody is here today, on pages for people with accounts; those for all never ask who it is."""
    audiences = g.get("audiences")
    if not audiences or audiences & WITHOUT_ACCOUNT or "sign_in" not in g:
        return
    if use_sign_in(db.session, g.sign_in):
        db.session.commit()
