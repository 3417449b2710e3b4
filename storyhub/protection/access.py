"""Who may open what, and which database a request may touch. A route without a stated audience stays shut."""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from flask import Flask, abort, current_app, g, redirect, request, session, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from storyhub import clock
from storyhub.extensions import READS_FROM, db

F = TypeVar("F", bound=Callable[..., Any])


class Audience(enum.StrEnum):
    """For whom a page is. Those from MODERATOR on are roles of people with accounts; any one of them opens it."""

    PUBLIC = "public"  # no cookie, no session, the read-only connection
    READER = "reader"  # a reader's act from a cacheable page: no session, no token, this site's Origin only
    CONTRIBUTOR = "contributor"  # telling and receipts: a short cookie, never stored by caches
    SIGN_IN = "sign-in"
    ACCOUNT = "account"  # anybody with an account
    MODERATOR = "moderator"
    ORGANISER = "organiser"
    STEWARD = "steward"
    SAFEGUARDING_LEAD = "safeguarding-lead"
    GUEST_CURATOR = "guest-curator"
    OUTSIDE_READER = "outside-reader"


WITHOUT_ACCOUNT = {Audience.PUBLIC, Audience.READER, Audience.CONTRIBUTOR, Audience.SIGN_IN}
SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}
FRESH_SECONDS = 15 * 60  # for which a password that was given counts, before what lets power or data out


def audience(*wanted: str) -> Callable[[F], F]:
    """State for whom a view is."""
    audiences = frozenset(Audience(name) for name in wanted)

    def state(view: F) -> F:
        view.audiences = audiences  # type: ignore[attr-defined]
        return view

    return state


def needs_fresh_sign_in(view: F) -> F:
    """State that a view lets power or data out: it opens to whoever gave their password a moment ago.

    It holds for what changes something; where a view has no such method, for all of it. Whoever gave theirs longer ago
    is asked for it on a page that carries all they typed, and goes on from there.
    """
    view.needs_fresh_sign_in = True  # type: ignore[attr-defined]
    return view


def audiences_of(app: Flask, endpoint: str) -> frozenset[Audience]:
    """The stated audiences of an endpoint; none when nobody stated any."""
    stated = app.config["AUDIENCES"].get(endpoint)
    return stated or getattr(app.view_functions.get(endpoint), "audiences", frozenset())


def asks_again(app: Flask, endpoint: str, method: str, methods: set[str]) -> bool:
    """Whether this method of an endpoint is for a fresh sign-in alone."""
    stated = getattr(app.view_functions.get(endpoint), "needs_fresh_sign_in", False)
    return stated and (method not in SAFE_METHODS or methods <= SAFE_METHODS)


def is_fresh() -> bool:
    """Whether the password was given a moment ago in this browser."""
    given_at = session.get("fresh_at", 0)
    return 0 <= clock.now().timestamp() - given_at <= FRESH_SECONDS


def freshen() -> None:
    """Note in the encrypted cookie, and nowhere else, that the password was given now."""
    session["fresh_at"] = int(clock.now().timestamp())


def init_app(app: Flask) -> None:
    """Guard every route. `AUDIENCES` in the app's config states those of views that libraries bring."""
    app.config.setdefault("AUDIENCES", {})
    app.config["AUDIENCES"].setdefault("static", frozenset({Audience.PUBLIC}))
    app.before_request(_guard)


def _guard() -> Response | None:
    if request.endpoint is None:  # unknown address or method: the error page, which reads nothing
        g.reads_only = True
        return None
    if "\0" in request.path:  # none of our addresses holds one, and PostgreSQL would stumble over it
        g.reads_only = True
        abort(404)
    wanted = audiences_of(current_app, request.endpoint)
    if not wanted:
        abort(403)
    # Public pages can't write, whatever a mistake in them might try. Nor do those on which a story is begun, so that
    # very many who begin at once don't wait for one another.
    g.reads_only = wanted <= {Audience.PUBLIC, Audience.CONTRIBUTOR} and request.method in SAFE_METHODS
    g.audiences = wanted
    g.reads_from = request.environ.get(READS_FROM)
    if wanted & WITHOUT_ACCOUNT:
        return None
    if not current_user.is_authenticated:
        if request.method in SAFE_METHODS:
            return redirect(url_for("security.login", next=request.script_root + request.full_path.rstrip("?")))
        abort(401)
    if not current_user.second_factor_confirmed:
        return redirect(url_for("accounts.second_factor"))
    if Audience.ACCOUNT not in wanted and not {Audience(role) for role in current_user.holds()} & wanted:
        abort(403)
    methods = request.url_rule.methods if request.url_rule else None
    if asks_again(current_app, request.endpoint, request.method, methods or set()):
        ask_again: Callable[[], Response | None] = current_app.extensions["ask_again"]
        return ask_again()
    return None


def only_reads_now() -> None:
    """From here on this request only reads: nobody waits for its page to be made before they can be stored."""
    db.session.rollback()
    g.reads_only = True


def only_reads_at_the_desk() -> None:
    """The same for people with accounts, where the connections that only read see what was written a moment ago.

    On SQLite that is one file, and while a page is made nobody else could decide anything. A replica may lag behind.
    """
    if db.engine.dialect.name == "sqlite":
        only_reads_now()


@contextmanager
def only_reading() -> Iterator[None]:
    """For a part of a request that has written nothing yet: what it does meanwhile keeps nobody from being stored."""
    only_reads_now()
    try:
        yield
    finally:
        db.session.rollback()
        g.reads_only = False


def comes_from_this_site(site_url: str) -> bool:
    """Whether a form was sent from one of this site's own pages, as the browser says itself."""
    if (site := request.headers.get("Sec-Fetch-Site")) is not None:
        return site == "same-origin"
    return request.headers.get("Origin") == site_url
