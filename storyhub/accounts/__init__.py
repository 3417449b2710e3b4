"""Accounts: sign-in, invitations, second factors, who may do what, and what a steward decides about the site."""

from __future__ import annotations

import base64
import datetime as dt
from urllib.parse import urlsplit

from flask import Flask
from flask_babel import lazy_gettext as _
from flask_login.utils import _user_context_processor
from flask_principal import identity_changed
from flask_security import Security, SQLAlchemyUserDatastore
from flask_security.utils import uia_username_mapper

from storyhub.config import Settings
from storyhub.extensions import db
from storyhub.models.people import Person, Role, WebAuthn
from storyhub.protection.sealing import derived_key


def init_app(app: Flask) -> None:
    """Open the room."""
    from storyhub.accounts import signed_in
    from storyhub.accounts.codes import CodesUsedOnce
    from storyhub.accounts.routes.confirming import ask_again
    from storyhub.accounts.routes.sign_in import account, security_views

    _configure(app, app.extensions["settings"])
    # Its own views would bring addresses that nobody asked for; ours state their audience and call what is beneath.
    store = SQLAlchemyUserDatastore(db, Person, None, WebAuthn)  # type: ignore[arg-type]
    security = Security(app, store, register_blueprint=False, totp_cls=CodesUsedOnce)
    security.want_json(lambda _request: False)
    _quieten(app, security)
    signed_in.init_app(app, security)
    app.extensions["ask_again"] = ask_again
    app.register_blueprint(security_views)
    app.register_blueprint(account)
    rooms = app.config.setdefault("DESK_ROOMS", [])
    rooms.append((lambda: _("People"), "/organise/people", (Role.STEWARD,)))
    rooms.append((lambda: _("Settings"), "/organise/settings", (Role.STEWARD,)))


def _configure(app: Flask, settings: Settings) -> None:
    key = derived_key(settings.secret_key, "recovery codes")
    app.config.update(
        SECURITY_USER_IDENTITY_ATTRIBUTES=[{"username": {"mapper": uia_username_mapper, "case_insensitive": True}}],
        SECURITY_JOIN_USER_ROLES=False,
        SECURITY_CLI_USERS_NAME=None,
        SECURITY_CLI_ROLES_NAME=None,
        SECURITY_FLASH_MESSAGES=False,
        SECURITY_CSRF_COOKIE_NAME=None,
        SECURITY_API_ENABLED_METHODS=["session"],
        SECURITY_POST_LOGIN_VIEW="accounts.home",
        SECURITY_PASSWORD_HASH="argon2",  # noqa: S106 - the name of a method
        SECURITY_PASSWORD_SCHEMES=["argon2"],
        SECURITY_PASSWORD_SINGLE_HASH=["argon2"],
        # Argon2id with OWASP's least memory: many people who sign in at once must not exhaust a server of 1 GB.
        SECURITY_PASSWORD_HASH_PASSLIB_OPTIONS={
            "argon2__type": "ID",
            "argon2__memory_cost": 19 * 1024,  # KiB
            "argon2__time_cost": 2,
            "argon2__parallelism": 1,
        },
        SECURITY_PASSWORD_LENGTH_MIN=12,
        SECURITY_TWO_FACTOR=True,
        SECURITY_TWO_FACTOR_REQUIRED=True,
        SECURITY_TWO_FACTOR_ENABLED_METHODS=["authenticator"],
        SECURITY_TWO_FACTOR_IMPLEMENTATIONS={"code": "flask_security.twofactor.CodeTfPlugin"},
        SECURITY_TWO_FACTOR_AUTHENTICATOR_VALIDITY=60,  # seconds that a telephone's clock may be wrong
        SECURITY_TOTP_SECRETS={"1": derived_key(settings.secret_key, "second factors").hex()},
        SECURITY_TOTP_ISSUER=f"StoryHub {urlsplit(settings.site_url).hostname}",
        SECURITY_MULTI_FACTOR_RECOVERY_CODES_N=8,
        SECURITY_MULTI_FACTOR_RECOVERY_CODES_KEYS=[base64.urlsafe_b64encode(key)],
        SECURITY_FRESHNESS=dt.timedelta(minutes=-1),  # what needs a fresh mind asks for the password in its own form
        # Flask-Login would keep a hash of address and browser in the session, to compare them (promise 1).
        SESSION_PROTECTION=None,
    )


def _quieten(app: Flask, security: Security) -> None:
    """Keep the libraries from looking at the session on pages that have none, and at the address anywhere.

    Without this every public page would vary by cookie, and no cache could keep it (promise 5).
    """
    manager, principal = security.login_manager, security.principal
    manager._session_identifier_generator = lambda: "unused"
    manager._request_callback = None  # no tokens in headers or addresses
    app.after_request_funcs[None].remove(manager._update_remember_cookie)
    app.template_context_processors[None].remove(_user_context_processor)
    app.before_request_funcs[None].remove(principal._on_before_request)
    identity_changed.disconnect(principal._on_identity_changed, app)
