"""`flask people …`: who has an account, and what they may do; for the people who run the machine."""

from __future__ import annotations

import time
from collections.abc import Callable

import click
import sqlalchemy as sa
from flask import current_app
from flask.cli import AppGroup
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from storyhub.accounts import codes
from storyhub.accounts.actions import renew
from storyhub.config import Settings
from storyhub.extensions import db
from storyhub.models.people import Invitation, LastSteward, Person, Role, find_person, invite, proper_name
from storyhub.operations import address

DAYS = 7
ROLES = click.Choice([str(role) for role in Role if role is not Role.GUEST_CURATOR])

people = AppGroup("people", help="Invite people, give them roles, help them in.", short_help="People with accounts.")


@people.command("invite")
@click.argument("name")
@click.option("--role", type=ROLES, required=True, help="What they will be.")
@click.option("--days", type=click.IntRange(1, 90), default=DAYS, show_default=True, help="How long the link works.")
def invite_command(name: str, role: str, days: int) -> None:
    """Print a one-time link with which NAME sets a password. Somebody who has an account gets the role instead."""
    try:
        name = proper_name(name)
    except ValueError:
        raise click.BadParameter(_("a name has 2 to 64 characters"), param_hint="NAME") from None
    if (person := find_person(db.session, name)) is not None:
        given = person.give(Role(role), by=None)
        db.session.commit()
        if given:
            click.echo(_("%(name)s has an account. New role: %(role)s", name=person.name, role=role))
        else:
            click.echo(_("%(name)s has an account. Had this role already: %(role)s", name=person.name, role=role))
        return
    link = link_of(invite(db.session, name, Role(role), by=None, days=days))
    db.session.commit()
    click.echo(link)


@people.command("totp")
@click.argument("name")
def totp_command(name: str) -> None:
    """Print a code with which NAME can sign in now. It is good for about a minute, and for one sign-in."""
    person = _known(name)
    if not person.tf_totp_secret:
        raise click.ClickException(_("%(name)s has not set up a code yet.", name=person.name))
    while (code := codes.current_code(person)) is None:  # every code of this minute was used
        time.sleep(1)
    click.echo(code)


@people.command("list")
def list_command() -> None:
    """Print everybody with an account, one a line: name, roles, and what is missing."""
    for person in db.session.scalars(sa.select(Person).order_by(Person.username)):
        state = "" if person.second_factor_confirmed else _("no second factor yet")
        state = state if person.active else _("disabled")
        click.echo("\t".join(part for part in (person.name, ", ".join(sorted(person.holds())), state) if part))
    open_ones = db.session.scalars(sa.select(Invitation).filter_by(used_on=None))
    for invitation in (one for one in open_ones if one.is_open):
        click.echo("\t".join((invitation.name, invitation.role, _("invited until %(day)s", day=invitation.expires_on))))


@people.command("role")
@click.argument("name")
@click.option("--add", "added", type=ROLES, multiple=True, help="A role to give.")
@click.option("--remove", "removed", type=ROLES, multiple=True, help="A role to take away.")
def role_command(name: str, added: tuple[str, ...], removed: tuple[str, ...]) -> None:
    """Give roles to NAME and take them away."""
    if not added and not removed:
        raise click.UsageError(_("Say --add ROLE or --remove ROLE."))
    person = _known(name)

    def change() -> None:
        for role in added:
            person.give(Role(role), by=None)
        for role in removed:
            person.take_away(Role(role), by=None)

    _unless_last(change)
    click.echo(_("%(name)s is now: %(roles)s", name=person.name, roles=", ".join(sorted(person.holds())) or "–"))


@people.command("renew")
@click.argument("name")
@click.option("--days", type=click.IntRange(1, 90), default=DAYS, show_default=True, help="How long the link works.")
def renew_command(name: str, days: int) -> None:
    """Void the password and the app of NAME, who has lost them, and print a link to set new ones."""
    person = _known(name)
    if not person.holds():
        raise click.ClickException(_("%(name)s has no role. Give one first: flask people role", name=person.name))
    token = renew(db.session, person, by=None, days=days)
    db.session.commit()
    click.echo(link_of(token))


@people.command("disable")
@click.argument("name")
def disable_command(name: str) -> None:
    """Shut the account of NAME; whoever is signed in with it is out at once."""
    person = _known(name)
    _unless_last(lambda: person.disable(by=None))
    click.echo(_("%(name)s can no longer sign in.", name=person.name))


@people.command("enable")
@click.argument("name")
def enable_command(name: str) -> None:
    """Open the account of NAME again."""
    person = _known(name)
    person.enable(by=None)
    db.session.commit()
    click.echo(_("%(name)s can sign in again.", name=person.name))


def link_of(token: str) -> str:
    settings: Settings = current_app.extensions["settings"]
    return f"{address.current(settings)}/account/invitation/{token}"


def first_steward_link(session: Session) -> str | None:
    """The link for the first steward, once nobody has an account; a new one each time, since only digests are kept.

    None when there is anybody, or when somebody was invited by name. Doesn't commit.
    """
    # Nobody can sign in as the one who decided in a demonstration.
    if session.scalar(sa.select(Person.id).filter_by(active=True).limit(1)) is not None:
        return None
    session.execute(sa.delete(Invitation).filter_by(name=FIRST_STEWARD, used_on=None))
    if any(one.is_open for one in session.scalars(sa.select(Invitation).filter_by(role=Role.STEWARD))):
        return None
    return link_of(invite(session, FIRST_STEWARD, Role.STEWARD, by=None, days=DAYS))


FIRST_STEWARD = "steward"


def _known(name: str) -> Person:
    person = find_person(db.session, name)
    if person is None:
        raise click.ClickException(_("Nobody here is called %(name)s.", name=name))
    return person


def _unless_last(change: Callable[[], object]) -> None:
    try:
        change()
    except LastSteward:
        db.session.rollback()
        raise click.ClickException(_("This is the last steward: make somebody else a steward first.")) from None
    db.session.commit()
