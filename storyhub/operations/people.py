"""`flask people …`: who has an account, and what they may do; for the people who run the machine."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable

import click
import sqlalchemy as sa
from flask import current_app
from flask.cli import AppGroup
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from storyhub.accounts import codes
from storyhub.accounts.actions import give_till, renew
from storyhub.config import Settings
from storyhub.extensions import db
from storyhub.models.people import (
    LONGEST_OUTSIDE,
    Invitation,
    LastSteward,
    NotTillThen,
    Person,
    Role,
    find_person,
    invite,
    proper_name,
)
from storyhub.operations import address

DAYS = 7
DAY = click.DateTime(["%Y-%m-%d"])
ROLES = click.Choice([str(role) for role in Role if role is not Role.GUEST_CURATOR])

people = AppGroup("people", help="Invite people, give them roles, help them in.", short_help="People with accounts.")


@people.command("invite")
@click.argument("name")
@click.option("--role", type=ROLES, required=True, help="What they will be.")
@click.option("--until", type=DAY, help="The last day of the role.")
@click.option("--days", type=click.IntRange(1, 90), default=DAYS, show_default=True, help="How long the link works.")
def invite_command(name: str, role: str, until: dt.datetime | None, days: int) -> None:
    """Print a one-time link with which NAME sets a password. Somebody who has an account gets the role instead."""
    try:
        name = proper_name(name)
    except ValueError:
        raise click.BadParameter(_("a name has 2 to 64 characters"), param_hint="NAME") from None
    last = until and until.date()
    if (person := find_person(db.session, name)) is not None:
        given: list[bool] = []
        _if_possible(lambda: given.append(give_till(person, Role(role), last, by=None)))
        if given == [True]:
            click.echo(_("%(name)s has an account. New role: %(role)s", name=person.name, role=_till(role, last)))
        else:
            click.echo(_("%(name)s has an account. Had this role already: %(role)s", name=person.name, role=role))
        return
    tokens: list[str] = []
    _if_possible(lambda: tokens.append(invite(db.session, name, Role(role), by=None, days=days, until=last)))
    click.echo(link_of(tokens[0]))


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
        click.echo("\t".join(part for part in (person.name, _roles(person), state) if part))
    open_ones = db.session.scalars(sa.select(Invitation).filter_by(used_on=None))
    for invitation in (one for one in open_ones if one.is_open):
        role = _till(invitation.role, invitation.until)
        click.echo("\t".join((invitation.name, role, _("invited until %(day)s", day=invitation.expires_on))))


@people.command("role")
@click.argument("name")
@click.option("--add", "added", type=ROLES, multiple=True, help="A role to give.")
@click.option("--until", type=DAY, help="The last day of the roles that are given; also of those held already.")
@click.option("--remove", "removed", type=ROLES, multiple=True, help="A role to take away.")
def role_command(name: str, added: tuple[str, ...], until: dt.datetime | None, removed: tuple[str, ...]) -> None:
    """Give roles to NAME and take them away."""
    if not added and not removed:
        raise click.UsageError(_("Say --add ROLE or --remove ROLE."))
    person = _known(name)

    def change() -> None:
        for role in added:
            give_till(person, Role(role), until and until.date(), by=None)
        for role in removed:
            person.take_away(Role(role), by=None)

    _if_possible(change)
    click.echo(_("%(name)s is now: %(roles)s", name=person.name, roles=_roles(person) or "–"))


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
    _if_possible(lambda: person.disable(by=None))
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


def _if_possible(change: Callable[[], object]) -> None:
    """Change something and commit it; one line says why where it can't be."""
    try:
        change()
    except LastSteward:
        db.session.rollback()
        told = _("No steward would be left: first make somebody else a steward, without a last day.")
        raise click.ClickException(told) from None
    except NotTillThen as error:
        db.session.rollback()
        at_most = _("Somebody from outside reads here for %(num)s days at most: say --until", num=LONGEST_OUTSIDE)
        raise click.ClickException(_("This day has passed.") if error.has_passed else at_most) from None
    db.session.commit()


def _roles(person: Person) -> str:
    """The roles that somebody holds today, with the last days of those that have one."""
    return ", ".join(_till(m.role, m.until) for m in person.whole_memberships if not m.has_ended)


def _till(role: str, until: dt.date | None) -> str:
    return role if until is None else _("%(role)s until %(day)s", role=role, day=until)
