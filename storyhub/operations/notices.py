"""Tells those who look after the desk that something waits: how many, for how long, and not a word of what.

A notice goes through other people's servers and stands on locked phones. So it says nothing that a story is, in no
language, and no mail names a second recipient. docs/decisions/0016-notices.md says what was weighed.
"""

from __future__ import annotations

import datetime as dt
import secrets
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from email.message import EmailMessage
from email.utils import format_datetime
from functools import partial

import click
import sqlalchemy as sa
from flask import current_app
from flask.cli import AppGroup
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy.orm import Session, selectinload

from storyhub import clock
from storyhub.config import Settings, is_address
from storyhub.extensions import db
from storyhub.models.job import Job, enqueue
from storyhub.models.people import Person, Role
from storyhub.models.queue import READERS, Lane, QueueItem, for_person
from storyhub.models.site import the_site
from storyhub.operations import address
from storyhub.operations.sending import FAILURES, NotTaken, Outside, knock, send_mails

MAIL, HOOK = "notice-mail", "notice-hook"
NAMES = (MAIL, HOOK)
# Demands reach stewards only: nobody else is told that there is one more.
FOR_THE_DESK = sa.or_(QueueItem.only_for.is_(None), QueueItem.only_for != Role.STEWARD)

notices = AppGroup("notices", help="Tell those who look after the desk that something waits.", short_help="Notices.")


@dataclass(frozen=True)
class Waiting:
    """All that a notice may know. `usual` is not told apart from the rest to a hook."""

    urgent: int
    usual: int
    held: int
    longest_days: int

    @property
    def in_all(self) -> int:
        return self.urgent + self.usual + self.held

    def for_hook(self) -> dict[str, int]:
        told = asdict(self)
        del told["usual"]
        return {"waiting": self.in_all, **told}

    def in_words(self, desk: str) -> str:
        lanes = _("Urgent: %(urgent)s. Usual: %(usual)s. Held apart: %(held)s.", **asdict(self))
        longest = (
            ngettext("The longest for %(num)s day.", "The longest for %(num)s days.", self.longest_days)
            if self.longest_days
            else _("All of it since today.")
        )
        waiting = ngettext("%(num)s waits to be read.", "%(num)s wait to be read.", self.in_all)
        return f"{waiting} {lanes}\n{longest}\n\n{desk}\n"


def what_waits(session: Session, *which: sa.ColumnElement[bool]) -> Waiting:
    """How many items wait in each lane, and for how many days the longest."""
    rows = session.execute(
        sa.select(QueueItem.lane, sa.func.count(), sa.func.min(QueueItem.waits_since))
        .where(QueueItem.closed.is_(False), *which)
        .group_by(QueueItem.lane)
    ).all()
    counts = {lane: count for lane, count, _since in rows}
    longest = max(((clock.today() - since).days for _lane, _count, since in rows), default=0)
    return Waiting(counts.get(Lane.URGENT, 0), counts.get(Lane.USUAL, 0), counts.get(Lane.HELD, 0), longest)


def _told(session: Session, settings: Settings) -> Iterator[tuple[str, Waiting]]:
    """(address, what waits) of everybody who is to be told, whether something waits for them or not."""
    for_the_desk, all_of_it = what_waits(session, FOR_THE_DESK), what_waits(session)
    seen: set[str] = set()
    for person in _who_asked(session):
        roles, to = person.holds(), person.email or ""
        if not is_address(to) or to.lower() in seen:
            continue
        if Role.STEWARD in roles:  # in the one number, and in no line of its own: that would tell of a demand
            told = all_of_it
        elif roles & READERS:
            told = for_the_desk
        elif Role.OUTSIDE_READER in roles:
            told = what_waits(session, for_person(person))
        else:
            continue
        seen.add(to.lower())
        yield to, told
    yield from ((to, for_the_desk) for to in settings.notice_to if to.lower() not in seen)


def _who_asked(session: Session) -> list[Person]:
    """Those who can open the desk and wish to be told."""
    asked = (Person.wants_digest, Person.active, Person.second_factor_confirmed, Person.email.is_not(None))
    query = sa.select(Person).where(*asked).options(selectinload(Person.memberships)).order_by(Person.id)
    return list(session.scalars(query))


def mails_due(session: Session, settings: Settings) -> list[EmailMessage]:
    """One mail for each who is to be told and for whom something waits."""
    desk = f"{address.current(settings)}/desk/"
    due = [(to, waiting) for to, waiting in _told(session, settings) if waiting.in_all]
    return [_mail(settings.notice_from or "", to, waiting.in_words(desk)) for to, waiting in due]


def _mail(sender: str, to: str, words: str) -> EmailMessage:
    mail = EmailMessage()
    # It stands on a locked phone: neither what the site is called nor how much it is.
    mail["Subject"] = _("Something waits to be read")
    mail["From"], mail["To"] = sender, to
    mail["Date"] = format_datetime(clock.now())
    mail["Message-ID"] = f"<{secrets.token_hex(16)}@{sender.rpartition('@')[2]}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(words)
    return mail


# By the worker: at each of the hours, once


def slot_of(moment: dt.datetime, settings: Settings) -> str | None:
    """The hour that a moment belongs to, when it is one at which notices are sent."""
    return f"{moment:%Y-%m-%d %H}" if moment.hour in settings.notice_hours else None


def leave_notices(session: Session, settings: Settings) -> None:
    """Leave this hour's notices for the worker, once, however many workers there are. Commits.

    The job that stands there is what tells that they were left: it stays until the night after, also when it is done.
    """
    slot = slot_of(clock.now(), settings)
    ways = [name for name, how in ((MAIL, settings.smtp_url), (HOOK, settings.notice_hook)) if how]
    if slot is not None and not _are_left(session, slot):
        the_site(session, lock=True)  # of two workers at once one waits here, and then sees that it is done
        if not _are_left(session, slot):
            for name in ways:
                enqueue(session, name, slot=slot)
        session.commit()
    session.rollback()


def _are_left(session: Session, slot: str) -> bool:
    left = session.scalars(sa.select(Job).where(Job.name.in_(NAMES)).execution_options(populate_existing=True))
    return any(job.arguments.get("slot") == slot for job in left)


def mail_of_the_hour(session: Session, **_slot: str) -> Outside | None:
    settings = _settings()
    mails = mails_due(session, settings) if settings.smtp_url else []
    return Outside(partial(send_mails, settings, mails)) if mails else None


def hook_of_the_hour(session: Session, **_slot: str) -> Outside | None:
    waiting, hook = what_waits(session, FOR_THE_DESK), _settings().notice_hook
    return Outside(partial(knock, hook, waiting.for_hook())) if hook and waiting.in_all else None


JOBS = {MAIL: mail_of_the_hour, HOOK: hook_of_the_hour}


# By hand


@notices.command("send")
@click.option("--dry-run", is_flag=True, help="Say what would be said, and to how many; send nothing.")
def send(dry_run: bool) -> None:
    """Send the notices now, whatever the hour. The worker does it by itself, at STORYHUB_NOTICE_HOURS."""
    settings = _settings()
    if not settings.smtp_url and not settings.notice_hook:
        raise click.ClickException(_("No way is set up on which a notice could go: docs/running.md tells how."))
    mails = mails_due(db.session, settings) if settings.smtp_url else []
    waiting = what_waits(db.session, FOR_THE_DESK)
    db.session.rollback()
    hook = settings.notice_hook if waiting.in_all else None
    for words, count in Counter(str(mail.get_content()) for mail in mails).items():
        click.echo(ngettext("To %(num)s address:", "To %(num)s addresses:", count) + f"\n\n{words}")
    if hook:
        click.echo(_("To the hook:") + f" {waiting.for_hook()}")
    if not mails and not hook:
        click.echo(_("Nothing waits for anybody who is to be told."))
    elif dry_run:
        click.echo(_("Nothing was sent."))
    else:
        _send_now(settings, mails, hook, waiting)


def _send_now(settings: Settings, mails: list[EmailMessage], hook: str | None, waiting: Waiting) -> None:
    try:
        sent = send_mails(settings, mails) if mails else 0
        if hook:
            knock(hook, waiting.for_hook())
    except (*FAILURES, NotTaken) as error:
        why = type(error).__name__
        raise click.ClickException(_("Not all could be sent (%(why)s).", why=why)) from error
    if sent < len(mails):
        raise click.ClickException(_("Sent to %(sent)s of %(count)s addresses.", sent=sent, count=len(mails)))
    click.echo(_("Sent."))


def _settings() -> Settings:
    settings: Settings = current_app.extensions["settings"]
    return settings
