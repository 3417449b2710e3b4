"""The six digits of an authenticator app, and the recovery codes: how they are made, shown, and accepted once."""

from __future__ import annotations

import io
import unicodedata
from typing import cast

import segno
from flask import current_app
from flask_security import hash_password
from flask_security.totp import Totp
from passlib.totp import TOTP  # type: ignore[import-untyped]

from storyhub import clock
from storyhub.extensions import security
from storyhub.models.people import Person
from storyhub.protection import limits
from storyhub.protection.limits.table import CODE_ONCE, SECOND_FACTOR

STEP = 30  # seconds, as every authenticator app counts (RFC 6238)
DIGITS_IN_GROUP = 4


class CodesUsedOnce(Totp):
    """Flask-Security's codes, each good for one sign-in (RFC 6238, 5.2). What was used is kept in memory alone."""

    def __init__(self, secrets: dict[str, str], issuer: str) -> None:
        super().__init__(secrets, issuer)
        self._totp = TOTP.using(issuer=issuer, secrets=secrets, now=lambda: clock.now().timestamp())

    def verify_totp(self, token: str, totp_secret: str, user: Person, window: int = 0) -> bool:  # type: ignore[override]
        code = digits(token)
        return self.matches(code, totp_secret, user, window) and limits.is_first(CODE_ONCE, _mark(user, code))

    def matches(self, code: str, totp_secret: str, user: Person, window: int) -> bool:
        # Nobody is locked out: recovery codes are too long to guess and always work.
        if limits.spent(SECOND_FACTOR, str(user.id)):
            return False
        if super().verify_totp(code, totp_secret, user, window):
            return True
        limits.within(SECOND_FACTOR, str(user.id))
        return False

    def unused_code(self, user: Person, window: int) -> str | None:
        """A code that would be accepted now; None when every one of this minute was used."""
        totp = self._totp.from_source(user.tf_totp_secret)
        now = int(clock.now().timestamp())
        codes: list[str] = [totp.generate(now + ahead).token for ahead in range(0, window + 1, STEP)]
        return next((code for code in codes if not limits.was_done(CODE_ONCE, _mark(user, code))), None)


def digits(typed: str) -> str:
    """The digits of a code as it was typed: in any numerals, with any spaces."""
    values = (unicodedata.decimal(character, None) for character in typed[:40])
    return "".join(str(value) for value in values if value is not None)


def set_up(person: Person, password: str) -> None:
    """Give a new account its password, a secret for an app, and recovery codes. Doesn't commit."""
    person.password = hash_password(security.password_util.normalize(password))
    begin(person)


def begin(person: Person) -> None:
    """Give an account a new secret for an app; it has to be confirmed before anything else opens. Doesn't commit."""
    security.datastore.tf_set(person, "authenticator", totp_secret=security.totp_factory.generate_totp_secret())
    person.second_factor_confirmed = False
    new_recovery_codes(person)


def confirms(person: Person, typed: str) -> bool:
    """Whether an app that was just set up shows the right code. It stays good for a sign-in."""
    return _factory().matches(digits(typed), _secret(person), person, _window())


def opens(person: Person, typed: str) -> bool:
    """Whether this is the app's code of now or a recovery code; either opens the door once. Doesn't commit."""
    return _factory().verify_totp(typed, _secret(person), person, _window()) or _uses_up(person, typed)


def current_code(person: Person) -> str | None:
    """A code that opens the door now, for tests and for people who are locked out; None while all are used up."""
    return _factory().unused_code(person, _window())


def new_recovery_codes(person: Person) -> list[str]:
    """Fresh recovery codes; the old ones are void. Doesn't commit."""
    return security.mf_recovery_codes_util.create_recovery_codes(person)


def recovery_codes(person: Person) -> list[str]:
    return security.mf_recovery_codes_util.get_recovery_codes(person)


def secret_groups(person: Person) -> list[str]:
    """The secret in groups of four, to be typed into an app by hand."""
    return _grouped(_factory().get_totp_b32_key(_secret(person)))


def picture(person: Person) -> bytes:
    """The secret as a QR code, an SVG file. Dark on light whatever the page's colours: cameras need the contrast."""
    uri = _factory().get_totp_uri(person.username, _secret(person))
    out = io.BytesIO()
    segno.make(uri, micro=False).save(out, kind="svg", scale=5, border=4, dark="#000", light="#fff", xmldecl=False)
    return out.getvalue()


def _uses_up(person: Person, typed: str) -> bool:
    code = "-".join(_grouped("".join(character for character in typed[:40].lower() if character.isalnum())))
    recovery = security.mf_recovery_codes_util
    if not recovery.check_recovery_code(person, code):
        return False
    recovery.delete_recovery_code(person, code)
    return True


def _grouped(text: str) -> list[str]:
    return [text[start : start + DIGITS_IN_GROUP] for start in range(0, len(text), DIGITS_IN_GROUP)]


def _factory() -> CodesUsedOnce:
    return cast(CodesUsedOnce, security.totp_factory)


def _secret(person: Person) -> str:
    if person.tf_totp_secret is None:
        raise RuntimeError("no app was set up for this account")
    return person.tf_totp_secret


def _window() -> int:
    return int(current_app.config["SECURITY_TWO_FACTOR_AUTHENTICATOR_VALIDITY"])


def _mark(person: Person, code: str) -> str:
    return f"{person.id}/{code}"
