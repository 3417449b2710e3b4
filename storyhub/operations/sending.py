"""Speaks to the outside for a notice: to a mail server, to a web hook. What it says is made elsewhere (notices).

Nothing here is told where the machine is or what it is called, and nothing is said before it is encrypted, unless the
other end is this machine itself.
"""

from __future__ import annotations

import json
import logging
import smtplib
import ssl
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from urllib.parse import SplitResult, unquote, urlsplit

from storyhub.config import Settings, is_loopback

log = logging.getLogger("storyhub.jobs")

SECONDS = 10  # to wait for each answer
FAILURES = (OSError, smtplib.SMTPException, HTTPException)  # what may happen between here and there


@dataclass(frozen=True)
class Outside:
    """What a job leaves to be done when it is committed, so that nobody waits for a stranger's server.

    When it raises, the job waits again: it must not raise once anything has reached anybody.
    """

    do: Callable[[], object]


class NotTaken(Exception):
    """The hook answered with something else than that it is well."""


@contextmanager
def mail_server(settings: Settings) -> Iterator[smtplib.SMTP]:
    """The mail server, encrypted and signed in to. Raises OSError or SMTPException; refuses to speak in the open."""
    parts = urlsplit(settings.smtp_url or "")
    host, context = parts.hostname or "", ssl.create_default_context()
    # In place of the machine's own name, which is nobody's business.
    ours = (settings.notice_from or "").rpartition("@")[2]
    server: smtplib.SMTP
    if parts.scheme == "smtps":
        server = smtplib.SMTP_SSL(host, parts.port or 465, ours, timeout=SECONDS, context=context)
    else:
        server = smtplib.SMTP(host, parts.port or 587, ours, timeout=SECONDS)
    with server:
        if parts.scheme == "smtp" and not is_loopback(host):
            server.starttls(context=context)
        if parts.username and parts.password:
            server.login(unquote(parts.username), unquote(parts.password))
        yield server


def send_mails(settings: Settings, mails: Sequence[EmailMessage]) -> int:
    """Send each by itself. Returns how many were taken; raises only when none was, so that all can be tried again."""
    sent = 0
    refusal: Exception | None = None
    try:
        with mail_server(settings) as server:
            for mail in mails:
                try:
                    server.send_message(mail)
                    sent += 1
                except smtplib.SMTPRecipientsRefused as error:
                    refusal = error
    except FAILURES as error:
        refusal = error
    if refusal is not None:
        if not sent:
            raise refusal
        # What a server says may hold addresses: only the kind of it is told.
        log.error("%s of %s notices could not be sent: %s", len(mails) - sent, len(mails), type(refusal).__name__)
    return sent


def knock(hook: str, told: Mapping[str, int]) -> None:
    """Tell a web hook. It is asked directly and followed nowhere. Raises OSError, HTTPException or NotTaken."""
    parts = urlsplit(hook)
    connection = _connection(parts)
    try:
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request("POST", target, json.dumps(dict(told)), {"Content-Type": "application/json"})
        status = connection.getresponse().status
    finally:
        connection.close()
    if not 200 <= status < 300:
        raise NotTaken(status)


def _connection(parts: SplitResult) -> HTTPConnection:
    host = parts.hostname or ""
    if parts.scheme == "https":
        return HTTPSConnection(host, parts.port, timeout=SECONDS, context=ssl.create_default_context())
    return HTTPConnection(host, parts.port, timeout=SECONDS)
