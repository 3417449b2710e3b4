"""Words and secrets that travel through somebody's browser and come back unread and unchanged; cookies too."""

from __future__ import annotations

import base64
import json
from typing import Any

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from flask import Flask, Request, Response
from flask.sessions import SecureCookieSession, SessionInterface

from storyhub import clock

IDLE_SECONDS = 15 * 60


class Broken(ValueError):
    """What came back isn't what was sealed here, or it is too old."""


def derived_key(secret: str, purpose: str, length: int = 32) -> bytes:
    """A key for one purpose alone, by HKDF-SHA256 (RFC 5869)."""
    return HKDF(hashes.SHA256(), length, salt=None, info=f"storyhub {purpose}".encode()).derive(secret.encode())


class Sealer:
    """Encrypts small JSON values for one purpose (Fernet: AES-128-CBC and HMAC-SHA256)."""

    def __init__(self, secret: str, purpose: str) -> None:
        self._fernet = Fernet(base64.urlsafe_b64encode(derived_key(secret, purpose)))

    def seal(self, value: Any) -> str:
        return self._fernet.encrypt_at_time(json.dumps(value).encode(), _now()).decode()

    def open(self, token: str, max_seconds: int | None = None) -> Any:
        """The value that was sealed. Raises Broken."""
        try:
            if max_seconds is None:
                return json.loads(self._fernet.decrypt(token.encode()))
            return json.loads(self._fernet.decrypt_at_time(token.encode(), max_seconds, _now()))
        except (InvalidToken, UnicodeError, ValueError) as error:
            raise Broken("not sealed here, or too old") from error


def _now() -> int:
    return int(clock.now().timestamp())


class SealedSessions(SessionInterface):
    """Sessions in an encrypted cookie that ends after 15 idle minutes (promise 5). Flask's own are only signed.

    A page that doesn't touch the session sets no cookie and renews none; every other one is a sign of not being idle.
    """

    def __init__(self, secret: str) -> None:
        self._sealer = Sealer(secret, "session")

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession:
        token = request.cookies.get(self.get_cookie_name(app))
        if not token:
            return SecureCookieSession()
        try:
            return SecureCookieSession(self._sealer.open(token, IDLE_SECONDS))
        except Broken:
            return SecureCookieSession()

    def save_session(self, app: Flask, session: Any, response: Response) -> None:
        name = self.get_cookie_name(app)
        where = {"domain": None, "path": "/", "secure": app.config["SESSION_COOKIE_SECURE"], "samesite": "Lax"}
        if session.accessed:
            response.vary.add("Cookie")
        if not session:
            if session.modified:
                response.delete_cookie(name, httponly=True, **where)
            return
        if session.modified or session.accessed:
            response.set_cookie(name, self._sealer.seal(dict(session)), httponly=True, max_age=None, **where)
