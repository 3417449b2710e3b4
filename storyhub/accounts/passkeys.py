"""Passkeys: a door that is opened by a device or a security key, with no password to guess or to give away."""

from __future__ import annotations

import datetime as dt
import ipaddress
import json
from urllib.parse import urlsplit

import sqlalchemy as sa
import webauthn
from sqlalchemy.orm import Session
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url, options_to_json
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from storyhub import clock
from storyhub.models.people import Person, WebAuthn

# The device asks for a finger, a face or a PIN: having the device and being its owner are the two keys.
VERIFIED = UserVerificationRequirement.REQUIRED


class NotThisKey(ValueError):
    """What the browser sent back isn't the answer of a passkey that belongs here."""


def possible(site_url: str) -> bool:
    """Browsers bind a passkey to a site's name; where there is only a number, they make none."""
    try:
        ipaddress.ip_address(_host(site_url))
    except ValueError:
        return True
    return False


def offer(person: Person, site_url: str, site_name: str) -> tuple[str, str]:
    """(what the browser is asked to make a key from, as JSON; the challenge to remember)."""
    options = webauthn.generate_registration_options(
        rp_id=_host(site_url),
        rp_name=site_name,
        # Random, and not the account's id: a key that lies about shows nothing of ours.
        user_id=person.passkey_handle().encode(),
        user_name=person.username,
        exclude_credentials=[PublicKeyCredentialDescriptor(id=key.credential_id) for key in person.webauthn],
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=VERIFIED
        ),
    )
    return options_to_json(options), bytes_to_base64url(options.challenge)


def add(person: Person, answer: str, *, challenge: str, name: str, site_url: str) -> None:
    """Keep the public half of the key that the browser made. Raises NotThisKey. Doesn't commit."""
    try:
        made = webauthn.verify_registration_response(
            credential=answer,
            expected_challenge=base64url_to_bytes(challenge),
            expected_rp_id=_host(site_url),
            expected_origin=site_url,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, KeyError, TypeError) as error:
        raise NotThisKey from error
    person.webauthn.append(
        WebAuthn(
            credential_id=made.credential_id,
            public_key=made.credential_public_key,
            sign_count=made.sign_count,
            backup_state=made.credential_backed_up,
            device_type=str(made.credential_device_type.value),
            create_datetime=_day(),
            lastuse_datetime=_day(),
            name=name,
            usage="first",
        )
    )


def ask(site_url: str) -> tuple[str, str]:
    """(what the browser is asked to answer with any passkey it has for this site, as JSON; the challenge)."""
    options = webauthn.generate_authentication_options(rp_id=_host(site_url), user_verification=VERIFIED)
    return options_to_json(options), bytes_to_base64url(options.challenge)


def person_who_answers(session: Session, answer: str, *, challenge: str, site_url: str) -> Person:
    """Whose passkey answered. Raises NotThisKey. Doesn't commit."""
    try:
        key = session.scalar(sa.select(WebAuthn).filter_by(credential_id=base64url_to_bytes(json.loads(answer)["id"])))
        if key is None or not key.person.active or not key.person.second_factor_confirmed:
            raise NotThisKey
        answered = webauthn.verify_authentication_response(
            credential=answer,
            expected_challenge=base64url_to_bytes(challenge),
            expected_rp_id=_host(site_url),
            expected_origin=site_url,
            credential_public_key=key.public_key,
            credential_current_sign_count=key.sign_count,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, KeyError, TypeError) as error:
        raise NotThisKey from error
    key.sign_count, key.lastuse_datetime = answered.new_sign_count, _day()
    return key.person


def _host(site_url: str) -> str:
    return urlsplit(site_url).hostname or ""


def _day() -> dt.datetime:
    """The day, for a column that could hold more: when somebody works is nobody's business."""
    return dt.datetime.combine(clock.today(), dt.time())
